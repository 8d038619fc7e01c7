"""Secrets are masked in every projection: by type, and by every value minted or seen, in the forms they travel in."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Iterable
from html import escape
from urllib.parse import quote, quote_plus

from dui_conformance.core.archive import Archive

MASK = "•••"
SHORTEST = 6
FORGOTTEN = 1_000
"""Texts after which the secrets of before are forgotten."""

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

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._heads: dict[str, list[str]] = {}
        self._strange: set[str] = set()
        self._odd: re.Pattern[str] | None = None
        self._known: dict[str, str] = {}
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """More secrets to replace."""
        forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
        odd = {form for form in forms if not _RUN.fullmatch(form)}
        for form in forms - odd:
            self._heads.setdefault(form[:SHORTEST], []).append(form)
        for head in {form[:SHORTEST] for form in forms - odd}:
            self._heads[head] = sorted(set(self._heads[head]), key=len, reverse=True)
        if odd - self._strange:
            self._strange |= odd
            self._odd = re.compile("|".join(map(re.escape, sorted(self._strange, key=len, reverse=True))))
        self._known.clear()

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


class PassingMasker:
    """Masks what is shown while secrets come: each is learnt once, and the oldest are forgotten. Safe between threads.

    ``recent`` gives the latest secrets, those to mask.
    """

    def __init__(self, recent: Callable[[], Iterable[str]]) -> None:
        self._recent = recent
        self._lock = threading.Lock()
        self._learnt: set[str] = set()
        self._masked = 0
        self._masker = Masker()

    def mask(self, text: str) -> str:
        """The text without those secrets."""
        recent = tuple(self._recent())
        with self._lock:
            self._masked += 1
            if self._masked > FORGOTTEN:
                self._learnt, self._masked, self._masker = set(), 0, Masker()
            fresh = set(recent) - self._learnt
            if fresh:
                self._learnt |= fresh
                self._masker.learn(fresh)
            return self._masker.mask(text)


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
            yield inner.replace("+", "-").replace("/", "_")
            yield inner.replace("+", "%2B").replace("/", "%2F")
