"""Pro Santé Connect indisponible : le DUI le dit, n'ouvre pas de session, et le reste du DUI sert toujours."""

from __future__ import annotations

from ..checks.oidc_refus_jeton import outage_opens_no_session
from ..core.campaign import Campaign
from ..core.gestures.connexion import SeConnecter
from ..core.gestures.identite import RechercherIns
from ..core.matcher import kind
from .psc_appels import DECOUVERTE, TOUT, connecter, reconnecter_autrement

RECHERCHE = kind("insi.recherche-traits", label="recherche de l'INS par traits, pendant la panne")


def test_service_indisponible(c: Campaign) -> None:
    """Pro Santé Connect répond 503 : aucune session, un message, et le DUI continue d'appeler les autres services."""
    usager = c.usager("provisoire")
    person = c.professionnel("infirmiere-ehpad")
    temoin = connecter(c, person)
    essai = reconnecter_autrement(c, person, "indisponible")
    c.require(outage_opens_no_session, temoin, essai, *c.psc.seen(TOUT))
    if "certificat" not in c.settings.insi.modes:
        return
    with c.psc.panne("indisponible"):
        recherche = c.do(RechercherIns(usager.id))
        c.insi.wait_for(RECHERCHE.of(usager), after=recherche, pour=("PSC-01",))


def test_connexion_coupee(c: Campaign) -> None:
    """Pro Santé Connect ferme la connexion sans répondre : aucune session, un message."""
    person = c.professionnel("infirmiere-ehpad")
    temoin = connecter(c, person)
    essai = reconnecter_autrement(c, person, "coupure")
    c.require(outage_opens_no_session, temoin, essai, *c.psc.seen(TOUT))


def test_configuration_indisponible(c: Campaign) -> None:
    """La configuration de Pro Santé Connect ne se lit plus : aucune session, un message."""
    person = c.professionnel("infirmiere-ehpad")
    temoin = connecter(c, person)
    c.advance(hours=13)
    lues = len(c.psc.seen(DECOUVERTE))
    with c.psc.panne("indisponible", target="psc.decouverte"):
        essai = c.do(SeConnecter(person.id))
    if len(c.psc.seen(DECOUVERTE)) == lues:
        c.skip("le DUI n'a pas relu la configuration de Pro Santé Connect : le redémarrer pendant le scénario")
    c.require(outage_opens_no_session, temoin, essai, *c.psc.seen(TOUT))


def test_reponse_illisible(c: Campaign) -> None:
    """L'adresse des jetons répond un corps illisible : aucune session, un message."""
    person = c.professionnel("infirmiere-ehpad")
    temoin = connecter(c, person)
    essai = reconnecter_autrement(c, person, "corps-malforme")
    c.require(outage_opens_no_session, temoin, essai, *c.psc.seen(TOUT))
