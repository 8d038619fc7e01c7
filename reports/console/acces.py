"""Who may see the page: a one-time token in its address, then a cookie; this machine's own names only."""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from pathlib import Path

from dui_conformance.core.plateforme import write_private

COOKIE = "console"


@dataclass(slots=True)
class Acces:
    """The session of a campaign's console: it lasts as long as the campaign, so that a restart finds the same page open."""

    session: str = field(repr=False)
    port: int = 0
    _token: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @classmethod
    def of(cls, path: Path) -> Acces:
        """The session kept beside the campaign, or a new one."""
        try:
            row = json.loads(path.read_text(encoding="utf-8"))
            return cls(str(row["session"]), int(row["port"]))
        except (OSError, ValueError, KeyError, TypeError):
            return cls(secrets.token_urlsafe(32))

    def keep(self, path: Path) -> None:
        """Write it, for its owner only."""
        write_private(path, json.dumps({"session": self.session, "port": self.port}).encode())

    @property
    def token(self) -> str:
        """The token of the next entry."""
        with self._lock:
            return self._token

    def enter(self, token: str) -> bool:
        """True once for each token; the next entry has another."""
        with self._lock:
            if not hmac.compare_digest(token.encode(), self._token.encode()):
                return False
            self._token = secrets.token_urlsafe(16)
            return True

    def known(self, cookie: str) -> bool:
        """True for the cookie of this session."""
        try:
            given = SimpleCookie(cookie).get(COOKIE)
        except CookieError:
            return False
        return given is not None and hmac.compare_digest(given.value.encode(), self.session.encode())

    def hosts(self) -> frozenset[str]:
        """The names under which this page is asked: any other comes from elsewhere (DNS rebinding)."""
        return frozenset({f"127.0.0.1:{self.port}", f"localhost:{self.port}"})
