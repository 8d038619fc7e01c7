"""Fifty campaigns at once, one process and service set each, one exchange a second each.

``python benchmarks/cinquante_campagnes.py [--campagnes N] [--secondes S]``. Each campaign is a whole house (services behind
mutual TLS, recorder, journal) that plays scenarios waiting for the calls of their own usager. One client process sends to all of
them calls that the reference DUI really sent, each with the usager of a scenario, new identifiers and a MessageID that is noted
with its campaign and scenario. Some calls come when the next scenario has begun. Then every journal is read again: its chain,
and each exchange where it belongs. Aims: p95 of 150 ms or less on 2 cores, 15 ms of processor or less a deposit, 5 ms or less
another call, memory bounded. A first phase opens the connections and is not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import multiprocessing
import os
import platform
import re
import ssl
import statistics
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp
from dui_conformance.cli.drivers import driver_maker
from dui_conformance.cli.house import House, Plan
from dui_conformance.cli.scenarios import all_scenarios
from dui_conformance.core.archive import Archive
from dui_conformance.core.campaign import Campaign
from dui_conformance.core.errors import Inconclusive
from dui_conformance.core.matcher import kind
from dui_conformance.core.runner import Scenario
from dui_conformance.core.settings import Delais, Settings

SETTINGS = Settings(delais=Delais(geste=30.0, echange=30.0, alimentation=30.0, absence=0.3))
OTHERS = ("dmp.td0.2", "dmp.td0.3", "dmp.td3.1")
PHASES = {"chauffe": ("dmp.td2.1", *OTHERS), "depots": ("dmp.td2.1",), "autres": OTHERS}
PER_SCENARIO = 10
LATE = 1
"""How many calls of each scenario are sent only when the next one has begun."""
_APPEL = kind("dmp", label="appel au DMP")
_MESSAGE_ID = re.compile(rb"urn:uuid:[0-9a-f-]{36}(?=</[^>]*MessageID)")
_OIDS = re.compile(rb"2\.25\.[0-9]{30,40}")


@dataclass(frozen=True)
class Model:
    """A call that the reference DUI sent: its path, its headers, its bytes, and the INS that they carry."""

    path: str
    headers: dict[str, str]
    body: bytes
    ins: bytes

    def of(self, ins: str, message: str) -> bytes:
        """The same call for another usager, with other identifiers of the same length."""
        body = _MESSAGE_ID.sub(f"urn:uuid:{message}".encode(), self.body.replace(self.ins, ins.encode()), count=1)
        for known in set(_OIDS.findall(body)):
            body = body.replace(known, b"2.25." + str(uuid.uuid4().int).zfill(39)[: len(known) - 5].encode())
        return body


@dataclass
class Load:
    """What the client sent and how it was answered."""

    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    expected: dict[str, tuple[int, str]] = field(default_factory=dict)


def models(project: Path) -> dict[str, Model]:
    """One call of each kind, captured from a campaign of the reference DUI."""
    found: dict[str, Model] = {}
    plan = Plan(SETTINGS, project / "modele", project, "temoin")
    with House(plan, driver_maker(object)) as house:
        for name in ("dmp_alimentation.note_de_vaccination_alimente_le_dmp", "dmp_consultation_parcours.premiere_autorisation"):
            house.play(all_scenarios()[name])
        archive = Archive(plan.folder)
        for event in archive.of_type("requete"):
            request = archive.exchange(event.data["echange"]).http
            ins = re.search(rb"([0-9]{6}[0-9AB][0-9]{8})\^\^\^&amp;", request.body.read())
            if ins is not None:
                kept = {k: v for k, v in request.headers if k.lower() in ("content-type", "soapaction")}
                found.setdefault(event.data["genre"], Model(request.target, kept, request.body.read(), ins.group(1)))
    return found


def campaign(number: int, project: Path, folder: Path, pipe: Connection, seconds: int) -> None:
    """Child process: a house, its scenarios, its processor time by phase."""
    with House(Plan(SETTINGS, folder / f"c{number}", project, "temoin"), driver_maker(object)) as house:
        certificates = house.endpoints["certificats"]["auth_cli"] | {"ac": house.endpoints["ac"]}
        pipe.send(("pret", house.runtime.url("dmp"), certificates))
        for phase in PHASES:
            pipe.recv()
            whole, scenarios, played = time.process_time(), time.thread_time(), []
            for rank in range(1 if phase == "chauffe" else seconds // PER_SCENARIO):
                played.append(house.play(waiting(f"banc{number}.{phase}-{rank}", pipe)))
            playing = time.thread_time() - scenarios
            served = time.process_time() - whole - playing
            pipe.send(("fin", phase, served, playing, resident(), [o.reason for o in played if "pas venu" in o.reason]))
        pipe.recv()


def waiting(name: str, pipe: Connection) -> Scenario:
    """A scenario that waits for the calls of its own usager, all but the late ones."""

    def wait(c: Campaign) -> None:
        usager = c.usager("qualifie")
        c.dmp.command("autorisation", matricule=usager.matricule, valeur="VALIDE")
        pipe.send(("usager", name, usager.ins))
        for _ in range(PER_SCENARIO - LATE):
            if c.dmp.wait_for(_APPEL.of(usager)).scenario != name:
                raise Inconclusive("pas venu à son scénario")

    return Scenario(name, name, wait, ("DMP-ALIM-04",), "banc")


def resident() -> int:
    """KiB of memory that this process holds."""
    gc.collect()
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0])


async def drive(
    number: int, pipe: Connection, phase: str, calls: dict[str, Model], load: Load
) -> tuple[float, float, int, list[str]]:
    """Send to one campaign what each of its scenarios waits for, one call a second; gives its processor times and memory."""
    loop, kinds, sent = asyncio.get_running_loop(), PHASES[phase], 0
    ready: asyncio.Queue[tuple[Any, ...]] = asyncio.Queue()
    loop.add_reader(pipe.fileno(), lambda: ready.put_nowait(pipe.recv()))
    try:
        await asyncio.sleep(number / 50)
        pipe.send("go")
        async with client(number) as session:
            late: list[tuple[str, str]] = []
            while True:
                message = await ready.get()
                if message[0] == "fin":
                    for name, ins in late:
                        await call(session, number, name, ins, calls[kinds[sent % len(kinds)]], load)
                    return message[2:]
                _, name, ins = message
                batch = [*late, *[(name, ins)] * (PER_SCENARIO - LATE)]
                late = [(name, ins)] * LATE
                for scenario, whose in batch:
                    begun = loop.time()
                    await call(session, number, scenario, whose, calls[kinds[sent % len(kinds)]], load)
                    sent += 1
                    await asyncio.sleep(max(0.0, 1 - (loop.time() - begun)))
    finally:
        loop.remove_reader(pipe.fileno())


_ADDRESSES: dict[int, tuple[str, ssl.SSLContext]] = {}


def client(number: int) -> aiohttp.ClientSession:
    """A keep-alive session with the certificate of the structure."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=_ADDRESSES[number][1]))


