"""What a correct DUI does of the files that it extracts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReglesFichiers:
    """MaturiN, places and archives."""

    fonctions: tuple[str, ...] = (
        "Admission",
        "Dossier administratif",
        "Soins",
        "Accompagnement",
        "Coordination interne",
        "Coordination externe",
        "Circuit du médicament",
    )
    echelle: int = 4
    colonnes: tuple[str, ...] = (
        *("Place n°", "Disponible", "Type de place", "Tranche d'âge", "Sexe", "Accueil PH", "Accueil MNA"),
        *("Autres modalités d'accueils renforcés", "Commentaires"),
    )
    libre: str = "Disponible"
    ages: str = "8 - 12"
    repete_une_place: bool = False
    extrait_les_places_occupees: bool = True
    archive_lisible: bool = True
    archive_tout: bool = True
