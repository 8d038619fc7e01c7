"""Le contexte propagé : une seule authentification pour le DUI, INSi, le DMP et l'API, au nom de la même personne."""

from __future__ import annotations

from ..checks.edc_echange import api_token_is_that_of_the_user
from ..checks.edc_vie import no_new_authentication_is_asked, vihf_role_is_that_of_userinfo, vihf_structure_is_one_of_userinfo
from ..checks.oidc_services import insi_call_names_the_psc_professional
from ..core.campaign import Campaign
from ..core.gestures.identite import RechercherIns
from .dmp_appels import deposer, usager_sans_opposition
from .edc_appels import appeler, utilisateur
from .psc_appels import CODE, TOUT, USERINFO
from .psc_services import RECHERCHE


def test_passage_sans_nouvelle_authentification(c: Campaign) -> None:
    """INSi puis l'API de l'espace de confiance sont appelés avec la même connexion, au nom de la même personne."""
    person = utilisateur(c)
    if "psc" in c.settings.insi.modes:
        usager = c.usager("provisoire")
        recherche = c.do(RechercherIns(usager.id, authentification="psc"))
        jeton = c.psc.seen(CODE)[-1]
        c.require(
            insi_call_names_the_psc_professional,
            jeton,
            c.insi.wait_for(RECHERCHE.of(usager), after=recherche),
            person,
            pour=("PSC-09",),
        )
    _, appel = appeler(c, ("PSC-09",))
    c.require(api_token_is_that_of_the_user, appel, person)
    c.require(no_new_authentication_is_asked, *c.psc.seen(TOUT))


def test_identite_du_vihf(c: Campaign) -> None:
    """Le VIHF d'un dépôt au DMP a le rôle et la structure que Pro Santé Connect donne à l'utilisateur connecté."""
    if c.settings.dmp.mode != "INDIRECTE_RENFORCEE":
        c.skip("le DUI ne déclare pas l'authentification indirecte renforcée ([dmp] mode)")
    utilisateur(c)
    identites = c.psc.seen(USERINFO)
    if not identites:
        c.skip("le DUI n'a pas lu userinfo : l'identité donnée par Pro Santé Connect n'est pas connue")
    depot = deposer(c, usager_sans_opposition(c), pour=("PSC-09",))
    c.require(vihf_role_is_that_of_userinfo, depot, identites[-1])
    c.require(vihf_structure_is_one_of_userinfo, depot, identites[-1])
    c.require(no_new_authentication_is_asked, *c.psc.seen(TOUT))