async def call(session: aiohttp.ClientSession, number: int, scenario: str, ins: str, model: Model, load: Load) -> None:
    """One call, timed."""
    message = str(uuid.uuid4())
    load.expected[f"urn:uuid:{message}"] = (number, scenario)
    data = model.of(ins, message)
    begun = time.perf_counter()
    async with session.post(_ADDRESSES[number][0] + model.path, data=data, headers=model.headers) as answer:
        await answer.read()
        load.statuses[answer.status] += 1
    load.latencies.append(time.perf_counter() - begun)


def strays(folder: Path, number: int, load: Load) -> tuple[int, list[str]]:
    """How many exchanges a journal holds, its chain verified, and those that are not where they belong."""
    archive, wrong = Archive(folder / f"c{number}"), []
    seen: Counter[str] = Counter()
    for event in archive.of_type("requete"):
        body = archive.exchange(event.data["echange"]).http.body.read()
        found = _MESSAGE_ID.search(body)
        name = found.group().decode() if found else ""
        seen[name] += 1
        # A late call belongs to its scenario, or to none once that one has ended; never to another.
        if load.expected.get(name, (-1, ""))[0] != number or event.scenario not in (load.expected[name][1], ""):
            wrong.append(f"c{number} {event.data['echange']} {event.scenario}")
    lost = [m for m, (where, _) in load.expected.items() if where == number and seen[m] != 1]
    return sum(seen.values()), wrong + lost


