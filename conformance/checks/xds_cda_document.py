"""XDS metadata against the CDA header: the document itself (dmp_insi §8, C01 to C08, C17 to C22)."""

from __future__ import annotations

from collections.abc import Callable

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..core.verdict import Confidence
from ..validation.xds import vocabulary as v
from ..validation.xds.cda_header import UNSTRUCTURED, Concept, Header, described
from ..validation.xds.codes import associations
from ..validation.xds.datatypes import components, utc_candidates
from ..validation.xds.objects import Code, DocumentEntry
from ..validation.xds.submission import Submission
from .registry import check

_HL7V2 = "Volet Transmission d'un document CDA-R2, correspondance des métadonnées"
_FROM_DOCUMENT = ("", "urn:ihe:iti:xds:2013:order", "urn:ihe:iti:xds:2013:accession")
_HINT = "Construire les métadonnées à partir de l'en-tête CDA, pas d'un autre paramétrage."


def _differ(entry: DocumentEntry, name: str, *, expected: str, received: str, at: str, hint: str = _HINT) -> CheckFailed:
    return CheckFailed(
        f"{name} de la fiche « {entry.id} » différent de l'en-tête du document",
        expected=expected or "absent",
        received=received or "absent",
        at=at,
        hint=hint,
    )


def _code(entry: DocumentEntry, scheme: str) -> Code:
    return entry.code(scheme) or Code("", "", "")


def _same_code(submission: Submission, scheme: str, pick: str) -> Evidence:
    """Compare code and system of an attribute with a concept of the header."""
    count = 0
    for entry, header in described(submission):
        concept: Concept = getattr(header, pick)
        code = _code(entry, scheme)
        if (code.code, code.scheme) != (concept.code, concept.system):
            raise _differ(
                entry,
                v.NAMES[scheme],
                expected=f"{concept.code} du système {concept.system}" if concept.code else "",
                received=f"{code.code} du système {code.scheme}" if code.code else "",
                at=entry.code_xpath(scheme),
            )
        count += 1
    return Evidence(at=submission.entries[0].code_xpath(scheme), fired=count)


@check("xds.cda.unique-id", covers=("DMP-ALIM-18",), source="C01 ; " + _HL7V2, confidence="vu")
def unique_id_is_that_of_document(submission: Submission) -> Evidence:
    """L'identifiant unique de la fiche est celui du document CDA (id/@root, sans extension)."""
    count = 0
    for entry, header in described(submission):
        at = entry.identifier_xpath(v.ENTRY_UNIQUE_ID)
        if header.id.extension:
            raise CheckFailed(
                "Le document CDA destiné au DMP a une extension dans son identifiant",
                expected="ClinicalDocument/id avec @root seul",
                received=f"root {header.id.root}, extension {header.id.extension}",
                at="/ClinicalDocument/id/@extension",
                hint="Donner au document un OID complet dans @root.",
            )
        if entry.unique_id != header.id.root:
            raise _differ(entry, "uniqueId", expected=header.id.root, received=entry.unique_id, at=at)
        count += 1
    return Evidence(at=submission.entries[0].identifier_xpath(v.ENTRY_UNIQUE_ID), fired=count)


@check("xds.cda.type-code", covers=("DMP-ALIM-18",), source="C02 ; " + _HL7V2, confidence="vu")
def type_code_is_that_of_document(submission: Submission) -> Evidence:
    """Le type de la fiche (code, système, libellé) est celui du document CDA."""
    count = 0
    for entry, header in described(submission):
        code, wanted = _code(entry, v.TYPE_CODE), header.code
        if (code.code, code.scheme, code.label) != (wanted.code, wanted.system, wanted.label):
            raise _differ(
                entry,
                "typeCode",
                expected=f"{wanted.code} / {wanted.system} / {wanted.label}",
                received=f"{code.code} / {code.scheme} / {code.label}",
                at=entry.code_xpath(v.TYPE_CODE),
            )
        count += 1
    return Evidence(at=submission.entries[0].code_xpath(v.TYPE_CODE), fired=count)


@check("xds.cda.class-code", covers=("DMP-ALIM-18",), source="C03 ; ASS_X16, ASS_X04", confidence="vu")
def class_code_follows_type(submission: Submission) -> Evidence:
    """La classe de la fiche est celle que l'association officielle donne au type du document."""
    known = associations("classe-du-type")
    notes, count = [], 0
    for entry, header in described(submission):
        row = known.get(header.code.code)
        count += 1
        if row is None or row.confidence is Confidence.INFERE:
            notes.append(f"type {header.code.code} : association non connue de ce banc")
            continue
        code = _code(entry, v.CLASS_CODE)
        if code.code != row.value:
            raise CheckFailed(
                f"classCode de la fiche « {entry.id} » inadapté au type du document",
                expected=f"{row.value} pour le type {header.code.code} ({row.source})",
                received=code.code or "absent",
                at=entry.code_xpath(v.CLASS_CODE),
                hint="Appliquer l'association ASS_X16 (DMP) au code du document.",
            )
    return Evidence(at=submission.entries[0].code_xpath(v.CLASS_CODE), note=" ; ".join(notes), fired=count)


