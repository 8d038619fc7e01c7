"""Les pannes de l'espace de confiance : l'utilisateur est prévenu, les essais sont bornés, puis l'appel aboutit."""

from __future__ import annotations

from ..checks.edc_echange import answer_of_the_api_is_used
from ..checks.edc_vie import retries_are_bounded, user_is_told_of_the_failure
from ..core.campaign import Campaign
from ..core.gestures.connexion import AppelerApi
from .edc_appels import API, DIRECT, ECHANGE, appeler, utilisateur


def test_serveur_d_autorisation_indisponible(c: Campaign) -> None:
    """Le serveur d'autorisation répond 503, puis sert de nouveau."""
    _panne(c, "indisponible", "edc.echange")


def test_serveur_d_autorisation_en_erreur_de_passerelle(c: Campaign) -> None:
    """Le serveur d'autorisation répond 502, puis sert de nouveau."""
    _panne(c, "passerelle", "edc.echange")


def test_api_en_erreur_de_passerelle(c: Campaign) -> None:
    """L'API répond 502, puis sert de nouveau."""
    _panne(c, "passerelle", "edc.api.signature")


def test_api_indisponible(c: Campaign) -> None:
    """L'API répond 503, puis sert de nouveau."""
    _panne(c, "indisponible", "edc.api.signature")


def test_api_en_delai_de_passerelle(c: Campaign) -> None:
    """L'API répond 504, puis sert de nouveau."""
    _panne(c, "delai-passerelle", "edc.api.signature")


def test_client_refuse_par_le_serveur_d_autorisation(c: Campaign) -> None:
    """Le serveur d'autorisation ne reconnaît pas le certificat (401 invalid_client) : l'utilisateur l'apprend."""
    _refus(c, "client-refuse")


def test_portee_refusee_par_le_serveur_d_autorisation(c: Campaign) -> None:
    """Le serveur d'autorisation refuse les portées (400 invalid_scope) : l'utilisateur l'apprend."""
    _refus(c, "portee-refusee")


def test_jeton_de_l_utilisateur_refuse(c: Campaign) -> None:
    """Le serveur d'autorisation refuse le jeton de l'utilisateur (400 invalid_grant) : l'utilisateur l'apprend."""
    _refus(c, "sujet-refuse")


def test_jeton_lie_a_un_autre_certificat(c: Campaign) -> None:
    """Le jeton reçu est lié à un autre certificat : l'API le refuse et l'utilisateur l'apprend."""
    _refus(c, "cnf-faux")


def _panne(c: Campaign, panne: str, cible: str) -> None:
    utilisateur(c)
    with c.edc.panne(panne, target=cible):
        geste = c.do(AppelerApi())
        c.edc.wait_for(ECHANGE if cible == "edc.echange" else API, after=geste, pour=("PSC-09",))
    c.require(user_is_told_of_the_failure, geste, *c.edc.seen(DIRECT))
    c.advise(retries_are_bounded, *c.edc.seen(DIRECT))
    suivant, _ = appeler(c, ("PSC-09",))
    c.require(answer_of_the_api_is_used, suivant, c.edc.seen(API)[-1])


def _refus(c: Campaign, panne: str) -> None:
    utilisateur(c)
    with c.edc.panne(panne):
        geste = c.do(AppelerApi())
        c.edc.wait_for(ECHANGE, after=geste, pour=("PSC-09",))
    c.require(user_is_told_of_the_failure, geste, *c.edc.seen(DIRECT))
