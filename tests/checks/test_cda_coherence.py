"""Narrative and entries agree; a label says what its code says."""

from __future__ import annotations

from pathlib import Path

import pytest
from dui_conformance.checks import cda_coherence
from dui_conformance.core.check import Check
from dui_conformance.core.providers import provide
from dui_conformance.validation.cda import CdaDocument
from dui_conformance.validation.cda.libelles import agrees, labels_of, sides
from dui_conformance.validation.cda.recit import date_said
from dui_conformance.validation.document import Document
from dui_conformance.validation.valeurs import ValueSet
from dui_conformance.validation.xml import parse
from samples.refus import refused

NOTE = (Path(__file__).parent.parent / "data" / "cda" / "note_vaccination.xml").read_text(encoding="utf-8")
CHECKS = (
    cda_coherence.references_point_to_the_narrative,
    cda_coherence.anchors_are_unique,
    cda_coherence.sections_with_entries_have_a_narrative,
    cda_coherence.narrative_dates_agree_with_entries,
    cda_coherence.labels_match_their_codes,
    cda_coherence.narrative_sides_agree_with_codes,
)


def cda(text: str) -> CdaDocument:
    return provide(CdaDocument, Document(text.encode()))


def body(narrative: str, entry: str) -> CdaDocument:
    return cda(
        '<ClinicalDocument xmlns="urn:hl7-org:v3"><component><structuredBody><component><section>'
        f"<text>{narrative}</text><entry>{entry}</entry></section></component></structuredBody></component></ClinicalDocument>"
    )


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.id)
def test_our_note_is_coherent(check: Check) -> None:
    assert check(cda(NOTE)).fired >= 1


def test_every_dangling_reference_is_said() -> None:
    failure = refused(
        cda_coherence.references_point_to_the_narrative,
        body(
            '<content ID="a">x</content><renderMultiMedia referencedObject="image"/>',
            '<act><text><reference value="#b"/></text><code><originalText><reference value="#a"/></originalText></code></act>',
        ),
    )
    assert [p.expected for p in failure.problems] == [
        'un élément ID="b" dans le document',
        'un élément ID="image" dans le document',
    ]


def test_an_anchor_given_twice_is_refused() -> None:
    failure = refused(cda_coherence.anchors_are_unique, body('<content ID="a">x</content><td ID="a">y</td>', "<act/>"))
    assert failure.received.startswith("2 éléments")


@pytest.mark.parametrize("narrative", ["", "  <paragraph> </paragraph>", "<!-- rien -->"])
def test_entries_under_an_empty_narrative_are_refused(narrative: str) -> None:
    refused(cda_coherence.sections_with_entries_have_a_narrative, body(narrative, "<act/>"))


@pytest.mark.parametrize("narrative", ["Rien à signaler", '<renderMultiMedia referencedObject="image"/>'])
def test_a_text_or_an_image_is_a_narrative(narrative: str) -> None:
    assert cda_coherence.sections_with_entries_have_a_narrative(body(narrative, "<act/>")).fired


ROW = (
    "<table><thead><tr><th>{heading}</th><th>Vaccin</th></tr></thead><tbody><tr>"
    '<td>{date}</td><td><content ID="vac">Vaccin</content></td></tr></tbody></table>'
)
ENTRY = '<substanceAdministration><text><reference value="#vac"/></text><effectiveTime value="{}"/></substanceAdministration>'


@pytest.mark.parametrize("written", ["28/09/2009", "28.09.2009", "2009-09-28", "20090928", "28 septembre 2009", "le 28/9/2009"])
@pytest.mark.parametrize(
    ("coded", "agrees_"), [("20090928", True), ("200909", True), ("20090928101500+0200", True), ("20090930", False)]
)
def test_the_date_of_a_row_is_that_of_its_entry(written: str, coded: str, agrees_: bool) -> None:
    document = body(ROW.format(heading="Date", date=written), ENTRY.format(coded))
    if agrees_:
        assert cda_coherence.narrative_dates_agree_with_entries(document).note == "1 dates comparées"
    else:
        assert "20090928" in refused(cda_coherence.narrative_dates_agree_with_entries, document).expected


@pytest.mark.parametrize(
    ("heading", "written"),
    [("Date de péremption", "28/09/2009"), ("Vaccin reçu", "28/09/2009"), ("Date", "vers le 28/09/2009"), ("Date", "2009")],
)
def test_a_date_that_may_mean_something_else_is_not_compared(heading: str, written: str) -> None:
    document = body(ROW.format(heading=heading, date=written), ENTRY.format("20090930"))
    assert cda_coherence.narrative_dates_agree_with_entries(document).note == "0 dates comparées"


def test_dates_are_read_as_the_french_write_them() -> None:
    assert [date_said(text) for text in ("1er août 2020", "3 Février 2021", "31/03/2026", "hier", "2020")] == [
        "20200801",
        "20210203",
        "20260331",
        "",
        "",
    ]


def test_a_label_that_contradicts_its_code_is_refused() -> None:
    code = '<act><code code="SA17" codeSystem="1.2.250.1.71.4.2.4" displayName="{}"/></act>'
    assert cda_coherence.labels_match_their_codes(body("x", code.format("ETABLISSEMENT POUR PERSONNES AGEES"))).fired
    failure = refused(cda_coherence.labels_match_their_codes, body("x", code.format("Laboratoire")))
    assert "personnes âgées" in failure.expected


def test_a_document_label_binds_at_the_head_only() -> None:
    code = '<section><code code="47420-5" codeSystem="2.16.840.1.113883.6.1" displayName="Évaluation"/></section>'
    assert cda_coherence.labels_match_their_codes(body("x", code)).fired
    refused(
        cda_coherence.labels_match_their_codes,
        cda(
            '<ClinicalDocument xmlns="urn:hl7-org:v3"><code code="47420-5" codeSystem="2.16.840.1.113883.6.1" '
            'displayName="Ordonnance"/></ClinicalDocument>'
        ),
    )


@pytest.mark.parametrize(
    ("said", "agrees_"),
    [
        ("médecin qualifié en MEDECINE générale", True),
        ("Médecin", True),
        ("Médecin - Qualifié en Médecin Générale (SM)", True),
        ("G15_10/SM26", True),
        ("Plombier", False),
        ("Infirmier", False),
    ],
)
def test_labels_are_compared_leniently(said: str, agrees_: bool) -> None:
    assert agrees(said, "G15_10/SM26", ("Médecin - Qualifié en Médecine Générale (SM)",)) is agrees_


def test_the_label_of_the_other_side_contradicts() -> None:
    labels = labels_of([ValueSet("S", "s", codes={}, labels={("1", "s"): ("deltoïde gauche",), ("2", "s"): ("deltoïde droit",)})])
    element = parse(b'<code code="1" codeSystem="s" displayName="Delto\xc3\xafde droit"/>')
    assert labels.contradiction(element) == "deltoïde gauche"
    assert sides("Left") == {"gauche"}


def test_the_side_said_in_the_narrative_is_that_of_the_code() -> None:
    entry = (
        '<substanceAdministration><approachSiteCode code="91774008" displayName="deltoïde droit">'
        '<originalText><reference value="#s"/></originalText></approachSiteCode></substanceAdministration>'
    )
    check = cda_coherence.narrative_sides_agree_with_codes
    assert check(body('<content ID="s">Deltoïde droit</content>', entry)).note == "1 côtés comparés"
    assert check(body('<content ID="s">Deltoïde</content>', entry)).fired
    refused(check, body('<content ID="s">Bras gauche</content>', entry))
