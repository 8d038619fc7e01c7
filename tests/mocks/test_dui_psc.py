"""The PSC client of the reference DUI: every way to log in, the life of its session, its traces, what it never writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from dui_conformance.core.gestures import Etat
from dui_conformance.core.gestures.connexion import ExporterTraces, SeConnecter, SeDeconnecter, UtiliserSession
from dui_conformance.fixtures.personas import subject_name_id
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.mocks.dui.dui import Dui
from dui_conformance.mocks.pki import Pki
from dui_conformance.mocks.psc.client import ClientKeys
from samples.banc_dui import Banc


@pytest.fixture(scope="module")
def banc(pki: Pki) -> Iterator[Banc]:
    made = Banc(pki)
    yield made
    made.close()


@pytest.fixture
def ouvert(pki: Pki) -> Iterator[Banc]:
    made = Banc(pki)
    yield made
    made.close()


@pytest.mark.parametrize("mode", ["web", "ciba"])
@pytest.mark.parametrize("persona", sorted(professionals()))
def test_every_persona_logs_in(banc: Banc, persona: str, mode: str) -> None:
    resultat = banc.jouer(SeConnecter(persona, mode=mode))
    assert resultat.etat is Etat.FAIT, resultat.message
    assert resultat.observation("compte") == f"compte-{subject_name_id(professionals()[persona])}"
    assert mode == "web" or len(str(resultat.observation("nombre"))) == 2
    assert banc.jouer(SeDeconnecter()).observation("session") is False


@pytest.mark.parametrize("method", ["private_key_jwt", "tls_client_auth"])
def test_other_proofs_of_the_client_are_accepted(pki: Pki, ouvert: Banc, tmp_path: Path, method: str) -> None:
    keys = ClientKeys(tmp_path / "cles.json")
    assert keys.keys
    services = ouvert.services | {
        "psc": ouvert.services["psc"] | {"authentification": method, "cles": str(tmp_path / "cles.json")}
    }
    object.__setattr__(ouvert.psc.client, "keys", keys)
    pem = Path(services["certificats"]["auth_cli"]["certificat"]).read_bytes()
    object.__setattr__(ouvert.psc.client, "dn", x509.load_pem_x509_certificate(pem).subject.rfc4514_string())
    dui = Dui(services, now=ouvert.clock.now)
    assert dui.play(SeConnecter("infirmiere-ehpad")).etat is Etat.FAIT
    facts = [reply.facts for reply in ouvert.vu.reponses.values() if "client_auth" in reply.facts]
    assert {each["client_auth"] for each in facts} == {method}
    dui.close()


@pytest.mark.parametrize("form", ["json", "jwt", "jwe"])
def test_userinfo_is_read_in_its_three_forms(ouvert: Banc, tmp_path: Path, form: str) -> None:
    keys = ClientKeys(tmp_path / "cles.json")
    assert keys.encryption
    object.__setattr__(ouvert.psc.client, "keys", keys)
    ouvert.psc.command("userinfo", {"format": form})
    dui = Dui(ouvert.services | {"psc": ouvert.services["psc"] | {"cles": str(tmp_path / "cles.json")}}, now=ouvert.clock.now)
    assert dui.play(SeConnecter("medecin-multi")).etat is Etat.FAIT
    dui.close()


def test_encrypted_userinfo_without_a_key_is_refused(ouvert: Banc) -> None:
    ouvert.psc.command("userinfo", {"format": "jwe"})
    assert ouvert.jouer(SeConnecter("medecin-multi")).etat is Etat.REFUSE


def test_idle_session_is_locked_and_activity_keeps_it(ouvert: Banc) -> None:
    ouvert.jouer(SeConnecter("infirmiere-ehpad"))
    for _ in range(3):
        ouvert.avancer(minutes=20)
        assert ouvert.jouer(UtiliserSession()).observation("session") is True
    ouvert.avancer(minutes=31)
    before = len(ouvert.vu.sortes)
    assert ouvert.jouer(UtiliserSession()).observation("session") is False
    assert len(ouvert.vu.sortes) == before


def test_logout_during_an_outage_forgets_the_session(ouvert: Banc) -> None:
    ouvert.jouer(SeConnecter("infirmiere-ehpad"))
    ouvert.psc.arm("indisponible", times=None)
    assert ouvert.jouer(SeDeconnecter()).observation("session") is False


def test_nothing_secret_is_written_beside_the_traces(ouvert: Banc, tmp_path: Path) -> None:
    dui = Dui(ouvert.services, now=ouvert.clock.now, dossier=tmp_path)
    for mode in ("web", "ciba"):
        dui.play(SeConnecter("infirmiere-ehpad", mode=mode))
        ouvert.clock.advance(timedelta(minutes=3))
        dui.play(UtiliserSession())
        dui.play(SeDeconnecter())
    ouvert.psc.arm("acces-refuse", times=1)
    dui.play(SeConnecter("infirmiere-ehpad"))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in files] == ["traces-connexions.jsonl"]
    text = files[0].read_text(encoding="utf-8") + dui.play(ExporterTraces()).pieces[0].data.decode()
    minted = {secret for reply in ouvert.vu.reponses.values() for secret in reply.secrets if len(secret) > 8}
    assert len(minted) > 8
    assert not [secret for secret in minted if secret in text]
    rows = [json.loads(line) for line in files[0].read_text(encoding="utf-8").splitlines()]
    assert [(row["nature"], row["resultat"]) for row in rows] == [
        ("connexion", "réussi"),
        ("déconnexion", "réussi"),
        ("connexion", "réussi"),
        ("déconnexion", "réussi"),
        ("connexion", "refusé"),
    ]
    assert {row["acr"] for row in rows[:4]} == {"eidas1"}
    dui.close()
