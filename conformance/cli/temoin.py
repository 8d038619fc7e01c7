"""``temoin``: the reference DUI as a separate process, behind the ``http`` and ``commande`` drivers."""

from __future__ import annotations

import json
import secrets
import signal
import threading
from datetime import timedelta
from pathlib import Path

import click
import requests

from ..core.clock import Clock
from ..core.errors import InputError
from ..core.gestures import GESTURES


def run_daemon(services: Path, port: int, token: str, faults: tuple[str, ...], *, web: int | None = None) -> int:
    """Serve the reference DUI until interrupted; prints its address and token, as dui.toml wants them.

    ``web`` is the port of its pages, for a browser; None: no pages. Its traces are beside ``services``.
    """
    from ..mocks.dui.demon import Demon
    from ..mocks.dui.dui import Dui
    from ..mocks.dui.serveur_web import ServeurWeb

    try:
        endpoints = json.loads(services.read_text(encoding="utf-8"))
    except ValueError:
        raise InputError(f"{services} : ce n'est pas le services.json écrit par « run » ou « serve ».") from None
    clock = Clock()
    try:
        dui = Dui(endpoints, faults=faults, now=clock.now, dossier=services.absolute().parent)
    except (KeyError, TypeError, OSError) as error:
        raise InputError(f"{services} : contenu incomplet ou périmé ({type(error).__name__} : {error}).") from None

    def set_clock(seconds: float) -> None:
        clock.advance(timedelta(seconds=seconds) - clock.offset)
        dui.avancer_horloge(0)

    demon = Demon(dui, token or secrets.token_urlsafe(18), port, regler=set_clock)
    demon.start()
    pages = ServeurWeb(dui, web) if web is not None else None
    told = {"url": demon.url, "jeton": demon.jeton}
    if pages is not None:
        pages.start()
        told["pages"] = pages.adresse
    click.echo(json.dumps(told))
    stop = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, frame: stop.set())
    stop.wait()
    demon.close()
    if pages is not None:
        pages.close()
    dui.close()
    return 0


def play_gesture(nom: str, url: str, token: str, text: str) -> str:
    """Forward one gesture (or the clock) read as JSON to the daemon; gives the JSON to print."""
    try:
        row = json.loads(text or "{}")
    except ValueError:
        raise InputError("temoin geste : l'entrée standard doit être un objet JSON.") from None
    if nom != "horloge" and nom not in GESTURES:
        raise InputError(f"temoin geste : geste inconnu « {nom} ». Connus : {', '.join(GESTURES)}.")
    path, body = ("horloge", row) if nom == "horloge" else (f"gestes/{nom}", row.get("arguments", {}))
    try:
        answer = requests.post(f"{url.rstrip('/')}/{path}", json=body, headers={"Authorization": f"Bearer {token}"}, timeout=120)
        answer.raise_for_status()
    except requests.RequestException as error:
        raise InputError(f"temoin geste : le DUI témoin ne répond pas à {url} ({error}).") from None
    return answer.text
