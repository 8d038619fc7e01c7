"""How a session opens: the demand, the way back, the tokens verified."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from .alterations import Alterations, Couture
from .comptes import Comptes
from .horloge import Horloge
from .jetons import JetonRefuse, lire_sans_verifier
from .psc_appels import AppelsPsc
from .psc_ciba import AttenteCiba
from .psc_session import ConnexionRefusee, Demande, PscIndisponible, Redirection, RefusDuProfessionnel, Session
from .regles import Regles


class OuverturePsc:
    """Makes sessions from what providers answer, once it was verified. It keeps none."""

    def __init__(
        self,
        fournisseurs: Mapping[str, AppelsPsc],
        comptes: Comptes,
        horloge: Horloge,
        regles: Regles,
        alterations: Alterations,
    ) -> None:
        self._fournisseurs = fournisseurs
        self._comptes = comptes
        self._horloge = horloge
        self._regles = regles.psc
        self._alterations = alterations
        self._ciba = AttenteCiba(fournisseurs["psc"], horloge, regles.ciba)

    @property
    def nombre(self) -> str:
        """The two digits shown to the user during the last login without browser."""
        return self._ciba.nombre

    def demander(self, cible: str, redirect_uri: str) -> tuple[Demande, str]:
        """A new demand, and the address where the browser is sent with it."""
        fournisseur = self.fournisseur(cible)
        demande = Demande(redirect_uri=redirect_uri or fournisseur.client.redirect_uri)
        demande = self._alterations.passer(Couture.PSC_DEMANDE, demande)
        client = fournisseur.client
        parametres = {
            "response_type": "code",
            "client_id": client.client_id,
            "redirect_uri": demande.redirect_uri,
            "scope": client.portee,
            "state": demande.state,
            "nonce": demande.nonce,
            "code_challenge": demande.defi,
            "code_challenge_method": "S256",
        } | ({"acr_values": client.acr} if client.acr else {})
        redirection = Redirection(client.emetteur, fournisseur.adresse("authorization_endpoint"), parametres)
        return demande, self._alterations.passer(Couture.PSC_AUTORISATION, redirection).adresse

    def par_retour(self, demande: Demande, retour: str, cible: str) -> Session:
        """The session of a demand, from the address by which the browser came back."""
        fournisseur = self.fournisseur(cible)
        code = self._lire_retour(retour, demande, fournisseur.client.emetteur)
        formulaire = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": demande.redirect_uri,
            "code_verifier": demande.verifieur,
        }
        jetons = fournisseur.jetons(formulaire)
        for _ in range(self._regles.usages_du_code - 1):
            fournisseur.jetons(formulaire)
        return self._ouvrir(cible, jetons, nonce=demande.nonce)

    def sans_navigateur(self, choix: str) -> Session:
        """The session of a user who approves on another device."""
        return self._ouvrir("psc", self._ciba.attendre(choix), nonce=None)

    def fournisseur(self, cible: str) -> AppelsPsc:
        """The calls of a provider; raises ``PscIndisponible`` when it is not configured."""
        if cible not in self._fournisseurs:
            raise PscIndisponible("aucun autre fournisseur d'identité n'est configuré.")
        return self._fournisseurs[cible]

    def _lire_retour(self, url: str, demande: Demande, emetteur: str) -> str:
        """The code that came back; a state or an issuer that is not ours means that this is not our answer."""
        retour = {nom: valeurs[0] for nom, valeurs in parse_qs(urlsplit(url).query).items()}
        if not self._state_attendu(retour.get("state"), demande):
            raise ConnexionRefusee("Connexion refusée : la réponse ne correspond pas à la demande (state).")
        if self._regles.verifie_emetteur_du_retour and retour.get("iss", emetteur) != emetteur:
            raise ConnexionRefusee("Connexion refusée : la réponse vient d'un autre émetteur.")
        if "code" not in retour or ("error" in retour and self._regles.erreur_avant_code):
            raise RefusDuProfessionnel(f"Connexion refusée par Pro Santé Connect ({retour.get('error', 'sans code')}).")
        return retour["code"]

    def _state_attendu(self, recu: str | None, demande: Demande) -> bool:
        if recu is None:
            return not self._regles.exige_state
        return secrets.compare_digest(recu, demande.state) or not self._regles.verifie_state

    def _ouvrir(self, cible: str, jetons: Mapping[str, Any], *, nonce: str | None) -> Session:
        """A session from tokens just received, once everything that they say was verified."""
        fournisseur, maintenant = self.fournisseur(cible), self._horloge.maintenant()
        claims = self._lire_id_token(fournisseur, jetons, nonce=nonce)
        if nonce is None:
            self._ciba.verifier_personne(claims)
        reponse = fournisseur.userinfo(jetons[self._regles.jeton_presente])
        if reponse.status_code == requests.codes.unauthorized:
            raise JetonRefuse("Pro Santé Connect refuse le jeton d'accès")
        userinfo = fournisseur.lire_userinfo(reponse, claims)
        return Session(
            fournisseur=cible,
            utilisateur=self._comptes.rapprocher(userinfo, cible),
            claims=claims,
            id_token=jetons.get("id_token", ""),
            acces=jetons["access_token"],
            rafraichissement=jetons.get("refresh_token", ""),
            expire=maintenant + timedelta(seconds=jetons["expires_in"]),
            ouverte_le=maintenant,
            vue_le=maintenant,
            moyen=str(lire_sans_verifier(jetons["access_token"]).get("authMode", "MOBILE")),
        )

    def _lire_id_token(self, fournisseur: AppelsPsc, jetons: Mapping[str, Any], *, nonce: str | None) -> Mapping[str, Any]:
        if "id_token" not in jetons and not self._regles.exige_id_token:
            return lire_sans_verifier(jetons["access_token"])
        if "id_token" not in jetons:
            raise JetonRefuse("réponse sans ID token")
        return fournisseur.verificateur.id_token(jetons["id_token"], nonce=nonce, maintenant=self._horloge.maintenant())
