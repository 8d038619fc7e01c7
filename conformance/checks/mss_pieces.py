"""Mails: what is attached: one archive, the PDF of each document, one patient (Référentiel MSSanté #2, 2.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..core.problem import Problem
from ..validation.ins.traits import folded, normalise
from ..validation.mail import Mail
from ..validation.mail.message import XDM_NAME, ZIP_TYPES
from ..validation.mail.patient import LABEL, Content, embedded_pdf, twins_of
from .mss_rule import problem, rule

MSS = ("MSS-09",)
_NAME = re.compile(
    r"(?P<date>[0-9]{8})_(?P<type>[^_]{1,40})_(?P<nom>[^_]+)_(?P<prenom>[^_]+)(?:_(?P<dossier>[^_]+))?\.pdf", re.IGNORECASE
)
_PDF_A = re.compile(rb"pdfaid:part(?:>|\s*=\s*[\"'])\s*([0-9])")
_FORM = "<AAAAMMJJ>_<type>_<NOM>_<prénom>[_<n° dossier>].pdf"
_NAME_HINT = "Date de l'acte (serviceEvent/effectiveTime/low), libellé du type coupé à 40 caractères, nom et prénom de l'usager."


@rule("mss.pieces.archive", covers=MSS, source="Référentiel MSSanté #2, 2.1.1 (SC.MSS/CONF.23)")
def one_archive_is_attached(mail: Mail) -> Iterator[Problem]:
    """Le message porte une archive IHE_XDM.ZIP, et une seule."""
    found = mail.archives
    if len(found) != 1:
        received = ", ".join(p.at for p in found) or ", ".join(p.at for p in mail.attachments)
        yield problem(
            "Plusieurs archives dans le message" if found else "Archive IHE_XDM.ZIP absente",
            found[1].at if found else "message",
            f"une pièce jointe {XDM_NAME}",
            received or "aucune pièce jointe",
            "Une archive par message ; elle peut contenir plusieurs documents du même usager.",
        )


@rule("mss.pieces.archive-form", covers=MSS, source="Référentiel MSSanté #2, 2.1.1 ; volet Transmission, courriel MSS")
def archive_is_a_named_zip(mail: Mail) -> Iterator[Problem]:
    """L'archive se nomme IHE_XDM.ZIP, est de type application/zip, en pièce jointe (attachment)."""
    for part in mail.archives:
        hint = 'Content-Type: application/zip; Content-Disposition: attachment; filename="IHE_XDM.ZIP"; base64.'
        if part.filename.upper() != XDM_NAME:
            yield problem("Archive mal nommée", part.at, XDM_NAME, part.filename, hint)
        if part.type not in ZIP_TYPES:
            yield problem("Type de l'archive inattendu", part.at, "application/zip", part.type, hint)
        if part.disposition.value != "attachment":
            yield problem("Archive qui n'est pas en pièce jointe", part.at, "attachment", part.disposition.value, hint)


@rule("mss.pieces.one-patient", covers=MSS, source="Référentiel MSSanté #2, 2.1 (un usager par message)")
def documents_are_of_one_patient(content: Content) -> Iterator[Problem]:
    """Tous les documents d'un message concernent le même usager."""
    first = content.first
    for other in content.documents[1:]:
        if other.identity != first.identity:
            hint = "Envoyer un message par usager."
            expected, received = " ".join(first.identity), " ".join(other.identity)
            yield problem("Documents de plusieurs usagers dans un message", other.document.name, expected, received, hint)


@rule("mss.pieces.pdf-twin", covers=MSS, source="Référentiel MSSanté #2, 2.1.1 et 2.1.5")
def each_document_has_its_pdf(mail: Mail, content: Content) -> Iterator[Problem]:
    """Chaque document de l'archive est aussi joint en PDF, hors de l'archive."""
    if len(mail.pdfs) < len(content.documents):
        yield problem(
            "Un document n'est pas joint en PDF",
            "message",
            f"{len(content.documents)} PDF joints, un par document de l'archive",
            f"{len(mail.pdfs)} : {', '.join(p.id for p in mail.pdfs) or 'aucun'}",
            "Joindre la forme PDF/A-1 de chaque document, à côté de IHE_XDM.ZIP : le destinataire sans logiciel la lit.",
        )


