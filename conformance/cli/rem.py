"""``rem``: the user's REM kept in the project, crossed with the catalogue, and exported with the evidence of a campaign."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..catalogue import known_ids, load
from ..core.errors import InputError
from ..core.plateforme import private_folder
from .options import EXISTING, config_option, guarded, project_of
from .pki import PROJECT

if TYPE_CHECKING:
    from ..reports.rem.croisement import Choix, Croisement, Ligne

FOLDER = "rem"
WORKBOOK, CHOICES, NAME = "original", "choix.json", "nom.txt"
LISTS = ("couvertes", "sans-test", "absentes", "a-confirmer")


@click.group()
def rem() -> None:
    """Le REM officiel (classeur que vous seul avez) : croisé avec le catalogue, puis rendu avec vos preuves."""


@rem.command("import")
@click.argument("fichier", type=EXISTING)
@config_option
@guarded
def import_(fichier: Path, config: Path | None) -> int:
    """Charge un REM (xlsx, ods ou csv), en une ligne par preuve ou en format large, et dit ce qui est couvert."""
    from ..validation.rem.classeur import read_rem

    project = project_of(config)
    data = fichier.read_bytes()
    read_rem(fichier.name, data)
    folder = private_folder(private_folder(project / PROJECT) / FOLDER)
    (folder / WORKBOOK).write_bytes(data)
    (folder / NAME).write_text(fichier.name, encoding="utf-8")
    for line in _summary(crossed(project)):
        click.echo(line)
    return 0


@rem.command("liste")
@click.argument("quoi", type=click.Choice(LISTS), default="a-confirmer")
@config_option
@guarded
def liste(quoi: str, config: Path | None) -> int:
    """Montre une des trois listes, ou les rapprochements qui attendent votre choix."""
    for line in _listed(crossed(project_of(config)), quoi):
        click.echo(line)
    return 0


@rem.command("confirmer")
@click.argument("reference")
@click.argument("exigence")
@config_option
@guarded
def confirmer(reference: str, exigence: str, config: Path | None) -> int:
    """Retient que notre exigence répond à cette référence du REM ; le choix est gardé d'un import à l'autre."""
    return _choose(project_of(config), reference, exigence, yes=True)


@rem.command("refuser")
@click.argument("reference")
@click.argument("exigence")
@config_option
@guarded
def refuser(reference: str, exigence: str, config: Path | None) -> int:
    """Retient que notre exigence ne répond pas à cette référence du REM."""
    return _choose(project_of(config), reference, exigence, yes=False)


@rem.command("exporter")
@click.argument("campagne", type=EXISTING)
@click.option("--sortie", type=click.Path(path_type=Path), help="Classeur à écrire (défaut : rem.xlsx dans la campagne).")
@config_option
@guarded
def exporter(campagne: Path, sortie: Path | None, config: Path | None) -> int:
    """Écrit un classeur en 14 colonnes : chaque ligne du REM, son verdict et où est sa preuve."""
    from ..reports.masking import Masker
    from ..reports.model import load_campaign
    from ..reports.rem.exportation import workbook

    model = load_campaign(campagne)
    project = project_of(config)
    held = crossed(project) if (project / PROJECT / FOLDER / WORKBOOK).is_file() else None
    target = sortie or campagne / "rem.xlsx"
    target.write_bytes(workbook(model, Masker.of(model.archive), held))
    click.echo(target)
    return 0


def crossed(project: Path) -> Croisement:
    """The REM of the project beside the catalogue; raises ``InputError`` when none was imported."""
    from ..reports.rem.croisement import cross
    from ..validation.rem.classeur import read_rem
    from .couverture import coverage

    folder = project / PROJECT / FOLDER
    if not (folder / WORKBOOK).is_file():
        raise InputError("aucun REM dans ce projet : « dui-conformance rem import FICHIER.xlsx » en charge un.")
    covered = [name for name, by in coverage().items() if by]
    title = (folder / NAME).read_text(encoding="utf-8")
    return cross(read_rem(title, (folder / WORKBOOK).read_bytes()), load(), covered, _choices(folder))


def _choices(folder: Path) -> Choix:
    from ..reports.rem.croisement import Choix

    path = folder / CHOICES
    if not path.is_file():
        return Choix()
    try:
        return Choix.from_row(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, AttributeError, TypeError):
        raise InputError(f"{path} : choix illisibles ; corrigez ce fichier JSON, ou supprimez-le pour tout rechoisir.") from None


def _choose(project: Path, reference: str, exigence: str, *, yes: bool) -> int:
    from ..validation.rem.references import read_reference

    if exigence not in known_ids():
        raise InputError(f"exigence inconnue : {exigence} (« dui-conformance catalogue » les donne).")
    key = read_reference(reference)
    held = crossed(project)
    keys = {_key(ligne) for ligne in held.lignes}
    wanted = key.complete if key.complete in keys else key.cle
    if wanted not in keys:
        raise InputError(f"référence absente du REM chargé : {reference} (« rem liste » montre ce qu'il tient).")
    folder = project / PROJECT / FOLDER
    chosen = _choices(folder).with_choice(wanted, exigence, yes=yes)
    (folder / CHOICES).write_text(json.dumps(chosen.as_row(), ensure_ascii=False, indent=2), encoding="utf-8")
    said = "y répond" if yes else "n'y répond pas"
    click.echo(f"{wanted} : {exigence} {said} (choix gardé).")
    return 0


def _key(ligne: Ligne) -> str:
    reference = ligne.rem.reference
    return reference.complete if reference.scenario else reference.cle


def _summary(held: Croisement) -> Iterator[str]:
    waiting = sum(bool(ligne.proposees) and not ligne.ours for ligne in held.lignes)
    yield f"{len(held.lignes)} exigences dans ce REM."
    yield f"  couvertes                     {len(held.couvertes):>4}   (rem liste couvertes)"
    yield f"  du REM, sans test             {len(held.sans_test):>4}   (rem liste sans-test)"
    yield f"  du catalogue, absentes du REM {len(held.absentes):>4}   (rem liste absentes)"
    if waiting:
        yield f"{waiting} rapprochements attendent votre choix : « rem liste », puis « rem confirmer RÉFÉRENCE EXIGENCE »."


def _listed(held: Croisement, what: str) -> Iterator[str]:
    if what == "absentes":
        catalogue = load()
        yield from (f"{name:<14} {_short(catalogue[name].enonce)}" for name in held.absentes)
        return
    if what == "a-confirmer":
        waiting = [ligne for ligne in held.lignes if ligne.proposees and not ligne.ours]
        for ligne in waiting:
            yield f"{ligne.rem.reference.brute:<22} {_short(ligne.rem.enonce)}"
            yield from (f"    {name:<14} {why}" for name, why in ligne.proposees)
        if not waiting:
            yield "Aucun rapprochement n'attend de choix."
        return
    for ligne in held.couvertes if what == "couvertes" else held.sans_test:
        yield f"{ligne.rem.reference.brute:<22} {', '.join(ligne.ours) or '–':<26} {_short(ligne.rem.enonce)}"


def _short(text: str) -> str:
    line = " ".join(unicodedata.normalize("NFC", text).split())
    return line if len(line) <= 90 else f"{line[:89]}…"
