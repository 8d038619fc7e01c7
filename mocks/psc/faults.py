"""The named misbehaviours of the simulated provider. A correct DUI refuses, or goes on, and stays conforme under each."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ...core.exchange import Body, Key, Reply, Request
from ...core.service import Panne
from .keys import claims_of, unsigned

if TYPE_CHECKING:
    from .app import ProSanteConnect

TOKEN_PREFIX = "jeton-"
HOUR = 3600

Forge = Callable[["ProSanteConnect", dict[str, Any]], str]


def _with_claims(**changes: Any) -> Forge:
    """Well signed, with other claims; a value None removes the claim."""

    def forge(psc: ProSanteConnect, claims: dict[str, Any]) -> str:
        changed = claims | changes
        return psc.keys.sign({name: value for name, value in changed.items() if value is not None})

    return forge


def _expired(psc: ProSanteConnect, claims: dict[str, Any]) -> str:
    moved = {name: claims[name] - HOUR for name in ("exp", "iat", "auth_time")}
    return psc.keys.sign(claims | moved)


def _badly_signed(psc: ProSanteConnect, claims: dict[str, Any]) -> str:
    return psc.keys.sign(claims, key=psc.keys.foreign)


def _unknown_kid(psc: ProSanteConnect, claims: dict[str, Any]) -> str:
    return psc.keys.sign(claims, key=psc.keys.foreign, kid=psc.keys.foreign.thumbprint())


def _not_signed(psc: ProSanteConnect, claims: dict[str, Any]) -> str:
    return unsigned(claims)


def _id_token(defaut: str, forge: Forge) -> Callable[[ProSanteConnect, Request, Reply], Reply]:
    """Replace the id_token of a token answer."""

    def after(psc: ProSanteConnect, request: Request, reply: Reply) -> Reply:
        if "jeton" not in reply.facts or reply.status != 200 or "client_auth" not in reply.facts:
            return reply
        answer = json.loads(reply.body.read())
        answer["id_token"] = forged = forge(psc, claims_of(answer["id_token"]))
        return replace(
            reply,
            body=Body(json.dumps(answer).encode()),
            facts={**reply.facts, "defaut": defaut},
            keys=(*reply.keys, Key("jeton", forged)),
            secrets=(*reply.secrets, forged),
        )

    return after


def _logout_without_state(psc: ProSanteConnect, request: Request, reply: Reply) -> Reply:
    if reply.facts.get("retour") != "enregistre" or reply.status != 302:
        return reply
    kept = tuple(header for header in reply.headers if header[0] != "Location")
    location = reply.header("Location").partition("?")[0]
    return replace(reply, headers=(*kept, ("Location", location)))


def _location(
    change: Callable[[dict[str, str]], dict[str, str]], **facts: str
) -> Callable[[ProSanteConnect, Request, Reply], Reply]:
    """Change the parameters with which the browser is sent back."""

    def after(psc: ProSanteConnect, request: Request, reply: Reply) -> Reply:
        if reply.facts.get("issue") != "code":
            return reply
        parts = urlsplit(reply.header("Location"))
        pairs = change(dict(parse_qsl(parts.query, keep_blank_values=True)))
        location = urlunsplit(parts._replace(query=urlencode(pairs)))
        kept = tuple(header for header in reply.headers if header[0] != "Location")
        return replace(reply, headers=(*kept, ("Location", location)), facts={**reply.facts, **facts})

    return after


def _forged_state(pairs: dict[str, str]) -> dict[str, str]:
    return pairs | {"state": "etat-falsifie-par-le-simulateur"}


def _no_state(pairs: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in pairs.items() if name != "state"}


def _denied(pairs: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in pairs.items() if name not in ("code", "session_state")}
    return {"error": "access_denied", **kept}


def _refused_refresh(psc: ProSanteConnect, request: Request, reply: Reply) -> Reply:
    if "jeton" not in reply.facts or "code_etat" in reply.facts or reply.status != 200:
        return reply
    body = {"error": "invalid_grant", "error_description": "session terminée"}
    kept = {name: value for name, value in reply.facts.items() if name != "jeton"}
    return Reply(
        status=400, headers=reply.headers, body=Body(json.dumps(body).encode()), facts={**kept, "erreur": "invalid_grant"}
    )


def _userinfo(
    change: Callable[[ProSanteConnect, dict[str, Any]], str], defaut: str
) -> Callable[[ProSanteConnect, Request, Reply], Reply]:
    """Replace the userinfo by a JWT."""

    def after(psc: ProSanteConnect, request: Request, reply: Reply) -> Reply:
        if "format" not in reply.facts or reply.status != 200:
            return reply
        raw = reply.body.read()
        claims = claims_of(raw.decode()) if reply.facts["format"] == "jwt" else json.loads(raw)
        claims |= {"iss": psc.issuer, "aud": psc.client.id}
        signed = change(psc, claims)
        kept = tuple(header for header in reply.headers if header[0] != "Content-Type")
        facts = {**reply.facts, "format": "jwt", "defaut": defaut}
        headers = (("Content-Type", "application/jwt"), *kept)
        return replace(reply, headers=headers, body=Body(signed.encode()), facts=facts, secrets=(*reply.secrets, signed))

    return after


def _other_sub(psc: ProSanteConnect, request: Request, reply: Reply) -> Reply:
    if reply.facts.get("format") != "json" or reply.status != 200:
        return reply
    claims = json.loads(reply.body.read())
    claims["sub"] = "f:00000000-0000-0000-0000-000000000000:899700000099"
    return replace(reply, body=Body(json.dumps(claims).encode()), facts={**reply.facts, "defaut": "userinfo-sub"})


def _token(nom: str, description: str, forge: Forge) -> Panne:
    return Panne(
        TOKEN_PREFIX + nom, f"{description} Le DUI ne doit ouvrir aucune session.", ("PSC-01",), after=_id_token(nom, forge)
    )


PANNES = (
    _token("nonce", "L'id_token porte un autre nonce que celui de la demande.", _with_claims(nonce="nonce-d-une-autre-demande")),
    _token("signature", "L'id_token est signé par une autre clé que celle que désigne son kid.", _badly_signed),
    _token("alg-none", "L'id_token n'est pas signé (alg : none).", _not_signed),
    _token("kid-inconnu", "L'id_token désigne une clé que le JWKS ne contient pas.", _unknown_kid),
    _token("aud", "L'id_token est destiné à un autre client.", _with_claims(aud="un-autre-client", azp="un-autre-client")),
    _token(
        "iss",
        "L'id_token vient d'un autre émetteur.",
        _with_claims(iss="https://emetteur-inconnu.invalid/auth/realms/esante-wallet"),
    ),
    _token("expire", "L'id_token a expiré depuis près d'une heure.", _expired),
    _token("acr-absent", "L'id_token ne dit pas le niveau d'authentification (acr).", _with_claims(acr=None)),
    _token("acr-inconnu", "L'id_token dit un niveau d'authentification inconnu (acr : 0).", _with_claims(acr="0")),
    Panne(
        "jeton-state",
        "Le retour porte un autre state que celui de la demande. Le DUI ne doit pas échanger le code.",
        ("PSC-01",),
        after=_location(_forged_state, defaut="state"),
    ),
    Panne(
        "jeton-state-absent",
        "Le retour ne porte pas de state. Le DUI ne doit pas échanger le code.",
        ("PSC-01",),
        after=_location(_no_state, defaut="state-absent"),
    ),
    Panne(
        "acces-refuse",
        "Le professionnel refuse la connexion : retour error=access_denied. Le DUI le dit, sans session.",
        ("PSC-01",),
        after=_location(_denied, issue="erreur", erreur="access_denied"),
    ),
    Panne(
        "rafraichissement-refuse",
        "Le rafraîchissement répond invalid_grant (session terminée). Le DUI renvoie à la connexion, sans boucle.",
        ("PSC-01",),
        after=_refused_refresh,
    ),
    Panne(
        "deconnexion-sans-state",
        "Le retour de déconnexion ne porte pas le state demandé. Le DUI termine quand même la déconnexion.",
        ("PSC-04",),
        after=_logout_without_state,
    ),
    Panne(
        "userinfo-jwt",
        "userinfo répond un JWT signé au lieu de JSON. Le DUI le lit.",
        ("PSC-01",),
        after=_userinfo(_with_claims(), ""),
    ),
    Panne(
        "userinfo-jwt-signature",
        "userinfo répond un JWT mal signé. Le DUI ne doit ouvrir aucune session.",
        ("PSC-01",),
        after=_userinfo(_badly_signed, "userinfo-signature"),
    ),
    Panne(
        "userinfo-sub",
        "userinfo décrit un autre sujet que l'id_token. Le DUI ne doit ouvrir aucune session.",
        ("PSC-01",),
        after=_other_sub,
    ),
)
