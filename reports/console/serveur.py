"""Serves the console on loopback: one page, what changes in it, the exchanges, and the tester's answers."""

from __future__ import annotations

import base64
import binascii
import json
import sys
import threading
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from dui_conformance.core.gestures import Piece
from dui_conformance.core.pieces import kind_refusal, refusal

from .acces import COOKIE, Acces
from .fil import Fil, as_json

MAX_BODY = 30 << 20
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_TYPES = {"html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
PAGES = ("console.html", "console.css", "console.js", "console_demande.js", "console_listes.js", "console_page.js")
REPORTS = {"rapport.html": _TYPES["html"], "pv.pdf": "application/pdf", "rapport.json": "application/json"}
_HEARTBEAT = 15.0
_GATHERED = 0.1
"""Seconds between two sendings: what changes meanwhile goes together."""
_FAREWELL = 3.0


class Refused(ValueError):
    """What a page sent cannot be taken; the message is French."""


class Pilotage(Protocol):
    """What a page can ask of the campaign. Each raises :class:`Refused` when it cannot be."""

    def answer(self, numero: int, mot: str, message: str, observations: Mapping[str, Any], pieces: tuple[Piece, ...]) -> None:
        """The tester's answer to demand ``numero``."""

    def order(self, action: str, scenario: str) -> None:
        """An order of the tester, about that scenario when it needs one."""


class ConsoleServer:
    """The page of one campaign; ``exchange`` gives an exchange as a whole HTML page, or None."""

    def __init__(
        self, fil: Fil, acces: Acces, pilotage: Pilotage, folder: Path, exchange: Callable[[str], str | None], port: int = 0
    ) -> None:
        self._busy = _Busy()
        held = {"fil": fil, "acces": acces, "pilotage": pilotage, "folder": folder, "busy": self._busy}
        handler = type("Handler", (_Handler,), held)
        handler.exchange = staticmethod(exchange)  # type: ignore[attr-defined]
        self._server = _Server(("127.0.0.1", port), handler)
        self._acces = acces
        acces.port = self._server.server_address[1]

    @property
    def url(self) -> str:
        """Where the page is entered, once."""
        return f"http://127.0.0.1:{self._acces.port}/entree/{self._acces.token}"

    @property
    def address(self) -> str:
        """Where it listens."""
        return str(self._server.server_address[0])

    def start(self) -> None:
        """Serve in the background."""
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="console", daemon=True).start()

    def close(self) -> None:
        """Stop serving, once what was asked is answered."""
        self._server.shutdown()
        self._busy.drain(_FAREWELL)
        self._server.server_close()


