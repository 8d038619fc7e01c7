"""``serve``: an editor's first five minutes. His DUI is a process of its own, which points at services on fixed ports."""

from __future__ import annotations

import json
import re
import socket
import ssl
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from dui_conformance.cli.init import first_usagers
from dui_conformance.cli.services import make_services
from dui_conformance.core.settings import Settings
from dui_conformance.reports.model import load_campaign
from e2e.commands import Running, dui, free_ports

TOKEN = "jeton-de-test"
NAMES = ("localhost", "services.test-local")
LISTENERS = tuple(listener.nom for service in make_services(Settings(), None).values() for listener in service.listeners)
READY = "Répétition hors ligne"
DEADLINE = 15.0


def write_config(folder: Path, services: str = "") -> dict[str, int]:
    """A dui.toml with two names and fixed ports."""
    ports = free_ports(*LISTENERS)
    fixed = "\n".join(f"{name} = {port}" for name, port in ports.items())
    text = f"[services]\nnoms = {json.dumps(NAMES)}\n{services}\n[services.ports]\n{fixed}\n"
    (folder / "dui.toml").write_text(text, encoding="utf-8")
    return ports


@dataclass
class Serving:
    """``serve`` running, and what a DUI needs to call it."""

    folder: Path
    terminal: Running
    ports: dict[str, int]

    def context(self, client: str = "") -> ssl.SSLContext:
        """What a strict client trusts; ``client`` is the certificate that it presents."""
        context = ssl.create_default_context(cafile=self.services["ac"])
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        if client:
            held = self.services["certificats"][client]
            context.load_cert_chain(held["certificat"], held["cle"])
        return context

    @property
    def services(self) -> dict[str, Any]:
        """services.json."""
        found: dict[str, Any] = json.loads((self.folder / "session" / "services.json").read_text(encoding="utf-8"))
        return found

    def handshake(self, listener: str, name: str) -> str:
        """Connect under that name and leave; gives the line that it shows."""
        before = len(self.terminal.lines)
        try:
            with (
                socket.create_connection(("127.0.0.1", self.ports[listener]), timeout=10) as raw,
                self.context().wrap_socket(raw, server_hostname=name) as secured,
            ):
                assert secured.version() in ("TLSv1.2", "TLSv1.3")
        finally:
            line = self.terminal.line("  tls.", after=before)
        return line

    def dui(self, *faults: str) -> Dui:
        """The reference DUI as a separate process."""
        options = [word for fault in faults for word in ("--defaut", fault)]
        return Dui(Running(self.folder, "temoin", "--services", "session/services.json", "--jeton", TOKEN, *options))


class Dui:
    """The editor's DUI: gestures are asked of it over HTTP, as its user would make them on its screens."""

    def __init__(self, process: Running) -> None:
        self._process = process

    def __enter__(self) -> Dui:
        self._url = json.loads(self._process.line('"url"'))["url"]
        return self

    def __exit__(self, *error: object) -> None:
        self._process.__exit__(*error)

    def play(self, nom: str, **arguments: Any) -> dict[str, Any]:
        """Make a gesture; gives its end."""
        return self._post(f"gestes/{nom}", arguments)

    def wait(self, seconds: float) -> None:
        """Let time pass in the DUI."""
        self._post("horloge", {"secondes": seconds})

    def _post(self, path: str, row: dict[str, Any]) -> dict[str, Any]:
        answer = requests.post(f"{self._url}/{path}", json=row, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60)
        answer.raise_for_status()
        result: dict[str, Any] = answer.json()
        return result


@contextmanager
def served(folder: Path) -> Iterator[Serving]:
    """``serve`` in that folder, until killed."""
    ports = write_config(folder)
    with Running(folder, "serve", "--sortie", "session") as terminal:
        terminal.line(READY)
        yield Serving(folder, terminal, ports)


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with served(tmp_path_factory.mktemp("editeur")) as running:
        yield running


@pytest.fixture(scope="module")
def usager() -> Any:
    return next(u for _, u in first_usagers() if u.profil == "qualifie")


@pytest.mark.parametrize("name", [*NAMES, "127.0.0.1"])
@pytest.mark.parametrize("listener", ["psc", "insi"])
def test_both_names_of_the_machine_are_served(serving: Serving, listener: str, name: str) -> None:
    assert f"tls.{listener}" in serving.handshake(listener, name)


def test_a_name_that_was_not_configured_is_not_certified(serving: Serving) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        serving.handshake("psc", "autre.test-local")


def test_configured_ports_are_announced_and_written(serving: Serving) -> None:
    assert serving.services["ports"] == serving.ports
    for listener, port in serving.ports.items():
        assert re.search(rf"{listener} +\w+://localhost:{port}\b", serving.terminal.out)


def test_each_exchange_of_a_correct_dui_shows_one_line(serving: Serving, usager: Any) -> None:
    with serving.dui() as his:
        his.play("creer_usager", usager=usager.as_dict())
        for nom, arguments, kinds in (
            ("verifier_ins", {"usager": usager.id}, ["insi.verification"]),
            ("se_connecter", {"professionnel": "infirmiere-ehpad"}, ["psc.autorisation", "psc.jeton.code", "psc.userinfo"]),
        ):
            before = len(serving.terminal.lines)
            assert his.play(nom, **arguments)["etat"] == "fait"
            for kind in kinds:
                assert serving.terminal.line(f"  {kind}", DEADLINE, after=before).startswith("conforme ")
        before = len(serving.terminal.lines)
        deposit(his, usager)
        assert " dmp   " in serving.terminal.line("  dmp.td0.2", DEADLINE, after=before)
        assert " dmp   " in serving.terminal.line("  dmp.td2.1", DEADLINE, after=before)


