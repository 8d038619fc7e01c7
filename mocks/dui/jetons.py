"""Signed tokens: the keys of the issuer, and what must hold before a token is believed."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, KeySet
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
    secret: str = field(default="", repr=False)
    exige_acr: bool = True
    cles: KeySet | None = None

    def id_token(self, jeton: str, *, nonce: str | None, maintenant: datetime) -> dict[str, Any]:
        """The claims of an ID token, once everything that they must say was verified; ``nonce`` is the one that was sent, None
        when none was."""
        claims = self.signe(jeton, sans_signature=not self.regles.refuse_sans_signature)
        if self.regles.exige_sub and not claims.get("sub"):
            raise JetonRefuse("l'ID token ne dit pas de qui il parle (sub)")
        self.destination(claims)
        self._verifier_dates(claims, maintenant)
        if self.regles.verifie_nonce and nonce is not None and claims.get("nonce") != nonce:
            raise JetonRefuse("le nonce de l'ID token n'est pas celui de la demande")
        if self.exige_acr:
            self._verifier_niveau(claims.get("acr"))
        return claims

    def signe(self, jeton: str, *, sans_signature: bool = False) -> dict[str, Any]:
        """The claims of a token whose signature is good, made by a key of the issuer with an algorithm that we accept.

        ``sans_signature`` also accepts what is not signed, as no correct DUI does.
        """
        entete, claims = _segment(jeton, 0), _segment(jeton, 1)
        algorithme = str(entete.get("alg"))
        if (algorithme == "none" and sans_signature) or (algorithme == "HS256" and self._hmac_accepte(jeton)):
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

    def _hmac_accepte(self, jeton: str) -> bool:
        """The two confusions of HS256: keyed by the client's secret, or by the text of a public key. A correct DUI: neither."""
        candidats = [] if self.regles.refuse_hs256_secret else [self.secret.encode()]
        if not self.regles.refuse_hs256_cle_publique:
            self.cles = self.cles or self._lire_cles()
            candidats += [forme for cle in self.cles.keys for forme in _textes(cle)]
        contenu, _, signature = jeton.rpartition(".")
        sceaux = [hmac.new(cle, contenu.encode(), hashlib.sha256).digest() for cle in candidats]
        return any(hmac.compare_digest(sceau, urlsafe_b64decode(to_bytes(signature))) for sceau in sceaux)

    def _lire_cles(self) -> KeySet:
        publiees = self.charger_cles().get("keys", ())
        connues = [cle for cle in publiees if cle.get("kty") in ("RSA", "EC")]
        if len(connues) < len(publiees) and not self.regles.ignore_les_cles_inconnues:
            raise JetonRefuse("clés de signature illisibles")
        utiles = [cle for cle in connues if cle.get("use", "sig") == "sig"]
        return KeySet([JWKRegistry.import_key(cle) for cle in utiles])

    def _trouver(self, entete: Mapping[str, Any]) -> Any:
        """By its name; without a name, the only key that there is."""
        assert self.cles is not None
        if "kid" not in entete:
            return self.cles.keys[0] if len(self.cles.keys) == 1 else None
        return next((cle for cle in self.cles.keys if cle.kid == entete["kid"]), None)

    def destination(self, claims: Mapping[str, Any], *, facultative: bool = False) -> None:
        """Made by our issuer, for us. ``facultative``: what a token does not say is not missed (userinfo)."""
        if self.regles.verifie_emetteur and claims.get("iss", self.emetteur if facultative else None) != self.emetteur:
            raise JetonRefuse(f"émetteur « {claims.get('iss', 'absent')} » inattendu")
        audience = claims.get("aud", self.client_id if facultative else ())
        audiences = [audience] if isinstance(audience, str) else list(audience)
        if not self.regles.verifie_destinataire:
            return
        if self.client_id not in audiences:
            raise JetonRefuse("jeton destiné à un autre client")
        if not isinstance(audience, str) and not facultative and not self.regles.accepte_audience_en_liste:
            raise JetonRefuse("destinataire illisible")
        if self.regles.refuse_autre_audience and not set(audiences) <= {self.client_id}:
            raise JetonRefuse("jeton destiné aussi à un autre client")
        if self.regles.verifie_azp and len(audiences) == 1 and claims.get("azp", self.client_id) != self.client_id:
            raise JetonRefuse("jeton demandé par un autre client (azp)")

    def _verifier_niveau(self, acr: object) -> None:
        """At least eidas1: Pro Santé Connect may answer a higher level than the one asked for."""
        if acr is None:
            if self.regles.exige_acr:
                raise JetonRefuse("l'ID token ne dit pas son niveau d'authentification")
            return
        accepte = acr in self.regles.acr_acceptes or (acr not in EIDAS and not self.regles.refuse_autre_acr)
        if not accepte:
            raise JetonRefuse(f"niveau d'authentification « {acr} » inattendu")

    def vivant(self, claims: Mapping[str, Any], maintenant: datetime) -> None:
        """Not expired, when it says that it expires (userinfo)."""
        expire = claims.get("exp")
        if isinstance(expire, int | float) and expire + TOLERANCE.total_seconds() < maintenant.timestamp():
            raise JetonRefuse("jeton expiré")

    def _verifier_dates(self, claims: Mapping[str, Any], maintenant: datetime) -> None:
        expire, emis, debut = claims.get("exp"), claims.get("iat"), claims.get("nbf")
        if self.regles.exige_exp and not isinstance(expire, int | float):
            raise JetonRefuse("ID token sans fin de validité")
        if self.regles.verifie_expiration and claims.get("exp"):
            self.vivant(claims, maintenant)
        if self.regles.exige_iat and not isinstance(emis, int | float):
            raise JetonRefuse("ID token sans date d'émission")
        limite = maintenant.timestamp() + TOLERANCE.total_seconds()
        if self.regles.verifie_debut and any(isinstance(d, int | float) and d > limite for d in (emis, debut)):
            raise JetonRefuse("ID token pas encore valide")


def _textes(cle: Any) -> list[bytes]:
    """A public key in the forms that a careless library takes for a secret."""
    pem, der = cle.as_bytes(encoding="PEM", private=False), cle.as_bytes(encoding="DER", private=False)
    return [pem, pem.strip(), der]


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
