"""What arrives at ViaTrajectoire and what leaves: kinds and keys of requests, FHIR answers, OperationOutcome."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ...core.exchange import Body, Description, Key, Reply, Request
from ...core.matcher import usager_keys
from ...core.settings import ViaTrajectoire
from ...validation.oauth import bearer, first, form, parameters
from ...validation.sdo.event import consented_decision, said_by
from ...validation.sdo.resources import JSON_TYPES, XML_TYPES, ResourceError, media_type, request_resource
from .fhir_xml import to_xml
from .state import Decision, Registre

TOKEN = "viatrajectoire.jeton"
DECISIONS = "viatrajectoire.decisions"
DECISION = "viatrajectoire.decision"
EVALUATION = "viatrajectoire.evaluation"
CONSENT = "viatrajectoire.consentement"
EVENT = "viatrajectoire.evenement"
NOTIFICATIONS = "viatrajectoire.notifications"
NOTIFICATION = "viatrajectoire.notification"
PAGE = "viatrajectoire.page"
CAPABILITIES = "viatrajectoire.capacites"
UNKNOWN = "viatrajectoire.inconnu"
PROVISIONAL = "réponse provisoire du banc : la documentation publique ne la fixe pas"

_SUMMARIES = {
    TOKEN: "demande de jeton à ViaTrajectoire",
    DECISIONS: "recherche des nouvelles décisions (flux 1.1)",
    DECISION: "lecture d'une décision (flux 1.3)",
    EVALUATION: "recherche de l'évaluation (flux 3.1)",
    CONSENT: "envoi du consentement (flux 2)",
    EVENT: "envoi d'un événement de statut (flux 4)",
    NOTIFICATIONS: "recherche des notifications (flux 5.1)",
    NOTIFICATION: "lecture d'une notification",
    PAGE: "page suivante d'un résultat (provisoire)",
    CAPABILITIES: "lecture des capacités du serveur (provisoire)",
    UNKNOWN: "appel non prévu",
}
_SECRETS = ("client_secret", "access_token", "client_assertion")


def kind_of(settings: ViaTrajectoire, request: Request) -> str:
    """The kind of a request, from its method, path and parameters."""
    path = request.path.rstrip("/")
    if path == settings.chemin_jeton.rstrip("/"):
        return TOKEN
    base = settings.chemin_fhir.rstrip("/")
    if path != base and not path.startswith(f"{base}/"):
        return UNKNOWN
    params = parameters(request.query)
    parts = path[len(base) :].strip("/").split("/")
    match request.method, parts:
        case "GET", _ if first(params, "_getpages"):
            return PAGE
        case "GET", ["metadata"]:
            return CAPABILITIES
        case "GET", ["DocumentReference"]:
            wanted = first(params, "type").rpartition("|")[2]
            return EVALUATION if wanted == "51848-0" or first(params, "identifier") else DECISIONS
        case "GET", ["DocumentReference", _]:
            return DECISION
        case "GET", ["Task"]:
            return NOTIFICATIONS
        case "GET", ["Task", _]:
            return NOTIFICATION
        case "POST", ["Consent"]:
            return CONSENT
        case "POST", ["Task"]:
            return EVENT
    return UNKNOWN


def describe(settings: ViaTrajectoire, registre: Registre, request: Request) -> Description:
    """Kind, keys, secrets and summary; never raises on bad input."""
    kind = kind_of(settings, request)
    pairs = form(request) + parameters(request.query)
    secrets = tuple(dict.fromkeys(v for v in (*(v for n, v in pairs if n in _SECRETS), bearer(request)) if v))
    decision = _decision(kind, registre, request)
    keys = usager_keys(decision.usager) if decision is not None else ()
    return Description(kind, keys, secrets, _SUMMARIES[kind])


def _decision(kind: str, registre: Registre, request: Request) -> Decision | None:
    """The decision of which a request speaks, if it names one."""
    if kind == DECISION:
        return registre.decisions.get(request.path.rstrip("/").rpartition("/")[2])
    if kind == EVALUATION:
        return registre.par_numero(first(parameters(request.query), "identifier").rpartition("|")[2])
    if kind not in (EVENT, CONSENT):
        return None
    try:
        resource = request_resource(request)
    except ResourceError:
        return None
    named = (said_by(resource).id_nat, said_by(resource).id_decision) if kind == EVENT else consented_decision(resource)[:1]
    return next((found for name in named if name and (found := registre.par_numero(name)) is not None), None)


def wants_xml(request: Request) -> bool:
    """True when the caller prefers XML to JSON, by ``_format`` or ``Accept``."""
    asked = first(parameters(request.query), "_format") or request.header("accept")
    choices = [media_type(choice) for choice in asked.split(",")]
    ranks = [rank for rank, choice in enumerate(choices) if choice in XML_TYPES or choice == "xml"]
    others = [rank for rank, choice in enumerate(choices) if choice in (*JSON_TYPES, "json", "*/*", "application/*")]
    return bool(ranks) and (not others or min(ranks) < min(others))


def fhir_reply(
    request: Request,
    resource: Mapping[str, Any],
    *,
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = (),
    facts: Mapping[str, Any] | None = None,
    keys: tuple[Key, ...] = (),
) -> Reply:
    """A FHIR answer, in the format that the caller accepts."""
    xml = wants_xml(request)
    body = to_xml(resource) if xml else json.dumps(resource, ensure_ascii=False).encode()
    content = ("Content-Type", f"application/fhir+{'xml' if xml else 'json'}; charset=utf-8")
    return Reply(status, (content, ("Cache-Control", "no-store"), *headers), Body(body), facts=facts or {}, keys=keys)


def outcome(
    request: Request,
    status: int,
    code: str,
    text: str,
    *,
    facts: Mapping[str, Any] | None = None,
    headers: tuple[tuple[str, str], ...] = (),
    expression: str = "",
) -> Reply:
    """A refusal: an OperationOutcome that says why. The guide fixes no code by case, and the answer says so."""
    issue: dict[str, Any] = {"severity": "error", "code": code, "details": {"text": text}, "diagnostics": PROVISIONAL}
    if expression:
        issue["expression"] = [expression]
    resource = {"resourceType": "OperationOutcome", "issue": [issue]}
    return fhir_reply(request, resource, status=status, headers=headers, facts={"erreur": text, **(facts or {})})


def json_reply(value: Any, *, status: int = 200, facts: Mapping[str, Any] | None = None, secrets: tuple[str, ...] = ()) -> Reply:
    """A JSON answer of the token endpoint."""
    headers = (("Content-Type", "application/json"), ("Cache-Control", "no-store"))
    keys = tuple(Key("jeton", s) for s in secrets)
    return Reply(
        status, headers, Body(json.dumps(value, ensure_ascii=False).encode()), facts=facts or {}, keys=keys, secrets=secrets
    )


def oauth_error(error: str, description: str, *, status: int, facts: Mapping[str, Any]) -> Reply:
    """An OAuth error (RFC 6749 §5.2)."""
    return json_reply({"error": error, "error_description": description}, status=status, facts={"erreur": error, **facts})
