"""French typography of what people read: dates, numbers, spaces, the words and signs of verdicts."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from dui_conformance.core.verdict import Basis, Verdict

NBSP = "\u00a0"
NARROW = "\u202f"
_HIGH = re.compile(r"(?<=\S) ?([;!?])(?=[\s»)]|$)")
_COLON = re.compile(r"(?<=\S) +:(?=\s|$)")
_OPEN = re.compile(r"«\s*")
_CLOSE = re.compile(r"\s*»")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")

SIGNS = {
    Verdict.CONFORME: "✔",
    Verdict.NON_CONFORME: "✘",
    Verdict.AVERTISSEMENT: "▲",
    Verdict.A_EXAMINER: "◐",
    Verdict.NON_CONCLUANT: "?",
    Verdict.NON_TESTE: "○",
    Verdict.SANS_OBJET: "–",
    Verdict.ERREUR: "⚠",
}
MEANINGS = {
    Verdict.CONFORME: "au moins une règle s'est exercée sur ce qui a été observé, et aucune n'est rompue",
    Verdict.NON_CONFORME: "une règle est rompue : le constat dit ce qui était attendu, reçu, où, et une piste",
    Verdict.AVERTISSEMENT: "une règle est rompue, mais elle conseille seulement, ou sa source n'est pas assez sûre pour bloquer",
    Verdict.A_EXAMINER: "seul un regard humain peut conclure",
    Verdict.NON_CONCLUANT: "trop peu a été observé pour conclure",
    Verdict.NON_TESTE: "rien n'a été joué : la raison est donnée",
    Verdict.SANS_OBJET: "ne concerne pas ce DUI",
    Verdict.ERREUR: "le banc d'essai a failli : rien n'en est conclu sur le DUI",
}
BASES = {Basis.OBSERVE: "observé", Basis.FICHIER: "fichier", Basis.ATTESTE: "attesté"}
CONFIANCES = {"vu": "source lue", "secondaire": "source secondaire", "infere": "déduit, jamais bloquant"}


def spaced(text: str) -> str:
    """The text with the no-break spaces that French wants before ``; : ! ?`` and inside « »."""
    text = _COLON.sub(NBSP + ":", _HIGH.sub(NARROW + r"\1", text))
    return _CLOSE.sub(NBSP + "»", _OPEN.sub("«" + NBSP, text))


def legible(text: str) -> str:
    """The text without the control and direction characters that could disguise it, each shown as ``�``."""
    return _CONTROL.sub("�", text)


def paris(moment: datetime) -> datetime:
    """The same instant in the legal time of metropolitan France (European rule: last Sundays of March and October, 01:00 UTC)."""
    utc = moment.astimezone(UTC)
    summer = _last_sunday(utc.year, 3) <= utc < _last_sunday(utc.year, 10)
    return utc.astimezone(timezone(timedelta(hours=2 if summer else 1)))


def _last_sunday(year: int, month: int) -> datetime:
    day = datetime(year, month, 31, 1, tzinfo=UTC)
    return day - timedelta(days=(day.weekday() + 1) % 7)


def date_time(moment: datetime | str) -> str:
    """``31/03/2026 14:05:12 +02:00``."""
    local = paris(_moment(moment))
    return f"{local:%d/%m/%Y}{NBSP}{local:%H:%M:%S}{NBSP}{local.isoformat()[-6:]}"


def day(moment: datetime | str) -> str:
    """``31/03/2026``; a text that is not a date is given back."""
    if isinstance(moment, str):
        found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", moment)
        return "/".join(reversed(found.groups())) if found else moment
    return f"{paris(moment):%d/%m/%Y}"


def clock(moment: datetime | str) -> str:
    """``14:05:12,345``, legal time."""
    local = paris(_moment(moment))
    return f"{local:%H:%M:%S},{local.microsecond // 1000:03d}"


def duration(seconds: float) -> str:
    """``0,12 s``, ``9 min 59 s``, ``4 h 05 min``."""
    if seconds < 60:
        return f"{seconds:.2f}{NBSP}s".replace(".", ",") if seconds < 10 else f"{seconds:.0f}{NBSP}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}{NBSP}min" + (f"{NBSP}{rest:02d}{NBSP}s" if rest else "")
    hours, minutes = divmod(minutes, 60)
    return f"{hours}{NBSP}h" + (f"{NBSP}{minutes:02d}{NBSP}min" if minutes else "")


def number(value: int) -> str:
    """``1 234`` with narrow no-break spaces."""
    return f"{value:,}".replace(",", NARROW)


def size(octets: int) -> str:
    """``512 octets``, ``48,2 ko``."""
    if octets < 1000:
        return f"{octets}{NBSP}octet{'s' if octets > 1 else ''}"
    return (
        f"{octets / 1000:.1f}{NBSP}ko".replace(".", ",")
        if octets < 1_000_000
        else f"{octets / 1e6:.1f}{NBSP}Mo".replace(".", ",")
    )


def plural(count: int, one: str, many: str = "") -> str:
    """``1 échange``, ``3 échanges``."""
    return f"{number(count)}{NBSP}{one if count < 2 else many or one + 's'}"


def _moment(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
