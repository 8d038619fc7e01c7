"""ViaTrajectoire in process: plays the five flows, keeps the exchanges; resources that a correct DUI sends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from dui_conformance.core.exchange import Body, Connection, Exchange, Reply, Request, Times
from dui_conformance.core.people import Usager
from dui_conformance.core.settings import ViaTrajectoire
from dui_conformance.fixtures.people import usager
from dui_conformance.mocks.viatrajectoire import ServiceViaTrajectoire
from dui_conformance.validation.sdo.codes import codes
from samples.edc import AUTRE, BON
from samples.psc import START

__all__ = ["AUTRE", "BON", "EG", "Play", "answer", "consent", "play", "task"]

EG = "1990000036"
JSON = "application/fhir+json"
SETTINGS = ViaTrajectoire(client_secret="secret-de-test")


def answer(exchange: Exchange) -> dict[str, Any]:
    """The JSON object of a reply."""
    assert exchange.reply is not None
    return dict(json.loads(exchange.reply.body.read()))


def reply_of(exchange: Exchange) -> Reply:
    assert exchange.reply is not None
    return exchange.reply


def given(name: str, **value: Any) -> dict[str, Any]:
    """An input of a Task."""
    return {"type": {"coding": [{"system": codes().systeme_input, "code": name}]}, **value}


def status(name: str, code: str) -> dict[str, Any]:
    system = codes().systeme_statut if name.startswith("statut") else codes().systeme_motif
    return given(name, valueCodeableConcept={"coding": [{"system": system, "code": code}]})


def task(decision: str = "SDO-1", mdph: str = "DEC-1", *more: dict[str, Any], code: str = "40") -> dict[str, Any]:
    """An event."""
    return {
        "resourceType": "Task",
        "meta": {"lastUpdated": "2026-11-02T09:30:00.000+01:00"},
        "status": "completed",
        "intent": "plan",
        "input": [
            given("idNat_Struct", valueIdentifier={"value": EG}),
            given("nomESMS", valueString="FOYER FICTIF DES ORIENTATIONS"),
            status("statutESMS", code),
            given("dateStatutESMS", valueDate="2026-11-01"),
            *deepcopy(more),
            given("idDecision", valueIdentifier={"value": mdph}),
            given("idNat_Decision", valueIdentifier={"value": decision}),
        ],
    }


def consent(decision: str = "SDO-1") -> dict[str, Any]:
    """A consent."""
    return {
        "resourceType": "Consent",
        "meta": {"source": EG},
        "status": "active",
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "dateTime": "2026-11-02T09:31:00+01:00",
        "policyRule": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "OPTIN"}]},
        "provision": {"data": [{"meaning": "related", "reference": {"identifier": {"use": "official", "value": decision}}}]},
    }


@dataclass
class Play:
    """The service, its clock, and all that was exchanged with it."""

    service: ServiceViaTrajectoire
    now: datetime = START
    exchanges: list[Exchange] = field(default_factory=list)
    token: str = ""

    def later(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    def raw(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        der: bytes | None = None,
    ) -> Exchange:
        """Any call; ``der=b""`` presents no certificate."""
        presented = BON() if der is None else der or None
        request = Request(method, target, tuple((headers or {}).items()), Body(body), Connection(client_der=presented))
        kind = self.service.describe("vt", request).kind
        reply = self.service.handle("vt", request, self.now)
        name = f"E{len(self.exchanges) + 1:06d}"
        times = Times(self.now, self.now, len(self.exchanges))
        made = Exchange(name, "viatrajectoire", kind, request, reply, request.connection, times, facts=reply.facts)
        self.exchanges.append(made)
        return made

    def ask_token(self, *, der: bytes | None = None, query: str = "", **changes: str) -> Exchange:
        """A token request; a field given as ``""`` is left out."""
        fields = {"grant_type": "client_credentials", "client_id": SETTINGS.client_id, "client_secret": "secret-de-test"}
        body = urlencode({k: v for k, v in (fields | changes).items() if v})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.raw("POST", f"/token{query}", headers=headers, body=body.encode(), der=der)

    def call(self, method: str, path: str, body: Any = None, *, der: bytes | None = None, **headers: str) -> Exchange:
        """A business call with a live token; a header given as ``""`` is left out."""
        self.token = self.token or str(answer(self.ask_token()).get("access_token", ""))
        sent = {"Accept": JSON, "Authorization": f"Bearer {self.token}", "struct_idnat": EG}
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        if data:
            sent["Content-Type"] = JSON
        sent |= {name.replace("_", "-") if name != "struct_idnat" else name: value for name, value in headers.items()}
        return self.raw(method, f"/fhir{path}", headers={k: v for k, v in sent.items() if v}, body=data, der=der)

    def notify(self, person: Usager | None = None, **options: Any) -> Usager:
        """A decision for someone."""
        someone = person or usager("qualifie", f"vt-{len(self.service.registre.usagers)}")
        self.service.admit(someone)
        self.service.command("notifier", {"usager": someone.id, **options})
        return someone

    def decisions(self, since: datetime | None = None, extra: str = "") -> Exchange:
        """Flow 1.1."""
        start = (since or self.now - timedelta(days=1)).isoformat(timespec="milliseconds")
        return self.call("GET", f"/DocumentReference?type=57830-2&_lastUpdated=gt{quote(start, safe='')}&_elements=id{extra}")

    def notifications(self) -> Exchange:
        """Flow 5.1."""
        start = quote((self.now - timedelta(days=1)).isoformat(), safe="")
        return self.call("GET", f"/Task?_lastUpdated=gt{start}")

    def read(self, rank: int = 0) -> Exchange:
        """Flow 1.3, of one of the decisions found."""
        found = answer(self.decisions())["entry"]
        return self.call("GET", f"/DocumentReference/{found[rank]['resource']['id']}")

    def decision(self) -> tuple[str, str]:
        """National identifier and identifier of the MDPH of the last decision read."""
        held = answer(self.read(-1))["identifier"]
        return held[1]["value"], held[0]["value"]


def play(*, strict: bool = False) -> Play:
    """A fresh service, for the establishment ``EG``."""
    service = ServiceViaTrajectoire(SETTINGS, "990000010", seed=7, strict=strict)
    service.configure({"vt": "https://localhost:2009"})
    return Play(service)
