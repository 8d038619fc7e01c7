"""Vérifier une INS connue auprès d'INSi (opération provisoire : ses verdicts ne dépassent pas l'avertissement)."""

from __future__ import annotations

from ..checks.ins import answer_of_the_verification_is_understood, denied_ins_is_invalidated
from ..checks.ins_lots import (
    answers_are_given_to_the_right_identities,
    denied_ins_of_a_lot_is_invalidated,
    no_suspect_identity_is_in_the_lot,
    pending_lot_is_not_taken_as_done,
)
from ..checks.ins_operations import verification_sends_the_strict_traits
from ..core.campaign import Campaign
from ..core.gestures.identite import MarquerIdentite, ReleverVerification, VerifierIns, VerifierInsEnMasse
from .insi_appels import LOT, RESULTAT_LOT, VERIFICATION, lire


def test_verification_confirmee(c: Campaign) -> None:
    """La vérification (provisoire) transmet l'INS, son OID et les cinq traits ; confirmée, l'identité ne change pas."""
    usager = c.usager("qualifie")
    geste = c.do(VerifierIns(usager.id))
    appel = c.insi.wait_for(VERIFICATION.of(usager), after=geste, pour=("INS-03",))
    c.expect("INSI-VERIFICATION", appel)
    c.require(verification_sends_the_strict_traits, appel, usager)
    c.require(answer_of_the_verification_is_understood, appel, geste)


def test_verification_d_une_ins_de_corse(c: Campaign) -> None:
    """Le matricule d'une personne née en Corse est vérifié (opération provisoire) avec 2A ou 2B et sa clé."""
    usager = c.usager("corse")
    geste = c.do(VerifierIns(usager.id))
    c.expect("INSI-VERIFICATION", c.insi.wait_for(VERIFICATION.of(usager), after=geste, pour=("INS-03",)))


def test_verification_refusee(c: Campaign) -> None:
    """Sur un KO (opération provisoire), le matricule et l'OID sont invalidés et l'identité rétrogradée."""
    usager = c.usager("ko-insi")
    geste = c.do(VerifierIns(usager.id))
    appel = c.insi.wait_for(VERIFICATION.of(usager), after=geste, pour=("INS-03",))
    c.require(answer_of_the_verification_is_understood, appel, geste)
    lecture = lire(c, usager, ("INS-11",))
    if lecture is not None:
        c.require(denied_ins_is_invalidated, appel, lecture)


def test_verification_en_masse(c: Campaign) -> None:
    """Un lot d'INS est vérifié (opération provisoire) ; celle qu'INSi refuse est invalidée, les autres ne changent pas."""
    bons, refuse = [c.usager("qualifie"), c.usager("qualifie")], c.usager("ko-insi")
    depot = c.do(VerifierInsEnMasse((bons[0].id, refuse.id, bons[1].id)))
    lot = c.insi.wait_for(LOT.of(refuse), after=depot, pour=("INS-04",))
    c.expect("INSI-LOT", lot)
    releve = c.do(ReleverVerification())
    reponse = c.insi.wait_for(RESULTAT_LOT, after=releve, pour=("INS-04",))
    c.expect("INSI-LOT-RESULTAT", reponse)
    c.require(answers_are_given_to_the_right_identities, lot, reponse, releve, *bons, refuse)
    lecture = lire(c, refuse, ("INS-04", "INS-11"))
    if lecture is not None:
        c.require(denied_ins_of_a_lot_is_invalidated, lot, reponse, refuse, lecture)


def test_verification_en_masse_en_cours(c: Campaign) -> None:
    """Tant que le lot (opération provisoire) est en cours, aucune réponse n'est montrée ; son résultat se relève plus tard."""
    usager = c.usager("ko-insi")
    c.insi.command("lot-en-cours", matricule=usager.matricule, fois=1)
    depot = c.do(VerifierInsEnMasse((usager.id,)))
    lot = c.insi.wait_for(LOT.of(usager), after=depot, pour=("INS-04",))
    attente = c.do(ReleverVerification())
    en_cours = c.insi.wait_for(RESULTAT_LOT, after=attente, pour=("INS-04",))
    c.require(pending_lot_is_not_taken_as_done, en_cours, attente)
    releve = c.do(ReleverVerification())
    fini = c.insi.wait_for(RESULTAT_LOT, after=releve, pour=("INS-04",))
    c.require(answers_are_given_to_the_right_identities, lot, fini, releve, usager)


def test_verification_en_masse_sans_les_suspectes(c: Campaign) -> None:
    """Une identité marquée douteuse n'est envoyée dans aucun lot (opération provisoire)."""
    bon, douteux = c.usager("qualifie"), c.usager("recupere")
    c.do(MarquerIdentite(douteux.id, attribut="douteuse"))
    depot = c.do(VerifierInsEnMasse((bon.id, douteux.id)))
    lot = c.insi.wait_for(LOT.of(bon), after=depot, pour=("INS-04",))
    c.require(no_suspect_identity_is_in_the_lot, lot, douteux)
