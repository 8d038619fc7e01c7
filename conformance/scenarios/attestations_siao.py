"""SI-SIAO : ce qui se constate sur la plateforme du ministère, dont l'API n'est pas publique et n'est pas simulée ici."""

from __future__ import annotations

from ..core.campaign import Campaign
from ..core.formulaire import IMAGE

_SERVICE = "SI-SIAO"
_TRAVAILLEUR = "un travailleur social qui utilise le DUI"
_ECRANS = (*IMAGE, ".txt", ".json")


def test_foyers_reconnus(c: Campaign) -> None:
    """Individus et foyers sont reconnus par leur identifiant SI-SIAO : une seconde importation ne crée pas de doublon."""
    c.attest(
        pour=("SIAO-01",),
        constat=(
            "Importez deux fois le même foyer depuis le SI-SIAO : chaque personne et le foyer portent-ils leur "
            "identifiant SI-SIAO, et la seconde importation laisse-t-elle un seul dossier de chacun ?"
        ),
        piece="une copie du dossier après chaque importation",
        formats=_ECRANS,
        obligatoire=True,
        atteste=_TRAVAILLEUR,
        service=_SERVICE,
    )


def test_menage_mis_a_jour(c: Campaign) -> None:
    """Le dossier du ménage est mis à jour automatiquement."""
    c.attest(
        pour=("SIAO-02",),
        constat=(
            "Modifiez la composition ou la situation d'un ménage dans le SI-SIAO : le dossier du DUI change-t-il "
            "sans saisie, et dit-il quand il a été mis à jour ?"
        ),
        piece="une copie du dossier avant et après",
        formats=_ECRANS,
        obligatoire=True,
        atteste=_TRAVAILLEUR,
        service=_SERVICE,
    )


def test_evaluation_flash(c: Campaign) -> None:
    """L'évaluation flash est reprise."""
    c.attest(
        pour=("SIAO-03",),
        constat=(
            "Pour une personne dont l'évaluation flash est faite dans le SI-SIAO : chacune de ses rubriques se "
            "retrouve-t-elle dans le DUI, avec sa date et son auteur ?"
        ),
        piece="une copie de l'évaluation dans le SI-SIAO et dans le DUI",
        formats=_ECRANS,
        obligatoire=True,
        atteste=_TRAVAILLEUR,
        service=_SERVICE,
    )


def test_evaluation_approfondie(c: Campaign) -> None:
    """L'évaluation approfondie est reprise."""
    c.attest(
        pour=("SIAO-04",),
        constat=(
            "Pour une personne dont l'évaluation approfondie est faite dans le SI-SIAO : situation, logement, "
            "ressources, charges, dettes et préconisations se retrouvent-elles dans le DUI, avec leur date ?"
        ),
        piece="une copie de l'évaluation dans le SI-SIAO et dans le DUI",
        formats=_ECRANS,
        obligatoire=True,
        atteste=_TRAVAILLEUR,
        service=_SERVICE,
    )


def test_acces_refuse_sans_perte(c: Campaign) -> None:
    """Un accès refusé, une session expirée ou un dossier inexistant sont traités sans perte."""
    c.attest(
        pour=("SIAO-05",),
        constat=(
            "Essayez tour à tour avec un compte sans droit, après l'expiration de la session, et sur un dossier qui "
            "n'existe pas : le DUI dit-il chaque fois ce qui s'est passé, garde-t-il ce qui était saisi, et "
            "reprend-il après reconnexion ?"
        ),
        piece="une copie des trois écrans",
        formats=_ECRANS,
        obligatoire=True,
        atteste=_TRAVAILLEUR,
        service=_SERVICE,
    )
