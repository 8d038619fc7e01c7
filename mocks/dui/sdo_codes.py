"""Statuses that the DUI offers and shows, their reasons, and the systems of its codes."""

from __future__ import annotations

STATUT = "https://mos.esante.gouv.fr/NOS/TRE_R357-StatutPersonnePriseCharge/FHIR/TRE-R357-StatutPersonnePriseCharge"
MOTIF = "https://mos.esante.gouv.fr/NOS/TRE_R358-MotifStatutPersonnePriseCharge/FHIR/TRE-R358-MotifStatutPersonnePriseCharge"
CATEGORIE = "https://mos.esante.gouv.fr/NOS/TRE_R244-CategorieOrganisation/FHIR/TRE-R244-CategorieOrganisation"
TEMPORALITE = "https://mos.esante.gouv.fr/NOS/TRE_R240-TemporaliteAccueil/FHIR/TRE-R240-TemporaliteAccueil"
MODE = "https://mos.esante.gouv.fr/NOS/TRE_R213-ModePriseEnCharge/FHIR/TRE-R213-ModePriseEnCharge"
INPUT = "https://interop.esante.gouv.fr/ig/fhir/sdo/CodeSystem/input-task-sdo-codesystem"
PROFIL = "https://interop.esante.gouv.fr/ig/fhir/sdo/StructureDefinition"

LIBELLES = {
    "37": "Décision d'orientation annulée",
    "39": "Notification envoyée",
    "40": "Notification lue",
    "41": "Contact effectué",
    "42": "Liste d'attente, en cours d'analyse",
    "43": "Période d'essai en cours",
    "44": "Période d'essai non concluante",
    "45": "Admission impossible signalée",
    "46": "Admission impossible entérinée",
    "47": "Usager entré",
    "48": "Usager sorti",
    "49": "Notification annulée",
    "51": "Demande de réorientation",
    "54": "Notification réactivée",
    "71": "Liste d'attente, admis",
    "72": "Liste d'attente, admissible",
}
AVEC_MOTIF = frozenset({"37", "41", "45", "46", "49", "51", "54", "180", "181", "188"})
"""Statuses that ask for a reason."""
FERMES = frozenset({"37", "46", "48", "49"})
"""Statuses after which nothing is left to do."""
SUITES = {
    "39": "40 41 45",
    "40": "41 42 72 71 43 45 47",
    "41": "42 72 71 43 45 47",
    "42": "72 71 43 45 47",
    "72": "71 42 43 45 47",
    "71": "43 47 45",
    "43": "44 47",
    "44": "45 42",
    "45": "54",
    "46": "54",
    "47": "48 51",
    "51": "48",
    "48": "54",
    "49": "54",
    "54": "40 41 42 72 71 43 45 47",
}
"""What the user is offered after each status."""
