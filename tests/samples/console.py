"""A console without a campaign: a board, a driver that keeps what it hears, the server, a browser reduced to its requests."""

from __future__ import annotations

import http.client
import json
from pathlib import Path

from dui_conformance.core.archive import Archive
from dui_conformance.drivers.manuel import Reponse
from dui_conformance.reports.console.acces import Acces
from dui_conformance.reports.console.commande import Tableau
from dui_conformance.reports.console.echange import Lecteur
from dui_conformance.reports.console.fil import Fil
from dui_conformance.reports.console.serveur import ConsoleServer


def feed(folder: Path) -> Fil:
    """What a page shows of a campaign's folder."""
    archive = Archive(folder)
    fil = Fil("DUI d'essai", archive.blob_json)
    fil.replay(archive.events)
    return fil


class Desk:
    """A board with a driver that keeps what it hears."""

    def __init__(self, fil: Fil | None = None) -> None:
        self.fil = fil or Fil("DUI", lambda blob: {})
        self.tableau = Tableau(self.fil, Reponse)
        self.heard: list[Reponse] = []
        self.tableau.listen(self.heard.append)

    def number(self) -> int:
        assert self.fil.demande is not None
        return self.fil.demande.numero


class Site:
    """The server of a console, and a browser reduced to its requests."""

    def __init__(self, campagne: Path, fil: Fil | None = None) -> None:
        self.desk = Desk(fil)
        self.acces = Acces("session-d-essai")
        self.server = ConsoleServer(self.desk.fil, self.acces, self.desk.tableau, campagne, Lecteur(campagne).page)
        self.server.start()

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, str, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.acces.port, timeout=10)
        host = headers.pop("host", f"127.0.0.1:{self.acces.port}")
        sent = {"Host": host, "Content-Type": "application/json", **{k.title(): v for k, v in headers.items()}}
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        connection.request(method, path, data, sent)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        return answer.status, text, answer.headers

    @property
    def ours(self) -> dict[str, str]:
        """What our own page sends."""
        return {"cookie": "console=session-d-essai", "origin": f"http://127.0.0.1:{self.acces.port}"}
