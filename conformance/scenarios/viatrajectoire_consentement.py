"""ViaTrajectoire : l'évaluation de la MDPH, après le consentement de la personne et pas avant (SDO-06 et 07)."""

from __future__ import annotations

from ..checks.sdo_consentement import (
    evaluation_follows_the_consent,
    evaluation_is_shown,
    refused_evaluation_is_not_asked_again,
    refused_evaluation_is_told,
)
from ..core.campaign import Campaign
from ..core.formulaire import IMAGE
from ..core.gestures.orientation import ConsulterEvaluation, RecueillirConsentementEvaluation
from .viatrajectoire_appels import CONSENTEMENT, EVALUATION, TOUT, notifie, recevoir

PERSONNE = ("VT-04",)


def test_consentement_puis_evaluation(c: Campaign) -> None:
    """Sans consentement, aucune évaluation n'est demandée ; avec lui, elle est lue et montrée."""
    c.attest(
        pour=("VT-05",),
        constat=(
            "Les données d'évaluation sont-elles cloisonnées : un profil administratif ne voit-il rien de ce qui "
            "relève du soin ? Ouvrir le même dossier avec les deux profils."
        ),
        piece="une copie des deux écrans",
        formats=IMAGE,
        atteste="le référent ViaTrajectoire",
    )
    usager = notifie(c)
    lecture = recevoir(c, usager, PERSONNE)
    avant = c.do(ConsulterEvaluation(usager.id))
    c.viatrajectoire.absent(EVALUATION, control=lecture, during=avant, pour=PERSONNE)
    accord = c.do(RecueillirConsentementEvaluation(usager.id))
    consentement = c.viatrajectoire.wait_for(CONSENTEMENT.of(usager), after=accord, pour=PERSONNE)
    c.expect("SDO-CONSENTEMENT", consentement)
    apres = c.do(ConsulterEvaluation(usager.id))
    recherche = c.viatrajectoire.wait_for(EVALUATION, after=apres, pour=PERSONNE)
    c.expect("SDO-EVALUATION", recherche)
    c.require(evaluation_follows_the_consent, *c.viatrajectoire.seen(TOUT))
    c.require(evaluation_is_shown, apres, recherche)


def test_refus_de_la_personne(c: Campaign) -> None:
    """La personne refuse : aucun consentement ne part et aucune évaluation n'est demandée."""
    usager = notifie(c)
    lecture = recevoir(c, usager, PERSONNE)
    refus = c.do(RecueillirConsentementEvaluation(usager.id, accord=False))
    c.viatrajectoire.absent(CONSENTEMENT, control=lecture, during=refus, pour=PERSONNE)
    demande = c.do(ConsulterEvaluation(usager.id))
    c.viatrajectoire.absent(EVALUATION, control=lecture, during=demande, pour=PERSONNE)


def test_evaluation_refusee(c: Campaign) -> None:
    """ViaTrajectoire refuse l'évaluation (403) malgré le consentement : l'utilisateur l'apprend, sans insistance."""
    usager = notifie(c)
    recevoir(c, usager, PERSONNE)
    accord = c.do(RecueillirConsentementEvaluation(usager.id))
    c.viatrajectoire.wait_for(CONSENTEMENT.of(usager), after=accord, pour=PERSONNE)
    with c.viatrajectoire.panne("evaluation-refusee"):
        geste = c.do(ConsulterEvaluation(usager.id))
        c.viatrajectoire.wait_for(EVALUATION, after=geste, pour=PERSONNE)
    vus = c.viatrajectoire.seen(TOUT)
    c.require(refused_evaluation_is_told, geste, *vus)
    c.require(refused_evaluation_is_not_asked_again, *vus)
