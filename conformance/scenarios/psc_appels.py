"""The calls to Pro Santé Connect that scenarios look for, and the login with which many begin."""

from __future__ import annotations

from ..checks.oidc_demande import discovery_uses_the_wallet_name
from ..core.campaign import Campaign, Geste
from ..core.check import Check
from ..core.gestures.connexion import SeConnecter, SeDeconnecter
from ..core.matcher import kind
from ..core.people import Professionnel

TOUT = kind("psc", label="appel à Pro Santé Connect")
DECOUVERTE = kind("psc.decouverte", "psc.decouverte-standard", label="lecture de la configuration de Pro Santé Connect")
AUTORISATION = kind("psc.autorisation", label="demande d'autorisation à Pro Santé Connect")
JETON = kind("psc.jeton", label="demande de jetons à Pro Santé Connect")
CODE = kind("psc.jeton.code", label="échange du code contre des jetons")
RAFRAICHISSEMENT = kind("psc.jeton.rafraichissement", label="rafraîchissement des jetons")
CIBA = kind("psc.ciba", label="demande de connexion sans navigateur (CIBA)")
ATTENTE_CIBA = kind("psc.jeton.ciba", label="demande des jetons d'une connexion sans navigateur")
USERINFO = kind("psc.userinfo", label="lecture de l'identité du professionnel")
FIN_DE_SESSION = kind("psc.deconnexion", label="fin de session à Pro Santé Connect")


def connecter(c: Campaign, person: Professionnel) -> Geste:
    """A login without any fault; ends the scenario when the DUI never exchanged a code."""
    lues = len(c.psc.seen(DECOUVERTE))
    geste = c.do(SeConnecter(person.id))
    c.psc.wait_for(CODE, after=geste, pour=("PSC-01",))
    # A DUI keeps the configuration for hours: it is judged in whichever scenario reads it.
    for lecture in c.psc.seen(DECOUVERTE)[lues:]:
        c.require(discovery_uses_the_wallet_name, lecture)
    return geste


def reconnecter(c: Campaign, person: Professionnel) -> Geste:
    """Log out, then log in again without any fault."""
    c.do(SeDeconnecter())
    return connecter(c, person)


def reconnecter_autrement(c: Campaign, person: Professionnel, panne: str) -> Geste:
    """Log out, then try to log in while Pro Santé Connect misbehaves."""
    c.do(SeDeconnecter())
    with c.psc.panne(panne):
        return c.do(SeConnecter(person.id))


def refuser(c: Campaign, panne: str, rule: Check) -> None:
    """A login that succeeds, then one that Pro Santé Connect spoils: the rule compares both."""
    person = c.professionnel("infirmiere-ehpad")
    _refuser(c, person, connecter(c, person), panne, rule)


def refuser_userinfo(c: Campaign, panne: str, rule: Check) -> None:
    """As :func:`refuser`, for a DUI that reads userinfo when it logs in."""
    person = c.professionnel("infirmiere-ehpad")
    temoin = connecter(c, person)
    if not c.psc.seen(USERINFO):
        c.skip("le DUI ne lit pas userinfo à la connexion")
    _refuser(c, person, temoin, panne, rule)


def _refuser(c: Campaign, person: Professionnel, temoin: Geste, panne: str, rule: Check) -> None:
    essai = reconnecter_autrement(c, person, panne)
    c.require(rule, temoin, essai, *c.psc.seen(TOUT))
