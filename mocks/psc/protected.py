"""What is done with a token: userinfo in its three forms, introspection, revocation, end of session."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ...core.exchange import Body, Key, Reply, Request
from ...validation.oauth import bearer, fingerprint, first, form
from .client import authenticate, certificate_fact, refused, thumbprint
from .keys import encrypted
from .messages import all_parameters, bearer_error, error_page, json_reply, oauth_error, page, redirect, with_keys
from .provider import Provider
from .state import Issued, Session, TokenKind

REVOCABLE: tuple[TokenKind, ...] = ("acces", "rafraichissement")


def userinfo(provider: Provider, request: Request, now: datetime) -> Reply:
    """Who the professional is: JSON, a signed JWT, or that JWT encrypted to the client, as ordered."""
    presented = bearer(request) or first(all_parameters(request), "access_token")
    state, found = provider.store.token_state(presented, now, "acces"), provider.store.token(presented)
    wanted = provider.store.options.userinfo
    facts: dict[str, Any] = {"jeton_etat": state, "jeton": fingerprint(presented) if presented else ""}
    facts["certificat"] = certificate_fact(provider, request)
    if found is None or state != "valide" or not found.session.alive(now):
        return bearer_error("jeton absent, inconnu, expiré ou révoqué", facts)
    if found.bound and not _holds(request, found):
        return bearer_error("jeton lié à un autre certificat client", {**facts, "lie": "autre-certificat"})
    session = found.session
    session.seen = now
    facts |= {"persona": session.persona, "session": fingerprint(session.id), "format": wanted}
    claims = provider.userinfo_claims(session)
    key = Key("ps", session.person_key)
    if wanted == "json":
        return with_keys(json_reply(claims, facts=facts), key)
    return with_keys(as_jwt(provider, claims, facts, wanted, now), key)


def as_jwt(provider: Provider, claims: dict[str, Any], facts: dict[str, Any], form_of: str, now: datetime) -> Reply:
    """A userinfo answer made of a signed JWT, encrypted when ``form_of`` is ``jwe``."""
    added = {"iss": provider.issuer, "aud": provider.client.id, **dates(now)}
    return jwt_reply(provider, provider.keys.sign(claims | added), facts, form_of)


def jwt_reply(provider: Provider, signed: str, facts: dict[str, Any], form_of: str) -> Reply:
    """The answer that carries a JWT already signed."""
    text = encrypted(signed, provider.client.keys.encryption) if form_of == "jwe" else signed
    reply = json_reply({}, facts=facts, media="application/jwt")
    return with_keys(replace(reply, body=Body(text.encode())), secrets=tuple(dict.fromkeys((text, signed))))


def dates(now: datetime) -> dict[str, int]:
    """Made now, good for two minutes."""
    return {"iat": int(now.timestamp()), "exp": int((now + timedelta(minutes=2)).timestamp())}


def _presented(provider: Provider, request: Request, now: datetime) -> tuple[Issued | None, dict[str, Any]] | Reply:
    """The token that an authenticated client presents (None: an unknown one) with the facts of the call, or the refusal."""
    proof = authenticate(provider, request, form(request), now)
    facts: dict[str, Any] = {"client_auth": proof.method, "certificat": certificate_fact(provider, request)}
    if not proof.accepted:
        return refused(proof, facts)
    value = first(form(request), "token")
    if not value:
        return oauth_error("invalid_request", "token absent", facts=facts)
    facts["jeton_etat"] = provider.store.token_state(value, now, *REVOCABLE)
    return provider.store.token(value), facts


def introspect(provider: Provider, request: Request, now: datetime) -> Reply:
    """The state of a token (RFC 7662). ``SubjectNameID`` is told for an access token only."""
    presented = _presented(provider, request, now)
    if isinstance(presented, Reply):
        return presented
    found, facts = presented
    if found is None or facts["jeton_etat"] != "valide" or not found.session.alive(now):
        return json_reply({"active": False}, facts=facts)
    claims = dict(found.claims) | {"active": True, "client_id": provider.client.id, "username": found.session.id_nat}
    if found.kind == "acces":
        claims["SubjectNameID"] = found.session.id_nat
    return json_reply(claims, facts={**facts, "persona": found.session.persona})


def revoke(provider: Provider, request: Request, now: datetime) -> Reply:
    """Revoke a token (RFC 7009): 200 also for one that is not known."""
    presented = _presented(provider, request, now)
    if isinstance(presented, Reply):
        return presented
    found, facts = presented
    if found is not None:
        found.revoked = True
    return Reply(facts=facts)


def logout(provider: Provider, request: Request) -> Reply:
    """The end of session, by the browser or by the server of the DUI (id_token_hint alone)."""
    pairs = all_parameters(request)
    hint, target = first(pairs, "id_token_hint"), first(pairs, "post_logout_redirect_uri")
    session = _hinted(provider, hint)
    facts: dict[str, Any] = {
        "hint": "absent" if not hint else "valide" if session is not None else "invalide",
        "retour": _target(provider, target),
        "certificat": certificate_fact(provider, request),
    }
    if session is None:
        return error_page("Session à fermer inconnue.", "Le paramètre id_token_hint doit porter l'id_token reçu.", facts=facts)
    facts |= {"persona": session.persona, "session": fingerprint(session.id)}
    session.ended = True
    if facts["retour"] == "inconnu":
        hint_text = f"Voir [{provider.nom}] post_logout_redirect_uris : {', '.join(provider.client.post_logout_redirect_uris)}."
        return error_page("Adresse de retour non enregistrée.", hint_text, facts=facts)
    if not target:
        text = f"<p>La session simulée de {provider.titre} est fermée.</p>"
        return page("Vous êtes déconnecté", text, facts=facts, title=provider.titre)
    return redirect(target, {"state": first(pairs, "state")}, facts=facts)


def _holds(request: Request, token: Issued) -> bool:
    der = request.connection.client_der
    return der is not None and thumbprint(der) == token.bound


def _hinted(provider: Provider, hint: str) -> Session | None:
    """The session of an id_token of ours, even expired."""
    claims = provider.keys.verify(hint) if hint else None
    if claims is None or claims.get("typ") != "ID":
        return None
    return provider.store.sessions.get(str(claims.get("sid", "")))


def _target(provider: Provider, target: str) -> str:
    if not target:
        return "absent"
    return "enregistre" if target in provider.client.post_logout_redirect_uris else "inconnu"
