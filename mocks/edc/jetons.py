"""The signing key of the authorization server, and the tokens that it signs."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cached_property
from typing import Any

from joserfc import jws, jwt
from joserfc.jwk import RSAKey

from ...core.exchange import Key, Reply
from ...validation.oauth import fingerprint
from .messages import ACCES, json_reply
from .state import Client, Jeton, Presente, Registre


class Signataire:
    """One RSA key, made when first needed."""

    @cached_property
    def _key(self) -> RSAKey:
        return RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True)

    def jwks(self) -> dict[str, Any]:
        """The published key set."""
        return {"keys": [self._key.as_dict(private=False) | {"alg": "RS256"}]}

    def jeton(self, claims: dict[str, Any]) -> str:
        """A compact RS256 JWT."""
        return jwt.encode({"alg": "RS256", "kid": str(self._key.kid), "typ": "at+jwt"}, claims, self._key, algorithms=["RS256"])

    def signature(self, value: dict[str, Any]) -> str:
        """A compact RS256 JWS of a JSON object: what the test API gives back."""
        payload = json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
        return jws.serialize_compact({"alg": "RS256", "kid": str(self._key.kid)}, payload, self._key, algorithms=["RS256"])


def delivrer(
    registre: Registre,
    signataire: Signataire,
    emetteur: str,
    client: Client,
    certificat: Presente,
    sujet: str,
    portees: tuple[str, ...],
    now: datetime,
) -> Reply:
    """The answer that carries an API token bound to the certificate, and its refresh token."""
    options = registre.options
    cnf = certificat.cnf(options.cnf)
    acces = Jeton("acces", client, sujet, portees, cnf, now, now + options.acces)
    suite = Jeton("rafraichissement", client, sujet, portees, cnf, now, now + options.rafraichissement)
    commun = {
        "iss": emetteur,
        "sub": sujet,
        "SubjectNameID": sujet,
        "azp": client.id,
        "client_id": client.id,
        "iat": int(now.timestamp()),
        "scope": " ".join(portees),
        "cnf": {"x5t#S256": cnf},
    }
    textes = []
    for jeton, typ in ((acces, "Bearer"), (suite, "Refresh")):
        claims = commun | {"exp": int(jeton.expire.timestamp()), "jti": registre.opaque("jti")[:32], "typ": typ}
        textes.append(signataire.jeton(claims))
        registre.garder(textes[-1], jeton)
    reply = json_reply(
        {
            "access_token": textes[0],
            "issued_token_type": ACCES,
            "token_type": "Bearer",
            "expires_in": int(options.acces.total_seconds()),
            "refresh_token": textes[1],
            "refresh_expires_in": int(options.rafraichissement.total_seconds()),
            "scope": " ".join(portees),
        }
    )
    facts = {
        "jeton": fingerprint(textes[0]),
        "suite": fingerprint(textes[1]),
        "sujet": sujet,
        "expire": acces.expire.timestamp(),
        "cnf": options.cnf,
    }
    keys = (Key("ps", sujet), *(Key("jeton", texte) for texte in textes))
    return Reply(200, reply.headers, reply.body, facts=facts, keys=keys, secrets=tuple(textes))
