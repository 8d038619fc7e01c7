"""Les documents que l'éditeur livre : profils déclarés, guides, format d'export de l'historique et du tableau de bord."""

from __future__ import annotations

from ..checks.dossier import documents_are_readable, tested_sectors_are_declared, the_three_guides_are_given
from ..core.campaign import Campaign
from ..core.formulaire import DOCUMENT, TABLEUR

_EDITEUR = "l'éditeur"


def test_profils_declares(c: Campaign) -> None:
    """La solution déclare ses profils et secteurs, et la campagne ne porte que sur eux."""
    attestation = c.attest(
        pour=("GEN-01",),
        constat=(
            "Déclarez, dans un tableau de deux colonnes « Secteur » et « Déclaré » (oui ou non), les "
            "profils que la solution vise : PA, PHO, PHN, DS, DN, PDS, PDE, AHI. Est-ce la "
            "déclaration déposée au référencement, et le secteur de la structure du dossier en fait-"
            "il partie ? Le PV compare les secteurs des établissements à ces profils (règle PV-02)."
        ),
        piece="le tableau des secteurs déclarés",
        formats=TABLEUR,
        obligatoire=True,
        atteste=_EDITEUR,
    )
    for tableau in attestation.a_controler:
        c.require(tested_sectors_are_declared, tableau)


def test_guides_livres(c: Campaign) -> None:
    """Le guide de l'utilisateur, le guide de l'administrateur et la documentation technique sont livrés."""
    attestation = c.attest(
        pour=("GEN-03",),
        constat=(
            "Le guide de l'utilisateur, celui de l'administrateur et la documentation technique sont-"
            "ils livrés, en français, dans la version testée ?"
        ),
        piece="les trois documents, ensemble dans un zip",
        formats=DOCUMENT,
        obligatoire=True,
        atteste=_EDITEUR,
    )
    if attestation.a_controler:
        c.require(documents_are_readable, *attestation.a_controler, pour=("GEN-03",))
        c.advise(the_three_guides_are_given, *attestation.a_controler)


def test_portabilite_de_l_historique(c: Campaign) -> None:
    """L'historique s'exporte dans un format standard, que la documentation décrit avec l'emplacement des données."""
    attestation = c.attest(
        pour=("GEN-04",),
        constat=(
            "Exportez l'historique d'un usager d'essai : le format est-il standard et lisible sans le "
            "DUI, et la documentation dit-elle ce format et où sont les données ?"
        ),
        piece="l'export d'essai et la documentation du format, ensemble dans un zip",
        formats=DOCUMENT,
        obligatoire=True,
        atteste=_EDITEUR,
    )
    if attestation.a_controler:
        c.require(documents_are_readable, *attestation.a_controler, pour=("GEN-04",))


def test_extraction_du_tableau_de_bord(c: Campaign) -> None:
    """L'extraction du tableau de bord est documentée : le format est décrit."""
    attestation = c.attest(
        pour=("TBB-05",),
        constat=(
            "La documentation de l'extraction du tableau de bord décrit-elle chaque colonne, les "
            "valeurs possibles, et la période que couvre une ligne ?"
        ),
        piece="la documentation du format",
        formats=DOCUMENT,
        obligatoire=True,
        atteste=_EDITEUR,
    )
    if attestation.a_controler:
        c.require(documents_are_readable, *attestation.a_controler, pour=("TBB-05",))
