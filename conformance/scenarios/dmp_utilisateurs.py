"""Qui alimente : le VIHF nomme l'utilisateur connecté, sa profession et sa connexion ; deux utilisateurs ont deux jetons."""

from __future__ import annotations

from ..checks.dmp_parcours import two_users_have_two_tokens
from ..checks.dmp_session import (
    authentication_is_dated_at_login,
    name_is_that_of_the_user,
    one_session_has_one_instant,
    profession_is_that_of_the_user,
    speciality_is_that_of_the_user,
    user_is_the_one_logged_in,
)
from ..core.campaign import Campaign, Geste
from ..core.exchange import Exchange
from ..core.gestures.connexion import SeConnecter, SeDeconnecter
from ..core.people import Professionnel
from ..validation.saml.vihf import INDIRECTE
from .dmp_appels import APPEL, attendre_depot, usager_sans_opposition, valider

_JETON = ("DMP-ALIM-17",)
_CHACUN = ("DMP-ALIM-17", "DMP-CONS-10")


def test_le_jeton_nomme_l_utilisateur_connecte(c: Campaign) -> None:
    """Le VIHF d'un dépôt nomme le professionnel connecté, sa profession et l'instant de sa connexion."""
    person = c.professionnel("infirmiere-ehpad")
    connexion = c.do(SeConnecter(person.id))
    depot = _deposer(c)
    _son_jeton(c, depot, person)
    c.require(authentication_is_dated_at_login, depot, connexion, pour=_JETON)


def test_le_jeton_d_un_medecin_dit_son_savoir_faire(c: Campaign) -> None:
    """Le VIHF d'un médecin dit sa profession, puis son savoir-faire."""
    person = c.professionnel("medecin-multi")
    c.do(SeConnecter(person.id))
    depot = _deposer(c)
    _son_jeton(c, depot, person)
    c.expect("VIHF", depot)


def test_le_jeton_d_un_professionnel_du_social(c: Campaign) -> None:
    """Le VIHF d'un professionnel du social porte sa profession sous la nomenclature des professions du social."""
    person = c.professionnel("educateur")
    c.do(SeConnecter(person.id))
    depot = _deposer(c)
    _son_jeton(c, depot, person)
    c.expect("VIHF", depot)


def test_une_session_a_un_instant_d_authentification(c: Campaign) -> None:
    """Tous les appels d'une session portent l'instant où elle s'est ouverte."""
    c.do(SeConnecter(c.professionnel("infirmiere-ehpad").id))
    _deposer(c)
    _deposer(c)
    appels = c.dmp.seen(APPEL)
    c.require(one_session_has_one_instant, *appels, pour=_JETON)


def test_deux_utilisateurs_ont_deux_jetons(c: Campaign) -> None:
    """Deux utilisateurs qui se suivent sur un poste alimentent chacun sous son identifiant, avec son jeton."""
    if c.settings.dmp.mode == INDIRECTE:
        c.skip("le DUI alimente avec le seul certificat de la structure ([dmp] mode = INDIRECTE)")
    une = c.professionnel("infirmiere-ehpad")
    c.do(SeConnecter(une.id))
    premier = _deposer(c)
    c.do(SeDeconnecter())
    autre = c.professionnel("medecin-multi")
    connexion = c.do(SeConnecter(autre.id))
    second = _deposer(c)
    c.require(two_users_have_two_tokens, premier, second, pour=_CHACUN)
    _son_jeton(c, second, autre)
    c.require(authentication_is_dated_at_login, second, connexion, pour=_JETON)


def _deposer(c: Campaign) -> Exchange:
    usager = usager_sans_opposition(c)
    geste: Geste = valider(c, usager)
    return attendre_depot(c, usager, geste, pour=_JETON)


def _son_jeton(c: Campaign, depot: Exchange, person: Professionnel) -> None:
    c.require(user_is_the_one_logged_in, depot, person, pour=_CHACUN)
    c.require(profession_is_that_of_the_user, depot, person, pour=_JETON)
    c.require(speciality_is_that_of_the_user, depot, person, pour=_JETON)
    c.require(name_is_that_of_the_user, depot, person, pour=_JETON)
