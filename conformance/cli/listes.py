"""The commands that list what the bench holds: ``catalogue``, ``defauts``, ``pannes``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ..core.settings import SECTEURS, Settings
from .options import config_option, format_option, guarded, project_of, settings_of
from .rem_tenu import held_by_project, rem_option


@click.command()
@click.option("--secteur", type=click.Choice(tuple(SECTEURS)), help="Seulement les exigences de ce secteur.")
@click.option("--systeme", default="", help="Seulement les exigences de ce système (DMP, INSi, PSC…).")
@click.option("--couverture", is_flag=True, help="La table de couverture, en CSV.")
@rem_option
@config_option
@format_option("texte", "json")
@guarded
def catalogue(secteur: str | None, systeme: str, couverture: bool, rem_donne: Path | None, config: Path | None, form: str) -> int:
    """Les exigences, les scénarios qui les couvrent, et pourquoi certaines ne le sont pas."""
    from .catalogue import rows, table
    from .couverture import coverage_csv

    if couverture:
        click.echo(coverage_csv(), nl=False)
        return 0
    held = held_by_project(project_of(config), settings_of(config), rem_donne)
    found = rows(secteur or "", systeme, held.croisement if held is not None else None)
    click.echo(json.dumps(found, ensure_ascii=False, indent=2) if form == "json" else table(found))
    return 0


@click.command()
@format_option("texte", "json")
@guarded
def defauts(form: str) -> int:
    """Les défauts nommés du DUI témoin : chacun doit être vu par un contrôle."""
    from .defauts import rows

    found = rows()
    if form == "json":
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return 0
    for row in found:
        where = f" ({row['document']})" if row["document"] else ""
        click.echo(f"{row['nom']:<44} {row['check']:<44} {row['effet']:<14} {row['description']}{where}")
    return 0


@click.command()
@format_option("texte", "json")
@guarded
def pannes(form: str) -> int:
    """Les pannes nommées des services : un DUI correct leur survit."""
    from .services import make_services

    services = make_services(Settings(), None)
    found = [
        {"service": s.nom, "nom": p.nom, "description": p.description, "exigences": list(p.exigences)}
        for s in services.values()
        for p in s.pannes.values()
    ]
    if form == "json":
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return 0
    for row in found:
        click.echo(f"{row['service']:<6} {row['nom']:<28} {row['description']}")
    return 0
