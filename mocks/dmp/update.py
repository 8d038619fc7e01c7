"""TD3.3a to d (IHE ITI-57): mask, unmask, make visible, delete, archive, unarchive. All is done or nothing is."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree

from .answers import RegistryError, facts_of, registry_response
from .calls import Answer, Call, Refusal
from .deposit import Association, Submission, patient_refusals, read_associations, record_lot
from .droits import DENIED, Matrix, denial
from .messages import RIM, SET_PATIENT, SET_UNIQUE_ID
from .objects import HAS_MEMBER, UPDATE_STATUS, attributes_of, entry_ids, entry_xml, identifier, rim
from .state import APPROVED, ARCHIVED, DELETED, Entry, Store
from .tolerances import FORMER_VERSION

_INVISIBLE = frozenset({"INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX", "INVISIBLE_REP_LEGAUX"})
_STATUS_CHANGES = {
    (APPROVED, ARCHIVED): "td3.3d",
    (ARCHIVED, APPROVED): "td3.3d",
    (APPROVED, DELETED): "td3.3c",
    (ARCHIVED, DELETED): "td3.3c",
}
_MISSED, _FORBIDDEN, _VERSION = "XDSMetadataUpdateError", "XDSMetadataUpdateOperationError", "XDSMetadataVersionError"


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """One change to make: ``operations`` are the rights that it needs. ``status`` (of the entry that ``target`` names) or
    ``node`` (new metadata) says what."""

    entry: Entry
    operations: tuple[str, ...]
    status: str = ""
    target: str = ""
    node: etree._Element | None = None


def update(store: Store, matrix: Matrix, call: Call) -> Answer:
    """TD3.3: read the changes, refuse by an error what cannot be done, by a fault what the matrix forbids."""
    submission = _submission(call)
    errors: list[RegistryError] = []
    changes = [*_status_changes(store, submission, errors), *_new_metadata(store, call, submission, errors)]
    if not changes and not errors:
        errors.append(RegistryError(_MISSED, "aucune modification : ni fiche, ni association UpdateAvailabilityStatus"))
    errors += _incoherent(store, submission, changes)
    facts: dict[str, Any] = {"operations": sorted({o for change in changes for o in change.operations})}
    if not errors:
        for change in changes:
            _check_rights(store, matrix, call, change)
        _apply(store, submission, changes)
        facts["cibles"] = {change.entry.entry_uuid: change.entry.unique_id for change in changes}
        if any(change.status and change.target != change.entry.entry_uuid for change in changes):
            facts["tolerances"] = [FORMER_VERSION]
    return Answer(registry_response(errors), {**facts_of(call.operation, errors), **facts})


def _submission(call: Call) -> Submission:
    package = call.message.body.find(f".//{{{RIM}}}RegistryPackage")
    return Submission(
        unique_id="" if package is None else identifier(package, SET_UNIQUE_ID),
        patient="" if package is None else identifier(package, SET_PATIENT),
        documents=(),
        replaces=(),
        package=package,
        associations=tuple(read_associations(call.message)),
    )


def _status_changes(store: Store, submission: Submission, errors: list[RegistryError]) -> Iterator[Change]:
    for each in submission.associations:
        if each.type != UPDATE_STATUS:
            continue
        entry = store.by_uuid(each.target)
        slots = dict(each.slots)
        before, after = slots.get("OriginalStatus", ""), slots.get("NewStatus", "")
        operation = _STATUS_CHANGES.get((before, after))
        if entry is None:
            errors.append(RegistryError(_MISSED, "aucune fiche ne porte l'entryUUID visé", each.target))
        elif operation is None:
            errors.append(RegistryError(_FORBIDDEN, f"passage de « {before} » à « {after} » impossible", each.target))
        elif entry.status != before:
            errors.append(
                RegistryError(_FORBIDDEN, f"OriginalStatus « {before} » : la fiche est « {entry.status} »", each.target)
            )
        else:
            yield Change(entry, (operation,), status=after, target=each.target)


def _new_metadata(store: Store, call: Call, submission: Submission, errors: list[RegistryError]) -> Iterator[Change]:
    members = {a.target: a for a in submission.associations if a.type == HAS_MEMBER}
    for node in call.message.body.iter(rim("ExtrinsicObject")):
        local, lid = node.get("id", ""), node.get("lid", "")
        entry = store.by_uuid(lid)
        if entry is None:
            errors.append(RegistryError(_MISSED, "aucune fiche ne porte ce logicalId (lid)", lid or local))
            continue
        problem = _version_problem(entry, members.get(local)) or _identity_problem(entry, node)
        if problem is not None:
            errors.append(problem)
            continue
        operations = tuple(_visibility_changes(entry, node))
        if not operations or "" in operations:
            text = (
                "aucun changement de visibilité"
                if not operations
                else "rendre invisible un document déjà déposé n'est pas permis"
            )
            errors.append(RegistryError(_FORBIDDEN, text, lid))
            continue
        yield Change(entry, operations, node=node)


def _version_problem(entry: Entry, member: Association | None) -> RegistryError | None:
    if member is None:
        return RegistryError(_MISSED, "la nouvelle fiche n'est pas membre du lot (HasMember)", entry.lid)
    previous = dict(member.slots).get("PreviousVersion", "")
    if previous != str(entry.version):
        return RegistryError(_VERSION, f"PreviousVersion « {previous} » : la version courante est {entry.version}", entry.lid)
    return None


def _identity_problem(entry: Entry, node: etree._Element) -> RegistryError | None:
    unique_id, patient = entry_ids(node)
    if unique_id != entry.unique_id:
        return RegistryError(_MISSED, "uniqueId différent de celui de la fiche", entry.lid)
    if patient.split("^")[:4] != entry.patient.split("^")[:4]:
        return RegistryError("XDSPatientIdDoesNotMatch", "patientId différent de celui de la fiche", entry.lid)
    if entry.status not in (APPROVED, ARCHIVED):
        return RegistryError(_FORBIDDEN, f"la fiche est « {entry.status} »", entry.lid)
    return None


def _visibility_changes(entry: Entry, node: etree._Element) -> Iterator[str]:
    """The rights that a new visibility needs; ``""`` for a change that nobody may make."""
    before, after = entry.attributes.visibility, attributes_of(node).visibility
    if "MASQUE_PS" in after - before:
        yield "td3.3a-masquer"
    if "MASQUE_PS" in before - after:
        yield "td3.3a-demasquer"
    if (before - after) & _INVISIBLE:
        yield "td3.3b"
    if (after - before) & _INVISIBLE:
        yield ""


def _incoherent(store: Store, submission: Submission, changes: list[Change]) -> Iterator[RegistryError]:
    if submission.package is None or not submission.unique_id:
        yield RegistryError("XDSRegistryMetadataError", "lot de soumission absent, ou sans uniqueId")
    elif submission.unique_id in store.submissions:
        yield RegistryError("XDSDuplicateUniqueIdInRegistry", f"lot {submission.unique_id} déjà enregistré", submission.unique_id)
    yield from patient_refusals(store, submission.patient)
    if any(change.entry.patient[:13] != submission.patient[:13] for change in changes):
        yield RegistryError("XDSPatientIdDoesNotMatch", "la fiche visée est celle d'un autre patient")


def _check_rights(store: Store, matrix: Matrix, call: Call, change: Change) -> None:
    dossier = store.dossier(change.entry.patient)
    for operation in change.operations:
        reason = denial(matrix, call.caller, dossier, operation, change.entry) if dossier is not None else ""
        if reason:
            raise Refusal(reason, subcode=DENIED)


def _apply(store: Store, submission: Submission, changes: list[Change]) -> None:
    lot = record_lot(store, submission)
    for change in changes:
        if change.status:
            entry = store.set_status(change.entry, change.status)
            slots = (("OriginalStatus", change.entry.status), ("NewStatus", change.status))
            store.link(UPDATE_STATUS, "" if lot is None else lot.entry_uuid, entry.entry_uuid, slots)
            continue
        assert change.node is not None
        entry = _revised(store, change.entry, change.node)
        slots = (("SubmissionSetStatus", "Original"), ("PreviousVersion", str(change.entry.version)))
        store.link(HAS_MEMBER, "" if lot is None else lot.entry_uuid, entry.entry_uuid, slots)


def _revised(store: Store, entry: Entry, node: etree._Element) -> Entry:
    entry_uuid = store.uuid()
    xml = entry_xml(
        deepcopy(node), entry_uuid=entry_uuid, lid=entry.lid, version=entry.version + 1, sha1=entry.sha1, size=entry.span[1]
    )
    # Who wrote a document does not change with its visibility: rights rest on the authors of the deposit.
    known = entry.attributes
    attributes = replace(attributes_of(node), persons=known.persons, institutions=known.institutions)
    return store.revise(entry, entry_uuid=entry_uuid, attributes=attributes, metadata=store.write(xml))