@check("xds.cda.format-code", covers=("DMP-ALIM-18",), source="C04 ; ASS_A11, JDV_J60", confidence="vu")
def format_code_follows_model(submission: Submission) -> Evidence:
    """Le format de la fiche est celui du modèle du document structuré, ou du type de contenu d'un document de niveau 1."""
    notes, count = [], 0
    for entry, header in described(submission):
        count += 1
        expected, why = _expected_format(header)
        if not expected:
            notes.append(f"{entry.id} : {why}")
            continue
        code = _code(entry, v.FORMAT_CODE)
        if code.code != expected:
            raise CheckFailed(
                f"formatCode de la fiche « {entry.id} » inadapté au contenu du document",
                expected=f"{expected} ({why})",
                received=code.code or "absent",
                at=entry.code_xpath(v.FORMAT_CODE),
                hint="Appliquer l'association ASS_A11 au templateId du modèle.",
            )
    return Evidence(at=submission.entries[0].code_xpath(v.FORMAT_CODE), note=" ; ".join(notes), fired=count)


def _expected_format(header: Header) -> tuple[str, str]:
    if UNSTRUCTURED in header.templates or header.body_media_type:
        row = associations("format-niveau-1").get(header.body_media_type)
        return (row.value if row else ""), f"document de niveau 1, {header.body_media_type or 'type de contenu absent'}"
    known = associations("format-du-modele")
    for template in header.templates:
        if template in known:
            return known[template].value, f"modèle {template}"
    return "", "modèle sans formatCode connu de ce banc"


@check("xds.cda.title", covers=("DMP-ALIM-18",), source="C05 ; " + _HL7V2, confidence="vu")
def title_is_that_of_document(submission: Submission) -> Evidence:
    """Le titre de la fiche est celui du document CDA."""
    return _same_text(submission, "title", "title", lambda entry: (" ".join(entry.title.split()), f"{entry.at}/rim:Name"))


@check("xds.cda.creation-time", covers=("DMP-ALIM-18",), source="C06 ; " + _HL7V2, confidence="vu")
def creation_time_is_that_of_document(submission: Submission) -> Evidence:
    """La date de création de la fiche est celle du document CDA, convertie en UTC."""
    return _same_time(submission, "creationTime", "effective_time")


@check("xds.cda.confidentiality", covers=("DMP-ALIM-18",), source="C07 ; " + _HL7V2, confidence="vu")
def confidentiality_is_that_of_document(submission: Submission) -> Evidence:
    """Le premier code de confidentialité de la fiche est celui du document CDA."""
    count = 0
    for entry, header in described(submission):
        expected = header.confidentiality or "N"
        received = _code(entry, v.CONFIDENTIALITY).code
        if received != expected:
            raise _differ(
                entry, "confidentialityCode", expected=expected, received=received, at=entry.code_xpath(v.CONFIDENTIALITY)
            )
        count += 1
    return Evidence(at=submission.entries[0].code_xpath(v.CONFIDENTIALITY), fired=count)


@check("xds.cda.language", covers=("DMP-ALIM-18",), source="C08 ; volet Structuration minimale", confidence="vu")
def language_is_that_of_document(submission: Submission) -> Evidence:
    """La langue de la fiche est celle du document CDA."""
    name = "languageCode"
    return _same_text(submission, name, "language", lambda entry: (entry.slot(name), entry.slot_xpath(name)))


@check("xds.cda.service-times", covers=("DMP-ALIM-18",), source="C17 ; " + _HL7V2, confidence="vu")
def service_times_are_those_of_document(submission: Submission) -> Evidence:
    """Le début et la fin de l'acte de la fiche sont ceux de l'acte principal du document CDA, convertis en UTC."""
    _same_time(submission, "serviceStartTime", "service_start")
    return _same_time(submission, "serviceStopTime", "service_stop")


@check("xds.cda.event-codes", covers=("DMP-ALIM-18",), source="C18 ; " + _HL7V2, confidence="vu")
def event_codes_are_those_of_document(submission: Submission) -> Evidence:
    """Les actes de la fiche (eventCodeList) sont ceux du document CDA (serviceEvent/code)."""
    count = 0
    for entry, header in described(submission):
        expected = {(c.code, c.system) for c in header.event_codes}
        received = {(c.code, c.scheme) for c in entry.codes.get(v.EVENT_CODE, ())}
        if expected != received:
            raise _differ(
                entry,
                "eventCodeList",
                expected=", ".join(sorted(f"{c} ({s})" for c, s in expected)) or "aucun acte",
                received=", ".join(sorted(f"{c} ({s})" for c, s in received)) or "aucun acte",
                at=entry.code_xpath(v.EVENT_CODE),
            )
        count += 1
    return Evidence(at=submission.entries[0].code_xpath(v.EVENT_CODE), fired=count)


