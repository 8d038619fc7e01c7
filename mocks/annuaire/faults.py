"""The misbehaviours of the directory, besides those of any service."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from ...core.exchange import Body, Reply, Request
from ...core.service import Panne
from .messages import PAGES, outcome

_EX = ("MSS-08",)


def _bundle(change: Callable[[dict[str, Any]], None]) -> Any:
    """An ``after`` that changes the JSON of a successful search or read."""

    def after(service: Any, request: Request, reply: Reply) -> Reply:
        if reply.status != 200:
            return reply
        value = json.loads(reply.body.read())
        change(value)
        return replace(reply, body=Body(json.dumps(value, ensure_ascii=False).encode()))

    return after


def _instead(status: int, code: str, why: str, *headers: tuple[str, str]) -> Any:
    def before(service: Any, request: Request, now: datetime) -> Reply:
        return outcome(status, code, why, headers=headers)

    return before


def _page_perdue(service: Any, request: Request, now: datetime) -> Reply | None:
    if PAGES not in request.query:
        return None
    return outcome(410, "not-found", "Cette recherche n'est plus connue : la refaire")


def _resources(value: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in value.get("entry", ())] or [value]


def _unknown_extensions(value: dict[str, Any]) -> None:
    for resource in _resources(value):
        resource["extension"] = [{"url": "https://exemple.invalid/extension-a-venir", "valueString": "à ignorer"}]
        for point in resource.get("telecom", ()):
            point.setdefault("extension", []).append({"url": "https://exemple.invalid/autre", "valueBoolean": True})


def _ordinary_mails(value: dict[str, Any]) -> None:
    for resource in _resources(value):
        if resource.get("telecom"):
            resource["telecom"].insert(0, {"system": "email", "value": "accueil@hors-mssante.invalid", "rank": 1})
            resource["telecom"].insert(0, {"system": "phone", "value": "0100000000"})


def _outcome_entry(value: dict[str, Any]) -> None:
    issue = {"severity": "information", "code": "informational", "diagnostics": "Mise à jour de l'annuaire en cours"}
    said = {"resource": {"resourceType": "OperationOutcome", "issue": [issue]}, "search": {"mode": "outcome"}}
    value.setdefault("entry", []).insert(0, said)


def _all_inactive(value: dict[str, Any]) -> None:
    for resource in _resources(value):
        if resource.get("resourceType") in ("PractitionerRole", "Practitioner"):
            resource["active"] = False


def _without_total(value: dict[str, Any]) -> None:
    value.pop("total", None)


def _red_list(service: Any, request: Request, now: datetime) -> None:
    """The service answers by itself, while it forgets what must stay private."""
    service.etat.liste_rouge_visible = True


def _red_list_hidden(service: Any, request: Request, reply: Reply) -> Reply:
    service.etat.liste_rouge_visible = False
    return replace(reply, facts={**reply.facts, "liste_rouge": True})


PANNES = (
    Panne(
        "quota",
        "L'API répond 429 (quota d'appels dépassé) avec Retry-After.",
        _EX,
        before=_instead(429, "throttled", "Quota d'appels dépassé", ("Retry-After", "1")),
    ),
    Panne("cle-revoquee", "L'API répond 403 : la clé n'est plus valable.", _EX, before=_instead(403, "security", "Clé révoquée")),
    Panne("erreur-fhir", "L'API répond 500 avec un OperationOutcome.", _EX, before=_instead(500, "exception", "Erreur interne")),
    Panne(
        "trop-de-resultats",
        "L'API répond 412 : la recherche est trop large.",
        _EX,
        before=_instead(412, "too-costly", "Trop de résultats : préciser la recherche"),
    ),
    Panne("page-perdue", "La page suivante répond 410 : la recherche n'est plus connue.", _EX, before=_page_perdue),
    Panne(
        "extensions-inconnues",
        "Les ressources portent des extensions inconnues, à ignorer.",
        _EX,
        after=_bundle(_unknown_extensions),
    ),
    Panne(
        "courriels-ordinaires",
        "Un courriel ordinaire, hors MSSanté, précède les boîtes, au rang 1.",
        _EX,
        after=_bundle(_ordinary_mails),
    ),
    Panne("message-d-information", "Le Bundle contient aussi un OperationOutcome.", _EX, after=_bundle(_outcome_entry)),
    Panne("tous-inactifs", "Professionnels et situations d'exercice sont inactifs.", _EX, after=_bundle(_all_inactive)),
    Panne("sans-total", "Le Bundle ne dit pas combien de ressources répondent.", _EX, after=_bundle(_without_total)),
    Panne(
        "liste-rouge",
        "L'API montre des boîtes en liste rouge, que le DUI ne doit pas proposer.",
        _EX,
        before=_red_list,
        after=_red_list_hidden,
    ),
)
