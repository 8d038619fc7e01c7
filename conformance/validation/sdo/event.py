"""Flow 4 and flow 2: the event (Task) and the consent (Consent) that an establishment sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ...core.errors import Inconclusive
from ...core.exchange import Exchange
from ...core.providers import provider
from .codes import codes
from .resources import ResourceError, first_code, identifier_value, objects, request_resource, text_of

EVENT = "viatrajectoire.evenement"
CONSENT = "viatrajectoire.consentement"


@dataclass(frozen=True, slots=True)
class Said:
    """What a Task says: the value of each input, ``""`` when absent."""

    structure: str
    nom: str
    statut: str
    motif: str
    date_statut: str
    unite: str
    nom_unite: str
    statut_unite: str
    motif_unite: str
    date_statut_unite: str
    mode: str
    id_decision: str
    id_nat: str


@dataclass(frozen=True, slots=True)
class EsmsEvent:
    """An event posted, what the service answered, and what it knows of the decision (``facts``)."""

    id: str
    said: Said
    content_type: str
    moment: datetime
    status: int
    struct_idnat: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EsmsConsent:
    """A consent posted. ``identifier`` is that of the decision it names, ``use`` its use."""

    id: str
    source: str
    identifier: str
    use: str
    date_time: str
    moment: datetime
    status: int
    struct_idnat: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def inputs(task: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The first input of each code of the code system of the guide."""
    found: dict[str, Mapping[str, Any]] = {}
    for given in objects(task.get("input")):
        for concept in objects(given.get("type")):
            for coding in objects(concept.get("coding")):
                if coding.get("system") == codes().systeme_input and isinstance(coding.get("code"), str):
                    found.setdefault(coding["code"], given)
    return found


def said_by(task: Mapping[str, Any]) -> Said:
    """What a Task says."""
    held = inputs(task)

    def value(name: str) -> Mapping[str, Any]:
        return held.get(name, {})

    return Said(
        structure=identifier_value(value("idNat_Struct").get("valueIdentifier")),
        nom=text_of(value("nomESMS").get("valueString")),
        statut=first_code(value("statutESMS").get("valueCodeableConcept")),
        motif=first_code(value("motifESMS").get("valueCodeableConcept")),
        date_statut=text_of(value("dateStatutESMS").get("valueDate")),
        unite=identifier_value(value("idUnite").get("valueIdentifier")),
        nom_unite=text_of(value("nomUnite").get("valueString")),
        statut_unite=first_code(value("statutUnite").get("valueCodeableConcept")),
        motif_unite=first_code(value("motifUnite").get("valueCodeableConcept")),
        date_statut_unite=text_of(value("dateStatutUnite").get("valueDate")),
        mode=first_code(value("modePriseCharge").get("valueCodeableConcept")),
        id_decision=identifier_value(value("idDecision").get("valueIdentifier")),
        id_nat=identifier_value(value("idNat_Decision").get("valueIdentifier")),
    )


def consented_decision(consent: Mapping[str, Any]) -> tuple[str, str]:
    """The identifier of the decision that a Consent names, and its use."""
    for provision in objects(consent.get("provision")):
        for data in objects(provision.get("data")):
            for reference in objects(data.get("reference")):
                for identifier in objects(reference.get("identifier")):
                    return text_of(identifier.get("value")), text_of(identifier.get("use"))
    return "", ""


def _resource(exchange: Exchange, kind: str) -> dict[str, Any]:
    if exchange.kind != kind:
        raise Inconclusive(f"l'échange {exchange.id} n'est pas de la sorte {kind}")
    try:
        return request_resource(exchange.http)
    except ResourceError as error:
        raise Inconclusive(f"corps illisible : {error}") from None


def _status(exchange: Exchange) -> int:
    return exchange.reply.status if exchange.reply is not None else 0


@provider
def esms_event(exchange: Exchange) -> EsmsEvent:
    """The view of an event posted."""
    task = _resource(exchange, EVENT)
    request = exchange.http
    return EsmsEvent(
        id=exchange.id,
        said=said_by(task),
        content_type=request.header("content-type"),
        moment=exchange.times.logical,
        status=_status(exchange),
        struct_idnat=request.header("struct_idnat"),
        facts=exchange.facts,
    )


@provider
def esms_consent(exchange: Exchange) -> EsmsConsent:
    """The view of a consent posted."""
    consent = _resource(exchange, CONSENT)
    identifier, use = consented_decision(consent)
    meta = consent.get("meta")
    return EsmsConsent(
        id=exchange.id,
        source=text_of(meta.get("source")) if isinstance(meta, Mapping) else "",
        identifier=identifier,
        use=use,
        date_time=text_of(consent.get("dateTime")),
        moment=exchange.times.logical,
        status=_status(exchange),
        struct_idnat=exchange.http.header("struct_idnat"),
        facts=exchange.facts,
    )
