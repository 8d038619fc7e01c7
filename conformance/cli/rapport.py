"""``rapport``: the reports of a campaign written again, or its findings as tables for a tracker."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import EXISTING, guarded
from .rem_tenu import held_by_path, rem_option, tell_unspoken

if TYPE_CHECKING:
    from ..reports.rem.enregistrement import RemCroise


@click.command()
@click.argument("campagne", type=EXISTING)
@click.option(
    "--format",
    "form",
    type=click.Choice(("tout", "markdown", "csv", "xlsx", "badge")),
    default="tout",
    show_default=True,
    help="tout : rapport.html, rapport.json, junit.xml, couverture.csv, pv.pdf ; badge : badge.svg ; "
    "sinon les constats et les exigences en tables.",
)
@click.option("--reference", type=EXISTING, help="Campagne à laquelle comparer (défaut : celle donnée à run, s'il y en eut une).")
@click.option(
    "--sortie", type=click.Path(path_type=Path, file_okay=False), help="Dossier des tables ou du badge (défaut : la campagne)."
)
@rem_option
@guarded
def rapport(campagne: Path, form: str, reference: Path | None, sortie: Path | None, rem_donne: Path | None) -> int:
    """Réécrit les rapports d'une campagne à partir de son journal, ou en exporte les constats pour un outil de suivi."""
    rem = held_by_path(rem_donne, apres=True)
    if form != "tout":
        return _export(campagne, form, sortie or campagne, rem)
    from ..reports.build import build
    from ..reports.model import load_campaign

    for path in build(campagne, reference, rem).values():
        click.echo(path)
    if rem is None:
        tell_unspoken(load_campaign(campagne))
    return 0


def _export(campagne: Path, form: str, folder: Path, rem: RemCroise | None) -> int:
    from ..reports import badge
    from ..reports.exports import write_exports
    from ..reports.masking import Masker
    from ..reports.model import load_campaign

    model = load_campaign(campagne, rem)
    masker = Masker.of(model.archive)
    folder.mkdir(parents=True, exist_ok=True)
    files = {"badge.svg": badge.write(model, masker)} if form == "badge" else write_exports(form, model, masker)
    for name, content in files.items():
        (folder / name).write_bytes(content)
        click.echo(folder / name)
    tell_unspoken(model)
    return 0
