"""Se connecter par Pro Santé Connect sans navigateur (CIBA) : la demande, le nombre montré, l'attente et sa fin."""

from __future__ import annotations

from ..checks.ciba import binding_message_changes, binding_message_is_shown
from ..checks.ciba_attente import (
    approved_login_opens_a_session,
    expiry_ends_the_wait,
    interval_is_respected,
    refusal_ends_the_wait,
    slow_down_is_respected,
    tokens_of_another_person_open_no_session,
)
from ..core.campaign import Campaign, Geste
from ..core.exchange import Exchange
from ..core.formulaire import IMAGE
from ..core.gestures.connexion import SeConnecter, SeDeconnecter
from ..core.people import Professionnel
from .psc_appels import ATTENTE_CIBA, CIBA

PERSONNES = (
    "infirmiere-ehpad",
    "medecin-multi",
    "pharmacien",
    "sans-rpps",
    "accents",
    "deux-finess",
    "educateur",
)
"""One of each sort; the tests of the reference DUI log all of them in."""


def test_connexion_sans_navigateur(c: Campaign) -> None:
    """La connexion CIBA : demande complète, nombre montré à l'utilisateur, session ouverte après l'approbation."""
    person = _commencer(c)
    geste, demande = _demander(c, person)
    c.expect("PSC-CIBA", demande)
    jetons = c.psc.wait_for(ATTENTE_CIBA, after=geste, pour=("PSC-01",))
    c.finish(geste)
    for appel in c.psc.seen(ATTENTE_CIBA):
        c.expect("PSC-JETON-CIBA", appel)
    if geste.observation("nombre") is None:
        c.attest(
            pour=("PSC-01",),
            constat="Le DUI montre-t-il, pendant l'attente, le nombre que le téléphone du professionnel affiche ?",
            piece="une copie de l'écran",
            formats=IMAGE,
            atteste="le testeur",
        )
    else:
        c.require(binding_message_is_shown, geste, demande)
    c.require(approved_login_opens_a_session, geste, jetons, person)


def test_nombre_tire_au_hasard(c: Campaign) -> None:
    """Le nombre montré pendant une connexion CIBA change d'une connexion à l'autre."""
    person = _commencer(c)
    for _ in (1, 2, 3, 4):
        c.do(SeConnecter(person.id, mode="ciba"))
        c.psc.wait_for(CIBA, pour=("PSC-01",))
        c.do(SeDeconnecter())
    c.require(binding_message_changes, *c.psc.seen(CIBA))


def test_attente_de_l_approbation(c: Campaign) -> None:
    """Tant que le professionnel n'a pas répondu, le DUI redemande ses jetons à l'intervalle donné, puis ouvre la session."""
    person = _commencer(c)
    c.psc.command("ciba", decision="approuve", apres=2)
    try:
        geste, _ = _demander(c, person)
        c.psc.wait_for(ATTENTE_CIBA, after=geste, pour=("PSC-01",))
        c.psc.seen(ATTENTE_CIBA, least=2)
        for _ in (1, 2):
            c.advance(seconds=6)
            dernier = c.psc.wait_for(ATTENTE_CIBA, after=geste, pour=("PSC-01",))
            c.require(interval_is_respected, dernier)
        c.finish(geste)
    finally:
        c.psc.command("ciba", decision="approuve", apres=0)
    c.require(approved_login_opens_a_session, geste, dernier, person)


def test_attente_ralentie(c: Campaign) -> None:
    """Quand Pro Santé Connect répond slow_down, le DUI espace davantage ses demandes de jetons."""
    person = _commencer(c)
    with c.psc.panne("ciba-ralentir", times=1, target="psc.jeton.ciba"):
        geste, demande = _demander(c, person)
        c.psc.wait_for(ATTENTE_CIBA, after=geste, pour=("PSC-01",))
        c.advance(seconds=6)
        c.psc.seen(ATTENTE_CIBA, least=2)
        c.advance(seconds=5)
        c.psc.wait_for(ATTENTE_CIBA, after=geste, pour=("PSC-01",))
        c.finish(geste)
    c.require(slow_down_is_respected, demande, *c.psc.seen(ATTENTE_CIBA))


