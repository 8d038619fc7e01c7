"""The calls to the DMP that scenarios look for, and how a deposit begins: session, usager, delay."""

from __future__ import annotations

from dataclasses import dataclass

from ..catalogue import load
from ..core.campaign import Campaign, Geste
from ..core.errors import NotTested
from ..core.exchange import Exchange
from ..core.gestures.connexion import SeConnecter
from ..core.gestures.dmp import AttendreEnvois, EnregistrerOpposition
from ..core.gestures.documents import ValiderDocument
from ..core.matcher import Matcher, kind
from ..core.people import Usager

NOTE, FICHE = "note-vaccination", "fiche-soins"

APPEL = kind("dmp", label="appel au DMP")
EXISTENCE = kind("dmp.td0.2", label="test d'existence du DMP (TD0.2)")
AUTORISATION = kind("dmp.td0.3", label="demande d'autorisation d'accès (TD0.3)")
DEPOT = kind("dmp.td2.1", label="dépôt de document (TD2.1)")
ENREGISTRE = Matcher("dépôt enregistré par le DMP (TD2.1)", lambda e: e.kind == "dmp.td2.1" and bool(e.facts.get("stocke")))
CONNEXION = kind("dmp", "tls.dmp", label="connexion au DMP, avec ou sans requête")
MAUVAIS_CERTIFICAT = Matcher(
    "connexion au DMP pendant qu'il présente un mauvais certificat", lambda e: e.connection.server_certificate != "bon"
)


def ouvrir_session(c: Campaign) -> None:
    """Log in by Pro Santé Connect; a DUI whose driver does not offer it works with its own local session."""
    person = c.professionnel("infirmiere-ehpad")
    try:
        c.do(SeConnecter(person.id))
    except NotTested:
        return


def usager_sans_opposition(c: Campaign) -> Usager:
    """A usager with a qualified identity and a DMP, whose non-opposition is recorded where the driver offers it."""
    usager = c.usager("qualifie")
    try:
        c.do(EnregistrerOpposition(usager.id, oppose=False))
    except NotTested:
        return usager
    return usager


def type_usuel(c: Campaign) -> str:
    """What ordinary deposits validate: a note de vaccination, where a sector of the DUI writes some."""
    return NOTE if load()["VAC-01"].applies_to(c.settings.secteurs) else FICHE


def valider(c: Campaign, usager: Usager, type: str = "") -> Geste:
    """Validate a document, the usual one unless said otherwise, to be sent."""
    return c.do(ValiderDocument(usager.id, type=type or type_usuel(c)))


def passer(c: Campaign, seconds: float) -> float:
    """Let this much of the DUI's time pass; gives the seconds that remain to be waited for really, when its clock is its own."""
    if seconds <= 0:
        return 0.0
    try:
        c.advance(seconds=seconds)
    except NotTested:
        return seconds
    return 0.0


def passer_le_delai(c: Campaign) -> float:
    """Let the delay of deferred sending pass; gives the seconds that remain to be waited for really."""
    delay = c.settings.delais.envoi_differe
    return passer(c, delay + 1 if delay > 0 else 0)


def laisser_travailler(c: Campaign) -> None:
    """Let the DUI execute what is due, where its driver offers it."""
    try:
        c.do(AttendreEnvois())
    except NotTested:
        return


def attendre_depot(c: Campaign, usager: Usager, geste: Geste, *, pour: tuple[str, ...]) -> Exchange:
    """The deposit that follows a validation, once the delay has passed."""
    remaining = passer_le_delai(c)
    return c.dmp.wait_for(DEPOT.of(usager), after=geste, within=c.settings.delais.alimentation + remaining, pour=pour)


def valider_malgre(c: Campaign, panne: str, *, pour: tuple[str, ...], cible: str = "dmp.td2.1") -> tuple[Usager, Geste, Exchange]:
    """Log in, and validate a document whose first deposit meets a misbehaviour of the DMP: usager, validation, that deposit."""
    ouvrir_session(c)
    usager = usager_sans_opposition(c)
    geste = valider(c, usager)
    with c.dmp.panne(panne, times=1, target=cible):
        return usager, geste, attendre_depot(c, usager, geste, pour=pour)


@dataclass(frozen=True, slots=True)
class Temoin:
    """The positive control of an absence: a deposit of the same DUI, and the seconds that it took once its delay had passed."""

    depot: Exchange
    latence: float

    def fenetre(self, c: Campaign, reste: float = 0.0) -> float:
        """How long to wait before saying that a deposit does not come: twice what the control took, beside the setting."""
        return c.settings.delais.absence + 2 * self.latence + reste


def temoin(c: Campaign, *, pour: tuple[str, ...]) -> Temoin:
    """Deposit for a usager who does not oppose, and see how long it takes: some DUIs send by batches."""
    usager = usager_sans_opposition(c)
    geste = valider(c, usager)
    depot = attendre_depot(c, usager, geste, pour=pour)
    waited = 0.0 if geste.fin is None else (depot.times.logical - geste.fin).total_seconds()
    # One second more than the delay was let pass.
    return Temoin(depot, max(0.0, waited - c.settings.delais.envoi_differe - 1))


def deposer(c: Campaign, usager: Usager, *, pour: tuple[str, ...]) -> Exchange:
    """A whole deposit without any fault: validation, delay, TD2.1."""
    return attendre_depot(c, usager, valider(c, usager), pour=pour)
