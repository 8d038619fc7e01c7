"""A DMP that holds documents of others, what tests ask of it, and what its replies hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dui_conformance.core.exchange import Reply, Request
from dui_conformance.mocks.dmp.app import Dmp
from dui_conformance.validation.mtom import split
from dui_conformance.validation.xml import parse
from lxml import etree
from samples.dmp import ITI18, ITI43, PATIENT, STATUS, USAGER, query_body, retrieve_body, soap_request, vihf

NOW = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)
ME, OTHER = "899700000001", "899700009018"
M = USAGER.matricule
FIND = "14d4debf-8f97-4251-9a74-a90016b0af0d"
QUOTED = f"'{PATIENT}'"
APPROVED = f"('{STATUS}Approved')"
FOUND_BY = (("XDSDocumentEntryPatientId", QUOTED), ("XDSDocumentEntryStatus", APPROVED))
DENIED = "DMPAccessDeniedByRightsService"


def stocked() -> Dmp:
    """A DMP with four documents of others; the nurse is authorised."""
    service = Dmp(seed=1)
    service.admit(USAGER)
    order(service, "autorisation", professionnel=ME, valeur="VALIDE")
    order(service, "ajouter-document", unique_id="1.2.3.1", type="lettre-liaison-sortie", date="2025-01-10")
    order(service, "ajouter-document", unique_id="1.2.3.2", type="compte-rendu-biologie", date="2026-02-01T10:00:00Z")
    order(service, "ajouter-document", unique_id="1.2.3.3", type="prescription", date="20260301", visibilite=["MASQUE_PS"])
    order(
        service,
        "ajouter-document",
        unique_id="1.2.3.4",
        type="synthese-medicale",
        date="20260302",
        visibilite=["INVISIBLE_PATIENT"],
    )
    return service


def order(service: Dmp, nom: str, **arguments: Any) -> None:
    """An order of a scenario about the usager."""
    service.command(nom, {"matricule": M, **arguments})


def send(service: Dmp, request: Request) -> Reply:
    """The reply to a request."""
    return service.handle("dmp", request, NOW)


def search(service: Dmp, *slots: tuple[str, str], query: str = FIND, who: str = "", leaf: bool = True) -> Reply:
    """The reply to a stored query."""
    return send(service, soap_request("/registry", ITI18, query_body(query, *slots, leaf=leaf), vihf=who or vihf()))


def find(service: Dmp, *slots: tuple[str, str], who: str = "", leaf: bool = True) -> Reply:
    """The reply to FindDocuments: the usager's approved documents."""
    return search(service, *FOUND_BY, *slots, who=who, leaf=leaf)


def retrieve(service: Dmp, *uids: str, who: str = "") -> Reply:
    """The reply to a retrieval."""
    return send(service, soap_request("/repository", ITI43, retrieve_body(*uids), vihf=who or vihf()))


def body(reply: Reply) -> etree._Element:
    """The envelope of a reply, MTOM or not."""
    kind, data = reply.header("Content-Type"), reply.body.read()
    return parse(bytes(split(data, kind).root.content) if kind.startswith("multipart") else data)


def uids(reply: Reply) -> list[str]:
    """The ends of the uniqueIds that a reply lists."""
    path = ".//{*}ExternalIdentifier[@identificationScheme='urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab']"
    return [node.get("value", "").removeprefix("1.2.3.") for node in body(reply).iterfind(path)]


def objects(reply: Reply) -> list[str]:
    """The objects that a reply lists, by their element."""
    (found,) = body(reply).iter("{*}RegistryObjectList")
    return [etree.QName(child).localname for child in found]
