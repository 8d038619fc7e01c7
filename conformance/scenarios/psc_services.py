"""Pro Santé Connect employé pour les autres services : INSi et le DMP appelés au nom du professionnel connecté."""

from __future__ import annotations

from ..checks.oidc_services import (
    call_happens_within_the_psc_session,
    dmp_call_names_the_psc_professional,
    insi_call_names_the_psc_professional,
)
from ..core.campaign import Campaign
from ..core.gestures.connexion import SeConnecter
from ..core.gestures.identite import RechercherIns
from ..core.matcher import kind
from .dmp_appels import deposer, usager_sans_opposition
from .psc_appels import CODE

RECHERCHE = kind("insi.recherche-traits", label="recherche de l'INS par traits")
RECHERCHE_PSC = kind("insi.recherche-traits.psc", label="recherche de l'INS par traits, par Pro Santé Connect")


def test_insi_par_pro_sante_connect(c: Campaign) -> None:
    """INSi est appelé avec l'identité du professionnel connecté par Pro Santé Connect, sans autre authentification."""
    if "psc" not in c.settings.insi.modes:
        c.skip("le DUI ne déclare pas l'appel d'INSi par Pro Santé Connect ([insi] modes)")
    usager = c.usager("provisoire")
    person = c.professionnel("infirmiere-ehpad")
    geste = c.do(SeConnecter(person.id))
    jeton = c.psc.wait_for(CODE, after=geste, pour=("PSC-07",))
    recherche = c.do(RechercherIns(usager.id, authentification="psc"))
    appel = c.insi.wait_for(RECHERCHE.of(usager), after=recherche, pour=("PSC-07",))
    c.require(insi_call_names_the_psc_professional, jeton, appel, person)
    c.require(call_happens_within_the_psc_session, appel, jeton, pour=("PSC-07",))


def test_insi_apres_la_session(c: Campaign) -> None:
    """Plus de quatre heures après la connexion, INSi n'est plus appelé au nom du professionnel sans nouvelle connexion."""
    if "psc" not in c.settings.insi.modes:
        c.skip("le DUI ne déclare pas l'appel d'INSi par Pro Santé Connect ([insi] modes)")
    pendant, apres = c.usager("provisoire"), c.usager("provisoire")
    person = c.professionnel("infirmiere-ehpad")
    geste = c.do(SeConnecter(person.id))
    jeton = c.psc.wait_for(CODE, after=geste, pour=("PSC-07",))
    recherche = c.do(RechercherIns(pendant.id, authentification="psc"))
    appel = c.insi.wait_for(RECHERCHE.of(pendant), after=recherche, pour=("PSC-07",))
    c.require(call_happens_within_the_psc_session, appel, jeton, pour=("PSC-07",))
    c.advance(hours=4, minutes=5)
    c.do(RechercherIns(apres.id, authentification="psc"))
    for tardif in c.insi.seen(RECHERCHE_PSC.of(apres)):
        c.require(call_happens_within_the_psc_session, tardif, c.psc.seen(CODE)[-1], pour=("PSC-07",))


def test_dmp_par_pro_sante_connect(c: Campaign) -> None:
    """Le DMP est alimenté en authentification indirecte renforcée, au nom du professionnel connecté par Pro Santé Connect."""
    if c.settings.dmp.mode != "INDIRECTE_RENFORCEE":
        c.skip("le DUI ne déclare pas l'authentification indirecte renforcée ([dmp] mode)")
    person = c.professionnel("infirmiere-ehpad")
    geste = c.do(SeConnecter(person.id))
    jeton = c.psc.wait_for(CODE, after=geste, pour=("PSC-06",))
    depot = deposer(c, usager_sans_opposition(c), pour=("PSC-06",))
    c.require(dmp_call_names_the_psc_professional, jeton, depot, person)
    c.require(call_happens_within_the_psc_session, depot, jeton, pour=("PSC-06",))
