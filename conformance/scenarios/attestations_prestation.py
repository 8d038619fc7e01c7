"""La prestation : éligibilité, commande, licence, formation, installation, pilotes. L'OG et l'éditeur attestent, pièce en main.

Le PV et le chemin de l'OG recalculent ce qui se calcule (rattachement FINESS, barème, dates, pilotes) ; chaque formulaire dit où.
"""

from __future__ import annotations

from ..core.campaign import Campaign
from ..core.formulaire import DOCUMENT, PDF, TABLEUR

_OG = "l'organisme gestionnaire"
_EDITEUR = "l'éditeur"
_DEUX = "l'éditeur et l'organisme gestionnaire"


def test_eligibilite_de_la_structure(c: Campaign) -> None:
    """La structure est éligible : catégorie, FINESS géographique actif et présent dans la base de référence."""
    c.attest(
        pour=("SONS-01",),
        constat=(
            "Chaque FINESS géographique du bon de commande est-il actif, d'une catégorie éligible, et présent dans "
            "la base de référence du 27/01/2026 ? Le PV le recoupe (règle PV-01, point OG-01) quand la base FINESS "
            "lui est donnée par --finess."
        ),
        piece="l'extrait de la base FINESS",
        formats=(*TABLEUR, *PDF),
        obligatoire=True,
        atteste=_OG,
    )


def test_montee_vers_la_vague_2(c: Campaign) -> None:
    """L'établissement a un DUI et monte vers un DUI référencé Vague 2 au profil de son secteur."""
    c.attest(
        pour=("SONS-02",),
        constat=(
            "Quel DUI l'établissement a-t-il aujourd'hui (Vague 1 ou non), et celui qu'il commande est-il référencé "
            "Vague 2 au profil de son secteur ? Le PV compare les secteurs aux profils (règle PV-02) et le point "
            "OG-12 demande la copie de la liste."
        ),
        piece="la copie de la liste des solutions référencées",
        formats=(*PDF, ".png", ".jpg"),
        obligatoire=True,
        atteste=_DEUX,
    )


def test_prestation_v1_et_v2(c: Campaign) -> None:
    """La prestation « V1+V2 » est réservée à qui n'a eu ni SONS Vague 1, ni ESMS numérique, ni Vague 1 payée par lui."""
    c.attest(
        pour=("SONS-03",),
        constat=(
            "Si la commande est « V1+V2 » : l'établissement déclare-t-il n'avoir eu ni prestation SONS Vague 1, ni "
            "programme ESMS numérique, ni Vague 1 payée par lui ? Pour une commande « V2 », l'écrire en note. Le "
            "point OG-14 reprend cette déclaration, la règle PV-09 le régime."
        ),
        piece="la déclaration d'éligibilité et de non-cumul",
        formats=PDF,
        obligatoire=True,
        atteste=_OG,
    )


def test_un_seul_bon_de_commande(c: Campaign) -> None:
    """Un seul bon de commande par OG et par solution ; l'OG est une entité juridique FINESS."""
    c.attest(
        pour=("SONS-04",),
        constat=(
            "Le bon de commande est-il le seul de cet OG pour cette solution, au nom de son entité juridique "
            "(FINESS EJ), avec tous les FINESS géographiques concernés ? Le PV vérifie le rattachement (PV-01), les "
            "dates (PV-07) et le montant (PV-09)."
        ),
        piece="le bon de commande signé",
        formats=PDF,
        obligatoire=True,
        atteste=_DEUX,
    )


def test_duree_de_la_licence(c: Campaign) -> None:
    """La licence et la maintenance corrective durent cinq ans au plus."""
    c.attest(
        pour=("SONS-05",),
        constat=(
            "La licence et la maintenance corrective que la prestation comprend durent-elles cinq ans au plus, dates écrites ?"
        ),
        piece="le devis ou le contrat",
        formats=PDF,
        obligatoire=True,
        atteste=_EDITEUR,
    )


def test_formation(c: Campaign) -> None:
    """Une séance collective d'une heure au moins par utilisateur, ou des parcours autonomes ouverts pendant la prestation."""
    c.attest(
        pour=("SONS-06",),
        constat=(
            "Chaque utilisateur a-t-il eu une séance collective d'une heure au moins, ou un accès aux parcours "
            "autonomes pendant toute la prestation ? En note, l'adresse des parcours et leurs dates d'ouverture."
        ),
        piece="les feuilles d'émargement",
        formats=(*PDF, *TABLEUR),
        atteste=_DEUX,
    )


def test_aide_au_certificat(c: Campaign) -> None:
    """L'éditeur aide à obtenir le certificat d'organisation s'il est absent, expiré ou inadapté."""
    c.attest(
        pour=("SONS-07",),
        constat=(
            "L'éditeur a-t-il vérifié le certificat d'organisation (niveau EJ, échéance, usage) et aidé à le "
            "commander s'il manquait ? Le point OG-05 lit le certificat que l'on donne à « va » par --certificat."
        ),
        piece="le courrier, le ticket ou le guide remis",
        formats=DOCUMENT,
        atteste=_OG,
    )


def test_installation_et_suivi(c: Campaign) -> None:
    """L'installation, la configuration, la qualification et le suivi de projet sont faits."""
    c.attest(
        pour=("SONS-08",),
        constat=(
            "Installation, configuration, qualification et suivi de projet sont-ils faits et datés ? Le PV en porte "
            "une ligne par poste et vérifie l'ordre des dates (règle PV-07)."
        ),
        piece="les comptes rendus d'installation et de qualification",
        formats=DOCUMENT,
        obligatoire=True,
        atteste=_DEUX,
    )


def test_trois_pilotes(c: Campaign) -> None:
    """Trois pilotes complets et conformes précèdent la généralisation."""
    c.attest(
        pour=("SONS-09",),
        constat=(
            "Trois PV d'installation pilote, de trois OG distincts, pour cette solution et cette version majeure, "
            "sont-ils signés et favorables ? Le PV le vérifie sur ce qu'on y saisit (règle PV-08)."
        ),
        piece="les trois PV signés",
        formats=(*PDF, ".zip"),
        obligatoire=True,
        atteste=_EDITEUR,
    )


def test_prestation_autonome(c: Campaign) -> None:
    """La prestation est autonome, et le devis porte la mention du montant pris en charge par l'État."""
    c.attest(
        pour=("SONS-10",),
        constat=(
            "Le devis est-il sans réengagement ni option nouvelle, et porte-t-il la mention « montant de la "
            "Prestation Ségur pris en charge par l'État au titre du Ségur » ? La règle PV-09 et le point OG-13 en "
            "vérifient le reste à charge."
        ),
        piece="le devis",
        formats=PDF,
        obligatoire=True,
        atteste=_DEUX,
    )