def deposit(his: Dui, usager: Any) -> None:
    """A note de vaccination validated, its delay passed, sent."""
    his.play("creer_usager", usager=usager.as_dict())
    his.play("valider_document", usager=usager.id, type="note-vaccination")
    his.wait(601)
    assert his.play("attendre_envois")["etat"] == "fait"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("oidc-sans-acr-values", ("psc.autorisation", "acr_values", "eidas1")),
        ("oidc-secret-dans-le-navigateur", ("psc.autorisation", "client_secret")),
    ],
)
def test_a_finding_names_what_to_fix_on_the_same_line(serving: Serving, fault: str, words: tuple[str, ...]) -> None:
    before = len(serving.terminal.lines)
    with serving.dui(fault) as his:
        his.play("se_connecter", professionnel="infirmiere-ehpad")
        line = serving.terminal.line("non conforme", DEADLINE, after=before)
    for word in (*words, "(attendu : ", "reçu : ", "Piste : "):
        assert word in line
    assert line.startswith("non conforme ")


def test_a_connection_without_request_is_explained(serving: Serving) -> None:
    assert "s'est tu" in serving.handshake("psc-portefeuille", "localhost")
    before = len(serving.terminal.lines)
    with pytest.raises(ssl.SSLError), socket.create_connection(("127.0.0.1", serving.ports["psc"]), timeout=10) as raw:
        ssl.create_default_context().wrap_socket(raw, server_hostname="localhost")
    assert "autorité inconnue" in serving.terminal.line("ac.pem à son magasin", DEADLINE, after=before)


def test_a_call_that_no_service_answers_is_shown(serving: Serving) -> None:
    before = len(serving.terminal.lines)
    url = f"https://localhost:{serving.ports['insi']}/nulle-part"
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(url, context=serving.context("insi_manu"), timeout=10)
    assert "HTTP 4" in serving.terminal.line("insi.inconnu", DEADLINE, after=before)


def test_ctrl_c_ends_with_the_reports_and_one_line_an_exchange(tmp_path: Path, usager: Any) -> None:
    with served(tmp_path) as serving:
        with serving.dui() as his:
            deposit(his, usager)
        assert serving.terminal.interrupt() == 0, serving.terminal.out
    model = load_campaign(tmp_path / "session")
    assert model.finished
    for name in ("rapport.html", "rapport.json", "junit.xml", "couverture.csv", "pv.pdf"):
        assert (tmp_path / "session" / name).stat().st_size > 0
    assert str(tmp_path / "session" / "rapport.html") in serving.terminal.out
    shown = [word for line in serving.terminal.lines for word in line.split() if word in model.archive.exchange_ids]
    assert sorted(shown) == sorted(model.archive.exchange_ids)
    assert f"Bilan : {len(shown)} échange" in serving.terminal.out
    assert {"DMP-ALIMENTATION", "VAC-NOTE"} <= {j.profil for j in model.strays}


def test_configured_ports_never_move(tmp_path: Path) -> None:
    ports = write_config(tmp_path)
    for name in ("un", "deux"):
        with Running(tmp_path, "serve", "--sortie", name) as terminal:
            terminal.line(READY)
            assert json.loads((tmp_path / name / "services.json").read_text(encoding="utf-8"))["ports"] == ports
            if name == "un":
                taken = dui(tmp_path, "serve", "--sortie", "occupe")
                assert taken.code == 2
                assert f"127.0.0.1:{ports['psc']}" in taken.out
                assert "dui.toml" in taken.out
            assert terminal.interrupt() == 0


@pytest.mark.parametrize(("address", "exposed"), [("127.0.0.2", False), ("0.0.0.0", True)])
def test_listening_beyond_loopback_warns_of_what_is_exposed(tmp_path: Path, address: str, exposed: bool) -> None:
    ports = write_config(tmp_path, f'adresse = "{address}"')
    with Running(tmp_path, "serve", "--sortie", "session") as terminal:
        terminal.line(READY)
        assert (f"ATTENTION : les services écoutent sur {address}" in terminal.out) is exposed
        there = "127.0.0.2" if address == "127.0.0.2" else "127.0.0.1"
        with socket.create_connection((there, ports["psc"]), timeout=10):
            terminal.interrupt()


def test_names_added_later_need_a_new_pki_and_say_so(tmp_path: Path) -> None:
    write_config(tmp_path)
    with Running(tmp_path, "serve", "--sortie", "un") as terminal:
        terminal.line(READY)
    text = (tmp_path / "dui.toml").read_text(encoding="utf-8")
    (tmp_path / "dui.toml").write_text(text.replace("services.test-local", "autre.test-local"), encoding="utf-8")
    refused = dui(tmp_path, "serve", "--sortie", "deux")
    assert refused.code == 2
    assert "pki renouveler" in refused.out
    assert dui(tmp_path, "pki", "renouveler").code == 0
    with Running(tmp_path, "serve", "--sortie", "trois") as terminal:
        terminal.line(READY)
