"""Le tableau de bord des envois : ce qu'il montre, et ses chiffres comparés à ce que le banc a observé."""

from __future__ import annotations

from ..checks import tableau
from ..core.campaign import Campaign
from ..core.errors import NotTested
from ..core.exchange import Exchange
from ..core.gestures import Piece
from ..core.gestures.dmp import AttendreEnvois
from ..core.gestures.documents import ValiderDocument
from ..core.gestures.messagerie import EnvoyerMessage, ExporterTableauDeBord
from ..core.matcher import kind
from .dmp_appels import attendre_depot, usager_sans_opposition
from .mss_courrier import CORRESPONDANT, ENVOI, connecte

INCONNUE = "personne@pro.formation.mssante.fr"
ISSUE = kind("mss.smtp.envoi", "mss.smtp.refus", label="un envoi tenté auprès de l'opérateur MSSanté")


def _sends(c: Campaign) -> list[Exchange]:
    """Two mails to professionals (one about an identity that is not qualified), one to the usager, one that fails; a deposit."""
    usager, incertain = usager_sans_opposition(c), c.usager("recupere")
    depot = c.do(ValiderDocument(usager.id, type="fiche-soins"))
    seen = [attendre_depot(c, usager, depot, pour=("TBB-04",))]
    for qui, a, sorte in (
        (usager, CORRESPONDANT, "consultation"),
        (incertain, CORRESPONDANT, "fiche-soins"),
        (usager, "usager", "consultation"),
        (usager, INCONNUE, "consultation"),
    ):
        geste = c.start(EnvoyerMessage(qui.id, a, sorte))
        seen.append(c.mss.wait_for(ENVOI if a != INCONNUE else ISSUE, after=geste, pour=("TBB-04",)))
        c.finish(geste)
    return seen


def _settle(c: Campaign) -> None:
    """What the DUI still had to send has left: nothing moves its figures but what this scenario asks."""
    try:
        c.do(AttendreEnvois())
    except NotTested:
        return


def _extracts(c: Campaign, disposition: str) -> tuple[Piece, Piece, list[Exchange]]:
    """The dashboard before and after these sends."""
    connecte(c)
    _settle(c)
    before = c.do(ExporterTableauDeBord(disposition)).piece()
    seen = _sends(c)
    _settle(c)
    return before, c.do(ExporterTableauDeBord(disposition)).piece(), seen


def test_une_ligne_par_envoi(c: Campaign) -> None:
    """Le tableau d'une ligne par envoi ventile les envois, compte ceux que le banc a observés, échecs compris."""
    before, after, seen = _extracts(c, "envois")
    c.require(tableau.dashboard_breaks_down_its_figures, after)
    c.require(tableau.dashboard_names_the_establishment, after)
    c.require(tableau.dmp_figures_are_not_null, after)
    c.require(tableau.mss_figures_are_not_null, after)
    c.require(tableau.figures_are_those_observed, before, after, *seen)
    c.require(tableau.identities_are_told_apart, before, after)
    c.require(tableau.dashboard_shows_its_periods, after, seen[0])


def test_une_colonne_par_mois(c: Campaign) -> None:
    """Le tableau d'une colonne par mois montre ses périodes, chaque canal et son issue, et les chiffres observés."""
    before, after, seen = _extracts(c, "mois")
    c.require(tableau.dashboard_shows_its_periods, after, seen[0])
    c.require(tableau.dashboard_breaks_down_its_figures, after)
    c.require(tableau.dashboard_names_the_establishment, after)
    c.require(tableau.figures_are_those_observed, before, after, *seen)