@rule("mss.pieces.pdf-type", covers=MSS, source="Référentiel MSSanté #2, 2.1.1 ; RFC 2183")
def pdfs_are_announced_as_such(mail: Mail) -> Iterator[Problem]:
    """Un PDF joint est de type application/pdf, en pièce jointe, et en est un."""
    for part in mail.pdfs:
        hint = "Content-Type: application/pdf; Content-Disposition: attachment, avec son nom de fichier."
        if part.type != "application/pdf" or part.disposition.value != "attachment":
            received = f"{part.type}, {part.disposition.value or 'sans Content-Disposition'}"
            yield problem("PDF mal annoncé", part.at, "application/pdf, attachment", received, hint)
        if b"%PDF-" not in part.content[:1024]:
            yield problem(
                "Une pièce annoncée PDF n'en est pas un", part.at, "%PDF-…", repr(part.content[:20]), "Joindre le PDF lui-même."
            )


@rule("mss.pieces.pdf-a1", covers=MSS, source="Référentiel MSSanté #2, 2.1.1 (PDF/A-1)")
def pdfs_are_archival(mail: Mail) -> Iterator[Problem]:
    """Les PDF joints se déclarent PDF/A-1."""
    for part in mail.pdfs:
        match = _PDF_A.search(part.content)
        if match is None or match[1] != b"1":
            received = f"PDF/A-{match[1].decode()}" if match else "aucune déclaration PDF/A"
            yield problem("PDF joint qui n'est pas un PDF/A-1", part.at, "pdfaid:part = 1", received, "Produire un PDF/A-1b.")


@rule("mss.pieces.pdf-name", covers=MSS, source="Référentiel MSSanté #2, 2.1.6 (cité par le volet Transmission)")
def pdf_names_follow_the_pattern(mail: Mail) -> Iterator[Problem]:
    """Le nom d'un PDF joint est <AAAAMMJJ>_<type>_<NOM>_<prénom>[_<n° dossier>].pdf."""
    for part in mail.pdfs:
        if _NAME.fullmatch(part.filename) is None:
            yield problem("Nom de PDF mal formé", part.at, _FORM, part.filename, _NAME_HINT)


@rule("mss.pieces.pdf-name-values", covers=MSS, source="Référentiel MSSanté #2, 2.1.6 (cité par le volet Transmission)")
def pdf_names_say_the_document(mail: Mail, content: Content) -> Iterator[Problem]:
    """Le nom d'un PDF joint dit la date de l'acte, le type et l'usager de son document."""
    for document, part in twins_of(mail, content):
        match = _NAME.fullmatch(part.filename) if part is not None else None
        if match is None or part is None:
            continue
        label, start = document.header.code.label[:LABEL], document.header.service_start or document.header.effective_time
        wrong = []
        if start and match["date"] != start[:8]:
            wrong.append((f"date {start[:8]}", match["date"]))
        if folded(match["type"]) != folded(label):
            wrong.append((f"type {label}", match["type"]))
        if normalise(match["nom"]) not in document.families or match["nom"] != match["nom"].upper():
            wrong.append((f"nom {' ou '.join(document.families)}", match["nom"]))
        if normalise(match["prenom"]) not in document.givens:
            wrong.append((f"prénom {' ou '.join(document.givens)}", match["prenom"]))
        for expected, received in wrong:
            what = expected.partition(" ")[0]
            yield problem(f"Nom de PDF : {what} différent du document", part.at, expected, received, _NAME_HINT)


@rule("mss.pieces.pdf-same-bytes", covers=MSS, source="Référentiel MSSanté #2, 2.1.5")
def pdf_is_that_of_the_document(mail: Mail, content: Content) -> Iterator[Problem]:
    """Le PDF joint d'un document de niveau 1 est celui que le document contient, octet pour octet."""
    for document, part in twins_of(mail, content):
        held = embedded_pdf(document)
        if held is not None and part is not None and part.content != held:
            received = f"{len(part.content)} octets, contre {len(held)} dans {document.document.name}"
            yield problem(
                "PDF joint différent de celui du document", part.at, "les mêmes octets", received, "Joindre le fichier encapsulé."
            )
