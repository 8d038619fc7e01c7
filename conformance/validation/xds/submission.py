"""What an ITI-41 request submits: the submission set, its document entries, associations and documents, as received."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree

from ...core.errors import Inconclusive
from ...core.exchange import Exchange
from ...core.providers import provide, provider
from ..document import Document
from ..soap import SoapMessage
from . import vocabulary as v
from .objects import Association, Author, Code, DocumentEntry, DocumentPart, SubmissionSet


@dataclass(frozen=True, slots=True, eq=False)
class DepositedDocument:
    """A document of a submission with its entry. ``id`` is its ``uniqueId``."""

    entry: DocumentEntry
    content: bytes
    at: str
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """The ``uniqueId`` of the entry, else its local id."""
        return self.entry.unique_id or self.entry.id


@dataclass(frozen=True, slots=True, eq=False)
class Submission:
    """A whole submission. ``documents`` pairs entries with bytes, signature included, in the order of the entries.

    ``packages`` counts the ``RegistryPackage`` elements (``set`` is the first). ``replaced`` maps the entryUUID aimed
    at by a replacement to its uniqueId, when the registry said it (fact ``cibles`` of the reply).
    """

    at: str
    set: SubmissionSet
    packages: int
    entries: tuple[DocumentEntry, ...]
    associations: tuple[Association, ...]
    parts: tuple[DocumentPart, ...]
    documents: tuple[DepositedDocument, ...]
    folders: int
    replaced: Mapping[str, str] = field(default_factory=dict)
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """The ``uniqueId`` of the submission set."""
        return self.set.unique_id

    @property
    def clinical_entries(self) -> tuple[DocumentEntry, ...]:
        """The entries without the signature."""
        return tuple(entry for entry in self.entries if not entry.is_signature)

    @property
    def clinical_documents(self) -> tuple[DepositedDocument, ...]:
        """The documents without the signature."""
        return tuple(document for document in self.documents if not document.entry.is_signature)

    @property
    def signature(self) -> DepositedDocument | None:
        """The signature of the submission set, when it is there."""
        return next((document for document in self.documents if document.entry.is_signature), None)

    def judged_entries(self) -> tuple[DocumentEntry, ...]:
        """The entries without the signature; raises ``Inconclusive`` when there is none to judge."""
        if not self.clinical_entries:
            raise Inconclusive("le dépôt ne contient aucune fiche de document")
        return self.clinical_entries

    def associated(self, kind: str) -> tuple[Association, ...]:
        """The associations of a type."""
        return tuple(association for association in self.associations if association.type == kind)


def read_submission(message: SoapMessage) -> Submission:
    """The submission of an ITI-41 message; raises ``Inconclusive`` when the body holds none."""
    request = message.payload
    if request is None or request.tag != f"{{{v.XDSB}}}ProvideAndRegisterDocumentSetRequest":
        raise Inconclusive(f"le corps ({message.operation or 'vide'}) n'est pas un dépôt de documents (ITI-41)")
    registry = request.find(f"{{{v.LCM}}}SubmitObjectsRequest/{{{v.RIM}}}RegistryObjectList")
    at = "/soap:Envelope/soap:Body/xds:ProvideAndRegisterDocumentSetRequest"
    if registry is None:
        raise Inconclusive("dépôt sans RegistryObjectList")
    inside = f"{at}/lcm:SubmitObjectsRequest/rim:RegistryObjectList"
    packages = [_set(node, registry, inside) for node in registry.iterfind(f"{{{v.RIM}}}RegistryPackage")]
    sets = [p for p in packages if v.FOLDER_NODE not in p.classification_nodes]
    if not sets:
        raise Inconclusive("dépôt sans lot de soumission (RegistryPackage)")
    entries = tuple(_entry(node, inside) for node in registry.iterfind(f"{{{v.RIM}}}ExtrinsicObject"))
    parts = tuple(_part(node, message, at) for node in request.iterfind(f"{{{v.XDSB}}}Document"))
    return Submission(
        at=inside,
        set=sets[0],
        packages=len(sets),
        entries=entries,
        associations=tuple(_association(node, inside) for node in registry.iterfind(f"{{{v.RIM}}}Association")),
        parts=parts,
        documents=tuple(_documents(entries, parts)),
        folders=len(packages) - len(sets),
    )


def read_objects(
    registry: etree._Element, at: str
) -> tuple[tuple[SubmissionSet, ...], tuple[DocumentEntry, ...], tuple[Association, ...]]:
    """The sets, entries and associations of a RegistryObjectList found at ``at``, whatever the transaction."""
    return (
        tuple(_set(node, registry, at) for node in registry.iterfind(f"{{{v.RIM}}}RegistryPackage")),
        tuple(_entry(node, at) for node in registry.iterfind(f"{{{v.RIM}}}ExtrinsicObject")),
        tuple(_association(node, at) for node in registry.iterfind(f"{{{v.RIM}}}Association")),
    )


def _documents(entries: tuple[DocumentEntry, ...], parts: tuple[DocumentPart, ...]) -> Iterator[DepositedDocument]:
    exact = {part.id: part for part in parts}
    folded = {part.id.lower(): part for part in parts}
    for entry in entries:
        part = exact.get(entry.id) or folded.get(entry.id.lower())
        if part is not None and part.content is not None:
            yield DepositedDocument(entry, part.content, part.at)


def _set(node: etree._Element, registry: etree._Element, inside: str) -> SubmissionSet:
    local = node.get("id", "")
    classifications = [*node.iterfind(f"{{{v.RIM}}}Classification"), *registry.iterfind(f"{{{v.RIM}}}Classification")]
    nodes = tuple(
        c.get("classificationNode", "")
        for c in classifications
        if c.get("classificationNode") and c.get("classifiedObject", local) == local
    )
    return SubmissionSet(**_common(node, f"{inside}/rim:RegistryPackage[@id='{local}']"), classification_nodes=nodes)


def _entry(node: etree._Element, inside: str) -> DocumentEntry:
    at = f"{inside}/rim:ExtrinsicObject[@id='{node.get('id', '')}']"
    return DocumentEntry(**_common(node, at), mime_type=node.get("mimeType", ""), object_type=node.get("objectType", ""))


def _common(node: etree._Element, at: str) -> dict[str, Any]:
    codes: dict[str, tuple[Code, ...]] = {}
    authors: list[Author] = []
    parents: list[str] = []
    for item in node.iterfind(f"{{{v.RIM}}}Classification"):
        parents.append(item.get("classifiedObject", ""))
        scheme = item.get("classificationScheme", "")
        if scheme in (v.ENTRY_AUTHOR, v.SET_AUTHOR):
            authors.append(_author(item))
        elif scheme:
            codes[scheme] = (*codes.get(scheme, ()), _code(item))
    identifiers: dict[str, tuple[str, ...]] = {}
    for item in node.iterfind(f"{{{v.RIM}}}ExternalIdentifier"):
        parents.append(item.get("registryObject", ""))
        scheme = item.get("identificationScheme", "")
        identifiers[scheme] = (*identifiers.get(scheme, ()), item.get("value", "").strip())
    return {
        "id": node.get("id", ""),
        "at": at,
        "slots": _slots(node),
        "title": _localized(node, "Name"),
        "comments": _localized(node, "Description"),
        "codes": codes,
        "authors": tuple(authors),
        "identifiers": identifiers,
        "parents": tuple(parents),
    }


def _author(node: etree._Element) -> Author:
    slots = _slots(node)
    return Author(
        persons=slots.get("authorPerson", ()),
        institutions=slots.get("authorInstitution", ()),
        roles=slots.get("authorRole", ()),
        specialties=slots.get("authorSpecialty", ()),
        node_representation=node.get("nodeRepresentation", ""),
    )


def _code(node: etree._Element) -> Code:
    scheme = next(iter(_slots(node).get("codingScheme", ())), "")
    return Code(code=node.get("nodeRepresentation", ""), scheme=scheme, label=_localized(node, "Name"))


def _association(node: etree._Element, inside: str) -> Association:
    return Association(
        id=node.get("id", ""),
        at=f"{inside}/rim:Association[@id='{node.get('id', '')}']",
        type=node.get("associationType", ""),
        source=node.get("sourceObject", ""),
        target=node.get("targetObject", ""),
        slots=_slots(node),
    )


def _part(node: etree._Element, message: SoapMessage, at: str) -> DocumentPart:
    include = next((child for child in node if isinstance(child.tag, str)), None)
    href = "" if include is None else include.get("href", "")
    return DocumentPart(node.get("id", ""), f"{at}/xds:Document[@id='{node.get('id', '')}']", href, message.binary(node))


def _slots(node: etree._Element) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for slot in node.iterfind(f"{{{v.RIM}}}Slot"):
        values = tuple((value.text or "").strip() for value in slot.iterfind(f"{{{v.RIM}}}ValueList/{{{v.RIM}}}Value"))
        name = slot.get("name", "")
        found[name] = found.get(name, ()) + values
    return found


def _localized(node: etree._Element, name: str) -> str:
    found = node.find(f"{{{v.RIM}}}{name}/{{{v.RIM}}}LocalizedString")
    return "" if found is None else found.get("value", "").strip()


@provider
def _submission_of(exchange: Exchange) -> Submission:
    found = read_submission(provide(SoapMessage, exchange))
    targets = exchange.facts.get("cibles")
    return replace(found, replaced=dict(targets)) if targets else found


@provider
def _document_of(exchange: Exchange) -> DepositedDocument:
    documents: tuple[DepositedDocument, ...] = provide(Submission, exchange).clinical_documents
    if not documents:
        raise Inconclusive("aucun document lisible dans le dépôt")
    return documents[0]


@provider
def _content_of(deposited: DepositedDocument) -> Document:
    return Document(data=deposited.content, name=deposited.id)