def test_demande_expiree(c: Campaign) -> None:
    """Une demande CIBA restée sans réponse expire : le DUI cesse d'interroger et le dit, sans session."""
    person = _commencer(c)
    temoin = c.do(SeConnecter(person.id, mode="ciba"))
    c.psc.wait_for(CIBA, after=temoin, pour=("PSC-01",))
    c.do(SeDeconnecter())
    c.psc.command("ciba", decision="jamais")
    try:
        geste = c.start(SeConnecter(person.id, mode="ciba"))
        demande = c.psc.wait_for(CIBA, after=geste, pour=("PSC-01",))
        c.psc.wait_for(ATTENTE_CIBA, after=geste, pour=("PSC-01",))
        for _ in (1, 2, 3):
            c.advance(seconds=125)
        c.finish(geste)
    finally:
        c.psc.command("ciba", decision="approuve")
    c.require(expiry_ends_the_wait, geste, demande, *c.psc.seen(ATTENTE_CIBA))


def test_demande_refusee(c: Campaign) -> None:
    """Le professionnel refuse sur son téléphone : le DUI cesse d'interroger et le dit, sans session."""
    person = _commencer(c)
    temoin = c.do(SeConnecter(person.id, mode="ciba"))
    c.psc.wait_for(CIBA, after=temoin, pour=("PSC-01",))
    c.do(SeDeconnecter())
    c.psc.command("ciba", decision="refuse")
    try:
        geste = c.start(SeConnecter(person.id, mode="ciba"))
        demande = c.psc.wait_for(CIBA, after=geste, pour=("PSC-01",))
        c.psc.wait_for(ATTENTE_CIBA, after=geste, pour=("PSC-01",))
        c.advance(seconds=6)
        c.finish(geste)
    finally:
        c.psc.command("ciba", decision="approuve")
    c.require(refusal_ends_the_wait, geste, demande, *c.psc.seen(ATTENTE_CIBA))


def test_jetons_d_une_autre_personne(c: Campaign) -> None:
    """Les jetons d'un autre professionnel que celui de la demande CIBA n'ouvrent pas de session."""
    person = _commencer(c)
    temoin = c.do(SeConnecter(person.id, mode="ciba"))
    c.psc.wait_for(ATTENTE_CIBA, after=temoin, pour=("PSC-01",))
    c.do(SeDeconnecter())
    with c.psc.panne("ciba-autre-personne"):
        geste = c.do(SeConnecter(person.id, mode="ciba"))
        jetons = c.psc.wait_for(ATTENTE_CIBA, after=geste, pour=("PSC-01",))
    c.require(tokens_of_another_person_open_no_session, temoin, geste, jetons)


def test_chaque_professionnel(c: Campaign) -> None:
    """Chaque sorte de professionnel (sans RPPS, plusieurs activités, travail social…) se connecte sans navigateur."""
    _commencer(c)
    for nom in PERSONNES:
        person = c.professionnel(nom)
        geste = c.do(SeConnecter(person.id, mode="ciba"))
        jetons = c.psc.wait_for(ATTENTE_CIBA, after=geste, pour=("PSC-01",))
        c.require(approved_login_opens_a_session, geste, jetons, person)
        c.do(SeDeconnecter())


def _commencer(c: Campaign) -> Professionnel:
    if "ciba" not in c.settings.psc.modes:
        c.skip("le DUI ne déclare pas la connexion sans navigateur ([psc] modes)")
    return c.professionnel("infirmiere-ehpad")


def _demander(c: Campaign, person: Professionnel) -> tuple[Geste, Exchange]:
    geste = c.start(SeConnecter(person.id, mode="ciba"))
    return geste, c.psc.wait_for(CIBA, after=geste, pour=("PSC-01",))
