"""The authorization endpoint: the demand, the page of personas, and the return to the client in each response mode."""

from __future__ import annotations

import html
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from ...core.exchange import Key, Reply, Request
from ...fixtures.professionals import professionals
from ...validation.oauth import Params, fingerprint, first
from .login_page import login_page
from .messages import all_parameters, cookie, encoded, error_page, page, redirect, with_headers, with_keys
from .provider import Provider
from .pushed import REQUEST_URI, taken
from .state import Demand, Returned, Session, remember

MODES = ("query", "fragment", "form_post")


def authorize(provider: Provider, request: Request, now: datetime) -> Reply:
    """Answer an authorization request: straight back when the persona is known, else the page that asks."""
    front = all_parameters(request)
    pushed = taken(provider, first(front, "request_uri"), now)
    if pushed is None:
        hint = "Le request_uri doit être celui que l'envoi préalable (PAR) a donné, employé une fois et aussitôt."
        return error_page("Demande préalable inconnue ou expirée.", hint, facts={"issue": "page-erreur", "erreur": "request-uri"})
    pairs = front
    if pushed:
        mine = (("client_id", first(front, "client_id")),)
        pairs = mine + tuple(pair for pair in pushed if pair[0] != "client_id")
    reply = _authorize(provider, request, pairs, now)
    return with_facts(reply, pousse=[list(pair) for pair in pushed]) if pushed else reply


def _authorize(provider: Provider, request: Request, pairs: Params, now: datetime) -> Reply:
    refused = _refuse_in_page(provider, pairs)
    if refused is not None:
        return refused
    demand = demand_of(pairs)
    error = _protocol_error(provider, pairs)
    if error:
        return send_back_error(provider, demand, error)
    persona = provider.store.options.persona
    if persona:
        return send_back(provider, demand, provider.store.open_session(persona, now), now)
    session = provider.store.sessions.get(cookie(request, provider.cookie))
    prompt = first(pairs, "prompt").split()
    if session is not None and session.alive(now) and not {"login", "select_account"} & set(prompt):
        return send_back(provider, demand, session, now)
    if "none" in prompt:
        return send_back_error(provider, demand, "login_required")
    handle = provider.store.opaque(now, "demande")
    remember(provider.store.pending, handle, demand)
    return login_page(provider, handle, "")


def choose(provider: Provider, request: Request, now: datetime) -> Reply:
    """The page searched again, then the persona chosen on it (or the refusal)."""
    pairs = all_parameters(request)
    handle = first(pairs, "demande")
    demand = provider.store.pending.get(handle)
    if demand is None:
        return error_page(
            "Cette page a expiré.", "Reprenez la connexion depuis le logiciel.", facts={"erreur": "demande-inconnue"}
        )
    if request.method != "POST":
        return login_page(provider, handle, first(pairs, "recherche"))
    del provider.store.pending[handle]
    persona = first(pairs, "identite")
    if persona not in professionals():
        return send_back_error(provider, demand, "access_denied")
    return send_back(provider, demand, provider.store.open_session(persona, now), now)


def demand_of(pairs: Params) -> Demand:
    """What is asked."""
    mode = first(pairs, "response_mode")
    return Demand(
        redirect_uri=first(pairs, "redirect_uri"),
        state=first(pairs, "state"),
        nonce=first(pairs, "nonce"),
        scope=first(pairs, "scope"),
        challenge=first(pairs, "code_challenge"),
        challenge_method=first(pairs, "code_challenge_method") or "plain",
        response_mode=mode if mode in MODES else "query",
    )


