"""The sections that several documents share, written from the medical record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from lxml import etree

from .actes import dispositif, intervention, piece_jointe
from .dossier_medical import CCAM, EMDN, Probleme, Traitement
from .entete import LOINC, Code
from .medicaments import motif, traitement
from .observations import PROTHESE, directive, observation, signes_vitaux, site, snomed, vrai
from .problemes import suivi_d_allergie, suivi_de_probleme
from .recit import Tableau, paragraphe
from .redaction import Redaction, heure_francaise, jour_francais, le_jour
from .sections import (
    ACTES,
    ALLERGIES,
    ANTECEDENTS,
    COMMENTAIRE,
    DIAGNOSTIC_DE_SORTIE,
    DIRECTIVES,
    DISPOSITIFS,
    DOCUMENTS_JOINTS,
    MOTIF,
    PROBLEMES,
    PROTHESES,
    SIGNES_VITAUX,
    TRAITEMENTS,
    VIGILANCE,
    Rubrique,
    section,
)


def motif_de(redaction: Redaction, phrase: str, titre: str) -> etree._Element:
    """Why the usager is addressed."""
    return section(redaction, MOTIF, [paragraphe(phrase)], titre=titre)


def vigilance(redaction: Redaction, phrase: str, titre: str = "") -> etree._Element:
    """What the reader must know first."""
    return section(redaction, VIGILANCE, [paragraphe(phrase)], titre=titre)


def commentaires(redaction: Redaction, phrase: str) -> etree._Element:
    """What fits nowhere else."""
    return section(redaction, COMMENTAIRE, [paragraphe(phrase)])


def problemes(redaction: Redaction) -> etree._Element:
    """The diseases that are followed."""
    return _liste(redaction, PROBLEMES, redaction.medical.problemes, resolus=False)


def diagnostic_de_sortie(redaction: Redaction) -> etree._Element:
    """What the emergency department found."""
    return _liste(redaction, DIAGNOSTIC_DE_SORTIE, [redaction.medical.aigu], resolus=False)


def antecedents(redaction: Redaction) -> etree._Element:
    """The diseases that are over."""
    return _liste(redaction, ANTECEDENTS, redaction.medical.antecedents, resolus=True)


def _liste(redaction: Redaction, rubrique: Rubrique, liste: Sequence[Probleme], *, resolus: bool) -> etree._Element:
    tableau = Tableau(redaction, "probleme", "Problème", "Depuis le", "État", "Gravité", "Précision")
    entrees = []
    for probleme in liste:
        jour = jour_francais(redaction.il_y_a(probleme.depuis))
        etat = "Résolu, usager en forme" if resolus else "Actif"
        if probleme.chronique and not resolus:
            etat = "Actif, maladie chronique"
        nom, _, statut, degre, precision = tableau.ligne(
            probleme.code.libelle, jour, etat, "Modérée, diagnostic confirmé", probleme.precision
        )
        entrees.append(suivi_de_probleme(redaction, probleme, (nom, statut, degre, precision), resolu=resolus))
    return section(redaction, rubrique, [tableau.element], entrees)


def allergies(redaction: Redaction) -> etree._Element:
    """The allergies."""
    allergie = redaction.medical.allergie
    tableau = Tableau(redaction, "allergie", "Nature", "Agent", "Réaction", "Gravité", "État", "Depuis le")
    jour = jour_francais(redaction.il_y_a(allergie.depuis))
    nature, agent, effet, degre, etat, _ = tableau.ligne(
        allergie.nature.libelle.capitalize(),
        allergie.agent.libelle.capitalize(),
        allergie.reaction.libelle,
        "Modérée",
        "Active",
        jour,
    )
    entrees = [suivi_d_allergie(redaction, allergie, (nature, agent, effet, degre, etat))]
    return section(redaction, ALLERGIES, [tableau.element], entrees)


def traitements(
    redaction: Redaction,
    rubrique: Rubrique = TRAITEMENTS,
    liste: Sequence[Traitement] | None = None,
    *,
    titre: str = "",
    jusqu_au: datetime | None = None,
) -> etree._Element:
    """The treatments, each with its dosage and the problem that it answers."""
    tableau = Tableau(redaction, "traitement", "Médicament", "Posologie", "Depuis le", "Jusqu'au", "Motif")
    entrees = []
    suivis = redaction.medical.traitements if liste is None else liste
    for suivi in suivis:
        posologie = f"{suivi.dose} {suivi.unite_texte} toutes les {suivi.periode} heures, {suivi.voie.libelle.lower()}"
        debut, fin = redaction.il_y_a(suivi.depuis), jour_francais(jusqu_au) if jusqu_au else "en cours"
        cellules = (suivi.produit.specialite.libelle, posologie, jour_francais(debut), fin, suivi.pour.libelle)
        nom, prise, _, _, pour = tableau.ligne(*cellules)
        raison = motif(redaction, suivi.pour, pour)
        entrees.append(traitement(redaction, suivi, (nom, prise), raison, jusqu_au=jusqu_au))
    return section(redaction, rubrique, [tableau.element], entrees, titre=titre, type_d_entree="DRIV")


def constantes(redaction: Redaction) -> etree._Element:
    """The vital signs."""
    tableau = Tableau(redaction, "constante", "Mesure", "Valeur")
    ancres = [
        tableau.ligne(m.code.libelle, f"{m.valeur.replace('.', ',')} {m.unite_texte}")[1] for m in redaction.medical.mesures
    ]
    quand = paragraphe(f"Mesures du {heure_francaise(redaction.entete.acte_le)}.")
    return section(redaction, SIGNES_VITAUX, [quand, tableau.element], [signes_vitaux(redaction, ancres)])


def actes(redaction: Redaction, rubrique: Rubrique = ACTES, titre: str = "") -> etree._Element:
    """The procedures that were done."""
    tableau = Tableau(redaction, "acte", "Acte", "Date", "Localisation")
    examen = Code("DEQP003", CCAM, "Électrocardiographie sur au moins 12 dérivations")
    date = jour_francais(redaction.il_y_a(120))
    nom, _, ou = tableau.ligne(examen.libelle, date, "Thorax")
    localisation = site(snomed("51185008", "structure du thorax"), ou)
    return section(redaction, rubrique, [tableau.element], [intervention(redaction, examen, nom, 120, localisation)], titre=titre)


def dispositifs(redaction: Redaction) -> etree._Element:
    """The medical devices."""
    tableau = Tableau(redaction, "dispositif", "Dispositif", "Depuis le", "Précision")
    stimulateur = Code("J010101", EMDN, "STIMULATEURS CARDIAQUES IMPLANTABLES SIMPLE CHAMBRE")
    depuis_le = jour_francais(redaction.il_y_a(240))
    nom, _, precision = tableau.ligne("Stimulateur cardiaque simple chambre", depuis_le, "Carnet de suivi gardé par l'usager.")
    return section(redaction, DISPOSITIFS, [tableau.element], [dispositif(redaction, stimulateur, (nom, precision), 240)])


def protheses(redaction: Redaction) -> etree._Element:
    """Glasses, dentures, hearing aids, and what else leaves with the usager."""
    tableau = Tableau(redaction, "objet", "Prothèse ou objet", "Présent", "Côté ou localisation")
    droit, haut = snomed("24028007", "côté droit"), snomed("264217000", "supérieur(e)")
    objets = (
        (Code("Q021003", EMDN, "LUNETTES PRÊTES À PORTER (OU LUNETTES MONTÉES)"), "Lunettes", None, ""),
        (Code("P0102", EMDN, "PROTHÈSES DENTAIRES"), "Prothèse dentaire", haut, "Supérieure"),
        (Code("Y2145", EMDN, "DISPOSITIFS ACCOUSTIQUES D'AIDE À L'AUDITION"), "Appareil auditif", droit, "Droite"),
    )
    entrees = []
    for code, nom, cote, lieu in objets:
        _, present, ou = tableau.ligne(nom, "Oui", lieu)
        ou_donc = [site(cote, ou)] if cote else []
        entrees.append(observation(redaction, code, present, vrai(), *ou_donc, templates=PROTHESE))
    return section(redaction, PROTHESES, [tableau.element], entrees)


def directives(redaction: Redaction) -> etree._Element:
    """What the usager wants, and does not want, should he no longer be able to say it."""
    tableau = Tableau(redaction, "directive", "Directive", "Souhaitée", "Exprimée le")
    le = redaction.il_y_a(380)
    souhaits = (
        (Code("75779-9", LOINC, "Réanimation cardiaque et respiratoire"), False),
        (Code("77352-3", LOINC, "Alimentation et hydratation artificielles"), False),
        (snomed("387713003", "intervention chirurgicale"), True),
    )
    entrees = []
    for code, voulu in souhaits:
        _, reponse, _ = tableau.ligne(code.libelle.capitalize(), "Oui" if voulu else "Non", jour_francais(le))
        entrees.append(directive(redaction, code, reponse, voulu=voulu, le=le_jour(le)))
    return section(redaction, DIRECTIVES, [tableau.element], entrees)


def documents_joints(redaction: Redaction, pieces: Sequence[Code], rubrique: Rubrique = DOCUMENTS_JOINTS) -> etree._Element:
    """The papers that go with the document, each carried inside it."""
    tableau = Tableau(redaction, "piece", "Pièce jointe")
    entrees = []
    for nature in pieces:
        (ancre,) = tableau.ligne(nature.libelle)
        contenu = f"{nature.libelle}\nPièce fictive, jointe à titre d'exemple.\n".encode()
        entrees.append(piece_jointe(redaction, nature, ancre, contenu, "text/plain"))
    return section(redaction, rubrique, [tableau.element], entrees)
