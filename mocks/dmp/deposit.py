"""TD2.1 and TD2.2 (IHE ITI-41): read the submission, refuse what a registry must refuse, store the rest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from ...validation.soap import SoapMessage
from .answers import XDSB, RegistryError
from .messages import RIM, SET_PATIENT, SET_UNIQUE_ID
from .objects import (
    CONTENT_TYPE,
    HAS_MEMBER,
    RPLC,
    SET_AUTHOR,
    SET_SOURCE,
    associations_in,
    attributes_of,
    entry_ids,
    entry_xml,
    identifier,
    renamed,
    rim,
    slot_value,
    slot_values,
)
from .state import DEPRECATED, Attributes, Entry, Lot, Store, fingerprint

_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, eq=False)
class Incoming:
    """A document ready to be stored: its bytes and its ExtrinsicObject. ``local`` is its id in the message."""

    local: str
    unique_id: str
    patient: str
    content: bytes
    node: etree._Element
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Association:
    """An Association as received; ends are ids of the message or entryUUIDs."""

    type: str
    source: str
    target: str
    slots: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Submission:
    """A readable submission: its set, its documents, its associations, the entries that it replaces."""

    unique_id: str
    patient: str
    documents: tuple[Incoming, ...]
    replaces: tuple[str, ...]
    package: etree._Element | None = None
    associations: tuple[Association, ...] = ()


def read_submission(message: SoapMessage) -> tuple[Submission, list[RegistryError]]:
    """The submission of a message and what makes it unreadable (missing set, entry, document, identifier)."""
    errors: list[RegistryError] = []
    package = message.body.find(f".//{{{RIM}}}RegistryPackage")
    if package is None:
        errors.append(RegistryError("XDSRegistryMetadataError", "aucun RegistryPackage (lot de soumission)"))
    unique_id = "" if package is None else identifier(package, SET_UNIQUE_ID)
    patient = "" if package is None else identifier(package, SET_PATIENT)
    if package is not None and not unique_id:
        errors.append(RegistryError("XDSRegistryMetadataError", "SubmissionSet.uniqueId absent", str(package.get("id"))))
    nodes = list(message.body.iter(rim("ExtrinsicObject")))
    documents = {d.get("id", "").lower(): d for d in message.body.iter(f"{{{XDSB}}}Document")}
    incoming = [_incoming(message, node, documents, errors) for node in nodes]
    if not nodes:
        errors.append(RegistryError("XDSMissingDocumentMetadata", "aucun ExtrinsicObject dans la soumission"))
    known = {node.get("id", "").lower() for node in nodes}
    errors += [
        RegistryError(
            "XDSMissingDocumentMetadata", f"Document « {document.get('id')} » sans ExtrinsicObject", str(document.get("id"))
        )
        for key, document in documents.items()
        if key not in known
    ]
    associations = tuple(read_associations(message))
    return (
        Submission(
            unique_id=unique_id,
            patient=patient,
            documents=tuple(d for d in incoming if d is not None),
            replaces=tuple(a.target for a in associations if a.type == RPLC),
            package=package,
            associations=associations,
        ),
        errors,
    )


def read_associations(message: SoapMessage) -> Iterator[Association]:
    """The associations of a submission."""
    for node in associations_in(message.body):
        slots = tuple(
            (slot.get("name", ""), value)
            for slot in node.iterfind(rim("Slot"))
            for value in slot_values(node, slot.get("name", ""))
        )
        yield Association(
            node.get("associationType", ""),
            node.get("sourceObject", ""),
            node.get("targetObject", ""),
            tuple(dict.fromkeys(slots)),
        )


def refusals(store: Store, submission: Submission) -> Iterator[RegistryError]:
    """What a registry refuses in a readable submission: unknown or mixed patients, duplicates, impossible replacements."""
    for patient in dict.fromkeys((submission.patient, *(d.patient for d in submission.documents))):
        yield from patient_refusals(store, patient)
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
        elif replaced.patient[:13] != submission.patient[:13]:
            yield RegistryError("XDSPatientIdDoesNotMatch", "RPLC : la fiche visée est celle d'un autre patient", target)
    if store.full(len(submission.documents)):
        yield RegistryError("XDSRepositoryOutOfResources", f"entrepôt plein : {store.capacity} documents")


def patient_refusals(store: Store, patient: str) -> Iterator[RegistryError]:
    """No DMP for this patient, or a closed one."""
    dossier = store.dossier(patient)
    if dossier is None:
        yield RegistryError("XDSUnknownPatientId", "aucun DMP pour l'identifiant de patient de la demande")
    elif not dossier.actif:
        yield RegistryError("XDSUnknownPatientId", "DMPClosed : le DMP de l'usager est fermé")


def record(store: Store, submission: Submission) -> list[Entry]:
    """Store every document, then the set and its associations, then mark the replaced entries."""
    uuids: dict[str, str] = {}
    added = []
    for document in submission.documents:
        entry = register(store, document, submission.unique_id)
        uuids[document.local] = entry.entry_uuid
        added.append(entry)
    lot = record_lot(store, submission)
    if lot is not None and submission.package is not None:
        uuids[submission.package.get("id", "")] = lot.entry_uuid
        for entry in added:
            store.link(HAS_MEMBER, lot.entry_uuid, entry.entry_uuid, (("SubmissionSetStatus", "Original"),))
    for each in submission.associations:
        if each.type != HAS_MEMBER:
            store.link(each.type, uuids.get(each.source, each.source), uuids.get(each.target, each.target), each.slots)
    for target in submission.replaces:
        replaced = store.by_uuid(target)
        if replaced is not None:
            store.deprecate(replaced)
    return added


def register(store: Store, document: Incoming, lot: str) -> Entry:
    """Store one document and its entry, first version. An entryUUID that the source gave is kept (IHE ITI TF-3 §4.1.12.3)."""
    given = _UUID.fullmatch(document.local) is not None and store.by_uuid(document.local) is None
    entry_uuid, sha1 = document.local if given else store.uuid(), fingerprint(document.content)
    metadata = entry_xml(
        deepcopy(document.node), entry_uuid=entry_uuid, lid=entry_uuid, version=1, sha1=sha1, size=len(document.content)
    )
    entry = Entry(
        entry_uuid=entry_uuid,
        lid=entry_uuid,
        unique_id=document.unique_id,
        patient=document.patient,
        submission=lot,
        sha1=sha1,
        span=store.write(document.content),
        metadata=store.write(metadata),
        attributes=document.attributes,
    )
    store.add(entry)
    return entry


def record_lot(store: Store, submission: Submission) -> Lot | None:
    """Store the submission set."""
    if submission.package is None:
        return None
    # The message is judged after it is served: what it holds does not change.
    package, entry_uuid = deepcopy(submission.package), store.uuid()
    classified = {c.get("classificationScheme", ""): c for c in package.iterfind(rim("Classification"))}
    author, content_type = classified.get(SET_AUTHOR), classified.get(CONTENT_TYPE)
    time, source = slot_value(package, "submissionTime"), identifier(package, SET_SOURCE)
    renamed(package, entry_uuid)
    lot = Lot(
        entry_uuid=entry_uuid,
        unique_id=submission.unique_id,
        patient=submission.patient,
        source=source,
        time=time,
        persons=() if author is None else tuple(slot_values(author, "authorPerson")),
        content_type="" if content_type is None else _coded(content_type),
        metadata=store.write(etree.tostring(package, with_tail=False)),
    )
    store.add_lot(lot)
    return lot


def _coded(classification: etree._Element) -> str:
    return f"{classification.get('nodeRepresentation', '')}^^{slot_value(classification, 'codingScheme')}"


def _who(patient: str) -> tuple[str, ...]:
    """Identifier and authority of a CX: what follows them (type, date of old samples) does not make another patient."""
    return tuple(patient.split("^")[:4])


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
        if known.sha1 != fingerprint(document.content):
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
    unique_id, patient = entry_ids(node)
    if not unique_id:
        errors.append(RegistryError("XDSRegistryMetadataError", "DocumentEntry.uniqueId absent", local))
        return None
    return Incoming(local, unique_id, patient, content, node, attributes_of(node))


def replaced_entries(store: Store, targets: Sequence[str]) -> dict[str, Entry]:
    """The entries aimed at by a replacement, by the entryUUID that names them."""
    found = ((target, store.by_uuid(target)) for target in targets)
    return {target: entry for target, entry in found if entry is not None}
