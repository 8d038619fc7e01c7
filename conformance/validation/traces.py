"""The traces of connections that a DUI gives: CSV or JSON lines, of which columns are found by their usual names."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ..core.errors import Inconclusive
from ..core.gestures import Piece
from ..core.providers import provider

MAX_BYTES = 16 << 20
_NAMES = {
    "date": ("date", "horodatage", "timestamp", "instant", "heure", "datetime"),
    "utilisateur": ("utilisateur", "auteur", "identifiant", "user", "compte", "professionnel", "qui"),
    "nature": ("nature", "action", "evenement", "event", "operation", "type"),
    "resultat": ("resultat", "result", "issue", "statut", "status"),
    "acr": ("acr", "niveau"),
    "auth_mode": ("auth_mode", "authmode", "mode", "moyen"),
}
_GOOD = ("reussi", "succes", "success", "ok", "vrai", "true", "accepte")
Table = tuple[tuple[str, ...], list[tuple[int, Mapping[str, str]]]]
_LOCAL = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M")


@dataclass(frozen=True, slots=True)
class Trace:
    """One line. ``moment`` is None when its date cannot be read; ``line`` is its rank in the file, from 1."""

    line: int
    moment: float | None
    user: str
    nature: str
    good: bool
    acr: str
    auth_mode: str


@dataclass(frozen=True, slots=True)
class ConnectionTraces:
    """All of them, and the text of the file, in which nothing secret may be found."""

    id: str
    traces: tuple[Trace, ...]
    text: str


@provider
def connection_traces(piece: Piece) -> ConnectionTraces:
    """Read the file; raises ``Inconclusive`` when it is not a table with a date and a user."""
    if len(piece.data) > MAX_BYTES:
        raise Inconclusive(f"{piece.id} : extrait de plus de 16 Mo, à réduire à la période du test")
    text = piece.data.decode("utf-8-sig", "replace")
    titles, rows = _json_lines(text) if text.lstrip().startswith("{") else _table(text)
    if not titles:
        raise Inconclusive(f"{piece.id} : ni CSV avec une ligne de titres, ni une ligne JSON par trace")
    columns = {name: _column(titles, known) for name, known in _NAMES.items()}
    if columns["date"] is None or columns["utilisateur"] is None:
        raise Inconclusive(f"{piece.id} : colonnes « date » et « utilisateur » introuvables ({', '.join(titles)})")
    return ConnectionTraces(piece.id, tuple(_trace(line, row, columns) for line, row in rows), text)


def _json_lines(text: str) -> Table:
    rows: list[tuple[int, Mapping[str, str]]] = []
    for line, content in enumerate(text.splitlines(), 1):
        try:
            value = json.loads(content) if content.strip() else None
        except ValueError:
            continue
        if isinstance(value, dict):
            rows.append((line, {str(name): "" if held is None else str(held) for name, held in value.items()}))
    return tuple(rows[0][1]) if rows else (), rows


def _table(text: str) -> Table:
    head = text.partition("\n")[0]
    delimiter = max(";,\t|", key=head.count)
    if not head.count(delimiter):
        return (), []
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    rows: list[tuple[int, Mapping[str, str]]] = [
        (reader.line_num, {str(name): str(held or "") for name, held in row.items()}) for row in reader
    ]
    return tuple(reader.fieldnames or ()), rows


def _column(titles: Sequence[str], known: tuple[str, ...]) -> str | None:
    plain = {_plain(title): title for title in titles}
    exact = next((plain[name] for name in known if name in plain), None)
    return exact or next((plain[p] for name in known for p in plain if name in p), None)


def _trace(line: int, row: Mapping[str, str], columns: Mapping[str, str | None]) -> Trace:
    def held(name: str) -> str:
        column = columns[name]
        return row.get(column, "").strip() if column is not None else ""

    good = _plain(held("resultat"))
    return Trace(
        line=line,
        moment=_moment(held("date")),
        user=held("utilisateur"),
        nature=held("nature"),
        good=any(word in good for word in _GOOD) and not good.startswith(("non", "in")),
        acr=held("acr"),
        auth_mode=held("auth_mode"),
    )


def _moment(text: str) -> float | None:
    """A time without offset is taken as UTC."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        value = next((found for found in (_local(text, form) for form in _LOCAL) if found is not None), None)  # type: ignore[assignment]
    if value is None:
        return None
    return (value if value.tzinfo is not None else value.replace(tzinfo=UTC)).timestamp()


def _local(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return None


def _plain(text: str) -> str:
    """Lower case, without accents; anything else than letters and digits is an underscore."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", folded).strip("_")
