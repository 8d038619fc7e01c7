"""Ce qui sort du DUI : l'INS d'une identité non qualifiée ne sort dans aucun flux."""

from __future__ import annotations

from ..checks.ins import no_matricule_leaves_for_an_unqualified_identity
from ..core.campaign import Campaign
from ..core.gestures.identite import MarquerIdentite, VerifierIns
from ..core.people import Usager
from .dmp_appels import APPEL, DEPOT, attendre_depot, ouvrir_session, usager_sans_opposition, valider
from .insi_appels import rechercher


def test_identite_recuperee_non_diffusee(c: Campaign) -> None:
    """L'INS d'une identité récupérée, que le DUI détient sans l'avoir qualifiée, n'est transmise dans aucun appel au DMP."""
    ouvrir_session(c)
    _valider(c, c.usager("recupere"))


def test_retour_lunaire_non_diffuse(c: Campaign) -> None:
    """L'INS d'un retour d'INSi à date lunaire n'est transmise dans aucun appel au DMP."""
    usager = c.usager("lunaire")
    rechercher(c, usager)
    ouvrir_session(c)
    _valider(c, usager)


def _valider(c: Campaign, usager: Usager) -> None:
    temoin = usager_sans_opposition(c)
    geste = valider(c, usager)
    depot = attendre_depot(c, temoin, valider(c, temoin), pour=("INS-13",))
    for appel in c.dmp.seen(APPEL):
        c.require(no_matricule_leaves_for_an_unqualified_identity, appel, usager)
    c.dmp.absent(DEPOT.of(usager), control=depot, during=geste, pour=("INS-13",))


def test_identite_douteuse_non_diffusee(c: Campaign) -> None:
    """Une identité qualifiée puis marquée douteuse ne sort plus avec son INS."""
    ouvrir_session(c)
    usager = c.usager("qualifie")
    c.do(MarquerIdentite(usager.id, attribut="douteuse"))
    _valider(c, usager)


def test_identite_refusee_non_diffusee(c: Campaign) -> None:
    """L'INS qu'INSi vient de refuser ne sort plus."""
    ouvrir_session(c)
    usager = c.usager("ko-insi")
    c.do(VerifierIns(usager.id))
    _valider(c, usager)
