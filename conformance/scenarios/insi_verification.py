"""Vérifier une INS connue auprès d'INSi (opération provisoire : ses verdicts ne dépassent pas l'avertissement)."""

from __future__ import annotations

from ..checks.ins import answer_of_the_verification_is_understood, denied_ins_is_invalidated
from ..core.campaign import Campaign
from ..core.gestures.identite import VerifierIns
from .insi_appels import VERIFICATION, lire


def test_verification_confirmee(c: Campaign) -> None:
    """La vérification transmet l'INS, son OID et les cinq traits ; confirmée, l'identité ne change pas."""
    usager = c.usager("qualifie")
    geste = c.do(VerifierIns(usager.id))
    appel = c.insi.wait_for(VERIFICATION.of(usager), after=geste, pour=("INS-03",))
    c.expect("INSI-VERIFICATION", appel)
    c.require(answer_of_the_verification_is_understood, appel, geste)


def test_verification_d_une_ins_de_corse(c: Campaign) -> None:
    """Le matricule d'une personne née en Corse est transmis avec 2A ou 2B et sa clé."""
    usager = c.usager("corse")
    geste = c.do(VerifierIns(usager.id))
    c.expect("INSI-VERIFICATION", c.insi.wait_for(VERIFICATION.of(usager), after=geste, pour=("INS-03",)))


def test_verification_refusee(c: Campaign) -> None:
    """Sur un KO, le matricule et l'OID sont invalidés et l'identité rétrogradée."""
    usager = c.usager("ko-insi")
    geste = c.do(VerifierIns(usager.id))
    appel = c.insi.wait_for(VERIFICATION.of(usager), after=geste, pour=("INS-03",))
    c.require(answer_of_the_verification_is_understood, appel, geste)
    lecture = lire(c, usager, ("INS-11",))
    if lecture is not None:
        c.require(denied_ins_is_invalidated, appel, lecture)
