"""``attestations.toml``: what people attest before the campaign, read and checked; and the model of that file."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ..catalogue import load
from ..core.errors import InputError
from ..core.formulaire import ANSWERS, Attestation, Formulaire, Question
from ..core.gestures import Piece
from ..core.pieces import MAX_PIECE, kind_refusal, refusal
from ..core.settings import Settings
from ..core.verdict import Verdict
from .couverture import coverage

NAME = "attestations.toml"
TABLE = "attestation"
KEYS = ("exigence", "constat", "scenario", "verdict", "note", "par", "date", "pieces")
_HEADER = re.compile(rf"\s*\[\[\s*{TABLE}\s*\]\]")


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer as it is written. ``constat`` and ``scenario``, when they are given, tell which form of the exigence is meant."""

    exigence: str
    constat: str
    scenario: str
    answer: Attestation

    def fits(self, question: Question) -> bool:
        """True when it answers that form."""
        asked = (question.formulaire.constat, question.scenario)
        told = zip((self.constat, self.scenario), asked, strict=True)
        return self.exigence in question.exigences and all(said in ("", form) for said, form in told)


@dataclass(frozen=True, slots=True)
class Attestations:
    """The answers of a file; its ``of`` answers the forms that it speaks of."""

    entries: tuple[Entry, ...] = ()

    def of(self, question: Question) -> Attestation | None:
        """The answer to a form; None when the file has none."""
        return next((entry.answer for entry in self.entries if entry.fits(question)), None)


def project_attestations(project: Path, settings: Settings) -> Attestations:
    """Those of ``[attestations] fichier``, from the folder of ``dui.toml``; none without it. Raises ``InputError``."""
    told = settings.attestations.fichier
    return read_attestations(project / told) if told else Attestations()


def read_attestations(path: Path) -> Attestations:
    """Read the file; raises ``InputError`` with the line, the exigence, why, and what to do."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        values = tomllib.loads(text)
    except FileNotFoundError:
        raise InputError(
            f"{path} : fichier introuvable ([attestations] fichier dans dui.toml). « dui-conformance init --attestations » en "
            "écrit le modèle."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} : lecture impossible ({error}). Le fichier doit être un texte UTF-8 lisible.") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} : syntaxe TOML invalide ({error}).") from None
    rows = values.pop(TABLE, [])
    if values or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        other = ", ".join(values) or TABLE
        raise InputError(f"{path} : « {other} » : seules des tables [[{TABLE}]] sont attendues.")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if _HEADER.match(line)]
    reader = _Reader(path, lines)
    entries = [entry for rank, row in enumerate(rows) if (entry := reader.entry(rank, row)) is not None]
    return Attestations(tuple(entries))


class _Reader:
    """Reads the tables of a file, each at its line."""

    def __init__(self, path: Path, lines: Sequence[int]) -> None:
        self._path = path
        self._lines = lines
        self._seen: dict[tuple[str, str, str], int] = {}

    def entry(self, rank: int, row: Mapping[str, Any]) -> Entry | None:
        """An answer, or None for a form left without a verdict."""
        line = self._lines[rank] if rank < len(self._lines) else 1
        for key in row:
            if key not in KEYS:
                raise self._error(line, row, f"clé inconnue « {key} ».{_near(key, KEYS)} Clés acceptées : {', '.join(KEYS)}")
        texts = {key: self._text(line, row, key) for key in KEYS if key not in ("date", "pieces")}
        self._known(line, row, texts)
        said = texts["verdict"]
        if not said:
            return None
        if said not in {verdict.value for verdict in ANSWERS}:
            raise self._error(line, row, f"verdict « {said} » : écrire « conforme » ou « non conforme », ou laisser vide")
        answer = Attestation(
            verdict=Verdict(said),
            note=texts["note"],
            par=texts["par"],
            date=self._day(line, row),
            pieces=tuple(self._piece(line, row, name) for name in self._names(line, row)),
        )
        return Entry(texts["exigence"], texts["constat"], texts["scenario"], answer)

    def _known(self, line: int, row: Mapping[str, Any], texts: Mapping[str, str]) -> None:
        """Raises ``InputError`` unless the entry names one form, and no other entry the same."""
        exigence, constat, scenario = (texts[key] for key in ("exigence", "constat", "scenario"))
        if not exigence:
            raise self._error(line, row, "« exigence » manque : écrire son identifiant, par exemple SSI-02")
        if exigence not in load():
            raise self._error(line, row, f"exigence inconnue.{_near(exigence, load())} « catalogue » les liste")
        forms = coverage()[exigence].formulaires
        if not forms:
            raise self._error(line, row, "cette exigence n'a pas de formulaire : son verdict vient des scénarios")
        meant = [form for name, form in forms if constat in ("", form.constat) and scenario in ("", name)]
        if not meant:
            raise self._error(
                line,
                row,
                "aucun formulaire de cette exigence n'a ce constat et ce scénario ; reprendre le modèle de cette version",
            )
        if len({form.constat for form in meant}) > 1:
            told = " / ".join(f"« {form.constat} »" for form in dict.fromkeys(meant))
            raise self._error(line, row, f"cette exigence a plusieurs formulaires : ajouter « constat = … » parmi {told}")
        former = self._seen.setdefault((exigence, constat, scenario), line)
        if former != line:
            raise self._error(line, row, f"déjà attestée à la ligne {former} : n'en garder qu'une")

    def _text(self, line: int, row: Mapping[str, Any], key: str) -> str:
        value = row.get(key, "")
        if not isinstance(value, str):
            raise self._error(line, row, f"« {key} » : un texte entre guillemets est attendu, pas {value!r}")
        return value.strip()

    def _day(self, line: int, row: Mapping[str, Any]) -> str:
        value = row.get("date", "")
        if value == "":
            return ""
        try:
            return date.fromisoformat(str(value)[:10]).isoformat()
        except ValueError:
            raise self._error(line, row, f"date « {value} » : écrire AAAA-MM-JJ") from None

    def _names(self, line: int, row: Mapping[str, Any]) -> list[str]:
        names = row.get("pieces", [])
        if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
            raise self._error(line, row, '« pieces » : une liste de chemins est attendue, par exemple pieces = ["dossier/x.pdf"]')
        return names

    def _piece(self, line: int, row: Mapping[str, Any], name: str) -> Piece:
        path = self._path.parent / name
        if wrong := kind_refusal(path.name):
            raise self._error(line, row, wrong)
        try:
            size = path.stat().st_size
            data = path.read_bytes() if 0 < size <= MAX_PIECE else b""
        except OSError as error:
            why = error.strerror or str(error)
            raise self._error(line, row, f"pièce « {name} » illisible ({why}) : le chemin part du dossier de {NAME}") from None
        if wrong := refusal(path.name, data):
            raise self._error(line, row, wrong)
        return Piece(path.name, data)

    def _error(self, line: int, row: Mapping[str, Any], why: str) -> InputError:
        return InputError(f"{self._path}, ligne {line} : exigence {row.get('exigence') or 'absente'} : {why.rstrip('.')}.")


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name.upper() if name.lower() == name and "-" in name else name, list(known), n=1, cutoff=0.5)
    return f" Vouliez-vous dire « {near[0]} » ?" if near else ""


_INTRODUCTION = """# Attestations données avant la campagne : [attestations] fichier = "{name}" dans dui.toml.
# Un formulaire par table. Pour répondre : verdict = "conforme" ou "non conforme", qui atteste (par) et quand (date = AAAA-MM-JJ),
# les pièces jointes (chemins depuis le dossier de ce fichier) et, s'il le faut, une note. Sans verdict, la question reste posée
# pendant la campagne, ou « à examiner ». Sans « par », sans « date » ou sans pièce obligatoire, rien n'est attesté.
# Secteurs : {secteurs}.
"""


def model(secteurs: Sequence[str]) -> str:
    """The file to fill in: each form of the exigences of these sectors, with what it asks as comments."""
    wanted = set(secteurs)
    written = [_INTRODUCTION.format(name=NAME, secteurs=", ".join(secteurs))]
    for exigence in (row for row in load().values() if wanted & set(row.secteurs)):
        forms = coverage()[exigence.id].formulaires
        titled = False
        for form in dict.fromkeys(form for _, form in forms):
            scenarios = [name for name, other in forms if other == form]
            for scenario in scenarios if len(scenarios) > 1 else [""]:
                if not titled:
                    written.append(f"\n# --- {exigence.id} : {exigence.enonce}\n")
                else:
                    written.append("\n")
                titled = True
                written.append(_table(exigence.id, form, scenario, alone=len(forms) == 1))
    return "".join(written)


def _table(exigence: str, form: Formulaire, scenario: str, *, alone: bool) -> str:
    comments = [f"À constater : {form.constat}"]
    comments += [f"À joindre : {form.a_joindre}"] if form.piece else []
    comments += [f"Atteste : {form.atteste}"] if form.atteste else []
    comments += [f"Service non simulé ici : {form.service}"] if form.service else []
    which = "" if alone else f"constat = {_quoted(form.constat)}\n"
    which += f"scenario = {_quoted(scenario)}\n" if scenario else ""
    said = "".join(f"# {comment}\n" for comment in comments)
    answer = 'verdict = ""\nnote = ""\npar = ""\ndate = ""\npieces = []\n'
    return f"{said}[[{TABLE}]]\nexigence = {_quoted(exigence)}\n{which}{answer}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
