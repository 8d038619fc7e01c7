"""The token endpoint: exchange of the code, refresh, CIBA polls."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ...core.exchange import Key, Reply, Request
from ...validation.oauth import Params, fingerprint, first, form
from .client import authenticate, certificate_fact, refused, thumbprint
from .messages import oauth_error
from .provider import Provider
from .state import CODE, Code, Session
from .tokens import given_back, token_answer

Facts = dict[str, Any]
Grant = Callable[[Provider, Params, Facts, datetime], Reply]


def token(provider: Provider, request: Request, now: datetime, *, others: dict[str, Grant] | None = None) -> Reply:
    """Answer the token endpoint. ``others`` gives the grants that this provider serves beside the two usual ones."""
    if request.method != "POST":
        return oauth_error("invalid_request", "la méthode POST est attendue", status=405)
    pairs = form(request)
    proof = authenticate(provider, request, pairs, now)
    facts: Facts = {"client_auth": proof.method, "certificat": certificate_fact(provider, request)}
    if proof.method == "tls_client_auth" and request.connection.client_der is not None:
        facts["lie_a"] = thumbprint(request.connection.client_der)
    asked = first(pairs, "grant_type")
    grants: dict[str, Grant] = {"authorization_code": _code_grant, "refresh_token": _refresh_grant, **(others or {})}
    observe = {"authorization_code": _observe_code, "refresh_token": _observe_refresh}.get(asked)
    if observe is not None:
        observe(provider, pairs, facts, now)
    if not proof.accepted:
        return refused(proof, facts)
    if not asked:
        return oauth_error("invalid_request", "grant_type absent", facts=facts)
    if asked not in grants:
        return oauth_error("unsupported_grant_type", f"sont servis : {', '.join(grants)}", facts=facts)
    return grants[asked](provider, pairs, facts, now)


def give(provider: Provider, session: Session, facts: Facts, now: datetime, *, previous: str = "") -> Reply:
    """Give the tokens of a session, with what was noted on the way."""
    made = token_answer(provider, session, now, bound=facts.pop("lie_a", ""), previous=previous)
    noted = facts | dict(made.facts) | {"persona": session.persona, "session": fingerprint(session.id)}
    keys = (*made.keys, Key("session", session.id))
    return Reply(headers=made.headers, body=made.body, facts=noted, keys=keys, secrets=made.secrets)


def _observe_code(provider: Provider, pairs: Params, facts: Facts, now: datetime) -> None:
    found = provider.store.codes.get(fingerprint(first(pairs, "code")))
    facts["code_etat"] = _code_state(found, now)
    if found is None:
        return
    facts["demande"] = {"redirect_uri": found.demand.redirect_uri, "pkce": bool(found.demand.challenge)}
    facts["pkce"] = _pkce(found, first(pairs, "code_verifier"))


def _observe_refresh(provider: Provider, pairs: Params, facts: Facts, now: datetime) -> None:
    facts["jeton_etat"] = provider.store.token_state(first(pairs, "refresh_token"), now, "rafraichissement")


def _code_grant(provider: Provider, pairs: Params, facts: Facts, now: datetime) -> Reply:
    found = provider.store.codes.get(fingerprint(first(pairs, "code")))
    if found is not None and facts["code_etat"] == "deja-utilise":
        for token_given in found.gave:
            token_given.revoked = True
    if found is None or facts["code_etat"] != "valide":
        return oauth_error("invalid_grant", "code inconnu, expiré ou déjà utilisé", facts=facts)
    found.used = True
    if first(pairs, "redirect_uri") != found.demand.redirect_uri:
        return oauth_error("invalid_grant", "redirect_uri différent de celui de la demande d'autorisation", facts=facts)
    if facts["pkce"] == "ko":
        return oauth_error("invalid_grant", "code_verifier absent ou faux", facts=facts)
    if not found.session.alive(now):
        return oauth_error("invalid_grant", "session terminée", facts=facts)
    found.session.nonce = found.demand.nonce
    reply = give(provider, found.session, facts, now)
    found.gave.extend(given_back(provider, reply))
    return reply


def _code_state(found: Code | None, now: datetime) -> str:
    if found is None:
        return "inconnu"
    if found.used:
        return "deja-utilise"
    return "expire" if now - found.issued > CODE else "valide"


def _pkce(code: Code, verifier: str) -> str:
    """``absent`` when the demand had no challenge, else ``ok`` or ``ko``."""
    if not code.demand.challenge:
        return "absent"
    raw = verifier.encode("utf-8", "surrogatepass")
    digest = base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).rstrip(b"=")
    given = digest if code.demand.challenge_method == "S256" else raw
    return "ok" if verifier and hmac.compare_digest(given, code.demand.challenge.encode("utf-8", "surrogatepass")) else "ko"


def _refresh_grant(provider: Provider, pairs: Params, facts: Facts, now: datetime) -> Reply:
    presented = first(pairs, "refresh_token")
    found = provider.store.token(presented)
    if found is None or facts["jeton_etat"] != "valide" or not found.session.alive(now):
        return oauth_error("invalid_grant", "jeton de rafraîchissement inconnu, expiré ou révoqué", facts=facts)
    found.session.seen = now
    if not provider.rotates:
        return give(provider, found.session, facts, now, previous=presented)
    found.revoked = True
    return give(provider, found.session, facts, now)
