"""XDS: the coded attributes of the document entry (dmp_insi §7.2, value sets of the CI-SIS)."""

from __future__ import annotations

import re

from ..core.errors import CheckFailed
from ..core.problem import Evidence
from ..validation.xds import vocabulary as v
from ..validation.xds.codes import code_list
from ..validation.xds.objects import Code, DocumentEntry
from ..validation.xds.submission import Submission
from .registry import check

_CI_SIS = "CI-SIS Partage de documents, DocumentEntry"
_MASKED, _HIDDEN = "MASQUE_PS", "INVISIBLE_PATIENT"


def _only(entry: DocumentEntry, scheme: str) -> Code:
    """The code of an attribute that must be there once, with its coding scheme and display name."""
    codes = entry.codes.get(scheme, ())
    name = v.NAMES[scheme]
    if len(codes) != 1 or not codes[0].code or not codes[0].scheme or not codes[0].label:
        raise CheckFailed(
            f"{name} absent, répété ou incomplet",
            expected="un code (nodeRepresentation), son système (slot codingScheme) et son libellé (Name)",
            received=", ".join(f"{c.code or '?'} / {c.scheme or '?'} / {c.label or '?'}" for c in codes) or "absent",
            at=entry.code_xpath(scheme),
            hint="Les trois parties sont obligatoires ; une seule classification par attribut.",
        )
    return codes[0]


def _in_list(submission: Submission, scheme: str, list_id: str, hint: str) -> Evidence:
    entries = submission.judged_entries()
    known = code_list(list_id)
    for entry in entries:
        code = _only(entry, scheme)
        if not known.has(code.code, code.scheme):
            raise CheckFailed(
                f"{v.NAMES[scheme]} hors de {known.title}",
                expected=known.nearest(code.code),
                received=f"{code.code} du système {code.scheme}",
                at=entry.code_xpath(scheme),
                hint=hint,
            )
    return Evidence(at=entries[0].code_xpath(scheme), fired=len(entries))


@check("xds.entry.class-code", covers=("DMP-ALIM-18",), source="JDV_J06, JDV_J57", confidence="vu")
def entry_class_code_is_known(submission: Submission) -> Evidence:
    """La classe de chaque fiche (classCode) est un code de la nomenclature des classes de documents."""
    return _in_list(
        submission, v.CLASS_CODE, "J06", "codingScheme 1.2.250.1.213.1.1.4.1 ; 10 compte rendu, 11 synthèse, 52 certificat…"
    )


@check("xds.entry.type-code", covers=("DMP-ALIM-18",), source="JDV_J07", confidence="vu")
def entry_type_code_is_coded(submission: Submission) -> Evidence:
    """Le type de chaque fiche (typeCode) est un code LOINC ou de la nomenclature française des types de documents."""
    entries = submission.judged_entries()
    systems = code_list("J07").systems
    for entry in entries:
        code = _only(entry, v.TYPE_CODE)
        if code.scheme not in systems:
            raise CheckFailed(
                "Système du typeCode inattendu",
                expected=" ou ".join(systems[:2]),
                received=code.scheme,
                at=entry.code_xpath(v.TYPE_CODE),
                hint="LOINC : 2.16.840.1.113883.6.1 ; TRE_A05 : 1.2.250.1.213.1.1.4.12.",
            )
    return Evidence(at=entries[0].code_xpath(v.TYPE_CODE), fired=len(entries))


@check("xds.entry.type-code-known", covers=("DMP-ALIM-18",), source="JDV_J07 (versions de 2025-2026)", confidence="vu")
def entry_type_code_is_known(submission: Submission) -> Evidence:
    """Le type de chaque fiche est dans JDV_J07."""
    return _in_list(submission, v.TYPE_CODE, "J07", "Vérifier le code et son système dans la dernière version de JDV_J07.")


@check("xds.entry.type-code-accepted", covers=("DMP-ALIM-18",), source="JDV_J07 comparé à JDV_J66", confidence="infere")
def entry_type_code_is_accepted_by_dmp(submission: Submission) -> Evidence:
    """Le type de chaque fiche est de ceux que le DMP accepte."""
    entries = submission.judged_entries()
    refused = code_list("hors-dmp")
    for entry in entries:
        code = _only(entry, v.TYPE_CODE)
        if refused.has(code.code, code.scheme):
            raise CheckFailed(
                "Type de document que le DMP n'accepte pas",
                expected="un type de JDV_J66",
                received=f"{code.code} du système {code.scheme}",
                at=entry.code_xpath(v.TYPE_CODE),
                hint="Ce document n'est pas destiné au DMP : ne pas l'y envoyer.",
            )
    return Evidence(at=entries[0].code_xpath(v.TYPE_CODE), fired=len(entries))


@check("xds.entry.format-code", covers=("DMP-ALIM-18",), source="JDV_J60", confidence="vu")
def entry_format_code_is_coded(submission: Submission) -> Evidence:
    """Le format de chaque fiche (formatCode) est une URN d'une des deux nomenclatures de formats."""
    entries = submission.judged_entries()
    systems = code_list("J60").systems[:2]
    for entry in entries:
        code = _only(entry, v.FORMAT_CODE)
        if code.scheme not in systems or not code.code.startswith("urn:"):
            raise CheckFailed(
                "formatCode mal codé",
                expected=f"une URN du système {' ou '.join(systems)}",
                received=f"{code.code} du système {code.scheme}",
                at=entry.code_xpath(v.FORMAT_CODE),
                hint="Formats IHE : 1.3.6.1.4.1.19376.1.2.3 ; formats français (TRE_A06) : 1.2.250.1.213.1.1.4.2.282.",
            )
    return Evidence(at=entries[0].code_xpath(v.FORMAT_CODE), fired=len(entries))


