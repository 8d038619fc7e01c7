"""The store of the simulated DMP: dossiers, document entries and their versions, submission sets, associations.

What was deposited is found again. Bytes live in a file past 16 MiB; the number of documents is bounded by ``capacity``.
"""

from __future__ import annotations

import hashlib
import random
import uuid
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from tempfile import SpooledTemporaryFile

from ...core.people import Usager
from .dossier import Dossier, dossier_of

APPROVED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
DEPRECATED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated"
ARCHIVED = "urn:asip:ci-sis:2010:StatusType:Archived"
DELETED = "urn:asip:ci-sis:2010:StatusType:Deleted"
REPOSITORY = "1.2.250.1.213.4.1.1.1.2"
SPOOLED = 16 * 1024 * 1024
CAPACITY = 200_000

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Attributes:
    """What queries and rights read of an entry: codes (``52^^oid``) by attribute, authors, times, references."""

    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    persons: tuple[str, ...] = ()
    institutions: tuple[str, ...] = ()
    times: Mapping[str, str] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    title: str = ""
    mime: str = "text/xml"

    @property
    def visibility(self) -> frozenset[str]:
        """The confidentiality codes, without their system."""
        return frozenset(code.partition("^")[0] for code in self.codes.get("ConfidentialityCode", ()))


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A document entry, latest version. ``span`` and ``metadata`` locate the document and its ExtrinsicObject in the spool;
    ``lid`` is the logical identifier, which the versions of one entry share."""

    entry_uuid: str
    lid: str
    unique_id: str
    patient: str
    submission: str
    sha1: str
    span: Span
    metadata: Span
    attributes: Attributes
    status: str = APPROVED
    version: int = 1

    @property
    def masked(self) -> bool:
        """True when the entry is hidden from professionals."""
        return "MASQUE_PS" in self.attributes.visibility


@dataclass(frozen=True, slots=True)
class Lot:
    """A submission set as registered; ``metadata`` locates its RegistryPackage."""

    entry_uuid: str
    unique_id: str
    patient: str
    source: str
    time: str
    persons: tuple[str, ...]
    content_type: str
    metadata: Span
    status: str = APPROVED


@dataclass(frozen=True, slots=True)
class Link:
    """An association between two registered objects."""

    entry_uuid: str
    type: str
    source: str
    target: str
    slots: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True, weakref_slot=True)
class Store:
    """Identifiers follow ``seed``. ``entries`` holds the latest version of each document by its uniqueId."""

    seed: int = 0
    capacity: int = CAPACITY
    dossiers: dict[str, Dossier] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    submissions: dict[str, Lot] = field(default_factory=dict)
    _by_patient: dict[str, list[str]] = field(default_factory=dict, init=False, repr=False)
    _lots_of: dict[str, list[str]] = field(default_factory=dict, init=False, repr=False)
    _uuids: dict[str, str] = field(default_factory=dict, init=False, repr=False)
    _lot_uuids: dict[str, str] = field(default_factory=dict, init=False, repr=False)
    _links: dict[str, list[Link]] = field(default_factory=dict, init=False, repr=False)
    _random: random.Random = field(init=False, repr=False)
    _spool: SpooledTemporaryFile[bytes] | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self._random = random.Random(f"dmp-{self.seed}")

    def uuid(self) -> str:
        """A new ``urn:uuid:`` value."""
        return f"urn:uuid:{uuid.UUID(int=self._random.getrandbits(128), version=4)}"

    def admit(self, usager: Usager) -> None:
        """Know this usager under each of his matricules; ``dmp`` absent: forget him."""
        known = {(usager.matricule, usager.oid), (usager.matricule_insi, usager.oid_insi)}
        for matricule, oid in sorted(known):
            if not matricule:
                continue
            if usager.dmp == "absent":
                self.dossiers.pop(matricule, None)
                continue
            self.dossiers[matricule] = dossier_of(usager, matricule, oid)

    def dossier(self, patient: str) -> Dossier | None:
        """The DMP of a CX patient identifier (``INS15^^^&OID&ISO^NH``), under the OID that it was opened with."""
        found = self.dossiers.get(patient[:13])
        return found if found is not None and (not found.oid or f"&{found.oid}&" in patient) else None

    def keep(self, dossier: Dossier) -> None:
        """Replace the state of a DMP."""
        self.dossiers[dossier.ins[:13]] = dossier

    def full(self, more: int) -> bool:
        """True when ``more`` documents would pass the capacity."""
        return len(self.entries) + more > self.capacity

    def add(self, entry: Entry) -> None:
        """Register a first version; the caller has refused duplicates."""
        self.entries[entry.unique_id] = entry
        self._by_patient.setdefault(entry.patient[:13], []).append(entry.unique_id)
        self._uuids[entry.entry_uuid] = entry.unique_id

    def add_lot(self, lot: Lot) -> None:
        """Register a submission set."""
        self.submissions[lot.unique_id] = lot
        self._lots_of.setdefault(lot.patient[:13], []).append(lot.unique_id)
        self._lot_uuids[lot.entry_uuid] = lot.unique_id

    def link(self, type_: str, source: str, target: str, slots: tuple[tuple[str, str], ...] = ()) -> Link:
        """Register an association between two objects, by their entryUUIDs."""
        made = Link(self.uuid(), type_, source, target, slots)
        for end in dict.fromkeys((source, target)):
            self._links.setdefault(end, []).append(made)
        return made

    def links_of(self, entry_uuid: str) -> tuple[Link, ...]:
        """The associations from or to an object."""
        return tuple(self._links.get(entry_uuid, ()))

    def revise(self, entry: Entry, *, entry_uuid: str, attributes: Attributes, metadata: Span) -> Entry:
        """The next version of an entry's metadata, under its new entryUUID."""
        made = replace(
            entry, entry_uuid=entry_uuid, attributes=attributes, metadata=metadata, version=entry.version + 1, status=APPROVED
        )
        self.entries[entry.unique_id] = made
        self._uuids[entry_uuid] = entry.unique_id
        return made

    def set_status(self, entry: Entry, status: str) -> Entry:
        """Approve, deprecate (replace), archive or delete an entry."""
        self.entries[entry.unique_id] = made = replace(self.entries[entry.unique_id], status=status)
        return made

    def deprecate(self, entry: Entry) -> None:
        """Mark an entry replaced."""
        self.set_status(entry, DEPRECATED)

    def by_uuid(self, entry_uuid: str) -> Entry | None:
        """The entry that has, or had in a former version, that entryUUID; its logical identifier is one of them."""
        return self.entries.get(self._uuids.get(entry_uuid, ""))

    def lot_by_uuid(self, entry_uuid: str) -> Lot | None:
        """The submission set of that entryUUID."""
        return self.submissions.get(self._lot_uuids.get(entry_uuid, ""))

    def of_patient(self, patient: str) -> Iterator[Entry]:
        """The entries of a patient, by his 13-character matricule, in order of deposit."""
        return (self.entries[uid] for uid in self._by_patient.get(patient[:13], ()))

    def lots_of_patient(self, patient: str) -> Iterator[Lot]:
        """The submission sets of a patient, in order of reception."""
        return (self.submissions[uid] for uid in self._lots_of.get(patient[:13], ()))

    def read(self, span: Span) -> bytes:
        """Bytes of the spool."""
        assert self._spool is not None
        self._spool.seek(span[0])
        return self._spool.read(span[1])

    def write(self, data: bytes) -> Span:
        """Keep bytes; gives where they are."""
        if self._spool is None:
            self._spool = SpooledTemporaryFile(SPOOLED)  # noqa: SIM115 - lives as long as the store
            weakref.finalize(self, self._spool.close)
        offset = self._spool.seek(0, 2)
        self._spool.write(data)
        return offset, len(data)


def fingerprint(content: bytes) -> str:
    """The SHA-1 of a document, as XDS writes it."""
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()
