"""Rules of XDS metadata: one green deposit, and a red one for each way to break a rule."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from dui_conformance.checks import xds_cda_document as document
from dui_conformance.checks import xds_cda_people as same
from dui_conformance.checks import xds_cda_vihf as sender
from dui_conformance.checks import xds_codes as codes
from dui_conformance.checks import xds_entry as entry
from dui_conformance.checks import xds_people as people
from dui_conformance.checks import xds_signature as signature
from dui_conformance.checks import xds_submission as submission
from dui_conformance.checks.registry import all_checks, all_profiles, run_profile
from dui_conformance.core.check import Application, Check, apply
from dui_conformance.core.exchange import Exchange
from dui_conformance.core.settings import Settings
from dui_conformance.core.verdict import Verdict, roll_up
from samples.vihf import CX, INS, OU, anchors, organisation
from samples.xds import (
    CDA,
    DOC,
    HAS_MEMBER,
    MEMBERS,
    PERSON,
    ROLE,
    RPPS,
    SET,
    SET_UID,
    SIGNATURE,
    SIGNATURE_PART,
    SIGNS,
    SPECIALTY,
    STRUCTURE,
    TITLE,
    UID,
    association,
    deposit,
    in_document,
    in_set,
    in_signature,
    lot_signature,
    slot,
)

SETTINGS = Settings()
XDS_CHECKS = sorted(
    (c for c in all_checks().values() if c.id.startswith("xds.") and not c.id.startswith("xds.suite.")), key=lambda c: c.id
)
RPLC = "urn:ihe:iti:2007:AssociationType:RPLC"
NAMED = f"{INS}^^^&amp;1.2.250.1.213.1.4.10"
DIRECT = (
    ("INDIRECTE_RENFORCEE", "DIRECTE"),
    ("<saml:AuthnContextDecl>APP_BROWSER_AUTH</saml:AuthnContextDecl>", ""),
)
PARENT = '<relatedDocument typeCode="RPLC"><parentDocument><id root="2.25.99"/></parentDocument></relatedDocument>'
REPLACES = (f"{SIGNS}</RegistryObjectList>", f"{SIGNS}{association('a4', RPLC, 'Doc01', 'urn:uuid:ancien')}</RegistryObjectList>")
HL7 = 'xmlns:h="urn:hl7-org:v3"'
NO_ORDER = '<inFulfillmentOf><order><id nullFlavor="NA"/></order></inFulfillmentOf>'
ORDER = "^urn:ihe:iti:xds:2013:order"
REPLACING = ("<documentationOf>", f"{PARENT}<documentationOf>")


def judge(check: Check, *subjects: Any) -> Application:
    return apply(check, subjects, context=(SETTINGS, anchors()))


def assert_red(made: Application, words: str) -> None:
    assert made.verdict in (Verdict.NON_CONFORME, Verdict.AVERTISSEMENT), made
    assert made.finding is not None
    assert words in f"{made.finding.message} | {made.finding.received} | {made.finding.expected}"
    assert made.finding.expected
    assert made.finding.received
    assert made.finding.at
    assert made.finding.hint


@pytest.mark.parametrize("check", XDS_CHECKS, ids=lambda c: c.id)
def test_rule_holds_on_a_correct_deposit(check: Check) -> None:
    made = judge(check, deposit())
    assert made.verdict is Verdict.CONFORME, made


@pytest.mark.parametrize("profile", ["VIHF", "XDS-DEPOT", "XDS-CDA", "XDS-COHERENCE"])
def test_profile_holds_on_a_correct_deposit(profile: str) -> None:
    made = run_profile(all_profiles()[profile], [deposit()], context=(SETTINGS, anchors()))
    assert {a.verdict for a in made} == {Verdict.CONFORME}, [a for a in made if a.verdict is not Verdict.CONFORME]


def test_profiles_apply_every_rule_once() -> None:
    exchange = deposit()
    context = (SETTINGS, anchors())
    profiles = ("XDS-DEPOT", "XDS-CDA", "XDS-COHERENCE")
    ids = [a.check for p in profiles for a in run_profile(all_profiles()[p], [exchange], context=context)]
    assert sorted(ids) == [c.id for c in XDS_CHECKS]


SET_RED = [
    (submission.deposit_holds_one_submission_set, in_set("a54d6aa5-d40d-43f9-88c5-b4633d873bdd", "autre"), "0 classification"),
    (submission.deposit_holds_one_submission_set, (SET, SET + SET), "2 lot(s)"),
    (
        submission.deposit_holds_no_folder,
        (SET, f"{SET}{SET.replace('a54d6aa5-d40d-43f9-88c5-b4633d873bdd', 'd9d542f3-6cc4-48b6-8870-ea235fbc94c2')}"),
        "1 classeur",
    ),
    (submission.submission_time_is_utc_seconds, in_set("20260401080000", "20260401"), "20260401"),
    (submission.submission_time_is_utc_seconds, in_set(slot("submissionTime", "20260401080000"), ""), "absent"),
    (submission.submission_has_one_author, in_set(slot("authorInstitution", STRUCTURE), ""), "authorInstitution absent"),
    (submission.submission_has_one_author, in_set('nodeRepresentation=""', 'nodeRepresentation="x"'), 'nodeRepresentation="x"'),
    (submission.submission_content_type_is_known, in_set('nodeRepresentation="11"', 'nodeRepresentation="99"'), "99"),
    (submission.submission_content_type_is_known, in_set("1.2.250.1.213.2.2", "1.2.3"), "1.2.250.1.213.2.2"),
    (submission.submission_patient_is_an_ins, in_set("ISO^NH", "ISO^PI"), "PI"),
    (submission.submission_patient_is_an_ins, in_set("1.2.250.1.213.1.4.10", "1.2.3"), "1.2.3"),
    (submission.submission_patient_is_an_ins, in_set(f'value="{INS}', f'value="{INS[:14]}X'), "X^^^"),
    (submission.submission_source_is_an_oid, in_set("1.2.250.1.999.3", "urn:oid:1.2"), "urn:oid:1.2"),
    (submission.submission_unique_id_is_an_oid, in_set(SET_UID, "2.025.1"), "2.025.1"),
    (submission.unique_ids_are_distinct, in_document(f'value="{UID}"', f'value="{SET_UID}"'), SET_UID),
    (
        submission.every_entry_is_member_of_the_set,
        (MEMBERS, MEMBERS.split("</Association>")[0] + "</Association>"),
        "Signature01",
    ),
    (
        submission.members_are_original,
        (slot("SubmissionSetStatus", "Original"), slot("SubmissionSetStatus", "Reference")),
        "Reference",
    ),
    (
        submission.all_objects_are_of_one_patient,
        in_document(f'value="{NAMED}', f'value="{NAMED[:-2]}.8'),
        "sous 1.2.250.1.213.1.4",
    ),
    (
        submission.classifications_reference_their_object,
        in_document('classifiedObject="Doc01"', 'classifiedObject="Doc02"'),
        "Doc02",
    ),
]
ENTRY_RED = [
    (entry.entry_is_a_stable_document, in_document("7edca82f", "34268e47"), "34268e47"),
    (entry.entry_mime_type_is_that_of_cda, in_document('mimeType="text/xml"', 'mimeType="application/pdf"'), "pdf"),
    (entry.entry_creation_time_is_utc, in_document("20260401080000", "20260401100000+0200"), "+0200"),
    (entry.entry_creation_time_is_utc, in_document(slot("creationTime", "20260401080000"), ""), "absent"),
    (entry.entry_service_times_are_ordered, in_document("20260401073000", "20260401084500"), "20260401074500"),
    (entry.entry_service_times_are_ordered, in_document("20260401073000", "2026-04-01"), "2026-04-01"),
    (entry.entry_service_times_are_ordered, in_document(slot("serviceStartTime", "20260401073000"), ""), "absent"),
    (entry.entry_language_is_french, in_document("fr-FR", "FR"), "FR"),
    (entry.entry_has_a_title, in_document(f'value="{TITLE}"', 'value=""'), "vide"),
    (entry.entry_unique_id_is_an_oid, in_document(f'value="{UID}"', f'value="{UID}^1"'), f"{UID}^1"),
    (entry.entry_patient_ends_with_its_type, in_document(f'value="{CX}"', f'value="{CX}^^20260101"'), "20260101"),
    (entry.entry_patient_is_an_ins, in_document(f'value="{CX}"', f'value="{INS}"'), INS),
    (entry.entry_patient_key_matches, in_document(f'value="{NAMED}', 'value="269035121518989^^^&amp;1.2.250.1.213.1.4.8'), "clé"),
    (entry.entry_patient_test_key_matches, in_document(f'value="{INS}', 'value="269035121518989'), "clé"),
    (entry.entry_source_patient_id_is_cx, in_document("ISO^PI", "ISO^NH"), "NH"),
    (entry.entry_source_patient_id_is_cx, in_document("IPP-7^^^&amp;1.2.250.1.999.1.2&amp;ISO^PI", "IPP-7"), "IPP-7"),
    (entry.entry_reference_ids_are_cxi, in_document("^urn:ihe:iti:xds:2013:order", ""), "PRESC-9"),
    (codes.entry_class_code_is_known, in_document('nodeRepresentation="52"', 'nodeRepresentation="53"'), "53"),
    (codes.entry_class_code_is_known, in_document("1.2.250.1.213.1.1.4.1<", "1.2.250.1.213.1.1.4.1.1<"), "4.1.1"),
    (codes.entry_type_code_is_coded, in_document("2.16.840.1.113883.6.1", "LOINC"), "LOINC"),
    (codes.entry_type_code_is_coded, in_document('value="Note de vaccination"', 'value=""'), "/ ?"),
    (codes.entry_type_code_is_known, in_document("87273-9", "87273-8"), "87273-8"),
    (
        codes.entry_type_code_is_accepted_by_dmp,
        (DOC, DOC.replace("87273-9", "EXPORT_DUI").replace("2.16.840.1.113883.6.1", "1.2.250.1.213.1.1.4.12")),
        "EXPORT_DUI",
    ),
    (codes.entry_format_code_is_coded, in_document("1.2.250.1.213.1.1.4.2.282", "1.2.3"), "1.2.3"),
    (codes.entry_format_code_is_coded, in_document('"urn:asip:ci-sis:vac-note:2021"', '"vac-note"'), "vac-note"),
    (codes.entry_format_code_is_known, in_document("vac-note:2021", "vac-note:2031"), "2031"),
    (codes.entry_confidentiality_is_ordered, in_document('nodeRepresentation="N"', 'nodeRepresentation="X"'), "X"),
    (
        codes.entry_confidentiality_is_ordered,
        (DOC, DOC.replace('nodeRepresentation="N"', 'nodeRepresentation="MASQUE_PS"')),
        "MASQUE_PS",
    ),
    (codes.entry_is_not_masked_and_hidden, (DOC, SIGNATURE.replace("E1762", "87273-9").replace("urn:oid:1.3", "x")), "MASQUE_PS"),
    (codes.entry_facility_type_is_known, in_document("SA17", "SA11"), "SA11"),
    (codes.entry_practice_setting_is_known, in_document('nodeRepresentation="ESSMS"', 'nodeRepresentation="ESMS"'), "ESMS"),
    (codes.entry_event_codes_are_coded, in_document("2.16.840.1.113883.5.4<", "ActCode<"), "ActCode"),
    (people.entry_authors_are_xcn, in_document("ISO^D^^^IDNPS", "ISO^D"), PERSON[:12]),
    (people.entry_authors_are_xcn, in_document(slot("authorPerson", PERSON), ""), "absent"),
    (people.entry_author_institutions_are_xon, in_document(f"IDNST^^^{OU}", f"IDNST^^{OU}"), "IDNST"),
    (people.entry_author_institutions_are_xon, in_document(slot("authorInstitution", STRUCTURE), ""), "absente"),
    (people.entry_author_specialties_are_coded, in_document(SPECIALTY, "Infirmier"), "Infirmier"),
    (people.entry_author_specialties_are_known, in_document("G15_60", "G15_61"), "G15_61"),
    (people.entry_legal_authenticator_is_xcn, in_document(slot("legalAuthenticator", PERSON), ""), "absent"),
    (
        people.entry_legal_authenticator_is_xcn,
        in_document(slot("legalAuthenticator", PERSON), slot("legalAuthenticator", "ANNE FICTIVE")),
        "ANNE FICTIVE",
    ),
    (people.entry_patient_traits_are_pid, in_document("^^^^^L", "^^^^^D"), "PID-5"),
    (people.entry_patient_traits_are_pid, in_document("PID-7|19790301", "PID-7|01/03/1979"), "PID-7"),
    (people.entry_patient_traits_are_pid, in_document("PID-8|F", "PID-8|2"), "PID-8"),
    (signature.signature_entry_has_expected_metadata, in_signature(">art<", ">fr-FR<"), "fr-FR"),
    (signature.signature_entry_has_expected_metadata, in_signature("INVISIBLE_PATIENT", "INVISIBLE_REP_LEGAUX"), "visible"),
    (
        signature.signature_entry_has_expected_metadata,
        in_signature("1.2.840.10065.1.12.1.14", "1.2.840.10065.1.12.1.1"),
        "12.1.1",
    ),
    (signature.submission_set_is_signed, (SIGNS, ""), "aucune association"),
    (signature.submission_set_is_signed, (SIGNATURE + MEMBERS + SIGNS, MEMBERS), "Doc01"),
]


@pytest.mark.parametrize(("check", "change", "words"), SET_RED + ENTRY_RED, ids=lambda v: v.id if isinstance(v, Check) else "")
def test_rule_catches_changed_metadata(check: Check, change: tuple[str, str], words: str) -> None:
    assert_red(judge(check, deposit(change)), words)


CDA_RED: list[tuple[Check, tuple[str, str], tuple[tuple[str, str], ...], str]] = [
    (document.unique_id_is_that_of_document, in_document(f'value="{UID}"', 'value="2.25.112"'), (), UID),
    (
        document.unique_id_is_that_of_document,
        (SET, SET),
        ((f'<id root="{UID}"/>', f'<id root="{UID}" extension="1"/>'),),
        "extension",
    ),
    (document.type_code_is_that_of_document, in_document('value="Note de vaccination"', 'value="Vaccins"'), (), "Vaccins"),
    (document.type_code_is_that_of_document, in_document("87273-9", "11369-6"), (), "11369-6"),
    (document.class_code_follows_type, in_document('nodeRepresentation="52"', 'nodeRepresentation="10"'), (), "52 pour le type"),
    (document.format_code_follows_model, in_document("vac-note:2021", "vac:2019"), (), "vac-note:2021"),
    (
        document.format_code_follows_model,
        (SET, SET),
        (("<structuredBody/>", '<nonXMLBody><text mediaType="application/pdf"/></nonXMLBody>'),),
        "xds-sd:pdf:2008",
    ),
    (document.title_is_that_of_document, in_document(TITLE, "Vaccin"), (), TITLE),
    (document.creation_time_is_that_of_document, in_document("20260401080000", "20260401100000"), (), "20260401080000"),
    (document.confidentiality_is_that_of_document, in_document('nodeRepresentation="N"', 'nodeRepresentation="R"'), (), "R"),
    (document.language_is_that_of_document, (SET, SET), (('code="fr-FR"', 'code="en-GB"'),), "en-GB"),
    (document.service_times_are_those_of_document, in_document("20260401073000", "20260401093000"), (), "20260401073000"),
    (document.service_times_are_those_of_document, in_document(slot("serviceStopTime", "20260401074500"), ""), (), "absent"),
    (document.event_codes_are_those_of_document, in_document("IMMUNIZ", "VACC"), (), "IMMUNIZ"),
    (
        document.practice_setting_is_that_of_document,
        in_document('nodeRepresentation="ESSMS"', 'nodeRepresentation="HAD"'),
        (),
        "HAD",
    ),
    (
        document.facility_type_is_that_of_document,
        in_document('nodeRepresentation="SA17"', 'nodeRepresentation="SA16"'),
        (),
        "SA16",
    ),
    (document.replacement_is_that_of_document, REPLACES, (), "association sans relatedDocument"),
    (document.replacement_is_that_of_document, (SET, SET), (REPLACING,), "relatedDocument sans association"),
    (document.reference_ids_are_those_of_document, in_document("PRESC-9", "PRESC-8"), (), "PRESC-8"),
    (same.patient_is_that_of_document, in_document(f'value="{NAMED}', f'value="{NAMED[:-2]}8'), (), "1.2.250.1.213.1.4.10"),
    (same.source_patient_id_is_that_of_document, in_document("IPP-7", "IPP-8"), (), "IPP-8"),
    (same.patient_traits_are_those_of_document, in_document("FICTIF^ANNE", "FICTIVE^ANNE"), (), "FICTIVE"),
    (same.patient_traits_are_those_of_document, in_document("FICTIF^ANNE", "FICTIF^MARIE"), (), "MARIE"),
    (same.patient_traits_are_those_of_document, in_document("PID-7|19790301", "PID-7|19790302"), (), "19790302"),
    (same.patient_traits_are_those_of_document, in_document("PID-8|F", "PID-8|M"), (), "M"),
    (
        same.author_persons_are_those_of_document,
        in_document(slot("authorPerson", PERSON), slot("authorPerson", PERSON.replace(RPPS, "899700000002"))),
        (),
        "899700000002",
    ),
    (
        same.author_persons_are_those_of_document,
        in_document(slot("authorPerson", PERSON), slot("authorPerson", PERSON.replace("ANNE", "ANNA"))),
        (),
        "ANNA",
    ),
    (
        same.author_persons_are_those_of_document,
        (SET, SET),
        (("<legalAuthenticator>", "<author/><legalAuthenticator>"),),
        "2 auteur(s)",
    ),
    (same.author_institutions_are_those_of_document, in_document("OG FICTIVE", "EHPAD"), (), "EHPAD"),
    (same.author_roles_are_those_of_document, in_document(ROLE, "Médecin traitant"), (), "Médecin traitant"),
    (same.author_specialties_are_those_of_document, in_document("G15_60", "G15_70"), (), "G15_70"),
    (
        same.legal_authenticator_is_that_of_document,
        in_document(slot("legalAuthenticator", PERSON), slot("legalAuthenticator", PERSON.replace("FICTIVE", "AUTRE"))),
        (),
        "AUTRE",
    ),
    (sender.vihf_structure_is_author, in_document(f"IDNST^^^{OU}", "IDNST^^^1750000027"), (), "1750000027"),
    (sender.patient_is_the_same_everywhere, in_set("1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.8"), (), "1.2.250.1.213.1.4.8"),
    (sender.hash_and_size_match_document, in_document("<Name>", f"{slot('size', '12')}<Name>"), (), "12"),
    (sender.hash_and_size_match_document, in_document("<Name>", f"{slot('hash', 'ab' * 20)}<Name>"), (), "abab"),
]


@pytest.mark.parametrize(("check", "change", "cda", "words"), CDA_RED, ids=lambda v: v.id if isinstance(v, Check) else "")
def test_rule_catches_disagreement_with_the_document(
    check: Check, change: tuple[str, str], cda: tuple[tuple[str, str], ...], words: str
) -> None:
    assert_red(judge(check, deposit(change, cda=cda)), words)


INTERNAL = '<id root="1.2.250.1.999.6" extension="agent-7"/>'
NATIONAL = f'<id root="1.2.250.1.71.4.2.1" extension="{RPPS}"/>\n<code'
SITE = f'<id root="1.2.250.1.71.4.2.2" extension="{OU}"/><name>'
STUDY = "1.2.840.1^^^^urn:ihe:iti:xds:2016:studyInstanceUID"
VARIANTS: list[tuple[str, tuple[str, str], tuple[tuple[str, str], ...]]] = [
    ("identifiant interne avant le RPPS", (SET, SET), ((NATIONAL, INTERNAL + NATIONAL),)),
    ("deux identifiants de structure", (SET, SET), ((SITE, INTERNAL + SITE),)),
    (
        "structure de l'auteur, puis entité juridique",
        in_document(
            slot("authorInstitution", STRUCTURE), slot("authorInstitution", STRUCTURE.replace(OU, "1750000027"), STRUCTURE)
        ),
        (),
    ),
    ("prescription sans identifiant", (SET, SET), (("<inFulfillmentOf>", f"{NO_ORDER}<inFulfillmentOf>"),)),
    ("étude d'imagerie parmi les références", in_document(f"{ORDER}</Value>", f"{ORDER}</Value><Value>{STUDY}</Value>"), ()),
    ("esperluette dans un nom", in_document("FICTIF^ANNE", "FICTIF\\T\\FILS^ANNE"), ((">FICTIF<", ">FICTIF&amp;FILS<"),)),
]


@pytest.mark.parametrize(("change", "cda"), [v[1:] for v in VARIANTS], ids=[v[0] for v in VARIANTS])
def test_legitimate_variant_agrees_with_the_document(change: tuple[str, str], cda: tuple[tuple[str, str], ...]) -> None:
    made = run_profile(all_profiles()["XDS-CDA"], [deposit(change, cda=cda)], context=(SETTINGS, anchors()))
    assert {a.check: a.verdict for a in made if a.verdict is not Verdict.CONFORME} == {}


XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
CORSICAN = "180032B02040123"
WHOLE: list[tuple[str, tuple[tuple[str, str], ...], tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]] = [
    ("usager né en Corse", ((INS, CORSICAN),), ((INS, CORSICAN),), ((INS, CORSICAN),)),
    ("rôle préfixé", (), (), ((f'<Role xmlns="urn:hl7-org:v3" {XSI} xsi:type="CE"', f'<h:Role {HL7} {XSI} xsi:type="h:CE"'),)),
    ("commentaire dans le VIHF", (), (), (("<saml:NameID>", "<saml:NameID><!-- PS -->"),)),
    ("instant au dix millionième", (), (), (('Instant="2026-04-01T08:00:00Z"', 'Instant="2026-04-01T08:00:00.1234567Z"'),)),
]


@pytest.mark.parametrize(("body", "cda", "vihf"), [v[1:] for v in WHOLE], ids=[v[0] for v in WHOLE])
def test_legitimate_variant_of_a_whole_deposit_is_conforme(
    body: tuple[tuple[str, str], ...], cda: tuple[tuple[str, str], ...], vihf: tuple[tuple[str, str], ...]
) -> None:
    exchange = deposit(*body, cda=cda, vihf=vihf)
    for name in ("DMP-ENVELOPPE", "DMP-MTOM", "VIHF", "XDS-DEPOT", "XDS-CDA"):
        made = run_profile(all_profiles()[name], [exchange], context=(SETTINGS, anchors()))
        assert {a.check: a.verdict for a in made if a.verdict is not Verdict.CONFORME} == {}


def test_person_known_by_an_internal_identifier_is_accepted() -> None:
    internal = PERSON.replace("1.2.250.1.71.4.2.1", "1.2.250.1.999.6").replace("IDNPS", "RI")
    exchange = deposit(in_document(slot("authorPerson", PERSON), slot("authorPerson", internal)))
    assert judge(people.entry_authors_are_xcn, exchange).verdict is Verdict.CONFORME


def test_date_after_the_patient_identifier_is_only_advised_against() -> None:
    exchange = deposit(in_document(f'value="{CX}"', f'value="{CX}^^20260101"'))
    made = run_profile(all_profiles()["XDS-DEPOT"], [exchange], context=(SETTINGS, anchors()))
    assert {a.check: a.verdict for a in made if a.verdict is not Verdict.CONFORME} == {
        "xds.entry.no-patient-suffix": Verdict.AVERTISSEMENT
    }


def test_agreeing_hash_and_size_are_accepted() -> None:
    data = CDA.encode()
    sent = slot("hash", hashlib.sha1(data, usedforsecurity=False).hexdigest()) + slot("size", str(len(data)))
    made = judge(sender.hash_and_size_match_document, deposit(in_document("<Name>", f"{sent}<Name>")))
    assert made.verdict is Verdict.CONFORME


def test_replacement_said_on_both_sides_is_accepted() -> None:
    exchange = deposit(REPLACES, cda=(REPLACING,), facts={"cibles": {"urn:uuid:ancien": "2.25.99"}})
    assert judge(document.replacement_is_that_of_document, exchange).verdict is Verdict.CONFORME


def test_replacement_of_another_document_is_refused() -> None:
    exchange = deposit(REPLACES, cda=(REPLACING,), facts={"cibles": {"urn:uuid:ancien": "2.25.98"}})
    assert_red(judge(document.replacement_is_that_of_document, exchange), "2.25.98")


def test_direct_mode_wants_the_user_among_the_authors() -> None:
    assert judge(sender.vihf_user_is_author, deposit(vihf=DIRECT)).verdict is Verdict.CONFORME
    stranger = deposit(vihf=(*DIRECT, (RPPS, "899700000009")))
    assert_red(judge(sender.vihf_user_is_author, stranger), "899700000009")


def test_times_without_offset_are_taken_as_french_time_or_as_they_are() -> None:
    for written in ("20260401100000", "20260401080000", "20260401090000"):
        exchange = deposit(cda=(('<effectiveTime value="20260401100000+0200"/>', f'<effectiveTime value="{written}"/>'),))
        assert judge(document.creation_time_is_that_of_document, exchange).verdict is Verdict.CONFORME


def test_device_author_is_compared_by_its_names() -> None:
    names = "<manufacturerModelName>Serveur</manufacturerModelName><softwareName>DUI</softwareName>"
    device = f"<assignedAuthoringDevice>{names}</assignedAuthoringDevice>"
    person = "<assignedPerson><name><family>FICTIVE</family><given>ANNE</given></name></assignedPerson>"
    head = CDA.split("</author>")[0]
    written = PERSON.replace("FICTIVE^ANNE", "DUI^Serveur").replace("^D^^^IDNPS", "^U^^^RI")
    exchange = deposit(
        in_document(slot("authorPerson", PERSON), slot("authorPerson", written)), cda=((head, head.replace(person, device)),)
    )
    assert judge(same.author_persons_are_those_of_document, exchange).verdict is Verdict.CONFORME
    assert judge(people.entry_authors_are_xcn, exchange).verdict is Verdict.CONFORME
    other = deposit(
        in_document(slot("authorPerson", PERSON), slot("authorPerson", written.replace("DUI", "ERP"))),
        cda=((head, head.replace(person, device)),),
    )
    assert_red(judge(same.author_persons_are_those_of_document, other), "ERP")


SIGNATURE_RED = [
    (signature.manifest_covers_every_document, lot_signature(b"<a/>"), "Condensat"),
    (signature.manifest_covers_every_document, lot_signature(CDA.encode(), (f"urn:oid:{SET_UID}", "urn:oid:2.25.9")), "2.25.9"),
    (signature.lot_signature_verifies, lot_signature(CDA.encode(), ("AA==", "AB==")), "changé"),
    (signature.lot_signature_verifies, lot_signature(CDA.encode(), ("<ds:SignatureValue>", "<ds:SignatureValue>AAAA")), "valeur"),
    (signature.lot_signature_verifies, lot_signature(CDA.encode(), ('Id="IHEManifest"', 'Id="Autre"')), "IHEManifest"),
    (signature.signature_purpose_is_source, lot_signature(CDA.encode(), ("12.1.14<", "12.1.1<")), "12.1.1"),
    (signature.lot_and_vihf_have_one_signer, lot_signature(CDA.encode(), by=organisation(rank=4)), "SIGNATURE TEST"),
]


@pytest.mark.parametrize(("check", "made", "words"), SIGNATURE_RED, ids=lambda v: v.id if isinstance(v, Check) else "")
def test_rule_catches_a_faulty_lot_signature(check: Check, made: bytes, words: str) -> None:
    assert_red(judge(check, deposit(signature=made)), words)


def test_unsigned_lot_warns_once_and_its_details_have_nothing_to_judge() -> None:
    kept = association("a1", HAS_MEMBER, "SubmissionSet01", "Doc01")
    unsigned = deposit((SIGNATURE + MEMBERS + SIGNS, kept), (SIGNATURE_PART, ""))
    made = run_profile(all_profiles()["XDS-DEPOT"], [unsigned], context=(SETTINGS, anchors()))
    left = {a.check: a.verdict for a in made if a.verdict is not Verdict.CONFORME}
    assert left.pop("xds.signature.present") is Verdict.AVERTISSEMENT
    assert set(left.values()) == {Verdict.SANS_OBJET}
    assert len(left) == 5
    assert roll_up(a.verdict for a in made) is Verdict.AVERTISSEMENT
    assert judge(signature.manifest_covers_every_document, unsigned).verdict is Verdict.NON_CONCLUANT


@pytest.mark.parametrize("made", [b"<pas-une-signature/>", b"<ds:Signature>"])
def test_unreadable_signature_is_no_signature(made: bytes) -> None:
    assert_red(judge(signature.submission_set_is_signed, deposit(signature=made)), "lisible")


def test_document_that_is_no_cda_leaves_the_agreement_undecided() -> None:
    broken: Exchange = deposit(cda=(("</ClinicalDocument>", ""),), signature=lot_signature(CDA.encode()))
    for check in (document.title_is_that_of_document, same.author_persons_are_those_of_document):
        assert judge(check, broken).verdict is Verdict.NON_CONCLUANT


def test_every_xds_rule_has_a_red_case() -> None:
    covered = {row[0].id for rows in (SET_RED, ENTRY_RED, CDA_RED, SIGNATURE_RED) for row in rows}
    covered.add(sender.vihf_user_is_author.id)
    covered |= {c.id for c in XDS_CHECKS if c.id.startswith(("xds.coherence.", "xds.version."))}  # in test_xds_versions
    assert {c.id for c in XDS_CHECKS} == covered
