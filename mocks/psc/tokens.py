"""The tokens: claims of id, access and refresh tokens, and the answer that carries them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ...core.exchange import Key, Reply
from ...validation.oauth import fingerprint
from .keys import KeyRing
from .messages import json_reply
from .state import ACCESS, REFRESH, SESSION_MAX, Client, Issued, Session, Store

SCOPE = "openid profile scope_all identity"


def token_answer(keys: KeyRing, store: Store, client: Client, issuer: str, session: Session, now: datetime) -> Reply:
    """A full token answer for a session; every token is remembered, keyed and masked."""
    access_end = now + ACCESS
    refresh_end = min(now + REFRESH, session.started + SESSION_MAX)
    access = keys.sign(_access(store, client, issuer, session, now))
    refresh = keys.sign(_refresh(store, client, issuer, session, now, refresh_end))
    identity = keys.sign(_identity(store, client, issuer, session, now))
    store.keep_token(access, Issued("acces", session, access_end))
    store.keep_token(refresh, Issued("rafraichissement", session, refresh_end))
    store.keep_token(identity, Issued("identite", session, access_end))
    reply = json_reply(
        {
            "access_token": access,
            "expires_in": int(ACCESS.total_seconds()),
            "refresh_expires_in": int((refresh_end - now).total_seconds()),
            "refresh_token": refresh,
            "token_type": "Bearer",
            "id_token": identity,
            "not-before-policy": 0,
            "session_state": session.id,
            "scope": SCOPE,
        }
    )
    facts = {"jeton": fingerprint(access), "acr": session.acr, "kid": keys.kid, "expire_a": access_end.isoformat()}
    minted = (access, refresh, identity)
    return Reply(
        headers=reply.headers,
        body=reply.body,
        facts=facts,
        keys=(Key("ps", session.person_key), *(Key("jeton", token) for token in minted)),
        secrets=minted,
    )


def _common(store: Store, issuer: str, session: Session, now: datetime, ends: datetime) -> dict[str, Any]:
    return {
        "exp": int(ends.timestamp()),
        "iat": int(now.timestamp()),
        "auth_time": int(session.started.timestamp()),
        "jti": store.opaque(now, "jti")[:32],
        "iss": issuer,
        "sub": session.sub,
        "session_state": session.id,
        "sid": session.id,
    }


def _authentication(session: Session) -> dict[str, Any]:
    claims = {"acr": session.acr, "authMode": "MOBILE" if session.acr == "eidas1" else "CARD"}
    return {name: value for name, value in claims.items() if session.acr or name != "acr"}


def _identity(store: Store, client: Client, issuer: str, session: Session, now: datetime) -> dict[str, Any]:
    claims = _common(store, issuer, session, now, now + ACCESS) | _authentication(session)
    claims |= {
        "typ": "ID",
        "aud": client.id,
        "azp": client.id,
        "SubjectNameID": session.id_nat,
        "preferred_username": session.id_nat,
    }
    return claims | ({"nonce": session.nonce} if session.nonce else {})


def _access(store: Store, client: Client, issuer: str, session: Session, now: datetime) -> dict[str, Any]:
    origin = "RPPS" if session.id_nat.startswith("8") else "EDIT"
    claims = _common(store, issuer, session, now, now + ACCESS) | _authentication(session)
    claims |= {
        "typ": "Bearer",
        "azp": client.id,
        "scope": SCOPE,
        "otherIds": [{"identifiant": session.id_nat, "origine": origin, "qualite": 1}],
        "SubjectNameID": session.id_nat,
        "preferred_username": session.id_nat,
    }
    return claims | ({"nonce": session.nonce} if session.nonce else {})


def _refresh(store: Store, client: Client, issuer: str, session: Session, now: datetime, ends: datetime) -> dict[str, Any]:
    return _common(store, issuer, session, now, ends) | {"typ": "Refresh", "aud": issuer, "azp": client.id}


def userinfo_token(keys: KeyRing, client: Client, issuer: str, claims: dict[str, Any], now: datetime) -> str:
    """The userinfo as a signed JWT."""
    added = {"iss": issuer, "aud": client.id, "iat": int(now.timestamp()), "exp": int((now + timedelta(minutes=2)).timestamp())}
    return keys.sign(claims | added)
