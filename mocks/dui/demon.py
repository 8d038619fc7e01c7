"""The reference DUI as a separate process: the HTTP endpoint that the ``http`` driver calls, as an editor may write it.

``GET /capacites``, ``POST /gestes/<nom>``, ``POST /horloge``; each call must carry ``Authorization: Bearer <jeton>``. The
clock is set to the shift from system time that a campaign says (``decalage``), so that one daemon serves several of them.
"""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from dui_conformance.core.gestures import GESTURES, Gesture, from_wire

LIMIT = 1 << 20


class Joueur(Protocol):
    """What the daemon serves: an object with a method per gesture, and a clock."""

    def avancer_horloge(self, secondes: float) -> None:
        """Move the DUI's clock."""


class Demon:
    """Serves one DUI on loopback until :meth:`close`. ``regler`` sets its clock to a shift, in seconds, from system time;
    without it the clock only moves forward, by ``avancer_horloge``."""

    def __init__(self, dui: Joueur, jeton: str, port: int = 0, *, regler: Callable[[float], None] | None = None) -> None:
        handler = type("Handler", (_Handler,), {"dui": dui, "jeton": jeton, "regler": staticmethod(regler) if regler else None})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self.jeton = jeton
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        """Serve in a background thread."""
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="demon", daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    dui: Any
    jeton: str
    regler: Callable[[float], None] | None
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """What the DUI offers."""
        if not self._allowed():
            return
        if self.path != "/capacites":
            self._answer(404, {"erreur": "chemin inconnu"})
            return
        self._answer(200, {"gestes": [g for g in GESTURES if hasattr(self.dui, g)], "horloge": True})

    def do_POST(self) -> None:
        """Play a gesture, or move the clock."""
        length = self.headers.get("Content-Length") or "0"
        body = self.rfile.read(min(int(length), LIMIT)) if length.isdigit() else b""
        if not self._allowed():
            return
        try:
            arguments = json.loads(body or b"{}")
            if self.path == "/horloge":
                self._move_clock(arguments)
                self._answer(200, {})
                return
            gesture = self._gesture(arguments)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            self._answer(400, {"erreur": f"arguments refusés : {error}"})
            return
        if gesture is None:
            self._answer(404, {"erreur": f"geste inconnu : {self.path}"})
            return
        self._answer(200, getattr(self.dui, gesture.nom)(**gesture.arguments()).as_wire())

    def _gesture(self, arguments: dict[str, Any]) -> Gesture | None:
        nom = self.path.removeprefix("/gestes/")
        if nom not in GESTURES or not hasattr(self.dui, nom):
            return None
        return from_wire(nom, arguments)

    def _move_clock(self, arguments: dict[str, Any]) -> None:
        if self.regler is not None and "decalage" in arguments:
            self.regler(float(arguments["decalage"]))
        else:
            self.dui.avancer_horloge(float(arguments["secondes"]))

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""

    def _allowed(self) -> bool:
        given = self.headers.get("Authorization", "")
        if hmac.compare_digest(given.encode(), f"Bearer {self.jeton}".encode()):
            return True
        self._answer(401, {"erreur": "jeton absent ou faux"})
        return False

    def _answer(self, status: int, value: dict[str, Any]) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
