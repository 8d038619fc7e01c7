"""The transfer form to the emergency department (DLU-FT-SU 2025.01)."""

from __future__ import annotations

from datetime import timedelta

from lxml import etree

from ..horloge import local_compact
from .actes import cisis
from .dossier_medical import CIM10, SNOMED
from .entete import LOINC, Code, Entete, Modele
from .entete_complet import URGENCES
from .observations import fonction, instant, observation, site, snomed, vrai
from .recit import Tableau
from .redaction import Redaction, heure_francaise
from .rubriques_medicales import commentaires, constantes, motif_de, protheses, vigilance
from .sections import ETAT_FONCTIONNEL, PERSONNES_INFORMEES, section
from .type_document import SYNTHESE, TypeDocument, format_ans

_FONCTION = "2.16.840.1.113883.5.88"
_A_PREVENIR = (
    (cisis("ORG-214", "Centre 15"), "Centre 15 (SAMU)", True),
    (snomed("225728007", "service des urgences"), "Service des urgences", True),
    (Code("PCP", _FONCTION, "Médecin traitant"), "Médecin traitant", False),
    (cisis("ORG-223", "Entourage du patient"), "Entourage", True),
)


def fiche_de_transfert(entete: Entete) -> etree._Element:
    """The document."""
    redaction = Redaction(entete)
    return redaction.corps(
        [
            personnes_informees(redaction, _A_PREVENIR),
            motif_de(
                redaction, "Chute dans la chambre avec douleur de hanche, sans perte de connaissance.", "Motif du transfert"
            ),
            vigilance(
                redaction,
                "Plus fatigable depuis trois jours, appétit diminué.",
                "Évolutions ou changements constatés ces derniers jours",
            ),
            _observations(redaction),
            constantes(redaction),
            protheses(redaction),
            commentaires(redaction, "L'usager comprend les consignes simples et préfère être accompagné."),
        ],
        URGENCES,
    )


def personnes_informees(redaction: Redaction, liste: tuple[tuple[Code, str, bool], ...]) -> etree._Element:
    """Who was told, and who was not."""
    tableau = Tableau(redaction, "informe", "Personne ou structure", "Informée")
    entrees = []
    for code, nom, prevenu in liste:
        _, reponse = tableau.ligne(nom, "Oui" if prevenu else "Non")
        entrees.append(observation(redaction, code, reponse, vrai(prevenu)))
    return section(redaction, PERSONNES_INFORMEES, [tableau.element], entrees)


def _observations(redaction: Redaction) -> etree._Element:
    acte = redaction.entete.acte_le
    prise, repas = acte - timedelta(hours=5), acte - timedelta(hours=2)
    tableau = Tableau(redaction, "etat", "Observation", "Constat", "Localisation")
    _, conscience, _ = tableau.ligne("Conscience", "Conscient et éveillé", "")
    _, douleur, ou = tableau.ligne("Douleur", "Présente", "Cuisse gauche")
    _, traitement, _ = tableau.ligne("Dernière prise du traitement habituel", heure_francaise(prise), "")
    _, dernier_repas, _ = tableau.ligne("Dernier repas", heure_francaise(repas), "")
    entrees = [
        fonction(redaction, cisis("MED-1301", "Conscient et éveillé"), conscience, vrai()),
        observation(
            redaction,
            Code("R52.9", CIM10, "Douleur, sans précision"),
            douleur,
            vrai(),
            site(Code("61396006", SNOMED, "cuisse gauche"), ou),
        ),
        observation(
            redaction,
            cisis("GEN-370", "Date et heure de la dernière prise du traitement habituel"),
            traitement,
            instant(local_compact(prise)),
        ),
        observation(redaction, cisis("GEN-244", "Date et heure du dernier repas"), dernier_repas, instant(local_compact(repas))),
    ]
    return section(redaction, ETAT_FONCTIONNEL, [tableau.element], entrees)


TYPE = TypeDocument(
    id="fiche-transfert-su",
    modele=Modele(
        code=Code("78341-5", LOINC, "Fiche de transfert vers le service des urgences"),
        titre="Fiche de transfert vers le service des urgences",
        templates=(("1.2.250.1.213.1.1.1.61", "2025.01"),),
        acte=Code("306104004", SNOMED, "orientation vers le service des urgences"),
    ),
    redige=fiche_de_transfert,
    classe=SYNTHESE,
    format=format_ans("urn:asip:ci-sis:fludt:2017", "Fiche de liaison d'urgence - transfert vers le SU"),
)
