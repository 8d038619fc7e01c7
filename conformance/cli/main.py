"""The command line. Each command is thin: it reads options, calls one function, and turns errors into exit codes."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ..core.errors import InputError
from ..core.plateforme import use_utf8_output
from ..core.settings import PILOTES
from .adresses import adresses
from .attester import attester
from .francais import speak_french
from .listes import catalogue, defauts, pannes
from .options import EXISTING, config_option, format_option, guarded, project_of, sectors_of, settings_of
from .preuves import sceller, verifier
from .projet import correspondances, doctor, init, packs, pki
from .pv import pv, va
from .rapport import rapport
from .rem import rem
from .rem_tenu import rem_option

speak_french()


@click.group(context_settings={"help_option_names": ["-h", "--aide", "--help"]})
@click.version_option(package_name="dui-conformance", prog_name="dui-conformance", message="%(prog)s %(version)s")
def cli() -> None:
    """Banc d'essai de conformité Ségur « Vague 2 » pour les DUI : services simulés, contrôles, preuves.

    Il répète les plateformes nationales hors ligne et n'en remplace aucune.
    """


@cli.command()
@config_option
@click.option("--pilote", type=click.Choice(PILOTES), help="Qui fait les gestes (défaut : celui de dui.toml, sinon temoin).")
@click.option("--secteurs", default="", help="Secteurs du DUI, séparés par des virgules (PA,PHO…).")
@click.option("--seulement", multiple=True, help="Exigence, système ou scénario à jouer ; répétable.")
@click.option("--defaut", multiple=True, help="Défaut nommé du DUI témoin (voir « defauts ») ; répétable.")
@click.option("--strict", is_flag=True, help="Compte un avertissement comme non conforme.")
@click.option("--reference", type=EXISTING, help="Campagne de référence : ne signale que ce qui est moins bon.")
@click.option("--sortie", type=click.Path(path_type=Path), help="Dossier de la campagne (défaut : campagnes/<date-heure>).")
@click.option("--reprendre", is_flag=True, help="Continue la campagne interrompue de --sortie, ou la plus récente.")
@click.option("--console", "page", is_flag=True, help="Ouvre la console : une page locale où suivre la campagne et répondre.")
@rem_option
@guarded
def run(
    config: Path | None,
    pilote: str | None,
    secteurs: str,
    seulement: tuple[str, ...],
    defaut: tuple[str, ...],
    strict: bool,
    reference: Path | None,
    sortie: Path | None,
    reprendre: bool,
    page: bool,
    rem_donne: Path | None,
) -> int:
    """Joue une campagne et en écrit le rapport et le projet de PV."""
    from .attestations import project_attestations
    from .house import Plan
    from .run import default_folder, newest_open, run_campaign, run_settings
    from .terminal import Console

    if reprendre and rem_donne is not None:
        raise InputError("--rem : une campagne reprise garde le REM de son début ; « rapport --rem » en emploie un autre.")
    settings = run_settings(settings_of(config), sectors_of(secteurs), pilote or "")
    project = project_of(config)
    folder = sortie
    if folder is None:
        folder = newest_open(Path.cwd()) if reprendre else default_folder(Path.cwd())
    only = seulement
    if defaut:
        from .defauts import selection_for

        faults = selection_for(defaut)
        settings = run_settings(settings, () if secteurs else faults.secteurs)
        only = seulement or faults.exigences
    plan = Plan(
        settings=settings,
        folder=folder.resolve(),
        project=project,
        pilote=settings.pilote.nom,
        faults=defaut,
        resume=reprendre,
        strict=strict,
        selection=only,
        rem=rem_donne,
        attest=project_attestations(project, settings).of,
    )
    return run_campaign(plan, Console(), reference, page=page)


@cli.command()
@config_option
@click.option("--sortie", type=click.Path(path_type=Path), help="Dossier de la session (défaut : campagnes/<date-heure>).")
@click.option("--strict", is_flag=True, help="Les services refusent ce qui est mal formé, au lieu d'accepter et de signaler.")
@click.option("--console", "page", is_flag=True, help="Ouvre la console : une page locale où suivre les échanges.")
@guarded
def serve(config: Path | None, sortie: Path | None, strict: bool, page: bool) -> int:
    """Ouvre tous les services jusqu'à Ctrl-C et juge chaque échange à son arrivée."""
    from .house import Plan
    from .run import default_folder
    from .serve import serve as serve_until_interrupted
    from .terminal import Console

    settings = settings_of(config)
    folder = (sortie or default_folder(Path.cwd())).resolve()
    plan = Plan(settings=settings, folder=folder, project=project_of(config), pilote="aucun", services_stricts=strict)
    return serve_until_interrupted(plan, Console(), page=page)


