"""Misbehaviours of the answers to the server of the DUI: configuration, keys, tokens, refresh, CIBA."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ...core.exchange import Reply, Request
from ...core.service import Panne
from ...validation.oauth import first, form
from .forgeries import OTHER_ISSUER, gives_tokens, rewritten
from .messages import oauth_error
from .provider import Provider
from .tokens import token_answer

OTHERS = ("homonyme-2", "homonyme-1")
After = Callable[[Any, Request, Reply], Reply]


def _refreshes(reply: Reply) -> bool:
    return gives_tokens(reply) and "code_etat" not in reply.facts and "ciba_etat" not in reply.facts


def _is_ciba(reply: Reply) -> bool:
    return gives_tokens(reply) and "ciba_etat" in reply.facts


def _instead(concerns: Callable[[Reply], bool], error: str, why: str) -> After:
    """An OAuth error instead of tokens."""

    def after(provider: Provider, request: Request, reply: Reply) -> Reply:
        if not concerns(reply):
            return reply
        kept = {name: value for name, value in reply.facts.items() if name != "jeton"}
        return oauth_error(error, why, facts={**kept, "erreur": error})

    return after


def _answer(change: Callable[[dict[str, Any]], dict[str, Any]], defaut: str, *, refresh: bool = False) -> After:
    """Change the JSON of a token answer (``refresh``: of a refresh only)."""

    def after(provider: Provider, request: Request, reply: Reply) -> Reply:
        if not (_refreshes(reply) if refresh else gives_tokens(reply)):
            return reply
        return rewritten(reply, change(json.loads(reply.body.read())), **({"defaut": defaut} if defaut else {}))

    return after


def _less(*names: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda answer: {name: value for name, value in answer.items() if name not in names}


def _other_type(answer: dict[str, Any]) -> dict[str, Any]:
    return answer | {"token_type": "inconnu"}


def _of_another(concerns: Callable[[Reply], bool], defaut: str) -> After:
    """Good tokens, of another professional."""

    def after(provider: Provider, request: Request, reply: Reply) -> Reply:
        if not concerns(reply):
            return reply
        persona = next(each for each in OTHERS if each != reply.facts.get("persona"))
        session = provider.store.open_session(persona, provider.now)
        made = token_answer(provider, session, provider.now)
        facts = {**reply.facts, "jeton": made.facts["jeton"], "defaut": defaut}
        return replace(reply, body=made.body, facts=facts, keys=(*reply.keys, *made.keys[1:]), secrets=made.secrets)

    return after


def _same_refresh(provider: Provider, request: Request, reply: Reply) -> Reply:
    """No new refresh token: the one presented stays good."""
    if not _refreshes(reply):
        return reply
    found = provider.store.token(first(form(request), "refresh_token"))
    if found is not None:
        found.revoked = False
    return rewritten(reply, _less("refresh_token", "refresh_expires_in")(json.loads(reply.body.read())))


def _configuration(provider: Provider, request: Request, reply: Reply) -> Reply:
    if "nom" not in reply.facts:
        return reply
    return rewritten(reply, json.loads(reply.body.read()) | {"issuer": OTHER_ISSUER}, defaut="decouverte-emetteur")


def _jwks(change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> After:
    def after(provider: Provider, request: Request, reply: Reply) -> Reply:
        if "kids" not in reply.facts:
            return reply
        keys = change(json.loads(reply.body.read())["keys"])
        return rewritten(reply, {"keys": keys}, kids=[key["kid"] for key in keys])

    return after


def _strange_keys(keys: list[dict[str, Any]]) -> list[dict[str, Any]]:
    unknown = {"kty": "OKP", "crv": "X25519", "kid": "courbe-inconnue", "use": "enc", "x": "A" * 43}
    future = {"kty": "POST-QUANTIQUE", "kid": "sorte-inconnue", "use": "sig", "alg": "ML-DSA-44", "pub": "AAAA"}
    return [unknown, future, *keys]


def _ciba_without_interval(provider: Provider, request: Request, reply: Reply) -> Reply:
    if "canal" not in reply.facts or reply.status != 200:
        return reply
    return rewritten(reply, _less("interval")(json.loads(reply.body.read())))


def _ciba_unknown_user(provider: Provider, request: Request, reply: Reply) -> Reply:
    if "canal" not in reply.facts or reply.status != 200:
        return reply
    return oauth_error("unknown_user_id", "aucun professionnel ne porte cet identifiant", facts=reply.facts)


def _polls(reply: Reply) -> bool:
    return "ciba_etat" in reply.facts and "client_auth" in reply.facts


PANNES = (
    Panne(
        "decouverte-emetteur",
        "La configuration est celle d'un autre émetteur (issuer). Le DUI ne doit pas s'en servir.",
        ("PSC-01",),
        after=_configuration,
    ),
    Panne(
        "jwks-vide",
        "Le JWKS est vide. Le DUI ne peut vérifier aucun jeton : aucune session.",
        ("PSC-01",),
        after=_jwks(lambda _: []),
    ),
    Panne(
        "jwks-cles-inconnues",
        "Le JWKS contient aussi des clés de sortes inconnues. Le DUI les ignore et ouvre la session.",
        ("PSC-01",),
        after=_jwks(_strange_keys),
    ),
    Panne(
        "code-refuse",
        "L'échange du code répond invalid_grant. Le DUI le dit, sans session ni nouvel essai du même code.",
        ("PSC-01",),
        after=_instead(lambda r: gives_tokens(r) and "code_etat" in r.facts, "invalid_grant", "code refusé"),
    ),
    Panne(
        "jeton-id-token-absent",
        "La réponse donne un jeton d'accès sans id_token. Le DUI ne doit ouvrir aucune session.",
        ("PSC-01",),
        after=_answer(_less("id_token"), "id-token-absent"),
    ),
    Panne(
        "jeton-type",
        "La réponse donne un jeton d'une sorte inconnue (token_type). Le DUI ne doit pas l'employer.",
        ("PSC-01",),
        after=_answer(_other_type, "type"),
    ),
    Panne(
        "rafraichissement-refuse",
        "Le rafraîchissement répond invalid_grant (session terminée). Le DUI renvoie à la connexion, sans boucle.",
        ("PSC-01",),
        after=_instead(_refreshes, "invalid_grant", "session terminée"),
    ),
    Panne(
        "rafraichissement-autre-personne",
        "Le rafraîchissement donne les jetons d'un autre professionnel. Le DUI ferme sa session et ne s'en sert pas.",
        ("PSC-01",),
        after=_of_another(_refreshes, "rafraichissement-autre-personne"),
    ),
    Panne(
        "rafraichissement-sans-rotation",
        "Le rafraîchissement ne donne pas de nouveau jeton de rafraîchissement. Le DUI garde l'ancien.",
        ("PSC-01",),
        after=_same_refresh,
    ),
    Panne(
        "rafraichissement-sans-id-token",
        "Le rafraîchissement ne redonne pas d'id_token, ce que la norme admet. Le DUI continue.",
        ("PSC-01",),
        after=_answer(_less("id_token"), "", refresh=True),
    ),
    Panne(
        "ciba-utilisateur-inconnu",
        "La demande CIBA répond unknown_user_id. Le DUI le dit, sans session.",
        ("PSC-01",),
        after=_ciba_unknown_user,
    ),
    Panne(
        "ciba-sans-intervalle",
        "La demande CIBA ne dit pas d'intervalle. Le DUI attend cinq secondes entre deux demandes de jeton.",
        ("PSC-01",),
        after=_ciba_without_interval,
    ),
    Panne(
        "ciba-ralentir",
        "L'attente CIBA répond slow_down. Le DUI ajoute cinq secondes à l'intervalle.",
        ("PSC-01",),
        after=_instead(_polls, "slow_down", "attendre plus longtemps entre deux demandes"),
    ),
    Panne(
        "ciba-expire",
        "L'attente CIBA répond expired_token. Le DUI le dit, sans session, et ne redemande plus.",
        ("PSC-01",),
        after=_instead(_polls, "expired_token", "la demande a expiré"),
    ),
    Panne(
        "ciba-refuse",
        "Le professionnel refuse sur son téléphone : access_denied. Le DUI le dit, sans session, et ne redemande plus.",
        ("PSC-01",),
        after=_instead(_polls, "access_denied", "le professionnel a refusé"),
    ),
    Panne(
        "ciba-autre-personne",
        "Les jetons CIBA sont ceux d'un autre professionnel que celui du login_hint. Le DUI ne doit ouvrir aucune session.",
        ("PSC-01",),
        after=_of_another(_is_ciba, "ciba-autre-personne"),
    ),
)
