"""What is read: new decisions, a decision, an evaluation, notifications, pages. Nothing is changed."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ...core.exchange import Reply, Request
from ...core.matcher import usager_keys
from ...validation.oauth import first, parameters
from ...validation.sdo.call import Instant, read_instant
from ...validation.sdo.codes import codes
from .documents import decision_document, evaluation_document
from .messages import PROVISIONAL, fhir_reply, outcome
from .state import Decision, Evenement

if TYPE_CHECKING:
    from .acces import Appelant
    from .app import ServiceViaTrajectoire

SDO = "https://interop.esante.gouv.fr/ig/fhir/sdo/StructureDefinition"
LOINC = "http://loinc.org"
DECISION, EVALUATION = "57830-2", "51848-0"
TITLES = {DECISION: "Document Individu et décision", EVALUATION: "Document évaluation"}
_PREFIXES = ("gt", "ge", "lt", "le", "eq", "")


def search_decisions(service: ServiceViaTrajectoire, request: Request, who: Appelant) -> Reply:
    """Flow 1.1: the decisions changed since an instant."""
    params = parameters(request.query)
    refused = _bad_search(service, request, required=("type", "_lastUpdated", "_elements"))
    if refused is not None:
        return refused
    instant = read_instant(request.query)
    seen = service.registre.visibles(who.etablissements) if _code(first(params, "type")) in ("", DECISION) else ()
    found = [d for d in seen if _after(d.modifie, instant)]
    only_id = first(params, "_elements") == "id"
    resources = [_reference(d) if only_id else document_reference(d, DECISION) for d in found]
    facts = {**who.facts, "ids": [d.id for d in found], "total": len(found)}
    return search_set(service, request, resources, facts)


def read_decision(service: ServiceViaTrajectoire, request: Request, who: Appelant) -> Reply:
    """Flow 1.3: one decision, with its document."""
    asked = request.path.rstrip("/").rpartition("/")[2]
    decision = service.registre.decisions.get(asked)
    if decision is None:
        return outcome(request, 404, "not-found", "aucun document sous cet identifiant", facts=who.facts)
    if decision.esms not in who.etablissements:
        return outcome(request, 403, "forbidden", "décision d'un autre établissement", facts=who.facts)
    facts = {**who.facts, "id": decision.id, "decision": decision.facts()}
    return fhir_reply(request, document_reference(decision, DECISION), facts=facts, keys=usager_keys(decision.usager))


def search_evaluation(service: ServiceViaTrajectoire, request: Request, who: Appelant) -> Reply:
    """Flow 3.1: the evaluation, once the user consents."""
    params = parameters(request.query)
    refused = _bad_search(service, request, required=("identifier", "type"))
    if refused is not None:
        return refused
    decision = service.registre.par_identifiant(_code(first(params, "identifier")))
    facts: dict[str, Any] = dict(who.facts)
    if decision is None or decision.esms not in who.etablissements:
        return search_set(service, request, [], {**facts, "total": 0})
    facts |= {"id_nat_decision": decision.id_nat, "consentement": decision.consentement, "usager": decision.usager.id}
    if not decision.consentement:
        return outcome(request, 403, "forbidden", "aucun consentement de l'usager pour cette décision", facts=facts)
    found = [document_reference(decision, EVALUATION)] if decision.avec_evaluation else []
    return search_set(service, request, found, {**facts, "total": len(found)})


def search_notifications(service: ServiceViaTrajectoire, request: Request, who: Appelant) -> Reply:
    """Flow 5.1: what happened elsewhere to the users notified to the establishment."""
    refused = _bad_search(service, request, required=("_lastUpdated",))
    if refused is not None:
        return refused
    instant = read_instant(request.query)
    events = [e for e in service.registre.evenements if e.decision.esms in who.etablissements and _after(e.modifie, instant)]
    events.sort(key=lambda e: e.ordre)
    facts = {**who.facts, "evenements": [e.facts() for e in events], "total": len(events)}
    return search_set(service, request, [task(e) for e in events], facts)


def read_notification(service: ServiceViaTrajectoire, request: Request, who: Appelant) -> Reply:
    """One event."""
    asked = request.path.rstrip("/").rpartition("/")[2]
    found = next((e for e in service.registre.evenements if e.id == asked and e.decision.esms in who.etablissements), None)
    if found is None:
        return outcome(request, 404, "not-found", "aucun événement sous cet identifiant", facts=who.facts)
    return fhir_reply(request, task(found), facts={**who.facts, "evenements": [found.facts()]})


def read_page(service: ServiceViaTrajectoire, request: Request, who: Appelant) -> Reply:
    """The next page of a result, where pages were ordered smaller than it (provisional: the guide says nothing of pages)."""
    held = service.pages.get(first(parameters(request.query), "_getpages"))
    if held is None:
        return outcome(request, 410, "not-found", "page inconnue ou expirée", facts=who.facts)
    resources, facts = held
    return _page(service, request, resources, {**who.facts, **facts})


def search_set(
    service: ServiceViaTrajectoire, request: Request, resources: Sequence[dict[str, Any]], facts: dict[str, Any]
) -> Reply:
    """A searchset, its first page when it is long."""
    return _page(service, request, list(resources), facts, total=len(resources))


def _page(
    service: ServiceViaTrajectoire,
    request: Request,
    resources: list[dict[str, Any]],
    facts: dict[str, Any],
    *,
    total: int | None = None,
) -> Reply:
    size = service.options.page
    shown, rest = resources[:size], resources[size:]
    links = [
        {"relation": "self", "url": f"{service.adresse_fhir}{request.target[len(service.settings.chemin_fhir.rstrip('/')) :]}"}
    ]
    if rest:
        mark = service.registre.opaque("page")[:24]
        service.pages[mark] = (rest, {"total": facts.get("total", len(resources))})
        links.append({"relation": "next", "url": f"{service.adresse_fhir}?{urlencode({'_getpages': mark})}"})
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset"}
    if total is not None:
        bundle["total"] = total
    bundle["link"] = links
    entries = [_entry(service, resource) for resource in shown]
    if entries:
        bundle["entry"] = entries
    return fhir_reply(request, bundle, facts={**facts, "rendus": [r["id"] for r in shown], "suite": bool(rest)})


def _entry(service: ServiceViaTrajectoire, resource: dict[str, Any]) -> dict[str, Any]:
    address = f"{service.adresse_fhir}/{resource['resourceType']}/{resource['id']}"
    return {"fullUrl": address, "resource": resource, "search": {"mode": "match"}}


def _reference(decision: Decision) -> dict[str, Any]:
    return {"resourceType": "DocumentReference", "id": decision.id}


def document_reference(decision: Decision, sort: str) -> dict[str, Any]:
    """The DocumentReference of a decision or of its evaluation. Without a national identifier, the MDPH's one comes twice."""
    assert decision.modifie is not None
    data = decision_document(decision) if sort == DECISION else evaluation_document(decision)
    second = {"use": "official", "value": decision.id_nat}
    if decision.sans_officiel:
        second = {"use": "secondary", "value": decision.id_decision}
    return {
        "resourceType": "DocumentReference",
        "id": decision.id if sort == DECISION else f"{decision.id}-eval",
        "meta": {"lastUpdated": _instant(decision.modifie), "profile": [f"{SDO}/esms-document-reference"]},
        "identifier": [{"use": "usual", "value": decision.id_decision}, second],
        "status": "current",
        "type": {"coding": [{"system": LOINC, "code": sort}]},
        "content": [
            {
                "attachment": {
                    "contentType": "text/xml",
                    "data": base64.b64encode(data).decode("ascii"),
                    "title": TITLES[sort],
                }
            }
        ],
    }


