"""What arrives at SIDOBA and what leaves: addresses, kinds and keys of requests, building of answers.

No API of SIDOBA is published: these addresses, these bodies and these statuses are ours, and every answer says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ...core.exchange import Body, Description, Key, Reply, Request
from ...validation.oauth import bearer, first, form
from ...validation.sidoba.lot import Entree, document_of, entries_of, objects, read_resource

JETON, SETMIN, SSIAD, RAMA = "/token", "/fhir/v1", "/tddui/v1", "/rama/v1/depots"
PROVISOIRE = "API de SIDOBA non publiée : contrat provisoire du banc d'essai"
FHIR = "application/fhir+json; charset=utf-8"
MARQUE = ("X-Contrat", "provisoire")

_KINDS = {("POST", JETON): "sidoba.jeton", ("POST", SETMIN): "sidoba.setmin", ("POST", SSIAD): "sidoba.ssiad"}
_SUMMARIES = {
    "sidoba.jeton": "demande de jeton à SIDOBA (provisoire)",
    "sidoba.setmin": "envoi d'un lot SetMinFHIR (provisoire)",
    "sidoba.ssiad": "envoi de documents SSIAD (provisoire)",
    "sidoba.rama": "dépôt RAMA par l'API (provisoire)",
    "sidoba.accuse": "lecture de l'accusé d'un dépôt RAMA (provisoire)",
    "sidoba.inconnu": "appel non prévu",
}
KINDS = tuple(kind for kind in _SUMMARIES if kind != "sidoba.inconnu")
_MATRICULE = re.compile(r"[12378478][0-9AB]{12}")
_INS = ("urn:oid:1.2.250.1.213.1.4.", "1.2.250.1.213.1.4.")


def kind_of(request: Request) -> str:
    """The kind of a request, from its verb and its address."""
    path = request.path.rstrip("/")
    if path == RAMA and request.method == "POST":
        return "sidoba.rama"
    if path.startswith(f"{RAMA}/") and request.method == "GET":
        return "sidoba.accuse"
    return _KINDS.get((request.method, path), "sidoba.inconnu")


def describe(request: Request) -> Description:
    """Kind, keys, secrets and summary; never raises on bad input."""
    kind = kind_of(request)
    secrets = [bearer(request)]
    keys: list[Key] = []
    if kind == "sidoba.jeton":
        secrets.append(first(form(request), "client_secret"))
    elif kind in ("sidoba.setmin", "sidoba.ssiad"):
        keys += [Key("ins", matricule) for matricule in matricules(entries_of(read_resource(request.body.read())))]
    elif kind == "sidoba.accuse":
        keys.append(Key("uid", request.path.rstrip("/").rpartition("/")[2]))
    return Description(kind, tuple(keys), tuple(s for s in secrets if s), _SUMMARIES[kind])


def matricules(entries: Sequence[Entree]) -> tuple[str, ...]:
    """The matricules (13 characters) of the usagers of a bundle: in resources, in subjects, in documents."""
    found: dict[str, None] = {}
    for entry in entries:
        for holder in (entry.resource, *objects(entry.resource.get("contained"))):
            for identifier in objects(holder.get("identifier")):
                if str(identifier.get("system", "")).startswith(_INS):
                    found |= dict.fromkeys(_MATRICULE.findall(str(identifier.get("value", "")))[:1])
        held = document_of(entry, "") if entry.type == "DocumentReference" else None
        if held is not None:
            text = held[0].data[:20_000].decode("utf-8", "replace")
            for id_ in re.findall(r"<id\b[^>]*>", text):
                if 'root="1.2.250.1.213.1.4.' in id_:
                    found |= dict.fromkeys(_MATRICULE.findall(id_.partition('extension="')[2])[:1])
    return tuple(found)


def json_reply(
    value: Any, *, status: int = 200, media: str = "application/json", facts: Mapping[str, Any] | None = None, **headers: str
) -> Reply:
    """A JSON answer, marked as provisional."""
    named = tuple((name.replace("_", "-"), text) for name, text in headers.items())
    body = Body(json.dumps(value, ensure_ascii=False).encode())
    return Reply(status, (("Content-Type", media), MARQUE, *named), body, facts={**(facts or {}), "provisoire": True})


def issue(severity: str, code: str, diagnostics: str, expression: str = "") -> dict[str, Any]:
    """One issue of an OperationOutcome."""
    row: dict[str, Any] = {"severity": severity, "code": code, "diagnostics": diagnostics}
    return row | ({"expression": [expression]} if expression else {})


def outcome(*issues: Mapping[str, Any]) -> dict[str, Any]:
    """An OperationOutcome that says what it is worth."""
    return {"resourceType": "OperationOutcome", "issue": [*issues, issue("information", "informational", PROVISOIRE)]}


def refusal(status: int, code: str, diagnostics: str, *, expression: str = "", facts: Mapping[str, Any] | None = None) -> Reply:
    """An error: a status, and why."""
    body = outcome(issue("error", code, diagnostics, expression))
    return json_reply(body, status=status, media=FHIR, facts={"refus": code, **(facts or {})})


def oauth_error(error: str, description: str, *, status: int = 400, facts: Mapping[str, Any] | None = None) -> Reply:
    """An OAuth error (RFC 6749 §5.2)."""
    return json_reply({"error": error, "error_description": description}, status=status, facts=facts)


def transaction_response(entries: Sequence[Entree], numbers: Sequence[str], *, facts: Mapping[str, Any]) -> Reply:
    """One entry an entry, each created; the last says that the contract is provisional."""
    made = [
        {
            "response": {
                "status": "201 Created",
                "location": f"{entry.type}/{number}/_history/1",
                "etag": 'W/"1"',
            }
        }
        for entry, number in zip(entries, numbers, strict=True)
    ]
    if made:
        made[-1]["response"]["outcome"] = outcome()  # type: ignore[assignment]
    bundle = {"resourceType": "Bundle", "type": "transaction-response", "entry": made}
    return json_reply(bundle, media=FHIR, facts=facts)
