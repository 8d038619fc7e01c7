"""The orders that scenarios give to the simulated providers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...core.errors import HarnessError
from ...fixtures.professionals import professional_of
from .faults import TOKEN_PREFIX
from .provider import Provider
from .state import INTERVAL

if TYPE_CHECKING:
    from .app import ProSanteConnect

ACR = ("eidas1", "eidas2", "eidas3", "0", "")
FORMATS = ("json", "jwt", "jwe")
DECISIONS = ("approuve", "refuse", "jamais", "page")


def obey(psc: ProSanteConnect, nom: str, arguments: Mapping[str, Any]) -> bool:
    """Execute an order; False when it is unknown, ``HarnessError`` when its value is wrong.

    ``persona`` (id: national identifier or persona id, ``""``: the page asks), ``jeton`` (defaut: name of a token fault,
    ``""``: none), ``acr`` (valeur; eidas2 and eidas3 come with authMode CARD, ``""``: absent, ``0``: another), ``userinfo``
    (format: json, jwt or jwe), ``ciba`` (decision: approuve, refuse, jamais, or page for the simulated telephone; apres: polls
    answered "pending" first; intervalle: seconds between polls of later requests), ``rotation-cles``, ``cles-precedentes``
    (sign with the previous key again), ``fin-sessions``.
    """
    value = str(next(iter(arguments.values()), ""))
    options = psc.store.options
    match nom:
        case "jeton":
            _token_fault(psc, value)
        case "acr" if value in ACR:
            options.acr = value
        case "userinfo" if value in FORMATS:
            options.userinfo = value  # type: ignore[assignment]
        case "ciba":
            _ciba(psc, arguments)
        case _:
            return obey_any(psc, nom, value)
    return True


def obey_any(provider: Provider, nom: str, value: str) -> bool:
    """The orders that any provider obeys."""
    match nom:
        case "persona":
            provider.store.options.persona = value and _persona(value)
        case "rotation-cles":
            provider.keys.rotate()
        case "cles-precedentes":
            provider.keys.restore()
        case "fin-sessions":
            for session in provider.store.sessions.values():
                session.ended = True
        case _:
            return False
    return True


def _ciba(psc: ProSanteConnect, arguments: Mapping[str, Any]) -> None:
    decision, after = arguments.get("decision", "approuve"), arguments.get("apres", 0)
    interval = arguments.get("intervalle", INTERVAL)
    whole = isinstance(after, int) and isinstance(interval, int) and 0 <= interval <= 60
    if decision not in DECISIONS or not whole or set(arguments) - {"decision", "apres", "intervalle"}:
        raise HarnessError(
            f"ordre ciba : decision ({', '.join(DECISIONS)}), apres (nombre d'attentes), intervalle (0 à 60 secondes) ; "
            f"reçu : {dict(arguments)}"
        )
    options = psc.store.options
    options.ciba, options.ciba_after, options.ciba_interval = decision, after, interval


def _persona(value: str) -> str:
    try:
        return professional_of(value).id
    except KeyError:
        raise HarnessError(f"identité inconnue du simulateur : {value}") from None


def _token_fault(psc: ProSanteConnect, defaut: str) -> None:
    known = [nom for nom in psc.pannes if nom.startswith(TOKEN_PREFIX)]
    if defaut and TOKEN_PREFIX + defaut not in known:
        raise HarnessError(f"défaut de jeton inconnu : {defaut} (connus : {', '.join(known)})")
    for nom in known:
        psc.disarm(nom)
    if defaut:
        psc.arm(TOKEN_PREFIX + defaut, times=None)
