"""METADATA.XML of an IHE_XDM archive: one entry per document, equal to it (Référentiel MSSanté #2, 2.1.2; IHE ITI TF-3 §4.2).

What an entry and a submission set hold is judged by the rules ``xds.*``, as for the DMP; here is what an archive has of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from ..core.errors import Inconclusive
from ..core.problem import Problem
from ..core.providers import provide
from ..validation.xdm import Xdm
from ..validation.xds import vocabulary as v
from ..validation.xds.cda_header import CdaHeader, Header
from ..validation.xds.submission import DepositedDocument
from .mss_rule import problem, rule

MSS = ("MSS-09",)
_XDM = "IHE ITI TF-3 §4.2 (XDM) ; Référentiel MSSanté #2, 2.1.2"


def described(xdm: Xdm) -> Iterator[tuple[DepositedDocument, Header]]:
    """Each CDA document that an entry leads to, with its header."""
    for document in xdm.described():
        try:
            yield document, provide(CdaHeader, document).header
        except Inconclusive:
            continue


@rule("mss.metadata.readable", covers=MSS, source=_XDM)
def metadata_are_a_submission(xdm: Xdm) -> Iterator[Problem]:
    """METADATA.XML est un lcm:SubmitObjectsRequest (ebXML 3.0) bien formé, avec son lot de soumission."""
    for lot in xdm.lots:
        if lot.metadata is not None and lot.error:
            hint = "Racine SubmitObjectsRequest, espace urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0, puis rim:RegistryObjectList."
            yield problem(
                "METADATA.XML illisible ou d'une autre forme", lot.at, f"lcm:SubmitObjectsRequest ({v.LCM})", lot.error, hint
            )


@rule("mss.metadata.entry-per-document", covers=MSS, source=_XDM)
def each_document_has_one_entry(xdm: Xdm) -> Iterator[Problem]:
    """METADATA.XML a exactement une fiche par document CDA du lot."""
    for lot, submission in xdm.readable_lots():
        count = len([e for e in submission.entries if e.mime_type in ("text/xml", "application/xml", "")])
        if count != len(lot.cdas):
            expected, received = f"{len(lot.cdas)} fiche(s), une par document CDA", f"{count} fiche(s)"
            yield problem(
                "Nombre de fiches différent du nombre de documents",
                submission.at,
                expected,
                received,
                "Une fiche par document, et rien d'autre.",
            )


@rule("mss.metadata.uri", covers=MSS, source=_XDM)
def uris_lead_to_files(xdm: Xdm) -> Iterator[Problem]:
    """L'URI de chaque fiche est le nom d'un fichier du lot."""
    found = False
    for lot, submission in xdm.readable_lots():
        found = found or bool(submission.entries)
        for entry, uri in lot.missing:
            received = uri or "slot URI absent"
            names = ", ".join(f.name for f in lot.files[:6])
            yield problem(
                "L'URI de la fiche ne mène à aucun fichier",
                entry.slot_xpath("URI"),
                names,
                received,
                "Le nom du fichier dans le même SUBSETxx.",
            )
    if not found:
        raise Inconclusive("aucune fiche de document dans les métadonnées")


@rule("mss.metadata.hash", covers=MSS, source=_XDM)
def hash_is_that_of_the_file(xdm: Xdm) -> Iterator[Problem]:
    """L'empreinte de chaque fiche est le SHA-1, en hexadécimal, de son fichier."""
    for document in xdm.described():
        expected = hashlib.sha1(document.content, usedforsecurity=False).hexdigest()
        received = document.entry.slot("hash")
        if received.lower() != expected:
            hint = "Calculer l'empreinte des octets écrits dans l'archive, après toute mise en forme."
            yield problem("Empreinte (hash) absente ou fausse", document.entry.slot_xpath("hash"), expected, received, hint)


@rule("mss.metadata.size", covers=MSS, source=_XDM)
def size_is_that_of_the_file(xdm: Xdm) -> Iterator[Problem]:
    """La taille de chaque fiche est celle de son fichier, en octets."""
    for document in xdm.described():
        received = document.entry.slot("size")
        if received != str(len(document.content)):
            yield problem(
                "Taille (size) absente ou fausse",
                document.entry.slot_xpath("size"),
                str(len(document.content)),
                received,
                "En octets, sans unité.",
            )