@cli.command()
@click.argument("chemins", metavar="CHEMIN…", nargs=-1, required=True, type=click.Path(path_type=Path))
@format_option("texte", "jsonl", "csv", "html", "operationoutcome")
@click.option("--diagnostic", is_flag=True, help="Relit les documents refusés avec un second moteur, aux messages plus complets.")
@click.option(
    "--au", type=click.DateTime(["%Y-%m-%d"]), metavar="AAAA-MM-JJ", help="Règles en vigueur ce jour-là (défaut : ce jour)."
)
@click.option("--profil", default="", metavar="ID", help="Impose ce profil au lieu de celui du genre du document.")
@click.option("--parallele", type=click.IntRange(1, 256), default=1, metavar="N", help="Nombre de processus (défaut : 1).")
@click.option("--executeur", default="", metavar="URL", help="Cluster Dask qui juge à la place : dask://hôte:port.")
@click.option("--sortie", type=click.Path(path_type=Path, dir_okay=False), help="Fichier à écrire (défaut : l'écran).")
@click.option("--reprendre", is_flag=True, help="Continue la sortie jsonl d'un lot interrompu : ce qui est déjà jugé est gardé.")
@click.option("--sans-pack", is_flag=True, help="Ne compare pas au kit officiel, quand le projet en a un (packs add).")
@click.option("--validateur", type=click.Choice(["hl7"]), help="Montre à côté le verdict de ce validateur FHIR (demande --jar).")
@click.option("--jar", type=click.Path(path_type=Path), metavar="FICHIER", help="Votre validator_cli.jar de HL7.")
@guarded
def validate(
    chemins: tuple[Path, ...],
    form: str,
    diagnostic: bool,
    au: datetime | None,
    profil: str,
    parallele: int,
    executeur: str,
    sortie: Path | None,
    reprendre: bool,
    sans_pack: bool,
    validateur: str | None,
    jar: Path | None,
) -> int:
    """Juge des fichiers (documents CDA, VIHF, PDF…) ou des dossiers, sans rien brancher : un verdict par fichier."""
    from .validate import Request, validate

    request = Request(
        paths=chemins,
        form=form,
        day=au.date() if au is not None else None,
        profile=profil,
        diagnostic=diagnostic,
        workers=parallele,
        cluster=executeur,
        output=sortie,
        resume=reprendre,
        packs=not sans_pack,
        beside=validateur or "",
        jar=jar,
    )
    return validate(request)


@cli.command()
@click.argument("campagne", type=EXISTING)
@click.option("--regles-du", "regles_du", default="", help="Date (AAAA-MM-JJ) des règles à appliquer ; défaut : aujourd'hui.")
@format_option("texte", "json")
@guarded
def rejuger(campagne: Path, regles_du: str, form: str) -> int:
    """Rejoue les contrôles sur une campagne enregistrée et montre les verdicts qui changent."""
    from .rejuger import changes, rejudge

    found = changes(campagne, rejudge(campagne, regles_du))
    if form == "json":
        click.echo(json.dumps({"schema": "dui-conformance/rejuger/1", "changements": found}, ensure_ascii=False, indent=2))
        return 0
    for row in found:
        click.echo(f"{row['scenario']}  [{row['controle']}]  {row['avant']} → {row['apres']}")
    click.echo(f"{len(found)} verdict(s) changent." if found else "Aucun verdict ne change.")
    return 0


