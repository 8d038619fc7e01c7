"""A DMP deposit: CPU of the service, and of the judging, apart. ``python benchmarks/depot_dmp.py``

The deposit is one that the reference DUI really sent, its identifiers changed at each run. The service runs in a process of
its own behind mutual TLS; the same server answering a constant gives the floor. Aims: 15 ms each or less.
"""

from __future__ import annotations

import multiprocessing
import os
import platform
import re
import resource
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from dui_conformance.cli.drivers import driver_maker
from dui_conformance.cli.house import House, Plan
from dui_conformance.cli.judge import judge
from dui_conformance.cli.pki import open_pki
from dui_conformance.cli.scenarios import all_scenarios
from dui_conformance.core.archive import Archive
from dui_conformance.core.clock import Clock
from dui_conformance.core.exchange import Body, Connection, Description, Reply, Request
from dui_conformance.core.people import Usager
from dui_conformance.core.service import Service
from dui_conformance.core.settings import Settings
from dui_conformance.mocks.dmp.app import Dmp
from dui_conformance.mocks.runtime.server import Runtime
from dui_conformance.mocks.service import BaseService

RUNS = 200


class Constant(BaseService):
    """Answers every call with the same small RegistryResponse."""

    nom = "dmp"
    listeners: Any = Dmp.listeners

    def describe(self, listener: str, request: Request) -> Description:
        """One kind."""
        return Description("dmp.constant")

    def answer(self, listener: str, request: Request, now: datetime) -> Reply:
        """The constant."""
        return Reply(200, (("Content-Type", "application/soap+xml"),), Body(b"<constant/>"))


class Forgetful:
    """A recorder that keeps nothing."""

    def received(self, service: Service, listener: str, request: Request) -> str:
        """Describe the request, as a campaign does, and forget it."""
        service.describe(listener, request)
        return "E000001"

    def answered(self, exchange: str, reply: Reply) -> None:
        """Nothing."""

    def delivered(self, exchange: str, outcome: str) -> None:
        """Nothing."""

    def handshake(self, service: str, listener: str, connection: Connection) -> None:
        """Nothing."""


def serve(kind: str, project: Path, people: list[dict[str, object]], ready: Any, stop: Any, spent: Any) -> None:
    """Child process: one service, its CPU between the first and the last deposit."""
    service: Any = Dmp(seed=1) if kind == "dmp" else Constant()
    for row in people:
        service.admit(Usager.from_dict(row))
    runtime = Runtime(Forgetful(), Clock(), open_pki(Settings(), project))
    runtime.start([service])
    ready.put(runtime.url("dmp"))
    stop.get()
    before = time.process_time()
    stop.get()
    spent.put(time.process_time() - before)
    runtime.stop()


def captured(project: Path) -> tuple[Request, Any, Any, list[dict[str, object]], dict[str, Any]]:
    """A deposit of the reference DUI, and what is needed to judge it and to send it again."""
    plan = Plan(Settings(), project / "c", project, "temoin")
    with House(plan, driver_maker(_none)) as house:
        scenario = next(s for s in all_scenarios().values() if s.id == "dmp_alimentation.note_de_vaccination_alimente_le_dmp")
        house.play(scenario)
        archive = Archive(plan.folder)
        people = [archive.blob_json(e.data["fiche"]) for e in archive.of_type("usager")]
        name = next(e.data["echange"] for e in archive.of_type("requete") if e.data["genre"] == "dmp.td2.1")
        exchange = archive.exchange(name)
        body = exchange.http.body.read()
        request = Request(exchange.http.method, exchange.http.target, exchange.http.headers, Body(body), exchange.connection)
        judging = median_ms(lambda: judge(archive.exchange(name), house.rules, house.settings))
        certificates = house.endpoints["certificats"]["auth_cli"] | {"ac": house.endpoints["ac"]}
        applied = len(judge(archive.exchange(name), house.rules, house.settings).applications)
    return request, judging, applied, people, certificates


def fresh(body: bytes) -> bytes:
    """The same deposit with new document and submission identifiers of the same length."""
    for known in set(re.findall(rb"2\.25\.[0-9]{30,40}", body)):
        digits = str(uuid.uuid4().int).zfill(39)[: len(known) - 5].encode()
        body = body.replace(known, b"2.25." + digits)
    return body


def over_tls(kind: str, project: Path, request: Request, people: list[dict[str, object]], certificates: dict[str, Any]) -> float:
    """Milliseconds of CPU a deposit in the server's process."""
    context = multiprocessing.get_context("spawn")
    ready, stop, spent = context.Queue(), context.Queue(), context.Queue()
    child = context.Process(target=serve, args=(kind, project, people, ready, stop, spent))
    child.start()
    url = ready.get() + request.target
    headers = {k: v for k, v in request.headers if k.lower() in ("content-type", "soapaction")}
    with requests.Session() as session:
        session.trust_env = False
        session.verify = certificates["ac"]
        session.cert = (certificates["certificat"], certificates["cle"])
        for n in range(RUNS + 10):
            if n == 10:
                stop.put("début")
            answer = session.post(url, data=fresh(request.body.read()), headers=headers, timeout=30)
            if kind == "dmp" and b"ResponseStatusType:Success" not in answer.content:
                raise SystemExit(answer.text)
    stop.put("fin")
    used = float(spent.get())
    child.join()
    return used * 1000 / RUNS


def in_process(request: Request, people: list[dict[str, object]]) -> float:
    """Milliseconds of CPU of the handler alone: parse, verify the VIHF, store, answer."""
    service = Dmp(seed=1)
    for row in people:
        service.admit(Usager.from_dict(row))

    def once() -> None:
        sent = Request(request.method, request.target, request.headers, Body(fresh(request.body.read())), request.connection)
        service.describe("dmp", sent)
        reply = service.handle("dmp", sent, datetime.now(UTC))
        assert reply.facts["stocke"], reply.facts

    return median_ms(once)


def median_ms(work: Callable[[], object]) -> float:
    """Median milliseconds of CPU of a call."""
    for _ in range(5):
        work()
    times = []
    for _ in range(RUNS):
        begin = time.process_time()
        work()
        times.append((time.process_time() - begin) * 1000)
    return statistics.median(times)


def main() -> None:
    """Print the figures and their ratios."""
    with tempfile.TemporaryDirectory() as name:
        project = Path(name)
        request, judging, applied, people, certificates = captured(project)
        handler = in_process(request, people)
        real = over_tls("dmp", project, request, people, certificates)
        constant = over_tls("constant", project, request, people, certificates)
    print(f"machine : {platform.machine()}, {os.cpu_count()} cœurs, Python {platform.python_version()}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"dépôt de {request.body.size} octets, {RUNS} fois ; mémoire du banc : {memory} Mo")
    print(f"service seul (lire, vérifier le VIHF, ranger, répondre) : {handler:.1f} ms de processeur")
    print(f"serveur TLS, dépôt réel : {real:.1f} ms ; réponse constante : {constant:.1f} ms ; rapport {real / constant:.1f}")
    print(f"jugement ({applied} applications) : {judging:.1f} ms ; rapport au service {judging / handler:.1f}")


def _none() -> Any:
    raise SystemExit("aucun terminal")


if __name__ == "__main__":
    main()
