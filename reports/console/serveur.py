"""Serves the console on loopback: one page, what changes in it, the exchanges, and the tester's answers."""

from __future__ import annotations

import base64
import binascii
import json
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from dui_conformance.core.gestures import Piece

from .acces import COOKIE, Acces
from .fil import Fil, as_json

MAX_BODY = 30 << 20
MAX_PIECE = 20 << 20
KINDS: Mapping[str, tuple[bytes, ...]] = {
    ".pdf": (b"%PDF-",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".zip": (b"PK\x03\x04", b"PK\x05\x06"),
    ".xlsx": (b"PK\x03\x04",),
    ".ods": (b"PK\x03\x04",),
    ".csv": (),
    ".txt": (),
    ".json": (),
    ".xml": (),
    ".eml": (),
}
"""Files that may be attached, and how their content begins; a text may not hold a null byte."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_TYPES = {"html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
REPORTS = {"rapport.html": _TYPES["html"], "pv.pdf": "application/pdf", "rapport.json": "application/json"}
_STREAM = 15.0


class Refused(ValueError):
    """What a page sent cannot be taken; the message is French."""


class Pilotage(Protocol):
    """What a page can ask of the campaign. Each raises :class:`Refused` when it cannot be."""

    def answer(self, numero: int, mot: str, message: str, observations: Mapping[str, Any], pieces: tuple[Piece, ...]) -> None:
        """The tester's answer to demand ``numero``."""

    def order(self, action: str, scenario: str) -> None:
        """``pause``, ``reprendre``, ``passer`` (the scenario that plays) or ``rejouer`` (one that was played)."""


class ConsoleServer:
    """The page of one campaign; ``exchange`` gives an exchange as a whole HTML page, or None."""

    def __init__(
        self, fil: Fil, acces: Acces, pilotage: Pilotage, folder: Path, exchange: Callable[[str], str | None], port: int = 0
    ) -> None:
        handler = type("Handler", (_Handler,), {"fil": fil, "acces": acces, "pilotage": pilotage, "folder": folder})
        handler.exchange = staticmethod(exchange)  # type: ignore[attr-defined]
        self._server = _Server(("127.0.0.1", port), handler)
        self._acces = acces
        acces.port = self._server.server_address[1]

    @property
    def url(self) -> str:
        """Where the page is entered, once."""
        return f"http://127.0.0.1:{self._acces.port}/entree/{self._acces.token}"

    def start(self) -> None:
        """Serve in the background."""
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="console", daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


class _Handler(BaseHTTPRequestHandler):
    fil: Fil
    acces: Acces
    pilotage: Pilotage
    folder: Path
    exchange: Callable[[str], str | None]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Pages, and what changes in them."""
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

    def do_POST(self) -> None:
        """Answers and orders, from our own page only."""
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
        if name in ("console.html", "console.js", "console.css"):
            data = (resources.files("dui_conformance.reports") / "gabarits" / name).read_bytes()
            self._send(HTTPStatus.OK, _TYPES[name.rpartition(".")[2]], data)
        elif name == "etat":
            self._send(HTTPStatus.OK, "application/json", as_json(self.fil.page()))
        elif name == "flux":
            self._stream(_number(query, "depuis"))
        elif name == "echanges":
            rows = {"echanges": self.fil.older(query.get("avant", [""])[0])}
            self._send(HTTPStatus.OK, "application/json", as_json(rows))
        elif name == "echange" and (page := type(self).exchange(rest)) is not None:
            self._send(HTTPStatus.OK, _TYPES["html"], page.encode(), policy="default-src 'none'; style-src 'unsafe-inline'")
        elif name == "rapport" and rest in REPORTS and (self.folder / rest).is_file():
            self._send(HTTPStatus.OK, REPORTS[rest], (self.folder / rest).read_bytes(), policy="")
        else:
            self._text(HTTPStatus.NOT_FOUND, "Adresse inconnue.")

    def _stream(self, since: int) -> None:
        """Server-sent events: what changed, until nothing did for a while; the page asks again."""
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        last = self.headers.get("Last-Event-ID", "")
        since = int(last) if last.isdigit() else since
        try:
            while self.fil.wait(since, _STREAM):
                row = self.fil.page(since)
                since = row["version"]
                self.wfile.write(b"id: %d\ndata: " % since + as_json(row) + b"\n\n")
                self.wfile.flush()
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
    kind = Path(nom).suffix.lower()
    if kind not in KINDS:
        raise Refused(f"{nom} : ce type de fichier n'est pas accepté ({', '.join(sorted(KINDS))}).")
    try:
        data = base64.b64decode(str(row["contenu"]), validate=True)
    except binascii.Error:
        raise Refused(f"{nom} : fichier abîmé pendant l'envoi.") from None
    if not 0 < len(data) <= MAX_PIECE:
        raise Refused(f"{nom} : un fichier non vide de {MAX_PIECE >> 20} Mio au plus est attendu.")
    begins = KINDS[kind]
    if (begins and not data.startswith(begins)) or (not begins and b"\0" in data):
        raise Refused(f"{nom} : le contenu n'est pas celui d'un fichier {kind}.")
    return Piece(nom, data)


def _number(query: Mapping[str, list[str]], name: str) -> int:
    text = query.get(name, ["0"])[0]
    return int(text) if text.isdigit() else 0
