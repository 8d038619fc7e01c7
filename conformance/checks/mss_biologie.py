"""Messages to a laboratory: the biology prescription, and the attestation of a qualified identity (programme BIO-01 to -04)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from ..core.errors import Inconclusive
from ..core.problem import Problem
from ..core.providers import provide
from ..validation.cda.view import HL7, hl7
from ..validation.document import Document
from ..validation.ins.datamatrix import InsDatamatrix
from ..validation.ins.traits import folded
from ..validation.mail import Mail
from ..validation.mail.patient import Content, Described, embedded_pdf, twins_of
from ..validation.pdf import PdfText
from ..validation.xds.codes import associations
from .mss_rule import problem, rule

SOURCE = "webinaire ANS Vague 2 du 31/03/2026 (prélèvement externe) ; programme BIO-01 à BIO-04"
TITLE = "Attestation d'identité qualifiée concernant un prélèvement externe"
CERT_DECL, LOCAL_TYPES = "CERT_DECL", "1.2.250.1.213.1.1.4.12"
PRESCRIPTION = "42"
RPPS = "1.2.250.1.71.4.2.1"
_RPPS = re.compile(r"8[0-9]{11}")
_MSS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]*mssante\.fr", re.IGNORECASE)
_BEFORE = 160
"""Characters before an address, on paper, within which its holder is named."""


def attestation_of(content: Content) -> Described | None:
    """The attestation of a message: by its title, else by its type."""
    titled = [d for d in content.documents if folded(d.header.title) == folded(TITLE)]
    typed = [d for d in content.documents if d.header.code.code == CERT_DECL]
    return next(iter(titled + typed), None)


def prescription_of(content: Content) -> Described | None:
    """The prescription of a message: the document whose type is of the class of prescriptions."""
    classes = associations("classe-du-type")
    return next(
        (d for d in content.documents if (row := classes.get(d.header.code.code)) is not None and row.value == PRESCRIPTION), None
    )


def _attestation(content: Content) -> Described:
    found = attestation_of(content)
    if found is None:
        raise Inconclusive("aucune attestation d'identité dans le message")
    return found


@rule("mss.bio.attestation", covers=("BIO-03",), source=SOURCE)
def attestation_is_joined(content: Content) -> Iterator[Problem]:
    """Le message au laboratoire porte l'« Attestation d'identité qualifiée concernant un prélèvement externe », sous ce titre."""
    found = attestation_of(content)
    if found is None or folded(found.header.title) != folded(TITLE):
        at = "IHE_XDM.ZIP" if found is None else f"{found.document.name} : /ClinicalDocument/title"
        received = "aucun document CERT_DECL" if found is None else found.header.title
        yield problem(
            "Attestation d'identité absente ou sous un autre titre",
            at,
            TITLE,
            received,
            "Générer l'attestation avec la prescription.",
        )


@rule("mss.bio.attestation-type", covers=("BIO-03",), source=SOURCE + " ; TRE_A05", confidence="infere")
def attestation_has_its_type(content: Content) -> Iterator[Problem]:
    """L'attestation est de type CERT_DECL (1.2.250.1.213.1.1.4.12)."""
    code, name = _attestation(content).header.code, _attestation(content).document.name
    if (code.code, code.system) != (CERT_DECL, LOCAL_TYPES):
        hint = "ClinicalDocument/code : CERT_DECL, « Certificat, déclaration »."
        yield problem(
            "Type de l'attestation inattendu",
            f"{name} : /ClinicalDocument/code",
            f"{CERT_DECL} ({LOCAL_TYPES})",
            f"{code.code} ({code.system})",
            hint,
        )


@rule("mss.bio.preleveur", covers=("BIO-03",), source=SOURCE)
def attestation_names_who_took_the_sample(content: Content) -> Iterator[Problem]:
    """L'attestation nomme le préleveur, avec son numéro RPPS."""
    attestation = _attestation(content)
    root = attestation.document.root
    takers = [p for p in root.findall(hl7("participant")) if _function(p) == "PRELV"] or root.findall(hl7("author"))
    at = f"{attestation.document.name} : /ClinicalDocument/participant"
    if not any(_named(taker) for taker in takers):
        received = ", ".join(i.get("extension", "") for t in takers for i in t.iter(f"{{{HL7}}}id")) or "aucun préleveur"
        yield problem(
            "Préleveur sans nom ou sans numéro RPPS",
            at,
            "8 suivi du RPPS à 11 chiffres, et le nom",
            received,
            "Participant PRF, fonction PRELV.",
        )


def _function(participant: etree._Element) -> str:
    found = participant.find(hl7("functionCode"))
    return "" if found is None else found.get("code", "")


def _named(taker: etree._Element) -> bool:
    ids = [i.get("extension", "") for i in taker.iter(f"{{{HL7}}}id") if i.get("root") == RPPS]
    family = next(taker.iter(f"{{{HL7}}}family"), None)
    return any(_RPPS.fullmatch(i) for i in ids) and family is not None and bool((family.text or "").strip())


