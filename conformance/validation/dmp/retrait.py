"""TD3.2 (IHE ITI-43), TD0.3 and TD0.4: what these short requests ask, and what is wrong in it (dmp_insi §6.2, §6.6)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...core.errors import Inconclusive
from ...core.problem import Problem
from ...core.providers import provider
from ..soap import SoapMessage
from ..xds import vocabulary as v
from ..xds.datatypes import is_dtm, is_oid
from .regle import Regle

REPOSITORY = "1.2.250.1.213.4.1.1.1.2"
HABILITATIONS, PATIENTS = "urn:si-dmp-habilitations", "urn:si-dmp-patients"
_BODY = "/soap:Envelope/soap:Body"
_AT = f"{_BODY}/xds:RetrieveDocumentSetRequest/xds:DocumentRequest"
_PKG = "exemples officiels de messages DMP 02.05.00"


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """One document asked for."""

    repository: str
    unique_id: str
    home: str
    at: str


@dataclass(frozen=True, slots=True, eq=False)
class RetrieveRequest:
    """A RetrieveDocumentSetRequest."""

    documents: tuple[DocumentRequest, ...]
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Authorization:
    """A setAuthorization: texts as written, names of the elements that it holds."""

    action: str
    role: str
    names: tuple[str, ...]
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class PatientList:
    """A patientList: texts as written; ``names`` are those of its elements."""

    start_date: str
    date_type: str
    names: tuple[str, ...]
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)


def documents_named(request: RetrieveRequest) -> Iterator[Problem]:
    """Each document is asked for once, by the uniqueId of the document, in the repository of the DMP."""
    if not request.documents:
        yield _retrieval("Consultation sans document demandé", _AT, "un DocumentRequest par document", "aucun")
    for one in request.documents:
        if one.repository != REPOSITORY:
            yield _retrieval("Entrepôt inconnu", f"{one.at}/xds:RepositoryUniqueId", REPOSITORY, one.repository or "absent")
        if not is_oid(one.unique_id):
            kind = "un entryUUID" if one.unique_id.startswith("urn:uuid:") else one.unique_id or "absent"
            yield _retrieval("Document mal désigné", f"{one.at}/xds:DocumentUniqueId", "le uniqueId (OID) de la fiche", kind)
    for uid, count in Counter(one.unique_id for one in request.documents).items():
        if count > 1:
            yield _retrieval("Document demandé plusieurs fois", _AT, "une fois", f"{uid} : {count} fois")


def _retrieval(message: str, at: str, expected: str, received: str) -> Problem:
    hint = "Reprendre repositoryUniqueId et uniqueId de la fiche rendue par TD3.1 ; l'entryUUID ne sert pas ici."
    return Problem("dmp.td32.documents-named", message, at, expected=expected, received=received, hint=hint)


def authorization_says_what(request: Authorization) -> Iterator[Problem]:
    """The action is AJOUT or SUPPRESSION; the only role is MEDECIN_TRAITANT; nothing names patient, user or structure."""
    at = f"{_BODY}/setAuthorization"
    if request.action not in ("AJOUT", "SUPPRESSION"):
        yield _authorization("Action absente ou inconnue", f"{at}/action", "AJOUT ou SUPPRESSION", request.action or "absente")
    if request.role not in ("", "MEDECIN_TRAITANT"):
        yield _authorization("Rôle inconnu", f"{at}/role", "MEDECIN_TRAITANT, ou pas d'élément role", request.role)
    others = [name for name in request.names if name not in ("action", "role")]
    if others:
        yield _authorization("Élément étranger à la demande d'autorisation", at, "action, et role au besoin", ", ".join(others))


def _authorization(message: str, at: str, expected: str, received: str) -> Problem:
    hint = "Le patient, l'utilisateur et la structure ne viennent que du VIHF."
    return Problem("dmp.td03.action", message, at, expected=expected, received=received, hint=hint)


def list_says_since_when(request: PatientList) -> Iterator[Problem]:
    """The start date is to the second; the type of date is one of the two."""
    at = f"{_BODY}/patientList"
    if request.start_date and not (is_dtm(request.start_date, 14)):
        yield _list("Date de début mal écrite", f"{at}/startDate", "aaaammjjhhmmss", request.start_date)
    if request.date_type not in ("", "LASTDOC", "LASTAUTORIZATION"):
        yield _list("Type de date inconnu", f"{at}/dateType", "LASTDOC ou LASTAUTORIZATION", request.date_type)
    if bool(request.start_date) is not bool(request.date_type):
        received = "startDate seule" if request.start_date else "dateType seul"
        yield _list("Date de début et type de date vont ensemble", at, "startDate et dateType", received)
    others = [name for name in request.names if name not in ("startDate", "dateType")]
    if others:
        yield _list("Élément étranger à la liste des DMP", at, "startDate et dateType", ", ".join(others))


def _list(message: str, at: str, expected: str, received: str) -> Problem:
    hint = "LASTAUTORIZATION s'écrit ainsi, sans H, comme dans la description du service ; les dates sont en UTC."
    return Problem("dmp.td04.dates", message, at, expected=expected, received=received, hint=hint)


REGLES = (
    Regle(
        "dmp.td32.documents-named",
        "Chaque document est demandé une fois, par son uniqueId, dans l'entrepôt du DMP.",
        ("DMP-CONS-17",),
        f"{_PKG} (TD3.2)",
        "vu",
        RetrieveRequest,
        documents_named,
    ),
    Regle(
        "dmp.td03.action",
        "La demande d'autorisation dit AJOUT ou SUPPRESSION, et ne nomme ni patient, ni utilisateur, ni structure.",
        ("DMP-CONS-08",),
        f"{_PKG} (TD0.3)",
        "vu",
        Authorization,
        authorization_says_what,
    ),
    Regle(
        "dmp.td04.dates",
        "La liste des DMP se demande depuis une date, d'après le dernier document ou la dernière autorisation.",
        ("DMP-CONS-07",),
        f"{_PKG} (TD0.4)",
        "vu",
        PatientList,
        list_says_since_when,
    ),
)


def _local(tag: object) -> str:
    return re.sub(r"^\{[^}]*\}", "", str(tag))


def _payload(message: SoapMessage, namespace: str, name: str) -> Any:
    payload = message.payload
    if payload is None or payload.tag != f"{{{namespace}}}{name}":
        raise Inconclusive(f"le corps ({message.operation or 'vide'}) n'est pas {name} de {namespace}")
    return payload


def _fields(payload: Any) -> dict[str, str]:
    return {_local(child.tag): (child.text or "").strip() for child in payload if isinstance(child.tag, str)}


@provider
def _retrieve_of(message: SoapMessage) -> RetrieveRequest:
    payload = _payload(message, v.XDSB, "RetrieveDocumentSetRequest")
    documents = tuple(
        DocumentRequest(
            repository=(node.findtext(f"{{{v.XDSB}}}RepositoryUniqueId") or "").strip(),
            unique_id=(node.findtext(f"{{{v.XDSB}}}DocumentUniqueId") or "").strip(),
            home=(node.findtext(f"{{{v.XDSB}}}HomeCommunityId") or "").strip(),
            at=f"{_AT}[{rank}]",
        )
        for rank, node in enumerate(payload.iterfind(f"{{{v.XDSB}}}DocumentRequest"), 1)
    )
    return RetrieveRequest(documents)


@provider
def _authorization_of(message: SoapMessage) -> Authorization:
    found = _fields(_payload(message, HABILITATIONS, "setAuthorization"))
    return Authorization(found.get("action", ""), found.get("role", ""), tuple(found))


@provider
def _list_of(message: SoapMessage) -> PatientList:
    found = _fields(_payload(message, PATIENTS, "patientList"))
    return PatientList(found.get("startDate", ""), found.get("dateType", ""), tuple(found))
