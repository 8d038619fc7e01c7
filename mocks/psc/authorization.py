"""The wallet host: authorization request, page of personas, and the return to the client."""

from __future__ import annotations

import html
from datetime import datetime
from typing import TYPE_CHECKING

from ...core.exchange import Key, Reply, Request
from ...fixtures.professionals import professionals
from ...validation.oauth import Params, first
from .messages import COOKIE, LOGIN, all_parameters, cookie, error_page, page, redirect, with_headers
from .state import Demand, Session, remember

if TYPE_CHECKING:
    from .app import ProSanteConnect

SANS_RPPS = "sans-rpps"


def authorize(psc: ProSanteConnect, request: Request, now: datetime) -> Reply:
    """Answer an authorization request: straight back when the persona is known, else the page that asks."""
    pairs = all_parameters(request)
    refused = _refuse_in_page(psc, pairs)
    if refused is not None:
        return refused
    demand = Demand(
        redirect_uri=first(pairs, "redirect_uri"),
        state=first(pairs, "state"),
        nonce=first(pairs, "nonce"),
        scope=first(pairs, "scope"),
        challenge=first(pairs, "code_challenge"),
        challenge_method=first(pairs, "code_challenge_method") or "plain",
    )
    error = _protocol_error(psc, pairs)
    if error:
        return send_back_error(psc, demand, error)
    persona = psc.store.options.persona
    if persona:
        return send_back(psc, demand, psc.store.open_session(persona, now), now)
    session = psc.store.sessions.get(cookie(request))
    if session is not None and session.alive(now) and first(pairs, "prompt") != "login":
        return send_back(psc, demand, session, now)
    if first(pairs, "prompt") == "none":
        return send_back_error(psc, demand, "login_required")
    return _ask(psc, demand, now)


def choose(psc: ProSanteConnect, request: Request, now: datetime) -> Reply:
    """The persona chosen on the page (or the refusal)."""
    pairs = all_parameters(request)
    demand = psc.store.pending.pop(first(pairs, "demande"), None)
    if request.method != "POST" or demand is None:
        return error_page(
            "Cette page a expiré.", "Reprenez la connexion depuis le logiciel.", facts={"erreur": "demande-inconnue"}
        )
    persona = first(pairs, "identite")
    if persona not in professionals():
        return send_back_error(psc, demand, "access_denied")
    return send_back(psc, demand, psc.store.open_session(persona, now), now)


def send_back(psc: ProSanteConnect, demand: Demand, session: Session, now: datetime) -> Reply:
    """Return to the client with a code; the browser keeps its session by a cookie."""
    session.seen, session.nonce, session.scope = now, demand.nonce, demand.scope
    code = psc.store.issue_code(session, demand, now)
    facts = {"issue": "code", "persona": session.persona}
    parameters = {"state": demand.state, "session_state": session.id, "iss": psc.issuer, "code": code}
    reply = redirect(demand.redirect_uri, parameters, facts=facts)
    attributes = "Path=/auth; Secure; HttpOnly; SameSite=Lax"
    made = with_headers(reply, ("Set-Cookie", f"{COOKIE}={session.id}; {attributes}"))
    keys = (Key("code", code), Key("ps", session.person_key), Key("session", session.id))
    return Reply(status=made.status, headers=made.headers, facts=facts, keys=keys, secrets=(code, session.id))


def send_back_error(psc: ProSanteConnect, demand: Demand, error: str) -> Reply:
    """Return to the client with an error (OpenID Connect Core §3.1.2.6)."""
    parameters = {"error": error, "state": demand.state, "iss": psc.issuer}
    return redirect(demand.redirect_uri, parameters, facts={"issue": "erreur", "erreur": error})


def _refuse_in_page(psc: ProSanteConnect, pairs: Params) -> Reply | None:
    """Faults for which the browser must never be sent to the address that was asked."""
    if first(pairs, "client_id") != psc.client.id:
        hint = "Vérifiez client_id : il doit être celui que « dui.toml » déclare dans [psc]."
        return error_page("Client inconnu du simulateur.", hint, facts={"issue": "page-erreur", "erreur": "client-inconnu"})
    if first(pairs, "redirect_uri") not in psc.client.redirect_uris:
        hint = "Le redirect_uri doit être, caractère pour caractère, une des adresses déclarées dans [psc] redirect_uris."
        return error_page("Adresse de retour non enregistrée.", hint, facts={"issue": "page-erreur", "erreur": "redirect-uri"})
    return None


def _protocol_error(psc: ProSanteConnect, pairs: Params) -> str:
    if first(pairs, "response_type") != "code":
        return "unsupported_response_type"
    if not psc.strict:
        return ""
    if first(pairs, "acr_values") != "eidas1" or not first(pairs, "state") or not first(pairs, "nonce"):
        return "invalid_request"
    return "" if {"openid", "scope_all"} <= set(first(pairs, "scope").split()) else "invalid_scope"


def _ask(psc: ProSanteConnect, demand: Demand, now: datetime) -> Reply:
    handle = psc.store.opaque(now, "demande")
    remember(psc.store.pending, handle, demand)
    rows = []
    for person in professionals().values():
        number = person.id_nat or "sans numéro RPPS"
        details = " – ".join(part for part in (person.profession_libelle, person.savoir_faire_libelle, number) if part)
        name = f"{html.escape(person.prenom)} {html.escape(person.nom)}"
        rows.append(
            f'<li><button type="submit" name="identite" value="{html.escape(person.id)}">'
            f"<strong>{name}</strong><small>{html.escape(details)}</small></button></li>"
        )
    content = (
        "<p>Choisissez le professionnel fictif qui se connecte.</p>"
        f'<form method="post" action="{LOGIN}"><input type="hidden" name="demande" value="{handle}">'
        f"<ul>{''.join(rows)}</ul>"
        '<p class="refus"><button type="submit" name="identite" value="">Refuser la connexion</button></p></form>'
    )
    reply = page("Qui se connecte\u00a0?", content, facts={"issue": "page"})
    return Reply(headers=reply.headers, body=reply.body, facts=reply.facts, keys=(Key("state", handle),))
