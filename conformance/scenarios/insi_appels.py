"""The calls to INSi that scenarios look for, and the search with which many begin."""

from __future__ import annotations

from ..core.campaign import Campaign, Geste
from ..core.exchange import Exchange
from ..core.formulaire import IMAGE
from ..core.gestures.identite import LireIdentite, RechercherIns
from ..core.matcher import kind
from ..core.people import Usager

TOUT = kind("insi", label="appel à INSi")
RECHERCHE = kind("insi.recherche-traits", label="recherche de l'INS par traits")
VITALE = kind("insi.recherche-vitale", label="recherche de l'INS par carte Vitale")
VERIFICATION = kind("insi.verification", label="vérification de l'INS")
LOT = kind("insi.lot.depot", label="dépôt d'un lot d'INS à vérifier")
RESULTAT_LOT = kind("insi.lot.resultat", label="demande du résultat d'un lot d'INS")


def rechercher(c: Campaign, usager: Usager) -> tuple[Geste, Exchange]:
    """A search by traits, ended; gives its first call. Ends the scenario when the DUI called nothing."""
    geste = c.do(RechercherIns(usager.id))
    return geste, c.insi.wait_for(RECHERCHE.of(usager), after=geste, pour=("INS-01",))


def lire(c: Campaign, usager: Usager, pour: tuple[str, ...]) -> Geste | None:
    """The identity that the DUI shows; None when the driver declares nothing of it: a person is then asked to look."""
    lecture = c.do(LireIdentite(usager.id))
    if lecture.observation("statut") is not None:
        return lecture
    c.attest(
        pour=pour,
        constat="Le statut, le matricule, l'OID et les traits affichés sont-ils ceux que ce scénario attend ?",
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="le testeur",
    )
    return None
