"""Ce qui se regarde à l'écran : identité enregistrée, création, verrous, habilitations, antériorité, partenaires."""

from __future__ import annotations

from ..checks.ins import matricule_is_kept_with_its_oid, traits_are_stored_as_returned
from ..checks.ins_identites import former_record_is_found
from ..core.campaign import Campaign
from ..core.formulaire import IMAGE, TABLEUR
from ..core.gestures.identite import RechercherDossier
from .insi_appels import lire, rechercher


def test_identite_a_l_ecran(c: Campaign) -> None:
    """L'identité affichée porte ce qu'INSi a rendu ; le reste de l'écran est attesté par le testeur, capture à l'appui."""
    usager = c.usager("provisoire")
    _, appel = rechercher(c, usager)
    lecture = lire(c, usager, ("INS-05",))
    if lecture is not None:
        c.require(traits_are_stored_as_returned, appel, lecture, pour=("INS-05",))
        c.require(matricule_is_kept_with_its_oid, lecture, pour=("INS-05",))
    c.attest(
        pour=("INS-05",),
        constat=(
            "Ouvrez l'identité : le matricule, l'OID, le nom de naissance, les prénoms, le premier prénom, la date, "
            "le sexe, le code du lieu de naissance, le nom et le prénom utilisés y sont-ils enregistrés ?"
        ),
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="le testeur",
    )
    c.attest(
        pour=("INS-06",),
        constat=(
            "Créez une identité en laissant vide, tour à tour, chacun des cinq traits obligatoires : le DUI refuse-t-"
            "il, sans rien exiger d'autre, le lieu inconnu se codant 99999 ?"
        ),
        piece="une copie d'un refus",
        formats=IMAGE,
        atteste="le testeur",
    )
    c.attest(
        pour=("INS-10",),
        constat=(
            "Après INSi, les traits stricts sont-ils grisés et les traits complémentaires modifiables, le premier "
            "prénom tiré de la liste ?"
        ),
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="le testeur",
    )
    c.attest(
        pour=("INS-15",),
        constat=(
            "Avec un profil sans droit sur l'INS, puis avec un profil sans droit d'appel à INSi : l'INS est-elle "
            "masquée, le bouton d'appel absent ?"
        ),
        piece="une copie des deux écrans et des habilitations",
        formats=IMAGE,
        atteste="l'administrateur du DUI",
    )
    c.attest(
        pour=("INS-19",),
        constat=("Le statut de l'identité se voit-il sans clic, et la qualification se fait-elle dans le parcours d'accueil ?"),
        piece="une copie du bandeau et du parcours",
        formats=IMAGE,
        atteste="un professionnel",
    )
    c.attest(
        pour=("INS-22",),
        constat=(
            "Le DUI montre-t-il à qui l'INS a été transmise, et propage-t-il à ces partenaires la modification d'un "
            "trait strict ?"
        ),
        piece="un extrait de la trace",
        formats=(*TABLEUR, *IMAGE),
        atteste="l'éditeur",
    )


def test_recherche_d_anteriorite(c: Campaign) -> None:
    """Un dossier se retrouve par la date de naissance, avec ou sans début du nom, et par le matricule, sans égard aux signes."""
    usager = c.usager("accents")
    debut = usager.nom_naissance[:8]
    for recherche in (
        RechercherDossier(date_naissance=usager.date_naissance),
        RechercherDossier(date_naissance=usager.date_naissance, nom_debut=debut),
        RechercherDossier(date_naissance=usager.date_naissance, nom_debut=debut.replace("'", " ").lower()),
        RechercherDossier(matricule=usager.matricule),
    ):
        c.require(former_record_is_found, c.do(recherche), usager)
    c.attest(
        pour=("INS-21",),
        constat=(
            "À l'accueil, la recherche d'antériorité se fait-elle par date de naissance et début du nom, ou par "
            "matricule, sans accents ni tirets ?"
        ),
        piece="une copie d'une recherche",
        formats=IMAGE,
        atteste="un professionnel de l'accueil",
    )
