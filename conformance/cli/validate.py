"""``validate``: files judged by the profile of what they hold, without any service."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TextIO

import click

from ..checks.registry import all_profiles
from ..core.errors import InputError
from ..core.verdict import Verdict
from .constats import FileVerdict
from .empreinte import rules_mark
from .jugement import Options, is_canonical, judge_file
from .references import judging_packs
from .sorties import Tally, writer_of

FORMATS = ("texte", "jsonl", "csv", "html", "operationoutcome")
INTERRUPTED = 3


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked on the command line."""

    paths: tuple[Path, ...]
    form: str = "texte"
    day: date | None = None
    profile: str = ""
    diagnostic: bool = False
    workers: int = 1
    cluster: str = ""
    output: Path | None = None
    resume: bool = False
    packs: bool = True
    project: Path | None = None
    beside: str = ""
    jar: Path | None = None


def validate(request: Request) -> int:
    """Judge every file and write the verdicts; gives the exit code (0, 1, 3 or 4). Raises ``InputError``."""
    _coherent(request)
    files = list(found(request.paths))
    options = Options(
        day=request.day or date.today(),
        profile=_known(request.profile, str(request.project or Path.cwd())),
        diagnostic=request.diagnostic,
        project=str(request.project or Path.cwd()),
        packs=request.packs,
    )
    tally = Tally()
    if request.output is None:
        return _judge_all(files, options, request, sys.stdout, tally)
    kept = 0
    if request.resume and request.output.is_file():
        from .reprise import keep_prefix

        kept = keep_prefix(request.output, files, options, tally.count_row)
        click.echo(f"{kept} fichier(s) déjà jugé(s) ; {len(files) - kept} à juger.", err=True)
    try:
        with request.output.open("a" if kept else "w", encoding="utf-8", newline="") as stream:
            return _judge_all(files[kept:], options, request, stream, tally)
    except OSError as error:
        raise InputError(f"--sortie : {request.output} ne peut pas être écrit ({error.strerror})") from error


def _judge_all(files: Sequence[tuple[Path, str]], options: Options, request: Request, stream: TextIO, tally: Tally) -> int:
    writer = writer_of(request.form, stream, tally, len(files))
    mark = rules_mark(options) if request.form == "jsonl" else ""
    with (
        closing(_compared(_verdicts(files, options, request), options, request)) as verdicts,
        _progress(request, stream, len(files)) as bar,
    ):
        try:
            for verdict in verdicts:
                tally.count(verdict)
                writer.write(_marked(verdict, options, mark))
                bar.update(1)
        except KeyboardInterrupt:
            writer.close()
            click.echo(f"Interrompu : {tally.files} fichier(s) jugé(s). {_going_on(request)}", err=True)
            return INTERRUPTED
    writer.close()
    if request.output is not None:
        click.echo(f"{tally.summary()}. {tally.next_action()} Écrit : {request.output}", err=True)
    return exit_code(tally)


def _compared(verdicts: Generator[FileVerdict], options: Options, request: Request) -> Generator[FileVerdict]:
    """The verdicts, with those of the HL7 validator and of the packs of the project beside them."""
    if request.beside:
        from .validateur_hl7 import beside_hl7, hl7_validator

        verdicts = beside_hl7(verdicts, hl7_validator(request.jar, options.project, options.profile))
    packs = judging_packs(options.project) if options.packs else ()
    if packs:
        from .cote_a_cote import beside

        for pack in packs:
            verdicts = beside(verdicts, pack, request.workers)
    return verdicts


def _verdicts(files: Sequence[tuple[Path, str]], options: Options, request: Request) -> Generator[FileVerdict]:
    if request.cluster:
        from .lot import on_cluster

        return on_cluster(files, options, request.cluster)
    if request.workers > 1:
        from .lot import in_processes

        return in_processes(files, options, request.workers)
    return (judge_file(path, shown, options) for path, shown in files)


def _marked(verdict: FileVerdict, options: Options, mark: str) -> FileVerdict:
    """Every line says under which rules it was made, so that a batch can be taken up again."""
    if not mark:
        return verdict
    rules = verdict.regles or {"jour": options.day.isoformat(), "verifications": 0, "jeux": []}
    return replace(verdict, regles={**rules, "empreinte": mark})


class _NoBar:
    """Stands for a progress bar that nobody would see."""

    def update(self, count: int) -> None:
        """Nothing is shown."""


@contextmanager
def _progress(request: Request, stream: TextIO, total: int) -> Iterator[Any]:
    if total < 2 or not sys.stderr.isatty() or (request.output is None and sys.stdout.isatty()):
        yield _NoBar()
        return
    with click.progressbar(length=total, label="Jugement", file=sys.stderr, show_pos=True) as bar:
        yield bar


def _going_on(request: Request) -> str:
    if request.form == "jsonl" and request.output is not None:
        return "La même commande avec --reprendre continue."
    return "Pour pouvoir continuer après une interruption : --format jsonl --sortie FICHIER, puis --reprendre."


def _coherent(request: Request) -> None:
    if request.resume and (request.form != "jsonl" or request.output is None):
        raise InputError("--reprendre : demande --format jsonl et --sortie FICHIER, la sortie à continuer.")
    if request.jar is not None and not request.beside:
        raise InputError("--jar : demande --validateur hl7.")
    if request.cluster and request.workers > 1:
        raise InputError("--executeur et --parallele s'excluent : le nombre de processus est celui du cluster.")


def exit_code(tally: Tally) -> int:
    """1 when a file is *non conforme*, 4 when one is *non concluant*, 3 for an error of ours, else 0."""
    for verdict, code in ((Verdict.ERREUR, 3), (Verdict.NON_CONFORME, 1), (Verdict.NON_CONCLUANT, 4)):
        if tally.verdicts[verdict]:
            return code
    return 0


def found(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """The files to judge and the name to show: those given, and those of the folders given (sorted, hidden ones skipped)."""
    for path in paths:
        if not path.exists() and not path.is_symlink():
            raise InputError(f"{path} : ce fichier ou ce dossier n'existe pas")
    for path in paths:
        if not path.is_dir():
            yield path, str(path)
            continue
        for each in _walk(path, frozenset()):
            yield each, str(each)


def _walk(folder: Path, above: frozenset[Path]) -> Iterator[Path]:
    real = folder.resolve()
    if real in above:
        return
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        yield folder
        return
    for each in entries:
        if each.name.startswith("."):
            continue
        if each.is_dir():
            yield from _walk(each, above | {real})
        else:
            yield each


def _known(profile: str, project: str) -> str:
    if not profile or profile in all_profiles():
        return profile
    if is_canonical(profile):
        return _known_fhir(profile, project)
    near = get_close_matches(profile, all_profiles(), 3, 0.5)
    hint = f" ; voulez-vous dire {' ou '.join(near)} ?" if near else ""
    raise InputError(f"--profil : profil inconnu « {profile} »{hint} Profils : {', '.join(sorted(all_profiles()))}.")


def _known_fhir(canonical: str, project: str) -> str:
    from .references import fhir_packages

    if fhir_packages(project).validator.definitions.structure(canonical) is None:
        raise InputError(
            f"--profil : profil FHIR « {canonical} » absent des paquets chargés. "
            "Ajouter le sien : dui-conformance packs add PAQUET.tgz"
        )
    return canonical
