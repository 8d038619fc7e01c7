"""The objects of a registry (ebRIM) as XDS writes them: submission sets, document entries, associations, document parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from . import vocabulary as v
from .datatypes import Cx, parse_cx


@dataclass(frozen=True, slots=True)
class Code:
    """A coded attribute: ``nodeRepresentation``, ``codingScheme``, display name."""

    code: str
    scheme: str
    label: str


@dataclass(frozen=True, slots=True)
class Author:
    """An ``author`` classification: the values of its four slots, raw."""

    persons: tuple[str, ...]
    institutions: tuple[str, ...]
    roles: tuple[str, ...]
    specialties: tuple[str, ...]
    node_representation: str


@dataclass(frozen=True, slots=True, eq=False)
class RegistryObject:
    """A ``RegistryPackage`` or an ``ExtrinsicObject``: slots by name, codes by scheme, identifiers by scheme, authors.

    ``parents`` lists the ``classifiedObject`` and ``registryObject`` references of its children.
    """

    id: str
    at: str
    slots: Mapping[str, tuple[str, ...]]
    title: str
    comments: str
    codes: Mapping[str, tuple[Code, ...]]
    authors: tuple[Author, ...]
    identifiers: Mapping[str, tuple[str, ...]]
    parents: tuple[str, ...]

    def code_xpath(self, scheme: str) -> str:
        """Where the codes of a scheme are, or should be."""
        return f"{self.at}/rim:Classification[@classificationScheme='{scheme}'] ({v.NAMES.get(scheme, '')})"

    def identifier_xpath(self, scheme: str) -> str:
        """Where the identifiers of a scheme are, or should be."""
        return f"{self.at}/rim:ExternalIdentifier[@identificationScheme='{scheme}'] ({v.NAMES.get(scheme, '')})"

    def slot_xpath(self, name: str) -> str:
        """Where a slot is, or should be."""
        return f"{self.at}/rim:Slot[@name='{name}']"

    def slot(self, name: str) -> str:
        """First value of a slot, or ``""``."""
        return next(iter(self.slots.get(name, ())), "")

    def code(self, scheme: str) -> Code | None:
        """First code of a scheme, or None."""
        return next(iter(self.codes.get(scheme, ())), None)

    def identifier(self, scheme: str) -> str:
        """First identifier of a scheme, or ``""``."""
        return next(iter(self.identifiers.get(scheme, ())), "")


@dataclass(frozen=True, slots=True, eq=False)
class SubmissionSet(RegistryObject):
    """The ``RegistryPackage``. ``classification_nodes`` are the nodes that say what it is (submission set, folder)."""

    classification_nodes: tuple[str, ...]

    @property
    def patient(self) -> Cx:
        """``patientId``."""
        return parse_cx(self.identifier(v.SET_PATIENT))

    @property
    def unique_id(self) -> str:
        """``uniqueId``."""
        return self.identifier(v.SET_UNIQUE_ID)


@dataclass(frozen=True, slots=True, eq=False)
class DocumentEntry(RegistryObject):
    """An ``ExtrinsicObject``."""

    mime_type: str
    object_type: str

    @property
    def patient(self) -> Cx:
        """``patientId``."""
        return parse_cx(self.identifier(v.ENTRY_PATIENT))

    @property
    def unique_id(self) -> str:
        """``uniqueId``."""
        return self.identifier(v.ENTRY_UNIQUE_ID)

    @property
    def is_signature(self) -> bool:
        """True for the entry of the XAdES signature of the submission set."""
        class_code, type_code = self.code(v.CLASS_CODE), self.code(v.TYPE_CODE)
        return (class_code is not None and class_code.code == v.SIGNATURE_CLASS) or (
            type_code is not None and type_code.code == v.SIGNATURE_TYPE
        )


@dataclass(frozen=True, slots=True)
class Association:
    """An ebXML association; ``slots`` by name."""

    id: str
    at: str
    type: str
    source: str
    target: str
    slots: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class DocumentPart:
    """A ``Document`` element: its id, and its bytes (None when its attachment cannot be found)."""

    id: str
    at: str
    href: str
    content: bytes | None
