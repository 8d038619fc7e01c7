"""An exchange in plain sight, beside its bytes: who signs the VIHF and for whom, documents as read, the MIME tree, FHIR."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dui_conformance.core.errors import Inconclusive
from dui_conformance.core.exchange import Body, Exchange
from dui_conformance.core.providers import provide
from dui_conformance.validation.mail.envelope import Envelope
from dui_conformance.validation.mail.message import Mail
from dui_conformance.validation.mail.mime import Part
from dui_conformance.validation.mtom import MtomError, parse_content_type, split
from dui_conformance.validation.saml.vihf import Vihf
from dui_conformance.validation.xdm.archive import XdmError
from dui_conformance.validation.xdm.media import read_xdm
from dui_conformance.validation.xml import XmlError, parse
from markupsafe import Markup, escape

from .apercu_cda import HL7, rendered
from .message import Block, reply_blocks, request_blocks
from .typography import legible, plural, size

DOCUMENT = f"{{{HL7}}}ClinicalDocument"
LARGEST = 8_000_000
MOST = 20
ATTRIBUTES = {
    "resource-id": "Usager (resource-id)",
    "subject-id": "Nom du professionnel",
    "role": "Rôle",
    "purposeofuse": "Mode d'accès (purposeofuse)",
}
Mask = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Apercu:
    """One view, under its title."""

    title: str
    html: Markup


def previews(exchange: Exchange, mask: Mask = str) -> list[Apercu]:
    """What can be seen of it, best first; nothing for an exchange whose bytes say all."""
    return [
        *_envelope(exchange, mask),
        *_vihf(exchange, mask),
        *_documents(exchange, mask),
        *_mime(exchange, mask),
        *_fhir(exchange, mask),
    ]


def _envelope(exchange: Exchange, mask: Mask) -> Iterator[Apercu]:
    sent = _view(exchange, Envelope)
    if sent is None:
        return
    mail = _view(exchange, Mail)
    rows = {
        "De": sent.sender or "(retour vide)",
        "À": ", ".join(recipient.address for recipient in sent.recipients),
        "Authentification": sent.mechanism,
        "Objet": "" if mail is None else mail.subject,
    }
    yield Apercu("Courriel", _facts(rows, mask))


def _vihf(exchange: Exchange, mask: Mask) -> Iterator[Apercu]:
    vihf = _view(exchange, Vihf)
    if vihf is None:
        return
    rows = {
        "Émetteur": vihf.issuer,
        "Identifiant du professionnel": vihf.name_id,
        "Authentification": vihf.class_ref,
        "Émis le": vihf.issue_instant,
        "Valable": f"{vihf.not_before} → {vihf.not_on_or_after}" if vihf.has_conditions else "sans condition de durée",
        **{_plain(name): ", ".join(values) for name, values in vihf.attributes.items()},
    }
    for name, coded in vihf.coded.items():
        rows[_plain(name)] = ", ".join(" ".join(part for part in (value.code, value.label) if part) for value in coded)
    yield Apercu("VIHF : qui appelle, pour qui", _facts(rows, mask))


def _plain(name: str) -> str:
    """The name of an attribute, as people say it."""
    last = name.rpartition(":")[2]
    return ATTRIBUTES.get(last, last)


def _documents(exchange: Exchange, mask: Mask) -> Iterator[Apercu]:
    roots = [block.xml.root for block in _blocks(exchange) if block.xml is not None and block.xml.root.tag == DOCUMENT]
    mail = _view(exchange, Mail)
    for part in mail.archives if mail is not None else ():
        roots += _inside(part)
    for root in roots[:MOST]:
        yield Apercu("Document CDA, comme on le lit", rendered(root, mask))


def _inside(archive: Part) -> list[Any]:
    """The CDA documents of an IHE_XDM archive."""
    try:
        return [parse(document.data) for document in read_xdm(archive.content, archive.id).cdas]
    except (XdmError, XmlError):
        return []


def _mime(exchange: Exchange, mask: Mask) -> Iterator[Apercu]:
    mail = _view(exchange, Mail)
    if mail is not None:
        yield Apercu("Arbre MIME", _tree([mail.root], mask))
        return
    for side, message in (("requête", exchange.request), ("réponse", exchange.reply)):
        if message is None or not message.header("Content-Type").lower().startswith("multipart/"):
            continue
        rows = list(_parts(message.body, message.header("Content-Type")))
        if rows:
            yield Apercu(f"Arbre MIME de la {side}", _list(rows, mask))


def _parts(body: Body, content_type: str) -> Iterator[str]:
    kind = parse_content_type(content_type)
    if body.size > LARGEST:
        return
    try:
        parts = split(body.read(), kind).parts
    except MtomError as error:
        yield f"illisible : {error}"
        return
    for part in parts:
        named = part.headers.get("content-id", "")
        yield " ".join(
            each for each in (part.headers.get("content-type", "type non dit"), named, f"– {size(len(part.content))}") if each
        )


def _tree(parts: list[Part], mask: Mask) -> Markup:
    rows = []
    for part in parts[:MOST]:
        told = f"{part.at} {part.type}" if not part.path else part.at
        inner = _tree(list(part.parts), mask) if part.parts else Markup("")
        weight = "" if part.parts else f" – {part.encoding}, {size(len(part.content))}"
        rows.append(Markup("<li>{}{}</li>").format(_shown(told + weight, mask), inner))
    return Markup('<ul class="arbre">{}</ul>').format(Markup("").join(rows))


def _fhir(exchange: Exchange, mask: Mask) -> Iterator[Apercu]:
    for side, message in (("Demande", exchange.request), ("Réponse", exchange.reply)):
        if message is None or "json" not in message.header("Content-Type") or not 0 < message.body.size < LARGEST:
            continue
        try:
            value = json.loads(message.body.read())
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and isinstance(value.get("resourceType"), str):
            yield Apercu(f"{side} FHIR", _list(list(_resource(value)), mask))


def _resource(value: Mapping[str, Any]) -> Iterator[str]:
    yield _told(value)
    entries = [e.get("resource") for e in value.get("entry") or () if isinstance(e, dict)]
    for each in entries[:MOST]:
        if isinstance(each, dict):
            yield f"↳ {_told(each)}"
    if len(entries) > MOST:
        yield f"et {plural(len(entries) - MOST, 'autre')}"


def _told(value: Mapping[str, Any]) -> str:
    profiles = (value.get("meta") or {}).get("profile") or () if isinstance(value.get("meta") or {}, dict) else ()
    parts = [str(value.get("resourceType", "?")), str(value.get("type") or "") if value.get("resourceType") == "Bundle" else ""]
    parts += [f"id {value['id']}" if value.get("id") else "", *(str(profile) for profile in profiles)]
    if value.get("resourceType") == "OperationOutcome":
        parts += [
            str(issue.get("diagnostics") or issue.get("code") or "")
            for issue in value.get("issue") or ()
            if isinstance(issue, dict)
        ]
    return " – ".join(part for part in parts if part)


def _blocks(exchange: Exchange) -> Iterator[Block]:
    if exchange.request is not None:
        yield from request_blocks(exchange.request)
    if exchange.reply is not None:
        yield from reply_blocks(exchange.reply)


def _view(exchange: Exchange, wanted: type[Any]) -> Any:
    try:
        return provide(wanted, exchange)
    except Inconclusive:
        return None


def _facts(rows: Mapping[str, str], mask: Mask) -> Markup:
    told = (Markup("<dt>{}</dt><dd>{}</dd>").format(name, _shown(text, mask)) for name, text in rows.items() if text)
    return Markup('<dl class="faits">{}</dl>').format(Markup("").join(told))


def _list(rows: list[str], mask: Mask) -> Markup:
    told = Markup("").join(Markup("<li>{}</li>").format(_shown(row, mask)) for row in rows)
    return Markup('<ul class="arbre">{}</ul>').format(told)


def _shown(text: str, mask: Mask) -> Markup:
    return escape(legible(mask(text)))
