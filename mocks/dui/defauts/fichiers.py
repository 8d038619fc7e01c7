"""Defects of the files extracted for reporting."""

from __future__ import annotations

from functools import partial

from ..regles_fichiers import ReglesFichiers
from .registre import defaut as inscrire

defaut = partial(inscrire, theme="fichiers")
_JUSTES = ReglesFichiers()

defaut(
    "maturin-sans-medicament",
    "oublie le circuit du médicament dans l'extraction MaturiN",
    check="maturin.functions",
    exigences=("MAT-01",),
    regles={"fichiers": {"fonctions": _JUSTES.fonctions[:-1]}},
)
defaut(
    "maturin-sur-cinq",
    "note les fonctions de 0 à 5 dans l'extraction MaturiN",
    check="maturin.values",
    exigences=("MAT-02",),
    regles={"fichiers": {"echelle": 5}},
)
defaut(
    "places-repetee",
    "extrait deux fois la même place",
    check="places.one-row-each",
    exigences=("PDE-01",),
    regles={"fichiers": {"repete_une_place": True}},
)
defaut(
    "places-sans-colonne-mna",
    "omet la colonne Accueil MNA du tableau des places",
    check="places.columns",
    exigences=("PDE-02",),
    regles={"fichiers": {"colonnes": tuple(c for c in _JUSTES.colonnes if c != "Accueil MNA")}},
)
defaut(
    "places-disponible-abrege",
    "note « O » une place libre",
    check="places.values",
    exigences=("PDE-03",),
    regles={"fichiers": {"libre": "O"}},
)
defaut(
    "places-ages-colles",
    "écrit la tranche d'âge « 8-12 », sans espaces",
    check="places.values",
    exigences=("PDE-03",),
    regles={"fichiers": {"ages": "8-12"}},
)
defaut(
    "places-libres-seulement",
    "n'extrait que les places libres",
    check="places.capacity",
    exigences=("PDE-03",),
    regles={"fichiers": {"extrait_les_places_occupees": False}},
)
defaut(
    "archive-tronquee",
    "tronque l'archive du dossier",
    check="archive.readable",
    exigences=("PDE-04",),
    regles={"fichiers": {"archive_lisible": False}},
)
defaut(
    "archive-incomplete",
    "n'archive que le premier document du dossier",
    check="archive.complete",
    exigences=("PDE-04",),
    regles={"fichiers": {"archive_tout": False}},
)
