"""Complete logins by relying parties that are not ours: Python's authlib, and openid-client from npm.

A library accepts the true provider and refuses the false one: that the same client does both is the control of each.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
from dui_conformance.core.clock import Clock
from dui_conformance.core.settings import Fi, Psc, StructureDeTest
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.mocks.fi import FournisseurOrdinaire
from dui_conformance.mocks.pki import Pki
from dui_conformance.mocks.psc import ProSanteConnect
from dui_conformance.mocks.psc.app import client_dn
from dui_conformance.mocks.psc.messages import DISCOVERY
from dui_conformance.mocks.runtime import Runtime
from samples.authlib_client import Authlib
from samples.runtime import MemoryRecorder

pytestmark = pytest.mark.client_etranger

CLIENT = Path(__file__).parent / "clients" / "openid-client"
STRUCTURE = StructureDeTest()
REFUSED_BY_BOTH = (
    "jeton-nonce", "jeton-nonce-absent", "jeton-signature", "jeton-signature-absente", "jeton-altere", "jeton-alg-none",
    "jeton-hs256-secret", "jeton-hs256-cle-publique", "jeton-kid-inconnu", "jeton-aud", "jeton-aud-absent", "jeton-azp",
    "jeton-aud-tiers", "jeton-iss", "jeton-iss-absent", "jeton-sub-absent", "jeton-expire", "jeton-exp-absent", "jeton-futur",
    "jeton-iat-absent", "jeton-state", "jeton-state-absent", "retour-sans-code", "code-deja-utilise", "code-refuse",
    "acces-refuse", "retour-indisponible", "jeton-id-token-absent", "jwks-vide", "userinfo-sub", "userinfo-sub-absent",
    "userinfo-autre-personne", "rafraichissement-refuse", "rafraichissement-autre-personne",
)  # fmt: skip
NOT_SEEN_BY = {
    "openid-client": {"jeton-azp": "azp is read only beside several audiences", "jwks-vide": "the keys read before are kept"}
}
"""What a library does not look at, which the standard leaves to it."""
ACCEPTED = ("jeton-aud-liste", "jwks-cles-inconnues", "deconnexion-sans-state")


class Party(Protocol):
    """A relying party: what a login gave, or ``refused`` and why."""

    nom: str

    def login(self, **order: Any) -> Mapping[str, Any]: ...

    def ciba(self, hint: str, channel: str) -> Mapping[str, Any]: ...


class Node:
    """openid-client in its process."""

    nom = "openid-client"

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def login(self, **order: Any) -> Mapping[str, Any]:
        return self._ask({"do": "login", **order})

    def ciba(self, hint: str, channel: str) -> Mapping[str, Any]:
        return self._ask({"do": "ciba", "hint": hint, "channel": channel})

    def _ask(self, order: dict[str, Any]) -> Mapping[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "le client Node s'est arrêté"
        found: Mapping[str, Any] = json.loads(line)
        return found


class World:
    """Both providers on the network."""

    def __init__(self, pki: Pki, folder: Path) -> None:
        self.pki = pki
        self.keys = folder / "cles.json"
        self.psc = ProSanteConnect(
            Psc(client_secret="un-secret-de-test-assez-long-pour-hs256"), seed=1, client_keys=self.keys, dn=client_dn(STRUCTURE)
        )
        self.psc.client.keys.make()
        self.fi = FournisseurOrdinaire(Fi(client_secret="un-autre-secret-de-test"), seed=1)
        self.recorder = MemoryRecorder()
        self.runtime = Runtime(self.recorder, Clock(), pki)
        self.runtime.start([self.psc, self.fi])
        self.psc.configure({nom: self.runtime.url(nom) for nom in ("psc", "psc-portefeuille")})
        self.fi.configure({"fi": self.runtime.url("fi")})

    @property
    def discovery(self) -> str:
        return self.runtime.url("psc") + DISCOVERY


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    pki = Pki.create(tmp_path_factory.mktemp("projet") / "pki", structure=STRUCTURE.nom, finess_ej=STRUCTURE.finess_ej)
    made = World(pki, tmp_path_factory.mktemp("cles"))
    yield made
    made.runtime.stop()
    assert not made.runtime.failures


def pinned(constraints: str) -> dict[str, object]:
    """The files by which npm installs exactly these packages, and refuses another content."""
    rows = [line.split() for line in constraints.splitlines() if not line.startswith("#")]
    root = {"name": "client-etranger", "version": "0.0.0", "dependencies": {name: version for name, version, _ in rows}}
    archives = {f"node_modules/{name}": {"version": version, "integrity": sri} for name, version, sri in rows}
    lock = {"name": root["name"], "lockfileVersion": 3, "requires": True, "packages": {"": root, **archives}}
    return {"package.json": root, "package-lock.json": lock}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """openid-client and what it needs, each at the version and with the hash of ``constraints.txt``."""
    missing = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"{' et '.join(missing)} absent (paquets nodejs et npm)")
    folder = tmp_path_factory.mktemp("openid-client")
    shutil.copy(CLIENT / "client.mjs", folder)
    for name, content in pinned((CLIENT / "constraints.txt").read_text(encoding="utf-8")).items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    done = subprocess.run(
        ["npm", "ci", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"],
        cwd=folder, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"npm ci a échoué : {done.stderr[-300:]}")
    return folder


@contextmanager
def node(folder: Path, *arguments: str, ac: Path) -> Iterator[Node]:
    environment = {**os.environ, "NODE_EXTRA_CA_CERTS": str(ac)}
    command = ["node", str(folder / "client.mjs"), *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield Node(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(30)


@pytest.fixture(scope="module", params=["authlib", "openid-client"])
def party(request: pytest.FixtureRequest, world: World) -> Iterator[Party]:
    client = world.psc.client
    if request.param == "authlib":
        yield Authlib(world.discovery, client, world.pki.ac)
        return
    folder = request.getfixturevalue("installed")
    places = (client.redirect_uris[0], client.post_logout_redirect_uris[0], str(world.keys))
    with node(folder, world.discovery, client.id, client.secret, *places, ac=world.pki.ac) as made:
        yield made


def whole(found: Mapping[str, Any], persona: str) -> None:
    """Everything of a complete login went well, up to the refusal of a refresh after logout."""
    assert "refused" not in found, found
    person = professionals()[persona]
    number = person.id_nat or found["claims"]["SubjectNameID"]
    assert (found["claims"]["SubjectNameID"], found["userinfo"]["SubjectNameID"]) == (number, number)
    assert found["userinfo"]["family_name"] == person.nom
    assert found["after"] == "invalid_grant"
    assert found["logout"].startswith("https://localhost/psc/fin")


@pytest.mark.parametrize("persona", professionals())
def test_complete_login_of_each_persona(party: Party, world: World, persona: str) -> None:
    world.psc.command("persona", {"id": persona})
    whole(party.login(), persona)


@pytest.mark.parametrize(("persona", "channel"), list(zip(professionals(), itertools.cycle(("CARD", "MOBILE")), strict=False)))
def test_complete_login_without_browser(party: Party, world: World, persona: str, channel: str) -> None:
    world.psc.command("ciba", {"decision": "approuve", "apres": 1 if persona == "accents" else 0, "intervalle": 1})
    found = party.ciba(professionals()[persona].id_nat or persona, channel)
    whole(found, persona)
    assert found["claims"]["authMode"] == channel


def test_refusal_without_browser(party: Party, world: World) -> None:
    world.psc.command("ciba", {"decision": "refuse", "intervalle": 1})
    assert party.ciba("899700000001", "MOBILE")["refused"] == "access_denied"
    assert party.ciba("899700009999", "MOBILE")["refused"] == "unknown_user_id"


@pytest.mark.parametrize("auth", ["basic", "post", "jwt-secret", "jwt-cle"])
def test_each_standard_client_authentication(party: Party, world: World, auth: str) -> None:
    world.psc.command("persona", {"id": "infirmiere-ehpad"})
    whole(party.login(auth=auth), "infirmiere-ehpad")
    used = {"basic": "client_secret_basic", "post": "client_secret_post", "jwt-secret": "client_secret_jwt"}
    seen = [s for s in world.recorder.seen if s.kind == "psc.jeton.code" and s.reply is not None]
    assert seen[-1].reply is not None
    assert seen[-1].reply.facts["client_auth"] == used.get(auth, "private_key_jwt")


@pytest.mark.parametrize("format", ["jwt", "jwe"])
def test_userinfo_signed_or_encrypted(party: Party, world: World, format: str) -> None:
    world.psc.command("persona", {"id": "medecin-multi"})
    world.psc.command("userinfo", {"format": format})
    try:
        whole(party.login(userinfo=format), "medecin-multi")
    finally:
        world.psc.command("userinfo", {"format": "json"})


@pytest.mark.parametrize("panne", REFUSED_BY_BOTH)
def test_false_provider_is_refused_by_the_client_that_accepts_the_true_one(party: Party, world: World, panne: str) -> None:
    world.psc.command("persona", {"id": "infirmiere-ehpad"})
    world.psc.arm(panne, times=None)
    try:
        found = party.login()
    finally:
        world.psc.disarm(panne)
    assert ("refused" in found) == (panne not in NOT_SEEN_BY.get(party.nom, {})), found
    whole(party.login(), "infirmiere-ehpad")


@pytest.mark.parametrize("panne", ACCEPTED)
def test_unusual_provider_is_accepted(party: Party, world: World, panne: str) -> None:
    world.psc.command("persona", {"id": "infirmiere-ehpad"})
    world.psc.arm(panne, times=None)
    try:
        whole(party.login(), "infirmiere-ehpad")
    finally:
        world.psc.disarm(panne)


def test_new_key_is_found_by_reading_the_keys_again(world: World) -> None:
    world.psc.command("persona", {"id": "infirmiere-ehpad"})
    party = Authlib(world.discovery, world.psc.client, world.pki.ac)
    whole(party.login(), "infirmiere-ehpad")
    world.psc.command("rotation-cles", {})
    whole(party.login(), "infirmiere-ehpad")


def test_pushed_demand(installed: Path, world: World) -> None:
    client = world.psc.client
    world.psc.command("persona", {"id": "accents"})
    places = (client.redirect_uris[0], client.post_logout_redirect_uris[0], str(world.keys))
    with node(installed, world.discovery, client.id, client.secret, *places, ac=world.pki.ac) as made:
        whole(made.login(par=True), "accents")
    assert [s for s in world.recorder.seen if s.kind == "psc.par"]


def test_ordinary_provider_is_reached_by_the_standard_alone(installed: Path, world: World) -> None:
    client = world.fi.client
    world.fi.command("persona", {"id": "educateur"})
    places = (client.redirect_uris[0], client.post_logout_redirect_uris[0], "")
    with node(installed, world.fi.issuer, client.id, client.secret, *places, ac=world.pki.ac) as made:
        found = made.login(alg="ES256", scope="openid profile email")
        world.fi.arm("jeton-signature", times=1)
        assert "refused" in made.login(alg="ES256", scope="openid profile email")
    assert found["userinfo"]["rpps"] == professionals()["educateur"].id_nat[1:]
    assert found["after"] == "invalid_grant"


def test_mutual_tls_authenticates_and_binds(world: World) -> None:
    world.psc.command("persona", {"id": "infirmiere-ehpad"})
    own = world.pki.client("auth_cli")
    party = Authlib(world.discovery, world.psc.client, world.pki.ac, certificate=(str(own.certificate), str(own.key)))
    whole(party.login(auth="tls"), "infirmiere-ehpad")
    seen = next(s for s in reversed(world.recorder.seen) if s.kind == "psc.jeton.code")
    assert seen.reply is not None
    assert (seen.reply.facts["client_auth"], seen.reply.facts["lie"]) == ("tls_client_auth", True)
