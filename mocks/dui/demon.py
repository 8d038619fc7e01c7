"""The reference DUI as a separate process: the HTTP endpoint that the ``http`` driver calls, as an editor may write it.

``GET /capacites``, ``POST /gestes/<nom>``, ``POST /horloge``; each call must carry ``Authorization: Bearer <jeton>``.
"""

from __future__ import annotations

import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from dui_conformance.core.gestures import GESTURES, Resultat

LIMIT = 1 << 20


class Joueur(Protocol):
    """What the daemon serves: an object with a method per gesture, and a clock."""

    def avancer_horloge(self, secondes: float) -> None:
        """Move the DUI's clock."""


class Demon:
    """Serves one DUI on loopback until :meth:`close`."""

    def __init__(self, dui: Joueur, jeton: str, port: int = 0) -> None:
        handler = type("Handler", (_Handler,), {"dui": dui, "jeton": jeton})
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
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LIMIT))
        if not self._allowed():
            return
        try:
            arguments = json.loads(body or b"{}")
        except ValueError:
            self._answer(400, {"erreur": "corps JSON attendu"})
            return
        if self.path == "/horloge":
            self.dui.avancer_horloge(float(arguments["secondes"]))
            self._answer(200, {})
            return
        nom = self.path.removeprefix("/gestes/")
        if nom not in GESTURES or not hasattr(self.dui, nom):
            self._answer(404, {"erreur": f"geste inconnu : {nom}"})
            return
        self._answer(200, row(getattr(self.dui, nom)(**arguments)))

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


def row(result: Resultat) -> dict[str, Any]:
    """The JSON form of a gesture's end."""
    return {"etat": result.etat.value, "message": result.message, "observations": dict(result.observations)}
