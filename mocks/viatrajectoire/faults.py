"""Named misbehaviours of ViaTrajectoire, besides those that every service has. A correct DUI survives them all."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...core.exchange import Body, Reply, Request
from ...core.service import Panne
from .messages import (
    CONSENT,
    DECISION,
    DECISIONS,
    EVALUATION,
    EVENT,
    NOTIFICATION,
    NOTIFICATIONS,
    PAGE,
    TOKEN,
    kind_of,
    oauth_error,
    outcome,
)

if TYPE_CHECKING:
    from .app import ServiceViaTrajectoire

HTML = (("Content-Type", "text/html; charset=utf-8"),)
API = (DECISIONS, DECISION, EVALUATION, CONSENT, EVENT, NOTIFICATIONS, NOTIFICATION, PAGE)
Before = Callable[[Any, Request, datetime], Reply | None]
After = Callable[[Any, Request, Reply], Reply]


def _page(status: int, text: str) -> Before:
    page = f"<html><body><h1>{status} {text}</h1></body></html>\n".encode()
    return lambda service, request, now: Reply(status, HTML, Body(page))


def _only(kinds: tuple[str, ...], make: Callable[[Request], Reply]) -> Before:
    """Answer instead of the service to these kinds only."""

    def before(service: ServiceViaTrajectoire, request: Request, now: datetime) -> Reply | None:
        return make(request) if kind_of(service.settings, request) in kinds else None

    return before


def _refusal(status: int, code: str, text: str, *headers: tuple[str, str]) -> Callable[[Request], Reply]:
    return lambda request: outcome(request, status, code, text, headers=headers)


def _json(reply: Reply) -> dict[str, Any] | None:
    """The JSON object of a good answer, None for another."""
    if reply.status >= 300 or "json" not in reply.header("content-type"):
        return None
    value = json.loads(reply.body.read())
    return value if isinstance(value, dict) else None


def _changed(change: Callable[[dict[str, Any]], bool]) -> After:
    """Change the JSON of a good answer; False leaves it as it is."""

    def after(service: Any, request: Request, reply: Reply) -> Reply:
        value = _json(reply)
        if value is None or not change(value):
            return reply
        return replace(reply, body=Body(json.dumps(value, ensure_ascii=False).encode()))

    return after


def _without_life(value: dict[str, Any]) -> bool:
    return value.pop("expires_in", None) is not None


def _twice(value: dict[str, Any]) -> bool:
    if value.get("type") != "searchset" or not value.get("entry"):
        return False
    value["entry"] = [entry for entry in value["entry"] for _ in range(2)]
    return True


def _backwards(value: dict[str, Any]) -> bool:
    if value.get("type") != "searchset" or len(value.get("entry", ())) < 2:
        return False
    value["entry"].reverse()
    return True


def _unreadable(value: dict[str, Any]) -> bool:
    if value.get("resourceType") != "DocumentReference":
        return False
    value["content"][0]["attachment"]["data"] = "PENsaW5pY2FsRG9jdW1lbnQ"
    return True


def _without_data(value: dict[str, Any]) -> bool:
    if value.get("resourceType") != "DocumentReference":
        return False
    return value["content"][0]["attachment"].pop("data", None) is not None


def _with_outcome(value: dict[str, Any]) -> bool:
    """A server may tell something beside its results."""
    if value.get("type") != "searchset":
        return False
    told = {"resourceType": "OperationOutcome", "issue": [{"severity": "information", "code": "informational"}]}
    value.setdefault("entry", []).append({"resource": told, "search": {"mode": "outcome"}})
    return True


def _failed_after(service: Any, request: Request, reply: Reply) -> Reply:
    """The event was kept; the answer says that it failed."""
    if reply.status != 201:
        return reply
    answer = outcome(request, 500, "exception", "erreur après enregistrement")
    return replace(answer, facts={**reply.facts, "enregistre": True})


PANNES = (
    Panne("passerelle", "Le service répond 502 (mauvaise passerelle).", before=_page(502, "Bad Gateway")),
    Panne("delai-passerelle", "Le service répond 504 (délai de passerelle).", before=_page(504, "Gateway Timeout")),
    Panne(
        "client-refuse",
        "Le serveur d'autorisation refuse le client (401 invalid_client).",
        before=_only((TOKEN,), lambda r: oauth_error("invalid_client", "client refusé", status=401, facts={})),
    ),
    Panne(
        "jeton-refuse",
        "L'API refuse le jeton (401), quel qu'il soit.",
        before=_only(API, _refusal(401, "login", "jeton refusé", ("WWW-Authenticate", 'Bearer error="invalid_token"'))),
    ),
    Panne(
        "droits-retires",
        "L'API refuse l'établissement (403).",
        before=_only(API, _refusal(403, "forbidden", "l'établissement n'a plus accès")),
    ),
    Panne(
        "trop-d-appels",
        "L'API répond 429 et demande d'attendre (Retry-After).",
        before=_only(API, _refusal(429, "throttled", "trop d'appels", ("Retry-After", "30"))),
    ),
    Panne(
        "erreur-fhir",
        "L'API répond 500 avec un OperationOutcome ; la demande n'a pas été traitée.",
        before=_only(API, _refusal(500, "exception", "erreur interne")),
    ),
    Panne(
        "evaluation-refusee",
        "L'évaluation est refusée (403) malgré le consentement.",
        before=_only((EVALUATION,), _refusal(403, "forbidden", "l'établissement n'a pas droit à cette évaluation")),
    ),
    Panne("erreur-apres-enregistrement", "L'événement est enregistré, mais la réponse est 500.", after=_failed_after),
    Panne("jeton-sans-duree", "La réponse de jeton ne dit pas sa durée (expires_in).", after=_changed(_without_life)),
    Panne("resultats-doubles", "Chaque résultat d'une recherche vient deux fois.", after=_changed(_twice)),
    Panne(
        "resultats-a-rebours", "Les résultats d'une recherche viennent du plus récent au plus ancien.", after=_changed(_backwards)
    ),
    Panne("document-illisible", "Le document de la décision est coupé.", after=_changed(_unreadable)),
    Panne("document-absent", "La décision vient sans son document.", after=_changed(_without_data)),
    Panne("resultat-commente", "La recherche rend aussi un OperationOutcome d'information.", after=_changed(_with_outcome)),
)
