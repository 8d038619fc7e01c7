"""Tous les professionnels se connectent, chacun à son compte : plusieurs activités, sans RPPS, noms accentués, travail social."""

from __future__ import annotations

from ..checks.oidc_vie import every_professional_has_his_own_account, login_of_this_professional_is_accepted
from ..core.campaign import Campaign
from ..core.formulaire import IMAGE
from ..core.gestures.connexion import SeConnecter, SeDeconnecter
from .psc_appels import CODE
from .psc_ciba import PERSONNES


def test_chaque_professionnel_se_connecte(c: Campaign) -> None:
    """Chaque sorte de professionnel se connecte par le navigateur et ouvre son propre compte."""
    gestes = []
    for nom in PERSONNES:
        person = c.professionnel(nom)
        geste = c.do(SeConnecter(person.id))
        jetons = c.psc.wait_for(CODE, after=geste, pour=("PSC-01",))
        c.require(login_of_this_professional_is_accepted, geste, jetons, person)
        gestes.append(geste)
        c.do(SeDeconnecter())
    if all(geste.observation("compte") for geste in gestes if geste.fait):
        c.require(every_professional_has_his_own_account, *gestes)
    c.attest(
        pour=("PSC-13",),
        constat=("Le DUI garde-t-il le RPPS, l'identifiant privé, le nom, le prénom d'exercice et la profession de chacun ?"),
        piece="une copie de la fiche d'un compte",
        formats=IMAGE,
        atteste="l'administrateur du DUI",
    )
    c.attest(
        pour=("PSC-01",),
        constat="Un professionnel qui a plusieurs activités choisit-il sa situation de travail à la connexion ?",
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )
    c.attest(
        pour=("PSC-01",),
        constat="La page de connexion porte-t-elle le bouton officiel « S'identifier avec Pro Santé Connect » ?",
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="le testeur",
    )
