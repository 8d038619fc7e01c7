"""XDS: authors, legal authenticator and patient traits of the document entry (dmp_insi §7.2, data types)."""

from __future__ import annotations

import re

from ..core.errors import CheckFailed
from ..core.problem import Evidence
from ..validation.xds import vocabulary as v
from ..validation.xds.codes import code_list
from ..validation.xds.datatypes import (
    PS_AUTHORITY,
    STRUCTURE_AUTHORITY,
    Xcn,
    is_oid,
    parse_pid,
    parse_triplet,
    parse_xcn,
    parse_xon,
)
from ..validation.xds.objects import Author, DocumentEntry
from ..validation.xds.submission import Submission
from .registry import check

_XCN = "CI-SIS, type XCN"
_EXAMPLE = f"899700000001^NOM^Prénom^^^^^^&{PS_AUTHORITY}&ISO^D^^^IDNPS"


def _authors(entry: DocumentEntry) -> tuple[Author, ...]:
    if not entry.authors:
        raise CheckFailed(
            "Fiche sans auteur",
            expected="une classification author par auteur du document",
            received="aucune",
            at=entry.code_xpath(v.ENTRY_AUTHOR),
            hint="Reprendre chaque author du CDA, dans le même ordre.",
        )
    return entry.authors


@check("xds.entry.author-person", covers=("DMP-ALIM-18",), source=_XCN, confidence="vu")
def entry_authors_are_xcn(submission: Submission) -> Evidence:
    """Chaque auteur d'une fiche est une personne ou un système identifié, au format XCN."""
    entries = submission.judged_entries()
    for entry in entries:
        for author in _authors(entry):
            at = f"{entry.code_xpath(v.ENTRY_AUTHOR)}/rim:Slot[@name='authorPerson']"
            if len(author.persons) != 1:
                raise CheckFailed(
                    "authorPerson absent ou répété",
                    expected="une valeur par auteur",
                    received=", ".join(author.persons) or "absent",
                    at=at,
                    hint=f"Exemple : {_EXAMPLE}",
                )
            _well_formed(parse_xcn(author.persons[0]), at)
    return Evidence(at=entries[0].code_xpath(v.ENTRY_AUTHOR), fired=len(entries))


@check("xds.entry.author-institution", covers=("DMP-ALIM-18",), source="CI-SIS, type XON", confidence="vu")
def entry_author_institutions_are_xon(submission: Submission) -> Evidence:
    """Chaque structure d'un auteur est au format XON : nom, autorité 1.2.250.1.71.4.2.2, type IDNST, identifiant."""
    entries = submission.judged_entries()
    for entry in entries:
        for author in _authors(entry):
            values = author.institutions or ("",)
            for value in values:
                xon = parse_xon(value)
                good = xon.name and xon.id and xon.id_type == "IDNST" and xon.authority.oid == STRUCTURE_AUTHORITY
                if not good or xon.authority.type != "ISO":
                    raise CheckFailed(
                        "Structure de l'auteur absente ou mal formée",
                        expected=f"nom^^^^^&{STRUCTURE_AUTHORITY}&ISO^IDNST^^^1FINESS",
                        received=value or "absente",
                        at=f"{entry.code_xpath(v.ENTRY_AUTHOR)}/rim:Slot[@name='authorInstitution']",
                        hint="Le nom est en 1re composante, l'identifiant national (préfixe compris) en 10e.",
                    )
    return Evidence(at=entries[0].code_xpath(v.ENTRY_AUTHOR), fired=len(entries))


@check("xds.entry.author-specialty", covers=("DMP-ALIM-18",), source="CI-SIS, authorSpecialty", confidence="vu")
def entry_author_specialties_are_coded(submission: Submission) -> Evidence:
    """La profession ou spécialité de chaque auteur, si elle est donnée, est au format « code^libellé^OID »."""
    entries = submission.judged_entries()
    for entry in entries:
        for author in _authors(entry):
            for value in author.specialties:
                triplet = parse_triplet(value)
                if not triplet.code or not triplet.label or not is_oid(triplet.system):
                    raise CheckFailed(
                        "Spécialité de l'auteur mal formée",
                        expected="code^libellé^OID, par exemple G15_60^Infirmier^1.2.250.1.213.1.1.4.5",
                        received=value,
                        at=f"{entry.code_xpath(v.ENTRY_AUTHOR)}/rim:Slot[@name='authorSpecialty']",
                        hint="Reprendre assignedAuthor/code du CDA : code, displayName, codeSystem.",
                    )
    return Evidence(at=entries[0].code_xpath(v.ENTRY_AUTHOR), fired=len(entries))


