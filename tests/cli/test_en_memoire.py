"""The bench inside a test process: addresses, judgements, evidence that says that TLS was not exercised."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from dui_conformance.cli.en_memoire import Banc
from dui_conformance.cli.exemple import write_message
from dui_conformance.core.archive import Archive


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Settings of a project whose test PKI is made once."""
    path = tmp_path_factory.mktemp("projet") / "dui.toml"
    path.write_text('[psc]\nclient_id = "mon-dui"\n', encoding="utf-8")
    return path


def test_calls_are_served_judged_and_reported(tmp_path: Path, config: Path) -> None:
    with Banc(tmp_path / "essai", config=config) as banc:
        with banc.httpx():
            answer = httpx.get(banc.adresses["psc"]["decouverte"])
        assert answer.json()["issuer"] == banc.adresses["psc"]["emetteur"]
        assert [line.split()[-1] for line in banc.lignes] == ["psc.decouverte"]
    report = json.loads(banc.rapports["rapport.json"].read_text(encoding="utf-8"))
    assert report["terminee"]
    assert "non exercé" in banc.rapports["rapport.html"].read_text(encoding="utf-8")


def test_evidence_says_that_tls_was_not_exercised(tmp_path: Path, config: Path) -> None:
    with Banc(tmp_path / "essai", config=config) as banc, banc.httpx(certificat="insi_manu"):
        httpx.get(banc.adresses["insi"]["url"])
    archive = Archive(tmp_path / "essai")
    connections = [archive.exchange(name).connection for name in archive.exchange_ids]
    assert [c.exercised for c in connections] == [False]
    assert connections[0].client_der is not None


@pytest.mark.parametrize(("strict", "answer"), [(False, "<CodeCR>00<"), (True, "Fault>")])
def test_strict_services_refuse_what_others_only_report(tmp_path: Path, config: Path, strict: bool, answer: str) -> None:
    with Banc(tmp_path / "essai", config=config, strict=strict) as banc:
        write_message("recherche-ins", banc.adresses, tmp_path / "insi")
        call = json.loads((tmp_path / "insi" / "appel.json").read_text(encoding="utf-8"))
        body = (tmp_path / "insi" / "corps").read_bytes().replace(b">ADRUN<", b">Adrun<")
        with banc.httpx(certificat="insi_manu"):
            received = httpx.post(call["url"], content=body, headers=call["entetes"])
    assert answer in received.text
    assert [j.verdict for j in banc.jugements] == ["non conforme"]


def test_another_host_is_not_called(tmp_path: Path, config: Path) -> None:
    with Banc(tmp_path / "essai", config=config) as banc, banc.httpx(), pytest.raises(AssertionError):
        httpx.get("https://ailleurs.test/")


def test_settings_are_those_of_the_file(tmp_path: Path, config: Path) -> None:
    with Banc(tmp_path / "essai", config=config) as banc:
        assert banc.adresses["psc"]["client_id"] == "mon-dui"
    assert (config.parent / ".dui-conformance" / "pki").is_dir()
