"""No token, code, secret or number of a demand appears in clear in the reports of the logins by every way."""

from __future__ import annotations

import json
from pathlib import Path

from e2e.commands import dui

KINDS = ("psc.autorisation", "psc.ciba", "psc.jeton.ciba", "psc.jeton.rafraichissement", "fi.jeton.code", "fi.userinfo")


def test_reports_hold_no_token_of_any_login(tmp_path: Path) -> None:
    ended = dui(
        tmp_path,
        "run",
        *("--seulement", "psc_ciba.connexion_sans_navigateur"),
        *("--seulement", "psc_connexion.userinfo_chiffre_accepte"),
        *("--seulement", "psc_autre_fournisseur.connexion_par_un_autre_fournisseur"),
        *("--seulement", "psc_session.rafraichissement_du_jeton_d_acces"),
        *("--seulement", "psc_traces.traces_des_connexions"),
        *("--sortie", "c"),
    )
    assert ended.code == 0, ended.out
    folder = tmp_path / "c"
    events = [json.loads(line) for line in (folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {e["genre"] for e in events if e["type"] == "requete"} >= set(KINDS)
    heads = [json.loads(_found(folder, e["tete"]).read_bytes()) for e in events if e["type"] in ("requete", "reponse")]
    services = json.loads((folder / "services.json").read_text(encoding="utf-8"))
    secrets = {secret for head in heads for secret in head["secrets"]}
    secrets |= {services["psc"]["client_secret"], services["fi"]["client_secret"]}
    assert len(secrets) > 20
    for name in ("rapport.html", "pytest.html", "rapport.json", "junit.xml", "couverture.csv", "journal.jsonl"):
        text = (folder / name).read_text(encoding="utf-8")
        assert [s[:12] for s in secrets if s in text] == [], name
    assert all(secret not in ended.out for secret in secrets)


def _found(folder: Path, blob: str) -> Path:
    return next(folder.glob(f"blobs/**/{blob}*"))
