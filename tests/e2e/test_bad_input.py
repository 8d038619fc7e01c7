"""What a broken or hostile DUI sends to real sockets: a clean refusal, a finding in the journal, services that live on.

And what must never be kept: a matricule that may be a real person's stops the campaign.
"""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from dui_conformance.cli.house import House, Plan
from dui_conformance.cli.judge import Judge, Judgement
from dui_conformance.core.archive import Archive
from dui_conformance.core.errors import RealDataError
from dui_conformance.core.settings import Fictif, Services, Settings
from dui_conformance.core.verdict import Verdict
from e2e.commands import Running, dui, free_ports
from lxml import etree
from samples import dmp, insi

SOAP = "application/soap+xml; charset=UTF-8"
FORM = "application/x-www-form-urlencoded"
TOKEN_PATH = "/auth/realms/esante-wallet/protocol/openid-connect/token"
PATHS = {"insi": "/lps", "dmp": f"{dmp.BASE}/repository", "psc": TOKEN_PATH}
ROLES = {"insi": "insi_manu", "dmp": "auth_cli"}
LISTENERS = ("psc", "psc-portefeuille", "fi", "insi", "dmp", "edc-as", "edc-api", "edc-proxy")
CAP = 100_000_000


@dataclass
class Bench:
    """A house serving, its judge at work, and a client that sends exact bytes."""

    house: House
    judged: list[Judgement] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def show(self, judgement: Judgement) -> None:
        with self.changed:
            self.judged.append(judgement)
            self.changed.notify_all()

    def next(self, after: int) -> Judgement:
        """The first judgement past the ``after`` first ones."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.judged) > after, 20)
            return self.judged[after]

    def context(self, listener: str) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.house.endpoints["ac"])
        if listener in ROLES:
            held = self.house.endpoints["certificats"][ROLES[listener]]
            context.load_cert_chain(held["certificat"], held["cle"])
        return context

    def send(self, listener: str, *pieces: bytes, tls: bool = True) -> bytes:
        """Send these bytes; gives all that comes back until the service closes."""
        with socket.create_connection(("127.0.0.1", self.house.runtime.port(listener)), timeout=30) as raw:
            if not tls:
                return _exchange(raw, pieces)
            with self.context(listener).wrap_socket(raw, server_hostname="localhost") as secured:
                return _exchange(secured, pieces)

    def answers(self, service: str) -> None:
        """A good call succeeds."""
        before = len(self.judged)
        if service == "insi":
            reply = self.send("insi", post("/lps", insi.envelope(insi.traits()).encode(), f'{SOAP}; action="{insi.SEARCH}"'))
        elif service == "dmp":
            call = dmp.soap_request("/patients", dmp.TD02, dmp.existence_body())
            reply = self.send("dmp", post(call.target, call.body.read(), call.header("content-type")))
        else:
            path = "/auth/realms/esante-wallet/.well-known/wallet-openid-configuration"
            reply = self.send("psc", f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        assert reply.startswith(b"HTTP/1.1 200 "), reply[:300]
        self.next(before)


def _exchange(sock: socket.socket, pieces: tuple[bytes, ...]) -> bytes:
    found = b""
    try:
        for piece in pieces:
            sock.sendall(piece)
        while data := sock.recv(65536):
            found += data
    except (ConnectionError, ssl.SSLError):
        return found
    return found


def post(path: str, body: bytes, content_type: str, *, length: int | None = None, more: str = "") -> bytes:
    """A POST, whose announced length may be another."""
    size = len(body) if length is None else length
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: {content_type}\r\n{more}"
    return f"{head}Content-Length: {size}\r\n\r\n".encode() + body


def split(reply: bytes) -> tuple[int, bytes]:
    """Status and body of a reply."""
    head, _, body = reply.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), body


@contextmanager
def opened(project: Path, name: str) -> Iterator[Bench]:
    with House(Plan(Settings(), project / name, project, "aucun"), None) as house:
        house.services["insi"].admit(insi.USAGER)
        house.services["dmp"].admit(dmp.USAGER)
        bench = Bench(house)
        with Judge(house, show=bench.show):
            yield bench
        house.journal.append("campagne.fin")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("projet")


@pytest.fixture(scope="module")
def bench(project: Path) -> Iterator[Bench]:
    with opened(project, "mauvaises-entrees") as made:
        yield made
        assert made.house.runtime.failures == []
        assert made.house.recorder.stopped is None


def found(bench: Bench, before: int) -> Judgement:
    """The judgement of what was just sent, with a finding that says what to do, recorded."""
    judgement = bench.next(before)
    assert judgement.first is not None
    finding = judgement.first.finding
    assert finding is not None
    assert finding.message
    assert finding.hint
    assert judgement.verdict in (Verdict.NON_CONFORME, Verdict.AVERTISSEMENT)
    recorded = [e for e in Archive(bench.house.plan.folder).of_type("verdict") if judgement.exchange.id in e.data["sujets"]]
    assert judgement.first.check in {e.data["controle"] for e in recorded}
    return judgement


BODIES = {
    "bombe-xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%b">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b"]><a>&j;</a>",
    "entite-externe": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "dtd-externe": b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
    "pas-du-xml": "bonjour, voici un dépôt".encode(),
    "vide": b"",
    "octets": bytes(range(256)) * 64,
    "json": b'{"a": [1, 2',
    "jeu-de-caracteres-faux": "<a>é</a>".encode("latin-1"),
    "jeu-de-caracteres-inconnu": b'<?xml version="1.0" encoding="x-inconnu"?><a/>',
    "utf16-annonce-sans-marque": b'<?xml version="1.0" encoding="UTF-16"?><a/>',
    "octet-nul": b"<a>\x00</a>",
    "cent-mille-niveaux": b"<a>" * 100_000 + b"</a>" * 100_000,
    "cinquante-mille-attributs": b"<a " + b" ".join(b'a%d="1"' % i for i in range(50_000)) + b"/>",
    "gzip": gzip.compress(b"<a/>"),
}


@pytest.mark.parametrize("service", PATHS)
@pytest.mark.parametrize("body", BODIES)
def test_a_bad_body_is_refused_cleanly_and_found(bench: Bench, service: str, body: str) -> None:
    before = len(bench.judged)
    status, answer = split(bench.send(service, post(PATHS[service], BODIES[body], SOAP)))
    assert 400 <= status < 500
    if service == "psc":
        assert json.loads(answer)["error"]
    else:
        assert etree.fromstring(answer).find(".//{http://www.w3.org/2003/05/soap-envelope}Fault") is not None
    for leak in (b"root:", b"Traceback", b'File "'):
        assert leak not in answer
    found(bench, before)
    bench.answers(service)


KIND, MTOM = dmp.Deposit().mtom()
PARTS = {
    "tronque": (MTOM[: len(MTOM) // 2], KIND),
    "sans-fin": (MTOM.rstrip().removesuffix(b"--"), KIND),
    "partie-absente": (MTOM.replace(b"<doc01>", b"<autre>"), KIND),
    "autre-limite": (MTOM, KIND.replace("limite-dui", "autre-limite")),
    "sans-limite": (MTOM, "multipart/related"),
    "partie-racine-absente": (MTOM.replace(b"<root>", b"<racine>"), KIND.replace("root", "absente")),
    "sans-en-tetes-de-partie": (b"--limite-dui\r\n\r\nrien\r\n--limite-dui--\r\n", KIND),
}


@pytest.mark.parametrize("case", PARTS)
def test_a_bad_mtom_message_is_answered_and_found(bench: Bench, case: str) -> None:
    before = len(bench.judged)
    body, kind = PARTS[case]
    status, answer = split(bench.send("dmp", post(PATHS["dmp"], body, kind)))
    assert status in (200, 400)
    answered = etree.fromstring(answer)
    if status == 200:
        assert "ResponseStatusType:Failure" in etree.tostring(answered, encoding="unicode")
    found(bench, before)
    bench.answers("dmp")


def test_a_body_shorter_than_announced_is_refused(bench: Bench) -> None:
    before = len(bench.judged)
    with socket.create_connection(("127.0.0.1", bench.house.runtime.port("dmp")), timeout=30) as raw:
        secured = bench.context("dmp").wrap_socket(raw, server_hostname="localhost")
        secured.sendall(post(PATHS["dmp"], MTOM[:500], KIND, length=len(MTOM)))
        secured.close()
    assert bench.next(before).exchange.kind.startswith("dmp.")
    bench.answers("dmp")


@pytest.mark.parametrize("service", PATHS)
@pytest.mark.parametrize("size", [CAP - 1000, CAP + 1])
def test_a_hundred_megabytes_are_refused(bench: Bench, service: str, size: int) -> None:
    before = len(bench.judged)
    megabyte = b"<" * 1_000_000
    pieces = [megabyte] * (size // len(megabyte)) + [b"<" * (size % len(megabyte))]
    reply = bench.send(service, post(PATHS[service], b"", SOAP, length=size), *pieces)
    assert not reply or split(reply)[0] in (400, 401, 413)
    assert bench.next(before).exchange.reply is not None
    bench.answers(service)


HEADS = {
    "en-tete-de-200-ko": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
    "deux-mille-en-tetes": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X%d: a\r\n" % i for i in range(2000)) + b"\r\n",
    "adresse-de-100-ko": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "pas-du-http": b"BONJOUR TOUT LE MONDE\r\n\r\n",
    "octets": bytes(range(128, 256)) * 4 + b"\r\n\r\n",
    "longueur-en-lettres": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: cent\r\n\r\n",
    "longueur-negative": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "deux-longueurs": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "morceau-illisible": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "en-tete-sans-nom": b"GET / HTTP/1.1\r\nHost: x\r\n: rien\r\n\r\n",
}


@pytest.mark.parametrize("listener", LISTENERS)
@pytest.mark.parametrize("case", HEADS)
def test_malformed_http_is_refused_and_found(bench: Bench, listener: str, case: str) -> None:
    before = len(bench.judged)
    status, _ = split(bench.send(listener, HEADS[case]))
    assert status in (400, 431)
    judgement = found(bench, before)
    assert judgement.exchange.kind.endswith(".inconnu")
    bench.answers(judgement.exchange.service)


GREETINGS = {
    "http-en-clair": (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "https://"),
    "octets": (bytes(range(256)) * 4, "négociation TLS en échec"),
    "zeros": (b"\x00" * 300, "négociation TLS en échec"),
}


@pytest.mark.parametrize("listener", LISTENERS)
@pytest.mark.parametrize("case", GREETINGS)
def test_garbage_before_tls_is_found(bench: Bench, listener: str, case: str) -> None:
    before = len(bench.judged)
    data, words = GREETINGS[case]
    assert b"HTTP/1" not in bench.send(listener, data, tls=False)
    judgement = found(bench, before)
    assert judgement.exchange.request is None
    assert words in judgement.first.finding.message  # type: ignore[union-attr]
    bench.answers(judgement.exchange.service)


def test_silent_or_closed_connections_leave_the_service_alive(bench: Bench) -> None:
    port = bench.house.runtime.port("insi")
    held = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(50)]
    bench.answers("insi")
    for each in held:
        each.close()
    bench.answers("insi")


REAL = "184127511204533"
NIR = "1.2.250.1.213.1.4.8"
REAL_CX = f"{REAL}^^^&amp;{NIR}&amp;ISO^NH"
REAL_CDA = f'<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="{NIR}" extension="{REAL}"/></ClinicalDocument>'.encode()


def _deposit(content: bytes, padding: int = 0) -> bytes:
    kind, body = dmp.Deposit(content=content + b" " * padding).mtom()
    return post(PATHS["dmp"], body, kind)


PRIVATE = {
    "insi-verification": ("insi", post("/lps", insi.envelope(insi.verification(REAL[:13], REAL[13:], NIR)).encode(), SOAP)),
    "vihf": (
        "dmp",
        post(
            f"{dmp.BASE}/patients",
            dmp.envelope(dmp.TD02, dmp.existence_body(), vihf=dmp.VIHF.replace(dmp.PATIENT, REAL_CX)).encode(),
            SOAP,
        ),
    ),
    "cda-dans-mtom": ("dmp", _deposit(REAL_CDA)),
    "cda-de-3-mo-dans-mtom": ("dmp", _deposit(REAL_CDA, padding=3_000_000)),
    "formulaire": ("psc", post(TOKEN_PATH, f"login_hint={REAL}%5E%5E%5E%26{NIR}%26ISO%5ENH".encode(), FORM)),
    "json": ("psc", post(TOKEN_PATH, json.dumps({"system": f"urn:oid:{NIR}", "value": REAL}).encode(), "application/json")),
    "adresse": ("psc", f"GET /boite/{REAL}@patient.mssante.fr HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()),
}


def holding(folder: Path, *words: str) -> list[str]:
    """Files under a folder that hold one of these words."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in files if any(word.encode() in path.read_bytes() for word in words)]