@check("xds.cda.practice-setting", covers=("DMP-ALIM-18",), source="C19 ; " + _HL7V2, confidence="vu")
def practice_setting_is_that_of_document(submission: Submission) -> Evidence:
    """Le cadre d'exercice de la fiche est celui de l'exécutant de l'acte principal du document CDA."""
    return _same_code(submission, v.PRACTICE_SETTING, "practice_setting")


@check("xds.cda.facility-type", covers=("DMP-ALIM-18",), source="C20 ; " + _HL7V2, confidence="vu")
def facility_type_is_that_of_document(submission: Submission) -> Evidence:
    """Le secteur d'activité de la fiche est celui du lieu de prise en charge du document CDA."""
    return _same_code(submission, v.FACILITY, "facility")


@check("xds.cda.replacement", covers=("DMP-ALIM-18",), source="C21 ; " + _HL7V2, confidence="vu")
def replacement_is_that_of_document(submission: Submission) -> Evidence:
    """Une association de remplacement accompagne le document CDA qui en remplace un autre, et vise ce document-là."""
    links = {a.source: a for a in submission.associated(v.RPLC)}
    count = 0
    for entry, header in described(submission):
        count += 1
        link = links.get(entry.id)
        if link is None and not header.replaced:
            continue
        if link is None or not header.replaced:
            raise CheckFailed(
                "Remplacement annoncé d'un seul côté",
                expected="relatedDocument RPLC dans le CDA et association RPLC dans le dépôt, ou ni l'un ni l'autre",
                received="relatedDocument sans association" if link is None else "association sans relatedDocument",
                at=entry.at if link is None else link.at,
                hint="Une nouvelle version porte les deux, avec le même setId et versionNumber augmenté de 1.",
            )
        target = submission.replaced.get(link.target, "")
        if target and target != header.replaced[0].root:
            raise CheckFailed(
                "Le document remplacé n'est pas celui de l'association",
                expected=f"parentDocument/id/@root = {target}",
                received=header.replaced[0].root or "absent",
                at="/ClinicalDocument/relatedDocument/parentDocument/id",
                hint="L'association vise l'entryUUID du document dont l'uniqueId est dans relatedDocument.",
            )
    return Evidence(at=f"{submission.at}/rim:Association", note=f"{len(links)} remplacement(s)", fired=count)


@check("xds.cda.reference-ids", covers=("DMP-ALIM-18",), source="C22 ; " + _HL7V2, confidence="vu")
def reference_ids_are_those_of_document(submission: Submission) -> Evidence:
    """Les identifiants de prescription et de demande de la fiche sont ceux que cite le document CDA."""
    count = 0
    for entry, header in described(submission):
        expected = {i.extension or i.root for i in header.orders}
        cited = [(*components(value), "", "", "", "") for value in entry.slots.get(v.REFERENCE_IDS, ())]
        received = {each[0] for each in cited if each[0] in expected or each[4] in _FROM_DOCUMENT}
        if expected != received:
            raise _differ(
                entry,
                "referenceIdList",
                expected=", ".join(sorted(expected)) or "aucun identifiant",
                received=", ".join(sorted(received)) or "aucun identifiant",
                at=entry.slot_xpath(v.REFERENCE_IDS),
            )
        count += 1
    return Evidence(at=submission.entries[0].slot_xpath(v.REFERENCE_IDS), fired=count)


def _same_text(submission: Submission, name: str, pick: str, place: Callable[[DocumentEntry], tuple[str, str]]) -> Evidence:
    """Compare a text of the header with the text that ``place`` finds in the entry, with its place."""
    count = 0
    at = submission.at
    for entry, header in described(submission):
        received, at = place(entry)
        expected = getattr(header, pick)
        if received != expected:
            raise _differ(entry, name, expected=expected, received=received, at=at)
        count += 1
    return Evidence(at=at, fired=count)


def _same_time(submission: Submission, name: str, pick: str) -> Evidence:
    """Compare a time slot with a ``TS`` of the header; both absent is an agreement."""
    count = 0
    at = submission.at
    for entry, header in described(submission):
        at = entry.slot_xpath(name)
        written, received = getattr(header, pick), entry.slot(name)
        accepted = utc_candidates(written)
        if written and not accepted:
            raise Inconclusive(f"date illisible dans l'en-tête du document : {written}")
        if received not in (accepted or ("",)):
            raise _differ(
                entry,
                name,
                expected=f"{accepted[0]} ({written} en UTC)" if accepted else "",
                received=received,
                at=at,
                hint="Convertir l'heure du CDA (avec son décalage) en UTC ; ne pas recopier l'heure locale.",
            )
        count += 1
    return Evidence(at=at, fired=count)
