"""La vie de la session : rafraîchissement, durée maximale, déconnexion."""

from __future__ import annotations

from ..checks.oidc_session import (
    expired_access_token_is_refreshed_silently,
    logout_ends_the_session_of_the_dui,
    refused_refresh_ends_the_session,
    session_does_not_outlive_four_hours,
)
from ..checks.oidc_vie import (
    idle_session_does_not_outlive_thirty_minutes,
    logout_ends_the_session_despite_an_outage,
    refresh_token_is_kept_when_none_comes,
    refresh_without_id_token_is_accepted,
    refreshes_are_spaced,
    refused_token_is_not_presented_again,
    tokens_are_those_of_the_user,
    tokens_renewed_for_another_end_the_session,
)
from ..core.campaign import Campaign
from ..core.formulaire import IMAGE
from ..core.gestures.connexion import SeDeconnecter, UtiliserSession
from .psc_appels import FIN_DE_SESSION, RAFRAICHISSEMENT, TOUT, connecter, reconnecter


def test_rafraichissement_du_jeton_d_acces(c: Campaign) -> None:
    """Le jeton d'accès expiré est renouvelé sans rien demander à l'utilisateur, deux fois de suite."""
    connecter(c, c.professionnel("infirmiere-ehpad"))
    avant = len(c.psc.seen(TOUT))
    c.advance(minutes=3)
    usage = c.do(UtiliserSession())
    if len(c.psc.seen(TOUT)) == avant and usage.fait and usage.observation("session") is not False:
        c.skip("le DUI ne rappelle pas Pro Santé Connect en cours de session : il n'a aucun jeton à renouveler")
    premiers = c.psc.seen(RAFRAICHISSEMENT)
    for appel in premiers:
        c.expect("PSC-JETON-RAFRAICHISSEMENT", appel)
    c.require(expired_access_token_is_refreshed_silently, usage, *c.psc.seen(TOUT))
    c.advance(minutes=3)
    c.do(UtiliserSession())
    for appel in c.psc.seen(RAFRAICHISSEMENT)[len(premiers) :]:
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


def test_session_active_pendant_quatre_heures(c: Campaign) -> None:
    """Une session sans cesse employée finit aussi après quatre heures : le DUI renvoie à Pro Santé Connect."""
    connecter(c, c.professionnel("infirmiere-ehpad"))
    for _ in (1, 2, 3, 4, 5, 6, 7, 8, 9):
        c.advance(minutes=26)
        c.do(UtiliserSession())
    c.advance(minutes=12)
    usage = c.do(UtiliserSession())
    c.require(session_does_not_outlive_four_hours, usage, *c.psc.seen(TOUT))


def test_inactivite(c: Campaign) -> None:
    """Après trente minutes sans activité, le DUI renvoie l'utilisateur à la connexion."""
    connecter(c, c.professionnel("infirmiere-ehpad"))
    c.advance(minutes=31)
    usage = c.do(UtiliserSession())
    c.require(idle_session_does_not_outlive_thirty_minutes, usage, *c.psc.seen(TOUT))
    c.attest(
        pour=("PSC-14",),
        constat="La durée d'inactivité avant déconnexion, ou verrouillage, est-elle réglable dans le DUI ?",
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="l'administrateur du DUI",
    )


def test_rafraichissements_espaces(c: Campaign) -> None:
    """Plusieurs écrans ouverts coup sur coup après l'expiration ne demandent pas autant de rafraîchissements."""
    connecter(c, c.professionnel("infirmiere-ehpad"))
    c.advance(minutes=3)
    for _ in (1, 2, 3):
        usage = c.do(UtiliserSession())
    if not c.psc.seen(RAFRAICHISSEMENT):
        c.skip("le DUI n'a demandé aucun rafraîchissement")
    c.require(refreshes_are_spaced, usage, *c.psc.seen(TOUT))
    c.require(refused_token_is_not_presented_again, usage, *c.psc.seen(TOUT))


