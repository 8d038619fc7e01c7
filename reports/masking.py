"""Secrets are masked in every projection: by type, and by every value minted or seen, in the forms they travel in."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from html import escape
from urllib.parse import quote, quote_plus

from dui_conformance.core.archive import Archive

MASK = "•••"
SHORTEST = 6

_PREFIXED = re.compile(
    r"(?im)("
    r"authorization\s*[:=]\s*(?:basic|bearer)\s+"
    r"|(?:set-)?cookie\s*:\s*[^=\s]+="
    r"|(?:^|[?&\"'\s;])(?:access_token|refresh_token|id_token|id_token_hint|client_secret|code|code_verifier|assertion"
    r"|client_assertion|token|password)(?:\"\s*:\s*\"|=)"
    r")[^&\"'\s<;,]+"
)
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*)?")
_RUN = re.compile(rf"[A-Za-z0-9+/=_.~%-]{{{SHORTEST},}}")


class Masker:
    """Replaces secrets by ``•••`` in texts.

    Almost every secret is made of the characters of a token, so texts are searched run by run, each distinct run once:
    the time does not grow with the number of secrets.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
        self._heads: dict[str, list[str]] = {}
        odd = []
        for form in sorted(forms, key=len, reverse=True):
            if _RUN.fullmatch(form):
                self._heads.setdefault(form[:SHORTEST], []).append(form)
            else:
                odd.append(re.escape(form))
        self._odd = re.compile("|".join(odd)) if odd else None
        self._known: dict[str, str] = {}

    @classmethod
    def of(cls, archive: Archive) -> Masker:
        """The masker of a campaign: every secret that its requests and replies minted or carried."""
        secrets: set[str] = set()
        for event in archive.of_type("requete", "reponse"):
            secrets.update(json.loads(archive.blob(event.data["tete"])).get("secrets", ()))
        return cls(secrets)

    def mask(self, text: str) -> str:
        """The text without its secrets."""
        if self._odd is not None:
            text = self._odd.sub(MASK, text)
        if self._heads:
            text = _RUN.sub(self._masked_run, text)
        return _PREFIXED.sub(_keep_prefix, _JWT.sub(MASK, text))

    def _masked_run(self, match: re.Match[str]) -> str:
        run = match.group()
        known = self._known.get(run)
        if known is None:
            known = self._known[run] = self._search(run)
        return known

    def _search(self, run: str) -> str:
        heads = self._heads
        done, start = [], 0
        at, last = 0, len(run) - SHORTEST
        while at <= last:
            form = next((f for f in heads.get(run[at : at + SHORTEST], ()) if run.startswith(f, at)), None)
            if form is None:
                at += 1
                continue
            done += [run[start:at], MASK]
            at += len(form)
            start = at
        return "".join((*done, run[start:]))


def _keep_prefix(match: re.Match[str]) -> str:
    return match.group(1) + MASK


def _forms(secret: str) -> Iterable[str]:
    """A secret as it may appear: raw, URL-encoded, JSON, XML, base64 at any of three alignments (hence ``Basic``)."""
    data = secret.encode()
    yield secret
    yield quote(secret, safe="")
    yield quote_plus(secret)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield escape(secret, quote=False)
    yield escape(secret)
    for shift in range(3):
        aligned = base64.b64encode(b"\0" * shift + data).decode().rstrip("=")
        start = 0 if shift == 0 else shift + 1
        end = len(aligned) - (1 if (shift + len(data)) % 3 else 0)
        inner = aligned[start:end]
        if len(inner) >= SHORTEST:
            yield inner
            yield inner.translate(str.maketrans("+/", "-_"))
            yield quote(inner, safe="")
