"""What a date and the identifiers of one element are, wherever they stand in a CDA document."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from ..core.errors import CheckFailed
from ..core.problem import Evidence
from ..validation.cda.times import has_unknown_part, read
from ..validation.xml import local_name, place_of


def must_exist(element: etree._Element, value: str) -> None:
    """Raise when a date is not in the calendar; a date of birth may have unknown parts."""
    if read(value) is None and not (local_name(element) == "birthTime" and has_unknown_part(value)):
        raise CheckFailed(
            "Date qui n'existe pas",
            expected="AAAAMMJJ ou AAAAMMJJhhmmss+hhmm, mois 01 à 12, jour du mois, heure 00 à 23",
            received=value,
            at=f"{place_of(element)}/@value",
            hint="Produire la date avec le type date de la plateforme, puis l'écrire sans séparateur.",
        )


def distinct(identifiers: Iterable[etree._Element]) -> Evidence:
    """No two of these ``id`` elements, all with a root, say the same in one parent."""
    seen: set[tuple[etree._Element | None, str, str]] = set()
    for element in identifiers:
        key = (element.getparent(), element.get("root", ""), element.get("extension", ""))
        if key in seen:
            raise CheckFailed(
                "Identifiant répété",
                expected="des identifiants différents",
                received=f'root="{key[1]}" extension="{key[2]}"',
                at=place_of(element),
                hint="Retirer la répétition.",
            )
        seen.add(key)
    return Evidence(note=f"{len(seen)} identifiants", fired=max(1, len(seen)))
