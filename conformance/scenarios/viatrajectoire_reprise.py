"""ViaTrajectoire : un événement que le service ne prend pas part ensuite, une fois, à l'identique (SDO-12)."""

from __future__ import annotations

from ..checks.sdo_reprise import (
    event_is_resent_unchanged,
    event_leaves_after_the_failure,
    pending_event_is_told,
    resending_is_bounded,
)
from ..core.campaign import Campaign
from ..core.gestures.orientation import ChangerStatutOrientation, RenvoyerEvenements
from ..core.people import Usager
from .viatrajectoire_appels import EVENEMENT, notifie, recevoir

ENVOI = ("VT-06",)


def test_service_indisponible(c: Campaign) -> None:
    """ViaTrajectoire répond 503 à l'événement."""
    _panne(c, "indisponible")


def test_erreur_interne(c: Campaign) -> None:
    """ViaTrajectoire répond 500, avec un OperationOutcome."""
    _panne(c, "erreur-fhir")


def test_delai_de_passerelle(c: Campaign) -> None:
    """ViaTrajectoire répond 504."""
    _panne(c, "delai-passerelle")


def test_connexion_coupee(c: Campaign) -> None:
    """La connexion est coupée avant la réponse ; l'événement n'a pas été pris."""
    _panne(c, "coupure")


def test_reponse_perdue(c: Campaign) -> None:
    """L'événement est pris, mais la réponse se perd : il est renvoyé à l'identique."""
    _perdue(c, "reponse-perdue")


def test_erreur_apres_enregistrement(c: Campaign) -> None:
    """L'événement est pris, mais la réponse est 500 : il est renvoyé à l'identique."""
    _perdue(c, "erreur-apres-enregistrement")


def _panne(c: Campaign, panne: str) -> None:
    _envoyer(c, panne)
    c.do(RenvoyerEvenements())
    c.require(event_leaves_after_the_failure, *c.viatrajectoire.seen(EVENEMENT))


def _perdue(c: Campaign, panne: str) -> None:
    _envoyer(c, panne)
    c.advance(minutes=1)
    c.do(RenvoyerEvenements())
    vus = c.viatrajectoire.seen(EVENEMENT)
    c.require(event_leaves_after_the_failure, *vus)
    c.advise(event_is_resent_unchanged, *vus)


def _envoyer(c: Campaign, panne: str) -> Usager:
    usager = notifie(c)
    recevoir(c, usager, ENVOI)
    with c.viatrajectoire.panne(panne, target="viatrajectoire.evenement"):
        geste = c.do(ChangerStatutOrientation(usager.id, statut="41", motif="151"))
        c.viatrajectoire.wait_for(EVENEMENT, after=geste, pour=ENVOI)
        vus = c.viatrajectoire.seen(EVENEMENT)
    c.require(pending_event_is_told, geste, *vus)
    c.require(resending_is_bounded, *vus)
    return usager