@pytest.mark.parametrize("case", PRIVATE)
def test_a_real_looking_matricule_stops_the_campaign_and_nothing_of_it_is_kept(project: Path, case: str) -> None:
    listener, data = PRIVATE[case]
    with opened(project, f"reel-{case}") as bench:
        status, answer = split(bench.send(listener, data))
        assert status == 500
        assert "campagne est arrêtée" in answer.decode()
        stopped = bench.house.recorder.stopped
        assert isinstance(stopped, RealDataError)
        assert bench.send("psc", b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 500")
        assert not any(Path(bench.house.runtime._spool.name).iterdir())
    folder = project / f"reel-{case}"
    assert holding(folder, REAL[:13]) == []
    assert [e.data["raison"] for e in Archive(folder).of_type("arret")] == [str(stopped)]
    assert not list(Archive(folder).of_type("requete"))


def test_a_declared_fictional_matricule_is_served(project: Path) -> None:
    settings = Settings(fictif=Fictif((REAL,)))
    with House(Plan(settings, project / "fictif", project, "aucun"), None) as house:
        status, _ = split(Bench(house).send(*PRIVATE["insi-verification"]))
        assert status == 200


def test_serve_stops_with_exit_2(project: Path, tmp_path: Path) -> None:
    with Running(tmp_path, "serve", "--sortie", "session") as terminal:
        terminal.line("Répétition hors ligne")
        services = json.loads((tmp_path / "session" / "services.json").read_text(encoding="utf-8"))
        context = ssl.create_default_context(cafile=services["ac"])
        with (
            socket.create_connection(("127.0.0.1", services["ports"]["psc"]), timeout=30) as raw,
            context.wrap_socket(raw, server_hostname="localhost") as secured,
        ):
            _exchange(secured, (PRIVATE["formulaire"][1],))
        assert terminal.ended(30) == 2
        assert "donnée réelle probable" in terminal.out
        assert "Rien n'a été conservé" in terminal.out
    assert holding(tmp_path / "session", REAL[:13]) == []


PILOT = """
import ssl, urllib.request


class Reel:
    def __init__(self, services):
        self._services = services

    def se_connecter(self, professionnel):
        context = ssl.create_default_context(cafile=self._services["ac"])
        url = self._services["psc"]["emetteur"] + "/boite/%s@patient.mssante.fr"
        try:
            urllib.request.urlopen(url, context=context, timeout=10)
        except OSError:
            return {"etat": "refuse", "observations": {"session": False}}
"""


def test_run_stops_with_exit_2(tmp_path: Path) -> None:
    (tmp_path / "reel.py").write_text(PILOT % REAL, encoding="utf-8")
    (tmp_path / "dui.toml").write_text(
        '[pilote]\nnom = "python"\ncible = "reel:Reel"\n[delais]\necheance = 1\n', encoding="utf-8"
    )
    assert "echeance" in dui(tmp_path, "run", "--sortie", "c").out
    (tmp_path / "dui.toml").write_text('[pilote]\nnom = "python"\ncible = "reel:Reel"\n[delais]\nechange = 1\n', encoding="utf-8")
    ended = dui(tmp_path, "run", "--seulement", "psc_refus", "--sortie", "c")
    assert ended.code == 2, ended.out
    assert "donnée réelle probable" in ended.out
    assert "Traceback" not in ended.out
    assert holding(tmp_path / "c", REAL[:13]) == []
    assert len(list(Archive(tmp_path / "c").of_type("scenario.debut"))) == 1


def test_ports_are_given_back_after_a_stop(project: Path) -> None:
    ports = free_ports("psc")
    settings = Settings(services=Services(ports=ports))
    for name in ("un", "deux"):
        with House(Plan(settings, project / f"ports-{name}", project, "aucun"), None) as house:
            Bench(house).send(*PRIVATE["json"])
            assert house.runtime.port("psc") == ports["psc"]
