"""Consulter un DMP qui répond mal : rien d'affiché à tort, et la consultation reprend ensuite."""

from __future__ import annotations

from ..checks.dmp_affichage import failed_search_is_told
from ..core.campaign import Campaign
from ..core.gestures.consultation import ListerDocumentsDmp
from .dmp_consultation_appels import LISTE, lister, usager_consentant


def lister_malgre(c: Campaign, panne: str, *, pour: tuple[str, ...]) -> None:
    """A faulty answer to a search is told, and the next list is shown."""
    usager, _ = usager_consentant(c)
    with c.dmp.panne(panne, target="dmp.td3.1"):
        geste = c.do(ListerDocumentsDmp(usager.id))
    c.dmp.wait_for(LISTE.of(usager), after=geste, pour=pour)
    c.require(failed_search_is_told, geste, pour=pour)
    _, recherche = lister(c, usager, pour=pour)
    c.expect("DMP-TD3.1", recherche, pour=pour)


def test_registre_occupe(c: Campaign) -> None:
    """Le registre occupé (XDSRegistryBusy) est annoncé, puis la liste s'affiche."""
    lister_malgre(c, "indisponible-metier", pour=("DMP-CONS-15",))


def test_service_indisponible(c: Campaign) -> None:
    """Le service indisponible (HTTP 503) est annoncé, puis la liste s'affiche."""
    lister_malgre(c, "indisponible", pour=("DMP-CONS-15",))


def test_trop_de_resultats(c: Campaign) -> None:
    """Une recherche trop large (XDSTooManyResults) est annoncée, puis une autre aboutit."""
    lister_malgre(c, "trop-de-resultats", pour=("DMP-CONS-16",))


def test_reponse_a_un_autre_message(c: Campaign) -> None:
    """Une liste qui répond à un autre message (RelatesTo) n'est pas affichée."""
    lister_malgre(c, "relatesto-faux", pour=("DMP-CONS-15",))


def test_reponse_multipart_a_une_recherche(c: Campaign) -> None:
    """Une liste rendue dans un message multipart s'affiche."""
    pour = ("DMP-CONS-15",)
    usager, _ = usager_consentant(c)
    with c.dmp.panne("reponse-multipart", target="dmp.td3.1"):
        _, recherche = lister(c, usager, pour=pour)
    c.expect("DMP-TD3.1", recherche, pour=pour)
