"""The bodies of registry answers, and the facts that go with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from .messages import RIM, Operation
from .state import REPOSITORY, Entry

RS = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"
QUERY = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
XDSB = "urn:ihe:iti:xds-b:2007"
SUCCESS = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"
FAILURE = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure"
PARTIAL = "urn:ihe:iti:2007:ResponseStatusType:PartialSuccess"
SEVERITY = "urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error"


@dataclass(frozen=True, slots=True)
class RegistryError:
    """One RegistryError of an answer."""

    code: str
    context: str
    location: str = ""


def facts_of(operation: Operation, errors: Sequence[RegistryError], *, partial: bool = False) -> dict[str, Any]:
    """Transaction, status and error codes."""
    status = "Success" if not errors else "PartialSuccess" if partial else "Failure"
    return {
        "td": operation.kind.partition(".")[2],
        "statut": status,
        "codes": list(dict.fromkeys(error.code for error in errors)),
    }


def registry_response(errors: Sequence[RegistryError], *, partial: bool = False) -> str:
    """A RegistryResponse."""
    status = SUCCESS if not errors else PARTIAL if partial else FAILURE
    return f'<rs:RegistryResponse xmlns:rs="{RS}" status="{status}">{_error_list(errors)}</rs:RegistryResponse>'


def query_body(objects: str, errors: Sequence[RegistryError], count: int) -> str:
    """An AdhocQueryResponse."""
    return (
        f'<query:AdhocQueryResponse xmlns:query="{QUERY}" xmlns:rs="{RS}" status="{FAILURE if errors else SUCCESS}"'
        f' totalResultCount="{count}">{_error_list(errors)}<RegistryObjectList xmlns="{RIM}">{objects}</RegistryObjectList>'
        "</query:AdhocQueryResponse>"
    )


def retrieve_body(entries: Iterable[tuple[str, Entry]], errors: Sequence[RegistryError]) -> str:
    """A RetrieveDocumentSetResponse: each document is the attachment whose Content-ID is given."""
    found = list(entries)
    documents = "".join(
        f"<DocumentResponse><RepositoryUniqueId>{REPOSITORY}</RepositoryUniqueId>"
        f"<DocumentUniqueId>{escape(entry.unique_id)}</DocumentUniqueId>"
        f"<mimeType>{escape(entry.attributes.mime or 'text/xml')}</mimeType>"
        '<Document><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include"'
        f' href="cid:{content_id.replace("@", "%40")}"/></Document></DocumentResponse>'
        for content_id, entry in found
    )
    response = registry_response(errors, partial=bool(found))
    return f'<RetrieveDocumentSetResponse xmlns="{XDSB}">{response}{documents}</RetrieveDocumentSetResponse>'


def _error_list(errors: Sequence[RegistryError]) -> str:
    if not errors:
        return ""
    rows = "".join(
        f"<rs:RegistryError errorCode={quoteattr(e.code)} codeContext={quoteattr(e.context)}"
        f' severity="{SEVERITY}" location={quoteattr(e.location)}>{escape(e.context)}</rs:RegistryError>'
        for e in errors
    )
    return f'<rs:RegistryErrorList highestSeverity="{SEVERITY}">{rows}</rs:RegistryErrorList>'
