"""Lexical forms of the R4 primitive types (hl7.org/fhir/R4/datatypes.html), each with its French description."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

YEAR = r"([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)"
DAY = r"(0[1-9]|[12][0-9]|3[01])"
MONTH = r"(0[1-9]|1[0-2])"
TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?"
ZONE = r"(Z|(\+|-)((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_DATE = re.compile(rf"(?P<y>{YEAR})(-(?P<m>{MONTH})(-(?P<d>{DAY}))?)?")
_DATETIME = re.compile(rf"(?P<y>{YEAR})(-(?P<m>{MONTH})(-(?P<d>{DAY})(T{TIME}{ZONE})?)?)?")
_INSTANT = re.compile(rf"(?P<y>{YEAR})-(?P<m>{MONTH})-(?P<d>{DAY})T{TIME}{ZONE}")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_INTEGER = re.compile(r"0|[-+]?[1-9][0-9]*")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_BLANK = re.compile(r"\s+")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_SIMPLE = re.compile(r"[^\s]+(\s[^\s]+)*")
LARGEST_INTEGER = 2**31 - 1


def _pattern(text: str) -> Callable[[str], bool]:
    compiled = re.compile(text)
    return lambda value: compiled.fullmatch(value) is not None


def _dated(compiled: re.Pattern[str]) -> Callable[[str], bool]:
    def holds(value: str) -> bool:
        match = compiled.fullmatch(value)
        if match is None:
            return False
        day = match["d"]
        return day is None or int(day) <= calendar.monthrange(int(match["y"]), int(match["m"]))[1]

    return holds


def _base64(value: str) -> bool:
    return _BASE64.fullmatch(_BLANK.sub("", value)) is not None


def _text(value: str) -> bool:
    return bool(value.strip()) and _CONTROL.search(value) is None


_TEXTS: dict[str, tuple[Callable[[str], bool], str]] = {
    "string": (_text, "un texte non vide, sans caractère de contrôle"),
    "markdown": (_text, "un texte Markdown non vide"),
    "uri": (_pattern(r"\S+"), "une URI sans espace"),
    "url": (_pattern(r"\S+"), "une URL sans espace"),
    "canonical": (_pattern(r"\S+"), "une URL canonique sans espace"),
    "oid": (_pattern(r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+"), "un OID écrit urn:oid:1.2.250…"),
    "uuid": (
        _pattern(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
        "urn:uuid: et un UUID en minuscules",
    ),
    "id": (_pattern(r"[A-Za-z0-9\-.]{1,64}"), "1 à 64 caractères parmi lettres, chiffres, « - » et « . »"),
    "code": (lambda v: _SIMPLE.fullmatch(v) is not None, "un code sans espace au début, à la fin, ni deux de suite"),
    "date": (_dated(_DATE), "une date réelle AAAA, AAAA-MM ou AAAA-MM-JJ"),
    "dateTime": (_dated(_DATETIME), "AAAA, AAAA-MM, AAAA-MM-JJ ou AAAA-MM-JJThh:mm:ss avec fuseau"),
    "instant": (_dated(_INSTANT), "AAAA-MM-JJThh:mm:ss avec fuseau"),
    "time": (_pattern(TIME), "hh:mm:ss"),
    "base64Binary": (_base64, "du base64"),
    "xhtml": (lambda v: bool(v.strip()), "du XHTML"),
}
_BOUNDS = {
    "integer": (-LARGEST_INTEGER - 1, "un entier sur 32 bits"),
    "unsignedInt": (0, "un entier positif ou nul"),
    "positiveInt": (1, "un entier ≥ 1"),
}


def defect(code: str, value: Any) -> str:
    """What is expected of a primitive of that type, when ``value`` is not it; else an empty text."""
    if code in _TEXTS:
        holds, wanted = _TEXTS[code]
        return "" if isinstance(value, str) and holds(value) else wanted
    if code == "boolean":
        return "" if isinstance(value, bool) else "true ou false, sans guillemets"
    if code in _BOUNDS:
        least, wanted = _BOUNDS[code]
        good = isinstance(value, int) and not isinstance(value, bool) and least <= value <= LARGEST_INTEGER
        return "" if good else f"{wanted}, sans guillemets"
    if code == "decimal":
        return "" if isinstance(value, int | Decimal) and not isinstance(value, bool) else "un nombre décimal, sans guillemets"
    return ""


def misfit(code: str, value: Any) -> bool:
    """True when the value is not even of the JSON type of that primitive (a text for a number…)."""
    if code in _TEXTS:
        return not isinstance(value, str)
    if code == "boolean":
        return not isinstance(value, bool)
    return isinstance(value, bool | str)


def from_text(code: str, text: str) -> Any:
    """The JSON value of an XML attribute; the text itself when it does not have the form of its type."""
    if code == "boolean" and text in ("true", "false"):
        return text == "true"
    if code in _BOUNDS and _INTEGER.fullmatch(text) and len(text) < 30:
        return int(text)
    if code == "decimal" and _DECIMAL.fullmatch(text):
        return Decimal(text)
    return text
