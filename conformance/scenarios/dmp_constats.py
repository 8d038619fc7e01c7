"""Ce que seule une personne constate de l'alimentation du DMP : l'écran, l'information de l'usager, l'homologation."""

from __future__ import annotations

from ..checks.dmp_alimentation import deposit_is_stored
from ..core.campaign import Campaign
from ..core.formulaire import IMAGE, PDF
from .attestations_pieces import verifier_le_certificat
from .dmp_appels import deposer, ouvrir_session, usager_sans_opposition

_ALIMENTATION = ("DMP-ALIM-04",)


def test_information_et_opposition_de_l_usager(c: Campaign) -> None:
    """L'usager, ou son représentant, est informé une fois ; son opposition a un motif légitime, qui est saisi."""
    _deposer(c)
    c.attest(
        pour=("DMP-ALIM-02",),
        constat=(
            "L'information de l'usager (ou de son représentant légal) est-elle tracée une seule fois dans son suivi, "
            "et non à chaque document ? Regarder son dossier."
        ),
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )
    c.attest(
        pour=("DMP-ALIM-03",),
        constat=(
            "L'opposition à l'alimentation demande-t-elle un motif, que le professionnel apprécie et saisit ? "
            "Enregistrer une opposition sans motif, puis avec."
        ),
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )


def test_envoi_en_tache_de_fond(c: Campaign) -> None:
    """L'envoi au DMP se fait sans bloquer l'écran, et sans que l'utilisateur ait à s'en occuper."""
    _deposer(c)
    c.attest(
        pour=("DMP-ALIM-07",),
        constat=(
            "Pendant l'envoi au DMP, l'utilisateur peut-il continuer à travailler, sans fenêtre ni attente ? Valider "
            "un document puis en ouvrir un autre aussitôt."
        ),
        atteste="un professionnel utilisateur",
    )


def test_homologation_de_l_alimentation(c: Campaign) -> None:
    """Le logiciel déposant est homologué par le CNDA pour le profil alimentation du DMP."""
    _deposer(c)
    attestation = c.attest(
        pour=("DMP-ALIM-20",),
        constat=(
            "L'homologation CNDA du DMP (profil alimentation, guide en vigueur) porte-t-elle sur ce logiciel et cette version ?"
        ),
        piece="l'attestation du CNDA",
        formats=PDF,
        obligatoire=True,
        atteste="l'éditeur",
    )
    verifier_le_certificat(c, attestation, ("DMP-ALIM-20",))


def _deposer(c: Campaign) -> None:
    """A deposit, on which the look rests."""
    ouvrir_session(c)
    c.require(deposit_is_stored, deposer(c, usager_sans_opposition(c), pour=_ALIMENTATION), pour=_ALIMENTATION)
