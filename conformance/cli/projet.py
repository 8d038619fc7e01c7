"""The commands that make and keep a project: ``init``, ``doctor``, ``pki``, ``packs``, ``correspondances``."""

from __future__ import annotations

from pathlib import Path

import click

from ..core.errors import InputError
from .options import CONFIG, EXISTING, config_option, format_option, guarded, project_of, sectors_of, settings_of


@click.command()
@click.option("--dossier", type=click.Path(path_type=Path), default=Path("."), help="Où écrire (défaut : ici).")
@click.option("--attestations", is_flag=True, help="Écrit seulement attestations.toml : le modèle des formulaires à remplir.")
@click.option(
    "--secteurs", default="", metavar="PA,PHO…", help="Secteurs du modèle des attestations (défaut : ceux de dui.toml)."
)
@guarded
def init(dossier: Path, attestations: bool, secteurs: str) -> int:
    """Écrit un dui.toml commenté et le jeu d'essai des usagers à créer dans le DUI."""
    from .init import write_attestations, write_project

    if attestations:
        path = write_attestations(dossier, sectors_of(secteurs) or _sectors(dossier))
        click.echo(f"écrit : {path}")
        click.echo(f'Remplissez-le, puis dans dui.toml : [attestations] fichier = "{path.name}".')
        return 0
    if secteurs:
        raise InputError("--secteurs ne s'emploie qu'avec --attestations : dui.toml dit les secteurs de la campagne.")
    for path in write_project(dossier):
        click.echo(f"écrit : {path}")
    click.echo("Complétez dui.toml, puis « dui-conformance doctor ».")
    return 0


def _sectors(folder: Path) -> tuple[str, ...]:
    """The sectors of the dui.toml of a folder; those of the default settings without one."""
    config = folder / CONFIG
    return settings_of(config if config.is_file() else None).secteurs


@click.command()
@config_option
@guarded
def doctor(config: Path | None) -> int:
    """Dit ce qui manque avant une campagne : réglages, ports, PKI, pilote, outils."""
    from .doctor import diagnose

    found = diagnose(config or (Path(CONFIG) if Path(CONFIG).is_file() else None), project_of(config))
    for row in found:
        click.echo(f"{'ok      ' if row.ok else 'à régler'}  {row.subject} : {row.message}")
    return 0 if all(row.ok or row.optional for row in found) else 2


@click.group()
def pki() -> None:
    """L'IGC-Santé de test : clés et certificats faits sur cette machine, jamais livrés."""


@pki.command("export")
@config_option
@click.option("--sortie", type=click.Path(path_type=Path), default=Path("certificats"), show_default=True)
@click.option("--mot-de-passe", default="", help="Mot de passe des fichiers PKCS#12 (demandé s'il manque).")
@guarded
def pki_export(config: Path | None, sortie: Path, mot_de_passe: str) -> int:
    """Exporte l'AC et les certificats clients (PEM et PKCS#12)."""
    from ..mocks.pki.export import export
    from .pki import open_pki

    password = mot_de_passe or click.prompt("Mot de passe des PKCS#12", hide_input=True)
    for path in export(open_pki(settings_of(config), project_of(config)), sortie, password=password):
        click.echo(path)
    return 0


@pki.command("renouveler")
@config_option
@guarded
def pki_renouveler(config: Path | None) -> int:
    """Refait toute la PKI de test ; les certificats déjà installés dans le DUI sont à remplacer."""
    from .pki import renew_pki

    click.echo(f"PKI refaite dans {renew_pki(settings_of(config), project_of(config))}")
    return 0


@click.command()
@click.argument("fichier", metavar="FICHIER", type=EXISTING)
@click.option("--modele", required=True, metavar="MODELE", help="Sorte de fichier : traces-ins, traces-connexions…")
@click.option("--sortie", type=click.Path(path_type=Path, dir_okay=False), help="correspondances.toml à compléter.")
@guarded
def correspondances(fichier: Path, modele: str, sortie: Path | None) -> int:
    """Propose comment lire un fichier du DUI (CSV, JSON, XLSX, ODS) : la section de correspondances.toml à vérifier."""
    from .correspondances import propose_section

    text = propose_section(fichier, modele, sortie)
    click.echo(text if sortie is None else f"écrit : {sortie}, section [{modele}], à vérifier", nl=sortie is not None)
    return 0


@click.group()
def packs() -> None:
    """Ce que vous seul avez : kit CDA officiel, schématrons, référentiels (COG). Ajoutés au projet, jamais livrés."""


@packs.command("add")
@config_option
@click.argument("chemins", metavar="CHEMIN…", nargs=-1, required=True, type=EXISTING)
@click.option("--nom", default="", help="Nom du pack (défaut : celui de sa sorte, ou de pack.toml).")
@guarded
def packs_add(config: Path | None, chemins: tuple[Path, ...], nom: str) -> int:
    """Ajoute un dossier, un .zip, un .tgz ou une table .csv : reconnu par son contenu, vérifié, figé par son empreinte."""
    from datetime import datetime

    from .packs import add, listing

    if nom and len(chemins) > 1:
        raise InputError("--nom : un seul CHEMIN à la fois.")
    click.echo(listing(add(project_of(config), chemins, nom, datetime.now().astimezone())))
    return 0


@packs.command("list")
@config_option
@format_option("texte", "json")
@guarded
def packs_list(config: Path | None, form: str) -> int:
    """Les packs du projet."""
    from .packs import as_json, listing, store_of

    found = store_of(project_of(config)).packs()
    click.echo(as_json(found) if form == "json" else listing(found))
    return 0


@packs.command("remove")
@config_option
@click.argument("nom")
@guarded
def packs_remove(config: Path | None, nom: str) -> int:
    """Retire un pack du projet."""
    from .packs import store_of

    click.echo(f"retiré : {store_of(project_of(config)).remove(nom).name}")
    return 0
