"""What the level 1 documents of the social and medico-social life of a usager say: liaison letters, environment."""

from __future__ import annotations

from ..horloge import FUSEAU
from .entete import Entete
from .pdf import Bloc


def liaison_entree(entete: Entete) -> tuple[Bloc, ...]:
    """What the structure that receives the usager must know."""
    entree = entete.sejour_depuis.astimezone(FUSEAU).strftime("%d/%m/%Y")
    return (
        Bloc(
            "Motif de l'entrée",
            (
                f"Entrée le {entree} dans la structure {entete.structure.nom}, à la demande de l'usager et de sa famille.",
                "Le maintien au domicile n'était plus possible après deux chutes en six mois, malgré les aides en place.",
            ),
        ),
        Bloc(
            "Autonomie et habitudes de vie",
            (
                (
                    ("Déplacements", "Marche avec un déambulateur, une aide pour les escaliers"),
                    ("Repas", "Prend ses repas seul, texture normale, boissons à proposer"),
                    ("Toilette", "Aide partielle pour le bas du corps"),
                    ("Sommeil", "Se couche vers 21 h, veilleuse souhaitée"),
                ),
            ),
        ),
        Bloc("Points de vigilance", ("Risque de chute la nuit.", "Lunettes et appareil auditif à droite à ne pas oublier.")),
        Bloc("Suites attendues", ("Bilan d'autonomie à un mois, projet personnalisé à trois mois.",)),
    )


def liaison_sortie(entete: Entete) -> tuple[Bloc, ...]:
    """What those who take over after the structure must know."""
    zone = [instant.astimezone(FUSEAU).strftime("%d/%m/%Y") for instant in (entete.sejour_depuis, entete.acte_le)]
    return (
        Bloc(
            "Séjour",
            (
                f"Accueil du {zone[0]} au {zone[1]} dans la structure {entete.structure.nom}.",
                "Sortie vers le domicile, avec l'accord de l'usager et de ses proches.",
            ),
        ),
        Bloc(
            "Évolution pendant le séjour",
            ("L'usager a repris la marche avec une canne et participe aux ateliers de cuisine.", "Poids stable à 62 kg."),
        ),
        Bloc(
            "Relais organisés",
            (
                (
                    ("Soins infirmiers", "Passage quotidien du SSIAD, le matin"),
                    ("Aide à domicile", "Deux heures par jour, du lundi au vendredi"),
                    ("Matériel", "Lit à hauteur variable et barre d'appui livrés"),
                ),
            ),
        ),
        Bloc("Rendez-vous à venir", ("Médecin traitant dans les huit jours.", "Kinésithérapeute deux fois par semaine.")),
    )


def synthese_environnementale(entete: Entete) -> tuple[Bloc, ...]:
    """Who surrounds the usager, where he lives and what helps him: for whoever receives him in an emergency."""
    return (
        Bloc(
            "Lieu de vie",
            (f"Hébergement permanent, {entete.structure.nom}, chambre individuelle au premier étage avec ascenseur.",),
        ),
        Bloc(
            "Entourage",
            (
                (
                    ("Lien", "Rôle"),
                    ("Fille", "Personne de confiance, visite chaque semaine"),
                    ("Fils", "Personne à prévenir, joignable par la structure"),
                ),
            ),
        ),
        Bloc("Protection juridique", ("Aucune mesure de protection à ce jour.",)),
        Bloc(
            "Aides et matériel",
            ("Fauteuil roulant pour les longs trajets, lit médicalisé, appareil auditif à droite, prothèse dentaire haute.",),
        ),
        Bloc("Communication", ("Comprend et s'exprime en français ; parler lentement et de face.",)),
    )
