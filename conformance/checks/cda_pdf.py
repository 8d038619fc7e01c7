"""The PDF of a document (encapsulated, or sent beside it) says what the header of the CDA says (CDA-03)."""

from __future__ import annotations

from datetime import date, timedelta

from lxml import etree

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..validation.cda import CdaDocument
from ..validation.cda.times import read
from ..validation.cda.view import HL7, hl7
from ..validation.ins.attendue import ExpectedIdentity
from ..validation.ins.traits import folded
from ..validation.pdf import PdfText
from ..validation.xml import place_of
from .registry import check

SOURCE = "programme CDA-03 (SC.CDA/DD.02, DD.12) ; référentiel MSSanté #2 v1.0.1, 2.1.5"
ENOUGH = 0.8
"""Share of the words of the narrative that its PDF must hold."""

_SEXES = {"F": ("FEMININ", "FEMININE", "FEMME"), "M": ("MASCULIN", "HOMME")}


@check("cda.pdf.title", covers=("CDA-03",), source=SOURCE, confidence="secondaire")
def pdf_says_the_title(document: CdaDocument, text: PdfText) -> Evidence:
    """Le PDF reprend le titre du document."""
    title = document.root.find(hl7("title"))
    return _said(text, "".join(title.itertext()) if title is not None else "", "le titre", title)


@check("cda.pdf.type", covers=("CDA-03",), source=SOURCE, confidence="secondaire")
def pdf_says_the_type(document: CdaDocument, text: PdfText) -> Evidence:
    """Le PDF reprend le libellé du type de document."""
    code = document.root.find(hl7("code"))
    return _said(text, code.get("displayName", "") if code is not None else "", "le type du document", code)


@check("cda.pdf.document-date", covers=("CDA-03",), source=SOURCE, confidence="secondaire")
def pdf_says_the_date_of_the_document(document: CdaDocument, text: PdfText) -> Evidence:
    """Le PDF reprend la date du document."""
    return _dated(text, document.root.find(hl7("effectiveTime")), "la date du document")


@check("cda.pdf.act-date", covers=("CDA-03",), source=SOURCE, confidence="secondaire")
def pdf_says_the_date_of_the_act(document: CdaDocument, text: PdfText) -> Evidence:
    """Le PDF reprend la date de l'acte que le document décrit."""
    period = document.root.find(hl7("documentationOf/serviceEvent/effectiveTime"))
    low = None if period is None else period.find(hl7("low"))
    return _dated(text, period if low is None else low, "la date de l'acte")


@check("cda.pdf.author", covers=("CDA-03",), source=SOURCE, confidence="secondaire")
def pdf_names_the_author(document: CdaDocument, text: PdfText) -> Evidence:
    """Le PDF nomme l'auteur du document."""
    name = document.root.find(hl7("author/assignedAuthor/assignedPerson/name"))
    if name is None:
        device = document.root.find(hl7("author/assignedAuthor/assignedAuthoringDevice/softwareName"))
        return _said(text, (device.text or "") if device is not None else "", "l'auteur", device)
    family = name.find(hl7("family"))
    given = name.find(hl7("given"))
    for part, what in ((family, "le nom de l'auteur"), (given, "le prénom de l'auteur")):
        if part is not None and (part.text or "").strip():
            _said(text, part.text or "", what, part)
    return _said(text, (family.text or "") if family is not None else "", "le nom de l'auteur", name)


@check("cda.pdf.organisation", covers=("CDA-03",), source=SOURCE, confidence="secondaire")
def pdf_names_the_organisation(document: CdaDocument, text: PdfText) -> Evidence:
    """Le PDF nomme l'organisation de l'auteur, à défaut celle qui conserve le document."""
    for path in (
        "author/assignedAuthor/representedOrganization/name",
        "custodian/assignedCustodian/representedCustodianOrganization/name",
    ):
        name = document.root.find(hl7(path))
        if name is not None and (name.text or "").strip():
            return _said(text, name.text or "", "l'organisation", name)
    raise Inconclusive("l'en-tête ne nomme pas d'organisation")


@check("cda.pdf.usager-name", covers=("CDA-03",), source=SOURCE, confidence="secondaire")
def pdf_names_the_usager(document: CdaDocument, text: PdfText, expected: ExpectedIdentity) -> Evidence:
    """Le PDF porte le nom de naissance et le premier prénom de l'usager."""
    patient = document.root.find(hl7("recordTarget/patientRole/patient"))
    _said(text, expected.prenom, "le premier prénom de l'usager", patient)
    return _said(text, expected.nom, "le nom de naissance de l'usager", patient)


