"""Pro Santé Connect: the OIDC client. Authorization code flow, PKCE, refresh, end of session.

The client secret and the TLS certificate are used from the server only, never through the browser.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from .alterations import Alterations, Couture
from .comptes import Comptes, Utilisateur
from .configuration import Certificat, Configuration
from .horloge import Horloge
from .jetons import JetonRefuse, Verificateur, lire_sans_verifier
from .navigateur import Navigateur, NavigationImpossible
from .psc_session import (
    Appel,
    ConnexionRefusee,
    Demande,
    PscIndisponible,
    Redirection,
    RefusDuProfessionnel,
    Session,
    SessionPerdue,
)
from .regles import ReglesPsc
from .transport import Transport

_MARGE = timedelta(seconds=5)


class ClientPsc:
    """Opens, uses and ends one session at a time. ``certificat`` is that of the structure, for the server's calls."""

    def __init__(
        self,
        configuration: Configuration,
        transport: Transport,
        comptes: Comptes,
        horloge: Horloge,
        regles: ReglesPsc,
        alterations: Alterations,
        certificat: Certificat,
    ) -> None:
        self._client = configuration.psc
        self._transport = transport
        self._comptes = comptes
        self._horloge = horloge
        self._regles = regles
        self._alterations = alterations
        self._certificat = certificat
        self._adresses: Mapping[str, Any] = {}
        self._verificateur = Verificateur(self._client.emetteur, self._client.client_id, self._lire_jwks, regles)
        self.session: Session | None = None

    def connecter(self, choix: str) -> Session:
        """The whole login of the user who picks ``choix`` on the identity page."""
        try:
            demande = self._alterations.passer(Couture.PSC_DEMANDE, Demande())
            retour = Navigateur(self._transport, choix).aller(self._url_autorisation(demande), self._client.redirect_uri)
            jetons = self._echanger(self._lire_retour(retour, demande), demande)
            claims = self._verificateur.id_token(jetons["id_token"], nonce=demande.nonce, maintenant=self._horloge.maintenant())
            self.session = self._ouvrir(jetons, claims)
        except JetonRefuse as erreur:
            raise ConnexionRefusee(f"Connexion refusée : {erreur}.") from erreur
        except (NavigationImpossible, PscIndisponible, SessionPerdue) as erreur:
            raise ConnexionRefusee(f"Connexion impossible : {erreur}") from erreur
        return self.session

    def relire_identite(self) -> Utilisateur:
        """Ask Pro Santé Connect who the user is, with a token refreshed when needed."""
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

    def _relire(self, session: Session) -> Utilisateur:
        if session.expire - _MARGE <= self._horloge.maintenant() and self._regles.rafraichit:
            self._rafraichir(session)
        reponse = self._userinfo(session.acces)
        if reponse.status_code == requests.codes.unauthorized:
            self._rafraichir(session)
            reponse = self._userinfo(session.acces)
        if reponse.status_code == requests.codes.unauthorized:
            raise self._perdre("Pro Santé Connect ne reconnaît plus la session.")
        session.utilisateur = self._comptes.rapprocher(self._lire_userinfo(reponse, session.sub))
        return session.utilisateur

    @property
    def ouverte(self) -> bool:
        """True when a session is open and has not lasted too long."""
        debut = self.session.ouverte_le if self.session is not None else None
        return debut is not None and self._horloge.maintenant() - debut <= self._regles.session_max

    def active(self) -> Session:
        """The session in use; raises ``SessionPerdue`` without one, or when it has lasted too long."""
        if self.session is None:
            raise SessionPerdue("Aucune session n'est ouverte.")
        if not self.ouverte:
            raise self._perdre("La session a dépassé sa durée maximale : reconnectez-vous.")
        return self.session

    def deconnecter(self) -> None:
        """End the session here, and at Pro Santé Connect whatever it answers."""
        session = self.session
        if session is None:
            return
        if self._regles.oublie_les_jetons:
            self.session = None
        if not self._regles.appelle_fin_de_session:
            return
        parametres = {
            "id_token_hint": session.id_token,
            "post_logout_redirect_uri": self._client.post_logout_redirect_uri,
            "state": secrets.token_urlsafe(16),
        }
        fin = Redirection(self._client.emetteur, self._adresse("end_session_endpoint"), parametres)
        fin = self._alterations.passer(Couture.PSC_DECONNEXION, fin)
        Navigateur(self._transport).aller(fin.adresse, self._client.post_logout_redirect_uri)

    def _url_autorisation(self, demande: Demande) -> str:
        parametres = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self._client.redirect_uri,
            "scope": "openid scope_all",
            "acr_values": "eidas1",
            "state": demande.state,
            "nonce": demande.nonce,
            "code_challenge": demande.defi,
            "code_challenge_method": "S256",
        }
        redirection = Redirection(self._client.emetteur, self._adresse("authorization_endpoint"), parametres)
        return self._alterations.passer(Couture.PSC_AUTORISATION, redirection).adresse

    def _lire_retour(self, url: str, demande: Demande) -> str:
        """The code that came back; a state or an issuer that is not ours means that this is not our answer."""
        retour = {nom: valeurs[0] for nom, valeurs in parse_qs(urlsplit(url).query).items()}
        if not self._state_attendu(retour.get("state"), demande):
            raise ConnexionRefusee("Connexion refusée : la réponse ne correspond pas à la demande (state).")
        if self._regles.verifie_emetteur and retour.get("iss", self._client.emetteur) != self._client.emetteur:
            raise ConnexionRefusee("Connexion refusée : la réponse vient d'un autre émetteur.")
        if "code" not in retour:
            raise RefusDuProfessionnel(f"Connexion refusée par Pro Santé Connect ({retour.get('error', 'sans code')}).")
        return retour["code"]

    def _state_attendu(self, recu: str | None, demande: Demande) -> bool:
        if recu is None:
            return not self._regles.exige_state
        return secrets.compare_digest(recu, demande.state) or not self._regles.verifie_state

    def _echanger(self, code: str, demande: Demande) -> Mapping[str, Any]:
        formulaire = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client.redirect_uri,
            "code_verifier": demande.verifieur,
        }
        jetons = self._demander_jetons(formulaire)
        for _ in range(self._regles.usages_du_code - 1):
            self._demander_jetons(formulaire)
        return jetons

    def _rafraichir(self, session: Session) -> None:
        """New tokens without asking the user; a refusal ends the session."""
        if not self._regles.rafraichit:
            raise self._perdre("La session a expiré : reconnectez-vous.")
        formulaire = {"grant_type": "refresh_token", "refresh_token": session.rafraichissement}
        try:
            jetons = self._demander_jetons(formulaire)
        except SessionPerdue:
            if self._regles.insiste:
                self._demander_jetons(formulaire)
            raise
        session.acces = jetons["access_token"]
        if self._regles.garde_le_dernier_rafraichissement:
            session.rafraichissement = jetons.get("refresh_token", session.rafraichissement)
        session.expire = self._horloge.maintenant() + timedelta(seconds=jetons["expires_in"])
        session.id_token = jetons.get("id_token", session.id_token)

    def _demander_jetons(self, formulaire: dict[str, str]) -> Mapping[str, Any]:
        appel = Appel("POST", self._adresse("token_endpoint"), {"Authorization": self._basic()}, dict(formulaire))
        reponse = self._appeler(self._alterations.passer(Couture.PSC_JETON, appel))
        if reponse.status_code in (requests.codes.bad_request, requests.codes.unauthorized):
            raise self._perdre(f"Pro Santé Connect refuse de donner un jeton ({_objet(reponse).get('error', 'sans motif')}).")
        jetons = _objet(_reussie(reponse))
        manquants = [nom for nom in ("access_token", "expires_in") if nom not in jetons]
        if manquants:
            raise PscIndisponible(f"réponse de Pro Santé Connect sans {', '.join(manquants)}.")
        return jetons

    def _ouvrir(self, jetons: Mapping[str, Any], claims: Mapping[str, Any]) -> Session:
        sub, maintenant = str(claims["sub"]), self._horloge.maintenant()
        return Session(
            utilisateur=self._identifier(jetons, sub),
            sub=sub,
            id_token=jetons["id_token"],
            acces=jetons["access_token"],
            rafraichissement=jetons.get("refresh_token", ""),
            expire=maintenant + timedelta(seconds=jetons["expires_in"]),
            ouverte_le=maintenant,
            moyen=str(lire_sans_verifier(jetons["access_token"]).get("authMode", "MOBILE")),
        )

    def _identifier(self, jetons: Mapping[str, Any], sub: str) -> Utilisateur:
        reponse = self._userinfo(jetons[self._regles.jeton_presente])
        if reponse.status_code == requests.codes.unauthorized:
            raise JetonRefuse("Pro Santé Connect refuse le jeton d'accès")
        return self._comptes.rapprocher(self._lire_userinfo(reponse, sub))

    def _userinfo(self, acces: str) -> requests.Response:
        appel = Appel("GET", self._adresse("userinfo_endpoint"), {"Authorization": f"Bearer {acces}"})
        return self._appeler(self._alterations.passer(Couture.PSC_USERINFO, appel))

    def _lire_userinfo(self, reponse: requests.Response, sub: str) -> Mapping[str, Any]:
        """JSON, or a signed JWT; in both cases about the subject of the ID token."""
        _reussie(reponse)
        if "application/jwt" in reponse.headers.get("Content-Type", "") and self._regles.lit_userinfo_signe:
            jeton = reponse.text.strip()
            userinfo = self._verificateur.signe(jeton) if self._regles.verifie_userinfo_signe else lire_sans_verifier(jeton)
        else:
            userinfo = _objet(reponse)
        if self._regles.verifie_sub and userinfo.get("sub") != sub:
            raise JetonRefuse("les informations reçues concernent une autre personne")
        if not self._regles.accepte_champs_vides and "" in userinfo.values():
            raise JetonRefuse("information professionnelle vide")
        return userinfo

    def _perdre(self, motif: str) -> SessionPerdue:
        if self._regles.ferme_si_refuse:
            self.session = None
        return SessionPerdue(motif)

    def _adresse(self, nom: str) -> str:
        """An endpoint, from the discovery document, which is read once and must be the issuer's own."""
        if not self._adresses:
            for url in self._alterations.passer(Couture.PSC_DECOUVERTE, [self._client.decouverte]):
                adresses = _objet(_reussie(self._appeler(Appel("GET", url, {}))))
            if adresses.get("issuer") != self._client.emetteur:
                raise PscIndisponible("le document de découverte est celui d'un autre émetteur.")
            self._adresses = adresses
        return str(self._adresses[nom])

    def _lire_jwks(self) -> Mapping[str, Any]:
        return _objet(_reussie(self._appeler(Appel("GET", self._adresse("jwks_uri"), {}))))

    def _appeler(self, appel: Appel) -> requests.Response:
        """A server-to-server call, with the structure's TLS certificate."""
        with self._transport.session("psc", self._certificat) as session:
            try:
                return session.request(
                    appel.methode, appel.url, headers=appel.entetes, data=appel.formulaire or None, allow_redirects=False
                )
            except requests.RequestException as erreur:
                raise PscIndisponible(f"Pro Santé Connect est injoignable ({type(erreur).__name__}).") from erreur

    def _basic(self) -> str:
        couple = f"{self._client.client_id}:{self._client.client_secret}"
        return f"Basic {base64.b64encode(couple.encode()).decode()}"


def _reussie(reponse: requests.Response) -> requests.Response:
    if reponse.status_code != requests.codes.ok:
        raise PscIndisponible(f"Pro Santé Connect a répondu {reponse.status_code}.")
    return reponse


def _objet(reponse: requests.Response) -> dict[str, Any]:
    try:
        valeur = reponse.json()
    except requests.JSONDecodeError as erreur:
        raise PscIndisponible("réponse de Pro Santé Connect illisible.") from erreur
    if not isinstance(valeur, dict):
        raise PscIndisponible("réponse de Pro Santé Connect inattendue.")
    return valeur
