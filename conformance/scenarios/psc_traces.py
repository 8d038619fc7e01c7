"""Les traces des connexions que garde le DUI, rapprochées des connexions vues ; ce qui se juge sur pièces."""

from __future__ import annotations

from ..checks.oidc_traces import (
    every_login_is_traced,
    logout_is_traced,
    refused_login_is_traced,
    traces_hold_no_token,
    traces_say_how_the_user_proved_himself,
    traces_say_when,
)
from ..core.campaign import Campaign
from ..core.formulaire import IMAGE, PDF, TABLEUR
from ..core.gestures.connexion import ExporterTraces, SeDeconnecter
from .psc_appels import CODE, FIN_DE_SESSION, TOUT, connecter, reconnecter, reconnecter_autrement


def test_traces_des_connexions(c: Campaign) -> None:
    """Le journal du DUI trace les connexions réussies et refusées et les déconnexions, sans aucun jeton."""
    autre = c.professionnel("pharmacien")
    connecter(c, autre)
    premier = c.psc.seen(CODE)[-1]
    une = c.professionnel("infirmiere-ehpad")
    reconnecter(c, une)
    second = c.psc.seen(CODE)[-1]
    refus = reconnecter_autrement(c, une, "acces-refuse")
    connecter(c, une)
    deconnexion = c.do(SeDeconnecter())
    fin = c.psc.wait_for(FIN_DE_SESSION, after=deconnexion, pour=("PSC-04",))
    extrait = c.do(ExporterTraces())
    traces = extrait.piece()
    c.require(traces_hold_no_token, traces, *c.psc.seen(TOUT))
    c.require(every_login_is_traced, traces, premier, second, une, autre)
    c.require(traces_say_when, traces, premier, second, une, autre)
    c.require(refused_login_is_traced, traces, refus)
    c.require(logout_is_traced, traces, fin)
    c.advise(traces_say_how_the_user_proved_himself, traces, premier, second, une, autre)
    c.attest(
        pour=("IAM-01",),
        constat="Les changements d'attributs, de permissions et de mots de passe sont-ils tracés comme les connexions ?",
        piece="un extrait du journal",
        formats=(*TABLEUR, *IMAGE),
        atteste="l'administrateur du DUI",
    )
    c.attest(
        pour=("IAM-02",),
        constat="Les comptes à privilèges ont-ils une politique de mot de passe (ou un moyen équivalent, comme FIDO) ?",
        piece="une copie du paramétrage",
        formats=IMAGE,
        atteste="l'administrateur du DUI",
    )
    c.attest(
        pour=("IAM-03",),
        constat="Les comptes et leurs permissions s'extraient-ils, se mettent-ils à jour en masse (fichier ou API) ?",
        piece="un extrait des comptes",
        formats=(*TABLEUR, *IMAGE),
        atteste="l'administrateur du DUI",
    )
    c.attest(
        pour=("IAM-04",),
        constat="Les droits d'administration technique sont-ils séparés des droits métier ?",
        piece="une copie des habilitations",
        formats=IMAGE,
        atteste="l'administrateur du DUI",
    )
    c.attest(
        pour=("RIE-01",),
        constat=(
            "L'organisme gestionnaire a-t-il relevé, pour chaque structure, qu'elle peut employer Pro Santé Connect (RIE) ?"
        ),
        piece="la liste des structures",
        formats=(*TABLEUR, *PDF),
        atteste="l'organisme gestionnaire",
    )
