"""The identities of the reference DUI against the simulated INSi: third parties, lots, attributes, traits, search, traces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from dui_conformance.core.gestures import Etat
from dui_conformance.core.gestures.identite import (
    ControlerIdentite,
    ExporterTracesIns,
    LireIdentite,
    MarquerIdentite,
    ModifierIdentite,
    RecevoirIdentite,
    RechercherDossier,
    RechercherIns,
    ReleverVerification,
    VerifierInsEnMasse,
)
from dui_conformance.fixtures.people import usager as fictional
from dui_conformance.mocks.pki import Pki
from samples.banc_dui import Banc


@pytest.fixture
def banc(pki: Pki) -> Iterator[Banc]:
    banc = Banc(pki)
    yield banc
    banc.close()


def test_history_is_kept_and_the_former_matricule_finds_the_record(banc: Banc) -> None:
    usager = banc.usager("provisoire")
    banc.insi.command("historique", {"usager": usager.id})
    banc.jouer(RechercherIns(usager.id))
    (past,) = banc.jouer(LireIdentite(usager.id)).observation("historique")
    assert past[1:] == usager.matricule_insi[1:]
    assert banc.jouer(RechercherDossier(matricule=past)).observation("dossiers") == [usager.id]


def test_place_tells_homonyms_apart(banc: Banc) -> None:
    usager = banc.usager("provisoire")
    banc.insi.command("homonyme", {"usager": usager.id})
    assert banc.jouer(RechercherIns(usager.id)).observation("code") == "00"
    assert banc.jouer(LireIdentite(usager.id)).observation("matricule") == usager.matricule_insi
    assert banc.vu.sortes.count("insi.recherche-traits") == 3


@pytest.mark.parametrize("forme", ["mois", "jour", "jour-et-mois"])
def test_a_lunar_date_is_not_stored(banc: Banc, forme: str) -> None:
    banc.insi.command("date-lunaire", {"forme": forme})
    usager = banc.usager("lunaire")
    assert banc.jouer(RechercherIns(usager.id)).observation("statut") == "provisoire"


def test_a_lot_is_deposited_then_applied(banc: Banc) -> None:
    good, denied = banc.usager("qualifie"), banc.usager("ko-insi")
    banc.insi.command("lot-en-cours", {"fois": 1})
    assert banc.jouer(ReleverVerification()).etat is Etat.REFUSE
    assert banc.jouer(VerifierInsEnMasse((good.id, denied.id))).observation("nombre") == 2
    assert banc.jouer(ReleverVerification()).observation("etat") == "en cours"
    assert banc.jouer(ReleverVerification()).observation("reponses") == {good.id: "OK", denied.id: "KO"}
    assert banc.jouer(LireIdentite(denied.id)).observation("matricule") == ""
    assert banc.jouer(LireIdentite(good.id)).observation("statut") == "qualifiee"


def test_attributes_go_together_or_not(banc: Banc) -> None:
    usager = banc.usager("provisoire")
    banc.jouer(MarquerIdentite(usager.id, "douteuse"))
    assert banc.jouer(MarquerIdentite(usager.id, "homonyme")).observation("attributs") == ["douteuse", "homonyme"]
    assert banc.jouer(MarquerIdentite(usager.id, "fictive")).etat is Etat.REFUSE
    assert banc.jouer(MarquerIdentite(usager.id, "douteuse", pose=False)).observation("statut") == "provisoire"


def test_traits_of_insi_are_locked_and_the_used_name_is_not(banc: Banc) -> None:
    qualified, local = banc.usager("qualifie"), banc.usager("provisoire")
    assert banc.jouer(ModifierIdentite(qualified.id, "prenoms", "AUTRE")).etat is Etat.REFUSE
    assert banc.jouer(ModifierIdentite(qualified.id, "nom_utilise", "AUTRE")).etat is Etat.FAIT
    assert banc.jouer(LireIdentite(qualified.id)).observation("nom_utilise") == "AUTRE"
    assert banc.jouer(ModifierIdentite(local.id, "prenoms", "AUTRE PRENOM")).etat is Etat.FAIT
    assert banc.jouer(LireIdentite(local.id)).observation("prenoms") == ["AUTRE", "PRENOM"]
    assert banc.jouer(ModifierIdentite(local.id, "couleur", "bleu")).etat is Etat.IMPOSSIBLE


def test_a_confirmed_identity_of_a_third_party_is_recuperee_then_qualified_here(banc: Banc) -> None:
    person = fictional("tiers", "essai")
    banc.insi.admit(person)
    received = banc.jouer(RecevoirIdentite.de(person))
    assert (received.observation("statut"), received.observation("integree")) == ("recuperee", True)
    assert banc.jouer(ControlerIdentite(person.id)).observation("statut") == "qualifiee"


def test_a_denied_identity_of_a_third_party_leaves_no_matricule(banc: Banc) -> None:
    person = fictional("tiers-ko", "essai")
    banc.insi.admit(person)
    received = banc.jouer(RecevoirIdentite.de(person))
    assert (received.observation("statut"), received.observation("matricule")) == ("provisoire", "")
    assert received.observation("alerte")


def test_a_received_identity_joins_its_record(banc: Banc) -> None:
    usager = banc.usager("valide")
    known = replace(usager, id="recu", matricule=usager.matricule_insi, cle=usager.cle_insi, oid=usager.oid_insi)
    received = banc.jouer(RecevoirIdentite.de(known))
    assert (received.observation("dossier"), received.observation("statut")) == (usager.id, "qualifiee")
    other = replace(known, nom_naissance="TESTEUR-AUTRE")
    banc.insi.arm("indisponible", times=1)
    assert "injoignable" in banc.jouer(RecevoirIdentite.de(other)).observation("alerte")


def test_search_without_a_criterion_finds_nobody(banc: Banc) -> None:
    usager = banc.usager("accents")
    assert banc.jouer(RechercherDossier()).observation("dossiers") == []
    found = banc.jouer(RechercherDossier(date_naissance=usager.date_naissance, nom_debut="d essai"))
    assert found.observation("dossiers") == [usager.id]


def test_every_call_and_every_access_is_traced(banc: Banc) -> None:
    usager = banc.usager("provisoire")
    banc.insi.arm("erreur-technique", times=1)
    banc.jouer(RechercherIns(usager.id))
    banc.jouer(RechercherIns(usager.id))
    banc.jouer(LireIdentite(usager.id))
    (piece,) = banc.jouer(ExporterTracesIns()).pieces
    rows = [line.split(";")[2:4] for line in piece.data.decode("utf-8-sig").splitlines()]
    assert rows == [["nature", "code"], ["recherche", "erreur"], ["recherche", "00"], ["accès", ""]]


@pytest.mark.parametrize("panne", ["code-inconnu", "individu-absent", "faute-fatal", "carte-vitale-perimee", "corps-malforme"])
def test_an_unexpected_answer_changes_nothing(banc: Banc, panne: str) -> None:
    usager = banc.usager("provisoire")
    banc.insi.arm(panne, times=None)
    resultat = banc.jouer(RechercherIns(usager.id))
    assert resultat.observation("statut") == "provisoire"
    assert resultat.observation("alerte")


@pytest.mark.parametrize("panne", ["relates-to-faux", "prenom-sans-liste"])
def test_an_odd_answer_is_understood(banc: Banc, panne: str) -> None:
    usager = banc.usager("provisoire")
    banc.insi.arm(panne, times=None)
    assert banc.jouer(RechercherIns(usager.id)).observation("code") == "00"
