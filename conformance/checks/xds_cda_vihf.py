"""XDS metadata against the VIHF and the attachments (dmp_insi §8, C23 to C26)."""

from __future__ import annotations

import hashlib

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..validation.ins.key import parse_cx
from ..validation.saml.vihf import DIRECTE, RESOURCE_ID, Vihf
from ..validation.xds import vocabulary as v
from ..validation.xds.datatypes import parse_xcn, parse_xon
from ..validation.xds.submission import Submission
from .registry import check

_AUTHOR_RULE = "EX_2.1-1140"


@check("xds.cda.vihf-user-is-author", covers=("DMP-ALIM-18",), source="C23 ; " + _AUTHOR_RULE, confidence="secondaire")
def vihf_user_is_author(submission: Submission, vihf: Vihf) -> Evidence:
    """En mode DIRECTE, l'utilisateur du VIHF est un auteur ou le responsable de chaque document."""
    entries = submission.judged_entries()
    if vihf.mode != DIRECTE:
        return Evidence(at=f"{vihf.at}/saml2:Subject/saml2:NameID", note=f"mode {vihf.mode or 'absent'} : règle sans effet")
    for entry in entries:
        people = [parse_xcn(p).id for a in entry.authors for p in a.persons]
        people += [parse_xcn(value).id for value in entry.slots.get("legalAuthenticator", ())]
        if vihf.name_id not in people:
            raise CheckFailed(
                f"L'utilisateur du VIHF n'est ni auteur ni responsable de la fiche « {entry.id} »",
                expected=f"{vihf.name_id} parmi les auteurs ou le responsable",
                received=", ".join(people) or "aucun",
                at=entry.code_xpath(v.ENTRY_AUTHOR),
                hint="Avec une carte, seul un auteur ou le responsable du document peut le déposer.",
            )
    return Evidence(at=entries[0].code_xpath(v.ENTRY_AUTHOR), fired=len(entries))


@check("xds.cda.vihf-structure-is-author", covers=("DMP-ALIM-18",), source="C24 ; " + _AUTHOR_RULE, confidence="secondaire")
def vihf_structure_is_author(submission: Submission, vihf: Vihf) -> Evidence:
    """En mode indirect, la structure du VIHF est celle d'un des auteurs de chaque document."""
    entries = submission.judged_entries()
    if not vihf.indirect:
        return Evidence(at=vihf.attribute_xpath("Identifiant_Structure"), note=f"mode {vihf.mode or 'absent'} : règle sans effet")
    for entry in entries:
        structures = [parse_xon(value).id for author in entry.authors for value in author.institutions]
        if vihf.structure not in structures:
            raise CheckFailed(
                f"La structure du VIHF n'est celle d'aucun auteur de la fiche « {entry.id} »",
                expected=f"{vihf.structure} dans authorInstitution (10e composante)",
                received=", ".join(structures) or "aucune structure",
                at=entry.code_xpath(v.ENTRY_AUTHOR),
                hint="Le DMP refuse un dépôt dont aucun auteur n'appartient à la structure qui signe le VIHF.",
            )
    return Evidence(at=entries[0].code_xpath(v.ENTRY_AUTHOR), fired=len(entries))


@check("xds.cda.same-patient-everywhere", covers=("DMP-ALIM-18",), source="C25", confidence="infere")
def patient_is_the_same_everywhere(submission: Submission, vihf: Vihf) -> Evidence:
    """Le VIHF, le lot et chaque fiche désignent le même patient, sous le même OID."""
    cx = parse_cx(vihf.patient)
    if cx is None:
        raise Inconclusive("le VIHF ne porte pas d'INS lisible")
    expected = (cx.id, cx.oid)
    places = [(submission.set.patient.identity, submission.set.identifier_xpath(v.SET_PATIENT))]
    places += [(entry.patient.identity, entry.identifier_xpath(v.ENTRY_PATIENT)) for entry in submission.entries]
    for received, at in places:
        if received != expected:
            raise CheckFailed(
                "Patient différent de celui du VIHF",
                expected=f"{expected[0]} sous {expected[1]}",
                received=f"{received[0]} sous {received[1] or 'aucun OID'}",
                at=at,
                hint="Même INS et même OID dans le VIHF, le lot et chaque fiche.",
            )
    return Evidence(at=vihf.attribute_xpath(RESOURCE_ID), fired=len(places))


@check("xds.cda.hash-and-size", covers=("DMP-ALIM-18",), source="C26 ; IHE ITI TF-3 §4.2.3.2.10", confidence="infere")
def hash_and_size_match_document(submission: Submission) -> Evidence:
    """Le condensat SHA-1 et la taille d'une fiche, s'ils sont envoyés, sont ceux du document joint."""
    if not submission.documents:
        raise Inconclusive("aucun document lisible dans le dépôt")
    for document in submission.documents:
        entry = document.entry
        actual = {
            "hash": hashlib.sha1(document.content, usedforsecurity=False).hexdigest(),
            "size": str(len(document.content)),
        }
        for name, expected in actual.items():
            received = entry.slot(name)
            if received and received.lower() != expected:
                raise CheckFailed(
                    f"{name} de la fiche « {entry.id} » différent du document joint",
                    expected=expected,
                    received=received,
                    at=entry.slot_xpath(name),
                    hint="Calculer sur les octets envoyés (SHA-1 en hexadécimal, taille en octets), ou ne pas les envoyer.",
                )
    return Evidence(at=submission.at, fired=len(submission.documents))
