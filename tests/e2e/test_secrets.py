"""No token, code, session, secret or number of a demand appears in clear in the reports of a campaign."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from e2e.commands import dui

REPORTS = ("rapport.html", "pytest.html", "rapport.json", "junit.xml", "couverture.csv", "journal.jsonl")


@dataclass(frozen=True)
class Played:
    """Scenarios, the kinds of calls that they make, how many secrets these carry at least, and whose client has a secret."""

    scenarios: tuple[str, ...]
    kinds: tuple[str, ...]
    secrets: int
    clients: tuple[str, ...] = ()


LOGINS = Played(
    (
        "psc_ciba.connexion_sans_navigateur",
        "psc_connexion.userinfo_chiffre_accepte",
        "psc_autre_fournisseur.connexion_par_un_autre_fournisseur",
        "psc_session.rafraichissement_du_jeton_d_acces",
        "psc_traces.traces_des_connexions",
    ),
    ("psc.autorisation", "psc.ciba", "psc.jeton.ciba", "psc.jeton.rafraichissement", "fi.jeton.code", "fi.userinfo"),
    20,
    ("psc", "fi"),
)
EDC = Played(
    ("edc_echange.echange_puis_appel", "edc_proxy.appel_par_le_proxy", "edc_proxy_editeur.session_du_proxy"),
    ("edc.echange", "edc.api.signature", "edc.proxy.connect", "edc.proxy-editeur.connect"),
    10,
)


@pytest.mark.parametrize("played", [LOGINS, EDC], ids=["connexions", "espace-de-confiance"])
def test_reports_hold_no_secret(tmp_path: Path, played: Played) -> None:
    chosen = [word for name in played.scenarios for word in ("--seulement", name)]
    ended = dui(tmp_path, "run", *chosen, "--sortie", "c")
    assert ended.code == 0, ended.out
    folder = tmp_path / "c"
    events = [json.loads(line) for line in (folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {e["genre"] for e in events if e["type"] == "requete"} >= set(played.kinds)
    heads = [blob(folder, e["tete"]) for e in events if e["type"] in ("requete", "reponse")]
    services = json.loads((folder / "services.json").read_text(encoding="utf-8"))
    secrets = {secret for head in heads for secret in head["secrets"]}
    secrets |= {services[client]["client_secret"] for client in played.clients}
    assert len(secrets) > played.secrets
    for name in REPORTS:
        text = (folder / name).read_text(encoding="utf-8")
        assert [s[:12] for s in secrets if s in text] == [], name
    assert all(secret not in ended.out for secret in secrets)


def blob(folder: Path, name: str) -> dict[str, Any]:
    """What the journal keeps aside under this name."""
    kept: dict[str, Any] = json.loads(next(folder.glob(f"blobs/**/{name}*")).read_bytes())
    return kept
