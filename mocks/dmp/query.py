"""TD3.1 (ITI-18: FindDocuments, GetDocuments) and TD3.2 (ITI-43) over what was deposited."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lxml import etree

from ...validation.soap import SoapMessage
from ...validation.xml import parse
from .deposit import XDSB, RegistryError
from .messages import RIM
from .state import REPOSITORY, Entry, Store

QUERY = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
FIND_DOCUMENTS = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
GET_DOCUMENTS = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
_PREFIX = "$XDSDocumentEntry"
_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_FILTERS = (
    "ClassCode",
    "TypeCode",
    "FormatCode",
    "ConfidentialityCode",
    "HealthcareFacilityTypeCode",
    "PracticeSettingCode",
    "EventCodeList",
)


@dataclass(frozen=True, slots=True)
class Found:
    """Result of a stored query."""

    entries: tuple[Entry, ...] = ()
    errors: tuple[RegistryError, ...] = ()
    leaf: bool = True


def stored_query(store: Store, message: SoapMessage) -> Found:
    """Run the stored query of an AdhocQueryRequest."""
    query = message.body.find(f"{{{QUERY}}}AdhocQueryRequest/{{{RIM}}}AdhocQuery")
    option = message.body.find(f"{{{QUERY}}}AdhocQueryRequest/{{{QUERY}}}ResponseOption")
    leaf = option is None or option.get("returnType") != "ObjectRef"
    run = None if query is None else _QUERIES.get(query.get("id", ""))
    if query is None or run is None:
        return Found(errors=(RegistryError("XDSUnknownStoredQuery", "requête enregistrée non servie par ce simulateur"),))
    found = run(store, _parameters(query))
    return Found(found.entries, found.errors, leaf)


def _find_documents(store: Store, parameters: dict[str, list[str]]) -> Found:
    patient = next(iter(parameters.get("PatientId", ())), "")
    statuses = parameters.get("Status", [])
    missing = [name for name, value in (("PatientId", patient), ("Status", statuses)) if not value]
    if missing:
        return Found(errors=tuple(RegistryError("XDSStoredQueryMissingParam", f"{_PREFIX}{name} absent") for name in missing))
    dossier = store.dossier(patient)
    if dossier is None:
        return Found(errors=(RegistryError("XDSUnknownPatientId", "aucun DMP pour ce patient"),))
    kept = (e for e in store.of_patient(patient) if e.status in statuses)
    return Found(tuple(e for e in kept if all(_matches(e, name, parameters.get(name)) for name in _FILTERS)))


def _get_documents(store: Store, parameters: dict[str, list[str]]) -> Found:
    uids, uuids = parameters.get("UniqueId", []), parameters.get("EntryUUID", [])
    if bool(uids) == bool(uuids):
        code = "XDSStoredQueryParamNumber" if uids else "XDSStoredQueryMissingParam"
        return Found(errors=(RegistryError(code, f"un seul de {_PREFIX}UniqueId et {_PREFIX}EntryUUID est attendu"),))
    return Found(tuple(e for e in store.entries.values() if e.unique_id in uids or e.entry_uuid in uuids))


_QUERIES: dict[str, Callable[[Store, dict[str, list[str]]], Found]] = {
    FIND_DOCUMENTS: _find_documents,
    GET_DOCUMENTS: _get_documents,
}


def _matches(entry: Entry, name: str, wanted: list[str] | None) -> bool:
    return not wanted or not set(wanted).isdisjoint(entry.codes.get(name, ()))


def _parameters(query: etree._Element) -> dict[str, list[str]]:
    parameters: dict[str, list[str]] = {}
    for slot in query.iterfind(f"{{{RIM}}}Slot"):
        name = slot.get("name", "")
        values = parameters.setdefault(name.removeprefix(_PREFIX), [])
        for value in slot.iter(f"{{{RIM}}}Value"):
            values += [literal.replace("''", "'") for literal in _LITERAL.findall(value.text or "")]
    return parameters


def query_response(store: Store, found: Found) -> str:
    """The RegistryObjectList content: full entries, or references."""
    if not found.leaf:
        return "".join(f'<ObjectRef xmlns="{RIM}" id="{entry.entry_uuid}"/>' for entry in found.entries)
    return "".join(_extrinsic_object(store, entry) for entry in found.entries)


def _extrinsic_object(store: Store, entry: Entry) -> str:
    node = parse(store.read(entry.metadata))
    local = node.get("id", "")
    for name, value in (("id", entry.entry_uuid), ("lid", entry.entry_uuid), ("status", entry.status)):
        node.set(name, value)
    for child in node.iter(f"{{{RIM}}}Classification", f"{{{RIM}}}ExternalIdentifier"):
        for reference in ("classifiedObject", "registryObject"):
            if child.get(reference) == local:
                child.set(reference, entry.entry_uuid)
    served = (("hash", entry.sha1), ("size", str(entry.span[1])), ("repositoryUniqueId", REPOSITORY))
    for position, (name, value) in enumerate(served):
        for old in node.findall(f"{{{RIM}}}Slot[@name='{name}']"):
            node.remove(old)
        node.insert(position, _slot(name, value))
    version = etree.SubElement(node, f"{{{RIM}}}VersionInfo")
    version.set("versionName", str(entry.version))
    # ebRIM order: Slot*, Name, Description, VersionInfo, Classification*, ExternalIdentifier*.
    after = node.findall(f"{{{RIM}}}Slot") + node.findall(f"{{{RIM}}}Name") + node.findall(f"{{{RIM}}}Description")
    after[-1].addnext(version)
    return etree.tostring(node, encoding="unicode", with_tail=False)


def _slot(name: str, value: str) -> etree._Element:
    slot = etree.Element(f"{{{RIM}}}Slot", name=name)
    values = etree.SubElement(slot, f"{{{RIM}}}ValueList")
    etree.SubElement(values, f"{{{RIM}}}Value").text = value
    return slot


def requested_documents(store: Store, message: SoapMessage) -> tuple[list[Entry], list[RegistryError]]:
    """The documents of a RetrieveDocumentSetRequest, by OID uniqueId in this repository."""
    found: list[Entry] = []
    errors: list[RegistryError] = []
    for request in message.body.iter(f"{{{XDSB}}}DocumentRequest"):
        repository = (request.findtext(f"{{{XDSB}}}RepositoryUniqueId") or "").strip()
        uid = (request.findtext(f"{{{XDSB}}}DocumentUniqueId") or "").strip()
        entry = store.entries.get(uid)
        if repository != REPOSITORY:
            errors.append(RegistryError("XDSUnknownRepositoryId", f"entrepôt {repository or 'absent'} inconnu", repository))
        elif entry is None:
            errors.append(RegistryError("XDSDocumentUniqueIdError", "aucun document ne porte ce uniqueId", uid))
        else:
            found.append(entry)
    return found, errors


def retrieve_response(entries: Iterable[tuple[str, Entry]]) -> str:
    """The DocumentResponse elements; each document is the attachment whose Content-ID is given."""
    return "".join(
        f"<DocumentResponse><RepositoryUniqueId>{REPOSITORY}</RepositoryUniqueId><DocumentUniqueId>{entry.unique_id}</DocumentUniqueId>"
        f'<mimeType>{entry.mime or "text/xml"}</mimeType><Document><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include"'
        f' href="cid:{content_id.replace("@", "%40")}"/></Document></DocumentResponse>'
        for content_id, entry in entries
    )
