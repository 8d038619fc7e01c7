"""What XPath 1.0 cannot say of a CDA header: calendar dates, periods in order, repeated identifiers, INS keys, base64 files."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from lxml import etree

from ..core.errors import CheckFailed
from ..core.problem import Evidence, Problem
from ..validation.cda import CdaDocument
from ..validation.cda.times import read
from ..validation.cda.view import HL7, hl7
from ..validation.ins.key import (
    OIDS,
    PRODUCTION_OIDS,
    PUBLISHED_MATRICULES,
    MatriculeIns,
    control_key,
    key_problem,
    shape_problem,
)
from ..validation.xml import place_of
from .cda_valeurs import distinct, must_exist
from .registry import check

STRUCTURATION = "CI-SIS, volet Structuration minimale des documents de santé 1.16"
_LOW, _HIGH = hl7("low"), hl7("high")
_TIMES = ("effectiveTime", "time", "birthTime", "deceasedTime", "low", "high", "center")


_HEADER = "/h:ClinicalDocument/*[not(self::h:component)]/descendant-or-self::"
_DATED = etree.XPath(f"{_HEADER}*[@value][{' or '.join(f'self::h:{name}' for name in _TIMES)}]", namespaces={"h": HL7})
_PERIODS = etree.XPath(f"{_HEADER}*[h:low][h:high]", namespaces={"h": HL7})
_IDENTIFIERS = etree.XPath(f"{_HEADER}h:id[@root]", namespaces={"h": HL7})


def _found(path: etree.XPath, document: CdaDocument) -> Iterator[etree._Element]:
    """The elements of the header that a path finds, in document order."""
    found: Any = path(document.root)
    yield from found


@check("cda.entete.dates-of-the-calendar", covers=("DMP-ALIM-18",), source=f"{STRUCTURATION}, type TS", confidence="vu")
def header_dates_exist(document: CdaDocument) -> Evidence:
    """Chaque date de l'en-tête existe dans le calendrier."""
    count = 0
    for element in _found(_DATED, document):
        count += 1
        must_exist(element, element.get("value", ""))
    return Evidence(note=f"{count} dates", fired=count)


@check("cda.coherence.periods-in-order", covers=("DMP-ALIM-18",), source=f"{STRUCTURATION}, type IVL_TS", confidence="vu")
def header_periods_are_in_order(document: CdaDocument) -> Evidence:
    """Chaque période de l'en-tête commence avant de finir."""
    count = 0
    for element in _found(_PERIODS, document):
        low, high = element.find(_LOW), element.find(_HIGH)
        if low is None or high is None:
            continue
        count += 1
        begin, end = read(low.get("value", "")), read(high.get("value", ""))
        if begin and end and (begin.start > end.end or low.get("value") == high.get("value")):
            raise CheckFailed(
                "Période dont la fin ne suit pas le début",
                expected=f"une fin après {low.get('value')}",
                received=str(high.get("value")),
                at=place_of(high),
                hint="Corriger high, ou le retirer tant que la fin n'est pas connue.",
            )
    return Evidence(note=f"{count} périodes", fired=max(1, count))


@check("cda.coherence.identifiers-distinct", covers=("DMP-ALIM-18",), source=f"{STRUCTURATION}, type II", confidence="vu")
def header_identifiers_are_distinct(document: CdaDocument) -> Evidence:
    """Un même élément de l'en-tête ne porte pas deux fois le même identifiant."""
    return distinct(_found(_IDENTIFIERS, document))


_PUBLISHED_WITH_A_WRONG_KEY = frozenset({"1810363220456", "2810363220456"})


def _published_key_problem(ins: MatriculeIns) -> Problem | None:
    """A published test person whose key is neither the published one nor the right one (two were published wrong)."""
    if ins.matricule not in PUBLISHED_MATRICULES - _PUBLISHED_WITH_A_WRONG_KEY or ins.cle == control_key(ins.matricule):
        return None
    return Problem(
        "cda.coherence.test-ins-key",
        "La clé n'est pas celle publiée pour cette personne de test",
        at=ins.at,
        expected=f"clé {control_key(ins.matricule)}",
        received=f"clé {ins.cle or 'absente'}",
        hint="Recopier la clé publiée avec le matricule de test.",
    )


def _judge_ins(document: CdaDocument, *, production: bool) -> Evidence:
    """The matricule of the usager, in production identities or in test ones."""
    count = 0
    for element in document.root.findall(hl7("recordTarget/patientRole/id")):
        oid, text = element.get("root", ""), element.get("extension", "")
        if oid not in OIDS or (oid in PRODUCTION_OIDS) is not production:
            continue
        count += 1
        ins = MatriculeIns(text[:13], text[13:], oid, f"{place_of(element)}/@extension", own=True)
        problem = shape_problem(ins) or key_problem(ins) or _published_key_problem(ins)
        if problem is not None:
            raise CheckFailed(
                problem.message, expected=problem.expected, received=problem.received, at=problem.at, hint=problem.hint
            )
    return Evidence(note=f"{count} matricule(s)" if count else "aucun matricule de cette sorte", fired=max(1, count))


@check("cda.entete.ins-key", covers=("INS-03",), source="clé du NIR : 97 − (N mod 97), Corse 19/18", confidence="vu")
def production_ins_has_its_key(document: CdaDocument) -> Evidence:
    """Le matricule INS de l'usager a 13 caractères et la clé qui leur correspond."""
    return _judge_ins(document, production=True)


@check("cda.coherence.test-ins-key", covers=("INS-03",), source="clé du NIR : 97 − (N mod 97), Corse 19/18", confidence="vu")
def test_ins_has_its_key(document: CdaDocument) -> Evidence:
    """Le matricule INS de test de l'usager a 13 caractères et la clé qui leur correspond."""
    return _judge_ins(document, production=False)


@check(
    "cda.fichier.is-base64",
    covers=("CDA-02",),
    source="CI-SIS, documents de niveau 1 ; HL7 CDA R2, type ED",
    confidence="vu",
)
def encapsulated_file_is_what_it_says(document: CdaDocument) -> Evidence:
    """Le fichier encapsulé d'un document de niveau 1 est du base64, et le format annoncé est le sien."""
    text = document.root.find(hl7("component/nonXMLBody/text"))
    if text is None:
        return Evidence(note="document structuré, sans fichier encapsulé")
    content = _decoded(text)
    if text.get("mediaType") == "application/pdf" and not content.startswith(b"%PDF-"):
        raise CheckFailed(
            "Le fichier annoncé comme PDF n'en est pas un",
            expected="un fichier commençant par %PDF-",
            received=f"{len(content)} octets commençant par {content[:8]!r}",
            at=place_of(text),
            hint="Encoder en base64 les octets du fichier PDF/A-1, sans autre transformation.",
        )
    return Evidence(at=place_of(text), note=f"{len(content)} octets")


def _decoded(text: etree._Element) -> bytes:
    written = "".join((text.text or "").split())
    try:
        if text.get("representation") != "B64":
            raise ValueError(f"representation={text.get('representation') or 'absent'}")
        return base64.b64decode(written, validate=True)
    except (ValueError, binascii.Error) as error:
        raise CheckFailed(
            "Le fichier encapsulé n'est pas du base64",
            expected='representation="B64" et un contenu en base64',
            received=f"{error} ; contenu : {written[:40] or 'vide'}",
            at=place_of(text),
            hint='Encoder les octets du fichier en base64 et écrire representation="B64".',
        ) from error
