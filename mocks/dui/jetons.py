"""Signed tokens: the keys of the issuer, and what must hold before a token is believed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.util import to_bytes, urlsafe_b64decode

from .regles import EIDAS, ReglesPsc

ALGORITHMES = ("RS256", "PS256", "ES256")
TOLERANCE = timedelta(seconds=30)
"""Clock difference accepted between Pro Santé Connect and us."""


class JetonRefuse(Exception):
    """The token proves nothing; the message says why, for the user and for the logs."""


@dataclass(slots=True)
class Verificateur:
    """Verifies tokens of one issuer for one client. ``charger_cles`` fetches the JWKS, again once for an unknown kid."""

    emetteur: str
    client_id: str
    charger_cles: Callable[[], Mapping[str, Any]]
    regles: ReglesPsc
    cles: KeySet | None = None

    def id_token(self, jeton: str, *, nonce: str, maintenant: datetime) -> dict[str, Any]:
        """The claims of an ID token, once everything that they must say was verified; ``nonce`` is the one that was sent."""
        claims = self.signe(jeton)
        self._verifier_destination(claims)
        self._verifier_dates(claims, maintenant)
        if self.regles.verifie_nonce and claims.get("nonce") != nonce:
            raise JetonRefuse("le nonce de l'ID token n'est pas celui de la demande")
        self._verifier_niveau(claims.get("acr"))
        return claims

    def signe(self, jeton: str) -> dict[str, Any]:
        """The claims of a token whose signature is good, made by a key of the issuer with an algorithm that we accept."""
        entete, claims = _segment(jeton, 0), _segment(jeton, 1)
        algorithme = str(entete.get("alg"))
        if algorithme == "none" and not self.regles.refuse_sans_signature:
            return claims
        if algorithme not in ALGORITHMES:
            raise JetonRefuse(f"algorithme de signature « {algorithme} » refusé")
        cle = self._cle(entete)
        if cle is None:
            if self.regles.refuse_cle_inconnue:
                raise JetonRefuse(f"clé de signature « {entete.get('kid', 'sans nom')} » inconnue de Pro Santé Connect")
            return claims
        try:
            jws.deserialize_compact(jeton, cle, algorithms=list(ALGORITHMES))
        except (JoseError, ValueError) as erreur:
            if self.regles.verifie_signature:
                raise JetonRefuse(f"signature du jeton refusée ({type(erreur).__name__})") from erreur
        return claims

    def _cle(self, entete: Mapping[str, Any]) -> Any:
        """The key that the header names, or None; keys are loaded again once when it is unknown, for they rotate."""
        if self.cles is None or (self._trouver(entete) is None and self.regles.recharge_jwks):
            self.cles = self._lire_cles()
        return self._trouver(entete)

    def _lire_cles(self) -> KeySet:
        return KeySet.import_key_set({"keys": [cle for cle in self.charger_cles()["keys"] if cle.get("use", "sig") == "sig"]})

    def _trouver(self, entete: Mapping[str, Any]) -> Any:
        assert self.cles is not None
        return next((cle for cle in self.cles.keys if cle.kid == entete.get("kid")), None)

    def _verifier_destination(self, claims: Mapping[str, Any]) -> None:
        if self.regles.verifie_emetteur and claims.get("iss") != self.emetteur:
            raise JetonRefuse(f"émetteur « {claims.get('iss', 'absent')} » inattendu")
        audience = claims.get("aud", ())
        audiences = [audience] if isinstance(audience, str) else list(audience)
        if self.regles.verifie_destinataire and self.client_id not in audiences:
            raise JetonRefuse("jeton destiné à un autre client")

    def _verifier_niveau(self, acr: object) -> None:
        """At least eidas1: Pro Santé Connect may answer a higher level than the one asked for."""
        if acr is None:
            if self.regles.exige_acr:
                raise JetonRefuse("l'ID token ne dit pas son niveau d'authentification")
            return
        accepte = acr in self.regles.acr_acceptes or (acr not in EIDAS and not self.regles.refuse_autre_acr)
        if not accepte:
            raise JetonRefuse(f"niveau d'authentification « {acr} » inattendu")

    def _verifier_dates(self, claims: Mapping[str, Any], maintenant: datetime) -> None:
        if not self.regles.verifie_expiration:
            return
        expire, emis = claims.get("exp"), claims.get("iat")
        if not isinstance(expire, int | float) or expire + TOLERANCE.total_seconds() < maintenant.timestamp():
            raise JetonRefuse("ID token expiré")
        if isinstance(emis, int | float) and emis - TOLERANCE.total_seconds() > maintenant.timestamp():
            raise JetonRefuse("ID token émis dans le futur")


def _segment(jeton: str, rang: int) -> dict[str, Any]:
    parties = jeton.split(".")
    if len(parties) != 3:
        raise JetonRefuse("jeton qui n'est pas un JWS compact")
    try:
        valeur = json.loads(urlsafe_b64decode(to_bytes(parties[rang])))
    except ValueError as erreur:
        raise JetonRefuse("jeton illisible") from erreur
    if not isinstance(valeur, dict):
        raise JetonRefuse("jeton illisible")
    return valeur


def lire_sans_verifier(jeton: str) -> dict[str, Any]:
    """Claims of an access token, for information only (the means of authentication); ``{}`` when opaque."""
    try:
        return _segment(jeton, 1)
    except JetonRefuse:
        return {}