@rule("mss.metadata.unique-id", covers=MSS, source="C01 ; " + _XDM)
def unique_id_is_that_of_the_document(xdm: Xdm) -> Iterator[Problem]:
    """L'identifiant unique de chaque fiche est celui du document CDA : racine, puis ^ et extension s'il en a une."""
    for document, header in described(xdm):
        expected = "^".join(filter(None, (header.id.root, header.id.extension)))
        if document.entry.unique_id != expected:
            at = document.entry.identifier_xpath(v.ENTRY_UNIQUE_ID)
            yield problem(
                "uniqueId différent de l'identifiant du document",
                at,
                expected,
                document.entry.unique_id,
                "ClinicalDocument/id : @root, ou @root^@extension.",
            )


@rule(
    "mss.metadata.patient-id",
    covers=MSS,
    source="C09 ; Référentiel MSSanté #2, 2.1.2 (le destinataire identifie l'usager par patientId)",
)
def patient_id_is_that_of_the_document(xdm: Xdm) -> Iterator[Problem]:
    """Le patientId de chaque fiche est l'INS du document (CX : INS15^^^&OID&ISO^NH), à défaut son identifiant local."""
    for document, header in described(xdm):
        patient, ins = document.entry.patient, header.ins
        allowed = [(ins.extension, ins.root)] if ins else [(i.extension, i.root) for i in header.local_ids]
        form = patient.authority.type == "ISO" and patient.code == ("NH" if ins else "PI")
        if patient.identity not in allowed or not form or patient.extra:
            expected = " ou ".join(f"{e}^^^&{r}&ISO^{'NH' if ins else 'PI'}" for e, r in allowed)
            at = document.entry.identifier_xpath(v.ENTRY_PATIENT)
            yield problem(
                "patientId différent de celui du document",
                at,
                expected,
                patient.raw,
                "Reprendre recordTarget/patientRole/id ; le destinataire classe d'après lui.",
            )


@rule("mss.metadata.set-patient", covers=MSS, source="XDSPatientIdDoesNotMatch (IHE) ; " + _XDM, confidence="vu")
def set_and_entries_name_one_patient(xdm: Xdm) -> Iterator[Problem]:
    """Le lot et ses fiches désignent le même patient."""
    for _, submission in xdm.readable_lots():
        for entry in submission.entries:
            if entry.patient.identity != submission.set.patient.identity:
                at = submission.set.identifier_xpath(v.SET_PATIENT)
                yield problem(
                    "Le patient du lot n'est pas celui de la fiche",
                    at,
                    entry.patient.raw,
                    submission.set.patient.raw,
                    "Le même patientId partout.",
                )


@rule("mss.metadata.object", covers=MSS, source="IHE ITI TF-3 §4.2.2", confidence="vu")
def entries_are_stable_documents(xdm: Xdm) -> Iterator[Problem]:
    """Chaque fiche est un document stable, de type text/xml pour un CDA."""
    for document in xdm.described():
        entry = document.entry
        if entry.object_type != v.STABLE_DOCUMENT:
            yield problem(
                "Type d'objet de la fiche inattendu",
                f"{entry.at}/@objectType",
                v.STABLE_DOCUMENT,
                entry.object_type,
                "L'UUID des documents stables.",
            )
    for document, _ in described(xdm):
        if document.entry.mime_type != "text/xml":
            yield problem(
                "Type MIME de la fiche d'un CDA inattendu",
                f"{document.entry.at}/@mimeType",
                "text/xml",
                document.entry.mime_type,
                "text/xml pour un CDA.",
            )


@rule("mss.metadata.association", covers=MSS, source="IHE ITI TF-3 §4.2.1.4", confidence="vu")
def entries_belong_to_the_set(xdm: Xdm) -> Iterator[Problem]:
    """Chaque fiche est rattachée au lot par une association HasMember de statut Original."""
    for _, submission in xdm.readable_lots():
        members = {a.target: a for a in submission.associated(v.HAS_MEMBER) if a.source == submission.set.id}
        for entry in submission.entries:
            link = members.get(entry.id)
            expected = f"HasMember de {submission.set.id} vers {entry.id}, SubmissionSetStatus Original"
            hint = "rim:Association HasMember, sourceObject le lot, targetObject la fiche, slot SubmissionSetStatus = Original."
            if link is None:
                yield problem("Fiche sans association avec le lot", entry.at, expected, "aucune association", hint)
            elif link.slots.get("SubmissionSetStatus", ()) != ("Original",):
                received = ", ".join(link.slots.get("SubmissionSetStatus", ()))
                yield problem(
                    "Association au lot sans statut Original",
                    f"{link.at}/rim:Slot[@name='SubmissionSetStatus']",
                    "Original",
                    received,
                    hint,
                )