class _Busy:
    """Counts what is being answered, so that the process does not end in the middle of a reply."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = threading.Condition()

    def __enter__(self) -> None:
        with self._changed:
            self._count += 1

    def __exit__(self, *ending: object) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def drain(self, timeout: float) -> None:
        """Wait until nothing is being answered."""
        with self._changed:
            self._changed.wait_for(lambda: not self._count, timeout)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A page that left in the middle of a reply is nothing to tell the tester."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    fil: Fil
    acces: Acces
    pilotage: Pilotage
    folder: Path
    busy: _Busy
    exchange: Callable[[str], str | None]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Pages, and what changes in them."""
        with self.busy:
            self._get()

    def do_POST(self) -> None:
        """Answers and orders, from our own page only."""
        with self.busy:
            self._post()

    def _get(self) -> None:
        if not self._from_here():
            return
        split = urlsplit(self.path)
        first, _, rest = split.path.lstrip("/").partition("/")
        if first == "entree":
            self._enter(rest)
        elif not self.acces.known(self.headers.get("Cookie", "")):
            self._text(HTTPStatus.FORBIDDEN, "Ouvrez la console par l'adresse que le banc affiche : elle ne sert qu'une fois.")
        else:
            self._show(first or "console.html", rest, parse_qs(split.query))

    def _post(self) -> None:
        if not self._from_here():
            return
        origin = self.headers.get("Origin", "")
        known = self.acces.known(self.headers.get("Cookie", ""))
        if not known or urlsplit(origin).netloc not in self.acces.hosts():
            self._text(HTTPStatus.FORBIDDEN, "Demande refusée : elle ne vient pas de la page de la console.")
            return
        try:
            row = self._body()
            if self.path == "/reponse":
                self._answer(row)
            elif self.path == "/commande":
                self.pilotage.order(str(row["action"]), str(row.get("scenario", "")))
            else:
                self._text(HTTPStatus.NOT_FOUND, "Adresse inconnue.")
                return
        except Refused as error:
            self._text(HTTPStatus.CONFLICT, str(error))
            return
        except (ValueError, KeyError, TypeError, AttributeError):
            self._text(HTTPStatus.BAD_REQUEST, "Demande mal formée.")
            return
        self._send(HTTPStatus.OK, "application/json", b"{}")

    def _show(self, name: str, rest: str, query: Mapping[str, list[str]]) -> None:
        if name in PAGES:
            data = (resources.files("dui_conformance.reports") / "gabarits" / name).read_bytes()
            self._send(HTTPStatus.OK, _TYPES[name.rpartition(".")[2]], data)
        elif name == "etat":
            self._send(HTTPStatus.OK, "application/json", as_json(self.fil.page()))
        elif name == "flux":
            self._stream(_number(query, "depuis"))
        elif name == "echanges":
            before, scenario, broken = (query.get(each, [""])[0] for each in ("avant", "scenario", "constats"))
            rows = self.fil.listed(before=before, scenario=scenario, broken=bool(broken))
            self._send(HTTPStatus.OK, "application/json", as_json(rows))
        elif name == "echange" and (page := type(self).exchange(rest)) is not None:
            self._send(HTTPStatus.OK, _TYPES["html"], page.encode(), policy="default-src 'none'; style-src 'unsafe-inline'")
        elif name == "rapport" and rest in REPORTS and (self.folder / rest).is_file():
            self._send(HTTPStatus.OK, REPORTS[rest], (self.folder / rest).read_bytes(), policy="")
        else:
            self._text(HTTPStatus.NOT_FOUND, "Adresse inconnue.")

    def _stream(self, since: int) -> None:
        """Server-sent events: what changed, gathered; now and then a comment, so that a page that left is noticed."""
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        last = self.headers.get("Last-Event-ID", "")
        since = int(last) if last.isdigit() else since
        try:
            while True:
                if self.fil.wait(since, _HEARTBEAT):
                    row = self.fil.page(since)
                    since = row["version"]
                    self.wfile.write(b"id: %d\ndata: " % since + as_json(row) + b"\n\n")
                else:
                    self.wfile.write(b": \n\n")
                self.wfile.flush()
                if self.fil.fermee:
                    return
                time.sleep(_GATHERED)
        except OSError:
            return

    def _answer(self, row: Mapping[str, Any]) -> None:
        observations = {str(k): v for k, v in dict(row.get("observations") or {}).items() if isinstance(v, str | bool | int)}
        pieces = tuple(_piece(each) for each in list(row.get("pieces") or ())[:10])
        self.pilotage.answer(int(row["numero"]), str(row["mot"]), str(row.get("message", ""))[:4000], observations, pieces)

    def _enter(self, token: str) -> None:
        if not self.acces.enter(token):
            self._text(HTTPStatus.FORBIDDEN, "Cette adresse a déjà servi, ou n'est pas la bonne : le banc en affiche une autre.")
            return
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", "/")
        self.send_header("Set-Cookie", f"{COOKIE}={self.acces.session}; HttpOnly; SameSite=Strict; Path=/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _from_here(self) -> bool:
        """Refuse a page of elsewhere that made its name point to this machine."""
        if self.headers.get("Host", "") in self.acces.hosts():
            return True
        self._text(HTTPStatus.MISDIRECTED_REQUEST, "La console ne répond que sous 127.0.0.1 ou localhost.")
        return False

    def _body(self) -> dict[str, Any]:
        length = int(self.headers.get("Content-Length", "0"))
        if not 0 <= length <= MAX_BODY:
            self.close_connection = True
            raise Refused(f"Envoi trop grand : {MAX_BODY >> 20} Mio au plus.")
        if self.headers.get_content_type() != "application/json":
            raise ValueError("JSON attendu")
        row = json.loads(self.rfile.read(length))
        if not isinstance(row, dict):
            raise TypeError("objet attendu")
        return row

    def _text(self, status: HTTPStatus, text: str) -> None:
        if self.command == "POST":
            self.close_connection = True
        self._send(status, "text/plain; charset=utf-8", text.encode())

    def _send(self, status: HTTPStatus, kind: str, data: bytes, *, policy: str = POLICY) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        if policy:
            self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """The terminal is the tester's."""


def _piece(row: Mapping[str, Any]) -> Piece:
    """An attached file; raises :class:`Refused` for one whose size or content is not what its name says."""
    nom = Path(str(row["nom"])).name[:120]
    if wrong := kind_refusal(nom):
        raise Refused(wrong)
    try:
        data = base64.b64decode(str(row["contenu"]), validate=True)
    except binascii.Error:
        raise Refused(f"{nom} : fichier abîmé pendant l'envoi.") from None
    if wrong := refusal(nom, data):
        raise Refused(wrong)
    return Piece(nom, data)


def _number(query: Mapping[str, list[str]], name: str) -> int:
    text = query.get(name, ["0"])[0]
    return int(text) if text.isdigit() else 0
