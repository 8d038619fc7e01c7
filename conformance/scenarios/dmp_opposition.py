"""Respecter l'opposition de l'usager : aucun dépôt tant qu'elle est enregistrée."""

from __future__ import annotations

from ..checks.dmp_alimentation import deposit_is_stored
from ..core.campaign import Campaign
from ..core.gestures.dmp import EnregistrerOpposition
from .dmp_appels import DEPOT, deposer, ouvrir_session, passer_le_delai, temoin, usager_sans_opposition, valider

_POUR = ("DMP-ALIM-01",)


def test_opposition_bloque_le_depot(c: Campaign) -> None:
    """Un document validé pour un usager opposé à l'alimentation n'est pas déposé ; sans opposition, il l'est."""
    ouvrir_session(c)
    controle = temoin(c, pour=_POUR)
    usager = c.usager("oppose")
    c.do(EnregistrerOpposition(usager.id, oppose=True))
    geste = valider(c, usager)
    reste = passer_le_delai(c)
    c.dmp.absent(DEPOT.of(usager), control=controle.depot, during=geste, pour=_POUR, within=controle.fenetre(c, reste))


def test_opposition_pendant_le_delai_retire_l_envoi(c: Campaign) -> None:
    """L'opposition enregistrée pendant le délai d'envoi retire le document qui allait partir."""
    if c.settings.delais.envoi_differe <= 0:
        c.skip("le DUI envoie sans délai ([delais] envoi_differe = 0)")
    ouvrir_session(c)
    controle = temoin(c, pour=_POUR)
    usager = usager_sans_opposition(c)
    geste = valider(c, usager)
    c.do(EnregistrerOpposition(usager.id, oppose=True))
    reste = passer_le_delai(c)
    c.dmp.absent(DEPOT.of(usager), control=controle.depot, during=geste, pour=_POUR, within=controle.fenetre(c, reste))


def test_opposition_levee_laisse_partir_les_documents_suivants(c: Campaign) -> None:
    """L'usager qui revient sur son opposition voit ses documents suivants déposés."""
    ouvrir_session(c)
    usager = c.usager("oppose")
    c.do(EnregistrerOpposition(usager.id, oppose=True))
    c.do(EnregistrerOpposition(usager.id, oppose=False))
    depot = deposer(c, usager, pour=_POUR)
    c.require(deposit_is_stored, depot, pour=_POUR)
