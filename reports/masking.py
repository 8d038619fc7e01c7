"""Secrets are masked in every projection: by type, and by every value minted or seen, in the forms they travel in."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from dui_conformance.core.archive import Archive

MASK = "•••"
SHORTEST = 6

_BY_TYPE = (
    re.compile(r"(?i)(authorization\s*[:=]\s*(?:basic|bearer)\s+)[^\s\"',;<]+"),
    re.compile(r"(?i)((?:set-)?cookie\s*:\s*[^=\s]+=)[^;\s]+"),
    re.compile(
        r"(?i)([?&\"'\s](?:access_token|refresh_token|id_token|id_token_hint|client_secret|code|code_verifier|assertion|token|password)"
        r"(?:\"\s*:\s*\"|=))[^&\"'\s<]+"
    ),
    re.compile(r"()\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*)?"),
)


class Masker:
    """Replaces secrets by ``•••`` in texts."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
        ordered = sorted(forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    @classmethod
    def of(cls, archive: Archive) -> Masker:
        """The masker of a campaign: every secret that its requests and replies minted or carried."""
        secrets: set[str] = set()
        for event in archive.of_type("requete", "reponse"):
            secrets.update(json.loads(archive.blob(event.data["tete"])).get("secrets", ()))
        return cls(secrets)

    def mask(self, text: str) -> str:
        """The text without its secrets."""
        if self._pattern is not None:
            text = self._pattern.sub(MASK, text)
        for pattern in _BY_TYPE:
            text = pattern.sub(lambda m: m.group(1) + MASK, text)
        return text


def _forms(secret: str) -> Iterable[str]:
    """A secret as it may appear: raw, URL-encoded, base64 at any of its three alignments (so also inside ``Basic``)."""
    data = secret.encode()
    yield secret
    yield quote(secret, safe="")
    yield quote_plus(secret)
    yield json.dumps(secret)[1:-1]
    for shift in range(3):
        aligned = base64.b64encode(b"\0" * shift + data).decode().rstrip("=")
        start = 0 if shift == 0 else shift + 1
        end = len(aligned) - (1 if (shift + len(data)) % 3 else 0)
        inner = aligned[start:end]
        if len(inner) >= SHORTEST:
            yield inner
            yield inner.translate(str.maketrans("+/", "-_"))
