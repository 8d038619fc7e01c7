"""The tokens of Pro Santé Connect, as an operator verifies them: in process, without consuming what is armed there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ...validation.oauth import fingerprint


class Registre(Protocol):
    """What is asked of Pro Santé Connect."""

    lock: Any
    store: Any


@dataclass(frozen=True, slots=True)
class JetonLu:
    """A token as the operator sees it. ``etat``: ``valide``, ``expire``, ``revoque``, ``autre-sorte``, ``inconnu`` or ``absent``.

    ``identite`` is the national identifier of its holder, ``persona`` his id; ``expire`` the time of its end (ISO 8601).
    """

    empreinte: str
    etat: str
    identite: str = ""
    persona: str = ""
    expire: str = ""
    session: str = ""


class Jetons:
    """Reads tokens at Pro Santé Connect; without it, every token is unknown."""

    def __init__(self, psc: Registre | None) -> None:
        self._psc = psc

    def lire(self, valeur: str, now: datetime) -> JetonLu:
        """The state and the holder of an access token."""
        if not valeur:
            return JetonLu("", "absent")
        empreinte = fingerprint(valeur)
        if self._psc is None:
            return JetonLu(empreinte, "inconnu")
        with self._psc.lock:
            store = self._psc.store
            etat = store.token_state(valeur, now, "acces")
            found = store.token(valeur)
            if found is None:
                return JetonLu(empreinte, etat)
            if etat == "valide" and not found.session.alive(now):
                etat = "revoque"
            return JetonLu(
                empreinte,
                etat,
                found.session.id_nat,
                found.session.persona,
                found.expires.isoformat(),
                fingerprint(found.session.id),
            )