def test_rafraichissement_sans_nouveau_jeton(c: Campaign) -> None:
    """Un rafraîchissement qui ne donne pas de nouveau jeton de rafraîchissement laisse l'ancien en usage."""
    connecter(c, c.professionnel("infirmiere-ehpad"))
    with c.psc.panne("rafraichissement-sans-rotation"):
        c.advance(minutes=3)
        c.do(UtiliserSession())
        if not c.psc.seen(RAFRAICHISSEMENT):
            c.skip("le DUI n'a demandé aucun rafraîchissement")
        c.advance(minutes=3)
        usage = c.do(UtiliserSession())
    c.require(refresh_token_is_kept_when_none_comes, usage, *c.psc.seen(TOUT))


def test_rafraichissement_sans_id_token(c: Campaign) -> None:
    """Un rafraîchissement qui ne redonne pas d'id_token ne ferme pas la session."""
    connecter(c, c.professionnel("infirmiere-ehpad"))
    c.advance(minutes=3)
    with c.psc.panne("rafraichissement-sans-id-token"):
        usage = c.do(UtiliserSession())
    if not c.psc.seen(RAFRAICHISSEMENT):
        c.skip("le DUI n'a demandé aucun rafraîchissement")
    c.require(refresh_without_id_token_is_accepted, usage, *c.psc.seen(TOUT))


def test_rafraichissement_au_nom_d_une_autre_personne(c: Campaign) -> None:
    """Des jetons renouvelés au nom d'une autre personne ne servent pas et ferment la session."""
    _mauvais_renouvellement(c, "rafraichissement-autre-personne")


def test_rafraichissement_par_un_autre_emetteur(c: Campaign) -> None:
    """Un rafraîchissement dont l'id_token vient d'un autre émetteur ferme la session."""
    _mauvais_renouvellement(c, "jeton-iss")


def test_rafraichissement_pour_un_autre_client(c: Campaign) -> None:
    """Un rafraîchissement dont l'id_token est destiné à un autre client ferme la session."""
    _mauvais_renouvellement(c, "jeton-aud")


def test_rafraichissement_delivre_a_un_autre_client(c: Campaign) -> None:
    """Un rafraîchissement dont l'id_token a été délivré à un autre client (azp) ferme la session."""
    _mauvais_renouvellement(c, "jeton-azp")


def test_changement_d_utilisateur(c: Campaign) -> None:
    """Après un changement d'utilisateur, les jetons du précédent ne servent plus."""
    connecter(c, c.professionnel("infirmiere-ehpad"))
    c.do(UtiliserSession())
    reconnecter(c, c.professionnel("pharmacien"))
    c.do(UtiliserSession())
    c.require(tokens_are_those_of_the_user, *c.psc.seen(TOUT))
    c.attest(
        pour=("PSC-01",),
        constat=("Les jetons de Pro Santé Connect restent-ils en mémoire du serveur, jamais sur disque ni dans le navigateur ?"),
        atteste="l'éditeur",
    )


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


def test_deconnexion_pendant_une_panne(c: Campaign) -> None:
    """La déconnexion ferme la session du DUI même quand Pro Santé Connect est indisponible."""
    connecter(c, c.professionnel("infirmiere-ehpad"))
    with c.psc.panne("indisponible"):
        fin = c.do(SeDeconnecter())
    usage = c.do(UtiliserSession())
    c.require(logout_ends_the_session_despite_an_outage, fin, usage, *c.psc.seen(TOUT))


def _mauvais_renouvellement(c: Campaign, panne: str) -> None:
    connecter(c, c.professionnel("infirmiere-ehpad"))
    c.advance(minutes=3)
    with c.psc.panne(panne):
        usage = c.do(UtiliserSession())
    if not c.psc.seen(RAFRAICHISSEMENT):
        c.skip("le DUI n'a demandé aucun rafraîchissement")
    c.require(tokens_renewed_for_another_end_the_session, usage, *c.psc.seen(TOUT))


def _deconnecter(c: Campaign) -> None:
    geste = c.do(SeDeconnecter())
    fin = c.psc.wait_for(FIN_DE_SESSION, after=geste, pour=("PSC-04",))
    c.expect("PSC-DECONNEXION", fin)
    usage = c.do(UtiliserSession())
    c.require(logout_ends_the_session_of_the_dui, usage, *c.psc.seen(TOUT))