@cli.group(invoke_without_command=True)
@click.option("--services", type=EXISTING, help="services.json écrit par run ou serve.")
@click.option("--port", type=int, default=0, help="Port d'écoute (0 : choisi par le système).")
@click.option("--jeton", default="", help="Jeton exigé des appels (défaut : tiré au hasard et affiché).")
@click.option("--defaut", multiple=True, help="Défaut nommé ; répétable.")
@click.option("--web", type=int, help="Port des pages du DUI (connexion par un vrai navigateur) ; 0 : choisi par le système.")
@click.pass_context
def temoin(
    context: click.Context, services: Path | None, port: int, jeton: str, defaut: tuple[str, ...], web: int | None
) -> None:
    """Le DUI témoin comme processus à part, derrière les pilotes http et commande."""
    if context.invoked_subcommand is not None:
        return

    def start() -> int:
        from .temoin import run_daemon

        if services is None:
            raise InputError("temoin : donnez --services, le services.json écrit par « run » ou « serve ».")
        return run_daemon(services, port, jeton, defaut, web=web)

    guarded(start)()


@temoin.command("geste")
@click.argument("nom")
@click.option("--url", required=True, help="Adresse affichée par « dui-conformance temoin ».")
@click.option("--jeton", required=True)
@guarded
def temoin_geste(nom: str, url: str, jeton: str) -> int:
    """Joue un geste sur le DUI témoin : JSON sur l'entrée, résultat JSON sur la sortie (pilote commande)."""
    from .temoin import play_gesture

    click.echo(play_gesture(nom, url, jeton, sys.stdin.read()))
    return 0


@cli.command()
@click.argument("quoi", default="")
@click.option("--services", type=click.Path(path_type=Path), help="services.json écrit par serve ou run.")
@click.option("--sortie", type=click.Path(path_type=Path), help="Fichier du document ; dossier d'un message ou d'un lot.")
@click.option("--usager", default="", help="Document : profil ou fichier JSON. Dépôt : usager qualifié de jeu-d-essai.csv.")
@click.option("--defaut", "defauts", multiple=True, help="Défaut nommé du DUI témoin à mettre dans le document.")
@click.option("--graine", type=int, default=1, show_default=True, help="La même graine donne le même document.")
@click.option("--format", "format_", type=click.Choice(("xml", "pdf")), default="xml", help="pdf : la forme papier du document.")
@click.option("--tous", is_flag=True, help="Un lot de documents de tous les types (--nombre, --sortie DOSSIER).")
@click.option("--nombre", type=click.IntRange(min=1), help="Nombre de documents du lot (défaut avec --tous : un par type).")
@guarded
def exemple(quoi: str, sortie: Path | None, format_: str, tous: bool, nombre: int | None, **wanted: Any) -> int:
    """Montre un contrat, écrit un document de n'importe quel type, juste ou fautif, ou prépare un message à la main.

    Sans argument : la liste de ce qui existe.
    """
    from .exemple import Asked, answer

    asked = Asked(quoi, sortie, paper=format_ == "pdf", tous=tous, nombre=nombre, **wanted)
    for line in answer(asked):
        click.echo(line)
    return 0


for command in (
    adresses,
    attester,
    catalogue,
    correspondances,
    defauts,
    doctor,
    init,
    packs,
    pannes,
    pki,
    pv,
    rapport,
    rem,
    sceller,
    va,
    verifier,
):
    cli.add_command(command)


def main() -> None:
    """Entry point of ``dui-conformance``."""
    use_utf8_output()
    cli()
