"""What a good editor's file holds: declared sectors, guides, certificates, penetration test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

SECTEURS = ("PA", "PHO", "PHN", "DS", "DN", "PDS", "PDE", "AHI")


@dataclass(frozen=True, slots=True)
class ReglesDossier:
    """Each piece; ``produit`` and ``version`` replace those of the software when they are not empty."""

    secteurs: tuple[str, ...] = SECTEURS
    guides: tuple[str, ...] = ("guide-utilisateur.txt", "guide-administrateur.txt", "documentation-technique.txt")
    guides_ecrits: bool = True
    certificat_ouvert: bool = True
    produit: str = ""
    version: str = ""
    hebergement: str = "Hébergeur de données de santé certifié HDS (six activités)"
    validite_hebergement: timedelta = timedelta(days=700)
    formulaire_signe: bool = True
    formulaire_intact: bool = True
    age_du_test: timedelta = timedelta(days=90)
    points_hauts_refuses: int = 0
    points_moyens_refuses: int = 10
