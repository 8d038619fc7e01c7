"""What is written: the consent of a user, an event of his orientation. Accepted and reported; strict, refused when badly made."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...core.exchange import Reply, Request
from ...core.matcher import usager_keys
from ...validation.sdo.codes import codes
from ...validation.sdo.event import Said, consented_decision, said_by
from ...validation.sdo.resources import JSON_TYPES, XML_TYPES, ResourceError, media_type, request_resource
from .messages import fhir_reply, outcome
from .state import Decision

if TYPE_CHECKING:
    from .acces import Appelant
    from .app import ServiceViaTrajectoire


def receive_consent(service: ServiceViaTrajectoire, request: Request, who: Appelant, now: datetime) -> Reply:
    """Flow 2: the evaluation of the decision named may now be read."""
    resource = _resource(request, "Consent", who)
    if isinstance(resource, Reply):
        return resource
    value, _ = consented_decision(resource)
    decision = service.registre.par_identifiant(value)
    named = service.registre.par_numero(value)
    facts = {**who.facts, **_known(named)}
    if decision is None or decision.esms not in who.etablissements:
        return outcome(request, 422, "business-rule", "le consentement ne nomme aucune décision connue", facts=facts)
    if service.strict and resource.get("status") != "active":
        return outcome(request, 422, "invariant", "Consent.status : active attendu", facts=facts, expression="Consent.status")
    deja = decision.consentement
    decision.consentement = True
    return _created(service, request, resource, now, {**facts, "deja": deja}, decision)


def receive_event(service: ServiceViaTrajectoire, request: Request, who: Appelant, now: datetime) -> Reply:
    """Flow 4: the status of an orientation changes. The same event received twice is one event (provisional)."""
    resource = _resource(request, "Task", who)
    if isinstance(resource, Reply):
        return resource
    said = said_by(resource)
    decision = service.registre.par_identifiant(said.id_nat)
    named = decision or service.registre.par_numero(said.id_decision) or service.registre.par_numero(said.id_nat)
    facts: dict[str, Any] = {**who.facts, **_known(named)}
    if decision is None or decision.esms not in who.etablissements:
        return outcome(request, 422, "business-rule", "l'événement ne nomme aucune décision connue", facts=facts)
    if service.strict and (why := _refusal(said, decision)):
        return outcome(request, 422, "business-rule", why, facts=facts, expression="Task.input")
    mark = hashlib.sha256(json.dumps(resource, sort_keys=True, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()
    facts |= {"statut_avant": decision.statut, "identique": mark in decision.recus, "recus": len(decision.recus)}
    if mark not in decision.recus:
        decision.recus.append(mark)
    decision.statut = said.statut or decision.statut
    decision.statut_unite = said.statut_unite or decision.statut_unite
    return _created(service, request, resource, now, facts, decision)


def _known(decision: Decision | None) -> dict[str, Any]:
    if decision is None:
        return {}
    return {
        "usager": decision.usager.id,
        "id_decision": decision.id_decision,
        "id_nat_decision": decision.id_nat,
        "statut_connu": decision.statut,
    }


def _refusal(said: Said, decision: Decision) -> str:
    """Why a strict service refuses an event; the order of statuses, which is inferred, never makes it refuse."""
    known = codes()
    for status, reason in ((said.statut, said.motif), (said.statut_unite, said.motif_unite)):
        allowed = known.motifs.get(status, ())
        if allowed and not reason:
            return f"le statut {status} demande un motif"
        if reason and reason not in allowed:
            return f"le motif {reason} n'est pas permis avec le statut {status or 'absent'}"
    if not said.statut and not said.statut_unite:
        return "l'événement ne dit aucun statut"
    return "" if said.structure == f"1{decision.esms}" else "idNat_Struct n'est pas l'établissement de la décision"


def _resource(request: Request, wanted: str, who: Appelant) -> dict[str, Any] | Reply:
    content = media_type(request.header("content-type"))
    if content not in (*JSON_TYPES, *XML_TYPES):
        text = f"Content-Type {content or 'absent'} : application/fhir+json ou application/fhir+xml attendu"
        return outcome(request, 415, "not-supported", text, facts=who.facts)
    try:
        resource = request_resource(request)
    except ResourceError as error:
        return outcome(request, 400, "structure", f"corps illisible : {error}"[:300], facts=who.facts)
    if resource["resourceType"] != wanted:
        return outcome(request, 400, "invalid", f"une ressource {wanted} est attendue ici", facts=who.facts)
    return resource


def _created(
    service: ServiceViaTrajectoire,
    request: Request,
    resource: dict[str, Any],
    now: datetime,
    facts: dict[str, Any],
    decision: Decision,
) -> Reply:
    """201, with the resource as the service keeps it."""
    kind = resource["resourceType"]
    ident = f"{kind.lower()}-{service.registre.rang()}"
    meta = resource.get("meta")
    kept = dict(meta) if isinstance(meta, dict) else {}
    kept["lastUpdated"] = now.isoformat(timespec="milliseconds")
    body = {"resourceType": kind, "id": ident, "meta": kept} | {
        k: v for k, v in resource.items() if k not in ("resourceType", "id", "meta")
    }
    location = ("Location", f"{service.adresse_fhir}/{kind}/{ident}")
    return fhir_reply(
        request, body, status=201, headers=(location,), facts={**facts, "id": ident}, keys=usager_keys(decision.usager)
    )
