"""XDS: the document entry: identity, times, title, patient (dmp_insi §7.2)."""

from __future__ import annotations

import re

from ..core.errors import CheckFailed
from ..core.problem import Evidence
from ..validation.ins.key import OIDS, MatriculeIns, key_problem
from ..validation.xds import vocabulary as v
from ..validation.xds.datatypes import components, dtm_instant, is_dtm, is_oid, parse_cx
from ..validation.xds.objects import DocumentEntry
from ..validation.xds.submission import Submission
from .registry import check

_CI_SIS = "CI-SIS Partage de documents, DocumentEntry"
_MIME_TYPES = ("text/xml", "application/xslt+xml")


@check("xds.entry.object-type", covers=("DMP-ALIM-18",), source="Exemple TD2.1 (package DMP)", confidence="vu")
def entry_is_a_stable_document(submission: Submission) -> Evidence:
    """Chaque fiche est du type « document stable »."""
    entries = submission.judged_entries()
    for entry in entries:
        if entry.object_type != v.STABLE_DOCUMENT:
            raise CheckFailed(
                "Type d'objet de la fiche inattendu",
                expected=v.STABLE_DOCUMENT,
                received=entry.object_type or "attribut objectType absent",
                at=f"{entry.at}/@objectType",
                hint="Un ExtrinsicObject XDS porte l'UUID des documents stables.",
            )
    return Evidence(at=entries[0].at, fired=len(entries))


@check("xds.entry.mime-type", covers=("DMP-ALIM-18",), source=_CI_SIS, confidence="vu")
def entry_mime_type_is_that_of_cda(submission: Submission) -> Evidence:
    """Le type MIME de chaque fiche est celui d'un document CDA."""
    entries = submission.judged_entries()
    for entry in entries:
        if entry.mime_type not in _MIME_TYPES:
            raise CheckFailed(
                "Type MIME inattendu pour le DMP",
                expected=" ou ".join(_MIME_TYPES),
                received=entry.mime_type or "attribut mimeType absent",
                at=f"{entry.at}/@mimeType",
                hint="Le DMP reçoit des CDA (text/xml) ; un PDF se place dans un CDA de niveau 1.",
            )
    return Evidence(at=f"{entries[0].at}/@mimeType", fired=len(entries))


@check("xds.entry.creation-time", covers=("DMP-ALIM-18",), source=_CI_SIS, confidence="vu")
def entry_creation_time_is_utc(submission: Submission) -> Evidence:
    """La date de création de chaque fiche est présente une fois, en UTC, à la seconde."""
    entries = submission.judged_entries()
    for entry in entries:
        value = _slot(entry, "creationTime", hint="14 chiffres en UTC : date du document CDA convertie.")
        if not is_dtm(value, 14):
            raise CheckFailed(
                "Date de création mal formée",
                expected="aaaammjjhhmmss en UTC",
                received=value,
                at=entry.slot_xpath("creationTime"),
                hint="14 chiffres, sans fuseau ni séparateur.",
            )
    return Evidence(at=entries[0].slot_xpath("creationTime"), fired=len(entries))


@check("xds.entry.service-times", covers=("DMP-ALIM-18",), source=_CI_SIS, confidence="vu")
def entry_service_times_are_ordered(submission: Submission) -> Evidence:
    """Le début de l'acte est présent dans chaque fiche ; sa fin, si elle y est, ne le précède pas."""
    entries = submission.judged_entries()
    for entry in entries:
        start = _slot(entry, "serviceStartTime", hint="Début de l'acte documenté, en UTC.")
        stops = entry.slots.get("serviceStopTime", ())
        for name, value in (("serviceStartTime", start), *(("serviceStopTime", stop) for stop in stops)):
            if not is_dtm(value):
                raise CheckFailed(
                    f"{name} mal formé",
                    expected="une date HL7 en UTC : aaaammjj ou aaaammjjhhmmss",
                    received=value,
                    at=entry.slot_xpath(name),
                    hint="Chiffres seulement, sans fuseau ni séparateur.",
                )
        first, last = dtm_instant(start), dtm_instant(stops[0]) if stops else None
        if len(stops) > 1 or (first and last and last < first and not start.startswith(stops[0])):
            raise CheckFailed(
                "Fin de l'acte répétée, ou antérieure à son début",
                expected=f"au plus une valeur, pas avant {start}",
                received=", ".join(stops),
                at=entry.slot_xpath("serviceStopTime"),
                hint="Convertir les deux dates en UTC de la même façon.",
            )
    return Evidence(at=entries[0].slot_xpath("serviceStartTime"), fired=len(entries))


