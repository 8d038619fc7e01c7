"""The calls to ViaTrajectoire that scenarios look for, and the notification with which many begin."""

from __future__ import annotations

from ..core.campaign import Campaign, Geste
from ..core.errors import Inconclusive
from ..core.exchange import Exchange
from ..core.gestures.orientation import ConsulterOrientation, LireOrientation, ReleverOrientations
from ..core.matcher import Matcher, kind
from ..core.people import Usager
from ..validation.sdo.event import EsmsEvent

TOUT = kind("viatrajectoire", label="appel à ViaTrajectoire")
JETON = kind("viatrajectoire.jeton", label="demande de jeton à ViaTrajectoire")
DECISIONS = kind("viatrajectoire.decisions", label="recherche des nouvelles décisions")
DECISION = kind("viatrajectoire.decision", label="lecture d'une décision")
NOTIFICATIONS = kind("viatrajectoire.notifications", label="recherche des notifications")
CONSENTEMENT = kind("viatrajectoire.consentement", label="envoi du consentement")
EVALUATION = kind("viatrajectoire.evaluation", label="recherche de l'évaluation")
EVENEMENT = kind("viatrajectoire.evenement", label="envoi d'un événement de statut")


def _sans_unite(exchange: Exchange) -> bool:
    try:
        said = exchange.view(EsmsEvent).said
    except Inconclusive:
        return False
    return bool(said.statut_unite) and not said.unite


SANS_UNITE = EVENEMENT & Matcher("statut d'unité sans unité", _sans_unite)


def tableau_vide(c: Campaign) -> None:
    """ViaTrajectoire has no notification, and serves as usual."""
    c.viatrajectoire.command("vider")


def notifie(c: Campaign, **options: object) -> Usager:
    """A usager for whom a decision is notified to the establishment; nothing else is."""
    tableau_vide(c)
    usager = c.usager("qualifie")
    c.viatrajectoire.command("notifier", usager=usager.id, **options)
    return usager


def relever(c: Campaign, pour: tuple[str, ...] = ("VT-01",)) -> Geste:
    """A poll, and its search of decisions."""
    geste = c.do(ReleverOrientations())
    c.viatrajectoire.wait_for(DECISIONS, after=geste, pour=pour)
    return geste


def recevoir(c: Campaign, usager: Usager, pour: tuple[str, ...] = ("VT-02",)) -> Exchange:
    """A poll, and the reading of the decision of this usager."""
    geste = c.do(ReleverOrientations())
    return c.viatrajectoire.wait_for(DECISION.of(usager), after=geste, pour=pour)


def ouvrir(c: Campaign, usager: Usager, pour: tuple[str, ...] = ("VT-06",)) -> Exchange:
    """The notification is received, then opened: the event by which ViaTrajectoire learns that it is read."""
    recevoir(c, usager, pour)
    geste = c.do(LireOrientation(usager.id))
    return c.viatrajectoire.wait_for(EVENEMENT.of(usager), after=geste, pour=pour)


def consulter(c: Campaign, usager: Usager) -> Geste:
    """What the screen shows of the orientation."""
    return c.do(ConsulterOrientation(usager.id))
