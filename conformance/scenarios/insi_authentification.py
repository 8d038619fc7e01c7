"""S'authentifier auprès d'INSi : certificat d'organisation, carte CPx, Pro Santé Connect."""

from __future__ import annotations

from ..checks.ins_authentication import (
    call_is_authenticated,
    certificate_cn_is_exact,
    organisation_certificate_goes_without_assertion,
)
from ..checks.ins_calls import call_is_made_by_means_of_psc, card_and_certificate_are_both_used
from ..core.campaign import Campaign
from ..core.gestures.identite import RechercherIns
from .insi_appels import RECHERCHE
from .psc_appels import connecter


def test_certificat_et_carte(c: Campaign) -> None:
    """INSi est appelé par certificat d'organisation, puis par carte CPx."""
    par_certificat, par_carte = c.usager("provisoire"), c.usager("provisoire")
    geste = c.do(RechercherIns(par_certificat.id, authentification="certificat"))
    certificat = c.insi.wait_for(RECHERCHE.of(par_certificat), after=geste, pour=("INS-16",))
    c.require(call_is_authenticated, certificat)
    c.require(organisation_certificate_goes_without_assertion, certificat)
    c.require(certificate_cn_is_exact, certificat)
    geste = c.do(RechercherIns(par_carte.id, authentification="cps"))
    carte = c.insi.wait_for(RECHERCHE.of(par_carte), after=geste, pour=("INS-16",))
    c.require(card_and_certificate_are_both_used, certificat, carte)
    c.expect("INSI-RECHERCHE-TRAITS-CPS", carte)


def test_pro_sante_connect(c: Campaign) -> None:
    """Un utilisateur connecté par Pro Santé Connect appelle INSi au moyen de Pro Santé Connect."""
    if "psc" not in c.settings.insi.modes:
        c.skip("le DUI ne déclare pas l'appel d'INSi par Pro Santé Connect ([insi] modes)")
    usager = c.usager("provisoire")
    connecter(c, c.professionnel("infirmiere-ehpad"))
    geste = c.do(RechercherIns(usager.id, authentification="psc"))
    appel = c.insi.wait_for(RECHERCHE.of(usager), after=geste, pour=("INS-17", "PSC-07"))
    c.require(call_is_made_by_means_of_psc, appel)
    c.expect("INSI-RECHERCHE-TRAITS-PSC", appel)
