"""A campaign on a bench, for the tests of what scenarios do."""

from __future__ import annotations

from pathlib import Path

from dui_conformance.core.campaign import Campaign, Geste
from dui_conformance.core.gestures import Etat, Gesture, Resultat
from dui_conformance.core.gestures.documents import ValiderDocument
from dui_conformance.core.matcher import kind
from samples.bench import HOLDS, Bench, done

DEPOT = kind("dmp.td2.1", label="dépôt")
RECHERCHE = kind("insi.recherche", label="recherche")
VERIFICATION = kind("insi.verification", label="vérification")


def deposits(bench: Bench, gesture: Gesture) -> Resultat:
    assert isinstance(gesture, ValiderDocument)
    bench.call("dmp.td2.1", f"u={gesture.usager}")
    return done(document="d1")


def refuses(bench: Bench, gesture: Gesture) -> Resultat:
    return Resultat(Etat.REFUSE, "Madame MARTIN s'y oppose", (("session", False),))


def ends(etat: Etat, message: str = "") -> object:
    return lambda bench, gesture: Resultat(etat, message)


def open_bench(folder: Path) -> Bench:
    return Bench(
        folder / "campagne",
        {
            "valider_document": deposits,
            "annuler_envoi": refuses,
            "lire_identite": lambda bench, gesture: done(statut="qualifiee"),
            "attendre_envois": lambda bench, gesture: done(),
        },
        horloge=True,
    )


def valider(c: Campaign) -> Geste:
    return c.do(ValiderDocument("u-1", type="note"))


def deposer(c: Campaign) -> None:
    c.require(HOLDS, c.dmp.wait_for(DEPOT, after=valider(c)))
