"""Login without browser (CIBA, poll mode): the request, the number shown to the user, and the wait for his approval."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import requests

from ...fixtures.personas import subject_name_id
from ...fixtures.professionals import professionals
from .horloge import Horloge
from .jetons import JetonRefuse
from .psc_appels import AppelsPsc, objet
from .psc_session import ConnexionRefusee, PscIndisponible, RefusDuProfessionnel
from .regles import ReglesCiba

GRANT = "urn:openid:params:grant-type:ciba"
RALENTIR = timedelta(seconds=5)
MARGE = timedelta(milliseconds=50)
PAS = 0.02
"""Seconds of real time between two looks at the clock, which a campaign may move."""
ESSAIS_DE_TROP = 2


class AttenteCiba:
    """Logs one user in at a time. ``nombre`` is what the screen shows him, to compare with his other device."""

    def __init__(self, fournisseur: AppelsPsc, horloge: Horloge, regles: ReglesCiba) -> None:
        self._fournisseur = fournisseur
        self._horloge = horloge
        self._regles = regles
        self._attendu = ""
        self._pause = threading.Event()
        self.nombre = ""

    def attendre(self, choix: str) -> Mapping[str, Any]:
        """The tokens of the user named ``choix``, once he has approved; raises ``ConnexionRefusee`` when he does not."""
        self._attendu = _identifiant(choix)
        nombre = f"{secrets.randbelow(100):02d}"
        formulaire = {
            "scope": self._fournisseur.client.portee,
            "acr_values": self._fournisseur.client.acr,
            "binding_message": nombre,
            "login_hint": self._attendu,
            "channel": "MOBILE",
        }
        self.nombre = nombre if self._regles.montre_le_nombre else ""
        debut = self._horloge.maintenant()
        reponse = self._fournisseur.demander_ciba(formulaire)
        if reponse.status_code != requests.codes.ok:
            erreur = objet(reponse).get("error", f"HTTP {reponse.status_code}")
            raise ConnexionRefusee(f"Connexion refusée par Pro Santé Connect ({erreur}).")
        accepte = objet(reponse)
        fin = debut + timedelta(seconds=float(accepte.get("expires_in", 120)))
        return self._interroger(str(accepte["auth_req_id"]), timedelta(seconds=float(accepte.get("interval", 5))), fin)

    def verifier_personne(self, claims: Mapping[str, Any]) -> None:
        """The tokens must be about the professional who was named in the request, which had no nonce."""
        if self._regles.exige_un_nonce and "nonce" not in claims:
            raise JetonRefuse("l'ID token ne porte pas de nonce")
        recu = str(claims.get("SubjectNameID") or claims.get("preferred_username") or self._attendu)
        if self._regles.verifie_la_personne and recu != self._attendu:
            raise JetonRefuse("la connexion a été approuvée par une autre personne")

    def _interroger(self, numero: str, intervalle: timedelta, fin: datetime) -> Mapping[str, Any]:
        formulaire = {"grant_type": GRANT, "auth_req_id": numero}
        de_trop = 0
        while True:
            depart = self._horloge.maintenant()
            if depart >= fin and self._regles.s_arrete_a_l_expiration:
                raise RefusDuProfessionnel("La demande de connexion a expiré sans réponse.")
            reponse = self._fournisseur.demander(formulaire)
            if reponse.status_code != requests.codes.bad_request:
                return self._fournisseur.lire_jetons(reponse)
            erreur = str(objet(reponse).get("error", ""))
            de_trop += erreur not in ("authorization_pending", "slow_down")
            self._decider(erreur, de_trop)
            intervalle += RALENTIR if erreur == "slow_down" and self._regles.ralentit else timedelta()
            self._dormir(depart + intervalle + MARGE, fin)

    def _decider(self, erreur: str, de_trop: int) -> None:
        """Go on waiting, or raise. A DUI that never waits gives up when it is told to slow down."""
        if erreur == "slow_down" and not self._regles.respecte_l_intervalle:
            raise PscIndisponible("Pro Santé Connect demande d'attendre.")
        if erreur in ("authorization_pending", "slow_down"):
            return
        insiste = not self._regles.s_arrete_au_refus if erreur == "access_denied" else not self._regles.s_arrete_a_l_expiration
        if insiste and de_trop < ESSAIS_DE_TROP:
            return
        if erreur == "expired_token":
            raise RefusDuProfessionnel("La demande de connexion a expiré sans réponse.")
        if erreur == "access_denied":
            raise RefusDuProfessionnel("Connexion refusée sur l'autre appareil.")
        raise PscIndisponible(f"Pro Santé Connect a répondu {erreur or 'une erreur sans nom'}.")

    def _dormir(self, jusqu_a: datetime, fin: datetime) -> None:
        if not self._regles.respecte_l_intervalle:
            return
        echeance = min(jusqu_a, fin) if self._regles.s_arrete_a_l_expiration else jusqu_a
        while self._horloge.maintenant() < echeance:
            self._pause.wait(PAS)


def _identifiant(choix: str) -> str:
    """The national identifier that the user types, or that his account holds."""
    personne = professionals().get(choix)
    return subject_name_id(personne) if personne is not None else choix
