"""``pki``: the project's test PKI."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..core.plateforme import private_folder
from ..core.settings import Settings
from .house import PROJECT


def open_pki(settings: Settings, project: Path) -> Any:
    """The PKI of a project folder, made at first use."""
    from ..mocks.pki.store import Pki

    return Pki.open(
        private_folder(project / PROJECT) / "pki",
        names=settings.services.noms,
        finess_ej=settings.structure.finess_ej,
        finess_eg=settings.structure.finess_eg,
    )


def renew_pki(settings: Settings, project: Path) -> Path:
    """Make it anew; the former one is kept beside, under its date."""
    folder = private_folder(project / PROJECT) / "pki"
    if folder.exists():
        former, n = folder.with_name("pki-remplacee"), 1
        while former.exists():
            n += 1
            former = folder.with_name(f"pki-remplacee-{n}")
        folder.rename(former)
    open_pki(settings, project)
    return folder
