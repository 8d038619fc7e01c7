"""Le DUI devant un proxy e-Santé d'un autre : connexion, appels, reprise, déconnexion, deux utilisateurs, pannes."""

from __future__ import annotations

from ..checks.edc_proxy import (
    active_session_is_used_again,
    connection_names_the_user,
    logout_ends_the_session_of_the_proxy,
    session_of_the_proxy_is_that_of_the_user,
)
from ..checks.edc_vie import user_is_told_of_the_failure
from ..core.campaign import Campaign
from ..core.gestures.connexion import AppelerApi, SeDeconnecter
from .edc_appels import CONNEXION, ENVOI, EXEMPLE, PROXY, utilisateur
from .psc_appels import connecter


def test_appel_par_le_proxy(c: Campaign) -> None:
    """Le DUI se connecte au proxy pour son utilisateur, puis appelle l'API par lui avec le cookie de session."""
    person = utilisateur(c)
    geste = c.do(AppelerApi(EXEMPLE))
    connexion = c.edc.wait_for(CONNEXION, after=geste, pour=("PSC-10",))
    c.expect("EDC-PROXY-CONNEXION", connexion)
    c.require(connection_names_the_user, connexion, person)
    appel = c.edc.wait_for(ENVOI, after=geste, pour=("PSC-10",))
    c.expect("EDC-PROXY-APPEL", appel)
    c.require(session_of_the_proxy_is_that_of_the_user, appel, person)


def test_session_du_proxy_deja_active(c: Campaign) -> None:
    """Une seconde connexion au proxy répond 304 : le DUI continue avec la session active."""
    utilisateur(c)
    _appeler(c)
    geste = c.do(AppelerApi(EXEMPLE))
    if not any(e.reply is not None and e.reply.status == 304 for e in c.edc.seen(CONNEXION)):
        c.skip("le DUI ne se connecte qu'une fois au proxy par session")
    c.require(active_session_is_used_again, geste, *c.edc.seen(PROXY))


def test_deconnexion_ferme_la_session_du_proxy(c: Campaign) -> None:
    """La déconnexion du DUI ferme aussi la session du proxy."""
    utilisateur(c)
    _appeler(c)
    fin = c.do(SeDeconnecter())
    c.require(logout_ends_the_session_of_the_proxy, fin, *c.edc.seen(PROXY))


def test_deux_utilisateurs_par_le_proxy(c: Campaign) -> None:
    """Deux utilisateurs se suivent sur un poste : chacun a sa session du proxy."""
    utilisateur(c)
    _appeler(c)
    c.do(SeDeconnecter())
    second = c.professionnel("medecin-multi")
    connecter(c, second)
    avant = len(c.edc.seen(ENVOI))
    _appeler(c)
    for appel in c.edc.seen(ENVOI)[avant:]:
        c.require(session_of_the_proxy_is_that_of_the_user, appel, second)


def test_proxy_indisponible(c: Campaign) -> None:
    """Le proxy répond 503 : l'utilisateur l'apprend."""
    utilisateur(c)
    _appeler(c)
    with c.edc.panne("indisponible", target="edc.proxy"):
        geste = c.do(AppelerApi(EXEMPLE))
    c.require(user_is_told_of_the_failure, geste, *c.edc.seen(PROXY))


def _appeler(c: Campaign) -> None:
    geste = c.do(AppelerApi(EXEMPLE))
    c.edc.wait_for(ENVOI, after=geste, pour=("PSC-10",))
