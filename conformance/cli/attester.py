"""``attester``: attestations given after the end of a campaign, judged with what it recorded, then sealed after its seal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import EXISTING, guarded
from .preuves import announced, local, project_of_campaign

if TYPE_CHECKING:
    from ..core.formulaire import Attestation

DEFAULT = "attestations.toml"


@click.command()
@click.argument("campagne", type=EXISTING)
@click.option(
    "--attestations", "fichier", type=click.Path(path_type=Path), default=DEFAULT, show_default=True, help="Réponses à lire."
)
@guarded
def attester(campagne: Path, fichier: Path) -> int:
    """Ajoute à une campagne finie les attestations données depuis, réécrit ses rapports et la scelle de nouveau.

    Ce qui était déjà attesté ou observé ne change pas ; les preuves scellées avant sont gardées, et nommées par les nouvelles.
    """
    from ..reports.build import build
    from ..reports.sceau.scelle import PREUVES, seal, sha256_of
    from .attestations import read_attestations
    from .avenant import late, write

    given = read_attestations(fichier)
    avenants = late(campagne, given.of)
    if not avenants:
        click.echo(f"Rien à ajouter : {fichier} ne répond à aucun formulaire resté ouvert dans cette campagne.")
        return 0
    former = campagne / PREUVES
    write(campagne, avenants, sha256_of(former) if former.is_file() else "")
    for question, answer in (each for avenant in avenants for each in avenant.answered):
        click.echo(f"{', '.join(question.exigences)} : {_said(answer)}")
    build(campagne)
    sealer = local(project_of_campaign(campagne))
    for line in announced(seal(campagne, sealer), sealer):
        click.echo(line)
    click.echo(f"Rapport : {campagne / 'rapport.html'}")
    return 0


def _said(answer: Attestation) -> str:
    if answer.manque:
        return f"{answer.verdict.libelle} : {answer.manque}"
    return f"{answer.verdict.libelle}, attesté par {answer.par}"