@check("xds.entry.language", covers=("DMP-ALIM-18",), source=_CI_SIS, confidence="vu")
def entry_language_is_french(submission: Submission) -> Evidence:
    """La langue de chaque fiche est fr-FR."""
    entries = submission.judged_entries()
    for entry in entries:
        value = _slot(entry, "languageCode", hint="Mettre fr-FR.")
        if value != "fr-FR":
            raise CheckFailed(
                "Langue de la fiche inattendue",
                expected="fr-FR",
                received=value,
                at=entry.slot_xpath("languageCode"),
                hint="Langue en minuscules, tiret, pays en majuscules.",
            )
    return Evidence(at=entries[0].slot_xpath("languageCode"), fired=len(entries))


@check("xds.entry.title", covers=("DMP-ALIM-18",), source=_CI_SIS, confidence="vu")
def entry_has_a_title(submission: Submission) -> Evidence:
    """Chaque fiche a un titre."""
    entries = submission.judged_entries()
    for entry in entries:
        if not entry.title:
            raise CheckFailed(
                "Fiche sans titre",
                expected="rim:Name/rim:LocalizedString/@value non vide",
                received="absent ou vide",
                at=f"{entry.at}/rim:Name",
                hint="Reprendre le titre du document CDA.",
            )
    return Evidence(at=f"{entries[0].at}/rim:Name", fired=len(entries))


@check("xds.entry.unique-id", covers=("DMP-ALIM-18",), source=_CI_SIS + " ; volet Structuration minimale", confidence="vu")
def entry_unique_id_is_an_oid(submission: Submission) -> Evidence:
    """L'identifiant unique de chaque fiche est un OID seul, sans extension."""
    entries = submission.judged_entries()
    for entry in entries:
        values = entry.identifiers.get(v.ENTRY_UNIQUE_ID, ())
        if len(values) != 1 or not is_oid(values[0]):
            raise CheckFailed(
                "Identifiant unique de la fiche absent, répété ou mal formé",
                expected="un OID (id/@root du CDA), sans ^ ni extension",
                received=", ".join(values) or "absent",
                at=entry.identifier_xpath(v.ENTRY_UNIQUE_ID),
                hint="Pour le DMP, id/@extension du CDA est absent et uniqueId est id/@root.",
            )
    return Evidence(at=entries[0].identifier_xpath(v.ENTRY_UNIQUE_ID), fired=len(entries))


@check("xds.entry.patient-id", covers=("DMP-ALIM-18",), source=_CI_SIS, confidence="vu")
def entry_patient_is_an_ins(submission: Submission) -> Evidence:
    """Chaque fiche désigne le patient par son INS, sous la forme CX « INS15^^^&OID&ISO^NH »."""
    entries = submission.judged_entries()
    for entry in entries:
        patient = entry.patient
        count = len(entry.identifiers.get(v.ENTRY_PATIENT, ()))
        form = patient.is_ins and patient.code == "NH" and patient.authority.type == "ISO"
        if count != 1 or not form or re.fullmatch(r"[0-9AB]{15}", patient.id) is None:
            raise CheckFailed(
                "Identifiant du patient de la fiche absent, répété ou mal formé",
                expected=f"INS15^^^&OID&ISO^NH, OID parmi {', '.join(OIDS)}",
                received=patient.raw or "absent",
                at=entry.identifier_xpath(v.ENTRY_PATIENT),
                hint="Matricule et clé accolés, sur 15 caractères ; OID rendu par INSi ; puis ISO et NH.",
            )
    return Evidence(at=entries[0].identifier_xpath(v.ENTRY_PATIENT), fired=len(entries))


@check("xds.entry.no-patient-suffix", covers=("DMP-ALIM-18",), source=_CI_SIS + " ; anciens exemples du DMP", confidence="vu")
def entry_patient_ends_with_its_type(submission: Submission) -> Evidence:
    """L'identifiant du patient d'une fiche s'arrête au type NH : rien ne le suit."""
    entries = submission.judged_entries()
    for entry in entries:
        if entry.patient.extra:
            raise CheckFailed(
                "Composantes en trop dans l'identifiant du patient de la fiche",
                expected="INS15^^^&OID&ISO^NH",
                received=entry.patient.raw,
                at=entry.identifier_xpath(v.ENTRY_PATIENT),
                hint="D'anciens exemples ajoutaient une date après NH : la retirer.",
            )
    return Evidence(at=entries[0].identifier_xpath(v.ENTRY_PATIENT), fired=len(entries))


