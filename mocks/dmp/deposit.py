"""TD2.1 (IHE ITI-41): read the submission, refuse what a registry must refuse, store the rest."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from ...validation.soap import SoapMessage
from .messages import ENTRY_PATIENT, ENTRY_UNIQUE_ID, RIM, SET_PATIENT, SET_UNIQUE_ID
from .state import DEPRECATED, Entry, Incoming, Store

XDSB = "urn:ihe:iti:xds-b:2007"
RPLC = "urn:ihe:iti:2007:AssociationType:RPLC"
_CODES = {
    "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a": "ClassCode",
    "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983": "TypeCode",
    "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d": "FormatCode",
    "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f": "ConfidentialityCode",
    "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1": "HealthcareFacilityTypeCode",
    "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead": "PracticeSettingCode",
    "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4": "EventCodeList",
}


@dataclass(frozen=True, slots=True)
class RegistryError:
    """One RegistryError of an answer."""

    code: str
    context: str
    location: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """A readable submission: its set, its documents, the entries that it replaces."""

    unique_id: str
    patient: str
    documents: tuple[Incoming, ...]
    replaces: tuple[str, ...]


def read_submission(message: SoapMessage) -> tuple[Submission, list[RegistryError]]:
    """The submission of a message and what makes it unreadable (missing set, entry, document, identifier)."""
    errors: list[RegistryError] = []
    package = message.body.find(f".//{{{RIM}}}RegistryPackage")
    if package is None:
        errors.append(RegistryError("XDSRegistryMetadataError", "aucun RegistryPackage (lot de soumission)"))
    unique_id = "" if package is None else _identifier(package, SET_UNIQUE_ID)
    patient = "" if package is None else _identifier(package, SET_PATIENT)
    if package is not None and not unique_id:
        errors.append(RegistryError("XDSRegistryMetadataError", "SubmissionSet.uniqueId absent", str(package.get("id"))))
    documents = {d.get("id", "").lower(): d for d in message.body.iter(f"{{{XDSB}}}Document")}
    incoming = [_incoming(message, node, documents, errors) for node in message.body.iter(f"{{{RIM}}}ExtrinsicObject")]
    if not incoming:
        errors.append(RegistryError("XDSMissingDocumentMetadata", "aucun ExtrinsicObject dans la soumission"))
    known = {node.get("id", "").lower() for node in message.body.iter(f"{{{RIM}}}ExtrinsicObject")}
    errors += [
        RegistryError(
            "XDSMissingDocumentMetadata", f"Document « {document.get('id')} » sans ExtrinsicObject", str(document.get("id"))
        )
        for key, document in documents.items()
        if key not in known
    ]
    return Submission(unique_id, patient, tuple(d for d in incoming if d is not None), tuple(_replaced(message))), errors


def refusals(store: Store, submission: Submission) -> Iterator[RegistryError]:
    """What a registry refuses in a readable submission: unknown or mixed patients, duplicates, impossible replacements."""
    for patient in dict.fromkeys((submission.patient, *(d.patient for d in submission.documents))):
        dossier = store.dossier(patient)
        if dossier is None:
            yield RegistryError("XDSUnknownPatientId", "aucun DMP pour l'identifiant de patient de la soumission")
        elif not dossier.actif:
            yield RegistryError("XDSUnknownPatientId", "DMPClosed : le DMP de l'usager est fermé")
    if len({_who(patient) for patient in (submission.patient, *(d.patient for d in submission.documents))}) > 1:
        yield RegistryError("XDSPatientIdDoesNotMatch", "les éléments de la soumission désignent plusieurs patients")
    for uid, count in Counter(d.unique_id for d in submission.documents).items():
        if count > 1:
            yield RegistryError(
                "XDSRegistryDuplicateUniqueIdInMessage", f"uniqueId {uid} présent {count} fois dans la soumission", uid
            )
    yield from _duplicates(store, submission)
    for target in submission.replaces:
        replaced = store.by_uuid(target)
        if replaced is None:
            yield RegistryError("XDSRegistryMetadataError", "RPLC : aucune fiche ne porte l'entryUUID visé", target)
        elif replaced.status == DEPRECATED:
            yield RegistryError("XDSRegistryDeprecatedDocumentError", "RPLC : la fiche visée est déjà remplacée", target)


def _who(patient: str) -> tuple[str, ...]:
    """Identifier and authority of a CX: what follows them (type, date of old samples) does not make another patient."""
    return tuple(patient.split("^")[:4])


def record(store: Store, submission: Submission) -> list[Entry]:
    """Store every document, then mark the replaced entries."""
    added = [store.add(document, submission.unique_id) for document in submission.documents]
    for target in submission.replaces:
        replaced = store.by_uuid(target)
        if replaced is not None:
            store.deprecate(replaced)
    return added


def _duplicates(store: Store, submission: Submission) -> Iterator[RegistryError]:
    if submission.unique_id in store.submissions:
        yield RegistryError("XDSDuplicateUniqueIdInRegistry", f"lot {submission.unique_id} déjà enregistré", submission.unique_id)
    for document in submission.documents:
        known = store.entries.get(document.unique_id)
        if known is None:
            continue
        yield RegistryError(
            "XDSDuplicateUniqueIdInRegistry", f"document {document.unique_id} déjà enregistré", document.unique_id
        )
        if known.sha1 != hashlib.sha1(document.content, usedforsecurity=False).hexdigest():
            yield RegistryError(
                "XDSNonIdenticalHash", "même uniqueId qu'un document enregistré, contenu différent", document.unique_id
            )


def _incoming(
    message: SoapMessage, node: etree._Element, documents: dict[str, etree._Element], errors: list[RegistryError]
) -> Incoming | None:
    local = node.get("id", "")
    element = documents.get(local.lower())
    content = None if element is None else message.binary(element)
    if not content:
        reason = "n'a pas d'élément Document" if element is None else "désigne une pièce jointe absente ou vide"
        errors.append(RegistryError("XDSMissingDocument", f"l'ExtrinsicObject « {local} » {reason}", local))
        return None
    unique_id = _identifier(node, ENTRY_UNIQUE_ID)
    if not unique_id:
        errors.append(RegistryError("XDSRegistryMetadataError", "DocumentEntry.uniqueId absent", local))
        return None
    return Incoming(
        unique_id=unique_id,
        patient=_identifier(node, ENTRY_PATIENT),
        content=content,
        metadata=etree.tostring(node, with_tail=False),
        mime=node.get("mimeType", ""),
        codes=_codes(node),
    )


def _codes(node: etree._Element) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for classification in node.iterfind(f"{{{RIM}}}Classification"):
        name = _CODES.get(classification.get("classificationScheme", ""))
        if name is None:
            continue
        scheme = classification.findtext(f"{{{RIM}}}Slot[@name='codingScheme']/{{{RIM}}}ValueList/{{{RIM}}}Value") or ""
        code = f"{classification.get('nodeRepresentation', '')}^^{scheme.strip()}"
        found[name] = (*found.get(name, ()), code)
    return found


def _replaced(message: SoapMessage) -> Iterator[str]:
    for association in message.body.iter(f"{{{RIM}}}Association"):
        if association.get("associationType") == RPLC:
            yield association.get("targetObject", "")


def _identifier(node: etree._Element, scheme: str) -> str:
    found = node.find(f"{{{RIM}}}ExternalIdentifier[@identificationScheme='{scheme}']")
    return "" if found is None else found.get("value", "").strip()
