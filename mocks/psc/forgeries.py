"""False id_tokens, each with one lie. They serve any provider; the claims received are those of the true token."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from joserfc.util import urlsafe_b64encode

from ...core.exchange import Body, Key, Reply, Request
from ...core.service import Panne
from .keys import claims_of, mac_forged, unsigned
from .provider import Provider

TOKEN_PREFIX = "jeton-"
HOUR = 3600
OTHER_CLIENT = "un-autre-client"
OTHER_ISSUER = "https://emetteur-inconnu.invalid/auth/realms/esante-wallet"
OTHER_SUB = "f:00000000-0000-0000-0000-000000000000:899700000099"

Claims = dict[str, Any]
Forge = Callable[[Provider, Claims], str]


def with_claims(**changes: Any) -> Forge:
    """Well signed, with other claims; a value None removes the claim."""

    def forge(provider: Provider, claims: Claims) -> str:
        changed = claims | changes
        return provider.keys.sign({name: value for name, value in changed.items() if value is not None})

    return forge


def moved(seconds: int, *also: str) -> Forge:
    """Well signed, every date moved; ``also`` adds dates equal to the new ``iat``."""

    def forge(provider: Provider, claims: Claims) -> str:
        dates = {name: claims[name] + seconds for name in ("exp", "iat", "auth_time") if name in claims}
        return provider.keys.sign(claims | dates | dict.fromkeys(also, dates["iat"]))

    return forge


def badly_signed(provider: Provider, claims: Claims) -> str:
    """By another key than the one named."""
    return provider.keys.sign(claims, key=provider.keys.foreign)


def unknown_kid(provider: Provider, claims: Claims) -> str:
    """By a key that the JWKS does not hold."""
    return provider.keys.sign(claims, key=provider.keys.foreign, kid=provider.keys.foreign.thumbprint())


def not_signed(provider: Provider, claims: Claims) -> str:
    """``alg: none``."""
    return unsigned(claims)


def signature_removed(provider: Provider, claims: Claims) -> str:
    """The header still says RS256, the signature is empty."""
    return provider.keys.sign(claims).rpartition(".")[0] + "."


def altered(provider: Provider, claims: Claims) -> str:
    """Another subject under the signature of the true token."""
    head, _, signature = provider.keys.sign(claims).split(".")
    names = dict.fromkeys(claims.keys() & {"SubjectNameID", "preferred_username"}, OTHER_SUB[-12:])
    changed = claims | names | {"sub": OTHER_SUB}
    return f"{head}.{urlsafe_b64encode(json.dumps(changed).encode()).decode()}.{signature}"


def mac_with_secret(provider: Provider, claims: Claims) -> str:
    """HS256 keyed by the client's secret: not the algorithm that the client is registered for."""
    return mac_forged(claims, provider.client.secret.encode(), provider.keys.kid)


def mac_with_public_key(provider: Provider, claims: Claims) -> str:
    """HS256 keyed by the published key: what anyone can make."""
    return mac_forged(claims, provider.keys.current.as_pem(private=False), provider.keys.kid)


def other_audience(provider: Provider, claims: Claims) -> str:
    """For us and for a client that we do not trust, which is the authorized one."""
    return provider.keys.sign(claims | {"aud": [provider.client.id, OTHER_CLIENT], "azp": OTHER_CLIENT})


def audience_in_a_list(provider: Provider, claims: Claims) -> str:
    """The right audience in the other form that the standard allows."""
    return provider.keys.sign(claims | {"aud": [provider.client.id]})


def wrong_hash(provider: Provider, claims: Claims) -> str:
    """The hash of another access token."""
    half = hashlib.sha256(b"un autre jeton").digest()[:16]
    return provider.keys.sign(claims | {"at_hash": urlsafe_b64encode(half).decode()})


def without_kid(provider: Provider, claims: Claims) -> str:
    """Well signed by a published key, which is not named."""
    return provider.keys.sign(claims, kid="")


def rewritten(reply: Reply, answer: Mapping[str, Any], **facts: Any) -> Reply:
    """The same reply with another JSON body and more facts."""
    return replace(reply, body=Body(json.dumps(answer).encode()), facts={**reply.facts, **facts})


def gives_tokens(reply: Reply) -> bool:
    """True for a successful answer of the token endpoint."""
    return "jeton" in reply.facts and reply.status == 200 and "client_auth" in reply.facts


