"""A long use of the DMP by many clients while it misbehaves: nothing is lost, nothing is kept twice, the journal verifies."""

from __future__ import annotations

import hashlib
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from dui_conformance.cli.house import House, Plan
from dui_conformance.core.archive import Archive
from dui_conformance.core.settings import Settings
from dui_conformance.mocks.dmp.app import Dmp
from samples.dmp import ITI43, USAGER, Deposit, find_documents, retrieve_body, soap_request

CLIENTS = 20
SHORT, LONG = 100, 10_000
"""Deposits, then as many consultations."""
BEFORE = ("coupure", "indisponible", "indisponible-metier", "erreur-entrepot", "registre-erreur", "reset")
"""Faults after which nothing was done."""
AFTER = ("reponse-perdue", "reponse-tronquee", "relatesto-faux", "relatesto-absent", "mtom-tronque")
"""Faults after which all was done, and the client does not know it."""
SUCCESS, DUPLICATE = b"ResponseStatusType:Success", b"XDSDuplicateUniqueIdInRegistry"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """The services over TLS with their journal, as ``serve`` opens them."""
    with House(Plan(Settings(), tmp_path / "campagne", tmp_path, "temoin"), None) as opened:
        opened.services["dmp"].admit(USAGER)
        opened.services["dmp"].command("autorisation", {"matricule": USAGER.matricule, "valeur": "VALIDE"})
        yield opened


class Client:
    """One of the clients: it tries again until it knows that the DMP holds its document, and reads until it has the bytes."""

    def __init__(self, house: House, rank: int) -> None:
        self._url = house.runtime.url("dmp")
        self._rank = rank
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(house.endpoints["ac"])
        paths = house.endpoints["certificats"]["auth_cli"]
        self._session.cert = (str(paths["certificat"]), str(paths["cle"]))
        self.tries = 0

    def deposit(self, rank: int) -> None:
        """Until Success, or a duplicate of what a lost answer did not tell."""
        one = document(rank)
        while True:
            answer = self._send(one.request())
            if answer is not None and (SUCCESS in answer or DUPLICATE in answer):
                return

    def consult(self, rank: int) -> None:
        """Search, then retrieve until the bytes are those that were deposited."""
        wanted = document(rank)
        if rank % 10 == 0:
            self._send(soap_request("/registry", "urn:ihe:iti:2007:RegistryStoredQuery", find_documents()))
        while True:
            answer = self._send(soap_request("/repository", ITI43, retrieve_body(wanted.uid)))
            if answer is not None and wanted.content in answer:
                return

    def _send(self, request: object) -> bytes | None:
        self.tries += 1
        with suppress(requests.RequestException):
            headers = {k: v for k, v in request.headers if k.lower() in ("content-type", "soapaction")}  # type: ignore[attr-defined]
            made = self._session.post(self._url + request.target, data=request.body.read(), headers=headers, timeout=60)  # type: ignore[attr-defined]
            return made.content
        return None


def document(rank: int) -> Deposit:
    """The document of that rank: always the same bytes."""
    content = f'<ClinicalDocument xmlns="urn:hl7-org:v3"><title>Note {rank}</title></ClinicalDocument>'.encode()
    return Deposit(uid=f"1.2.250.1.999.70.{rank}", set_uid=f"1.2.250.1.999.80.{rank}", content=content)


def soak(house: House, count: int) -> None:
    dmp = house.services["dmp"]
    assert isinstance(dmp, Dmp)
    clients = [Client(house, rank) for rank in range(CLIENTS)]
    done = threading.Event()

    def disturb() -> None:
        draw = random.Random(7)
        while not done.wait(0.05):
            dmp.arm(draw.choice(BEFORE + AFTER), times=draw.randint(1, 3), target="dmp.td")

    disturber = threading.Thread(target=disturb)
    disturber.start()
    try:
        with ThreadPoolExecutor(CLIENTS) as pool:
            for work in (Client.deposit, Client.consult):
                list(pool.map(lambda rank, do=work: do(clients[rank % CLIENTS], rank), range(count)))
    finally:
        done.set()
        disturber.join()
    held = {uid: entry.sha1 for uid, entry in dmp.store.entries.items() if uid.startswith("1.2.250.1.999.70.")}
    assert held == {document(r).uid: hashlib.sha1(document(r).content, usedforsecurity=False).hexdigest() for r in range(count)}
    sent = sum(client.tries for client in clients)
    judge_journal(house.plan.folder, count, sent)


def judge_journal(folder: Path, count: int, sent: int) -> None:
    """The chain verifies, every call is there once, every document is stored once."""
    archive = Archive(folder)
    requests_seen = [e for e in archive.of_type("requete") if e.data["service"] == "dmp"]
    assert len({e.data["echange"] for e in requests_seen}) == len(requests_seen)
    assert 0 <= sent - len(requests_seen) <= CLIENTS  # a connection that the service had closed carried nothing
    stored: Counter[str] = Counter()
    for event in requests_seen:
        if event.data["genre"] == "dmp.td2.1":
            exchange = archive.exchange(event.data["echange"])
            if exchange.facts.get("stocke"):
                found = re.search(rb"1\.2\.250\.1\.999\.70\.\d+", exchange.http.body.read())
                assert found is not None
                stored[found.group().decode()] += 1
    assert len(stored) == count
    assert set(stored.values()) == {1}


def test_a_short_soak_loses_and_repeats_nothing(house: House) -> None:
    soak(house, SHORT)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_ten_thousand_deposits_and_consultations_lose_and_repeat_nothing(house: House) -> None:
    begun, spent = time.perf_counter(), time.process_time()
    soak(house, LONG)
    print(f"{time.perf_counter() - begun:.0f} s, dont {time.process_time() - spent:.0f} s de processeur")
