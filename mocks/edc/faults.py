"""Named misbehaviours of the espace de confiance, besides those that every service has. A correct DUI survives them all."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...core.exchange import Body, Reply, Request
from ...core.service import Panne
from ...validation.oauth import bearer, fingerprint
from .messages import bearer_error, oauth_error, proxy_error

if TYPE_CHECKING:
    from .app import EspaceDeConfiance

HTML = (("Content-Type", "text/html; charset=utf-8"),)
ECHANGE = ("edc.echange", "edc.jeton.rafraichissement")
Before = Callable[[Any, Request, datetime], Reply | None]


def _status(status: int, text: str) -> Before:
    page = f"<html><body><h1>{status} {text}</h1></body></html>\n".encode()
    return lambda service, request, now: Reply(status, HTML, Body(page))


def _only(kinds: tuple[str, ...], make: Callable[[EspaceDeConfiance, Request], Reply]) -> Before:
    """Answer instead of the service to these kinds only."""

    def before(service: EspaceDeConfiance, request: Request, now: datetime) -> Reply | None:
        kind = service.kind_under_way(request)
        return make(service, request) if kind in kinds else None

    return before


def _refused_token(service: EspaceDeConfiance, request: Request) -> Reply:
    token = bearer(request)
    facts = {"jeton": fingerprint(token) if token else "", "jeton_etat": "refuse-a-tort"}
    return bearer_error("invalid_token", "jeton refuse", status=401, facts=facts)


def _bound_elsewhere(service: EspaceDeConfiance, request: Request, reply: Reply) -> Reply:
    """The token is bound to another certificate than the one presented."""
    if "suite" not in reply.facts:
        return reply
    jeton = service.registre.jeton(json.loads(reply.body.read())["access_token"], "acces")
    if jeton is not None:
        jeton.cnf = "A" * 43
    return replace(reply, facts={**reply.facts, "defaut": "cnf"})


PANNES = (
    Panne("passerelle", "Le service répond 502 (mauvaise passerelle).", before=_status(502, "Bad Gateway")),
    Panne("delai-passerelle", "Le service répond 504 (délai de passerelle).", before=_status(504, "Gateway Timeout")),
    Panne(
        "jeton-api-refuse",
        "L'API refuse le jeton (401 invalid_token), quel qu'il soit.",
        before=_only(("edc.api.signature",), _refused_token),
    ),
    Panne(
        "client-refuse",
        "Le serveur d'autorisation refuse le client (401 invalid_client).",
        before=_only(ECHANGE, lambda s, r: oauth_error("invalid_client", "client inconnu de ce certificat", status=401)),
    ),
    Panne(
        "sujet-refuse",
        "Le serveur d'autorisation refuse le jeton de Pro Santé Connect (400 invalid_grant).",
        before=_only(ECHANGE, lambda s, r: oauth_error("invalid_grant", "subject_token inactif")),
    ),
    Panne(
        "portee-refusee",
        "Le serveur d'autorisation refuse les portées demandées (400 invalid_scope).",
        before=_only(ECHANGE, lambda s, r: oauth_error("invalid_scope", "portée non permise à ce client")),
    ),
    Panne("cnf-faux", "Le jeton d'API est lié à un autre certificat que celui présenté.", after=_bound_elsewhere),
    Panne(
        "session-proxy-perdue",
        "Le proxy d'exemple ne reconnaît plus la session (401).",
        before=_only(("edc.proxy.send",), lambda s, r: proxy_error(401, "aucune session active", {})),
    ),
)
