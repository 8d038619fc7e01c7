"""Consulter un DMP qui répond mal : rien d'affiché à tort, et la consultation reprend ensuite."""

from __future__ import annotations

from ..checks.dmp_affichage import failed_search_is_told
from ..core.campaign import Campaign, Geste
from ..core.gestures.consultation import ListerDocumentsDmp
from ..core.people import Usager
from .dmp_consultation_appels import LISTE, connecter, consentir, lister


def reprendre(c: Campaign, usager: Usager, geste: Geste, *, pour: tuple[str, ...]) -> None:
    """The faulty answer was told, and the next list is shown."""
    c.dmp.wait_for(LISTE.of(usager), after=geste, pour=pour)
    c.require(failed_search_is_told, geste, pour=pour)
    _, recherche = lister(c, usager, pour=pour)
    c.expect("DMP-TD3.1", recherche, pour=pour)


def usager_consentant(c: Campaign) -> Usager:
    """A usager who consents, for a user who is logged in."""
    connecter(c)
    usager = c.usager("qualifie")
    consentir(c, usager)
    return usager


def test_registre_occupe(c: Campaign) -> None:
    """Le registre occupé (XDSRegistryBusy) est annoncé, puis la liste s'affiche."""
    pour = ("DMP-CONS-15",)
    usager = usager_consentant(c)
    with c.dmp.panne("indisponible-metier", target="dmp.td3.1"):
        geste = c.do(ListerDocumentsDmp(usager.id))
    reprendre(c, usager, geste, pour=pour)


def test_service_indisponible(c: Campaign) -> None:
    """Le service indisponible (HTTP 503) est annoncé, puis la liste s'affiche."""
    pour = ("DMP-CONS-15",)
    usager = usager_consentant(c)
    with c.dmp.panne("indisponible", target="dmp.td3.1"):
        geste = c.do(ListerDocumentsDmp(usager.id))
    reprendre(c, usager, geste, pour=pour)


def test_trop_de_resultats(c: Campaign) -> None:
    """Une recherche trop large (XDSTooManyResults) est annoncée, puis une autre aboutit."""
    pour = ("DMP-CONS-16",)
    usager = usager_consentant(c)
    with c.dmp.panne("trop-de-resultats", target="dmp.td3.1"):
        geste = c.do(ListerDocumentsDmp(usager.id))
    reprendre(c, usager, geste, pour=pour)


def test_reponse_a_un_autre_message(c: Campaign) -> None:
    """Une liste qui répond à un autre message (RelatesTo) n'est pas affichée."""
    pour = ("DMP-CONS-15",)
    usager = usager_consentant(c)
    with c.dmp.panne("relatesto-faux", target="dmp.td3.1"):
        geste = c.do(ListerDocumentsDmp(usager.id))
    reprendre(c, usager, geste, pour=pour)


def test_reponse_multipart_a_une_recherche(c: Campaign) -> None:
    """Une liste rendue dans un message multipart s'affiche."""
    pour = ("DMP-CONS-15",)
    usager = usager_consentant(c)
    with c.dmp.panne("reponse-multipart", target="dmp.td3.1"):
        _, recherche = lister(c, usager, pour=pour)
    c.expect("DMP-TD3.1", recherche, pour=pour)
