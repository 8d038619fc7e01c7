"""MSSanté : à qui un document peut partir. Identité qualifiée, oppositions, taille."""

from __future__ import annotations

from ..core.campaign import Campaign
from ..core.gestures.messagerie import EnregistrerOppositionMessagerie, EnvoyerMessage
from .mss_courrier import CORRESPONDANT, DOCUMENT, ENVOI, connecte, envoie


def test_usager_non_qualifie_sans_adresse(c: Campaign) -> None:
    """Un usager dont l'INS n'est pas qualifiée n'a pas d'adresse : rien ne part vers lui."""
    temoin, incertain = c.usager("qualifie"), c.usager("recupere")
    connecte(c)
    _, soumis = envoie(c, temoin, "usager")
    c.expect("MSS-COURRIEL-XDM", soumis, pour=("MSS-10",))
    geste = c.do(EnvoyerMessage(incertain.id, "usager", DOCUMENT))
    c.mss.absent(ENVOI.of(incertain), control=soumis, during=geste, pour=("MSS-10",))


def test_opposition_a_mon_espace_sante(c: Campaign) -> None:
    """L'usager s'oppose à recevoir ses documents : rien ne part vers lui ; il change d'avis, et le document part."""
    usager = c.usager("qualifie")
    connecte(c)
    _, soumis = envoie(c, usager)
    c.do(EnregistrerOppositionMessagerie(usager.id, "usager"))
    geste = c.do(EnvoyerMessage(usager.id, "usager", DOCUMENT))
    c.mss.absent(ENVOI.of(usager), control=soumis, during=geste, pour=("MSS-10",))
    c.do(EnregistrerOppositionMessagerie(usager.id, "usager", oppose=False))
    _, admis = envoie(c, usager, "usager")
    c.expect("MSS-COURRIEL-XDM", admis, pour=("MSS-10",))


def test_opposition_aux_professionnels(c: Campaign) -> None:
    """L'usager s'oppose à l'envoi de ses documents à un professionnel : rien ne part ; il change d'avis, et le document part."""
    usager, autre = c.usager("qualifie"), c.usager("qualifie")
    connecte(c)
    _, soumis = envoie(c, autre)
    c.do(EnregistrerOppositionMessagerie(usager.id, "professionnel"))
    geste = c.do(EnvoyerMessage(usager.id, CORRESPONDANT, DOCUMENT))
    c.mss.absent(ENVOI.of(usager), control=soumis, during=geste, pour=("MSS-11",))
    c.do(EnregistrerOppositionMessagerie(usager.id, "professionnel", oppose=False))
    _, admis = envoie(c, usager)
    c.expect("MSS-COURRIEL-XDM", admis, pour=("MSS-11",))


def test_adresse_d_un_autre_usager(c: Campaign) -> None:
    """L'adresse d'un autre usager est saisie à la main : le DUI ne lui envoie pas ces documents."""
    usager, autre = c.usager("qualifie"), c.usager("qualifie")
    connecte(c)
    _, soumis = envoie(c, autre, "usager")
    geste = c.do(EnvoyerMessage(usager.id, f"{autre.ins}@patient.mssante.fr", DOCUMENT))
    c.mss.absent(ENVOI.of(usager), control=soumis, during=geste, pour=("MSS-10",))


def test_reponse_close(c: Campaign) -> None:
    """Un message clos (X-MSS-MES: FIN) part à l'usager, sans rien d'autre qui change."""
    usager = c.usager("qualifie")
    connecte(c)
    _, soumis = envoie(c, usager, "usager", clore=True)
    c.expect("MSS-COURRIEL-XDM", soumis, pour=("MSS-13",))


def test_document_remplace(c: Campaign) -> None:
    """Une nouvelle version d'un document envoyé remplace la précédente : même série, version suivante, lien RPLC."""
    usager = c.usager("qualifie")
    connecte(c)
    envoie(c, usager)
    _, second = envoie(c, usager, remplace=True)
    c.expect("MSS-COURRIEL-XDM", second, pour=("MSS-18",))
