"""Traits d'identité: the lexical profile of what is sent to INSi, dates (lunar ones included) and COG codes."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

COG_INCONNU = "99999"

_LIGATURES = str.maketrans(
    {"Œ": "OE", "Æ": "AE", "ß": "SS", "ẞ": "SS", "Þ": "TH", "Ø": "O", "Đ": "D", "Ð": "D", "Ł": "L", "’": "'"}
)
_COG = re.compile(r"(?:[0-9]{2}|2A|2B)[0-9]{3}")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def normalise(text: str) -> str:
    """A trait as INSi takes it: capitals without diacritic or ligature, other characters kept."""
    upper = text.strip().upper().translate(_LIGATURES)
    plain = "".join(c for c in unicodedata.normalize("NFD", upper) if not unicodedata.combining(c))
    return plain.translate(_LIGATURES)


def folded(text: str) -> str:
    """A trait for comparison: normalised, with hyphen, apostrophe and repeated spaces read as one space."""
    return " ".join(re.sub(r"[^A-Z0-9]+", " ", normalise(text)).split())


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a trait is refused: in French, with what is expected."""

    message: str
    expected: str


def name_fault(text: str) -> Fault | None:
    """Birth name: A-Z, space, apostrophe, hyphen (``--`` allowed); first character neither space nor hyphen; space and
    apostrophe neither doubled nor adjacent."""
    common = _character_fault(text)
    if common is not None:
        return common
    if text[0] in " -":
        return Fault("commence par une espace ou un tiret", "une lettre ou une apostrophe en tête")
    if re.search(r"[ ']{2}", text):
        return Fault(
            "contient des espaces ou apostrophes doublées ou accolées", "une seule espace ou apostrophe entre deux lettres"
        )
    if "---" in text:
        return Fault("contient plus de deux tirets de suite", "un tiret, ou deux pour un double nom")
    if text[-1] == " ":
        return Fault("se termine par une espace", "aucune espace en fin de nom")
    return None


def first_name_fault(text: str) -> Fault | None:
    """One birth first name: as the name, without ``--``, and not ended by a hyphen or an apostrophe."""
    common = name_fault(text)
    if common is not None:
        return common
    if "--" in text:
        return Fault("contient un double tiret", "un seul tiret entre deux parties d'un prénom")
    if text[-1] in "-'":
        return Fault("se termine par un tiret ou une apostrophe", "une lettre en fin de prénom")
    return None


def _character_fault(text: str) -> Fault | None:
    if not text:
        return Fault("est vide", "au moins une lettre")
    wrong = sorted(set(re.sub(r"[A-Z '\-]", "", text)))
    if wrong:
        shown = " ".join(f"U+{ord(c):04X}" if not c.isprintable() else c for c in wrong)
        return Fault(f"contient des caractères refusés : {shown}", "lettres A à Z sans accent, espace, apostrophe, tiret")
    return None


def is_date_shape(text: str) -> bool:
    """True for ``AAAA-MM-JJ``, lunar or not."""
    return _DATE.fullmatch(text) is not None


def has_unknown_part(text: str) -> bool:
    """True when the day or the month of a date is 00."""
    match = _DATE.fullmatch(text)
    return match is not None and "00" in (match[2], match[3])


def cog_prefix_fault(text: str) -> str:
    """Why a place code of five characters can be nobody's today, in French; ``""`` when it may be. The codes themselves are
    only known to a loaded reference (COG)."""
    if text.startswith("20"):
        return "ancien département de la Corse (20) : les codes d'aujourd'hui commencent par 2A ou 2B"
    if text.startswith(("00", "96")):
        return "aucun département n'a ce numéro"
    if text.startswith("97") and text[2] not in "12345678":
        return "aucune collectivité d'outre-mer n'a ce numéro"
    if text.startswith("98") and text[2] not in "46789":
        return "aucune collectivité d'outre-mer n'a ce numéro"
    return "un pays étranger se code 991xx à 995xx, 99999 s'il est inconnu" if re.match("99[06-8]|999(?!99)", text) else ""


def is_cog(text: str) -> bool:
    """True for the five characters of an INSEE place code (2A and 2B for Corsica, 99xxx abroad, 99999 unknown)."""
    return _COG.fullmatch(text) is not None
