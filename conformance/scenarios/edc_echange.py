"""L'espace de confiance par le proxy du DUI : échange de jeton, appel de l'API, réemploi et renouvellement du jeton d'API."""

from __future__ import annotations

from ..checks.edc_echange import (
    answer_of_the_api_is_used,
    api_is_called_with_the_certificate_of_the_exchange,
    api_token_is_that_of_the_user,
)
from ..checks.edc_vie import (
    api_token_is_reused,
    no_new_authentication_is_asked,
    psc_is_called_with_a_client_certificate,
    refused_token_is_renewed,
    renewal_is_not_repeated,
)
from ..core.campaign import Campaign
from ..core.formulaire import PDF
from ..core.gestures.connexion import AppelerApi, SeDeconnecter
from ..core.matcher import kind
from .attestations_pieces import verifier_le_certificat
from .edc_appels import API, DIRECT, ECHANGE, appeler, utilisateur
from .psc_appels import TOUT, connecter

SERVEUR = kind("psc.jeton", "psc.userinfo", "psc.introspection", "psc.ciba", label="appel du serveur à Pro Santé Connect")


def test_echange_puis_appel(c: Campaign) -> None:
    """Le jeton Pro Santé Connect est échangé contre un jeton d'API, puis l'API est appelée, au nom de l'utilisateur."""
    person = utilisateur(c)
    geste = c.do(AppelerApi())
    echange = c.edc.wait_for(ECHANGE, after=geste, pour=("PSC-09", "PSC-10"))
    c.expect("EDC-ECHANGE", echange)
    c.edc.wait_for(API, after=geste, pour=("PSC-09", "PSC-10"))
    appel = c.edc.seen(API)[-1]
    c.expect("EDC-API", appel)
    c.require(api_is_called_with_the_certificate_of_the_exchange, *c.edc.seen(DIRECT))
    c.require(api_token_is_that_of_the_user, appel, person)
    c.require(answer_of_the_api_is_used, geste, appel)


def test_jeton_lie_dans_l_autre_forme(c: Campaign) -> None:
    """Un jeton d'API dont le lien au certificat (cnf) est écrit comme dans l'exemple de l'ANS est employé de même."""
    utilisateur(c)
    c.edc.command("cnf", forme="ans-sample")
    try:
        geste, appel = appeler(c, ("PSC-09",))
        c.require(answer_of_the_api_is_used, geste, appel)
    finally:
        c.edc.command("cnf", forme="rfc8705")


def test_tls_mutuel_vers_pro_sante_connect(c: Campaign) -> None:
    """Le serveur du DUI présente son certificat d'organisation à Pro Santé Connect ; l'habilitation est jointe."""
    attestation = c.attest(
        pour=("PSC-10",),
        constat=(
            "L'habilitation de l'éditeur à l'espace de confiance porte-t-elle sur ce logiciel (composant principal et "
            "proxy e-Santé), et le schéma d'architecture montre-t-il le proxy ?"
        ),
        piece="l'habilitation et le schéma d'architecture",
        formats=PDF,
        obligatoire=True,
        atteste="l'éditeur",
    )
    verifier_le_certificat(c, attestation, ("PSC-10",))
    utilisateur(c)
    vus = c.psc.seen(SERVEUR)
    if not all(appel.connection.exercised for appel in vus):
        c.skip("TLS non exercé dans ce mode")
    c.require(psc_is_called_with_a_client_certificate, *vus)


def test_jeton_d_api_reemploye(c: Campaign) -> None:
    """Deux appels de suite emploient le même jeton d'API."""
    utilisateur(c)
    appeler(c, ("PSC-09",))
    appeler(c, ("PSC-09",))
    c.advise(api_token_is_reused, *c.edc.seen(DIRECT))


def test_jeton_d_api_expire(c: Campaign) -> None:
    """Le jeton d'API expiré est échangé de nouveau, à partir d'un jeton Pro Santé Connect rafraîchi, sans nouvelle connexion."""
    c.edc.command("durees", acces=60, rafraichissement=120)
    try:
        utilisateur(c)
        appeler(c, ("PSC-09",))
        c.edc.wait_for(ECHANGE, pour=("PSC-09",))
        c.advance(minutes=3)
        geste = c.do(AppelerApi())
        echange = c.edc.wait_for(ECHANGE, after=geste, pour=("PSC-09",))
        if echange.kind.endswith("rafraichissement"):
            c.expect("EDC-RAFRAICHISSEMENT", echange, pour=("PSC-09",))
        else:
            c.expect("EDC-ECHANGE", echange, pour=("PSC-09",))
        c.require(answer_of_the_api_is_used, geste, c.edc.seen(API)[-1])
        c.require(no_new_authentication_is_asked, *c.psc.seen(TOUT))
    finally:
        c.edc.command("durees", acces=14400, rafraichissement=1800)


def test_jeton_d_api_refuse_une_fois(c: Campaign) -> None:
    """L'API refuse une fois le jeton : le proxy en échange un autre et refait l'appel."""
    utilisateur(c)
    appeler(c, ("PSC-09",))
    with c.edc.panne("jeton-api-refuse", times=1):
        c.do(AppelerApi())
    c.require(refused_token_is_renewed, *c.edc.seen(DIRECT))


def test_jeton_d_api_toujours_refuse(c: Campaign) -> None:
    """L'API refuse tous les jetons : le proxy s'arrête et l'utilisateur l'apprend."""
    utilisateur(c)
    appeler(c, ("PSC-09",))
    with c.edc.panne("jeton-api-refuse"):
        c.do(AppelerApi())
    c.advise(renewal_is_not_repeated, *c.edc.seen(DIRECT))


def test_deux_utilisateurs_sur_un_poste(c: Campaign) -> None:
    """Deux utilisateurs se suivent sur un poste : chacun est appelé avec son propre jeton d'API."""
    premier = utilisateur(c)
    _, appel = appeler(c, ("PSC-09",))
    c.require(api_token_is_that_of_the_user, appel, premier)
    c.do(SeDeconnecter())
    second = c.professionnel("medecin-multi")
    connecter(c, second)
    _, appel = appeler(c, ("PSC-09",))
    c.require(api_token_is_that_of_the_user, appel, second)