@check("xds.entry.format-code-known", covers=("DMP-ALIM-18",), source="JDV_J60, ASS_A11 (extrait)", confidence="secondaire")
def entry_format_code_is_known(submission: Submission) -> Evidence:
    """Le format de chaque fiche est de ceux que ce banc connaît."""
    return _in_list(submission, v.FORMAT_CODE, "J60", "Un format récent peut manquer à cette liste : vérifier dans JDV_J60.")


@check("xds.entry.confidentiality", covers=("DMP-ALIM-18", "DMP-ALIM-10"), source="JDV_J08", confidence="vu")
def entry_confidentiality_is_ordered(submission: Submission) -> Evidence:
    """La confidentialité de chaque fiche commence par N, R ou V, puis donne au plus trois codes de visibilité."""
    entries = submission.judged_entries()
    level, visibility = code_list("confidentialite"), code_list("visibilite")
    for entry in entries:
        codes = entry.codes.get(v.CONFIDENTIALITY, ())
        first, *others = codes or (Code("", "", ""),)
        if not level.has(first.code, first.scheme) or len(codes) > 4:
            raise CheckFailed(
                "Confidentialité absente, trop longue, ou dont le premier code n'est pas N, R ou V",
                expected="N, R ou V (2.16.840.1.113883.5.25) en premier, 4 codes au plus",
                received=", ".join(f"{c.code} ({c.scheme})" for c in codes) or "absente",
                at=entry.code_xpath(v.CONFIDENTIALITY),
                hint="Reprendre d'abord le code du CDA ; les codes de visibilité viennent ensuite.",
            )
        wrong = next((c for c in others if not visibility.has(c.code, c.scheme)), None)
        if wrong is not None:
            raise CheckFailed(
                "Code de visibilité inconnu",
                expected=visibility.nearest(wrong.code),
                received=f"{wrong.code} ({wrong.scheme})",
                at=entry.code_xpath(v.CONFIDENTIALITY),
                hint="Masqué aux professionnels : MASQUE_PS ; invisible au patient : INVISIBLE_PATIENT.",
            )
    return Evidence(at=entries[0].code_xpath(v.CONFIDENTIALITY), fired=len(entries))


@check("xds.entry.visibility-not-cumulated", covers=("DMP-ALIM-10",), source="EX_2.1-1050", confidence="secondaire")
def entry_is_not_masked_and_hidden(submission: Submission) -> Evidence:
    """Un document n'est pas à la fois masqué aux professionnels et invisible au patient."""
    entries = submission.judged_entries()
    for entry in entries:
        codes = {c.code for c in entry.codes.get(v.CONFIDENTIALITY, ())}
        if {_MASKED, _HIDDEN} <= codes:
            raise CheckFailed(
                "Document à la fois masqué et invisible",
                expected=f"{_MASKED} ou {_HIDDEN}, pas les deux",
                received=", ".join(sorted(codes)),
                at=entry.code_xpath(v.CONFIDENTIALITY),
                hint="Le cumul n'est permis que si le paramètre du DMP l'autorise.",
            )
    return Evidence(at=entries[0].code_xpath(v.CONFIDENTIALITY), fired=len(entries))


@check("xds.entry.facility-type", covers=("DMP-ALIM-18",), source="JDV_J02", confidence="vu")
def entry_facility_type_is_known(submission: Submission) -> Evidence:
    """Le secteur d'activité de chaque fiche (healthcareFacilityTypeCode) est un code de JDV_J02."""
    return _in_list(
        submission, v.FACILITY, "J02", "SA16 handicap, SA17 personnes âgées, SA18 aide à la famille, SA20, SA21, SA41…"
    )


@check("xds.entry.practice-setting", covers=("DMP-ALIM-18",), source="JDV_J04", confidence="vu")
def entry_practice_setting_is_known(submission: Submission) -> Evidence:
    """Le cadre d'exercice de chaque fiche (practiceSettingCode) est un code de JDV_J04."""
    return _in_list(submission, v.PRACTICE_SETTING, "J04", "Structure sociale ou médico-sociale : ESSMS (1.2.250.1.213.1.1.4.9).")


@check("xds.entry.event-codes", covers=("DMP-ALIM-18",), source=_CI_SIS, confidence="vu")
def entry_event_codes_are_coded(submission: Submission) -> Evidence:
    """Chaque acte documenté (eventCodeList) d'une fiche a un code et un système."""
    entries = submission.judged_entries()
    for entry in entries:
        for code in entry.codes.get(v.EVENT_CODE, ()):
            if not code.code or re.fullmatch(r"[0-9.]+", code.scheme) is None:
                raise CheckFailed(
                    "Acte documenté mal codé",
                    expected="nodeRepresentation et codingScheme (OID)",
                    received=f"{code.code or 'sans code'} / {code.scheme or 'sans système'}",
                    at=entry.code_xpath(v.EVENT_CODE),
                    hint="Reprendre serviceEvent/code du CDA : code et codeSystem.",
                )
    return Evidence(at=entries[0].code_xpath(v.EVENT_CODE), fired=len(entries))
