"""The liaison letter at the entry of a health establishment (LDL-EES 2022.01)."""

from __future__ import annotations

from lxml import etree

from .entete import LOINC, Code, Entete, Modele
from .entete_complet import HOSPITALISATION
from .niveau_1 import prescripteur
from .recit import paragraphe
from .redaction import Redaction
from .rubriques_medicales import (
    actes,
    allergies,
    antecedents,
    commentaires,
    constantes,
    dispositifs,
    motif_de,
    problemes,
    traitements,
)
from .sections import RESULTATS, TRAITEMENTS_A_L_ENTREE, section
from .type_document import SYNTHESE, TypeDocument, format_ans


def lettre_d_entree(entete: Entete) -> etree._Element:
    """The document."""
    redaction = Redaction(prescripteur(entete))
    attendus = paragraphe("Bilan sanguin du mois dernier sans anomalie notable ; aucun examen en attente.")
    return redaction.corps(
        [
            motif_de(
                redaction,
                "Hospitalisation programmée pour bilan d'une perte de poids de quatre kilogrammes en trois mois.",
                "Motif de l'hospitalisation",
            ),
            problemes(redaction),
            antecedents(redaction),
            actes(redaction),
            allergies(redaction),
            traitements(redaction, TRAITEMENTS_A_L_ENTREE),
            constantes(redaction),
            section(redaction, RESULTATS, [attendus]),
            dispositifs(redaction),
            commentaires(redaction, "L'usager souhaite que sa personne de confiance soit jointe avant toute décision."),
        ],
        HOSPITALISATION,
    )


TYPE = TypeDocument(
    id="lettre-liaison-entree-es",
    modele=Modele(
        code=Code("18761-7", LOINC, "Note de transfert (dont lettre de liaison à l'entrée en établissement de soins)"),
        titre="Lettre de liaison à l'entrée en établissement de soins",
        templates=(("1.2.250.1.213.1.1.1.21", "2022.01"),),
        acte=HOSPITALISATION.nature,
    ),
    redige=lettre_d_entree,
    classe=SYNTHESE,
    format=format_ans("urn:asip:ci-sis:ldl-ees:2017", "Lettre de liaison à l'entrée en établissement de soins"),
)
