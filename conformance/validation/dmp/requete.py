"""TD3.1 (IHE ITI-18): the stored query of a call, as received, and the parameters that each query takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...core.errors import Inconclusive
from ...core.providers import provider
from ..soap import SoapMessage
from ..xds import vocabulary as v
from ..xds.patient import QUERY

AT = "/soap:Envelope/soap:Body/query:AdhocQueryRequest"
PREFIX = "urn:uuid:"
APPROVED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
STATUSES = (
    APPROVED,
    "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated",
    "urn:asip:ci-sis:2010:StatusType:Archived",
    "urn:asip:ci-sis:2010:StatusType:Deleted",
)
ENTRY, LOT = "$XDSDocumentEntry", "$XDSSubmissionSet"
_CODES = ("ClassCode", "TypeCode", "FormatCode", "PracticeSettingCode", "HealthcareFacilityTypeCode", "EventCodeList")
_TIMES = tuple(f"{name}{end}" for name in ("CreationTime", "ServiceStartTime", "ServiceStopTime") for end in ("From", "To"))
_UUID = re.compile(r"urn:uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

CODED = frozenset(f"{ENTRY}{name}" for name in (*_CODES, "ConfidentialityCode")) | {f"{LOT}ContentType"}
TIMES = frozenset(f"{ENTRY}{name}" for name in _TIMES) | {f"{LOT}SubmissionTimeFrom", f"{LOT}SubmissionTimeTo"}
STATUS_NAMES = frozenset({f"{ENTRY}Status", f"{LOT}Status"})
PATIENTS = frozenset({f"{ENTRY}PatientId", f"{LOT}PatientId", "$patientId"})
UUIDS = frozenset({f"{ENTRY}EntryUUID", f"{ENTRY}LogicalID", f"{LOT}EntryUUID", "$uuid"})
UNIQUE_IDS = frozenset({f"{ENTRY}UniqueId", f"{LOT}UniqueId"})
NUMBERS = TIMES | {"$MetadataLevel"}
SINGLE = PATIENTS | TIMES | {f"{LOT}EntryUUID", f"{LOT}UniqueId", "$homeCommunityId", "$MetadataLevel"}
"""Parameters that take one value, without parentheses."""


@dataclass(frozen=True, slots=True)
class Query:
    """A stored query: parameters required, groups of which exactly one is required, other parameters."""

    name: str
    required: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    others: frozenset[str] = frozenset()

    def takes(self, parameter: str) -> bool:
        """True when the parameter is one of this query."""
        return parameter in self.required or parameter in self.one_of or parameter in self.others or parameter in _ANY


_ANY = frozenset({"$homeCommunityId", "$MetadataLevel"})
_FILTERS = frozenset(f"{ENTRY}{name}" for name in (*_CODES, *_TIMES, "ConfidentialityCode", "AuthorPerson", "Type", "Title"))
_ENTRY_IDS = (f"{ENTRY}EntryUUID", f"{ENTRY}UniqueId")
QUERIES: Mapping[str, Query] = {
    "14d4debf-8f97-4251-9a74-a90016b0af0d": Query(
        "FindDocuments", required=(f"{ENTRY}PatientId", f"{ENTRY}Status"), others=_FILTERS
    ),
    "12941a89-e02e-4be5-967c-ce4bfc8fe492": Query(
        "FindDocumentsByReferenceId",
        required=(f"{ENTRY}PatientId", f"{ENTRY}Status", f"{ENTRY}ReferenceIdList"),
        others=_FILTERS,
    ),
    "f26abbcb-ac74-4422-8a30-edb644bbc1a9": Query(
        "FindSubmissionSets",
        required=(f"{LOT}PatientId", f"{LOT}Status"),
        others=frozenset(
            f"{LOT}{n}" for n in ("SourceId", "SubmissionTimeFrom", "SubmissionTimeTo", "AuthorPerson", "ContentType")
        ),
    ),
    "10b545ea-725c-446d-9b95-8aeb444eddf3": Query(
        "GetAll",
        required=("$patientId", f"{ENTRY}Status", f"{LOT}Status"),
        others=frozenset({"$XDSFolderStatus", f"{ENTRY}FormatCode", f"{ENTRY}ConfidentialityCode", f"{ENTRY}Type"}),
    ),
    "5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4": Query("GetDocuments", one_of=(*_ENTRY_IDS, f"{ENTRY}LogicalID")),
    "a7ae438b-4bc2-4642-93e9-be891f7bb155": Query("GetAssociations", required=("$uuid",)),
    "bab9529a-4a10-40b3-a01f-f68a615d247a": Query("GetDocumentsAndAssociations", one_of=_ENTRY_IDS),
    "51224314-5390-4169-9b91-b1980040715a": Query("GetSubmissionSets", required=("$uuid",)),
    "e8e3cb2c-e39c-46b9-99e4-c12f57260b83": Query(
        "GetSubmissionSetAndContents",
        one_of=(f"{LOT}EntryUUID", f"{LOT}UniqueId"),
        others=frozenset({f"{ENTRY}FormatCode", f"{ENTRY}ConfidentialityCode", f"{ENTRY}Type"}),
    ),
    "d90e5407-b356-4d91-a89f-873917b4b0e6": Query(
        "GetRelatedDocuments", required=("$AssociationTypes",), one_of=_ENTRY_IDS, others=frozenset({f"{ENTRY}Type"})
    ),
}
"""The stored queries that the DMP serves, by identifier without ``urn:uuid:``."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A Slot of a stored query: its values as written."""

    name: str
    values: tuple[str, ...]
    at: str


