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

from .regles import ReglesPsc

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

    def id_token(self, jeton: str, *, nonce: str | None, maintenant: datetime) -> dict[str, Any]:
        """The claims of an ID token; ``nonce`` is the one that was sent, None after a refresh."""
        claims = self.signe(jeton)
        self._verifier_destination(claims)
        self._verifier_dates(claims, maintenant)
        if self.regles.verifie_nonce and nonce is not None and claims.get("nonce") != nonce:
            raise JetonRefuse("le nonce de l'ID token n'est pas celui de la demande")
        if self.regles.acr_acceptes and claims.get("acr") not in self.regles.acr_acceptes:
            raise JetonRefuse(f"niveau d'authentification « {claims.get('acr', 'absent')} » insuffisant")
        return claims

    def signe(self, jeton: str) -> dict[str, Any]:
        """The claims of a token whose signature is good; its algorithm must be one of those of the rules."""
        try:
            entete = _segment(jeton, 0)
            if not self.regles.verifie_signature:
                return _segment(jeton, 1)
            lu = jws.deserialize_compact(jeton, self._cle(entete), algorithms=list(self.regles.algorithmes))
            claims = json.loads(lu.payload)
        except (JoseError, ValueError) as erreur:
            raise JetonRefuse(f"signature du jeton refusée ({type(erreur).__name__})") from erreur
        if not isinstance(claims, dict):
            raise JetonRefuse("le jeton ne contient pas un objet")
        return claims

    def _cle(self, entete: Mapping[str, Any]) -> Any:
        """The key that the header names; keys are loaded again once when it is unknown, for they rotate."""
        if entete.get("alg") not in self.regles.algorithmes:
            raise JetonRefuse(f"algorithme de signature « {entete.get('alg')} » refusé")
        if self.cles is None or (self._trouver(entete) is None and self.regles.recharge_jwks):
            self.cles = self._lire_cles()
        cle = self._trouver(entete)
        if cle is None:
            raise JetonRefuse(f"clé de signature « {entete.get('kid', 'sans nom')} » inconnue de Pro Santé Connect")
        return cle

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
