"""XDS metadata against the CDA header: patient, authors, legal authenticator (dmp_insi §8, C09 to C16)."""

from __future__ import annotations

from collections.abc import Iterator

from ..core.errors import CheckFailed
from ..core.problem import Evidence
from ..validation.xds import vocabulary as v
from ..validation.xds.cda_header import Party, described
from ..validation.xds.datatypes import Xcn, components, parse_cx, parse_pid, parse_triplet, parse_xcn, parse_xon
from ..validation.xds.objects import Author, DocumentEntry
from ..validation.xds.submission import Submission
from .registry import check

_HL7V2 = "Volet Transmission d'un document CDA-R2, correspondance des métadonnées"
_HINT = "Construire les métadonnées à partir de l'en-tête CDA, auteurs dans le même ordre."
_GENDERS = {"M": ("M",), "F": ("F",), "UN": ("U", "O", "A")}


def _differ(name: str, *, expected: str, received: str, at: str, hint: str = _HINT) -> CheckFailed:
    return CheckFailed(
        f"{name} différent de l'en-tête du document",
        expected=expected or "absent",
        received=received or "absent",
        at=at,
        hint=hint,
    )


@check("xds.cda.patient-id", covers=("DMP-ALIM-18",), source="C09 ; " + _HL7V2, confidence="vu")
def patient_is_that_of_document(submission: Submission) -> Evidence:
    """Le patient de la fiche est désigné par l'INS du document CDA, sous le même OID."""
    count = 0
    for entry, header in described(submission):
        at = entry.identifier_xpath(v.ENTRY_PATIENT)
        ins = header.ins
        expected = (ins.extension, ins.root) if ins else ("", "")
        if entry.patient.identity != expected:
            raise _differ(
                "patientId",
                expected=f"{expected[0]} sous {expected[1]}" if ins else "aucun INS dans recordTarget",
                received=f"{entry.patient.id} sous {entry.patient.authority.oid}",
                at=at,
            )
        count += 1
    return Evidence(at=submission.entries[0].identifier_xpath(v.ENTRY_PATIENT), fired=count)


@check("xds.cda.source-patient-id", covers=("DMP-ALIM-18",), source="C10 ; " + _HL7V2, confidence="vu")
def source_patient_id_is_that_of_document(submission: Submission) -> Evidence:
    """L'identifiant du patient dans la source est l'autre identifiant du document CDA (IPP), ou l'INS s'il est seul."""
    count = 0
    for entry, header in described(submission):
        at = entry.slot_xpath("sourcePatientId")
        allowed = [(i.extension, i.root) for i in header.local_ids or header.patient_ids]
        received = parse_cx(entry.slot("sourcePatientId")).identity
        if received not in allowed:
            raise _differ(
                "sourcePatientId",
                expected=" ou ".join(f"{e} sous {r}" for e, r in allowed),
                received=f"{received[0]} sous {received[1]}",
                at=at,
            )
        count += 1
    return Evidence(at=submission.entries[0].slot_xpath("sourcePatientId"), fired=count)


@check("xds.cda.source-patient-info", covers=("DMP-ALIM-18",), source="C11 ; " + _HL7V2, confidence="vu")
def patient_traits_are_those_of_document(submission: Submission) -> Evidence:
    """Les traits du patient de la fiche sont ceux du document CDA : nom de naissance, prénom, date de naissance, sexe."""
    count = 0
    for entry, header in described(submission):
        at = entry.slot_xpath("sourcePatientInfo")
        fields = parse_pid(entry.slots.get("sourcePatientInfo", ()))
        names = [components(name) for name in fields.get("PID-5", [])]
        legal = next((name for name in names if name[6:7] == ["L"]), ["", ""])
        if legal[0] != header.birth_name or legal[1] not in header.givens:
            raise _differ(
                "PID-5",
                expected=f"{header.birth_name}^{' ou '.join(header.givens)}",
                received="^".join(legal[:2]),
                at=f"{at} (PID-5)",
            )
        birth = next(iter(fields.get("PID-7", [])), "")
        if birth != header.birth_time[:8]:
            raise _differ("PID-7", expected=header.birth_time[:8], received=birth, at=f"{at} (PID-7)")
        gender = next(iter(fields.get("PID-8", [])), "")
        if gender not in _GENDERS.get(header.gender, (header.gender,)):
            raise _differ("PID-8", expected=header.gender, received=gender, at=f"{at} (PID-8)")
        count += 3
    return Evidence(at=submission.entries[0].slot_xpath("sourcePatientInfo"), fired=count)


@check("xds.cda.author-person", covers=("DMP-ALIM-18",), source="C12 ; " + _HL7V2, confidence="vu")
def author_persons_are_those_of_document(submission: Submission) -> Evidence:
    """Les auteurs de la fiche sont ceux du document CDA, dans le même ordre : identifiant et nom."""
    count = 0
    for entry, author, party, at in _authors(submission):
        xcn = parse_xcn(author.persons[0]) if author.persons else parse_xcn("")
        _same_person(xcn, party, f"authorPerson de la fiche « {entry.id} »", at)
        count += 1
    return Evidence(at=submission.entries[0].code_xpath(v.ENTRY_AUTHOR), fired=count)


