"""The signing keys of the simulated issuer: made at run time, rotated on demand, kept in a file when one is given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from joserfc.util import urlsafe_b64encode

from ...core.plateforme import write_private

PUBLISHED = 2


class KeyRing:
    """The current key, the one before (still published after a rotation), and a foreign key that is never published."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._keys: list[RSAKey] = []
        self._foreign: RSAKey | None = None
        if file is not None and file.exists():
            self._keys = [RSAKey.import_key(row) for row in json.loads(file.read_text(encoding="utf-8"))["keys"]]

    @property
    def published(self) -> list[RSAKey]:
        """The keys of the JWKS, the signing one first; made when first needed."""
        if not self._keys:
            self.rotate()
        return self._keys

    @property
    def current(self) -> RSAKey:
        """The key that signs."""
        return self.published[0]

    @property
    def foreign(self) -> RSAKey:
        """A key that no document of the issuer lists: what a forger would sign with."""
        if self._foreign is None:
            self._foreign = _new_key()
        return self._foreign

    @property
    def kid(self) -> str:
        """The identifier of the current key."""
        return str(self.current.kid)

    def rotate(self) -> None:
        """Sign with a new key; the previous one stays published, older ones are withdrawn."""
        self._keep([_new_key(), *self._keys][:PUBLISHED])

    def restore(self) -> None:
        """Sign again with the key that the last rotation replaced; both stay published."""
        self._keep([*self.published[1:], self.published[0]])

    def _keep(self, keys: list[RSAKey]) -> None:
        self._keys = keys
        if self._file is not None:
            rows = [key.as_dict(private=True) for key in self._keys]
            write_private(self._file, json.dumps({"keys": rows}).encode())

    def jwks(self) -> dict[str, Any]:
        """The published key set."""
        return {"keys": [key.as_dict(private=False) | {"alg": "RS256"} for key in self.published]}

    def sign(self, claims: dict[str, Any], *, key: RSAKey | None = None, kid: str = "") -> str:
        """A compact RS256 JWS of the claims; ``key`` and ``kid`` let a fault lie about who signed."""
        return jwt.encode({"alg": "RS256", "kid": kid or self.kid}, claims, key or self.current, algorithms=["RS256"])

    def verify(self, token: str) -> dict[str, Any] | None:
        """The claims of a token that one of the keys signed, whatever its age; None for any other text."""
        for key in self.published:
            try:
                return dict(jwt.decode(token, key, algorithms=["RS256"]).claims)
            except (JoseError, ValueError):
                continue
        return None


def unsigned(claims: dict[str, Any]) -> str:
    """A token with ``alg: none`` and an empty signature."""
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts) + "."


def claims_of(token: str) -> dict[str, Any]:
    """The claims of one of our own tokens, signature unread."""
    return dict(json.loads(jws.extract_compact(token.encode()).payload))


def _new_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True)
