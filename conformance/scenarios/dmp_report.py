"""Retenir, différer, annuler : ce que l'utilisateur peut faire entre la validation et l'envoi."""

from __future__ import annotations

from ..checks.dmp_alimentation import cancellation_is_accepted_in_time, deposit_is_stored, deposit_waits_for_the_delay
from ..core.campaign import Campaign
from ..core.gestures.dmp import AnnulerEnvoi
from ..core.gestures.documents import ValiderDocument
from .dmp_appels import (
    DEPOT,
    attendre_depot,
    deposer,
    laisser_travailler,
    ouvrir_session,
    passer,
    passer_le_delai,
    temoin,
    type_usuel,
    usager_sans_opposition,
    valider,
)

_SANS_DELAI = "le DUI envoie sans délai ([delais] envoi_differe = 0)"


def test_document_retenu_ne_part_pas(c: Campaign) -> None:
    """Un document validé avec « pas d'envoi au DMP » n'est pas déposé."""
    ouvrir_session(c)
    controle = temoin(c, pour=("DMP-ALIM-05",))
    usager = usager_sans_opposition(c)
    geste = c.do(ValiderDocument(usager.id, type=type_usuel(c), retenir=True))
    reste = passer_le_delai(c)
    fenetre = controle.fenetre(c, reste)
    c.dmp.absent(DEPOT.of(usager), control=controle.depot, during=geste, pour=("DMP-ALIM-05",), within=fenetre)


def test_choix_de_retenir_ne_se_repete_pas(c: Campaign) -> None:
    """Retenir un document ne retient pas le suivant : l'envoi reste le choix par défaut."""
    ouvrir_session(c)
    usager = usager_sans_opposition(c)
    c.do(ValiderDocument(usager.id, type=type_usuel(c), retenir=True))
    depot = deposer(c, usager, pour=("DMP-ALIM-05",))
    c.require(deposit_is_stored, depot, pour=("DMP-ALIM-05",))
    c.dmp.absent(DEPOT.of(usager), control=depot, pour=("DMP-ALIM-05",))


def test_envoi_differe(c: Campaign) -> None:
    """L'envoi part au terme du délai qui suit la validation, pas avant."""
    delai = c.settings.delais.envoi_differe
    if delai <= 0:
        c.skip(_SANS_DELAI)
    ouvrir_session(c)
    usager = usager_sans_opposition(c)
    geste = valider(c, usager)
    passer(c, delai / 2)
    laisser_travailler(c)
    depot = attendre_depot(c, usager, geste, pour=("DMP-ALIM-06",))
    c.require(deposit_waits_for_the_delay, geste, depot, pour=("DMP-ALIM-06",))


def test_envoi_annule_pendant_le_delai(c: Campaign) -> None:
    """Un envoi programmé, annulé pendant le délai, ne part pas."""
    if c.settings.delais.envoi_differe <= 0:
        c.skip(_SANS_DELAI)
    ouvrir_session(c)
    controle = temoin(c, pour=("DMP-ALIM-06",))
    usager = usager_sans_opposition(c)
    valider(c, usager)
    annulation = c.do(AnnulerEnvoi(usager.id))
    c.require(cancellation_is_accepted_in_time, annulation, pour=("DMP-ALIM-06",))
    reste = passer_le_delai(c)
    fenetre = controle.fenetre(c, reste)
    c.dmp.absent(DEPOT.of(usager), control=controle.depot, during=annulation, pour=("DMP-ALIM-06",), within=fenetre)
