"""Misbehaviours of what the browser brings back, at login and at logout."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ...core.exchange import Reply, Request
from ...core.service import Panne
from ...validation.oauth import fingerprint
from .authorization import returning
from .forgeries import OTHER_ISSUER
from .provider import Provider

Pairs = Mapping[str, str]
After = Callable[[Any, Request, Reply], Reply]


def _changed(change: Callable[[Pairs], Pairs], **facts: str) -> After:
    """Change the parameters with which the browser is sent back, in whatever response mode."""

    def after(provider: Provider, request: Request, reply: Reply) -> Reply:
        made = provider.store.returned
        if reply.facts.get("issue") != "code" or made is None:
            return reply
        other = returning(made.demand, change(made.parameters))
        kept = tuple(header for header in reply.headers if header[0] == "Set-Cookie")
        return replace(
            reply, status=other.status, headers=(*other.headers, *kept), body=other.body, facts={**reply.facts, **facts}
        )

    return after


def _with(**values: str) -> Callable[[Pairs], Pairs]:
    return lambda pairs: {**pairs, **values}


def _without(*names: str) -> Callable[[Pairs], Pairs]:
    return lambda pairs: {name: value for name, value in pairs.items() if name not in names}


def _error(name: str) -> Callable[[Pairs], Pairs]:
    return lambda pairs: {"error": name, **_without("code", "session_state")(pairs)}


def _spent_code(provider: Provider, request: Request, reply: Reply) -> Reply:
    """The code that comes back was already used: the token endpoint will refuse it."""
    made = provider.store.returned
    code = provider.store.codes.get(fingerprint(made.parameters["code"])) if made is not None else None
    if reply.facts.get("issue") != "code" or code is None:
        return reply
    code.used = True
    return replace(reply, facts={**reply.facts, "defaut": "code-deja-utilise"})


def _logout_without_state(provider: Provider, request: Request, reply: Reply) -> Reply:
    if reply.facts.get("retour") != "enregistre" or reply.status != 302:
        return reply
    kept = tuple(header for header in reply.headers if header[0] != "Location")
    location = reply.header("Location").partition("?")[0]
    return replace(reply, headers=(*kept, ("Location", location)))


PANNES = (
    Panne(
        "jeton-state",
        "Le retour porte un autre state que celui de la demande. Le DUI ne doit pas échanger le code.",
        ("PSC-01",),
        after=_changed(_with(state="etat-falsifie-par-le-simulateur"), defaut="state"),
    ),
    Panne(
        "jeton-state-absent",
        "Le retour ne porte pas de state. Le DUI ne doit pas échanger le code.",
        ("PSC-01",),
        after=_changed(_without("state"), defaut="state-absent"),
    ),
    Panne(
        "retour-iss",
        "Le retour dit venir d'un autre émetteur (iss). Le DUI ne doit pas échanger le code.",
        ("PSC-01",),
        after=_changed(_with(iss=OTHER_ISSUER), defaut="retour-iss"),
    ),
    Panne(
        "retour-iss-absent",
        "Le retour ne dit pas de quel émetteur il vient (iss), annoncé par la configuration. Le DUI peut le refuser.",
        ("PSC-01",),
        after=_changed(_without("iss"), defaut="retour-iss-absent"),
    ),
    Panne(
        "retour-sans-code",
        "Le retour ne porte ni code ni erreur. Le DUI le dit, sans session.",
        ("PSC-01",),
        after=_changed(_without("code"), defaut="retour-sans-code"),
    ),
    Panne(
        "code-deja-utilise",
        "Le code du retour a déjà servi (rejeu) : l'adresse des jetons le refuse. Le DUI n'ouvre aucune session.",
        ("PSC-01",),
        after=_spent_code,
    ),
    Panne(
        "acces-refuse",
        "Le professionnel refuse la connexion : retour error=access_denied. Le DUI le dit, sans session.",
        ("PSC-01",),
        after=_changed(_error("access_denied"), issue="erreur", erreur="access_denied"),
    ),
    Panne(
        "retour-indisponible",
        "Le retour dit error=temporarily_unavailable. Le DUI le dit, sans session.",
        ("PSC-01",),
        after=_changed(_error("temporarily_unavailable"), issue="erreur", erreur="temporarily_unavailable"),
    ),
    Panne(
        "deconnexion-sans-state",
        "Le retour de déconnexion ne porte pas le state demandé. Le DUI termine quand même la déconnexion.",
        ("PSC-04",),
        after=_logout_without_state,
    ),
)
