"""The fictional professionals around the usager, who did not write the document."""

from __future__ import annotations

from ..comptes import Utilisateur
from .entete import Code, Participant

MEDECIN_TRAITANT = Utilisateur(
    compte="",
    id_nat="899700000091",
    nom="TESTEUR-TRAITANT",
    prenom="Hélène",
    civilite="MME",
    profession="10",
    savoir_faire="SM26",
)

MESSAGERIE_DU_TRAITANT = "helene.testeur-traitant@medecin.formation.mssante.fr"

_FONCTION = "2.16.840.1.113883.5.88"

INFORME = Participant("INF", Code("PCP", _FONCTION, "Médecin Traitant"), MEDECIN_TRAITANT)
"""The family doctor, as the IPS names his function (capital T)."""
REFERENT = Participant("INF", Code("PCP", _FONCTION, "Médecin traitant"), MEDECIN_TRAITANT)
"""The family doctor, as the nomenclature of functions labels him."""
