"""Misbehaviours that change what the simulated DMP answers: a state, a list, a document."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ...core.exchange import Body, Reply, Request
from ...core.service import Panne
from ...validation.mtom import split
from .messages import multipart_reply, operation_of

if TYPE_CHECKING:
    from .app import Dmp

_AUTORISATION = re.compile(rb'(<value xsi:type="CV" code=")[A-Z_]+(" codeSystem="1\.2\.250\.1\.213\.4\.1\.2\.6\.2")')
_FAMILY = re.compile(rb'(<family qualifier="BR">)[^<]*(</family>)')
_GIVEN = re.compile(rb"(<patientPerson[^>]*><name><given>)[^<]*(</given>)")
_OBJECTS = re.compile(rb"(<RegistryObjectList[^>]*>).*(</RegistryObjectList>)", re.DOTALL)
_BOUNDARY = "limite-reponse-dmp"


def edit(reply: Reply, change: Callable[[bytes], bytes]) -> Reply:
    before = reply.body.read()
    after = change(before)
    return reply if after == before else replace(reply, body=Body(after))


def _told(kind: str, change: Callable[[bytes], bytes]) -> Callable[[Dmp, Request, Reply], Reply]:
    """A change of the answer of one transaction."""
    return lambda service, request, reply: edit(reply, change) if operation_of(request).kind == kind else reply


def _state(value: bytes) -> Callable[[bytes], bytes]:
    return lambda body: _AUTORISATION.sub(rb"\g<1>" + value + rb"\g<2>", body)


def _closed(service: Dmp, request: Request, reply: Reply) -> Reply:
    if operation_of(request).kind != "dmp.td0.2":
        return reply
    return edit(
        reply,
        lambda body: body.replace(b'<statusCode code="active"/><patientPerson', b'<statusCode code="terminated"/><patientPerson'),
    )


def _closed_elsewhere(service: Dmp, request: Request, now: datetime) -> Reply | None:
    if operation_of(request).kind == "dmp.td0.2":
        return None
    return service.refuse(request, "XDSUnknownPatientId", "DMPClosed : le DMP de l'usager est fermé")


def _other_names(body: bytes) -> bytes:
    return _FAMILY.sub(rb"\g<1>HOMONYME-FICTIF\g<2>", _GIVEN.sub(rb"\g<1>CAMILLE\g<2>", body))


def _empty_list(body: bytes) -> bytes:
    emptied = _OBJECTS.sub(rb"\g<1>\g<2>", body)
    return re.sub(rb'totalResultCount="\d+"', b'totalResultCount="0"', emptied)


def _doubled(body: bytes) -> bytes:
    """Each object of a list is served twice, as registries in several instances happen to do."""
    found = _OBJECTS.search(body)
    if found is None:
        return body
    inside = body[found.end(1) : found.start(2)]
    return body[: found.end(1)] + inside + body[found.end(1) :]


def _corrupted(service: Dmp, request: Request, reply: Reply) -> Reply:
    """The document of a TD3.2 is altered: its hash is no longer that of the list."""
    if operation_of(request).kind != "dmp.td3.2":
        return reply
    return edit(reply, lambda body: body.replace(b"</ClinicalDocument>", b"<!-- alt\xc3\xa9r\xc3\xa9 --></ClinicalDocument>"))


def _inlined(service: Dmp, request: Request, reply: Reply) -> Reply:
    """TD3.2 answered without attachments: each document in base64 in the envelope, itself in the multipart."""
    if operation_of(request).kind != "dmp.td3.2" or not reply.header("Content-Type").startswith("multipart/"):
        return reply
    found = split(reply.body.read(), reply.header("Content-Type"))
    xml = bytes(found.root.content)
    for name, content in found.attachments.items():
        include = f'<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:{name.replace("@", "%40")}"/>'
        xml = xml.replace(include.encode(), base64.b64encode(content))
    made = multipart_reply(xml, (), action="", boundary=_BOUNDARY, status=reply.status)
    return replace(reply, headers=made.headers, body=made.body)


ANSWERS = (
    Panne(
        "dmp-ferme",
        "Le DMP de l'usager est fermé (terminated au test d'existence, DMPClosed ailleurs).",
        exigences=("DMP-CONS-06", "DMP-CONS-12"),
        before=_closed_elsewhere,
        after=_closed,
    ),
    Panne(
        "autorisation-expiree",
        "Le test d'existence dit l'autorisation du professionnel expirée (EXPIRE).",
        exigences=("DMP-CONS-12",),
        after=_told("dmp.td0.2", _state(b"EXPIRE")),
    ),
    Panne(
        "autorisation-interdite",
        "Le test d'existence dit que l'usager a bloqué le professionnel (INTERDIT).",
        exigences=("DMP-CONS-12",),
        after=_told("dmp.td0.2", _state(b"INTERDIT")),
    ),
    Panne(
        "identite-differente",
        "Le test d'existence rend d'autres nom et prénom que ceux de l'usager.",
        after=_told("dmp.td0.2", _other_names),
    ),
    Panne(
        "liste-vide",
        "La recherche (TD3.1) ne rend aucun document.",
        exigences=("DMP-CONS-15",),
        after=_told("dmp.td3.1", _empty_list),
    ),
    Panne(
        "liste-en-double",
        "La recherche (TD3.1) rend chaque objet deux fois.",
        exigences=("DMP-CONS-15",),
        after=_told("dmp.td3.1", _doubled),
    ),
    Panne(
        "document-altere",
        "La consultation (TD3.2) rend un document dont l'empreinte n'est plus celle de la liste.",
        exigences=("DMP-CONS-17",),
        after=_corrupted,
    ),
    Panne(
        "document-en-base64",
        "La consultation (TD3.2) rend les documents en base64 dans l'enveloppe, sans pièce jointe.",
        exigences=("DMP-CONS-17",),
        after=_inlined,
    ),
)