def id_token(nom: str, forge: Forge) -> Callable[[Any, Request, Reply], Reply]:
    """Replace the id_token of a token answer."""

    def after(provider: Provider, request: Request, reply: Reply) -> Reply:
        if not gives_tokens(reply):
            return reply
        answer = json.loads(reply.body.read())
        answer["id_token"] = forged = forge(provider, claims_of(answer["id_token"]))
        changed = rewritten(reply, answer, defaut=nom)
        return replace(changed, keys=(*reply.keys, Key("jeton", forged)), secrets=(*reply.secrets, forged))

    return after


def _false(nom: str, description: str, forge: Forge, exigences: tuple[str, ...] = ("PSC-01",)) -> Panne:
    return Panne(
        TOKEN_PREFIX + nom, f"{description} Le DUI ne doit ouvrir aucune session.", exigences, after=id_token(nom, forge)
    )


def _without(claim: str, what: str) -> Panne:
    return _false(f"{claim}-absent", f"L'id_token ne dit pas {what} ({claim}).", with_claims(**{claim: None}))


FALSE_TOKENS = (
    _false("nonce", "L'id_token porte un autre nonce que celui de la demande.", with_claims(nonce="nonce-d-une-autre-demande")),
    _without("nonce", "à quelle demande il répond"),
    _false("signature", "L'id_token est signé par une autre clé que celle que désigne son kid.", badly_signed),
    _false("signature-absente", "L'id_token se dit signé (RS256) et sa signature est vide.", signature_removed),
    _false("altere", "L'id_token a été modifié après sa signature : il désigne une autre personne.", altered),
    _false("alg-none", "L'id_token n'est pas signé (alg : none).", not_signed),
    _false("hs256-secret", "L'id_token est signé en HS256 par le secret du client, au lieu de RS256.", mac_with_secret),
    _false("hs256-cle-publique", "L'id_token est signé en HS256, la clé publique servant de secret.", mac_with_public_key),
    _false("kid-inconnu", "L'id_token désigne une clé que le JWKS ne contient pas.", unknown_kid),
    _false("aud", "L'id_token est destiné à un autre client.", with_claims(aud=OTHER_CLIENT, azp=OTHER_CLIENT)),
    _false("aud-tiers", "L'id_token est destiné aussi à un client inconnu, qui est le client autorisé (azp).", other_audience),
    _without("aud", "à qui il est destiné"),
    _false("azp", "L'id_token a été délivré à un autre client (azp) que son destinataire.", with_claims(azp=OTHER_CLIENT)),
    _false("iss", "L'id_token vient d'un autre émetteur.", with_claims(iss=OTHER_ISSUER)),
    _without("iss", "de qui il vient"),
    _without("sub", "de qui il parle"),
    _false("expire", "L'id_token a expiré depuis près d'une heure.", moved(-HOUR)),
    _without("exp", "quand il expire"),
    _false("futur", "L'id_token est daté (iat, nbf) d'une heure plus tard.", moved(HOUR, "nbf")),
    _without("iat", "quand il a été émis"),
    _false(
        "acr-absent", "L'id_token ne dit pas le niveau d'authentification (acr).", with_claims(acr=None), ("PSC-01", "PSC-02")
    ),
    _false(
        "acr-inconnu",
        "L'id_token dit un niveau d'authentification inconnu (acr : 0).",
        with_claims(acr="0"),
        ("PSC-01", "PSC-02"),
    ),
)
TRUE_TOKENS = (
    Panne(
        TOKEN_PREFIX + "at-hash",
        "L'id_token porte l'empreinte (at_hash) d'un autre jeton d'accès. Un DUI qui la vérifie n'ouvre pas de session.",
        ("PSC-01",),
        after=id_token("at-hash", wrong_hash),
    ),
    Panne(
        TOKEN_PREFIX + "aud-liste",
        "L'id_token porte son destinataire dans une liste d'un élément, forme admise. Le DUI ouvre la session.",
        ("PSC-01",),
        after=id_token("", audience_in_a_list),
    ),
    Panne(
        TOKEN_PREFIX + "kid-absent",
        "L'id_token, bien signé, ne nomme pas sa clé. Le DUI essaie les clés publiées, ou refuse clairement.",
        ("PSC-01",),
        after=id_token("", without_kid),
    ),
)
