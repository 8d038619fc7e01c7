"""Exchanges, gestures and events read back from a campaign folder. The same builder serves the live campaign."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from .exchange import Body, Connection, Exchange, Reply, Request, Times
from .journal import Event, blob_path, read_blob, read_events


def make_exchange(folder: Path, asked: Event | None, answered: Event | None, handshake: Event | None = None) -> Exchange:
    """An exchange from its ``requete`` and ``reponse`` events, or from a ``tls`` event alone."""
    first = asked or handshake
    assert first is not None
    data = first.data
    connection = _connection(folder, data["connexion"])
    request = _request(folder, data, connection) if asked is not None else None
    reply = _reply(folder, answered.data) if answered is not None else None
    keys = frozenset(data.get("cles", ())) | frozenset(answered.data.get("cles", ()) if answered else ())
    return Exchange(
        id=data["echange"],
        service=data["service"],
        kind=data["genre"],
        request=request,
        reply=reply,
        connection=connection,
        times=Times(
            wall=datetime.fromisoformat(first.t["mur"]),
            logical=datetime.fromisoformat(first.t["logique"]),
            mono=first.t["mono"],
        ),
        keys=keys,
        facts=reply.facts if reply else {},
        scenario=first.scenario,
        attempt=first.attempt,
        attribution=data.get("attribution", ""),
    )


def _request(folder: Path, data: Mapping[str, Any], connection: Connection) -> Request:
    head = json.loads(read_blob(folder, data["tete"]))
    return Request(
        method=head["methode"],
        target=head["cible"],
        headers=tuple((k, v) for k, v in head["entetes"]),
        body=Body(None, blob_path(folder, data["corps"])),
        connection=connection,
        raw=Body(None, blob_path(folder, data["brut"])) if data.get("brut") else None,
    )


def _reply(folder: Path, data: Mapping[str, Any]) -> Reply:
    head = json.loads(read_blob(folder, data["tete"]))
    return Reply(
        status=data["statut"],
        headers=tuple((k, v) for k, v in head["entetes"]),
        body=Body(None, blob_path(folder, data["corps"])),
        facts=head["faits"],
    )


def _connection(folder: Path, row: Mapping[str, Any]) -> Connection:
    values = dict(row)
    values["client_der"] = read_blob(folder, row["client_der"]) if row.get("client_der") else None
    values["client_chain_der"] = tuple(read_blob(folder, b) for b in row.get("client_chain_der", ()))
    for name in ("offered_ciphers", "offered_versions"):
        values[name] = tuple(row.get(name, ()))
    return Connection(**values)


AVENANT = "avenant"
_JUDGED_AGAIN = frozenset({"attestation", "verdict", "scenario.fin"})
"""What a later addition writes anew for a scenario, up to its end."""


class Archive:
    """A campaign folder read whole: its events in order, exchanges built when asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events: list[Event] = list(read_events(folder))

    @cached_property
    def opening(self) -> Event:
        """The first event: nonce and identity of the tested product."""
        return self.events[0]

    @cached_property
    def standing(self) -> tuple[Event, ...]:
        """The events without what a later addition judged again, nor an addition that was cut before its end."""
        begun: dict[tuple[str, int], int] = {}
        since: dict[tuple[str, int], int] = {}
        for event in self.events:
            attempt = (event.scenario, event.attempt)
            if event.type == AVENANT:
                begun[attempt] = event.seq
            elif event.type == "scenario.fin" and attempt in begun:
                since[attempt] = begun.pop(attempt)

        def stands(event: Event) -> bool:
            attempt = (event.scenario, event.attempt)
            return event.type not in _JUDGED_AGAIN or since.get(attempt, -1) < event.seq < begun.get(attempt, len(self.events))

        return tuple(e for e in self.events if stands(e))

    def of_type(self, *types: str) -> Iterable[Event]:
        """The events of these types, in order."""
        return (e for e in self.events if e.type in types)

    @cached_property
    def _index(self) -> dict[str, tuple[Event | None, Event | None, Event | None]]:
        index: dict[str, tuple[Event | None, Event | None, Event | None]] = {}
        for event in self.of_type("requete", "reponse", "tls"):
            name = event.data["echange"]
            asked, answered, tls = index.get(name, (None, None, None))
            if event.type == "requete":
                asked = event
            elif event.type == "reponse":
                answered = event
            else:
                tls = event
            index[name] = (asked, answered, tls)
        return index

    @cached_property
    def exchange_ids(self) -> tuple[str, ...]:
        """Ids of all exchanges, in order of reception."""
        return tuple(self._index)

    def exchange(self, name: str) -> Exchange:
        """One exchange; each call builds it anew."""
        asked, answered, tls = self._index[name]
        return make_exchange(self.folder, asked, answered, tls)

    def blob(self, name: str) -> bytes:
        """The bytes of a blob."""
        return read_blob(self.folder, name)

    def blob_json(self, name: str) -> Any:
        """A JSON blob."""
        return json.loads(read_blob(self.folder, name))
