"""The data types of the body, in Python: the calendar, periods in order, repeated identifiers."""

from __future__ import annotations

from pathlib import Path

import pytest
from dui_conformance.checks import cda_types
from dui_conformance.core.check import Check
from dui_conformance.validation.cda import CdaDocument
from dui_conformance.validation.xml import parse
from samples.refus import refused

DATA = Path(__file__).parent.parent / "data" / "cda"
CATALOGUE = (DATA / "catalogue_entrees.xml").read_text(encoding="utf-8")
LEVEL_1 = (DATA / "document_niveau_1.xml").read_text(encoding="utf-8")
CHECKS = (cda_types.body_dates_exist, cda_types.body_periods_are_in_order, cda_types.body_identifiers_are_distinct)


def cda(text: str) -> CdaDocument:
    return CdaDocument(parse(text.encode()), text.encode())


def changed(old: str, new: str) -> CdaDocument:
    assert old in CATALOGUE
    return cda(CATALOGUE.replace(old, new, 1))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_body_of_the_catalogue_holds(check: Check) -> None:
    assert check(cda(CATALOGUE)).fired > 1
    assert check(cda(LEVEL_1)).note == "document sans corps structuré"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<low value="20240111"/>', '<low value="20240231"/>'),
        ('<effectiveTime value="20250114"/>', '<effectiveTime value="20251345"/>'),
        ('<high value="20261031"/>', '<high value="2026-10-31"/>'),
        ('<value xsi:type="BL" value="true"/>', '<value xsi:type="TS" value="20260000"/>'),
    ],
)
def test_date_that_does_not_exist_is_refused(old: str, new: str) -> None:
    assert refused(cda_types.body_dates_exist, changed(old, new)).at.endswith("/@value")


def test_bounds_of_a_quantity_are_not_dates() -> None:
    assert cda_types.body_dates_exist(changed('<low value="1500" unit="mg/d"/>', '<low value="1.5" unit="g/d"/>'))


def test_period_that_ends_before_it_begins_is_refused() -> None:
    refused(cda_types.body_periods_are_in_order, changed('<high value="20261031"/>', '<high value="20260930"/>'))
    assert cda_types.body_periods_are_in_order(changed('<high value="20261031"/>', '<high value="20261001"/>'))


def test_repeated_identifier_is_refused() -> None:
    first = '<id root="7C1D5E20-8A44-4E0B-9D31-000000000001"/>'
    refused(cda_types.body_identifiers_are_distinct, changed(first, first * 2))
