"""The token endpoint: client authentication, exchange of the code, refresh with rotation."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...core.exchange import Key, Reply, Request
from ...validation.oauth import Params, basic_credentials, fingerprint, first, form
from .messages import oauth_error
from .state import CODE, Code, Session
from .tokens import token_answer

if TYPE_CHECKING:
    from .app import ProSanteConnect

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


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
    """How the client authenticated: the name of an OAuth method, ``aucune``, or ``invalide``.

    An assertion signed by a private key is accepted for what it says: no public key is registered to verify it.
    """
    basic = basic_credentials(request.header("authorization"))
    if basic is not None:
        return "client_secret_basic" if _is_client(psc, *basic) else "invalide"
    client_id, secret = first(pairs, "client_id"), first(pairs, "client_secret")
    if secret:
        return "client_secret_post" if _is_client(psc, client_id, secret) else "invalide"
    if first(pairs, "client_assertion_type") == JWT_BEARER:
        return _assertion_method(psc, first(pairs, "client_assertion"))
    if request.connection.client_der is not None:
        return "tls_client_auth" if client_id == psc.client.id else "invalide"
    return "aucune"


def _is_client(psc: ProSanteConnect, client_id: str, secret: str) -> bool:
    same = hmac.compare_digest(secret.encode("utf-8", "surrogatepass"), psc.client.secret.encode())
    return bool(psc.client.secret) and client_id == psc.client.id and same


def _assertion_method(psc: ProSanteConnect, assertion: str) -> str:
    """The method of a client assertion (RFC 7523): its claims are read; an HMAC is verified with the client's secret."""
    head, _, rest = assertion.partition(".")
    body, _, signature = rest.partition(".")
    try:
        header, claims = (json.loads(_unpadded(part)) for part in (head, body))
        given = _unpadded(signature)
    except (ValueError, binascii.Error):
        return "invalide"
    if not isinstance(header, dict) or not isinstance(claims, dict):
        return "invalide"
    audience = claims.get("aud")
    wanted = {psc.issuer, f"{psc.endpoints}/token"}
    heard = wanted & set(audience if isinstance(audience, list) else [str(audience)])
    if claims.get("iss") != psc.client.id or claims.get("sub") != psc.client.id or not heard or not given:
        return "invalide"
    if header.get("alg") == "HS256":
        expected = hmac.digest(psc.client.secret.encode(), f"{head}.{body}".encode(), "sha256")
        return "client_secret_jwt" if psc.client.secret and hmac.compare_digest(expected, given) else "invalide"
    return "private_key_jwt" if str(header.get("alg"))[:2] in ("RS", "PS", "ES") else "invalide"


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))


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