@check("xds.entry.patient-key", covers=("DMP-ALIM-18",), source="Clé du matricule INS (NIR)", confidence="vu")
def entry_patient_key_matches(submission: Submission) -> Evidence:
    """La clé de l'INS de la fiche correspond à son matricule (OID de production)."""
    return _keys(submission, blocking=True)


@check("xds.entry.patient-test-key", covers=("DMP-ALIM-18",), source="Clé du matricule INS (NIR)", confidence="infere")
def entry_patient_test_key_matches(submission: Submission) -> Evidence:
    """La clé de l'INS de la fiche correspond à son matricule (OID de test)."""
    return _keys(submission, blocking=False)


@check("xds.entry.source-patient-id", covers=("DMP-ALIM-18",), source=_CI_SIS, confidence="vu")
def entry_source_patient_id_is_cx(submission: Submission) -> Evidence:
    """Chaque fiche porte l'identifiant du patient dans la source : IPP (PI) ou INS (NH), sous la forme CX."""
    entries = submission.judged_entries()
    for entry in entries:
        value = _slot(entry, "sourcePatientId", hint="IPP^^^&OID de la structure&ISO^PI.")
        cx = parse_cx(value)
        wanted = "NH" if cx.is_ins else "PI"
        if not cx.id or not is_oid(cx.authority.oid) or cx.authority.type != "ISO" or cx.code != wanted:
            raise CheckFailed(
                "Identifiant du patient dans la source mal formé",
                expected=f"identifiant^^^&OID&ISO^{wanted}",
                received=value,
                at=entry.slot_xpath("sourcePatientId"),
                hint="PI pour un IPP sous l'OID de la structure ; NH si c'est l'INS.",
            )
    return Evidence(at=entries[0].slot_xpath("sourcePatientId"), fired=len(entries))


@check("xds.entry.reference-ids", covers=("DMP-ALIM-18",), source="referenceIdList (JDV J231)", confidence="vu")
def entry_reference_ids_are_cxi(submission: Submission) -> Evidence:
    """Les identifiants de référence d'une fiche, s'il y en a, sont des CXi typés."""
    entries = submission.judged_entries()
    for entry in entries:
        for value in entry.slots.get(v.REFERENCE_IDS, ()):
            parts = components(value)
            kind = parts[4] if len(parts) > 4 else ""
            if not parts[0] or not kind.startswith("urn:ihe:iti:xds:20"):
                raise CheckFailed(
                    "Identifiant de référence mal formé",
                    expected="identifiant^^^&OID&ISO^urn:ihe:iti:xds:2013:order (ou accession, uniqueId…)",
                    received=value,
                    at=entry.slot_xpath(v.REFERENCE_IDS),
                    hint="La cinquième composante est l'URN du type d'identifiant.",
                )
    return Evidence(at=entries[0].slot_xpath(v.REFERENCE_IDS), fired=len(entries))


def _slot(entry: DocumentEntry, name: str, *, hint: str) -> str:
    """The value of a slot that must be there once and not empty."""
    values = entry.slots.get(name, ())
    if len(values) != 1 or not values[0]:
        raise CheckFailed(
            f"{name} absent, vide ou répété",
            expected="une valeur",
            received=", ".join(values) or "absent",
            at=entry.slot_xpath(name),
            hint=hint,
        )
    return values[0]


def _keys(submission: Submission, *, blocking: bool) -> Evidence:
    entries = submission.judged_entries()
    for entry in entries:
        at = entry.identifier_xpath(v.ENTRY_PATIENT)
        patient = entry.patient
        ins = MatriculeIns(patient.id[:13], patient.id[13:], patient.authority.oid, at, own=True)
        problem = key_problem(ins)
        if problem is not None and ins.key_is_blocking is blocking:
            raise CheckFailed(problem.message, expected=problem.expected, received=problem.received, at=at, hint=problem.hint)
    return Evidence(at=entries[0].identifier_xpath(v.ENTRY_PATIENT), fired=len(entries))
