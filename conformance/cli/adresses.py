"""``adresses``: services.json without any campaign, so that a DUI can be set and started before it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import click

from ..core.plateforme import write_private
from .options import config_option, guarded, project_of, settings_of


@click.command()
@config_option
@click.option(
    "--sortie",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("services.json"),
    show_default=True,
    help="Fichier à écrire ; il n'est lisible que de vous.",
)
@guarded
def adresses(config: Path | None, sortie: Path) -> int:
    """Écrit services.json sans rien jouer : de quoi régler et démarrer le DUI avant « run » (ports fixés dans dui.toml)."""
    from .house import House, Plan

    settings = settings_of(config)
    with tempfile.TemporaryDirectory(prefix="dui-conformance-") as folder:
        plan = Plan(settings=settings, folder=Path(folder) / "adresses", project=project_of(config), pilote="aucun")
        with House(plan, None) as house:
            endpoints = house.endpoints
            fixed = {name for name, port in settings.services.ports.items() if port}
            moving = [name for name in endpoints["ports"] if name not in fixed]
    sortie.absolute().parent.mkdir(parents=True, exist_ok=True)
    write_private(sortie, json.dumps(endpoints, indent=2, ensure_ascii=False).encode())
    click.echo(f"écrit : {sortie}")
    if moving:
        click.echo(f"Ports non fixés dans [services.ports], qui changeront au prochain lancement : {', '.join(moving)}")
    return 0
