"""The signing keys of a simulated issuer: made at run time, rotated on demand, kept in a file when one is given."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any, Literal

from joserfc import jwe, jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, RSAKey
from joserfc.util import urlsafe_b64encode

from ...core.plateforme import write_private

PUBLISHED = 2
Algorithm = Literal["RS256", "ES256"]
SigningKey = RSAKey | ECKey


class KeyRing:
    """The current key, the one before (still published after a rotation), and a foreign key that is never published.

    ``mac`` signs what only the issuer reads back (refresh tokens), as Keycloak does: HS512, never published.
    """

    def __init__(self, file: Path | None = None, alg: Algorithm = "RS256") -> None:
        self._file = file
        self.alg: Algorithm = alg
        self._keys: list[SigningKey] = []
        self._foreign: SigningKey | None = None
        self._mac = OctKey.generate_key(512)
        if file is not None and file.exists():
            self._keys = [self._read(row) for row in json.loads(file.read_text(encoding="utf-8"))["keys"]]

    @property
    def published(self) -> list[SigningKey]:
        """The keys of the JWKS, the signing one first; made when first needed."""
        if not self._keys:
            self.rotate()
        return self._keys

    @property
    def current(self) -> SigningKey:
        """The key that signs."""
        return self.published[0]

    @property
    def foreign(self) -> SigningKey:
        """A key that no document of the issuer lists: what a forger would sign with."""
        if self._foreign is None:
            self._foreign = self._new()
        return self._foreign

    @property
    def kid(self) -> str:
        """The identifier of the current key."""
        return str(self.current.kid)

    def rotate(self) -> None:
        """Sign with a new key; the previous one stays published, older ones are withdrawn."""
        self._keep([self._new(), *self._keys][:PUBLISHED])

    def restore(self) -> None:
        """Sign again with the key that the last rotation replaced; both stay published."""
        self._keep([*self.published[1:], self.published[0]])

    def jwks(self) -> dict[str, Any]:
        """The published key set."""
        return {"keys": [key.as_dict(private=False) | {"alg": self.alg} for key in self.published]}

    def sign(self, claims: dict[str, Any], *, key: SigningKey | None = None, kid: str | None = None) -> str:
        """A compact JWS of the claims; ``key`` and ``kid`` let a fault lie about who signed (``kid`` ``""``: not said)."""
        named = self.kid if kid is None else kid
        header = {"alg": self.alg} | ({"kid": named} if named else {})
        return jwt.encode(header, claims, key or self.current, algorithms=[self.alg])

    def seal(self, claims: dict[str, Any]) -> str:
        """A compact HS512 JWS that only this issuer verifies."""
        return jwt.encode({"alg": "HS512"}, claims, self._mac, algorithms=["HS512"])

    def verify(self, token: str) -> dict[str, Any] | None:
        """The claims of a token that one of the keys signed, whatever its age; None for any other text."""
        for key in self.published:
            try:
                return dict(jwt.decode(token, key, algorithms=[self.alg]).claims)
            except (JoseError, ValueError, TypeError):
                continue
        return None

    def _keep(self, keys: list[SigningKey]) -> None:
        self._keys = keys
        if self._file is not None:
            rows = [key.as_dict(private=True) for key in self._keys]
            write_private(self._file, json.dumps({"keys": rows}).encode())

    def _new(self) -> SigningKey:
        if self.alg == "ES256":
            return ECKey.generate_key("P-256", {"use": "sig"}, auto_kid=True)
        return RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True)

    def _read(self, row: dict[str, Any]) -> SigningKey:
        return ECKey.import_key(row) if self.alg == "ES256" else RSAKey.import_key(row)


def encrypted(payload: str, key: RSAKey) -> str:
    """A signed JWT encrypted to a client (JWE, RSA-OAEP then A256GCM)."""
    header = {"alg": "RSA-OAEP", "enc": "A256GCM", "cty": "JWT", "kid": str(key.kid)}
    return jwe.encrypt_compact(header, payload.encode(), key, algorithms=["RSA-OAEP", "A256GCM"])


def unsigned(claims: dict[str, Any]) -> str:
    """A token with ``alg: none`` and an empty signature."""
    return _parts({"alg": "none", "typ": "JWT"}, claims) + "."


def mac_forged(claims: dict[str, Any], secret: bytes, kid: str) -> str:
    """What a forger sends to a client that lets the token choose its algorithm: HS256, keyed by something that he knows.

    joserfc rightly refuses a public key as a secret, hence this one signature made by hand.
    """
    text = _parts({"alg": "HS256", "typ": "JWT", "kid": kid}, claims)
    return f"{text}.{urlsafe_b64encode(hmac.digest(secret, text.encode(), hashlib.sha256)).decode()}"


def claims_of(token: str) -> dict[str, Any]:
    """The claims of one of our own tokens, signature unread."""
    return dict(json.loads(jws.extract_compact(token.encode()).payload))


def _parts(*parts: dict[str, Any]) -> str:
    return ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts)
