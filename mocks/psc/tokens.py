"""The answer that carries tokens, for any provider; and what the tokens of Pro Santé Connect say."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ...core.exchange import Key, Reply
from ...validation.oauth import fingerprint
from .messages import json_reply
from .provider import Provider
from .state import Issued, Session

SCOPE = "openid profile scope_all identity"


def token_answer(provider: Provider, session: Session, now: datetime, *, bound: str = "", previous: str = "") -> Reply:
    """A full token answer for a session; every token is remembered, keyed and masked.

    ``bound`` binds the access token to a client certificate. ``previous`` is the refresh token given back unchanged by a
    provider that does not rotate them.
    """
    limits = provider.store.limits
    access_end = now + limits.access
    refresh_end = min(now + limits.refresh, session.started + limits.session)
    access, said = provider.access_token(session, now, access_end, bound)
    provider.store.keep_token(access, Issued("acces", session, access_end, said, bound))
    refresh = previous
    if not refresh:
        refresh, told = provider.refresh_token(session, now, refresh_end)
        provider.store.keep_token(refresh, Issued("rafraichissement", session, refresh_end, told))
    claims = provider.identity_claims(session, now)
    identity = provider.keys.sign(claims)
    provider.store.keep_token(identity, Issued("identite", session, access_end, claims))
    reply = json_reply(
        {
            "access_token": access,
            "expires_in": int(limits.access.total_seconds()),
            "refresh_expires_in": int((refresh_end - now).total_seconds()),
            "refresh_token": refresh,
            "token_type": "Bearer",
            "id_token": identity,
            "not-before-policy": 0,
            "session_state": session.id,
            "scope": provider.scope,
        }
    )
    facts: dict[str, Any] = {"jeton": fingerprint(access), "acr": session.acr, "kid": provider.keys.kid}
    facts |= {"expire_a": access_end.isoformat(), "lie": bool(bound)}
    minted = (access, refresh, identity)
    return Reply(
        headers=reply.headers,
        body=reply.body,
        facts=facts,
        keys=(Key("ps", session.person_key), *(Key("jeton", token) for token in minted)),
        secrets=minted,
    )


def given_back(provider: Provider, reply: Reply) -> list[Issued]:
    """The tokens of an answer just made, as they are remembered."""
    found = (provider.store.token(minted) for minted in reply.secrets)
    return [token for token in found if token is not None]


def common_claims(provider: Provider, session: Session, now: datetime, ends: datetime) -> dict[str, Any]:
    """What every token says."""
    return {
        "exp": int(ends.timestamp()),
        "iat": int(now.timestamp()),
        "auth_time": int(session.started.timestamp()),
        "jti": provider.store.opaque(now, "jti")[:32],
        "iss": provider.issuer,
        "sub": session.sub,
        "session_state": session.id,
        "sid": session.id,
    }


def psc_identity(provider: Provider, session: Session, now: datetime) -> dict[str, Any]:
    """The claims of an id_token of Pro Santé Connect."""
    claims = common_claims(provider, session, now, now + provider.store.limits.access) | _authentication(session)
    claims |= {
        "typ": "ID",
        "aud": provider.client.id,
        "azp": provider.client.id,
        "SubjectNameID": session.id_nat,
        "preferred_username": session.id_nat,
    }
    return claims | ({"nonce": session.nonce} if session.nonce else {})


def psc_access(provider: Provider, session: Session, now: datetime, ends: datetime, bound: str) -> dict[str, Any]:
    """The claims of its access token."""
    origin = "RPPS" if session.id_nat.startswith("8") else "EDIT"
    claims = common_claims(provider, session, now, ends) | _authentication(session)
    claims |= {
        "typ": "Bearer",
        "azp": provider.client.id,
        "scope": SCOPE,
        "otherIds": [{"identifiant": session.id_nat, "origine": origin, "qualite": 1}],
        "SubjectNameID": session.id_nat,
        "preferred_username": session.id_nat,
    }
    claims |= {"cnf": {"x5t#S256": bound}} if bound else {}
    return claims | ({"nonce": session.nonce} if session.nonce else {})


def psc_refresh(provider: Provider, session: Session, now: datetime, ends: datetime) -> dict[str, Any]:
    """The claims of its refresh token, which only the issuer reads."""
    return common_claims(provider, session, now, ends) | {"typ": "Refresh", "aud": provider.issuer, "azp": provider.client.id}


def _authentication(session: Session) -> dict[str, Any]:
    claims = {"acr": session.acr, "authMode": session.mode}
    return {name: value for name, value in claims.items() if session.acr or name != "acr"}
