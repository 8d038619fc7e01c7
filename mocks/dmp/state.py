"""The store of the simulated DMP: dossiers, document entries, submission sets. What was deposited is found again."""

from __future__ import annotations

import hashlib
import random
import uuid
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from tempfile import SpooledTemporaryFile

from ...core.people import Usager

APPROVED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
DEPRECATED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated"
REPOSITORY = "1.2.250.1.213.4.1.1.1.2"
SPOOLED = 16 * 1024 * 1024
AUTORISATIONS = ("VALIDE", "EXPIRE", "INTERDIT", "NON_EXISTE")


@dataclass(frozen=True, slots=True)
class Dossier:
    """One DMP: identity as the DMP holds it, ``actif`` False once closed, state of the caller's authorisation."""

    ins: str
    oid: str
    nom: str
    prenom: str
    sexe: str
    naissance: str
    actif: bool = True
    autorisation: str = "NON_EXISTE"


@dataclass(frozen=True, slots=True)
class Entry:
    """A document entry. ``span`` and ``metadata`` locate the document and its ExtrinsicObject in the spool; ``codes``
    are its coded attributes (``classCode`` → ``52^^oid``)."""

    entry_uuid: str
    unique_id: str
    patient: str
    submission: str
    sha1: str
    span: tuple[int, int]
    metadata: tuple[int, int]
    codes: Mapping[str, tuple[str, ...]]
    mime: str = "text/xml"
    status: str = APPROVED
    version: int = 1


@dataclass(frozen=True, slots=True)
class Incoming:
    """A document ready to be stored: its bytes and the serialised ExtrinsicObject."""

    unique_id: str
    patient: str
    content: bytes
    metadata: bytes
    mime: str
    codes: Mapping[str, tuple[str, ...]]


@dataclass(slots=True, weakref_slot=True)
class Store:
    """Documents past 16 MiB go to a temporary file, so that memory stays bounded; identifiers follow ``seed``."""

    seed: int = 0
    dossiers: dict[str, Dossier] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    submissions: set[str] = field(default_factory=set)
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
            key = usager.cle if matricule == usager.matricule else usager.cle_insi
            self.dossiers[matricule] = Dossier(
                ins=matricule + key,
                oid=oid,
                nom=usager.nom_naissance,
                prenom=usager.prenom,
                sexe=usager.sexe,
                naissance=usager.date_naissance.replace("-", ""),
                actif=usager.dmp != "ferme",
            )

    def dossier(self, patient: str) -> Dossier | None:
        """The DMP of a CX patient identifier (``INS15^^^&OID&ISO^NH``), under the OID that it was opened with."""
        found = self.dossiers.get(patient[:13])
        return found if found is not None and (not found.oid or f"&{found.oid}&" in patient) else None

    def change(self, matricule: str, *, actif: bool | None = None, autorisation: str | None = None) -> None:
        """Close or reopen a DMP, or change the state of authorisation; raises ``KeyError`` for an unknown one."""
        now = self.dossiers[matricule]
        self.dossiers[matricule] = replace(
            now,
            actif=now.actif if actif is None else actif,
            autorisation=now.autorisation if autorisation is None else autorisation,
        )

    def add(self, document: Incoming, submission: str) -> Entry:
        """Store a document; the caller has refused duplicates."""
        entry = Entry(
            entry_uuid=self.uuid(),
            unique_id=document.unique_id,
            patient=document.patient,
            submission=submission,
            sha1=hashlib.sha1(document.content, usedforsecurity=False).hexdigest(),
            span=self._write(document.content),
            metadata=self._write(document.metadata),
            codes=document.codes,
            mime=document.mime,
        )
        self.entries[entry.unique_id] = entry
        self.submissions.add(submission)
        return entry

    def deprecate(self, entry: Entry) -> None:
        """Mark an entry replaced."""
        self.entries[entry.unique_id] = replace(entry, status=DEPRECATED)

    def by_uuid(self, entry_uuid: str) -> Entry | None:
        """The entry of that entryUUID."""
        return next((e for e in self.entries.values() if e.entry_uuid == entry_uuid), None)

    def of_patient(self, patient: str) -> Iterator[Entry]:
        """The entries of a patient, by his 13-character matricule, in order of deposit."""
        return (e for e in self.entries.values() if e.patient[:13] == patient[:13])

    def read(self, span: tuple[int, int]) -> bytes:
        """Bytes of the spool."""
        assert self._spool is not None
        self._spool.seek(span[0])
        return self._spool.read(span[1])

    def _write(self, data: bytes) -> tuple[int, int]:
        if self._spool is None:
            self._spool = SpooledTemporaryFile(SPOOLED)  # noqa: SIM115 - lives as long as the store
            weakref.finalize(self, self._spool.close)
        offset = self._spool.seek(0, 2)
        self._spool.write(data)
        return offset, len(data)
