"""Le RAMA : fichier à déposer et envoi par l'API. Fichier cadre et API de la CNSA non publiés : provisoire."""

from __future__ import annotations

from ..checks.rama_suite import (
    acknowledgement_is_not_asked_for_ever,
    acknowledgement_is_read_to_its_end,
    corrected_value_is_sent,
    correction_says_so,
    file_and_deposit_say_the_same,
    retry_is_the_same_deposit,
)
from ..checks.sidoba import reason_of_a_rejection_is_shown, rejection_is_understood
from ..core.campaign import Campaign
from ..core.formulaire import IMAGE
from ..core.gestures.sidoba import CorrigerEnvoi, EnvoyerRama, ExporterRama, SuivreDepot
from .sidoba_envois import ACCUSE, RAMA, commencer, envoyer

API = ("RAMA-03",)


def test_fichier_a_deposer(c: Campaign) -> None:
    """Le fichier du RAMA porte en clé et valeur toutes les clés du fichier cadre, et elles seules."""
    exercice = c.settings.sidoba.exercice
    geste = c.do(ExporterRama(exercice))
    c.expect("SIDOBA-RAMA-FICHIER", geste.piece())
    c.attest(
        pour=("RAMA-01",),
        constat=("Le fichier produit a-t-il été déposé sur le portail de SIDOBA et accepté, clés du fichier cadre comprises ?"),
        piece="l'accusé du portail",
        formats=IMAGE,
        atteste="l'éditeur",
    )


def test_depot_par_l_api(c: Campaign) -> None:
    """Les mêmes données sont envoyées par l'API, et l'accusé est lu jusqu'au bout."""
    commencer(c)
    exercice = c.settings.sidoba.exercice
    fichier = c.do(ExporterRama(exercice)).piece()
    _, depot = envoyer(c, EnvoyerRama(exercice), RAMA, API)
    c.expect("SIDOBA-RAMA", depot)
    c.require(file_and_deposit_say_the_same, fichier, depot)
    suivi = c.do(SuivreDepot(exercice))
    lectures = c.sidoba.seen(ACCUSE, least=1)
    c.require(acknowledgement_is_read_to_its_end, depot, *lectures)
    for lecture in lectures[:1]:
        c.expect("SIDOBA-ACCUSE", lecture)
    c.observed(suivi, "etat", equals="accepte", pour=API)


def test_depot_rejete_puis_rectifie(c: Campaign) -> None:
    """SIDOBA rejette une donnée : l'utilisateur lit laquelle, la corrige, et le RAMA est rectifié."""
    commencer(c)
    exercice, cle = c.settings.sidoba.exercice, "EXEMPLE.SOIN.GMP"
    c.sidoba.command("rejeter", canal="rama", expression=cle, motif="valeur invraisemblable")
    _, rejete = envoyer(c, EnvoyerRama(exercice), RAMA, API)
    suivi = c.do(SuivreDepot(exercice))
    lectures = c.sidoba.seen(ACCUSE, least=1)
    c.require(acknowledgement_is_read_to_its_end, rejete, *lectures)
    c.require(rejection_is_understood, suivi, *lectures, pour=API)
    c.require(reason_of_a_rejection_is_shown, suivi, *lectures, pour=API)
    corrige, depot = envoyer(c, CorrigerEnvoi("rama", str(exercice), cle, "698.5"), RAMA, API)
    c.expect("SIDOBA-RAMA", depot)
    c.require(corrected_value_is_sent, corrige, depot)
    c.require(correction_says_so, rejete, depot)
    apres = c.do(SuivreDepot(exercice))
    c.observed(apres, "etat", equals="accepte", pour=API)


def test_reponse_perdue_apres_un_depot(c: Campaign) -> None:
    """La réponse se perd : le même dépôt est essayé de nouveau, sous la même clé, et n'est compté qu'une fois."""
    commencer(c)
    exercice = c.settings.sidoba.exercice
    with c.sidoba.panne("reponse-perdue", times=1, target="sidoba.rama"):
        envoyer(c, EnvoyerRama(exercice), RAMA, API)
    c.require(retry_is_the_same_deposit, *c.sidoba.seen(RAMA))


def test_accuse_qui_tarde(c: Campaign) -> None:
    """Le contrôle du dépôt dure : l'accusé n'est pas redemandé sans fin, et le dépôt n'est pas donné pour accepté."""
    commencer(c)
    exercice = c.settings.sidoba.exercice
    envoyer(c, EnvoyerRama(exercice), RAMA, API)
    with c.sidoba.panne("accuse-lent"):
        suivi = c.do(SuivreDepot(exercice))
        c.sidoba.wait_for(ACCUSE, after=suivi, pour=API)
    c.require(acknowledgement_is_not_asked_for_ever, *c.sidoba.seen(ACCUSE))
    c.observed(suivi, "etat", equals="en-controle", pour=API)
