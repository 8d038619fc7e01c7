"""What the level 1 documents of care say: ordonnances, certificate, reports, attestation of a sample's identity."""

from __future__ import annotations

from ....fixtures.boites import boite_de_structure
from ..horloge import FUSEAU
from .correspondants import MESSAGERIE_DU_TRAITANT
from .entete import Entete
from .pdf import Bloc

_SIGNATURE = "Document fictif, destiné aux essais du logiciel."


def produits(entete: Entete) -> tuple[Bloc, ...]:
    """Two drugs and a device."""
    return (
        Bloc(
            "Médicaments",
            (
                (
                    ("Médicament", "Posologie", "Durée"),
                    ("PARACETAMOL FICTIF 500 mg, comprimé", "1 comprimé matin, midi et soir", "5 jours"),
                    ("MACROGOL FICTIF 10 g, poudre pour solution buvable", "1 sachet le matin", "1 mois"),
                ),
            ),
        ),
        Bloc("Dispositifs médicaux", ("Bas de contention de classe 2, deux paires.",)),
        Bloc("Mentions", (_prescripteur(entete), _SIGNATURE)),
    )


def actes(entete: Entete) -> tuple[Bloc, ...]:
    """Biology and nursing."""
    return (
        Bloc("Examens de biologie", ("Hémogramme, ionogramme sanguin, créatinine, CRP, à jeun, au lit de l'usager.",)),
        Bloc("Soins infirmiers", ("Pansement simple de la jambe gauche tous les deux jours, pendant trois semaines.",)),
        Bloc(
            "Résultats à adresser par MSSanté",
            ((("Médecin traitant", MESSAGERIE_DU_TRAITANT), ("Établissement", boite_de_structure("ehpad").adresse)),),
        ),
        Bloc("Mentions", (_prescripteur(entete), _SIGNATURE)),
    )


def autres(entete: Entete) -> tuple[Bloc, ...]:
    """A transport."""
    return (
        Bloc(
            "Transport",
            (
                "Transport assis professionnalisé, aller et retour, pour une consultation de cardiologie.",
                f"Départ et retour : {entete.structure.nom}.",
            ),
        ),
        Bloc("Mentions", (_prescripteur(entete), _SIGNATURE)),
    )


def certificat(entete: Entete) -> tuple[Bloc, ...]:
    """The medical certificate that a disability office asks for."""
    return (
        Bloc(
            "Pathologie à l'origine du handicap", ("Séquelles motrices d'un accident vasculaire cérébral, hémiparésie gauche.",)
        ),
        Bloc(
            "Retentissement",
            (
                (
                    ("Marche", "Difficile, avec une canne, périmètre de 200 mètres"),
                    ("Préhension de la main non dominante", "Impossible sans aide"),
                    ("Toilette et habillage", "Aide humaine partielle"),
                    ("Orientation dans le temps et dans l'espace", "Sans difficulté"),
                ),
            ),
        ),
        Bloc("Perspectives", ("État stabilisé, rééducation d'entretien.", _prescripteur(entete))),
    )


def suivi_de_soins(entete: Entete) -> tuple[Bloc, ...]:
    """What was done and seen on one day."""
    jour = entete.acte_le.astimezone(FUSEAU).strftime("%d/%m/%Y à %H:%M")
    return (
        Bloc("Soins réalisés", (f"Pansement de la jambe gauche refait le {jour}.", "Aide à la prise des médicaments du matin.")),
        Bloc(
            "Surveillance",
            (
                (
                    ("Tension artérielle", "128/74 mm[Hg]"),
                    ("Température", "36,8 °C"),
                    ("Douleur", "2 sur 10"),
                ),
            ),
        ),
        Bloc("Transmissions", ("Plaie propre, en voie de cicatrisation. Prochain pansement dans deux jours.",)),
    )


def consultation(entete: Entete) -> tuple[Bloc, ...]:
    """A doctor's visit."""
    return (
        Bloc("Motif", ("Visite mensuelle de suivi.",)),
        Bloc("Examen", ("Auscultation normale, pas d'œdème des membres inférieurs, poids stable.",)),
        Bloc("Conclusion", ("Traitement reconduit pour trois mois. Contrôle biologique prescrit.", _prescripteur(entete))),
    )


def attestation(entete: Entete) -> tuple[Bloc, ...]:
    """Who took the sample and from whom, for the laboratory, with the prescription."""
    jour = entete.acte_le.astimezone(FUSEAU).strftime("%d/%m/%Y à %H:%M")
    preleveur = entete.auteur
    return (
        Bloc(
            "Préleveur",
            (
                (
                    ("Nom", f"{preleveur.prenom} {preleveur.nom}"),
                    ("Profession", preleveur.libelle_profession),
                    ("RPPS", preleveur.id_nat.removeprefix("8")),
                    ("Prélèvement", jour),
                    ("Lieu", entete.structure.nom),
                ),
            ),
        ),
        Bloc(
            "Attestation",
            (
                "L'identité de l'usager a été contrôlée au moment du prélèvement.",
                "Elle est qualifiée : pièce d'identité à haut niveau de confiance et INS obtenue du téléservice INSi.",
            ),
        ),
        Bloc(
            "Prescription jointe",
            (
                "Hémogramme, ionogramme sanguin, créatinine, CRP.",
                f"Prescription n° {entete.identifiant('prescription')}, par le médecin de la structure.",
            ),
        ),
    )


def _prescripteur(entete: Entete) -> str:
    return f"Dr {entete.auteur.prenom} {entete.auteur.nom}, RPPS {entete.auteur.id_nat.removeprefix('8')}."
