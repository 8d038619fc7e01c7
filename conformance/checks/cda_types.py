"""Data types in the body of a CDA document, where XPath 1.0 is short: the calendar, periods in order, repeated identifiers.

The header's own are in ``cda_entete.py``: there the official kit looks at them, here it does not.
"""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from ..core.errors import CheckFailed
from ..core.problem import Evidence
from ..validation.cda import CdaDocument
from ..validation.cda.times import read
from ..validation.cda.view import HL7, XSI, hl7
from ..validation.xml import place_of
from .cda_valeurs import distinct, must_exist
from .registry import check

SOURCE = "HL7 CDA R2, Data Types R1"
_BODY = hl7("component/structuredBody")
_LOW, _HIGH = hl7("low"), hl7("high")
_TYPE = f"{{{XSI}}}type"
_TIMES = tuple(f"{{{HL7}}}{name}" for name in ("effectiveTime", "time", "birthTime", "comp"))
_BOUNDS = tuple(f"{{{HL7}}}{name}" for name in ("low", "high", "center"))
_ID = f"{{{HL7}}}id"


def _periods(document: CdaDocument, body: etree._Element) -> Sequence[etree._Element]:
    """The elements of the body that are a time, by their name, or by their type when they are a value; found once."""
    if _TIMES not in document.memo:
        values = (value for value in body.iter(f"{{{HL7}}}value") if value.get(_TYPE, "").endswith("TS"))
        document.memo[_TIMES] = [*body.iter(*_TIMES), *values]
    periods: list[etree._Element] = document.memo[_TIMES]
    return periods


def _body(document: CdaDocument) -> etree._Element | None:
    return document.root.find(_BODY)


@check("cda.coherence.body-dates", covers=("CDA-01",), source=f"{SOURCE}, type TS", confidence="vu")
def body_dates_exist(document: CdaDocument) -> Evidence:
    """Chaque date du corps du document existe dans le calendrier."""
    body = _body(document)
    if body is None:
        return Evidence(note="document sans corps structuré")
    count = 0
    for period in _periods(document, body):
        for element in (period, *period.iterchildren(*_BOUNDS)):
            value = element.get("value")
            if value is None:
                continue
            count += 1
            must_exist(element, value)
    return Evidence(note=f"{count} dates", fired=max(1, count))


@check("cda.coherence.body-periods", covers=("CDA-01",), source=f"{SOURCE}, type IVL_TS", confidence="vu")
def body_periods_are_in_order(document: CdaDocument) -> Evidence:
    """Chaque période du corps du document commence avant de finir."""
    body = _body(document)
    if body is None:
        return Evidence(note="document sans corps structuré")
    count = 0
    for period in _periods(document, body):
        low, high = period.find(_LOW), period.find(_HIGH)
        if low is None or high is None:
            continue
        count += 1
        begin, end = read(low.get("value", "")), read(high.get("value", ""))
        if begin and end and begin.start > end.end:
            raise CheckFailed(
                "Période qui finit avant de commencer",
                expected=f"une fin qui ne précède pas {low.get('value')}",
                received=str(high.get("value")),
                at=place_of(high),
                hint="Corriger low ou high, ou retirer high tant que la fin n'est pas connue.",
            )
    return Evidence(note=f"{count} périodes", fired=max(1, count))


@check("cda.coherence.body-identifiers", covers=("CDA-01",), source=f"{SOURCE}, type II", confidence="vu")
def body_identifiers_are_distinct(document: CdaDocument) -> Evidence:
    """Un même élément du corps ne porte pas deux fois le même identifiant."""
    body = _body(document)
    if body is None:
        return Evidence(note="document sans corps structuré")
    return distinct(element for element in body.iter(_ID) if element.get("root"))
