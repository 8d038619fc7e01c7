"""Récupérer l'INS par la carte Vitale."""

from __future__ import annotations

from ..checks.ins import nothing_is_stored_without_code_00, traits_are_stored_as_returned
from ..core.campaign import Campaign
from ..core.gestures.identite import LireIdentite, RechercherIns
from .insi_appels import VITALE, lire


def test_recherche_par_carte_vitale(c: Campaign) -> None:
    """L'INS est récupérée par la carte Vitale."""
    usager = c.usager("provisoire")
    geste = c.do(RechercherIns(usager.id, moyen="vitale"))
    appel = c.insi.wait_for(VITALE.of(usager), after=geste, pour=("INS-02",))
    c.expect("INSI-RECHERCHE-VITALE", appel)
    lecture = lire(c, usager, ("INS-02",))
    if lecture is not None:
        c.require(traits_are_stored_as_returned, appel, lecture, pour=("INS-02",))


def test_carte_vitale_perimee(c: Campaign) -> None:
    """Quand INSi refuse une carte lue depuis plus de vingt minutes, rien ne change ; la carte relue, l'INS est récupérée."""
    usager = c.usager("provisoire")
    with c.insi.panne("carte-vitale-perimee"):
        geste = c.do(RechercherIns(usager.id, moyen="vitale"))
        appel = c.insi.wait_for(VITALE.of(usager), after=geste, pour=("INS-02",))
    lecture = c.do(LireIdentite(usager.id))
    c.observed(lecture, "statut", equals="provisoire", pour=("INS-02",))
    if lecture.observation("statut") is not None:
        c.require(nothing_is_stored_without_code_00, appel, lecture, pour=("INS-02",))
    encore = c.do(RechercherIns(usager.id, moyen="vitale"))
    c.observed(encore, "code", equals="00", pour=("INS-02",))
