"""INSEE's official geographic code (COG): the communes, overseas territories and countries that existed at a date.

Nothing is built in: the user loads INSEE's history (``packs add``), as the archive ``cog_ensemble_AAAA_csv.zip``, its
folder, or single files: ``v_commune_depuis_1943.csv``, ``v_commune_outremer_depuis_1943.csv``,
``v_pays_et_territoire_depuis_1943.csv``. A file of one year, without dates, only completes codes that have no history.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import ClassVar

from ..core.errors import InputError

UNKNOWN_PLACE = "99999"
MAX_SIZE = 64 * 1024 * 1024
"""Bytes of one file; INSEE's largest is under 3 MB."""

_CODE_COLUMNS = ("COM", "COM_COMER", "COG")
_LABEL_COLUMNS = ("LIBELLE", "LIBCOG", "NCCENR")
_FIRST_DAY = date(1943, 1, 1)
"""The history starts that day: what it shows as beginning then may be older."""
_CORSICA_SPLIT = date(1976, 1, 1)
_BOROUGHS = {"75056": ("751", 1, 20), "69123": ("6938", 1, 9), "13055": ("132", 1, 16)}
"""Municipal boroughs, which births are recorded in, by commune."""


@dataclass(frozen=True, slots=True)
class Validity:
    """A time when a code was in use, under a name. ``None``: since always, or still."""

    start: date | None
    end: date | None
    label: str = ""

    def holds(self, day: date) -> bool:
        """True on that day; both bounds count, as a commune ends the day when its successor begins."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)

    def __str__(self) -> str:
        since = f"depuis le {self.start:%d/%m/%Y}" if self.start else ""
        until = f"jusqu'au {self.end:%d/%m/%Y}" if self.end else ""
        return " ".join(filter(None, (self.label, since, until))) or "sans limite de date"


@dataclass(frozen=True, slots=True)
class Cog:
    """The history of codes; ``files`` are the names of what it was read from."""

    validities: Mapping[str, tuple[Validity, ...]] = field(repr=False)
    files: tuple[str, ...] = ()

    def of(self, code: str) -> tuple[Validity, ...]:
        """When a code was in use; empty for a code that never was."""
        found = self.validities.get(code, ())
        if not found and (commune := _commune_of_borough(code)):
            return self.validities.get(commune, ())
        return found

    def exists(self, code: str, day: date) -> bool:
        """True when the code was in use that day. The unknown place (99999) always is; a commune of Corsica keeps the
        code of its department of today (2A, 2B) for a birth before 1976."""
        return code == UNKNOWN_PLACE or any(v.holds(day) for v in self.of(code))

    def covers(self, code: str) -> bool:
        """True when the files loaded hold codes of that sort: communes, overseas collectivities, or countries."""
        return code == UNKNOWN_PLACE or any(_sort(each) == _sort(code) for each in self.validities)


@dataclass(frozen=True, slots=True)
class CogReference:
    """What checks receive: the history loaded by the user, or None: they are then *non teste*."""

    of_the_user: ClassVar[bool] = True
    cog: Cog | None = None


def load_cog(path: Path) -> Cog:
    """The history read from a folder, a zip or a CSV file of INSEE; ``InputError`` says what is wrong."""
    tables = {name: found for name, data in _files(path) if (found := _table(name, data)) is not None}
    if not tables:
        raise InputError(
            f"{path} : aucun fichier du code officiel géographique de l'INSEE (colonne COM, COM_COMER ou COG). "
            "Donner l'archive CSV du COG, ou v_commune_depuis_1943.csv et v_pays_et_territoire_depuis_1943.csv."
        )
    if not any(each.start or each.end for table in tables.values() for _, each in table):
        raise InputError(
            f"{path} : fichiers sans historique ({', '.join(tables)}). "
            "Ajouter v_commune_depuis_1943.csv (colonnes COM, DATE_DEBUT, DATE_FIN) : le lieu est jugé à la date de naissance."
        )
    return Cog(_merged(tables.values()), tuple(sorted(tables)))


def _merged(tables: Iterable[list[tuple[str, Validity]]]) -> dict[str, tuple[Validity, ...]]:
    dated: dict[str, list[Validity]] = {}
    undated: dict[str, list[Validity]] = {}
    for table in tables:
        for code, validity in table:
            chosen = dated if validity.start or validity.end else undated
            chosen.setdefault(code, []).append(_widened(code, validity))
    return {code: tuple(dated.get(code) or undated[code]) for code in (*dated, *(c for c in undated if c not in dated))}


def _widened(code: str, validity: Validity) -> Validity:
    """The bounds that INSEE writes for want of older ones are taken away."""
    start = validity.start
    if start == _FIRST_DAY or (start == _CORSICA_SPLIT and code[:2] in {"2A", "2B"}):
        start = None
    return Validity(start, validity.end, validity.label)


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of the CSV files at a path."""
    if path.is_dir():
        for file in sorted(p for p in path.rglob("*") if p.suffix.lower() == ".csv" and p.is_file()):
            yield file.name, _read(file)
        return
    if not path.is_file():
        raise InputError(f"{path} : fichier absent")
    if zipfile.is_zipfile(path):
        yield from _zipped(path)
        return
    yield path.name, _read(path)


def _read(file: Path) -> bytes:
    if file.stat().st_size > MAX_SIZE:
        raise InputError(f"{file} : fichier de plus de {MAX_SIZE // 1024 // 1024} Mio, ce n'est pas un fichier du COG")
    return file.read_bytes()


def _zipped(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if not entry.filename.lower().endswith(".csv"):
                    continue
                if entry.file_size > MAX_SIZE:
                    raise InputError(f"{path}, {entry.filename} : plus de {MAX_SIZE // 1024 // 1024} Mio décompressé")
                with archive.open(entry) as stream:
                    yield Path(entry.filename).name, stream.read(MAX_SIZE)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise InputError(f"{path} : archive illisible : {error}") from error


def _table(name: str, data: bytes) -> list[tuple[str, Validity]] | None:
    """Codes and their validity; None for another table of the COG (regions, movements…) or another file."""
    text = _decoded(data)
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns = [column.strip().strip('"').upper() for column in rows.fieldnames or ()]
    code = next((column for column in _CODE_COLUMNS if column in columns), None)
    label = next((column for column in _LABEL_COLUMNS if column in columns), None)
    if code is None or label is None:
        return None
    rows.fieldnames = columns
    found = []
    try:
        for number, row in enumerate(rows, start=2):
            value = (row.get(code) or "").strip()
            if len(value) == 5:
                start, end = (_day(row.get(each), name, number) for each in ("DATE_DEBUT", "DATE_FIN"))
                found.append((value, Validity(start, end, (row.get(label) or "").strip())))
    except csv.Error as error:
        raise InputError(f"{name} : CSV illisible : {error}") from error
    return found or None


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("iso-8859-1")


def _day(text: str | None, name: str, line: int) -> date | None:
    if not text or not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError as error:
        raise InputError(f"{name}, ligne {line} : date « {text} » illisible (AAAA-MM-JJ attendu)") from error


def _commune_of_borough(code: str) -> str:
    for commune, (prefix, first, last) in _BOROUGHS.items():
        rank = code.removeprefix(prefix)
        if code.startswith(prefix) and rank.isdigit() and first <= int(rank) <= last:
            return commune
    return ""


def _sort(code: str) -> str:
    if code.startswith("99"):
        return "pays"
    return "outre-mer" if code.startswith(("975", "977", "978", "98")) else "commune"
