"""Pro Santé Connect: the values that a demand draws at random, one demand after another, and the form of its parameters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..validation.oidc import AuthorizationRequest
from .oidc_demande import CONNECTOR, GRID, SCOPES, at_parameter, hard_to_guess
from .registry import check

FRESH = "Prendre à chaque demande 16 octets ou plus d'un générateur cryptographique (secrets, SecureRandom, crypto)."


@check("oidc.state-unpredictable", covers=("PSC-01",), source=f"{GRID} 05 ; RFC 6749 §10.12", confidence="secondaire")
def state_is_not_predictable(requests: Sequence[AuthorizationRequest]) -> Evidence:
    """Le state d'une demande ne se déduit pas de celui de la précédente."""
    return _unlike(requests, "state")


@check("oidc.nonce-unpredictable", covers=("PSC-01",), source=f"{GRID} 06 ; OpenID Connect Core §15.5.2", confidence="secondaire")
def nonce_is_not_predictable(requests: Sequence[AuthorizationRequest]) -> Evidence:
    """Le nonce d'une demande ne se déduit pas de celui de la précédente."""
    return _unlike(requests, "nonce")


@check("oidc.nonce-entropy", covers=("PSC-01",), source=f"{CONNECTOR} (32 octets) ; {GRID} 06", confidence="secondaire")
def nonce_holds_enough_randomness(request: AuthorizationRequest) -> Evidence:
    """Le nonce est assez long pour ne pas être deviné : 128 bits d'aléa, un UUID aléatoire étant toléré."""
    return hard_to_guess(request, "nonce", FRESH)


@check("oidc.nonce-is-not-state", covers=("PSC-01",), source="OpenID Connect Core §15.5.2", confidence="infere")
def nonce_is_not_the_state(request: AuthorizationRequest) -> Evidence:
    """Le nonce et le state sont deux valeurs différentes : le state passe par l'adresse du navigateur."""
    if not request["nonce"] or not request["state"]:
        raise Inconclusive("la demande d'autorisation n'a pas de nonce ou de state")
    if request["nonce"] == request["state"]:
        raise CheckFailed(
            "Même valeur pour le nonce et le state",
            expected="deux valeurs tirées chacune au hasard",
            received="la même valeur",
            at=at_parameter("nonce"),
            hint="Le state revient par le navigateur, le nonce dans l'id_token : l'un ne doit pas révéler l'autre.",
        )
    return Evidence(at=at_parameter("nonce"))


@check("oidc.pkce-unique", covers=("PSC-01",), source="RFC 7636 §7.1", confidence="vu")
def pkce_challenge_changes_at_each_request(requests: Sequence[AuthorizationRequest]) -> Evidence:
    """Le code_challenge, quand le DUI emploie PKCE, change à chaque demande d'autorisation."""
    values = [request["code_challenge"] for request in requests if request["code_challenge"]]
    if len(values) < 2:
        raise Inconclusive("il faut deux demandes d'autorisation portant un code_challenge pour les comparer")
    value, times = Counter(values).most_common(1)[0]
    if times > 1:
        raise CheckFailed(
            "code_challenge réutilisé d'une demande d'autorisation à l'autre",
            expected=f"{len(values)} valeurs différentes",
            received=f"la même valeur ({value[:6]}…) dans {times} demandes",
            at=at_parameter("code_challenge"),
            hint="Tirer un code_verifier à chaque demande et l'oublier une fois le code échangé.",
        )
    return Evidence(at=at_parameter("code_challenge"), note=f"{len(values)} valeurs différentes")


@check(
    "oidc.response-mode", covers=("PSC-01",), source="OAuth 2.0 Multiple Response Types §5 ; EXI PSC 22", confidence="secondaire"
)
def code_does_not_return_in_a_fragment(request: AuthorizationRequest) -> Evidence:
    """Le code revient au serveur du DUI (query ou form_post), non dans un fragment que seule une page peut lire."""
    if request["response_mode"] not in ("", "query", "form_post", "query.jwt", "form_post.jwt"):
        raise CheckFailed(
            "Code demandé dans un fragment d'adresse",
            expected="response_mode absent, query ou form_post",
            received=request["response_mode"],
            at=at_parameter("response_mode"),
            hint="Un fragment ne parvient pas au serveur : un script de la page devrait lire le code, donc l'exposer.",
        )
    return Evidence(at=at_parameter("response_mode"), note=request["response_mode"] or "query, par défaut")


@check("oidc.parameters-once", covers=("PSC-01",), source="RFC 6749 §3.1", confidence="vu")
def no_parameter_is_repeated(request: AuthorizationRequest) -> Evidence:
    """Aucun paramètre de la demande d'autorisation n'est répété."""
    repeated = sorted(name for name, times in Counter(name for name, _ in request.front).items() if times > 1)
    if repeated:
        raise CheckFailed(
            "Paramètre répété dans la demande d'autorisation",
            expected="chaque paramètre une fois",
            received=f"{', '.join(repeated)} en plusieurs exemplaires",
            at=at_parameter(repeated[0]),
            hint="Chercher un paramètre ajouté à la fois par la bibliothèque et par la configuration.",
        )
    return Evidence(at="demande d'autorisation")


@check("oidc.scope-nothing-more", covers=("PSC-01",), source=f"{GRID} 03", confidence="secondaire")
def scope_asks_nothing_more(request: AuthorizationRequest) -> Evidence:
    """Le scope demandé ne contient rien d'autre que openid et scope_all."""
    more = sorted(request.scopes - SCOPES)
    if more:
        raise CheckFailed(
            f"Scope en trop : {', '.join(more)}",
            expected="openid scope_all",
            received=request["scope"],
            at=at_parameter("scope"),
            hint="scope_all suffit ; en particulier offline_access, qui donnerait un jeton durable, n'est pas à demander.",
        )
    return Evidence(at=at_parameter("scope"))


def _unlike(requests: Sequence[AuthorizationRequest], name: str) -> Evidence:
    """Values of which most characters never change are a counter or a clock, however long they are."""
    values = [request[name] for request in requests if request[name]]
    if len(set(values)) < 2:
        raise Inconclusive(f"il faut deux demandes d'autorisation portant des {name} différents pour les comparer")
    pairs = list(pairwise(values))
    same = max(_common(first, second) for first, second in pairs)
    if same > 0.5:
        raise CheckFailed(
            f"{name} prévisible : il ressemble à celui de la demande précédente",
            expected="des valeurs sans rapport entre elles",
            received=f"{same:.0%} de caractères identiques, à la même place",
            at=at_parameter(name),
            hint=f"Un compteur, une date ou un identifiant d'utilisateur ne sont pas un aléa. {FRESH}",
        )
    return Evidence(at=at_parameter(name), note=f"{len(values)} valeurs sans rapport")


def _common(first: str, second: str) -> float:
    """Share of the places that hold the same character."""
    size = max(len(first), len(second))
    return sum(a == b for a, b in zip(first, second, strict=False)) / size
