"""The usager's identity in a document: nothing leaks without an INS, the INS goes with the traits, the place existed."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from dui_conformance.checks import cda_identite
from dui_conformance.checks.declaratif import rule_sets
from dui_conformance.checks.registry import all_profiles, run_profile
from dui_conformance.core.check import Check, apply
from dui_conformance.core.errors import NotTested
from dui_conformance.core.providers import provide
from dui_conformance.core.verdict import Verdict
from dui_conformance.validation.cda import CdaDocument
from dui_conformance.validation.cog import Cog, CogReference, Validity
from dui_conformance.validation.document import Document
from samples.refus import refused

NOTE = (Path(__file__).parent.parent / "data" / "cda" / "note_vaccination.xml").read_text(encoding="utf-8")
INS = '<id root="1.2.250.1.213.1.4.10" extension="260058815400233"/>'
WITHOUT = NOTE.replace(INS, "")
COG = Cog({"88154": (Validity(None, None, "Épinal"),), "88999": (Validity(date(1970, 1, 1), None, "Nouvelle"),)}, ("v.csv",))


def cda(text: str) -> CdaDocument:
    return provide(CdaDocument, Document(text.encode()))


def changed(text: str, old: str, new: str) -> CdaDocument:
    assert old in text
    return cda(text.replace(old, new))


@pytest.mark.parametrize("text", [NOTE, WITHOUT])
@pytest.mark.parametrize(
    "check",
    [
        cda_identite.document_without_ins_does_not_leak_it,
        cda_identite.ins_bears_its_oid,
        cda_identite.citizen_mail_is_built_on_the_ins,
        cda_identite.ins_is_that_of_the_traits,
        cda_identite.ins_is_a_test_one,
    ],
    ids=lambda c: c.id if isinstance(c, Check) else "",
)
def test_our_note_keeps_the_rule(check: Check, text: str) -> None:
    assert check(cda(text)).fired


@pytest.mark.parametrize(
    ("place", "written"),
    [
        ("<title>", "<title>Note de 260058815400233 "),
        ("<title>", "<title>2 60 05 88 154 002 33 "),
        ('<telecom nullFlavor="NASK"/>', '<telecom value="mailto:260058815400233@patient.mssante.fr"/>'),
        ('extension="IPP-0042"', 'extension="260058815400233"'),
        ('root="1.2.250.1.213.99.1" extension="IPP-0042"', 'root="1.2.250.1.213.1.4.8" extension="IPP-0042"'),
    ],
)
def test_a_matricule_leaks_from_a_document_without_ins(place: str, written: str) -> None:
    document = changed(WITHOUT, place, written)
    if "4.8" in written:
        assert cda_identite.document_without_ins_does_not_leak_it(document).note.startswith("l'usager")
        return
    refused(cda_identite.document_without_ins_does_not_leak_it, document)
    assert cda_identite.document_without_ins_does_not_leak_it(changed(NOTE, place, written)).fired


def test_an_ins_given_to_another_element_leaks() -> None:
    document = changed(WITHOUT, "<guardianOrganization>", f"<guardianOrganization>{INS}")
    assert "1.2.250.1.213.1.4.10" in refused(cda_identite.document_without_ins_does_not_leak_it, document).received


@pytest.mark.parametrize("number", ["260058815400234", "1260058815400233", "260058815400233.5", "20251120101500"])
def test_other_numbers_are_not_taken_for_a_matricule(number: str) -> None:
    assert cda_identite.document_without_ins_does_not_leak_it(changed(WITHOUT, "<title>", f"<title>{number} ")).fired


@pytest.mark.parametrize("root", ["1.2.250.1.213.1.4.2", "1.2.250.1.213.1.4.12", "1.2.3.4"])
def test_a_matricule_under_another_oid_is_refused(root: str) -> None:
    refused(cda_identite.ins_bears_its_oid, changed(NOTE, 'root="1.2.250.1.213.1.4.10"', f'root="{root}"'))


def test_the_citizen_mail_is_that_of_the_ins() -> None:
    mail = '<telecom value="mailto:{}@patient.mssante.fr"/>'
    check = cda_identite.citizen_mail_is_built_on_the_ins
    assert check(changed(NOTE, '<telecom nullFlavor="NASK"/>', mail.format("260058815400233"))).fired
    refused(check, changed(NOTE, '<telecom nullFlavor="NASK"/>', mail.format("279035121518989")))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('birthTime value="19600515"', 'birthTime value="19610515"'),
        ('birthTime value="19600515"', 'birthTime value="19600615"'),
        ('administrativeGenderCode code="F"', 'administrativeGenderCode code="M"'),
    ],
)
def test_an_ins_of_someone_else_is_seen(old: str, new: str) -> None:
    refused(cda_identite.ins_is_that_of_the_traits, changed(NOTE, old, new))


@pytest.mark.parametrize("birth", ["19600000", "1960"])
def test_an_unknown_month_is_not_compared(birth: str) -> None:
    assert cda_identite.ins_is_that_of_the_traits(changed(NOTE, 'birthTime value="19600515"', f'birthTime value="{birth}"')).fired


def test_a_production_oid_is_noticed() -> None:
    refused(cda_identite.ins_is_a_test_one, changed(NOTE, 'root="1.2.250.1.213.1.4.10"', 'root="1.2.250.1.213.1.4.8"'))


def test_a_finess_number_has_its_key() -> None:
    text = re.sub(r'(root="1\.2\.250\.1\.71\.4\.2\.2" extension=)"1\d+"', r'\1"1750803447"', NOTE)
    assert cda_identite.finess_numbers_have_their_key(cda(text)).fired
    failure = refused(cda_identite.finess_numbers_have_their_key, cda(text.replace("1750803447", "1750803448", 1)))
    assert failure.expected.startswith("750803447")


def test_the_birth_place_is_judged_by_the_history_loaded() -> None:
    check = cda_identite.birth_place_existed_at_birth
    assert "Épinal" in check(cda(NOTE), CogReference(COG)).note
    assert "jamais existé" in refused(check, changed(NOTE, "88154", "88155"), CogReference(COG)).expected
    assert "depuis le 01/01/1970" in refused(check, changed(NOTE, "88154", "88999"), CogReference(COG)).expected
    assert check(changed(NOTE, "88154", "99999"), CogReference(COG)).fired
    with pytest.raises(NotTested, match="ne tient pas"):
        check(changed(NOTE, "88154", "99123"), CogReference(COG))


@pytest.mark.parametrize("birth", ["19700000", "19700100", "1970"])
def test_a_place_that_began_in_an_incomplete_year_is_accepted(birth: str) -> None:
    text = NOTE.replace("88154", "88999").replace('birthTime value="19600515"', f'birthTime value="{birth}"')
    assert cda_identite.birth_place_existed_at_birth(cda(text), CogReference(COG)).fired


def test_without_the_history_the_birth_place_is_not_tested() -> None:
    made = apply(cda_identite.birth_place_existed_at_birth, [cda(NOTE)], context=[CogReference()])
    assert made.verdict is Verdict.NON_TESTE
    assert made.reason.startswith("référentiel COG absent")


def test_a_profile_applies_it_where_references_are_handled() -> None:
    profile = all_profiles()["CDA-ENTETE"]
    given = {a.check: a.verdict for a in run_profile(profile, [cda(NOTE)], context=[CogReference()])}
    assert given["cda.identite.cog-exists"] is Verdict.NON_TESTE
    assert "cda.identite.cog-exists" not in {a.check for a in run_profile(profile, [cda(NOTE)])}


@pytest.mark.parametrize(
    ("first", "listed", "held"),
    [
        ("ANNE", "ANNE MARIE", True),
        ("Anne-Marie", "ANNE MARIE LOUISE", True),
        ("HÉLÈNE", "HELENE, MARIE", True),
        ("N'GUESSAN", "N GUESSAN", True),
        ("ANN", "ANNE MARIE", False),
        ("MARIE", "ANNE MARIE", False),
    ],
)
def test_the_first_name_opens_the_list(first: str, listed: str, *, held: bool) -> None:
    text = NOTE.replace("<given>ANNE MARIE</given>", f"<given>{listed}</given>")
    text = text.replace('<given qualifier="BR">ANNE</given>', f'<given qualifier="BR">{first}</given>')
    rules = next(r for r in rule_sets() if r.id == "cda.coherence")
    assert ("cda.coherence.premier-prenom" not in rules.evaluate(cda(text)).problems) is held


def test_every_document_profile_looks_at_the_identity() -> None:
    for profile in all_profiles().values():
        globs = {glob for part in profile.applied for glob in part.rules}
        if "cda.coherence.*" in globs:
            assert {"cda.identite.*", "cda.information.*"} <= globs, profile.id
