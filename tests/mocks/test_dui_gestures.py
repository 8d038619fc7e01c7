"""The reference DUI against the real services, over sockets: each gesture does what its docstring says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dui_conformance.core.gestures import Etat
from dui_conformance.core.gestures.connexion import SeConnecter, SeDeconnecter, UtiliserSession
from dui_conformance.core.gestures.dmp import AnnulerEnvoi, AttendreEnvois, EnregistrerOpposition
from dui_conformance.core.gestures.documents import ValiderDocument
from dui_conformance.core.gestures.identite import ControlerIdentite, LireIdentite, MarquerIdentite, RechercherIns, VerifierIns
from dui_conformance.mocks.dui.dui import InertDui
from dui_conformance.mocks.pki import Pki
from samples.banc_dui import Banc

NOTE = "note-vaccination"


@pytest.fixture
def banc(pki: Pki) -> Iterator[Banc]:
    banc = Banc(pki)
    yield banc
    banc.close()


def test_login_opens_a_session_in_the_account_of_the_national_identifier(banc: Banc) -> None:
    resultat = banc.jouer(SeConnecter("infirmiere-ehpad"))
    assert (resultat.etat, resultat.observation("session")) == (Etat.FAIT, True)
    assert resultat.observation("compte") == "compte-899700000001"
    assert banc.vu.sortes == [
        "psc.decouverte",
        "psc.autorisation",
        "psc.connexion",
        "psc.jeton.code",
        "psc.jwks",
        "psc.userinfo",
    ]


def test_login_by_an_ordered_persona_needs_no_page(banc: Banc) -> None:
    banc.psc.command("persona", {"id": "899700000001"})
    assert banc.jouer(SeConnecter("infirmiere-ehpad")).observation("session") is True
    assert "psc.connexion" not in banc.vu.sortes


@pytest.mark.parametrize("persona", ["medecin-multi", "pharmacien", "sans-rpps", "accents", "deux-finess"])
def test_every_persona_can_log_in(banc: Banc, persona: str) -> None:
    assert banc.jouer(SeConnecter(persona)).observation("session") is True


def test_an_unknown_choice_opens_no_session(banc: Banc) -> None:
    resultat = banc.jouer(SeConnecter("personne"))
    assert (resultat.etat, resultat.observation("session")) == (Etat.REFUSE, False)


@pytest.mark.parametrize("panne", ["jeton-nonce", "jeton-signature", "jeton-aud", "jeton-state", "userinfo-sub"])
def test_a_lie_opens_no_session(banc: Banc, panne: str) -> None:
    banc.psc.arm(panne, times=None)
    resultat = banc.jouer(SeConnecter("infirmiere-ehpad"))
    assert (resultat.etat, resultat.observation("session")) == (Etat.REFUSE, False)


def test_the_session_is_refreshed_then_ended(banc: Banc) -> None:
    banc.jouer(SeConnecter("infirmiere-ehpad"))
    banc.avancer(minutes=3)
    assert banc.jouer(UtiliserSession()).observation("session") is True
    assert "psc.jeton.rafraichissement" in banc.vu.sortes
    assert banc.jouer(SeDeconnecter()).observation("session") is False
    assert banc.jouer(UtiliserSession()).etat is Etat.REFUSE


def test_pro_sante_connect_down_leaves_the_rest_usable(banc: Banc) -> None:
    banc.psc.arm("indisponible", times=None)
    assert banc.jouer(SeConnecter("infirmiere-ehpad")).etat is Etat.REFUSE
    usager = banc.usager("provisoire")
    assert banc.jouer(RechercherIns(usager.id)).observation("code") == "00"


def test_an_identity_becomes_recuperee_then_qualifiee(banc: Banc) -> None:
    usager = banc.usager("provisoire")
    assert banc.jouer(RechercherIns(usager.id)).observation("statut") == "recuperee"
    assert banc.jouer(ControlerIdentite(usager.id)).observation("statut") == "qualifiee"
    lue = banc.jouer(LireIdentite(usager.id))
    assert (lue.observation("matricule"), lue.observation("oid")) == (usager.matricule_insi, usager.oid_insi)


@pytest.mark.parametrize("authentification", ["certificat", "cps", "psc"])
def test_insi_is_called_by_each_means(banc: Banc, authentification: str) -> None:
    banc.jouer(SeConnecter("infirmiere-ehpad"))
    usager = banc.usager("provisoire")
    assert banc.jouer(RechercherIns(usager.id, authentification=authentification)).observation("code") == "00"


@pytest.mark.parametrize("profil", ["lunaire", "incomplet", "inconnu-insi", "plusieurs-insi"])
def test_an_unusable_answer_changes_nothing(banc: Banc, profil: str) -> None:
    usager = banc.usager(profil)
    resultat = banc.jouer(RechercherIns(usager.id))
    assert resultat.observation("statut") == "provisoire"
    assert resultat.observation("alerte")
    assert banc.jouer(LireIdentite(usager.id)).observation("matricule") == ""


def test_every_first_name_is_tried_before_giving_up(banc: Banc) -> None:
    usager = banc.usager("inconnu-insi")
    banc.jouer(RechercherIns(usager.id))
    essais = len(usager.prenoms) + (len(usager.prenoms) > 1)
    assert banc.vu.sortes.count("insi.recherche-traits") == essais


def test_a_doubtful_identity_is_not_searched(banc: Banc) -> None:
    usager = banc.usager("recupere")
    assert banc.jouer(MarquerIdentite(usager.id, "douteuse")).observation("statut") == "provisoire"
    assert banc.jouer(RechercherIns(usager.id)).etat is Etat.REFUSE
    assert banc.vu.sortes == []


def test_a_denied_ins_is_invalidated(banc: Banc) -> None:
    usager = banc.usager("ko-insi")
    assert banc.jouer(VerifierIns(usager.id)).observation("reponse") == "KO"
    assert banc.jouer(LireIdentite(usager.id)).observation("matricule") == ""


def test_a_document_leaves_after_the_delay_and_is_stored(banc: Banc) -> None:
    usager = banc.usager("qualifie")
    valide = banc.jouer(ValiderDocument(usager.id, NOTE))
    assert valide.observation("etat_envoi") == "programme"
    banc.jouer(AttendreEnvois())
    assert banc.vu.sortes == []
    banc.avancer(minutes=11)
    banc.jouer(AttendreEnvois())
    assert banc.vu.sortes == ["dmp.td0.2", "dmp.td2.1"]
    assert valide.observation("document") in banc.dmp.store.entries


def test_a_document_is_sent_in_the_name_of_the_psc_user(banc: Banc) -> None:
    banc.jouer(SeConnecter("medecin-multi"))
    _deposer(banc)
    (depot,) = banc.vu.de("dmp.td2.1")
    corps = depot.body.read()
    assert b"INDIRECTE_RENFORCEE" in corps
    assert b"899700000002" in corps


def test_a_cancelled_order_does_not_leave(banc: Banc) -> None:
    usager = banc.usager("qualifie")
    banc.jouer(ValiderDocument(usager.id, NOTE))
    assert banc.jouer(AnnulerEnvoi(usager.id)).observation("etat_envoi") == "annule"
    banc.avancer(minutes=11)
    banc.jouer(AttendreEnvois())
    assert banc.vu.sortes == []
    banc.avancer(minutes=11)
    assert banc.jouer(AnnulerEnvoi(usager.id)).etat is Etat.FAIT


@pytest.mark.parametrize("profil", ["recupere", "valide", "provisoire"])
def test_an_unqualified_identity_calls_nothing(banc: Banc, profil: str) -> None:
    usager = banc.usager(profil)
    assert banc.jouer(ValiderDocument(usager.id, NOTE)).observation("etat_envoi") == "bloque"
    banc.avancer(minutes=11)
    banc.jouer(AttendreEnvois())
    assert banc.vu.sortes == []


def test_opposition_stops_what_was_programmed(banc: Banc) -> None:
    usager = banc.usager("qualifie")
    banc.jouer(ValiderDocument(usager.id, NOTE))
    banc.jouer(EnregistrerOpposition(usager.id, oppose=True))
    banc.avancer(minutes=11)
    banc.jouer(AttendreEnvois())
    assert banc.vu.sortes == []


@pytest.mark.parametrize("panne", ["indisponible", "coupure", "indisponible-metier", "reponse-perdue", "relatesto-faux"])
def test_an_outage_is_survived_without_duplicate(banc: Banc, panne: str) -> None:
    banc.dmp.arm(panne, times=1, target="dmp.td2.1")
    _deposer(banc)
    banc.jouer(AttendreEnvois())
    assert len(banc.vu.de("dmp.td2.1")) == 2
    assert len(banc.dmp.store.submissions) == 1
    assert len(banc.dmp.store.entries) == 2  # the document and the signature of its submission set


def test_an_unknown_usager_or_document_makes_the_gesture_impossible(banc: Banc) -> None:
    assert banc.jouer(LireIdentite("personne")).etat is Etat.IMPOSSIBLE
    usager = banc.usager("qualifie")
    assert banc.jouer(ValiderDocument(usager.id, "radiographie")).etat is Etat.IMPOSSIBLE


def test_the_inert_dui_says_done_and_calls_nothing(banc: Banc) -> None:
    inerte = InertDui(banc.services)
    assert inerte.play(SeConnecter("infirmiere-ehpad")).etat is Etat.FAIT
    assert inerte.valider_document(usager="u", type=NOTE).etat is Etat.FAIT
    assert banc.vu.sortes == []


def _deposer(banc: Banc) -> None:
    usager = banc.usager("qualifie")
    banc.jouer(ValiderDocument(usager.id, NOTE))
    banc.avancer(minutes=11)
    banc.jouer(AttendreEnvois())
