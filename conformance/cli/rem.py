"""``rem``: the user's REM kept in the project, crossed with the catalogue, and exported with the evidence of a campaign."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..catalogue import known_ids, load
from ..core.errors import InputError
from .options import EXISTING, config_option, guarded, project_of, settings_of
from .rem_tenu import Store, crossed, held_by, held_by_path, rem_option, store_of

if TYPE_CHECKING:
    from ..reports.rem.croisement import Croisement

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

    data = fichier.read_bytes()
    read = read_rem(fichier.name, data)
    store = store_of(project_of(config), settings_of(config), make=True)
    store.fill(fichier.name, data)
    for line in _summary(crossed(read, store.choices())):
        click.echo(line)
    return 0


@rem.command("liste")
@click.argument("quoi", type=click.Choice(LISTS), default="a-confirmer")
@config_option
@guarded
def liste(quoi: str, config: Path | None) -> int:
    """Montre une des trois listes, ou les rapprochements qui attendent votre choix."""
    for line in _listed(held_by(_store(config)).croisement, quoi):
        click.echo(line)
    return 0


@rem.command("confirmer")
@click.argument("reference")
@click.argument("exigence")
@config_option
@guarded
def confirmer(reference: str, exigence: str, config: Path | None) -> int:
    """Retient que notre exigence répond à cette référence du REM ; le choix est gardé d'un import à l'autre."""
    return _choose(_store(config), reference, exigence, yes=True)


@rem.command("refuser")
@click.argument("reference")
@click.argument("exigence")
@config_option
@guarded
def refuser(reference: str, exigence: str, config: Path | None) -> int:
    """Retient que notre exigence ne répond pas à cette référence du REM."""
    return _choose(_store(config), reference, exigence, yes=False)


@rem.command("exporter")
@click.argument("campagne", type=EXISTING)
@click.option("--sortie", type=click.Path(path_type=Path), help="Classeur à écrire (défaut : rem.xlsx dans la campagne).")
@rem_option
@config_option
@guarded
def exporter(campagne: Path, sortie: Path | None, rem_donne: Path | None, config: Path | None) -> int:
    """Écrit un classeur en 14 colonnes : chaque ligne du REM, son verdict et où est sa preuve.

    Le REM est celui de --rem, sinon celui que la campagne a enregistré, sinon celui du projet.
    """
    from ..reports.masking import Masker
    from ..reports.model import load_campaign
    from ..reports.rem.exportation import workbook

    model = load_campaign(campagne, held_by_path(rem_donne, apres=True))
    store = _store(config)
    if model.rem is None and store.filled:
        model = load_campaign(campagne, held_by(store, apres=True))
    target = sortie or campagne / "rem.xlsx"
    target.write_bytes(workbook(model, Masker.of(model.archive), model.rem.croisement if model.rem is not None else None))
    click.echo(target)
    return 0


def _store(config: Path | None) -> Store:
    return store_of(project_of(config), settings_of(config))


def _choose(store: Store, reference: str, exigence: str, *, yes: bool) -> int:
    from ..validation.rem.references import read_reference

    if exigence not in known_ids():
        raise InputError(f"exigence inconnue : {exigence} (« dui-conformance catalogue » les donne).")
    key = read_reference(reference)
    keys = {ligne.cle for ligne in held_by(store).croisement.lignes}
    wanted = key.complete if key.complete in keys else key.cle
    if wanted not in keys:
        raise InputError(f"référence absente du REM chargé : {reference} (« rem liste » montre ce qu'il tient).")
    store.choose(wanted, exigence, yes=yes)
    said = "y répond" if yes else "n'y répond pas"
    click.echo(f"{wanted} : {exigence} {said} (choix gardé).")
    return 0


def _summary(held: Croisement) -> Iterator[str]:
    waiting = len(held.en_attente)
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
        for ligne in held.en_attente:
            yield f"{ligne.rem.reference.brute:<22} {_short(ligne.rem.enonce)}"
            yield from (f"    {name:<14} {why}" for name, why in ligne.proposees)
        if not held.en_attente:
            yield "Aucun rapprochement n'attend de choix."
        return
    for ligne in held.couvertes if what == "couvertes" else held.sans_test:
        yield f"{ligne.rem.reference.brute:<22} {', '.join(ligne.ours) or '–':<26} {_short(ligne.rem.enonce)}"


def _short(text: str) -> str:
    line = " ".join(unicodedata.normalize("NFC", text).split())
    return line if len(line) <= 90 else f"{line[:89]}…"