@rule("mss.bio.identity", covers=("BIO-03",), source=SOURCE)
def attestation_carries_the_qualified_identity(content: Content) -> Iterator[Problem]:
    """L'attestation porte l'INS de l'usager et ses traits."""
    attestation = _attestation(content)
    if not attestation.complete:
        ins = attestation.header.ins
        at = f"{attestation.document.name} : /ClinicalDocument/recordTarget/patientRole"
        yield problem(
            "Attestation sans identité qualifiée",
            at,
            "matricule INS, OID et traits",
            ins.extension if ins else "",
            "Seule une identité qualifiée s'atteste.",
        )


@rule("mss.bio.datamatrix", covers=("BIO-03",), source=SOURCE)
def attestation_bears_the_datamatrix(mail: Mail, content: Content) -> Iterator[Problem]:
    """Le PDF de l'attestation porte le datamatrix INS de l'usager."""
    attestation = _attestation(content)
    pdf = _paper(mail, content, attestation)
    at = f"PDF de l'attestation ({attestation.document.name})"
    ins = attestation.header.ins
    expected = f"datamatrix INS de {ins.extension}" if ins else "datamatrix INS"
    hint = "Imprimer sur la première page le datamatrix INS, avec la mention « INS à scanner »."
    try:
        found = provide(InsDatamatrix, pdf)
    except Inconclusive as error:
        yield problem("Attestation sans datamatrix INS", at, expected, str(error), hint)
        return
    if ins is not None and (found.value("S1"), found.value("S2")) != (ins.extension, ins.root):
        yield problem(
            "Datamatrix d'une autre personne", f"{at}, {found.at}", expected, f"{found.value('S1')} ({found.value('S2')})", hint
        )


@rule("mss.bio.prescription", covers=("BIO-02", "BIO-03"), source=SOURCE)
def prescription_is_joined(content: Content) -> Iterator[Problem]:
    """La prescription de biologie est dans le même message que l'attestation."""
    if prescription_of(content) is None:
        received = ", ".join(d.header.title or d.header.code.code for d in content.documents)
        yield problem(
            "Prescription absente du message",
            "IHE_XDM.ZIP",
            "un document de la classe Prescription (42)",
            received,
            "Joindre la prescription du prélèvement.",
        )


@rule("mss.bio.addresses", covers=("BIO-01",), source=SOURCE)
def prescription_says_where_to_answer(mail: Mail, content: Content) -> Iterator[Problem]:
    """La prescription de biologie porte l'adresse MSSanté du médecin traitant et celle de l'établissement ou du service."""
    prescription = prescription_of(content)
    if prescription is None:
        raise Inconclusive("aucune prescription dans le message")
    doctor, structure = _header_addresses(prescription)
    printed_doctor, printed_structure = _printed_addresses(_text(mail, content, prescription))
    wanted = {"du médecin traitant": doctor | printed_doctor, "de l'établissement": structure | printed_structure}
    for whose, found in wanted.items():
        if not found:
            others = ", ".join(sorted(doctor | structure | printed_doctor | printed_structure)) or "aucune adresse"
            at = f"{prescription.document.name} et son PDF"
            hint = "Écrire les deux adresses : telecom mailto: dans l'en-tête, ou en texte à côté du nom de chacun."
            yield problem(f"Adresse MSSanté {whose} absente de la prescription", at, "adresse@….mssante.fr", others, hint)


def _header_addresses(document: Described) -> tuple[set[str], set[str]]:
    """The addresses of persons who are the family doctor, and those of organisations, in a header."""
    doctors: set[str] = set()
    structures: set[str] = set()
    for telecom in document.document.root.iter(f"{{{HL7}}}telecom"):
        value = telecom.get("value", "").removeprefix("mailto:")
        if _MSS.fullmatch(value) is None:
            continue
        parents = [etree.QName(a).localname for a in telecom.iterancestors() if isinstance(a.tag, str)]
        held = any("rganization" in p for p in parents[:1])
        (structures if held else doctors).add(value.lower())
    return doctors, structures


def _printed_addresses(text: str) -> tuple[set[str], set[str]]:
    doctors: set[str] = set()
    structures: set[str] = set()
    for match in _MSS.finditer(text):
        before = folded(text[max(0, match.start() - _BEFORE) : match.start()])
        last = before.rfind("TRAITANT") > max(before.rfind(word) for word in ("ETABLISSEMENT", "STRUCTURE", "SERVICE", "EHPAD"))
        (doctors if last else structures).add(match[0].lower())
    return doctors, structures


def _paper(mail: Mail, content: Content, wanted: Described) -> Document:
    held = embedded_pdf(wanted)
    if held is not None:
        return Document(held, wanted.document.name)
    for document, part in twins_of(mail, content):
        if document is wanted and part is not None:
            return Document(part.content, part.id)
    raise Inconclusive("aucun PDF de ce document dans le message")


def _text(mail: Mail, content: Content, wanted: Described) -> str:
    try:
        found: PdfText = provide(PdfText, _paper(mail, content, wanted))
    except Inconclusive:
        return ""
    return found.text