def send_back(provider: Provider, demand: Demand, session: Session, now: datetime) -> Reply:
    """Return to the client with a code; the browser keeps its session by a cookie."""
    session.seen, session.nonce, session.scope = now, demand.nonce, demand.scope
    code = provider.store.issue_code(session, demand, now)
    parameters = {"state": demand.state, "session_state": session.id, "iss": provider.issuer, "code": code}
    provider.store.returned = Returned(demand, parameters)
    facts = {"issue": "code", "persona": session.persona, "code": fingerprint(code), "mode": demand.response_mode}
    reply = with_facts(returning(demand, parameters), **facts)
    attributes = f"Path={provider.login.rpartition('/')[0] or '/'}; Secure; HttpOnly; SameSite=Lax"
    reply = with_headers(reply, ("Set-Cookie", f"{provider.cookie}={session.id}; {attributes}"))
    keys = (Key("code", code), Key("ps", session.person_key), Key("session", session.id))
    return with_keys(reply, *keys, secrets=(code, session.id))


def send_back_error(provider: Provider, demand: Demand, error: str) -> Reply:
    """Return to the client with an error (OpenID Connect Core §3.1.2.6)."""
    parameters = {"error": error, "state": demand.state, "iss": provider.issuer}
    return with_facts(returning(demand, parameters), issue="erreur", erreur=error)


def returning(demand: Demand, parameters: Mapping[str, str]) -> Reply:
    """The return itself: a redirection by query or fragment, or a form that the browser posts."""
    kept = {name: value for name, value in parameters.items() if value}
    if demand.response_mode == "form_post":
        fields = "".join(f'<input type="hidden" name="{n}" value="{html.escape(v)}">' for n, v in kept.items())
        action = html.escape(demand.redirect_uri)
        button = '<button type="submit" class="bouton">Revenir au logiciel</button>'
        return page("Connexion acceptée", f'<form method="post" action="{action}">{fields}{button}</form>')
    if demand.response_mode == "fragment":
        address = urlunsplit(urlsplit(demand.redirect_uri)._replace(fragment=encoded(kept)))
        return Reply(status=302, headers=(("Location", address), ("Cache-Control", "no-store")))
    return redirect(demand.redirect_uri, kept, facts={})


def with_facts(reply: Reply, **facts: object) -> Reply:
    """The same reply with more facts."""
    return Reply(reply.status, reply.headers, reply.body, reply.delivery, {**reply.facts, **facts}, reply.keys, reply.secrets)


def _refuse_in_page(provider: Provider, pairs: Params) -> Reply | None:
    """Faults for which the browser must never be sent to the address that was asked."""
    if first(pairs, "client_id") != provider.client.id:
        hint = f"Vérifiez client_id : il doit être celui que « dui.toml » déclare dans [{provider.nom}]."
        return error_page("Client inconnu du simulateur.", hint, facts={"issue": "page-erreur", "erreur": "client-inconnu"})
    if first(pairs, "redirect_uri") not in provider.client.redirect_uris:
        hint = (
            "Le redirect_uri doit être, caractère pour caractère, une des adresses déclarées dans "
            f"[{provider.nom}] redirect_uris : {', '.join(provider.client.redirect_uris)}."
        )
        return error_page("Adresse de retour non enregistrée.", hint, facts={"issue": "page-erreur", "erreur": "redirect-uri"})
    return None


def _protocol_error(provider: Provider, pairs: Params) -> str:
    if first(pairs, "response_type") != "code":
        return "unsupported_response_type"
    for name, error in (("request", "request_not_supported"), ("registration", "registration_not_supported")):
        if first(pairs, name):
            return error
    if first(pairs, "request_uri").partition(REQUEST_URI)[1] == "" and first(pairs, "request_uri"):
        return "request_uri_not_supported"
    if first(pairs, "response_mode") not in ("", *MODES):
        return "invalid_request"
    if first(pairs, "code_challenge_method") not in ("", "plain", "S256"):
        return "invalid_request"
    return provider_error(provider, pairs) if provider.strict else ""


def provider_error(provider: Provider, pairs: Params) -> str:
    """What a strict service refuses and the default only lets checks report."""
    wanted = {"openid", "scope_all"} if provider.nom == "psc" else {"openid"}
    level = first(pairs, "acr_values") == "eidas1" or provider.nom != "psc"
    if not level or not first(pairs, "state") or not first(pairs, "nonce"):
        return "invalid_request"
    return "" if wanted <= set(first(pairs, "scope").split()) else "invalid_scope"