@check("xds.cda.author-institution", covers=("DMP-ALIM-18",), source="C13 ; " + _HL7V2, confidence="vu")
def author_institutions_are_those_of_document(submission: Submission) -> Evidence:
    """La structure de chaque auteur de la fiche est celle du document CDA : identifiant et nom."""
    count = 0
    for entry, author, party, at in _authors(submission):
        named = [parse_xon(value) for value in author.institutions]
        expected = (party.organisation_id.extension, party.organisation_name)
        if expected not in [(each.id, each.name) for each in named]:
            raise _differ(
                f"authorInstitution de la fiche « {entry.id} »",
                expected=" ".join(expected).strip(),
                received=" ; ".join(f"{each.id} {each.name}".strip() for each in named),
                at=f"{at}/rim:Slot[@name='authorInstitution']",
            )
        count += 1
    return Evidence(at=submission.entries[0].code_xpath(v.ENTRY_AUTHOR), fired=count)


@check("xds.cda.author-role", covers=("DMP-ALIM-18",), source="C14 ; " + _HL7V2, confidence="vu")
def author_roles_are_those_of_document(submission: Submission) -> Evidence:
    """Le rôle de chaque auteur de la fiche est le libellé de sa fonction dans le document CDA."""
    count = 0
    for entry, author, party, at in _authors(submission):
        received = next(iter(author.roles), "")
        if received != party.function:
            raise _differ(
                f"authorRole de la fiche « {entry.id} »",
                expected=party.function,
                received=received,
                at=f"{at}/rim:Slot[@name='authorRole']",
            )
        count += 1
    return Evidence(at=submission.entries[0].code_xpath(v.ENTRY_AUTHOR), fired=count)


@check("xds.cda.author-specialty", covers=("DMP-ALIM-18",), source="C15 ; " + _HL7V2, confidence="vu")
def author_specialties_are_those_of_document(submission: Submission) -> Evidence:
    """La spécialité de chaque auteur de la fiche est le code de l'auteur dans le document CDA."""
    count = 0
    for entry, author, party, at in _authors(submission):
        received = parse_triplet(author.specialties[0]) if author.specialties else parse_triplet("")
        if (received.code, received.system) != (party.code.code, party.code.system):
            raise _differ(
                f"authorSpecialty de la fiche « {entry.id} »",
                expected=f"{party.code.code}^{party.code.label}^{party.code.system}" if party.code.code else "",
                received=received.raw,
                at=f"{at}/rim:Slot[@name='authorSpecialty']",
            )
        count += 1
    return Evidence(at=submission.entries[0].code_xpath(v.ENTRY_AUTHOR), fired=count)


@check("xds.cda.legal-authenticator", covers=("DMP-ALIM-18",), source="C16 ; " + _HL7V2, confidence="vu")
def legal_authenticator_is_that_of_document(submission: Submission) -> Evidence:
    """Le responsable de la fiche est celui du document CDA : identifiant et nom."""
    count = 0
    for entry, header in described(submission):
        at = entry.slot_xpath("legalAuthenticator")
        received = parse_xcn(entry.slot("legalAuthenticator"))
        if header.legal_authenticator is None:
            raise _differ("legalAuthenticator", expected="absent du document", received=received.raw, at=at)
        _same_person(received, header.legal_authenticator, f"legalAuthenticator de la fiche « {entry.id} »", at)
        count += 1
    return Evidence(at=submission.entries[0].slot_xpath("legalAuthenticator"), fired=count)


def _authors(submission: Submission) -> Iterator[tuple[DocumentEntry, Author, Party, str]]:
    """Authors of each entry side by side with those of its document; their number must agree."""
    for entry, header in described(submission):
        at = entry.code_xpath(v.ENTRY_AUTHOR)
        if len(entry.authors) != len(header.authors):
            raise _differ(
                "Nombre d'auteurs",
                expected=f"{len(header.authors)} auteur(s)",
                received=f"{len(entry.authors)} auteur(s)",
                at=at,
            )
        for rank, (author, party) in enumerate(zip(entry.authors, header.authors, strict=True), start=1):
            yield entry, author, party, f"{at}[{rank}]"


def _same_person(received: Xcn, party: Party, what: str, at: str) -> None:
    if (received.id, received.authority.oid) != (party.id.extension, party.id.root) and received.id != party.id.root:
        raise _differ(
            f"Identifiant : {what}",
            expected=f"{party.id.extension} sous {party.id.root}",
            received=f"{received.id} sous {received.authority.oid or 'aucun OID'}",
            at=at,
        )
    names = (received.family, received.given)
    if party.device:
        agrees = {n for n in names if n} <= set(party.device) and bool(received.family)
    else:
        agrees = names == (party.family, party.given)
    if not agrees:
        raise _differ(
            f"Nom : {what}",
            expected="^".join(party.device or (party.family, party.given)),
            received="^".join(names),
            at=at,
        )
