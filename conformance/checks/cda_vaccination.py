"""What XPath 1.0 cannot say of a vaccination: its dates exist and come before the document."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml import etree

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.cda import CdaDocument
from ..validation.cda.times import read
from ..validation.cda.view import HL7, hl7
from ..validation.ins.traits import folded
from ..validation.xml import place_of
from .registry import check

ATC = "2.16.840.1.113883.6.73"
VACCINATION = "1.3.6.1.4.1.19376.1.5.3.1.4.12"
_TEMPLATE = hl7("templateId")
_MATERIAL = hl7("consumable/manufacturedProduct/manufacturedMaterial")


def _vaccinations(document: CdaDocument) -> Sequence[etree._Element]:
    """The vaccinations of a document, found once."""
    if VACCINATION not in document.memo:
        document.memo[VACCINATION] = [
            entry
            for entry in document.root.iter(f"{{{HL7}}}substanceAdministration")
            if any(template.get("root") == VACCINATION for template in entry.iterchildren(_TEMPLATE))
        ]
    found: list[etree._Element] = document.memo[VACCINATION]
    return found


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
    return Evidence(note=f"{count} dates", fired=max(1, count))


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
    return Evidence(note=f"{count} vaccinations", fired=max(1, count))


@check("vaccination.filled-from-drug-base", covers=("VAC-03",), source="programme §1.7, VAC-03", confidence="vu")
def vaccine_is_filled_from_the_drug_base(document: CdaDocument, settings: Settings) -> Evidence:
    """La note reprend, pour le code CIP choisi, le code CIS, la classe ATC, la dénomination et le lot attendus."""
    wanted = settings.vaccin
    entry = next(iter(_vaccinations(document)), None)
    material = entry.find(_MATERIAL) if entry is not None else None
    if material is None:
        raise Inconclusive("le document ne rapporte aucun produit de vaccination")
    code, name = material.find(hl7("code")), material.find(hl7("name"))
    said = {
        "code CIS": (wanted.cis, code.get("code", "") if code is not None else ""),
        "classe ATC": (wanted.atc, _translated(code, ATC)),
        "dénomination": (wanted.denomination, "".join(name.itertext()) if name is not None else ""),
        "lot": (wanted.lot, material.findtext(hl7("lotNumberText"), "")),
    }
    for what, (expected, received) in said.items():
        if not expected:
            continue
        same = folded(received).startswith(folded(expected)) if what == "dénomination" else received.strip() == expected
        if not same:
            raise CheckFailed(
                f"Vaccin pré-rempli avec un autre élément que celui de la base : {what}",
                expected=f"{expected} (CIP {wanted.cip})",
                received=received.strip() or "absent",
                at=place_of(material),
                hint="Prendre CIS, ATC et dénomination dans la base médicamenteuse à partir du CIP ; le lot est saisi ou lu.",
            )
    return Evidence(at=place_of(material), note=f"CIP {wanted.cip}", fired=len(said))


def _translated(code: etree._Element | None, system: str) -> str:
    translations = code.findall(hl7("translation")) if code is not None else []
    return next((t.get("code", "") for t in translations if t.get("codeSystem") == system), "")


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
