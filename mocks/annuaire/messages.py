"""What arrives at the directory and what leaves: kinds of requests, their parameters, FHIR answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ...core.exchange import Body, Description, Reply, Request
from ...validation.oauth import form, parameters
from .parametres import RECHERCHES

LISTENER = "annuaire"
BASE = "/fhir/v2"
CLE = "ESANTE-API-KEY"
PAGES, RANG = "_getpages", "_getpagesoffset"
_FHIR = "application/fhir+json;charset=utf-8"
_SUMMARIES = {
    "annuaire.recherche": "recherche dans l'Annuaire Santé",
    "annuaire.recherche.page": "page suivante d'une recherche dans l'Annuaire Santé",
    "annuaire.lecture": "lecture d'une ressource de l'Annuaire Santé",
    "annuaire.metadonnees": "lecture de la déclaration de capacités de l'Annuaire Santé",
    "annuaire.inconnu": "appel non prévu",
}
Pairs = list[tuple[str, str]]


def pairs_of(request: Request) -> Pairs:
    """The search parameters: of the address, and of the form of a ``_search``."""
    return [*parameters(request.query), *(form(request) if request.method == "POST" else [])]


def parts_of(request: Request) -> list[str]:
    """The segments of the path after the base; ``["?"]`` for another base."""
    path = request.path.rstrip("/")
    if path != BASE and not path.startswith(f"{BASE}/"):
        return ["?"]
    return [part for part in path.removeprefix(BASE).split("/") if part]


def kind_of(request: Request) -> str:
    """The kind of a request, from its method and address."""
    parts, method = parts_of(request), request.method
    if not parts and any(name == PAGES for name, _ in parameters(request.query)):
        return "annuaire.recherche.page" if method == "GET" else "annuaire.inconnu"
    if parts == ["metadata"] and method == "GET":
        return "annuaire.metadonnees"
    if not parts or parts[0] not in RECHERCHES:
        return "annuaire.inconnu"
    if len(parts) == 1 and method == "GET":
        return "annuaire.recherche"
    if len(parts) == 2 and parts[1] == "_search" and method == "POST":
        return "annuaire.recherche"
    return "annuaire.lecture" if len(parts) == 2 and method == "GET" else "annuaire.inconnu"


def describe(request: Request, cle: str) -> Description:
    """Kind, secrets (the key, wherever it is) and summary; never raises on bad input."""
    kind = kind_of(request)
    shown = [request.header(CLE), *(value for name, value in parameters(request.query) if value == cle or "key" in name.lower())]
    return Description(kind, secrets=tuple(dict.fromkeys(v for v in shown if v)), summary=_SUMMARIES[kind])


def fhir_reply(
    value: Mapping[str, Any],
    *,
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = (),
    facts: Mapping[str, Any] | None = None,
) -> Reply:
    """A FHIR JSON answer."""
    body = Body(json.dumps(value, ensure_ascii=False).encode())
    return Reply(status, (("Content-Type", _FHIR), *headers), body, facts=facts or {})


def outcome(
    status: int,
    code: str,
    diagnostics: str,
    *,
    headers: tuple[tuple[str, str], ...] = (),
    facts: Mapping[str, Any] | None = None,
) -> Reply:
    """A refusal: an OperationOutcome; ``code`` is an IssueType."""
    issue = {"severity": "error", "code": code, "diagnostics": diagnostics}
    said = {"resourceType": "OperationOutcome", "issue": [issue]}
    return fhir_reply(said, status=status, headers=headers, facts={"refus": code, **(facts or {})})
