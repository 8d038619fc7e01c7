"""The checks of CDA documents that are Python, the profiles, and the official samples."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from dui_conformance.checks import cda_coherence, cda_entete, cda_structure, cda_vaccination
from dui_conformance.checks.registry import all_checks, all_profiles, run_profile
from dui_conformance.core.check import Application
from dui_conformance.core.profile import best_for
from dui_conformance.core.providers import provide
from dui_conformance.core.verdict import Verdict
from dui_conformance.validation.cda import CdaDocument
from dui_conformance.validation.document import Document
from samples.refus import refused

DATA = Path(__file__).parent.parent / "data" / "cda"
OFFICIAL = Path(__file__).parents[2] / ".." / "shared" / "data" / "cda" / "samples"
NOTE = (DATA / "note_vaccination.xml").read_text(encoding="utf-8")
LEVEL_1 = (DATA / "document_niveau_1.xml").read_text(encoding="utf-8")
DAY = date(2026, 11, 20)


def cda(text: str) -> CdaDocument:
    return provide(CdaDocument, Document(text.encode()))


def changed(text: str, old: str, new: str, count: int = 1) -> CdaDocument:
    assert old in text
    return cda(text.replace(old, new, count))


def judged(text: str, profile: str = "VAC-NOTE") -> list[Application]:
    return run_profile(all_profiles()[profile], [Document(text.encode(), "essai.xml")], day=DAY)


def left(applications: list[Application]) -> dict[str, Verdict]:
    return {a.check: a.verdict for a in applications if a.verdict not in {Verdict.CONFORME, Verdict.SANS_OBJET}}


@pytest.mark.parametrize(("text", "profile"), [(NOTE, "VAC-NOTE"), (NOTE, "CDA-ENTETE"), (LEVEL_1, "CDA-ENTETE")])
def test_our_documents_are_conforme(text: str, profile: str) -> None:
    assert left(judged(text, profile)) == {}


def test_note_proves_what_its_profile_cites() -> None:
    cited = {exigence for application in judged(NOTE) for exigence in application.exigences}
    assert {"VAC-01", "CDA-01", "DMP-ALIM-18"} <= cited


def test_profile_follows_the_document_type() -> None:
    profiles = list(all_profiles().values())
    assert best_for("document.cda.87273-9.note-vaccination", profiles, DAY).id == "VAC-NOTE"  # type: ignore[union-attr]
    assert best_for("document.cda.83981-1", profiles, DAY).id == "CDA-ENTETE"  # type: ignore[union-attr]


def test_broken_rule_names_all_that_a_developer_needs() -> None:
    (broken,) = [
        a for a in judged(NOTE.replace("<title>Note de vaccination</title>", "<title> </title>")) if a.check == "cda.entete.titre"
    ]
    assert broken.verdict is Verdict.NON_CONFORME
    assert broken.finding is not None
    assert broken.finding.at == "/ClinicalDocument/title (ligne 12)"
    assert broken.finding.hint
    assert broken.finding.expected
    assert "Structuration minimale" in broken.finding.source


def test_beyond_the_official_kit_is_a_warning() -> None:
    assert left(judged(NOTE.replace('code="fr-FR"', 'code="en-US"'))) == {"cda.coherence.langue": Verdict.AVERTISSEMENT}


def test_every_row_is_a_check_with_a_source() -> None:
    rows = [c for c in all_checks().values() if c.group is not None and c.id.startswith("cda.")]
    assert len(rows) > 200
    assert all(c.source and c.rule.endswith(".") and c.covers for c in rows)


def test_row_alone_is_a_check_too() -> None:
    row = all_checks()["cda.entete.titre"]
    assert row(cda(NOTE)).fired == 1
    refused(row, changed(NOTE, "<title>Note de vaccination</title>", ""))


@pytest.mark.parametrize(
    "data", [b"", b"ceci n'est pas du XML", b"<a/>", b"<!DOCTYPE a><a/>", LEVEL_1.encode()[:2000], b"\xff\xfe\x00"]
)
def test_unreadable_document_is_refused_with_one_finding(data: bytes) -> None:
    refused(cda_structure.document_is_a_readable_cda, Document(data))
    verdicts = run_profile(all_profiles()["CDA-ENTETE"], [Document(data, "x")], day=DAY)
    assert [a.check for a in verdicts if a.verdict is Verdict.NON_CONFORME] == ["cda.structure.readable"]


def test_structure_is_judged_by_the_schema() -> None:
    assert cda_structure.document_follows_the_schema(cda(NOTE)).fired == 1
    failure = refused(cda_structure.document_follows_the_schema, changed(NOTE, "<title>", "<titre/><title>"))
    assert failure.at == "/ClinicalDocument/titre (ligne 12)"


def test_references_resolve() -> None:
    assert cda_coherence.references_point_to_the_narrative(cda(NOTE)).fired == 6
    assert (
        "#" not in refused(cda_coherence.references_point_to_the_narrative, changed(NOTE, 'ID="reaction"', 'ID="autre"')).expected
    )


def test_repeated_id_breaks_the_schema() -> None:
    refused(cda_structure.document_follows_the_schema, changed(NOTE, 'ID="reaction"', 'ID="vaccin"'))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('birthTime value="19600515"', 'birthTime value="19601345"'),
        ('effectiveTime value="20261015103000+0200"', 'effectiveTime value="20260231"'),
        ('low value="20260901"', 'low value="20260931"'),
    ],
)
def test_header_dates_exist(old: str, new: str) -> None:
    refused(cda_entete.header_dates_exist, changed(NOTE, old, new))


def test_birth_date_with_an_unknown_part_is_accepted() -> None:
    assert cda_entete.header_dates_exist(changed(NOTE, 'birthTime value="19600515"', 'birthTime value="19600000"'))


@pytest.mark.parametrize("high", ["20260101", "20260901"])
def test_periods_are_in_order(high: str) -> None:
    assert cda_entete.header_periods_are_in_order(cda(NOTE)).fired == 2
    refused(cda_entete.header_periods_are_in_order, changed(NOTE, '<high value="20261231"/>', f'<high value="{high}"/>'))


def test_identifiers_are_distinct() -> None:
    assert cda_entete.header_identifiers_are_distinct(cda(NOTE))
    ins = '<id root="1.2.250.1.213.1.4.10" extension="260058815400233"/>'
    refused(cda_entete.header_identifiers_are_distinct, changed(NOTE, ins, ins * 2))


@pytest.mark.parametrize("extension", ["260058815400200", "2600588154002", "abc"])
def test_ins_has_its_key(extension: str) -> None:
    assert cda_entete.test_ins_has_its_key(cda(NOTE))
    refused(cda_entete.test_ins_has_its_key, changed(NOTE, "260058815400233", extension))
    production = changed(
        NOTE, 'root="1.2.250.1.213.1.4.10" extension="260058815400233"', f'root="1.2.250.1.213.1.4.8" extension="{extension}"'
    )
    refused(cda_entete.production_ins_has_its_key, production)
    assert cda_entete.test_ins_has_its_key(production)


def test_published_person_keeps_its_published_key() -> None:
    assert cda_entete.test_ins_has_its_key(changed(NOTE, "260058815400233", "279035121518989"))
    assert cda_entete.test_ins_has_its_key(changed(NOTE, "260058815400233", "181036322045660"))
    refused(cda_entete.test_ins_has_its_key, changed(NOTE, "260058815400233", "279035121518900"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("JVBERi0xLjQKJSBkb2N1bWVudCBmaWN0aWYK", "pas du base64 !"),
        ("JVBERi0xLjQKJSBkb2N1bWVudCBmaWN0aWYK", "ZG9jdW1lbnQ="),
        ("JVBERi0xLjQKJSBkb2N1bWVudCBmaWN0aWYK", ""),
        (' representation="B64"', ""),
    ],
)
def test_encapsulated_file_is_what_it_says(old: str, new: str) -> None:
    assert cda_entete.encapsulated_file_is_what_it_says(cda(LEVEL_1)).note == "27 octets"
    refused(cda_entete.encapsulated_file_is_what_it_says, changed(LEVEL_1, old, new))


def test_vaccination_dates_exist() -> None:
    assert cda_vaccination.vaccination_dates_exist(cda(NOTE)).fired == 1
    refused(
        cda_vaccination.vaccination_dates_exist,
        changed(NOTE, '<effectiveTime value="20261015"/>', '<effectiveTime value="20261035"/>'),
    )


def test_vaccination_comes_before_its_note() -> None:
    assert cda_vaccination.vaccination_comes_before_its_note(cda(NOTE)).fired == 1
    later = changed(NOTE, '<effectiveTime value="20261015"/>', '<effectiveTime value="20261016"/>')
    refused(cda_vaccination.vaccination_comes_before_its_note, later)
    later = changed(NOTE, '<effectiveTime value="20261015"/>', '<effectiveTime value="20261015104500+0200"/>')
    refused(cda_vaccination.vaccination_comes_before_its_note, later)


def test_vaccination_day_is_read_where_the_note_was_written() -> None:
    """Half past midnight in France is still the day before in UTC."""
    night = changed(NOTE, 'effectiveTime value="20261015103000+0200"', 'effectiveTime value="20261015003000+0200"')
    assert cda_vaccination.vaccination_comes_before_its_note(night).fired == 1


def test_official_samples_break_no_rule() -> None:
    """Warned of, rightly: references to no text, dates that the narrative says otherwise, a FINESS of 8 digits."""
    if not OFFICIAL.is_dir():
        pytest.skip("documents d'exemple officiels absents de cette machine")
    found: dict[str, dict[str, Verdict]] = {}
    for path in sorted(OFFICIAL.glob("*.xml")):
        document = Document(path.read_bytes(), path.name)
        profile = best_for(provide(CdaDocument, document).kind, list(all_profiles().values()), DAY)
        found[path.stem] = left(run_profile(profile, [document], day=DAY))  # type: ignore[arg-type]
    assert len(found) == 8
    warned = {
        "IPS-FR_2024.01": dict.fromkeys(
            ["cda.coherence.narrative-dates", "cda.coherence.structure-identifiant"], Verdict.AVERTISSEMENT
        ),
        "eP-MED-DM_2023.01_PosoStruct": {"cda.coherence.references-resolve": Verdict.AVERTISSEMENT},
    }
    assert {name: verdicts for name, verdicts in found.items() if verdicts} == warned


def test_published_export_breaks_only_what_is_known_of_it() -> None:
    """Its INS has a wrong key; the generic profiles of entries, which its own guide contradicts, are warnings."""
    path = OFFICIAL.parents[1] / "tddui" / "verbatim_cda_1.0.1" / "CDA_TDDUI_Exemple_v1.0.1.xml"
    if not path.is_file():
        pytest.skip("exemple publié d'export de DUI absent de cette machine")
    found = left(judged(path.read_text(encoding="utf-8-sig"), "TDDUI"))
    refused_by = {check for check, verdict in found.items() if verdict is Verdict.NON_CONFORME}
    assert refused_by == {"cda.entete.ins-key"}
    assert {check for check in found if check.startswith(("cda.export-dui", "cda.section"))} == set()
    known = {"sejour-code", "evaluation-identifiant", "structure-identifiant"}
    assert {check: found.get(check) for check in (f"cda.coherence.{name}" for name in known)} == {
        f"cda.coherence.{name}": Verdict.AVERTISSEMENT for name in known
    }
