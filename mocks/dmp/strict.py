"""What only the strict DMP refuses: a VIHF that does not verify, missing metadata, a document that contradicts its entry."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from ...core.errors import Inconclusive
from ...validation.saml.signature import verify
from ...validation.saml.vihf import read_vihf
from ...validation.soap import SoapMessage
from ...validation.xds import vocabulary as v
from ...validation.xds.objects import DocumentEntry, SubmissionSet
from ...validation.xds.submission import DepositedDocument, read_submission
from ...validation.xml import XmlError, parse
from .answers import RegistryError

_HL7 = "{urn:hl7-org:v3}"
_ENTRY_CODES = (v.CLASS_CODE, v.TYPE_CODE, v.FORMAT_CODE, v.CONFIDENTIALITY, v.FACILITY, v.PRACTICE_SETTING)
_ENTRY_SLOTS = ("creationTime", "languageCode", "serviceStartTime", "legalAuthenticator", "sourcePatientId", "sourcePatientInfo")


def vihf_error(message: SoapMessage) -> str:
    """Why the VIHF of a message would be refused, in French; ``""`` when its signature verifies."""
    assertions = message.assertions()
    if len(assertions) != 1:
        return f"{len(assertions)} assertion SAML dans wsse:Security, une seule est attendue"
    return verify(read_vihf(assertions[0])).error


def metadata_errors(message: SoapMessage) -> list[RegistryError]:
    """The metadata errors of a deposit that an accepting DMP lets through."""
    try:
        submission = read_submission(message)
    except Inconclusive as error:
        return [RegistryError("XDSRepositoryMetadataError", str(error))]
    errors = list(_set_errors(submission.set))
    for entry in submission.clinical_entries:
        errors += _entry_errors(entry)
    for document in submission.documents:
        errors += _fingerprint_errors(document)
    for document in submission.clinical_documents:
        errors += _content_errors(document)
    return errors


def _set_errors(found: SubmissionSet) -> Iterator[RegistryError]:
    if not found.slot("submissionTime"):
        yield _missing("submissionTime", found.id)
    if found.code(v.CONTENT_TYPE) is None:
        yield _missing("contentTypeCode", found.id)
    if not found.identifier(v.SET_SOURCE):
        yield _missing("sourceId", found.id)
    if not found.authors:
        yield _missing("author", found.id)


def _entry_errors(entry: DocumentEntry) -> Iterator[RegistryError]:
    yield from (_missing(v.NAMES[scheme], entry.id) for scheme in _ENTRY_CODES if entry.code(scheme) is None)
    yield from (_missing(name, entry.id) for name in _ENTRY_SLOTS if not entry.slot(name))
    if not entry.title:
        yield _missing("title", entry.id)
    if not entry.authors:
        yield _missing("author", entry.id)


def _fingerprint_errors(document: DepositedDocument) -> Iterator[RegistryError]:
    entry = document.entry
    sent_hash, sent_size = entry.slot("hash"), entry.slot("size")
    if sent_hash and sent_hash.lower() != hashlib.sha1(document.content, usedforsecurity=False).hexdigest():
        yield RegistryError("XDSRepositoryMetadataError", "hash différent de l'empreinte SHA-1 du document", entry.id)
    if sent_size and sent_size != str(len(document.content)):
        yield RegistryError("XDSRepositoryMetadataError", "size différent de la taille du document", entry.id)


def _content_errors(document: DepositedDocument) -> Iterator[RegistryError]:
    entry = document.entry
    if entry.mime_type != "text/xml":
        return
    try:
        root = parse(document.content)
    except XmlError as error:
        yield RegistryError("InvalidDocumentContent", f"document illisible : {error}", entry.id)
        return
    found = {name: root.find(f"{_HL7}{name}") for name in ("id", "code")}
    uid = "" if found["id"] is None else found["id"].get("root", "")
    code = "" if found["code"] is None else found["code"].get("code", "")
    declared = entry.code(v.TYPE_CODE)
    if uid != entry.unique_id:
        yield RegistryError("InvalidDocumentContent", "uniqueId différent de ClinicalDocument/id", entry.id)
    if declared is not None and code != declared.code:
        yield RegistryError("InvalidDocumentContent", "typeCode différent de ClinicalDocument/code", entry.id)


def _missing(name: str, location: str) -> RegistryError:
    return RegistryError("XDSRepositoryMetadataError", f"métadonnée obligatoire absente : {name}", location)