@check("xds.entry.author-specialty-known", covers=("DMP-ALIM-18",), source="JDV_J01", confidence="vu")
def entry_author_specialties_are_known(submission: Submission) -> Evidence:
    """La profession ou spécialité de chaque auteur est un code de JDV_J01."""
    entries = submission.judged_entries()
    known = code_list("J01")
    for entry in entries:
        for author in _authors(entry):
            for value in author.specialties:
                triplet = parse_triplet(value)
                if not known.has(triplet.code, triplet.system):
                    raise CheckFailed(
                        "Spécialité de l'auteur hors de JDV_J01",
                        expected=known.nearest(triplet.code),
                        received=f"{triplet.code} du système {triplet.system or 'absent'}",
                        at=f"{entry.code_xpath(v.ENTRY_AUTHOR)}/rim:Slot[@name='authorSpecialty']",
                        hint="Vérifier le code dans la dernière version de JDV_J01.",
                    )
    return Evidence(at=entries[0].code_xpath(v.ENTRY_AUTHOR), fired=len(entries))


@check("xds.entry.legal-authenticator", covers=("DMP-ALIM-18",), source=_XCN, confidence="vu")
def entry_legal_authenticator_is_xcn(submission: Submission) -> Evidence:
    """Chaque fiche nomme le responsable du document (legalAuthenticator), au format XCN."""
    entries = submission.judged_entries()
    for entry in entries:
        at = entry.slot_xpath("legalAuthenticator")
        values = entry.slots.get("legalAuthenticator", ())
        if len(values) != 1:
            raise CheckFailed(
                "Responsable du document absent ou répété",
                expected="une valeur",
                received=", ".join(values) or "absent",
                at=at,
                hint=f"Exemple : {_EXAMPLE}",
            )
        _well_formed(parse_xcn(values[0]), at)
    return Evidence(at=entries[0].slot_xpath("legalAuthenticator"), fired=len(entries))


@check("xds.entry.source-patient-info", covers=("DMP-ALIM-18",), source="CI-SIS, sourcePatientInfo", confidence="vu")
def entry_patient_traits_are_pid(submission: Submission) -> Evidence:
    """Chaque fiche donne les traits du patient : PID-5 avec le nom de naissance (L), PID-7 et PID-8."""
    entries = submission.judged_entries()
    for entry in entries:
        fields = parse_pid(entry.slots.get("sourcePatientInfo", ()))
        names = [name.split("^") for name in fields.get("PID-5", [])]
        faults = []
        if not any(len(n) >= 7 and n[0] and n[1] and n[6] == "L" for n in names):
            faults.append("PID-5 : NOM^Prénom^^^^^L manque")
        if len(fields.get("PID-7", [])) != 1 or re.fullmatch(r"\d{8}", fields["PID-7"][0]) is None:
            faults.append("PID-7 : aaaammjj manque")
        if len(fields.get("PID-8", [])) != 1 or fields["PID-8"][0] not in ("M", "F", "U", "O", "A"):
            faults.append("PID-8 : M ou F manque")
        if faults:
            raise CheckFailed(
                "Traits du patient absents ou mal formés",
                expected="PID-5|NOM^Prénom^^^^^L, PID-7|aaaammjj, PID-8|M ou F",
                received=f"{' ; '.join(faults)} (reçu : {', '.join(entry.slots.get('sourcePatientInfo', ())) or 'rien'})",
                at=entry.slot_xpath("sourcePatientInfo"),
                hint="Une valeur de slot par champ PID ; L désigne le nom de naissance.",
            )
    return Evidence(at=entries[0].slot_xpath("sourcePatientInfo"), fired=len(entries))


def _well_formed(person: Xcn, at: str) -> None:
    """Refuse an XCN that is neither a professional (D, IDNPS), a patient (D, NH) nor known by an internal id (U or D, RI)."""
    internal = person.name_type in ("U", "D") and person.id_type == "RI"
    professional = person.name_type == "D" and person.id_type == "IDNPS" and person.authority.oid == PS_AUTHORITY
    patient = person.name_type == "D" and person.id_type == "NH"
    if not (internal or professional or patient) or not person.id or not person.family or person.authority.type != "ISO":
        raise CheckFailed(
            "Personne mal décrite (XCN)",
            expected=f"{_EXAMPLE} (système : U en 10e composante et RI en 13e)",
            received=person.raw,
            at=at,
            hint="Compter les accents circonflexes : autorité en 9e composante, type de nom en 10e, type d'identifiant en 13e.",
        )
