"""S'authentifier auprès d'INSi : certificat d'organisation, carte CPx, Pro Santé Connect."""

from __future__ import annotations

from ..checks.ins_assertion import (
    assertion_names_the_connected_professional,
    each_assertion_has_its_own_id,
    only_doctors_declare_a_speciality,
    psc_assertion_says_the_profession,
)
from ..checks.ins_authentication import (
    call_is_authenticated,
    certificate_cn_is_exact,
    organisation_certificate_goes_without_assertion,
)
from ..checks.ins_calls import (
    call_is_made_by_means_of_psc,
    card_and_certificate_are_both_used,
    identifiers_differ_from_call_to_call,
)
from ..core.campaign import Campaign
from ..core.formulaire import PDF
from ..core.gestures.identite import RechercherIns
from .attestations_pieces import verifier_le_certificat
from .insi_appels import RECHERCHE
from .psc_appels import connecter, reconnecter


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
    attestation = c.attest(
        pour=("INS-16",),
        constat=(
            "L'autorisation du CNDA pour le téléservice INSi porte-t-elle sur ce logiciel, cette version et les "
            "deux modes d'authentification ?"
        ),
        piece="l'autorisation du CNDA",
        formats=PDF,
        obligatoire=True,
        atteste="l'éditeur",
    )
    verifier_le_certificat(c, attestation, ("INS-16",))


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


def test_deux_cartes_deux_assertions(c: Campaign) -> None:
    """Deux appels par carte portent deux assertions différentes, sans spécialité de médecin pour un autre professionnel."""
    infirmiere = c.professionnel("infirmiere-ehpad")
    connecter(c, infirmiere)
    appels = []
    for _ in range(2):
        usager = c.usager("provisoire")
        geste = c.do(RechercherIns(usager.id, authentification="cps"))
        appels.append(c.insi.wait_for(RECHERCHE.of(usager), after=geste, pour=("INS-16",)))
    c.require(each_assertion_has_its_own_id, *appels)
    c.require(only_doctors_declare_a_speciality, appels[0], infirmiere)
    c.require(identifiers_differ_from_call_to_call, *appels)


def test_assertion_de_l_utilisateur_connecte(c: Campaign) -> None:
    """En mode Pro Santé Connect, l'assertion est celle du professionnel connecté, avec sa profession."""
    if "psc" not in c.settings.insi.modes:
        c.skip("le DUI ne déclare pas l'appel d'INSi par Pro Santé Connect ([insi] modes)")
    medecin = c.professionnel("medecin-multi")
    reconnecter(c, medecin)
    usager = c.usager("provisoire")
    geste = c.do(RechercherIns(usager.id, authentification="psc"))
    appel = c.insi.wait_for(RECHERCHE.of(usager), after=geste, pour=("INS-17", "PSC-07"))
    c.require(assertion_names_the_connected_professional, appel, medecin)
    c.require(psc_assertion_says_the_profession, appel, medecin)
    c.expect("INSI-RECHERCHE-TRAITS-PSC", appel)
