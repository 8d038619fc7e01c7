"""The file of the fictional editor as a real editor keeps his: pieces in a folder, and the attestations that name them.

The reference DUI answers its forms by itself; behind another driver, ``attestations.toml`` must say the same.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from dui_conformance.core.settings import Settings
from dui_conformance.mocks.dui.configuration import Logiciel
from dui_conformance.mocks.dui.dossier_editeur import SIGNATAIRE, DossierEditeur
from dui_conformance.mocks.dui.regles_dossier import ReglesDossier


def write_dossier(project: Path) -> str:
    """Write the pieces and ``attestations.toml`` under a project; gives the path of the latter from there."""
    folder = project / "dossier"
    folder.mkdir(exist_ok=True)
    settings = Settings()
    produit, dmp = settings.produit, settings.dmp
    software = Logiciel(produit.nom, produit.version, dmp.lps_nom, dmp.lps_version, dmp.id_homologation, settings.insi.idam)
    held = DossierEditeur(software, ReglesDossier(), lambda: datetime.now(UTC))
    lines = []
    for exigence in held.exigences:
        answer = held.repondre([exigence])
        assert answer is not None
        [piece] = answer["pieces"]  # type: ignore[misc, attr-defined]
        (folder / piece.nom).write_bytes(piece.data)
        lines.append(
            f'[[attestation]]\nexigence = "{exigence}"\nverdict = "{answer["verdict"]}"\npar = "{SIGNATAIRE}"\n'
            f'date = {date.today()}\npieces = ["{piece.nom}"]\n'
        )
    (folder / "attestations.toml").write_text("\n".join(lines), encoding="utf-8")
    return "dossier/attestations.toml"