def task(event: Evenement) -> dict[str, Any]:
    """The Task of an event."""
    known = codes()

    def given(name: str, value: dict[str, Any]) -> dict[str, Any]:
        return {"type": {"coding": [{"system": known.systeme_input, "code": name}]}, **value}

    def status(name: str, code: str, system: str) -> dict[str, Any]:
        return given(name, {"valueCodeableConcept": {"coding": [{"system": system, "code": code}]}})

    assert event.modifie is not None
    inputs = [
        given("idNat_Struct", {"valueIdentifier": {"value": event.structure}}),
        given("nomESMS", {"valueString": event.nom}),
    ]
    if event.statut:
        inputs += [status("statutESMS", event.statut, known.systeme_statut), given("dateStatutESMS", {"valueDate": event.date})]
    if event.motif:
        inputs.append(status("motifESMS", event.motif, known.systeme_motif))
    inputs += [
        given("idDecision", {"valueIdentifier": {"value": event.decision.id_decision}}),
        given("idNat_Decision", {"valueIdentifier": {"value": event.decision.id_nat}}),
    ]
    return {
        "resourceType": "Task",
        "id": event.id,
        "meta": {"lastUpdated": _instant(event.modifie), "profile": [f"{SDO}/esms-task"]},
        "status": "completed",
        "intent": "plan",
        "description": "Événement fictif d'un banc d'essai",
        "input": inputs,
    }


def capabilities(service: ServiceViaTrajectoire, request: Request) -> Reply:
    """The CapabilityStatement of the server, as the guide describes it."""
    kinds = {
        "Consent": ("create",),
        "DocumentReference": ("search-type", "read"),
        "Task": ("create", "search-type", "read"),
    }
    statement = {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-06-29",
        "kind": "instance",
        "software": {"name": "dui-conformance, ViaTrajectoire simulé"},
        "implementation": {"description": PROVISIONAL, "url": service.adresse_fhir},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+xml", "application/fhir+json"],
        "rest": [
            {
                "mode": "server",
                "security": {"cors": False},
                "resource": [{"type": kind, "interaction": [{"code": code} for code in found]} for kind, found in kinds.items()],
            }
        ],
    }
    return fhir_reply(request, statement)


def _bad_search(service: ServiceViaTrajectoire, request: Request, *, required: Iterable[str]) -> Reply | None:
    """Why a search is refused: an instant that is not one; and, when strict, a parameter missing or unknown."""
    names = {name for name, _ in parameters(request.query)}
    instant = read_instant(request.query)
    if instant is not None and (instant.time is None or instant.prefix not in _PREFIXES):
        return outcome(
            request,
            400,
            "invalid",
            f"_lastUpdated : « {instant.decoded[:80]} » n'est pas un instant (le + d'un fuseau s'écrit %2B)",
            facts={"instant": "invalide"},
        )
    if not service.strict:
        return None
    wanted = set(required)
    if missing := sorted(wanted - names):
        return outcome(request, 400, "required", f"paramètre absent : {', '.join(missing)}")
    if unknown := sorted(names - wanted - {"_format"}):
        return outcome(request, 400, "invalid", f"paramètre inconnu : {', '.join(unknown)}"[:200])
    return None


def _after(moment: datetime | None, instant: Instant | None) -> bool:
    if moment is None:
        return False
    if instant is None or instant.time is None:
        return True
    return {
        "gt": moment > instant.time,
        "ge": moment >= instant.time,
        "lt": moment < instant.time,
        "le": moment <= instant.time,
    }.get(instant.prefix, moment == instant.time)


def _code(token: str) -> str:
    """The code of a token ``system|code``."""
    return token.rpartition("|")[2]


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
