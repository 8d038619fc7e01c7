"""What XPath 1.0 cannot say of a vaccination: its dates exist and come before the document."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from ..core.errors import CheckFailed
from ..core.problem import Evidence
from ..validation.cda import CdaDocument
from ..validation.cda.times import read
from ..validation.cda.view import HL7, hl7
from ..validation.xml import place_of
from .registry import check

VACCINATION = "1.3.6.1.4.1.19376.1.5.3.1.4.12"


def _vaccinations(document: CdaDocument) -> Iterator[etree._Element]:
    for entry in document.root.iter(f"{{{HL7}}}substanceAdministration"):
        if any(template.get("root") == VACCINATION for template in entry.iterchildren(f"{{{HL7}}}templateId")):
            yield entry


@check("cda.vaccination.dates-of-the-calendar", covers=("VAC-01",), source="CI-SIS, volet Vaccinations 2023.01", confidence="vu")
def vaccination_dates_exist(document: CdaDocument) -> Evidence:
    """La date de chaque vaccination existe dans le calendrier."""
    count = 0
    for entry in _vaccinations(document):
        for element in entry.findall(hl7("effectiveTime")):
            value = element.get("value")
            count += 1
            if value is not None and read(value) is None:
                raise CheckFailed(
                    "Date de vaccination qui n'existe pas",
                    expected="AAAAMMJJ, mois 01 à 12, jour du mois",
                    received=value,
                    at=f"{place_of(element)}/@value",
                    hint="Écrire la date de l'injection sur 8 chiffres.",
                )
    return Evidence(note=f"{count} dates", fired=count)


@check(
    "cda.coherence-vaccination.before-document",
    covers=("VAC-01",),
    source="CI-SIS, volet Note de vaccination 2023.01",
    confidence="vu",
)
def vaccination_comes_before_its_note(document: CdaDocument) -> Evidence:
    """Une vaccination faite ne suit pas la date du document qui la rapporte."""
    written = document.attribute("effectiveTime", "value")
    count = 0
    for entry in _vaccinations(document):
        element = entry.find(hl7("effectiveTime"))
        given = element.get("value", "") if element is not None else ""
        count += 1
        if element is None or entry.get("moodCode") != "EVN":
            continue
        if _follows(given, written):
            raise CheckFailed(
                "Vaccination datée après le document",
                expected=f"au plus tard {written}",
                received=given,
                at=place_of(element),
                hint="Vérifier la date de l'injection et celle du document.",
            )
    return Evidence(note=f"{count} vaccinations", fired=count)


def _follows(given: str, written: str) -> bool:
    """True when a time comes after another; one without offset, as a bare date, is read in the zone of the other."""
    first, last = read(given), read(written)
    if first is None or last is None:
        return False
    if re.search(r"[+-]", given):
        return first.start > last.end
    digits = [re.split(r"[.+-]", text)[0] for text in (given, written)]
    length = min(len(text) for text in digits)
    return digits[0][:length] > digits[1][:length]