@dataclass(frozen=True, slots=True, eq=False)
class StoredQuery:
    """An AdhocQueryRequest. ``id`` is as written; attributes of the response option are ``""`` when absent."""

    id: str
    return_type: str
    composed: str
    has_option: bool
    parameters: tuple[Parameter, ...]
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def definition(self) -> Query | None:
        """The stored query of that identifier, None for one that the DMP does not serve."""
        return QUERIES.get(self.id.lower().removeprefix(PREFIX))

    def named(self, name: str) -> tuple[Parameter, ...]:
        """The slots of a name."""
        return tuple(parameter for parameter in self.parameters if parameter.name == name)

    def literals(self, name: str) -> tuple[str, ...]:
        """The values of a parameter, without quotes nor parentheses, whatever its form."""
        return tuple(text for parameter in self.named(name) for value in parameter.values for text in literals(value))


_LITERAL = re.compile(r"'((?:[^']|'')*)'|([^\s(),']+)")


def literals(value: str) -> tuple[str, ...]:
    """The literals of a slot value: quoted strings (a doubled quote is a quote) or bare words."""
    return tuple((quoted or bare).replace("''", "'") for quoted, bare in _LITERAL.findall(value))


def is_uuid(text: str) -> bool:
    """True for ``urn:uuid:`` and a UUID."""
    return _UUID.fullmatch(text) is not None


@provider
def _query_of(message: SoapMessage) -> StoredQuery:
    request = message.payload
    if request is None or request.tag != f"{{{QUERY}}}AdhocQueryRequest":
        raise Inconclusive(f"le corps ({message.operation or 'vide'}) n'est pas une recherche (TD3.1)")
    query = request.find(f"{{{v.RIM}}}AdhocQuery")
    if query is None:
        raise Inconclusive("recherche sans élément AdhocQuery")
    option = request.find(f"{{{QUERY}}}ResponseOption")
    parameters = tuple(
        Parameter(
            slot.get("name", ""),
            tuple((value.text or "").strip() for value in slot.iterfind(f"{{{v.RIM}}}ValueList/{{{v.RIM}}}Value")),
            f"{AT}/rim:AdhocQuery/rim:Slot[@name='{slot.get('name', '')}']",
        )
        for slot in query.iterfind(f"{{{v.RIM}}}Slot")
    )
    return StoredQuery(
        id=query.get("id", ""),
        return_type="" if option is None else option.get("returnType", ""),
        composed="" if option is None else option.get("returnComposedObjects", ""),
        has_option=option is not None,
        parameters=parameters,
    )
