"""Pré-remplir la note de vaccination depuis la base médicamenteuse : CIP → CIS, ATC, dénomination, lot."""

from __future__ import annotations

from ..checks.cda_vaccination import vaccine_is_filled_from_the_drug_base
from ..core.campaign import Campaign
from ..core.gestures.documents import ValiderDocument
from .dmp_appels import NOTE, attendre_depot, ouvrir_session, usager_sans_opposition


def test_vaccin_choisi_par_son_cip(c: Campaign) -> None:
    """Un vaccin choisi par son code CIP remplit la note : code CIS, classe ATC, dénomination et lot."""
    ouvrir_session(c)
    usager = usager_sans_opposition(c)
    vaccin = c.settings.vaccin
    geste = c.do(ValiderDocument(usager.id, type=NOTE, cip=vaccin.cip, lot=vaccin.lot))
    depot = attendre_depot(c, usager, geste, pour=("VAC-03",))
    c.require(vaccine_is_filled_from_the_drug_base, depot, pour=("VAC-03",))
