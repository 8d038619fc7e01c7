"""Pro Santé Connect, or another OpenID provider: a session, from login to logout.

The client secret and the TLS certificate are used from the server only, never through the browser. Tokens stay in memory.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import requests

from .alterations import Alterations, Couture
from .comptes import Comptes, Utilisateur
from .configuration import Certificat, Configuration
from .horloge import Horloge
from .jetons import JetonRefuse
from .navigateur import Navigateur, NavigationImpossible
from .psc_appels import AppelsPsc
from .psc_ouverture import OuverturePsc
from .psc_session import (
    ConnexionRefusee,
    Demande,
    PscIndisponible,
    Redirection,
    Session,
    SessionPerdue,
)
from .regles import Regles
from .traces import REFUSE, REUSSI, Trace, Traces, instant
from .transport import Transport

_MARGE = timedelta(seconds=5)
MODES = {"web": "psc", "ciba": "psc", "fi": "fi"}


class ClientPsc:
    """Opens, uses and ends one session at a time. ``certificat`` is that of the structure, for the server's calls."""

    def __init__(
        self,
        configuration: Configuration,
        transport: Transport,
        comptes: Comptes,
        horloge: Horloge,
        regles: Regles,
        alterations: Alterations,
        certificat: Certificat,
        traces: Traces,
    ) -> None:
        self._transport = transport
        self._comptes = comptes
        self._horloge = horloge
        self._regles = regles.psc
        self._alterations = alterations
        self._traces = traces
        clients = [client for client in (configuration.psc, configuration.fi) if client is not None]
        fournisseurs = {
            client.cible: AppelsPsc(client, transport, horloge, regles.psc, alterations, certificat) for client in clients
        }
        self._ouverture = OuverturePsc(fournisseurs, comptes, horloge, regles, alterations)
        self._precedente: Session | None = None
        self.session: Session | None = None

    def connecter(self, choix: str, mode: str = "web") -> Session:
        """The whole login of the user who picks ``choix`` on the identity page, or approves on another device."""
        cible = MODES[mode]

        def ouvrir() -> Session:
            if mode == "ciba":
                return self._installer(self._ouverture.sans_navigateur(choix))
            demande, adresse = self.preparer(cible)
            retour = Navigateur(self._transport, choix).aller(adresse, demande.redirect_uri)
            return self.terminer(demande, retour, cible)

        return self._essayer(ouvrir, choix, cible)

    def revenir(self, demande: Demande, retour: str) -> Session:
        """The end of a login made in the user's own browser; raises ``ConnexionRefusee``."""
        return self._essayer(lambda: self.terminer(demande, retour), "navigateur", "psc")

    def _essayer(self, ouvrir: Callable[[], Session], choix: str, cible: str) -> Session:
        try:
            return ouvrir()
        except JetonRefuse as erreur:
            raise self._refuser(choix, cible, ConnexionRefusee(f"Connexion refusée : {erreur}.")) from erreur
        except (NavigationImpossible, PscIndisponible, SessionPerdue) as erreur:
            raise self._refuser(choix, cible, ConnexionRefusee(f"Connexion impossible : {erreur}")) from erreur
        except ConnexionRefusee as erreur:
            self._refuser(choix, cible, erreur)
            raise

    @property
    def nombre(self) -> str:
        """The two digits shown to the user during the last login without browser."""
        return self._ouverture.nombre

    def preparer(self, cible: str = "psc", redirect_uri: str = "") -> tuple[Demande, str]:
        """A new demand, and the address where the browser is sent with it."""
        return self._ouverture.demander(cible, redirect_uri)

    def terminer(self, demande: Demande, retour: str, cible: str = "psc") -> Session:
        """Open the session of a demand, from the address by which the browser came back."""
        return self._installer(self._ouverture.par_retour(demande, retour, cible))

    def relire_identite(self) -> Utilisateur:
        """Ask the provider who the user is, with a token refreshed when needed."""
        session = self.active()
        if self._regles.identite_en_memoire:
            return session.utilisateur
        try:
            return self._relire(session)
        except SessionPerdue:
            if self._regles.ferme_si_refuse:
                raise
            return session.utilisateur

    def acces_frais(self) -> str:
        """The access token of the session in use, refreshed when it is about to expire."""
        session = self.active()
        if session.expire - _MARGE <= self._horloge.maintenant():
            self._rafraichir(session)
        return session.acces

    @property
    def expire(self) -> bool:
        """True when the access token of the session in use is no longer fresh."""
        return self.session is None or self.session.expire - _MARGE <= self._horloge.maintenant()

    def acces_renouvele(self) -> str:
        """The access token of the session in use, refreshed now: a service refused the one before."""
        session = self.active()
        self._rafraichir(session)
        return session.acces

    @property
    def ouverte(self) -> bool:
        """True when a session is open, has not lasted too long, and was not left aside for too long."""
        session, maintenant = self.session, self._horloge.maintenant()
        if session is None:
            return False
        durable = maintenant - session.ouverte_le <= self._regles.session_max
        return durable and maintenant - session.vue_le <= self._regles.inactivite_max

    def active(self) -> Session:
        """The session in use; raises ``SessionPerdue`` without one, or when it has lasted or slept too long."""
        if self.session is None:
            raise SessionPerdue("Aucune session n'est ouverte.")
        if not self.ouverte:
            raise self._perdre("La session a dépassé sa durée, ou est restée inactive : reconnectez-vous.")
        return self.session

    def agir(self) -> None:
        """The user did something: an open session stays open longer."""
        if self.session is not None and self.ouverte:
            self.session.vue_le = self._horloge.maintenant()

    def deconnecter(self) -> None:
        """End the session here, and at the provider whatever it answers."""
        session = self.session
        if session is None:
            return
        fin = self.fermer()
        if fin:
            try:
                Navigateur(self._transport).aller(fin, self._chez(session).client.post_logout_redirect_uri)
            except NavigationImpossible:
                if not self._regles.oublie_malgre_la_panne:
                    self.session = session
                raise
        if self._regles.rafraichit_apres_la_fin:
            with suppress(SessionPerdue):
                self._demander_rafraichissement(session)

    def fermer(self, retour_a: str = "") -> str:
        """Close the session here; gives the address to which the browser must be sent to close it at the provider, or ``""``."""
        session = self.session
        if session is None:
            return ""
        if self._regles.oublie_les_jetons:
            self.session = None
        self._precedente = session
        self._tracer_fin(session, "déconnexion")
        if not self._regles.appelle_fin_de_session:
            return ""
        fournisseur = self._chez(session)
        try:
            adresse = fournisseur.adresse("end_session_endpoint")
        except PscIndisponible:
            return ""
        cible = retour_a or fournisseur.client.post_logout_redirect_uri
        retour = {"post_logout_redirect_uri": cible, "state": secrets.token_urlsafe(16)} if cible else {}
        fin = Redirection(fournisseur.client.emetteur, adresse, {"id_token_hint": session.id_token, **retour})
        return self._alterations.passer(Couture.PSC_DECONNEXION, fin).adresse

    def _installer(self, session: Session) -> Session:
        self.session = session
        qui = session.utilisateur.id_nat
        trace = Trace(self._instant(), qui, "connexion", REUSSI, session.acr, session.moyen, session.fournisseur)
        if self._regles.trace:
            self._traces.ajouter(trace)
        return session

    def _refuser(self, qui: str, cible: str, erreur: ConnexionRefusee) -> ConnexionRefusee:
        if self._regles.trace and self._regles.trace_les_refus:
            self._traces.ajouter(Trace(self._instant(), qui, "connexion", REFUSE, fournisseur=cible, motif=str(erreur)))
        return erreur

    def _tracer_fin(self, session: Session, nature: str) -> None:
        if not self._regles.trace or not self._regles.trace_les_fins:
            return
        qui = session.utilisateur.id_nat
        self._traces.ajouter(
            Trace(self._instant(), qui, nature, REUSSI, session.acr, session.moyen, fournisseur=session.fournisseur)
        )

    def _relire(self, session: Session) -> Utilisateur:
        fournisseur = self._chez(session)
        proche = session.expire - _MARGE <= self._horloge.maintenant()
        if proche and self._regles.rafraichit and self._regles.rafraichit_a_temps:
            self._rafraichir(session)
        acces = self._precedente.acces if self._precedente is not None and self._regles.jeton_du_precedent else session.acces
        reponse = fournisseur.userinfo(acces)
        for _ in range(self._regles.essais_apres_refus - 1):
            reponse = fournisseur.userinfo(acces)
        if reponse.status_code == requests.codes.unauthorized:
            self._rafraichir(session)
            reponse = fournisseur.userinfo(session.acces)
        if reponse.status_code == requests.codes.unauthorized:
            raise self._perdre("Pro Santé Connect ne reconnaît plus la session.")
        userinfo = fournisseur.lire_userinfo(reponse, session.claims)
        session.utilisateur = self._comptes.rapprocher(userinfo, session.fournisseur)
        return session.utilisateur

    def _rafraichir(self, session: Session) -> None:
        """New tokens without asking the user; a refusal ends the session."""
        if not self._regles.rafraichit:
            raise self._perdre("La session a expiré : reconnectez-vous.")
        for _ in range(self._regles.rafraichissements):
            self._renouveler(session)

    def _renouveler(self, session: Session) -> None:
        try:
            jetons = self._demander_rafraichissement(session)
        except SessionPerdue as erreur:
            if self._regles.insiste:
                self._demander_rafraichissement(session)
            raise self._perdre(str(erreur)) from erreur
        self._verifier_le_rafraichi(session, jetons)
        session.acces = jetons["access_token"]
        if self._regles.garde_le_dernier_rafraichissement:
            ancien = session.rafraichissement if self._regles.garde_l_ancien_sans_nouveau else ""
            session.rafraichissement = jetons.get("refresh_token", ancien)
        session.expire = self._horloge.maintenant() + timedelta(seconds=jetons["expires_in"])
        session.id_token = jetons.get("id_token", session.id_token)

    def _demander_rafraichissement(self, session: Session) -> Mapping[str, Any]:
        formulaire = {"grant_type": "refresh_token", "refresh_token": session.rafraichissement}
        return self._chez(session).jetons(formulaire)

    def _verifier_le_rafraichi(self, session: Session, jetons: Mapping[str, Any]) -> None:
        """The ID token of a refresh, when there is one, is about the same person (OpenID Connect Core §12.2)."""
        if "id_token" not in jetons and self._regles.exige_id_token_rafraichi:
            raise self._perdre("Jetons renouvelés sans ID token.")
        if "id_token" not in jetons or not self._regles.verifie_le_rafraichi:
            return
        verificateur = self._chez(session).verificateur
        try:
            claims = verificateur.id_token(jetons["id_token"], nonce=None, maintenant=self._horloge.maintenant())
        except JetonRefuse as erreur:
            raise self._perdre(f"Jetons renouvelés refusés : {erreur}.") from erreur
        if claims.get("sub") != session.sub:
            raise self._perdre("Jetons renouvelés au nom d'une autre personne.")

    def _chez(self, session: Session) -> AppelsPsc:
        return self._ouverture.fournisseur(session.fournisseur)

    def _perdre(self, motif: str) -> SessionPerdue:
        if self._regles.ferme_si_refuse:
            if self.session is not None:
                self._tracer_fin(self.session, "fin de session")
            self.session = None
        return SessionPerdue(motif)

    def _instant(self) -> str:
        return instant(self._horloge.maintenant())
