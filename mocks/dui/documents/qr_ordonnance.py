"""The QR code of an ordonnance: what ON-05 wants in it, under a layout of this software's own.

No public text gives a layout. This one says its name and its version, then ``name=value`` fields separated by semicolons.
"""

from __future__ import annotations

from .entete import Entete

FORME = "DUI-TEMOIN-ORDONNANCE-1"
CHAMPS = ("prescription", "structure", "rpps", "nom", "prenom", "naissance")
"""The fields, in order: unique identifier of the prescription, FINESS (AM number of a practice), RPPS of the prescriber,
birth name, first given name and birth date (ISO) of the patient."""


def contenu(entete: Entete) -> str:
    """The characters of the code."""
    traits = entete.dossier.identite.traits
    valeurs = (
        entete.identifiant("prescription"),
        entete.structure.finess_ej,
        entete.auteur.id_nat.removeprefix("8"),
        traits.nom_naissance,
        traits.prenoms[0],
        traits.date_naissance,
    )
    return ";".join((FORME, *(f"{nom}={valeur}" for nom, valeur in zip(CHAMPS, valeurs, strict=True))))
