"""What is looked at in what INSi is sent and in what it gives: places, dates, first names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .insi_messages import normaliser

LIEUX: Mapping[str, Callable[[str], str]] = {
    "celui de l'identité": str,
    "inconnu à l'étranger": lambda lieu: "99999" if lieu.startswith("99") else lieu,
    "ancien code en Corse": lambda lieu: f"20{lieu[2:]}" if lieu[:2] in ("2A", "2B") else lieu,
}


def concorde(prenom: str, liste: tuple[str, ...]) -> bool:
    """True when the list begins with this first name; hyphen and apostrophe are a space."""

    def plat(texte: str) -> str:
        return normaliser(texte).replace("-", " ").replace("'", " ")

    return plat(" ".join(liste)).startswith(plat(prenom))


def est_lunaire(date: str, *, jour: bool) -> bool:
    """True for a date whose day or month is unknown (00) or out of the calendar."""
    morceaux = date.split("-")
    if len(morceaux) != 3 or not 1 <= int(morceaux[1]) <= 12:
        return True
    return jour and morceaux[2] == "00"