def main(arguments: argparse.Namespace) -> None:
    """Play, then print the figures."""
    context = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory() as name:
        project = folder = Path(name)
        calls = models(project)
        pipes: list[Connection] = []
        children = []
        for number in range(arguments.campagnes):
            mine, its = context.Pipe()
            child = context.Process(target=campaign, args=(number, project, folder, its, arguments.secondes), daemon=True)
            child.start()
            its.close()
            _, url, certificates = mine.recv()
            tls = ssl.create_default_context(cafile=certificates["ac"])
            tls.load_cert_chain(certificates["certificat"], certificates["cle"])
            _ADDRESSES[number] = (url, tls)
            pipes.append(mine)
            children.append(child)
        print(f"machine : {platform.machine()}, {os.cpu_count()} cœurs, Python {platform.python_version()}")
        print(f"{arguments.campagnes} campagnes, charge avant : {os.getloadavg()[0]:.1f}")
        whole = Load()
        for phase in PHASES:
            played = asyncio.run(round_of(pipes, phase, calls, whole))
            if phase != "chauffe":
                report(phase, played, len(pipes))
        for pipe in pipes:
            pipe.send("stop")
        for child in children:
            child.join()
        judged = [strays(folder, number, whole) for number in range(len(pipes))]
    wrong = [each for _, found in judged for each in found]
    print(
        f"journaux vérifiés : {len(judged)}, {sum(count for count, _ in judged)} échanges, {len(wrong)} mal attribués ou perdus"
    )
    if wrong:
        raise SystemExit("\n".join(wrong[:10]))


async def round_of(pipes: list[Connection], phase: str, calls: dict[str, Model], whole: Load) -> tuple[Load, list[Any]]:
    """All the campaigns at once, for one phase."""
    load = Load(expected=whole.expected)
    ended = await asyncio.gather(*(drive(n, pipe, phase, calls, load) for n, pipe in enumerate(pipes)))
    return load, list(ended)


def report(phase: str, played: tuple[Load, list[Any]], campaigns: int) -> None:
    """Print the figures of a phase."""
    load, ended = played
    ordered = sorted(load.latencies)
    at: Callable[[float], float] = lambda share: ordered[int(share * (len(ordered) - 1))] * 1000  # noqa: E731
    served, playing = (sum(row[rank] for row in ended) * 1000 / len(ordered) for rank in (0, 1))
    memory = [row[2] for row in ended]
    print(
        f"{phase} : {len(ordered)} échanges {dict(load.statuses)}, médiane {at(0.5):.0f} ms, p95 {at(0.95):.0f} ms, "
        f"p99 {at(0.99):.0f} ms ; processeur {served:.1f} ms par échange "
        f"(et {playing:.1f} ms pour jouer les scénarios) ; "
        f"mémoire par campagne {statistics.median(memory) // 1024} Mo (au plus {max(memory) // 1024}), "
        f"attentes mal servies : {sum(len(row[3]) for row in ended)} sur {campaigns} campagnes"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--campagnes", type=int, default=50)
    parser.add_argument("--secondes", type=int, default=30)
    main(parser.parse_args())
