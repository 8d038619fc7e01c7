"""Misbehaviours of userinfo: another form, which a DUI reads; another person or a false JWT, which it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from joserfc.jwk import RSAKey

from ...core.exchange import Body, Reply, Request
from ...core.service import Panne
from ...fixtures.professionals import professionals
from . import forgeries
from .forgeries import OTHER_CLIENT, OTHER_ISSUER, OTHER_SUB, Claims, Forge
from .keys import claims_of, encrypted
from .protected import dates, jwt_reply
from .provider import Provider

After = Callable[[Any, Request, Reply], Reply]


def _told(reply: Reply) -> Claims | None:
    """The claims of a successful answer in clear or signed; None for any other."""
    if reply.status != 200 or reply.facts.get("format") not in ("json", "jwt"):
        return None
    raw = reply.body.read()
    return claims_of(raw.decode()) if reply.facts["format"] == "jwt" else dict(json.loads(raw))


def _jwt(forge: Forge, defaut: str, *, form: str = "jwt") -> After:
    """The same information in a JWT."""

    def after(provider: Provider, request: Request, reply: Reply) -> Reply:
        claims = _told(reply)
        if claims is None:
            return reply
        claims |= {"iss": provider.issuer, "aud": provider.client.id, **dates(provider.now)}
        facts = {**reply.facts, "format": form, "defaut": defaut}
        made = jwt_reply(provider, forge(provider, claims), facts, form)
        return replace(made, keys=reply.keys, secrets=(*reply.secrets, *made.secrets))

    return after


def _json(change: Callable[[Provider, Claims, Reply], Claims], defaut: str) -> After:
    """Other information, in the form that was ordered."""

    def after(provider: Provider, request: Request, reply: Reply) -> Reply:
        claims = _told(reply)
        if claims is None:
            return reply
        changed = change(provider, claims, reply)
        facts = {**reply.facts, "defaut": defaut}
        if reply.facts["format"] == "jwt":
            made = jwt_reply(provider, provider.keys.sign(changed), facts, "jwt")
            return replace(made, keys=reply.keys, secrets=(*reply.secrets, *made.secrets))
        return replace(reply, body=Body(json.dumps(changed, ensure_ascii=False).encode()), facts=facts)

    return after


def _other_sub(provider: Provider, claims: Claims, reply: Reply) -> Claims:
    return claims | {"sub": OTHER_SUB}


def _no_sub(provider: Provider, claims: Claims, reply: Reply) -> Claims:
    return {name: value for name, value in claims.items() if name != "sub"}


def _another(provider: Provider, reply: Reply) -> Claims:
    persona = next(each for each in professionals() if each.startswith("homonyme") and each != reply.facts.get("persona"))
    return provider.userinfo_claims(provider.store.open_session(persona, provider.now))


def _other_person(provider: Provider, claims: Claims, reply: Reply) -> Claims:
    return _another(provider, reply)


def _other_identity(provider: Provider, claims: Claims, reply: Reply) -> Claims:
    return _another(provider, reply) | {"sub": claims["sub"]}


def _unreadable(provider: Provider, request: Request, reply: Reply) -> Reply:
    """Encrypted to a key that the client does not have."""
    claims = _told(reply)
    if claims is None:
        return reply
    signed = provider.keys.sign(claims | {"iss": provider.issuer, "aud": provider.client.id, **dates(provider.now)})
    stranger = RSAKey.generate_key(2048, {"use": "enc", "alg": "RSA-OAEP"}, auto_kid=True)
    made = jwt_reply(provider, encrypted(signed, stranger), {**reply.facts, "format": "jwe", "defaut": "userinfo-jwe"}, "jwt")
    return replace(made, keys=reply.keys, secrets=(*reply.secrets, *made.secrets))


def _refused(nom: str, description: str, after: After) -> Panne:
    return Panne(nom, f"{description} Le DUI ne doit ouvrir aucune session.", ("PSC-01",), after=after)


PANNES = (
    Panne(
        "userinfo-jwt",
        "userinfo répond un JWT signé au lieu de JSON. Le DUI le lit.",
        ("PSC-01",),
        after=_jwt(forgeries.with_claims(), ""),
    ),
    Panne(
        "userinfo-jwe",
        "userinfo répond un JWT signé puis chiffré (RSA-OAEP) pour la clé du client. Un DUI qui a donné sa clé le lit.",
        ("PSC-01",),
        after=_jwt(forgeries.with_claims(), "", form="jwe"),
    ),
    _refused(
        "userinfo-jwt-signature",
        "userinfo répond un JWT mal signé.",
        _jwt(forgeries.badly_signed, "userinfo-signature"),
    ),
    _refused("userinfo-jwt-alg-none", "userinfo répond un JWT non signé.", _jwt(forgeries.not_signed, "userinfo-alg-none")),
    _refused(
        "userinfo-jwt-kid-inconnu",
        "userinfo répond un JWT signé par une clé que le JWKS ne contient pas.",
        _jwt(forgeries.unknown_kid, "userinfo-kid-inconnu"),
    ),
    _refused(
        "userinfo-jwt-aud",
        "userinfo répond un JWT destiné à un autre client.",
        _jwt(forgeries.with_claims(aud=OTHER_CLIENT), "userinfo-aud"),
    ),
    _refused(
        "userinfo-jwt-iss",
        "userinfo répond un JWT d'un autre émetteur.",
        _jwt(forgeries.with_claims(iss=OTHER_ISSUER), "userinfo-iss"),
    ),
    _refused(
        "userinfo-jwt-expire",
        "userinfo répond un JWT expiré depuis près d'une heure.",
        _jwt(forgeries.moved(-forgeries.HOUR), "userinfo-expire"),
    ),
    _refused("userinfo-jwe-autre-cle", "userinfo répond un JWT chiffré pour une clé que le DUI n'a pas.", _unreadable),
    _refused("userinfo-sub", "userinfo décrit un autre sujet que l'id_token.", _json(_other_sub, "userinfo-sub")),
    _refused("userinfo-sub-absent", "userinfo ne dit pas de qui il parle (sub).", _json(_no_sub, "userinfo-sub-absent")),
    _refused(
        "userinfo-autre-personne",
        "userinfo décrit un autre professionnel (sub, identifiant, identité).",
        _json(_other_person, "userinfo-autre-personne"),
    ),
    _refused(
        "userinfo-autre-identite",
        "userinfo porte le sub attendu et l'identité d'un autre professionnel (SubjectNameID).",
        _json(_other_identity, "userinfo-autre-identite"),
    ),
)
