"""An IHE_XDM archive as rules read it: its tree, and each subset as a submission (IHE ITI TF-2 §3.32, Référentiel MSSanté #2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from lxml import etree

from ...core.errors import Inconclusive
from ...core.gestures import Piece
from ...core.providers import provide, provider
from ..document import Document
from ..mail.message import Mail
from ..once import read_once
from ..xds import vocabulary as v
from ..xds.objects import DocumentEntry, DocumentPart
from ..xds.submission import DepositedDocument, Submission, read_objects
from ..xml import XmlError, parse
from .archive import Archive, Member, XdmError, read_archive

ROOT = "IHE_XDM"
METADATA, INDEX, README = "METADATA.XML", "INDEX.HTM", "README.TXT"
_LIST = f"{{{v.RIM}}}RegistryObjectList"
_SUBMIT = f"{{{v.LCM}}}SubmitObjectsRequest"
_CDA_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?ClinicalDocument[\s/>]")


@dataclass(frozen=True, slots=True, eq=False)
class XdmFile:
    """The bytes of an archive, before it is known whether they can be read. ``name`` says where it was found."""

    data: bytes = field(repr=False)
    name: str = "IHE_XDM.ZIP"
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """What findings call it."""
        return self.name

    @property
    def xdm(self) -> Xdm:
        """The archive, read once; raises :class:`XdmError`."""
        return read_once(self.memo, "xdm", lambda: read_xdm(self.data, self.name), XdmError)


@dataclass(frozen=True, slots=True, eq=False)
class XdmLot:
    """One ``SUBSETxx``. ``submission`` is None when METADATA.XML cannot be read, ``error`` then says why.

    ``files`` are the members of the folder without METADATA.XML; ``missing`` the URIs that lead nowhere.
    """

    folder: str
    metadata: Member | None
    error: str
    submission: Submission | None
    files: tuple[Member, ...]
    missing: tuple[tuple[DocumentEntry, str], ...] = ()

    @property
    def at(self) -> str:
        """Where its metadata are."""
        return f"{self.folder}/{METADATA}" if self.metadata is None else self.metadata.path

    @property
    def documents(self) -> tuple[DepositedDocument, ...]:
        """The documents that entries lead to."""
        return () if self.submission is None else self.submission.documents

    @property
    def cdas(self) -> tuple[Member, ...]:
        """The files of the folder that are CDA documents, by their content."""
        return tuple(m for m in self.files if is_cda(m.data))


@dataclass(frozen=True, slots=True, eq=False)
class Xdm:
    """A readable archive."""

    archive: Archive
    lots: tuple[XdmLot, ...]
    name: str = ""
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """What findings call it."""
        return self.name

    @property
    def documents(self) -> tuple[DepositedDocument, ...]:
        """The documents of all subsets, with their entries."""
        return tuple(d for lot in self.lots for d in lot.documents)

    @property
    def cdas(self) -> tuple[Document, ...]:
        """The CDA documents of all subsets, described by metadata or not, in the order of the archive."""
        if "cdas" not in self.memo:
            found_again = {m.path: Document(m.data, m.path) for lot in self.lots for m in lot.cdas}
            for document in self.documents:  # one tree for a file, whether it is reached by its entry or by its name
                if document.at in found_again:
                    document.memo[Document] = found_again[document.at]
            self.memo["cdas"] = tuple(found_again.values())
        found: tuple[Document, ...] = self.memo["cdas"]
        return found

    def readable_lots(self) -> tuple[tuple[XdmLot, Submission], ...]:
        """The subsets whose metadata are read; raises ``Inconclusive`` when there is none."""
        found = tuple((lot, lot.submission) for lot in self.lots if lot.submission is not None)
        if not found:
            raise Inconclusive("aucun METADATA.XML lisible dans l'archive")
        return found

    def entries(self) -> Iterator[tuple[XdmLot, DocumentEntry]]:
        """Each entry with its subset; raises ``Inconclusive`` when there is none."""
        found = [(lot, entry) for lot, submission in self.readable_lots() for entry in submission.entries]
        if not found:
            raise Inconclusive("aucune fiche de document dans les métadonnées")
        yield from found

    def described(self) -> tuple[DepositedDocument, ...]:
        """The documents with their entries; raises ``Inconclusive`` when there is none."""
        if not self.documents:
            raise Inconclusive("aucune fiche de métadonnées ne mène à un document de l'archive")
        assert self.cdas is not None
        return self.documents


def is_cda(data: bytes) -> bool:
    """True for bytes whose beginning holds the root of a CDA."""
    return _CDA_ROOT.search(data[:8192].replace(b"\0", b"")) is not None


def read_xdm(data: bytes, name: str = "IHE_XDM.ZIP") -> Xdm:
    """The archive; raises :class:`XdmError` for one that cannot be opened."""
    archive = read_archive(data)
    folders = dict.fromkeys(m.folder for m in archive.members if m.folder.upper().startswith(ROOT + "/") and "/" in m.folder)
    subsets = dict.fromkeys("/".join(folder.split("/")[:2]) for folder in folders)
    return Xdm(archive, tuple(_lot(archive, folder) for folder in subsets), name)


def _lot(archive: Archive, folder: str) -> XdmLot:
    inside = tuple(m for m in archive.members if m.path.startswith(folder + "/"))
    metadata = next((m for m in inside if m.path.upper() == f"{folder.upper()}/{METADATA}"), None)
    files = tuple(m for m in inside if m is not metadata)
    if metadata is None:
        return XdmLot(folder, None, "METADATA.XML absent", None, files)
    try:
        root = parse(metadata.data)
        submission, missing = _submission(root, metadata, folder, archive)
    except XmlError as error:
        return XdmLot(folder, metadata, str(error), None, files)
    except Inconclusive as error:
        return XdmLot(folder, metadata, str(error), None, files)
    return XdmLot(folder, metadata, "", submission, files, tuple(missing))


def _submission(
    root: etree._Element, metadata: Member, folder: str, archive: Archive
) -> tuple[Submission, list[tuple[DocumentEntry, str]]]:
    if root.tag != _SUBMIT:
        raise Inconclusive(f"racine {root.tag!s} au lieu de {_SUBMIT}")
    registry = root.find(_LIST)
    if registry is None:
        raise Inconclusive("pas de rim:RegistryObjectList")
    inside = f"{metadata.path} : /lcm:SubmitObjectsRequest/rim:RegistryObjectList"
    sets, entries, associations = read_objects(registry, inside)
    own = [s for s in sets if v.FOLDER_NODE not in s.classification_nodes]
    if not own:
        raise Inconclusive("pas de lot de soumission (rim:RegistryPackage)")
    found: list[tuple[DocumentEntry, DocumentPart]] = []
    missing: list[tuple[DocumentEntry, str]] = []
    for entry in entries:
        uri = entry.slot("URI")
        member = archive.member(f"{folder}/{unquote(uri)}") if uri else None
        if member is None:
            missing.append((entry, uri))
        else:
            found.append((entry, DocumentPart(entry.id, member.path, uri, member.data)))
    submission = Submission(
        at=inside,
        set=own[0],
        packages=len(own),
        entries=entries,
        associations=associations,
        parts=tuple(part for _, part in found),
        documents=tuple(DepositedDocument(entry, part.content, part.at) for entry, part in found if part.content is not None),
        folders=len(sets) - len(own),
    )
    return submission, missing


def xdm_of(mail: Mail) -> XdmFile:
    """The archive of a mail; raises ``Inconclusive`` when it has none. Of several, the first."""
    if "xdm" not in mail.memo:
        archives = mail.archives
        if not archives:
            raise Inconclusive("le message ne porte pas d'archive IHE_XDM.ZIP")
        mail.memo["xdm"] = XdmFile(archives[0].content, archives[0].at)
    found: XdmFile = mail.memo["xdm"]
    return found


@provider
def _file_of(mail: Mail) -> XdmFile:
    return xdm_of(mail)


@provider
def _file_given(piece: Piece) -> XdmFile:
    if not piece.data.startswith(b"PK"):
        raise Inconclusive(f"« {piece.nom} » n'est pas une archive zip")
    return XdmFile(piece.data, piece.nom)


@provider
def _xdm_of(file: XdmFile) -> Xdm:
    try:
        return file.xdm
    except XdmError as error:
        raise Inconclusive(f"l'archive n'est pas lisible : {error}") from error


@provider
def _submission_of(xdm: Xdm) -> Submission:
    return xdm.readable_lots()[0][1]


@provider
def _first_of(mail: Mail) -> Document:
    """The first CDA of the archive of a mail."""
    documents: tuple[Document, ...] = provide(Xdm, mail).cdas
    if not documents:
        raise Inconclusive("aucun document CDA dans l'archive du message")
    return documents[0]
