"""Le secteur AHI (accueil, hébergement, insertion) n'a pas de consultation de Mon espace santé."""

from __future__ import annotations

from ..core.campaign import Campaign
from ..core.errors import NotTested
from ..core.gestures.consultation import EnregistrerConsentement, ListerDocumentsDmp, OuvrirDossier, RattacherUsager
from ..core.people import Usager
from .dmp_appels import deposer, usager_sans_opposition
from .dmp_consultation_appels import CONSULTATION, connecter

_POUR = ("SIAO-06",)


def rattacher(c: Campaign, usager: Usager) -> None:
    """Attach the usager to a structure of that sector; a DUI that serves no other has nothing to attach."""
    try:
        c.do(RattacherUsager(usager.id, "AHI"))
    except NotTested:
        if set(c.settings.secteurs) != {"AHI"}:
            raise


def tenter(c: Campaign, usager: Usager) -> None:
    """Try to consult; a DUI of that sector may not offer the gestures at all."""
    try:
        c.do(EnregistrerConsentement(usager.id, accord=True))
        c.do(OuvrirDossier(usager.id))
        c.do(ListerDocumentsDmp(usager.id))
    except NotTested:
        return


def test_aucune_consultation_au_secteur_ahi(c: Campaign) -> None:
    """Un usager du secteur AHI n'est pas consulté au DMP, que le même DUI alimente."""
    connecter(c)
    usager = usager_sans_opposition(c)
    rattacher(c, usager)
    depot = deposer(c, usager, pour=_POUR)
    tenter(c, usager)
    c.dmp.absent(CONSULTATION.of(usager), control=depot, pour=_POUR)
