"""Les traces des appels à INSi et des accès à l'INS : le fichier que donne le DUI, rapproché des appels vus."""

from __future__ import annotations

from ..checks.ins_traces import (
    accesses_to_the_ins_are_traced,
    every_answer_is_traced,
    every_call_is_traced,
    traces_name_the_user,
    traces_say_when_insi_was_called,
)
from ..core.campaign import Campaign
from ..core.gestures.identite import ExporterTracesIns, LireIdentite
from .insi_appels import RECHERCHE, rechercher
from .psc_appels import reconnecter


def test_traces_des_appels_et_des_acces(c: Campaign) -> None:
    """Chaque appel à INSi, chaque code rendu (00, 01, 02, erreur) et chaque accès à l'INS est tracé : qui, quand, quoi."""
    utilisateur = c.professionnel("infirmiere-ehpad")
    reconnecter(c, utilisateur)
    connus = [c.usager("provisoire"), c.usager("inconnu-insi"), c.usager("plusieurs-insi")]
    for usager in connus:
        rechercher(c, usager)
    panne = c.usager("provisoire")
    with c.insi.panne("erreur-technique"):
        rechercher(c, panne)
    lecture = c.do(LireIdentite(connus[0].id))
    traces = c.do(ExporterTracesIns()).piece()
    appels = [appel for usager in (*connus, panne) for appel in c.insi.seen(RECHERCHE.of(usager))]
    usagers = (*connus, panne)
    c.require(every_call_is_traced, traces, *appels, *usagers)
    c.require(every_answer_is_traced, traces, *appels, *usagers)
    c.require(traces_name_the_user, traces, *appels, *usagers, utilisateur)
    c.require(traces_say_when_insi_was_called, traces, *appels)
    c.require(accesses_to_the_ins_are_traced, traces, lecture)
