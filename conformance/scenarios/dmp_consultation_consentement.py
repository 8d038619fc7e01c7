"""Consulter le DMP avec l'accord de l'usager : recueilli avant, changé à tout moment, explicite hors de l'équipe de soins."""

from __future__ import annotations

from ..checks.dmp_parcours import consent_precedes_consultation
from ..core.campaign import Campaign
from ..core.formulaire import IMAGE
from ..core.gestures.consultation import EnregistrerConsentement, OuvrirDossier
from .dmp_consultation_appels import (
    CONSULTATION,
    LISTE,
    connecter,
    lister,
    lister_en_vain,
    of_calls,
    temoin,
    usager_consentant,
)


def test_sans_consentement_rien_n_est_consulte(c: Campaign) -> None:
    """Sans choix enregistré de l'usager, le DUI ne fait aucun appel de consultation."""
    pour = ("DMP-CONS-01", "DMP-CONS-06")
    connecter(c)
    _, controle = temoin(c, pour=pour)
    usager = c.usager("qualifie")
    lister_en_vain(c, usager, CONSULTATION, controle=controle, pour=pour)


def test_consentement_puis_consultation(c: Campaign) -> None:
    """Le consentement enregistré ouvre la consultation, et tous les appels de consultation le suivent."""
    pour = ("DMP-CONS-01",)
    connecter(c)
    usager = c.usager("qualifie")
    c.do(OuvrirDossier(usager.id))
    consentement = c.do(EnregistrerConsentement(usager.id, accord=True, equipe=True))
    lister(c, usager, pour=pour)
    c.require(consent_precedes_consultation, consentement, *of_calls(c, usager), pour=pour)
    c.attest(
        pour=("DMP-CONS-03",),
        constat=(
            "Dans l'équipe de soins, le consentement est présumé : l'écran rappelle-t-il d'informer l'usager à chaque "
            "nouvel épisode de soins ? En note, le texte affiché."
        ),
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )


def test_refus_de_l_usager(c: Campaign) -> None:
    """L'usager qui s'oppose à la consultation n'est pas consulté."""
    pour = ("DMP-CONS-01",)
    connecter(c)
    _, controle = temoin(c, pour=pour)
    usager = c.usager("qualifie")
    c.do(EnregistrerConsentement(usager.id, accord=False))
    lister_en_vain(c, usager, CONSULTATION, controle=controle, pour=pour)
    c.attest(
        pour=("DMP-CONS-05",),
        constat=(
            "L'opposition de l'usager s'est-elle enregistrée sans qu'un motif soit exigé, et se relit-elle dans son dossier ?"
        ),
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )


def test_retrait_du_consentement(c: Campaign) -> None:
    """L'usager qui revient sur son accord n'est plus consulté."""
    pour = ("DMP-CONS-02",)
    usager, _ = usager_consentant(c)
    _, controle = lister(c, usager, pour=pour)
    c.do(EnregistrerConsentement(usager.id, accord=False))
    lister_en_vain(c, usager, LISTE, controle=controle, pour=pour)


def test_accord_apres_un_refus(c: Campaign) -> None:
    """L'usager qui accepte après avoir refusé est consulté."""
    pour = ("DMP-CONS-02",)
    connecter(c)
    usager = c.usager("qualifie")
    c.do(EnregistrerConsentement(usager.id, accord=False))
    consentement = c.do(EnregistrerConsentement(usager.id, accord=True))
    lister(c, usager, pour=pour)
    c.require(consent_precedes_consultation, consentement, *of_calls(c, usager), pour=pour)


def test_hors_equipe_un_consentement_par_consultation(c: Campaign) -> None:
    """Hors de l'équipe de soins, chaque consultation demande un nouveau consentement explicite."""
    pour = ("DMP-CONS-04",)
    connecter(c)
    usager = c.usager("qualifie")
    consentement = c.do(EnregistrerConsentement(usager.id, accord=True, equipe=False))
    _, controle = lister(c, usager, pour=pour)
    c.require(consent_precedes_consultation, consentement, *of_calls(c, usager), pour=pour)
    lister_en_vain(c, usager, LISTE, controle=controle, pour=pour)
    c.do(EnregistrerConsentement(usager.id, accord=True, equipe=False))
    lister(c, usager, pour=pour)
    c.attest(
        pour=("DMP-CONS-04",),
        constat=("Hors de l'équipe de soins, l'écran demande-t-il le consentement à chaque consultation, sans le préremplir ?"),
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )
