"""Named misbehaviours of SIDOBA, besides those that every service has. A correct DUI survives them all."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...core.exchange import Body, Reply, Request
from ...core.service import Panne
from .messages import FHIR, MARQUE, RAMA, json_reply, oauth_error, refusal
from .state import EN_CONTROLE

if TYPE_CHECKING:
    from .app import Sidoba

Before = Callable[[Any, Request, datetime], Reply | None]
DEPOTS = ("sidoba.setmin", "sidoba.ssiad", "sidoba.rama")
LOTS = ("sidoba.setmin", "sidoba.ssiad")


def _instead(kinds: tuple[str, ...], reply: Reply) -> Before:
    """Answer this instead of the service, to these kinds only."""

    def before(service: Sidoba, request: Request, now: datetime) -> Reply | None:
        return reply if service.kind_under_way(request) in kinds else None

    return before


def _later(seconds: int) -> Reply:
    refused = refusal(429, "throttled", f"trop de demandes : réessayer dans {seconds} s")
    return replace(refused, headers=(*refused.headers, ("Retry-After", str(seconds))))


def _gateway(status: int, text: str) -> Reply:
    page = f"<html><body><h1>{status} {text}</h1></body></html>\n".encode()
    return Reply(status, (("Content-Type", "text/html; charset=utf-8"), MARQUE), Body(page))


def _slow(service: Sidoba, request: Request, reply: Reply) -> Reply:
    if reply.facts.get("statut") is None:
        return reply
    body = json.loads(reply.body.read()) | {"statut": EN_CONTROLE, "anomalies": []}
    return replace(reply, body=Body(json.dumps(body).encode()), facts={**reply.facts, "statut": EN_CONTROLE})


def _shortened(service: Sidoba, request: Request, reply: Reply) -> Reply:
    """An answer that says nothing of the last entry."""
    if service.kind_under_way(request) not in LOTS or reply.status != 200:
        return reply
    body = json.loads(reply.body.read())
    body["entry"] = body["entry"][:-1]
    return replace(reply, body=Body(json.dumps(body).encode()))


def _unlocated(service: Sidoba, request: Request, reply: Reply) -> Reply:
    kept = tuple((name, value) for name, value in reply.headers if name != "Location")
    return replace(reply, headers=kept) if len(kept) != len(reply.headers) else reply


def _silent(service: Sidoba, request: Request, reply: Reply) -> Reply:
    """A rejection that does not say why."""
    if reply.status != 422:
        return reply
    return json_reply(
        {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "business-rule"}]},
        status=422,
        media=FHIR,
        facts=reply.facts,
    )


PANNES = (
    Panne("passerelle", "Le service répond 502 (mauvaise passerelle).", before=_instead(DEPOTS, _gateway(502, "Bad Gateway"))),
    Panne(
        "delai-passerelle",
        "Le service répond 504 (délai de passerelle).",
        before=_instead(DEPOTS, _gateway(504, "Gateway Timeout")),
    ),
    Panne(
        "client-refuse",
        "Le serveur de jetons refuse le client (401 invalid_client).",
        before=_instead(("sidoba.jeton",), oauth_error("invalid_client", "client inconnu", status=401)),
    ),
    Panne(
        "jeton-refuse",
        "Les dépôts sont refusés (401), quel que soit le jeton.",
        before=_instead(DEPOTS, refusal(401, "login", "jeton refusé", facts={"jeton": "refuse-a-tort"})),
    ),
    Panne(
        "droits-refuses",
        "La structure n'est pas habilitée (403).",
        before=_instead(DEPOTS, refusal(403, "forbidden", "structure non habilitée à ce dépôt")),
    ),
    Panne(
        "trop-gros",
        "Le dépôt dépasse la taille admise (413).",
        before=_instead(DEPOTS, refusal(413, "too-long", "dépôt trop gros")),
    ),
    Panne(
        "trop-de-demandes",
        "Trop de demandes : 429 et Retry-After ; rien n'a été traité.",
        before=_instead(DEPOTS, _later(120)),
    ),
    Panne(
        "contenu-refuse",
        "Le type de contenu est refusé (415).",
        before=_instead(DEPOTS, refusal(415, "not-supported", "type de contenu non admis")),
    ),
    Panne("accuse-lent", "Le contrôle d'un dépôt RAMA ne finit pas : l'accusé reste EN_CONTROLE.", after=_slow),
    Panne(
        "accuse-perdu",
        "L'accusé d'un dépôt RAMA est introuvable (404).",
        before=_instead(("sidoba.accuse",), refusal(404, "not-found", "dépôt inconnu")),
    ),
    Panne("accuse-partiel", "La réponse à un lot ne dit rien de sa dernière entrée.", after=_shortened),
    Panne("depot-sans-adresse", f"Le dépôt RAMA est reçu sans dire son adresse (ni Location, ni {RAMA}/…).", after=_unlocated),
    Panne("rejet-sans-motif", "Un lot est rejeté sans que le motif soit dit.", after=_silent),
)
