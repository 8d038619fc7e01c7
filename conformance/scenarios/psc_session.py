"""La vie de la session : rafraîchissement, durée maximale, déconnexion."""

from __future__ import annotations

from ..checks.oidc_session import (
    expired_access_token_is_refreshed_silently,
    logout_ends_the_session_of_the_dui,
    refused_refresh_ends_the_session,
    session_does_not_outlive_four_hours,
)
from ..core.campaign import Campaign
from ..core.gestures import SeDeconnecter, UtiliserSession
from .psc_appels import FIN_DE_SESSION, RAFRAICHISSEMENT, TOUT, connecter


def test_rafraichissement_du_jeton_d_acces(c: Campaign) -> None:
    """Le jeton d'accès expiré est renouvelé sans rien demander à l'utilisateur, deux fois de suite."""
    connecter(c, c.professionnel("infirmiere-ehpad"))
    avant = len(c.psc.seen(TOUT))
    c.advance(minutes=3)
    usage = c.do(UtiliserSession())
    if len(c.psc.seen(TOUT)) == avant and usage.fait and usage.observation("session") is not False:
        c.skip("le DUI ne rappelle pas Pro Santé Connect en cours de session : il n'a aucun jeton à renouveler")
    c.require(expired_access_token_is_refreshed_silently, usage, *c.psc.seen(TOUT))
    c.advance(minutes=3)
    c.do(UtiliserSession())
    for appel in c.psc.seen(RAFRAICHISSEMENT):
        c.expect("PSC-JETON-RAFRAICHISSEMENT", appel)


def test_rafraichissement_refuse(c: Campaign) -> None:
    """Quand le rafraîchissement est refusé, le DUI ferme sa session et renvoie à la connexion, sans insister."""
    connecter(c, c.professionnel("infirmiere-ehpad"))
    c.advance(minutes=3)
    with c.psc.panne("rafraichissement-refuse"):
        usage = c.do(UtiliserSession())
    if not c.psc.seen(RAFRAICHISSEMENT):
        c.skip("le DUI n'a demandé aucun rafraîchissement")
    c.require(refused_refresh_ends_the_session, usage, *c.psc.seen(TOUT))


def test_session_de_quatre_heures(c: Campaign) -> None:
    """Plus de quatre heures après la connexion, le DUI renvoie l'utilisateur à Pro Santé Connect."""
    connecter(c, c.professionnel("infirmiere-ehpad"))
    c.advance(hours=4, minutes=5)
    usage = c.do(UtiliserSession())
    c.require(session_does_not_outlive_four_hours, usage, *c.psc.seen(TOUT))


def test_deconnexion_explicite(c: Campaign) -> None:
    """La déconnexion ferme la session chez Pro Santé Connect et dans le DUI."""
    connecter(c, c.professionnel("infirmiere-ehpad"))
    _deconnecter(c)


def test_deconnexion_sans_state_au_retour(c: Campaign) -> None:
    """La déconnexion aboutit même quand Pro Santé Connect ne renvoie pas le state demandé."""
    connecter(c, c.professionnel("infirmiere-ehpad"))
    with c.psc.panne("deconnexion-sans-state"):
        _deconnecter(c)


def _deconnecter(c: Campaign) -> None:
    geste = c.do(SeDeconnecter())
    fin = c.psc.wait_for(FIN_DE_SESSION, after=geste, pour=("PSC-04",))
    c.expect("PSC-DECONNEXION", fin)
    usage = c.do(UtiliserSession())
    c.require(logout_ends_the_session_of_the_dui, usage, *c.psc.seen(TOUT))
