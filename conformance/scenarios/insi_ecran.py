"""Ce qui se regarde à l'écran : identité enregistrée, création, verrous, habilitations, antériorité, partenaires."""

from __future__ import annotations

from ..checks.ins import matricule_is_kept_with_its_oid, traits_are_stored_as_returned
from ..checks.ins_identites import former_record_is_found
from ..core.campaign import Campaign
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
        question=(
            "Ouvrez l'identité : le matricule, l'OID, le nom de naissance, les prénoms, le premier prénom, la date, le "
            "sexe, le code du lieu de naissance, le nom et le prénom utilisés y sont-ils enregistrés ? (capture de "
            "l'écran ; attesté par le testeur)"
        ),
    )
    c.attest(
        pour=("INS-06",),
        question=(
            "Créez une identité en laissant vide, tour à tour, chacun des cinq traits obligatoires : le DUI "
            "refuse-t-il, sans rien exiger d'autre, le lieu inconnu se codant 99999 ? (capture d'un refus ; attesté "
            "par le testeur)"
        ),
    )
    c.attest(
        pour=("INS-10",),
        question=(
            "Après INSi, les traits stricts sont-ils grisés et les traits complémentaires modifiables, le premier "
            "prénom tiré de la liste ? (capture de l'écran ; attesté par le testeur)"
        ),
    )
    c.attest(
        pour=("INS-15",),
        question=(
            "Avec un profil sans droit sur l'INS, puis avec un profil sans droit d'appel à INSi : l'INS est-elle "
            "masquée, le bouton d'appel absent ? (capture des deux écrans et des habilitations ; attesté par "
            "l'administrateur du DUI)"
        ),
    )
    c.attest(
        pour=("INS-19",),
        question=(
            "Le statut de l'identité se voit-il sans clic, et la qualification se fait-elle dans le parcours d'accueil "
            "? (capture du bandeau et du parcours ; attesté par un professionnel)"
        ),
    )
    c.attest(
        pour=("INS-22",),
        question=(
            "Le DUI montre-t-il à qui l'INS a été transmise, et propage-t-il à ces partenaires la modification d'un "
            "trait strict ? (extrait de la trace ; attesté par l'éditeur)"
        ),
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
        question=(
            "À l'accueil, la recherche d'antériorité se fait-elle par date de naissance et début du nom, ou par "
            "matricule, sans accents ni tirets ? (capture d'une recherche ; attesté par un professionnel de l'accueil)"
        ),
    )
