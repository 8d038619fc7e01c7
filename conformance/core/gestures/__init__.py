"""The gestures: what a user does in the DUI. The one vocabulary of drivers, OpenAPI, guide and reference DUI.

Each gesture is a frozen dataclass whose fields are plain JSON values; ``nom`` is its wire name, ``phrase`` the French
instruction shown to a tester. An editor who implements a gesture reads its docstring for what must happen, and which
observations (``observe``) the DUI may declare in its result. One module a domain: each names its own in ``GESTES``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from . import alimentation, connexion, consultation, dmp, documents, fichiers, identite, messagerie, orientation, sidoba
from .base import Etat, Gesture, Piece, Resultat

__all__ = ["GESTURES", "Etat", "Gesture", "Piece", "Resultat", "from_wire"]

GESTURES: dict[str, type[Gesture]] = {
    gesture.nom: gesture
    for domain in (identite, connexion, documents, dmp, alimentation, consultation, messagerie, orientation, sidoba, fichiers)
    for gesture in domain.GESTES
}


def from_wire(nom: str, arguments: Mapping[str, Any]) -> Gesture:
    """A gesture from its wire form; raises ``ValueError`` for an unknown name or argument."""
    cls = GESTURES.get(nom)
    if cls is None:
        raise ValueError(f"geste inconnu : {nom!r} ; gestes connus : {', '.join(GESTURES)}")
    known = {f.name for f in fields(cls)}
    unknown = set(arguments) - known
    if unknown:
        raise ValueError(f"argument inconnu pour {nom} : {', '.join(sorted(unknown))} ; acceptés : {', '.join(sorted(known))}")
    return cls(**arguments)
