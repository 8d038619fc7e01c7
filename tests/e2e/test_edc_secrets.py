"""No token, session or code of the espace de confiance appears in clear in the reports of a campaign."""

from __future__ import annotations

import json
from pathlib import Path

from e2e.commands import dui

KINDS = ("edc.echange", "edc.api.signature", "edc.proxy.connect", "edc.proxy-editeur.connect")


def test_reports_hold_no_token_nor_session(tmp_path: Path) -> None:
    ended = dui(
        tmp_path,
        "run",
        *("--seulement", "edc_echange.echange_puis_appel"),
        *("--seulement", "edc_proxy.appel_par_le_proxy"),
        *("--seulement", "edc_proxy_editeur.session_du_proxy"),
        *("--sortie", "c"),
    )
    assert ended.code == 0, ended.out
    folder = tmp_path / "c"
    events = [json.loads(line) for line in (folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {e["genre"] for e in events if e["type"] == "requete"} >= set(KINDS)
    heads = [json.loads((found(folder, e["tete"])).read_bytes()) for e in events if e["type"] in ("requete", "reponse")]
    secrets = {secret for head in heads for secret in head["secrets"]}
    assert len(secrets) > 10
    for name in ("rapport.html", "pytest.html", "rapport.json", "junit.xml", "couverture.csv", "journal.jsonl"):
        text = (folder / name).read_text(encoding="utf-8")
        assert [s[:12] for s in secrets if s in text] == [], name
    assert all(secret not in ended.out for secret in secrets)


def found(folder: Path, blob: str) -> Path:
    return next(folder.glob(f"blobs/**/{blob}*"))
