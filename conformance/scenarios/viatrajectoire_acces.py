"""ViaTrajectoire : TLS mutuel de l'entité juridique, jeton client_credentials, établissement nommé, refus (SDO-01)."""

from __future__ import annotations

from ..checks.sdo_acces import (
    refusal_is_told,
    refusals_are_not_repeated,
    refused_token_is_renewed,
    token_is_alive,
    token_is_opaque,
    token_is_reused,
)
from ..checks.sdo_requetes import only_the_flows_are_called
from ..checks.tls import nothing_is_sent_after_a_bad_certificate
from ..core.campaign import Campaign
from ..core.gestures.orientation import ReleverOrientations
from ..core.matcher import kind
from .viatrajectoire_appels import DECISION, DECISIONS, JETON, NOTIFICATIONS, TOUT, notifie, relever, tableau_vide

CONNEXIONS = kind("viatrajectoire", "tls.viatrajectoire", label="connexion à ViaTrajectoire")


def test_jeton_puis_appels(c: Campaign) -> None:
    """La relève demande un jeton avec le certificat de l'entité juridique, puis appelle l'API au nom de l'établissement."""
    notifie(c)
    c.viatrajectoire.command("revoquer")
    geste = c.do(ReleverOrientations())
    c.viatrajectoire.wait_for(JETON, after=geste, pour=("VT-10",))
    c.expect("SDO-JETON", c.viatrajectoire.seen(JETON)[-1])
    c.viatrajectoire.wait_for(DECISIONS, after=geste, pour=("VT-10", "VT-01"))
    c.expect("SDO-DECISIONS", c.viatrajectoire.seen(DECISIONS)[-1])
    c.require(only_the_flows_are_called, *c.viatrajectoire.seen(TOUT))
    c.expect("SDO-DECISION", c.viatrajectoire.wait_for(DECISION, after=geste, pour=("VT-10", "VT-02")))
    c.expect("SDO-NOTIFICATIONS", c.viatrajectoire.wait_for(NOTIFICATIONS, after=geste, pour=("VT-10", "VT-07")))
    c.advise(token_is_reused, *c.viatrajectoire.seen(TOUT))


def test_jeton_expire(c: Campaign) -> None:
    """Le jeton expire entre deux relèves : le DUI en demande un autre."""
    tableau_vide(c)
    c.viatrajectoire.command("jetons", duree=120)
    c.viatrajectoire.command("revoquer")
    try:
        relever(c, ("VT-10",))
        c.advance(minutes=5)
        relever(c, ("VT-10",))
        c.require(token_is_alive, *c.viatrajectoire.seen(TOUT))
    finally:
        c.viatrajectoire.command("jetons", duree=c.settings.viatrajectoire.duree_jeton)


def test_jeton_opaque(c: Campaign) -> None:
    """Le jeton n'est pas un JWT : le DUI l'emploie sans le lire."""
    tableau_vide(c)
    c.viatrajectoire.command("jetons", forme="opaque")
    c.viatrajectoire.command("revoquer")
    try:
        geste = c.do(ReleverOrientations())
        c.viatrajectoire.wait_for(JETON, after=geste, pour=("VT-10",))
        c.require(token_is_opaque, geste, *c.viatrajectoire.seen(TOUT))
    finally:
        c.viatrajectoire.command("jetons", forme=c.settings.viatrajectoire.jeton)
        c.viatrajectoire.command("revoquer")


def test_jeton_refuse_une_fois(c: Campaign) -> None:
    """L'API refuse une fois le jeton (401) : le DUI en demande un autre et refait l'appel."""
    tableau_vide(c)
    relever(c, ("VT-10",))
    with c.viatrajectoire.panne("jeton-refuse", times=1):
        c.do(ReleverOrientations())
    c.require(refused_token_is_renewed, *c.viatrajectoire.seen(TOUT))


def test_jeton_toujours_refuse(c: Campaign) -> None:
    """L'API refuse tous les jetons : le DUI s'arrête et le dit."""
    _refus(c, "jeton-refuse")


def test_client_refuse(c: Campaign) -> None:
    """Le serveur d'autorisation ne reconnaît pas le client : le DUI s'arrête et le dit."""
    _refus(c, "client-refuse")


def test_etablissement_refuse(c: Campaign) -> None:
    """L'établissement n'a plus accès (403) : le DUI s'arrête et le dit."""
    _refus(c, "droits-retires")


def test_certificat_du_serveur_d_un_autre_hote(c: Campaign) -> None:
    """Le certificat de ViaTrajectoire est au nom d'un autre hôte : le DUI ne lui envoie aucun octet."""
    _mauvais_certificat(c, "certificat-mauvais-hote")


def test_certificat_du_serveur_expire(c: Campaign) -> None:
    """Le certificat de ViaTrajectoire a expiré : le DUI ne lui envoie aucun octet."""
    _mauvais_certificat(c, "certificat-expire")


def _refus(c: Campaign, panne: str) -> None:
    tableau_vide(c)
    relever(c, ("VT-10",))
    c.viatrajectoire.command("revoquer")
    with c.viatrajectoire.panne(panne):
        geste = c.do(ReleverOrientations())
    vus = c.viatrajectoire.seen(TOUT)
    c.require(refusal_is_told, geste, *vus)
    c.require(refusals_are_not_repeated, *vus)


def _mauvais_certificat(c: Campaign, panne: str) -> None:
    tableau_vide(c)
    relever(c, ("VT-10",))
    avant = len(c.viatrajectoire.seen(CONNEXIONS))
    with c.viatrajectoire.panne(panne):
        c.do(ReleverOrientations())
        vues = c.viatrajectoire.seen(CONNEXIONS, least=avant + 1)
    c.require(nothing_is_sent_after_a_bad_certificate, *vues, pour=("VT-10",))
