"""Defects of the files extracted for reporting."""

from __future__ import annotations

from functools import partial

from ..regles_fichiers import ReglesFichiers
from .registre import defaut as inscrire

defaut = partial(inscrire, theme="fichiers")
_JUSTES = ReglesFichiers()

defaut(
    "maturin-sans-medicament",
    "L'extraction MaturiN oublie le circuit du médicament.",
    check="maturin.functions",
    exigences=("MAT-01",),
    regles={"fichiers": {"fonctions": _JUSTES.fonctions[:-1]}},
)
defaut(
    "maturin-sur-cinq",
    "L'extraction MaturiN note de 0 à 5.",
    check="maturin.values",
    exigences=("MAT-02",),
    regles={"fichiers": {"echelle": 5}},
)
defaut(
    "places-repetee",
    "Une place est extraite deux fois.",
    check="places.one-row-each",
    exigences=("PDE-01",),
    regles={"fichiers": {"repete_une_place": True}},
)
defaut(
    "places-sans-colonne-mna",
    "Le tableau des places n'a pas la colonne Accueil MNA.",
    check="places.columns",
    exigences=("PDE-02",),
    regles={"fichiers": {"colonnes": tuple(c for c in _JUSTES.colonnes if c != "Accueil MNA")}},
)
defaut(
    "places-disponible-abrege",
    "Une place libre est notée « O ».",
    check="places.values",
    exigences=("PDE-03",),
    regles={"fichiers": {"libre": "O"}},
)
defaut(
    "places-ages-colles",
    "La tranche d'âge s'écrit « 8-12 », sans espaces.",
    check="places.values",
    exigences=("PDE-03",),
    regles={"fichiers": {"ages": "8-12"}},
)
defaut(
    "places-libres-seulement",
    "Seules les places libres sont extraites.",
    check="places.capacity",
    exigences=("PDE-03",),
    regles={"fichiers": {"extrait_les_places_occupees": False}},
)
defaut(
    "archive-tronquee",
    "L'archive du dossier est tronquée.",
    check="archive.readable",
    exigences=("PDE-04",),
    regles={"fichiers": {"archive_lisible": False}},
)
defaut(
    "archive-incomplete",
    "L'archive ne tient que le premier document du dossier.",
    check="archive.complete",
    exigences=("PDE-04",),
    regles={"fichiers": {"archive_tout": False}},
)
