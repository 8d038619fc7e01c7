"""The token endpoint: client authentication, exchange of the code, refresh with rotation."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...core.exchange import Key, Reply, Request
from ...validation.oauth import Params, basic_credentials, fingerprint, first, form
from .messages import oauth_error
from .state import CODE, Code, Session
from .tokens import token_answer

if TYPE_CHECKING:
    from .app import ProSanteConnect


def token(psc: ProSanteConnect, request: Request, now: datetime) -> Reply:
    """Answer the token endpoint."""
    if request.method != "POST":
        return oauth_error("invalid_request", "la méthode POST est attendue", status=405)
    pairs = form(request)
    method = client_method(psc, request, pairs)
    facts: dict[str, Any] = {"client_auth": method}
    grant = first(pairs, "grant_type")
    if grant == "authorization_code":
        return _code_grant(psc, pairs, facts, now)
    if grant == "refresh_token":
        return _refresh_grant(psc, pairs, facts, now)
    if method in ("aucune", "invalide"):
        return _unauthenticated(facts)
    return oauth_error("unsupported_grant_type", "seuls authorization_code et refresh_token sont servis", facts=facts)


def client_method(psc: ProSanteConnect, request: Request, pairs: Params) -> str:
    """How the client authenticated: the name of an OAuth method, ``aucune``, or ``invalide``."""
    basic = basic_credentials(request.header("authorization"))
    if basic is not None:
        return "client_secret_basic" if _is_client(psc, *basic) else "invalide"
    client_id, secret = first(pairs, "client_id"), first(pairs, "client_secret")
    if secret:
        return "client_secret_post" if _is_client(psc, client_id, secret) else "invalide"
    if request.connection.client_der is not None:
        return "tls_client_auth" if client_id == psc.client.id else "invalide"
    return "aucune"


def _is_client(psc: ProSanteConnect, client_id: str, secret: str) -> bool:
    same = hmac.compare_digest(secret.encode("utf-8", "surrogatepass"), psc.client.secret.encode())
    return bool(psc.client.secret) and client_id == psc.client.id and same


def _unauthenticated(facts: dict[str, Any]) -> Reply:
    return oauth_error("invalid_client", "authentification du client absente ou fausse", status=401, facts=facts)


def _code_grant(psc: ProSanteConnect, pairs: Params, facts: dict[str, Any], now: datetime) -> Reply:
    found = psc.store.codes.get(fingerprint(first(pairs, "code")))
    facts["code_etat"] = _code_state(found, now)
    if found is not None:
        facts["demande"] = {"redirect_uri": found.demand.redirect_uri, "pkce": bool(found.demand.challenge)}
        facts["pkce"] = _pkce(found, first(pairs, "code_verifier"))
    if facts["client_auth"] in ("aucune", "invalide"):
        return _unauthenticated(facts)
    if found is None or facts["code_etat"] != "valide":
        return oauth_error("invalid_grant", "code inconnu, expiré ou déjà utilisé", facts=facts)
    found.used = True
    if first(pairs, "redirect_uri") != found.demand.redirect_uri:
        return oauth_error("invalid_grant", "redirect_uri différent de celui de la demande d'autorisation", facts=facts)
    if facts["pkce"] == "ko":
        return oauth_error("invalid_grant", "code_verifier absent ou faux", facts=facts)
    return _answer(psc, found.session, facts, now)


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
    expected = code.demand.challenge
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("utf-8", "surrogatepass")).digest()).rstrip(b"=").decode()
    given = digest if code.demand.challenge_method == "S256" else verifier
    return "ok" if verifier and given == expected else "ko"


def _refresh_grant(psc: ProSanteConnect, pairs: Params, facts: dict[str, Any], now: datetime) -> Reply:
    presented = first(pairs, "refresh_token")
    found = psc.store.token(presented)
    facts["jeton_etat"] = psc.store.token_state(presented, now, "rafraichissement")
    if facts["client_auth"] in ("aucune", "invalide"):
        return _unauthenticated(facts)
    if found is None or facts["jeton_etat"] != "valide" or not found.session.alive(now):
        return oauth_error("invalid_grant", "jeton de rafraîchissement inconnu, expiré ou révoqué", facts=facts)
    found.revoked = True
    found.session.seen = now
    return _answer(psc, found.session, facts, now)


def _answer(psc: ProSanteConnect, session: Session, facts: dict[str, Any], now: datetime) -> Reply:
    made = token_answer(psc.keys, psc.store, psc.client, psc.issuer, session, now)
    noted = facts | dict(made.facts) | {"persona": session.persona, "session": fingerprint(session.id)}
    keys = (*made.keys, Key("session", session.id))
    return Reply(headers=made.headers, body=made.body, facts=noted, keys=keys, secrets=made.secrets)
