"""TD3.1 (IHE ITI-18): the stored queries over what is registered, their parameters applied.

Folders are not used by the DMP: their queries are unknown here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from .answers import RegistryError
from .deposit import patient_refusals
from .matching import Asked, entry_matches, lot_matches
from .objects import HAS_MEMBER, object_refs, served_entry, served_link, served_lot
from .state import Entry, Link, Lot, Store

FIND_DOCUMENTS = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
FIND_SUBMISSION_SETS = "urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9"
GET_ALL = "urn:uuid:10b545ea-725c-446d-9b95-8aeb444eddf3"
GET_DOCUMENTS = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
GET_ASSOCIATIONS = "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155"
GET_DOCUMENTS_AND_ASSOCIATIONS = "urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a"
GET_SUBMISSION_SETS = "urn:uuid:51224314-5390-4169-9b91-b1980040715a"
GET_SUBMISSION_SET_AND_CONTENTS = "urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83"
GET_RELATED_DOCUMENTS = "urn:uuid:d90e5407-b356-4d91-a89f-873917b4b0e6"
FIND_BY_REFERENCE = "urn:uuid:12941a89-e02e-4be5-967c-ce4bfc8fe492"
_MISSING, _NUMBER = "XDSStoredQueryMissingParam", "XDSStoredQueryParamNumber"

Visible = Callable[[Entry], bool]


@dataclass(frozen=True, slots=True)
class Found:
    """Result of a stored query; ``leaf`` False: references are asked for."""

    entries: tuple[Entry, ...] = ()
    lots: tuple[Lot, ...] = ()
    links: tuple[Link, ...] = ()
    errors: tuple[RegistryError, ...] = ()
    leaf: bool = True

    @property
    def count(self) -> int:
        """How many objects are served."""
        return len(self.entries) + len(self.lots) + len(self.links)


def stored_query(store: Store, asked: Asked, visible: Visible) -> Found:
    """Run a stored query; only entries that pass ``visible`` are found."""
    run = _QUERIES.get(asked.id.lower())
    if run is None:
        return _refused("XDSUnknownStoredQuery", f"requête enregistrée « {asked.id or 'absente'} » inconnue du DMP")
    found = run(store, asked, visible)
    return Found(found.entries, found.lots, found.links, found.errors, asked.leaf)


def served(store: Store, found: Found) -> str:
    """The content of the RegistryObjectList."""
    everything: Sequence[Entry | Lot | Link] = (*found.lots, *found.entries, *found.links)
    if not found.leaf:
        return object_refs(each.entry_uuid for each in everything)
    return "".join(
        (
            *(served_lot(store, lot) for lot in found.lots),
            *(served_entry(store, entry) for entry in found.entries),
            *(served_link(link) for link in found.links),
        )
    )


def _refused(code: str, *contexts: str) -> Found:
    return Found(errors=tuple(RegistryError(code, context) for context in contexts))


def _required(store: Store, asked: Asked, patient: str, *others: str) -> Found | None:
    missing = [name for name in (patient, *others) if not asked.first(name)]
    if missing:
        return _refused(_MISSING, *(f"${name} absent" for name in missing))
    if len(asked.values(patient)) > 1:
        return _refused(_NUMBER, f"${patient} : une seule valeur est admise")
    errors = tuple(patient_refusals(store, asked.first(patient)))
    return Found(errors=errors) if errors else None


def _find_documents(store: Store, asked: Asked, visible: Visible) -> Found:
    refused = _required(store, asked, "XDSDocumentEntryPatientId", "XDSDocumentEntryStatus")
    if refused is not None:
        return refused
    statuses = asked.values("XDSDocumentEntryStatus")
    patient = asked.first("XDSDocumentEntryPatientId")
    kept = (e for e in store.of_patient(patient) if e.status in statuses and visible(e))
    return Found(tuple(e for e in kept if entry_matches(e, asked)))


def _find_by_reference(store: Store, asked: Asked, visible: Visible) -> Found:
    refused = _required(store, asked, "XDSDocumentEntryPatientId", "XDSDocumentEntryStatus", "XDSDocumentEntryReferenceIdList")
    if refused is not None:
        return refused
    wanted = asked.slots["XDSDocumentEntryReferenceIdList"]
    found = _find_documents(store, asked, visible)
    return Found(tuple(e for e in found.entries if all(set(one).intersection(e.attributes.references) for one in wanted)))


def _find_submission_sets(store: Store, asked: Asked, visible: Visible) -> Found:
    refused = _required(store, asked, "XDSSubmissionSetPatientId", "XDSSubmissionSetStatus")
    if refused is not None:
        return refused
    statuses = asked.values("XDSSubmissionSetStatus")
    lots = store.lots_of_patient(asked.first("XDSSubmissionSetPatientId"))
    return Found(lots=tuple(lot for lot in lots if lot.status in statuses and lot_matches(lot, asked)))


def _get_all(store: Store, asked: Asked, visible: Visible) -> Found:
    refused = _required(store, asked, "patientId", "XDSDocumentEntryStatus", "XDSSubmissionSetStatus")
    if refused is not None:
        return refused
    statuses, patient = asked.values("XDSDocumentEntryStatus"), asked.first("patientId")
    entries = tuple(e for e in store.of_patient(patient) if e.status in statuses and visible(e) and entry_matches(e, asked))
    lots = tuple(lot for lot in store.lots_of_patient(patient) if lot.status in asked.values("XDSSubmissionSetStatus"))
    return Found(entries, lots, _between(store, (*entries, *lots)))


def _get_documents(store: Store, asked: Asked, visible: Visible) -> Found:
    names = ("XDSDocumentEntryEntryUUID", "XDSDocumentEntryUniqueId", "XDSDocumentEntryLogicalID")
    given = [name for name in names if asked.first(name)]
    if len(given) != 1:
        return _refused(_NUMBER if given else _MISSING, f"un seul de {', '.join(f'${name}' for name in names)} est attendu")
    entries = _named(store, given[0], asked.values(given[0]))
    return Found(tuple(dict.fromkeys(e for e in entries if visible(e))))


def _named(store: Store, parameter: str, values: Iterable[str]) -> Iterator[Entry]:
    for value in values:
        entry = store.entries.get(value) if parameter.endswith("UniqueId") else store.by_uuid(value)
        if entry is not None:
            yield entry


def _get_documents_and_associations(store: Store, asked: Asked, visible: Visible) -> Found:
    found = _get_documents(store, asked, visible)
    return Found(found.entries, links=_links(store, found.entries), errors=found.errors)


def _get_associations(store: Store, asked: Asked, visible: Visible) -> Found:
    if not asked.first("uuid"):
        return _refused(_MISSING, "$uuid absent")
    links = (link for uuid in asked.values("uuid") for link in store.links_of(uuid))
    return Found(links=tuple(dict.fromkeys(links)))


def _get_submission_sets(store: Store, asked: Asked, visible: Visible) -> Found:
    if not asked.first("uuid"):
        return _refused(_MISSING, "$uuid absent")
    members = [link for u in asked.values("uuid") for link in store.links_of(u) if link.type == HAS_MEMBER and link.target == u]
    lots = (store.lot_by_uuid(link.source) for link in members)
    return Found(lots=tuple(dict.fromkeys(lot for lot in lots if lot is not None)), links=tuple(dict.fromkeys(members)))


def _get_submission_set_and_contents(store: Store, asked: Asked, visible: Visible) -> Found:
    by_uuid, by_uid = asked.first("XDSSubmissionSetEntryUUID"), asked.first("XDSSubmissionSetUniqueId")
    if bool(by_uuid) == bool(by_uid):
        names = "$XDSSubmissionSetEntryUUID et $XDSSubmissionSetUniqueId"
        return _refused(_NUMBER if by_uuid else _MISSING, f"un seul de {names} est attendu")
    lot = store.lot_by_uuid(by_uuid) if by_uuid else store.submissions.get(by_uid)
    if lot is None:
        return Found()
    members = [link for link in store.links_of(lot.entry_uuid) if link.type == HAS_MEMBER]
    entries = (store.by_uuid(link.target) for link in members)
    kept = tuple(dict.fromkeys(e for e in entries if e is not None and visible(e) and entry_matches(e, asked)))
    return Found(kept, (lot,), _between(store, (*kept, lot)))


def _get_related_documents(store: Store, asked: Asked, visible: Visible) -> Found:
    found = _get_documents(store, asked, visible)
    types = asked.values("AssociationTypes")
    if found.errors or not types:
        return found if found.errors else _refused(_MISSING, "$AssociationTypes absent")
    links = tuple(link for link in _links(store, found.entries) if link.type in types)
    ends = (store.by_uuid(end) for link in links for end in (link.source, link.target))
    return Found(tuple(dict.fromkeys(e for e in ends if e is not None and visible(e))), links=links)


_QUERIES: dict[str, Callable[[Store, Asked, Visible], Found]] = {
    FIND_DOCUMENTS: _find_documents,
    FIND_SUBMISSION_SETS: _find_submission_sets,
    FIND_BY_REFERENCE: _find_by_reference,
    GET_ALL: _get_all,
    GET_DOCUMENTS: _get_documents,
    GET_ASSOCIATIONS: _get_associations,
    GET_DOCUMENTS_AND_ASSOCIATIONS: _get_documents_and_associations,
    GET_SUBMISSION_SETS: _get_submission_sets,
    GET_SUBMISSION_SET_AND_CONTENTS: _get_submission_set_and_contents,
    GET_RELATED_DOCUMENTS: _get_related_documents,
}


def _links(store: Store, nodes: Iterable[Entry | Lot]) -> tuple[Link, ...]:
    """The associations from or to these objects."""
    return tuple(dict.fromkeys(link for node in nodes for link in store.links_of(node.entry_uuid)))


def _between(store: Store, nodes: Sequence[Entry | Lot]) -> tuple[Link, ...]:
    """The associations whose two ends are among these objects."""
    known = {node.entry_uuid for node in nodes}
    return tuple(link for link in _links(store, nodes) if link.source in known and link.target in known)
