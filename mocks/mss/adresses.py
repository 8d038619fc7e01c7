"""The ``mss`` part of ``services.json``: what a DUI needs to reach each operator, and the boxes that it may open."""

from __future__ import annotations

from typing import Any, Protocol

from ...core.settings import Settings
from .profils import PROFILS, Profil
from .state import declarees, toutes


class Addresses(Protocol):
    """Where the listeners are reached."""

    def url(self, listener: str) -> str:
        """Its origin."""

    def port(self, listener: str) -> int:
        """Its TCP port."""


def messagerie(settings: Settings, addresses: Addresses) -> dict[str, Any]:
    """By operator: hosts and ports, autoconfiguration, name server, largest message, boxes. ``operateur`` is the one chosen."""
    return {
        "operateur": settings.mssante.operateur,
        "operateurs": {nom: _operateur(profil, settings, addresses) for nom, profil in PROFILS.items()},
    }


def _operateur(profil: Profil, settings: Settings, addresses: Addresses) -> dict[str, Any]:
    hote = settings.services.noms[0]
    found: dict[str, Any] = {
        "titre": profil.titre,
        "domaines": list(profil.domaines),
        "taille_max": profil.taille_max,
        "autoconfig": f"{addresses.url(f'{profil.nom}-autoconfig')}/mail/config-v1.1.xml",
        "dns": {"hote": settings.services.adresse, "port": addresses.port(f"{profil.nom}-dns")},
    }
    for listener in profil.listeners:
        if listener.protocole in ("smtp", "imap", "imaps"):
            found[listener.protocole] = {"hote": hote, "port": addresses.port(listener.nom)}
    structure = f"1{settings.structure.finess_ej}"
    extra = declarees(settings.mssante.boites, settings.mssante.operateur, structure)
    found["boites"] = [
        {
            "adresse": b.adresse,
            "genre": b.genre,
            "libelle": b.libelle,
            "titulaire": b.titulaire,
            "structure": b.structure,
            "delegues": list(b.delegues),
        }
        for b in toutes(extra).values()
        if b.operateur == profil.nom
    ]
    return found
