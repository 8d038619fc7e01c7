"""Les graphies que le DMP admet sans les recommander : elles sont dites, et rien n'est refusé pour elles."""

from __future__ import annotations

from ..checks.dmp_alimentation import deposit_is_stored
from ..core.campaign import Campaign
from ..core.gestures.alimentation import ModifierDocument
from ..core.gestures.consultation import GererDocumentDmp
from .dmp_appels import EXISTENCE, attendre_depot, deposer, laisser_travailler, ouvrir_session, usager_sans_opposition, valider
from .dmp_consultation_appels import connecter, consentir, lister

_POUR = ("DMP-ALIM-17",)


def test_graphies_d_un_depot(c: Campaign) -> None:
    """Un dépôt écrit avec une graphie que d'autres logiciels emploient est admis, et la graphie est dite."""
    ouvrir_session(c)
    usager = usager_sans_opposition(c)
    depot = deposer(c, usager, pour=_POUR)
    c.expect("DMP-TOLERANCES", depot, pour=_POUR)
    for test in c.dmp.seen(EXISTENCE.of(usager)):
        c.expect("DMP-TOLERANCES", test, pour=_POUR)
    c.require(deposit_is_stored, depot, pour=_POUR)


def test_graphies_d_une_recherche(c: Campaign) -> None:
    """Une recherche écrite avec une graphie que d'autres logiciels emploient est admise, et la graphie est dite."""
    connecter(c)
    usager = c.usager("qualifie")
    consentir(c, usager)
    _, liste = lister(c, usager, pour=_POUR)
    c.expect("DMP-TOLERANCES", liste, pour=_POUR)


def test_fiche_designee_par_une_ancienne_version(c: Campaign) -> None:
    """Une fiche dont la visibilité a changé peut être remplacée sous son ancien identifiant, et cela est dit."""
    connecter(c)
    usager = usager_sans_opposition(c)
    geste = valider(c, usager)
    attendre_depot(c, usager, geste, pour=_POUR)
    laisser_travailler(c)
    document = geste.observation("document")
    if document is None:
        c.skip("le DUI ne dit pas la référence du document validé : impossible de le retrouver dans la liste du DMP")
    consentir(c, usager)
    lister(c, usager, pour=_POUR)
    c.do(GererDocumentDmp(usager.id, document=str(document), titre="le document déposé", action="masquer"))
    geste = c.do(ModifierDocument(usager.id))
    suivant = attendre_depot(c, usager, geste, pour=_POUR)
    c.expect("DMP-TOLERANCES", suivant, pour=_POUR)
    c.require(deposit_is_stored, suivant, pour=_POUR)