@check("cda.pdf.usager-birth-date", covers=("CDA-03",), source=SOURCE, confidence="secondaire")
def pdf_says_the_birth_date(document: CdaDocument, text: PdfText, expected: ExpectedIdentity) -> Evidence:
    """Le PDF porte la date de naissance de l'usager."""
    birth = document.root.find(hl7("recordTarget/patientRole/patient/birthTime"))
    if expected.date.count("-") != 2:
        raise Inconclusive("l'en-tête ne donne pas la date de naissance complète")
    return _found(text, expected.date, "la date de naissance de l'usager", birth, known=text.says_date_text(expected.date))


@check("cda.pdf.usager-sex", covers=("CDA-03", "INS-20"), source=SOURCE, confidence="secondaire")
def pdf_says_the_sex(document: CdaDocument, text: PdfText, expected: ExpectedIdentity) -> Evidence:
    """Le PDF ne dit pas un autre sexe que celui de l'usager."""
    gender = document.root.find(hl7("recordTarget/patientRole/patient/administrativeGenderCode"))
    labelled = [after.removeprefix("DE NAISSANCE").split() for after in text.after("sexe")]
    firsts = {words[0] for words in labelled if words}
    wrong = {"F": {"M", *_SEXES["M"]}, "M": {"F", *_SEXES["F"]}}.get(expected.sexe)
    if wrong is None or not firsts:
        raise Inconclusive("le PDF n'étiquette pas le sexe, ou l'en-tête ne le donne pas")
    return _found(text, expected.sexe, "le sexe de l'usager", gender, known=not firsts & wrong, seen=" ".join(sorted(firsts)))


@check("cda.pdf.usager-matricule", covers=("CDA-03", "INS-20"), source=SOURCE, confidence="secondaire")
def pdf_says_the_matricule(document: CdaDocument, text: PdfText, expected: ExpectedIdentity) -> Evidence:
    """Le PDF porte le matricule INS que l'en-tête donne à l'usager."""
    if not expected.ins:
        raise Inconclusive("l'en-tête ne porte pas de matricule INS")
    role = document.root.find(hl7("recordTarget/patientRole/id"))
    known = text.says_number(expected.ins) or text.says_number(expected.ins[:13])
    return _found(text, expected.ins, "le matricule INS de l'usager", role, known=known)


@check("cda.pdf.narrative", covers=("CDA-03",), source=f"{SOURCE} ; part de mots : choix du banc", confidence="infere")
def pdf_holds_the_narrative(document: CdaDocument, text: PdfText) -> Evidence:
    """Le PDF d'un document structuré reprend le récit de ses sections."""
    body = document.root.find(hl7("component/structuredBody"))
    if body is None:
        return Evidence(at=text.id, note="document de niveau 1 : son PDF est son seul récit")
    words = {w for t in body.iter(f"{{{HL7}}}text") for w in folded(" ".join(map(str, t.itertext()))).split() if len(w) > 3}
    if not words:
        raise Inconclusive("le document n'a pas de récit")
    printed = {word for form in text.forms for word in form.split()}
    missing = sorted(words - printed)
    if 1 - len(missing) / len(words) >= ENOUGH:
        return Evidence(at=text.id, note=f"{len(words) - len(missing)} mots sur {len(words)}", fired=len(words))
    raise CheckFailed(
        "Le PDF ne reprend pas le récit du document",
        expected=f"au moins {ENOUGH:.0%} des mots du récit",
        received=f"{len(missing)} mots absents sur {len(words)} : {', '.join(missing[:8])}…",
        at=place_of(body),
        hint="Produire le PDF et le CDA à partir des mêmes données.",
    )


def _said(text: PdfText, value: str, what: str, element: etree._Element | None) -> Evidence:
    value = " ".join(value.split())
    if not folded(value):
        raise Inconclusive(f"l'en-tête du document ne donne pas {what}")
    return _found(text, value, what, element, known=text.says(value))


def _dated(text: PdfText, element: etree._Element | None, what: str) -> Evidence:
    value = "" if element is None else element.get("value", "")
    period = read(value)
    if period is None or len(value) < 8:
        raise Inconclusive(f"l'en-tête du document ne donne pas {what} au jour près")
    written = date(int(value[:4]), int(value[4:6]), int(value[6:8]))
    near = {written, *((period.start + timedelta(hours=h)).date() for h in (0, 1, 2))} if len(value) > 8 else {written}
    return _found(text, written.strftime("%d/%m/%Y"), what, element, known=text.says_date(*sorted(near)))


def _found(text: PdfText, value: str, what: str, element: etree._Element | None, *, known: bool, seen: str = "") -> Evidence:
    if known:
        return Evidence(at=text.id, note=f"{what} est dans le PDF")
    raise CheckFailed(
        f"Le PDF ne reprend pas {what}",
        expected=f"{value} (en-tête du CDA)",
        received=f"lu : {seen}" if seen else f"texte du PDF : {text.excerpt()}",
        at=place_of(element) if element is not None else text.id,
        hint="Produire le PDF et le CDA à partir de la même source, le jour même ; écrire ces valeurs en texte.",
    )
