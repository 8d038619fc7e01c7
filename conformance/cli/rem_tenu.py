"""Where a project keeps its REM with what a person chose, and which one a campaign or a report takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..catalogue import load
from ..core.errors import InputError
from ..core.plateforme import private_folder
from .options import EXISTING
from .pki import PROJECT

if TYPE_CHECKING:
    from ..core.settings import Settings
    from ..reports.model import CampaignModel
    from ..reports.rem.croisement import Choix, Croisement
    from ..reports.rem.enregistrement import RemCroise
    from ..validation.rem.classeur import Rem

FOLDER = "rem"
WORKBOOK, CHOICES, NAME = "original", "choix.json", "nom.txt"


@dataclass(frozen=True, slots=True)
class Store:
    """A folder that ``rem import`` filled: the workbook as it was given, its name, the choices of a person."""

    folder: Path

    @property
    def filled(self) -> bool:
        """True when a REM was imported there."""
        return (self.folder / WORKBOOK).is_file()

    def fill(self, name: str, data: bytes) -> None:
        """Keep a workbook in place of the former; choices stay."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / WORKBOOK).write_bytes(data)
        (self.folder / NAME).write_text(name, encoding="utf-8")

    def rem(self) -> Rem:
        """Its workbook; raises ``InputError`` when none was imported."""
        from ..validation.rem.classeur import read_rem

        if not self.filled:
            raise InputError("aucun REM dans ce projet : « dui-conformance rem import FICHIER.xlsx » en charge un.")
        name = self.folder / NAME
        title = name.read_text(encoding="utf-8") if name.is_file() else self.folder.name
        return read_rem(title, (self.folder / WORKBOOK).read_bytes())

    def choices(self) -> Choix:
        """What a person decided; raises ``InputError`` for a file that says something else."""
        from ..reports.rem.croisement import Choix

        path = self.folder / CHOICES
        if not path.is_file():
            return Choix()
        try:
            return Choix.from_row(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, AttributeError, TypeError):
            raise InputError(
                f"{path} : choix illisibles ; corrigez ce fichier JSON, ou supprimez-le pour tout rechoisir."
            ) from None

    def choose(self, key: str, exigence: str, *, yes: bool) -> None:
        """Keep one more decision."""
        chosen = self.choices().with_choice(key, exigence, yes=yes)
        text = json.dumps(chosen.as_row(), ensure_ascii=False, indent=2, sort_keys=True)
        (self.folder / CHOICES).write_text(f"{text}\n", encoding="utf-8")


def store_of(project: Path, settings: Settings, *, make: bool = False) -> Store:
    """The REM of a project: the folder that ``[pieces] rem`` names, else ours; ``make``: to write in it."""
    if settings.pieces.rem:
        return Store(project / settings.pieces.rem)
    folder = project / PROJECT
    return Store(private_folder(private_folder(folder) / FOLDER) if make else folder / FOLDER)


def rem_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--rem``."""
    text = "REM à employer : dossier rempli par « rem import » (choix compris), ou classeur."
    return click.option("--rem", "rem_donne", type=EXISTING, metavar="CHEMIN", help=text)(command)


def crossed(rem: Rem, choix: Choix) -> Croisement:
    """A REM beside the catalogue and what the scenarios of this version cover."""
    from ..reports.rem.croisement import cross
    from .couverture import coverage

    return cross(rem, load(), [name for name, by in coverage().items() if by], choix)


def held_by(store: Store, *, apres: bool = False) -> RemCroise:
    """What a folder holds, crossed; raises ``InputError``."""
    return _croise(store.rem(), store.choices(), apres=apres)


def held_by_project(project: Path, settings: Settings, given: Path | None) -> RemCroise | None:
    """The REM of a campaign that begins: ``given``, else that of the project, if any; raises ``InputError``."""
    if given is not None:
        return held_by_path(given)
    store = store_of(project, settings)
    if settings.pieces.rem and not store.filled:
        raise InputError(f"[pieces] rem : aucun REM dans {store.folder} ; « dui-conformance rem import FICHIER.xlsx » l'y range.")
    return held_by(store) if store.filled else None


def held_by_path(given: Path | None, *, apres: bool = False) -> RemCroise | None:
    """The REM of ``--rem``: a folder filled by ``rem import``, or a workbook, without any choice; raises ``InputError``."""
    from ..reports.rem.croisement import Choix
    from ..validation.rem.classeur import read_rem

    if given is None:
        return None
    if given.is_dir():
        if not Store(given).filled:
            raise InputError(f"--rem {given} : ce dossier n'a pas été rempli par « rem import ».")
        return held_by(Store(given), apres=apres)
    return _croise(read_rem(given.name, given.read_bytes()), Choix(), apres=apres)


def _croise(rem: Rem, choix: Choix, *, apres: bool) -> RemCroise:
    from ..reports.rem.enregistrement import RemCroise

    return RemCroise.of(rem, choix, crossed(rem, choix), apres=apres)


def tell_unspoken(model: CampaignModel) -> None:
    """Say that the REM of the current folder's project is not what this campaign speaks."""
    store = Store(Path(PROJECT) / FOLDER)
    if model.rem is None and store.filled:
        click.echo(f"Campagne jouée sans REM : « --rem {store.folder} » y met les références officielles.", err=True)
