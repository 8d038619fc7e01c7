"""Gestures ended in one way or another, for the rules that compare what a DUI says with what it does."""

from __future__ import annotations

from typing import Any

from dui_conformance.core.campaign import Geste
from dui_conformance.core.gestures import Etat, Resultat
from dui_conformance.core.gestures.connexion import SeConnecter
from dui_conformance.core.people import Professionnel
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.validation.oidc import PscCall
from samples.psc import START, Play

INFIRMIERE = professionals()["infirmiere-ehpad"]


def geste(etat: Etat = Etat.FAIT, ident: str = "G01", **observations: Any) -> Geste:
    """A login gesture that ended so."""
    return Geste(ident, SeConnecter("infirmiere-ehpad"), Resultat(etat, "Message montré", tuple(observations.items())), START)


OPEN = geste(session=True)
CLOSED = geste(Etat.REFUSE, session=False)


def calls(p: Play) -> list[PscCall]:
    """All that was exchanged."""
    return [exchange.view(PscCall) for exchange in p.exchanges]


def person(nom: str) -> Professionnel:
    """A persona."""
    return professionals()[nom]
