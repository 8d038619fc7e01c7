"""The search of a record already open: by birth date and beginning of the name, by matricule, without regard for signs."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .dossier import Dossier
from .insi_messages import normaliser
from .regles_ins import ReglesDossiers


def chercher(
    dossiers: Iterable[Dossier], regles: ReglesDossiers, *, date_naissance: str, debut: str, matricule: str
) -> list[str]:
    """The records that fit every criterion given; none without a criterion."""
    if not (date_naissance or matricule):
        return []
    return [
        dossier.id
        for dossier in dossiers
        if (not date_naissance or dossier.identite.traits.date_naissance == date_naissance)
        and (not debut or _commence(dossier, debut, regles))
        and (not matricule or (regles.cherche_par_matricule and dossier.identite.porte(matricule)))
    ]


def _commence(dossier: Dossier, debut: str, regles: ReglesDossiers) -> bool:
    nom = dossier.identite.traits.nom_naissance
    lire = _plat if regles.cherche_sans_accents else str.upper
    return lire(nom).startswith(lire(debut)) if regles.cherche_par_debut_de_nom else lire(nom) == lire(debut)


def _plat(texte: str) -> str:
    return re.sub(r"[^A-Z]", "", normaliser(texte))
