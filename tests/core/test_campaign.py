"""What a scenario does, live and again from the journal: waits, absences, refusals, verdicts."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from dui_conformance.core.archive import Archive
from dui_conformance.core.campaign import Campaign, Geste
from dui_conformance.core.formulaire import PDF, Attestation
from dui_conformance.core.gestures import Etat, Gesture, Piece, Resultat
from dui_conformance.core.gestures.connexion import SeConnecter
from dui_conformance.core.gestures.dmp import AnnulerEnvoi, AttendreEnvois
from dui_conformance.core.gestures.documents import ValiderDocument
from dui_conformance.core.gestures.identite import LireIdentite
from dui_conformance.core.runner import Outcome
from dui_conformance.core.verdict import Basis, Verdict
from samples.bench import BREAKS, GUESS, HOLDS, NOTHING, ON_GESTURE, UNSURE, Bench, done
from samples.campagne import DEPOT, RECHERCHE, VERIFICATION, deposer, ends, valider


# Waiting
def test_an_exchange_is_given_once_and_a_rule_that_holds_on_it_is_conforme(bench: Bench) -> None:
    def test_x(c: Campaign) -> None:
        first = valider(c)
        depot = c.dmp.wait_for(DEPOT, after=first)
        second = valider(c)
        assert c.dmp.wait_for(DEPOT, after=second).id != depot.id
        assert [e.id for e in c.dmp.seen(DEPOT)] == ["E000001", "E000002"]
        c.require(HOLDS, depot)

    outcome = bench.both(test_x)
    assert (outcome.verdict, outcome.attempt) == (Verdict.CONFORME, 1)
    (application,) = outcome.applications
    assert (application.exigences, application.subjects) == (("X-1",), ("E000001",))


def _awaited(bench: Bench, gesture: Gesture, **arguments: object) -> Outcome:
    def test_x(c: Campaign) -> None:
        geste = c.start(gesture)
        c.insi.wait_for(RECHERCHE, after=geste, **arguments)  # type: ignore[arg-type]
        raise AssertionError("the scenario goes on without the exchange")

    return bench.both(test_x)


def test_a_confirmed_gesture_without_its_exchange_is_non_conforme(bench: Bench) -> None:
    outcome = _awaited(bench, ValiderDocument("u-1", type="note"), pour=("X-1",))
    assert outcome.verdict is Verdict.NON_CONFORME
    finding = outcome.applications[0].finding
    assert finding is not None
    assert finding.expected
    assert finding.received
    assert finding.at
    assert finding.hint


def test_a_refused_gesture_without_its_exchange_shows_what_the_dui_said(bench: Bench) -> None:
    outcome = _awaited(bench, AnnulerEnvoi("u-1"))
    assert outcome.verdict is Verdict.NON_CONFORME
    assert outcome.applications[0].finding is not None
    assert "MARTIN" in outcome.applications[0].finding.received


def test_an_unconfirmed_gesture_is_non_concluant(bench: Bench) -> None:
    bench.driver.scripts["attendre_envois"] = lambda b, g: None
    outcome = _awaited(bench, AttendreEnvois())
    assert outcome.verdict is Verdict.NON_CONCLUANT


def test_a_gesture_that_nobody_could_make_is_non_teste(bench: Bench) -> None:
    bench.driver.scripts["attendre_envois"] = ends(Etat.IMPOSSIBLE)  # type: ignore[assignment]
    assert _awaited(bench, AttendreEnvois()).verdict is Verdict.NON_TESTE


def test_a_gesture_that_the_driver_does_not_offer_is_non_teste(bench: Bench) -> None:
    outcome = _awaited(bench, SeConnecter("x"))
    assert (outcome.verdict, outcome.reason) == (Verdict.NON_TESTE, "geste non offert par le pilote : se_connecter")


def test_an_error_of_the_driver_is_non_concluant(bench: Bench) -> None:
    bench.driver.scripts["attendre_envois"] = ends(Etat.ERREUR, "trace")  # type: ignore[assignment]
    outcome = bench.both(lambda c: c.do(AttendreEnvois()) and None)
    assert outcome.verdict is Verdict.NON_CONCLUANT


def test_a_missing_exchange_of_a_provisional_operation_proves_nothing_against_the_dui(bench: Bench) -> None:
    """Its official message is not public: a DUI that sends it is not understood, and one that does nothing passes nothing."""

    def test_x(c: Campaign) -> None:
        c.insi.wait_for(VERIFICATION, after=c.do(AttendreEnvois()))

    outcome = bench.both(test_x)
    assert outcome.verdict is Verdict.NON_TESTE
    assert "provisoire" in outcome.reason


def test_an_exchange_that_comes_after_the_gesture_began_is_waited_for(bench: Bench) -> None:

    def later(b: Bench, gesture: Gesture) -> Resultat:
        threading.Timer(0.02, lambda: b.call("dmp.td2.1")).start()
        return done()

    bench.driver.scripts["attendre_envois"] = later

    def test_x(c: Campaign) -> None:
        c.require(HOLDS, c.dmp.wait_for(DEPOT, after=c.start(AttendreEnvois()), within=2))

    assert bench.both(test_x).verdict is Verdict.CONFORME


# Absence and refusal
def test_an_absence_holds_with_its_control(bench: Bench) -> None:
    def test_x(c: Campaign) -> None:
        depot = c.dmp.wait_for(DEPOT, after=valider(c))
        geste = c.do(AttendreEnvois())
        assert c.dmp.absent(DEPOT, control=depot, during=geste, pour=("X-1",))

    outcome = bench.both(test_x)
    assert outcome.verdict is Verdict.CONFORME
    assert outcome.applications[0].subjects == ("G02", "E000001")
    (window,) = Archive(bench.folder).of_type("fenetre")
    assert window.data["secondes"] >= 0.05


def test_a_forbidden_exchange_breaks_the_absence_even_before_the_window(bench: Bench) -> None:
    def test_x(c: Campaign) -> None:
        depot = c.dmp.wait_for(DEPOT, after=valider(c))
        geste = valider(c)
        c.dmp.absent(DEPOT, control=depot, during=geste, pour=("X-1",))

    outcome = bench.both(test_x)
    assert outcome.verdict is Verdict.NON_CONFORME
    assert outcome.applications[0].finding is not None
    assert "E000002" in outcome.applications[0].finding.received


@pytest.mark.parametrize("etat", [None, Etat.ERREUR])
def test_an_absence_during_an_unconfirmed_gesture_proves_nothing(bench: Bench, etat: Etat | None) -> None:
    bench.driver.scripts["attendre_envois"] = lambda b, g: None if etat is None else Resultat(etat)

    def test_x(c: Campaign) -> None:
        depot = c.dmp.wait_for(DEPOT, after=valider(c))
        c.dmp.absent(DEPOT, control=depot, during=c.start(AttendreEnvois()), pour=("X-1",))

    assert bench.both(test_x).verdict is Verdict.NON_CONCLUANT


def test_the_control_of_an_absence_is_of_the_same_service(bench: Bench) -> None:
    def test_x(c: Campaign) -> None:
        c.insi.absent(RECHERCHE, control=c.dmp.wait_for(DEPOT, after=valider(c)), pour=("X-1",))

    assert bench.both(test_x).verdict is Verdict.ERREUR


def test_the_control_of_an_absence_is_of_the_same_scenario(bench: Bench) -> None:
    bench.live(deposer)
    other = bench.exchange("E000001")

    def test_x(c: Campaign) -> None:
        c.dmp.absent(DEPOT, control=other, pour=("X-1",))

    assert bench.both(test_x).verdict is Verdict.ERREUR


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (Resultat(Etat.REFUSE, "non"), Verdict.CONFORME),
        (done(session=False), Verdict.CONFORME),
        (done(session=True), Verdict.NON_CONFORME),
        (done(), Verdict.NON_CONCLUANT),
        (None, Verdict.NON_CONCLUANT),
    ],
)
def test_an_expected_refusal(bench: Bench, result: Resultat | None, expected: Verdict) -> None:
    bench.driver.scripts["attendre_envois"] = lambda b, g: result

    def test_x(c: Campaign) -> None:
        depot = c.dmp.wait_for(DEPOT, after=valider(c))
        c.require(HOLDS, depot)
        geste = c.start(AttendreEnvois())
        if result is not None:
            c.finish(geste)
        c.refused(geste, control=depot, because="un état falsifié", pour=("X-1",))

    assert bench.both(test_x).verdict is expected


def test_a_refusal_without_its_control_proves_nothing(bench: Bench) -> None:
    def test_x(c: Campaign) -> None:
        refused = c.do(AnnulerEnvoi("u"))
        c.refused(refused, control=refused, because="tout", pour=("X-1",))

    assert bench.both(test_x).verdict is Verdict.NON_CONCLUANT


# Verdicts
def test_the_worst_application_makes_the_verdict_and_its_reason(bench: Bench) -> None:
    def test_x(c: Campaign) -> None:
        depot = c.dmp.wait_for(DEPOT, after=valider(c))
        c.require(HOLDS, depot)
        c.advise(BREAKS, depot)
        c.require(UNSURE, depot)
        c.require(BREAKS, depot, pour=("X-2",))

    outcome = bench.both(test_x)
    assert (outcome.verdict, outcome.reason) == (Verdict.NON_CONFORME, "Règle enfreinte")
    assert [a.verdict.value for a in outcome.applications] == ["conforme", "avertissement", "non concluant", "non conforme"]
    assert outcome.applications[-1].exigences == ("X-2",)


def test_an_inferred_rule_or_a_provisional_exchange_only_warns(bench: Bench) -> None:
    bench.driver.scripts["attendre_envois"] = lambda b, g: b.call("insi.verification") and done()

    def test_x(c: Campaign) -> None:
        appel = c.insi.wait_for(VERIFICATION, after=c.do(AttendreEnvois()))
        c.require(BREAKS, appel)
        c.require(GUESS, c.dmp.wait_for(DEPOT, after=valider(c)))

    assert [a.verdict for a in bench.both(test_x).applications] == [Verdict.AVERTISSEMENT] * 2


@pytest.mark.parametrize("check", [NOTHING, UNSURE])
def test_a_rule_that_did_not_run_is_non_concluant(bench: Bench, check: object) -> None:
    def test_x(c: Campaign) -> None:
        c.require(check, c.dmp.wait_for(DEPOT, after=valider(c)))  # type: ignore[arg-type]

    assert bench.both(test_x).verdict is Verdict.NON_CONCLUANT


def test_a_rule_whose_view_is_missing_is_non_concluant(bench: Bench) -> None:
    outcome = bench.both(lambda c: c.require(HOLDS, valider(c)) and None)
    assert outcome.verdict is Verdict.NON_CONCLUANT


def test_a_scenario_that_checks_nothing_is_non_concluant(bench: Bench) -> None:
    def test_x(c: Campaign) -> None:
        c.dmp.wait_for(DEPOT, after=valider(c))

    outcome = bench.both(test_x)
    assert (outcome.verdict, outcome.reason) == (Verdict.NON_CONCLUANT, "aucun contrôle ne s'est exercé")


def test_what_the_dui_only_declares_makes_no_conforme_scenario(bench: Bench) -> None:
    def test_x(c: Campaign) -> None:
        lecture = c.do(LireIdentite("u"))
        assert c.observed(lecture, "statut", equals="qualifiee", pour=("X-1",))
        assert c.require(ON_GESTURE, lecture)

    outcome = bench.both(test_x)
    assert outcome.verdict is Verdict.NON_CONCLUANT
    assert outcome.applications[0].basis is Basis.ATTESTE


@pytest.mark.parametrize(
    ("nom", "equals", "expected"),
    [
        ("statut", "qualifiee", Verdict.CONFORME),
        ("statut", "provisoire", Verdict.NON_CONFORME),
        ("matricule", "1", Verdict.A_EXAMINER),
    ],
)
def test_an_observation_is_compared_beside_what_was_seen(bench: Bench, nom: str, equals: str, expected: Verdict) -> None:
    def test_x(c: Campaign) -> None:
        c.require(HOLDS, c.dmp.wait_for(DEPOT, after=valider(c)))
        c.observed(c.do(LireIdentite("u")), nom, equals=equals, pour=("X-1",))

    assert bench.both(test_x).verdict is expected


def test_what_only_a_person_can_see_is_a_examiner_and_never_sums_with_the_rest(bench: Bench) -> None:
    def test_alone(c: Campaign) -> None:
        c.attest("Est-ce affiché ?", pour=("X-1",))

    def test_beside(c: Campaign) -> None:
        deposer(c)
        c.attest("Est-ce affiché ?", pour=("X-1",))

    assert bench.both(test_alone).verdict is Verdict.A_EXAMINER
    assert bench.both(test_beside).verdict is Verdict.CONFORME
    bench.attest = lambda question: Attestation(Verdict.NON_CONFORME, "rien à l'écran", "Qualité", "2026-01-02")
    assert bench.both(test_beside).verdict is Verdict.CONFORME
    verdicts = [e.data for e in Archive(bench.folder).of_type("verdict") if e.data["controle"] == "attestation"]
    assert [(v["verdict"], v["base"]) for v in verdicts[-1:]] == [("non conforme", "atteste")]


SIGNED = Attestation(Verdict.CONFORME, "lu", "Qualité", "2026-01-02", (Piece("dossier.pdf", b"%PDF-1.7"),))


@pytest.mark.parametrize(
    ("given", "verdict", "reason"),
    [
        (None, Verdict.A_EXAMINER, "à attester par l'éditeur, pièce : le certificat"),
        (SIGNED, Verdict.CONFORME, "repose sur une attestation (conforme)"),
        (replace(SIGNED, verdict=Verdict.NON_CONFORME), Verdict.NON_CONFORME, "repose sur une attestation (non conforme)"),
        (replace(SIGNED, par=""), Verdict.A_EXAMINER, "l'attestation ne dit pas qui atteste"),
        (replace(SIGNED, date=""), Verdict.A_EXAMINER, "l'attestation n'est pas datée"),
        (replace(SIGNED, date="2999-01-01"), Verdict.A_EXAMINER, "après le jour de la campagne"),
        (replace(SIGNED, pieces=()), Verdict.A_EXAMINER, "pièce obligatoire absente : le certificat (PDF)"),
        (replace(SIGNED, pieces=(Piece("x.png", b""),)), Verdict.A_EXAMINER, "reçu : x.png"),
    ],
)
def test_a_scenario_of_attestations_only_has_the_attested_verdict(
    bench: Bench, given: Attestation | None, verdict: Verdict, reason: str
) -> None:
    seen: list[tuple[Piece, ...]] = []

    def test_x(c: Campaign) -> None:
        answer = c.attest("Lire.", piece="le certificat", formats=PDF, obligatoire=True, atteste="l'éditeur", pour=("X-1",))
        seen.append(answer.a_controler)

    bench.attest = lambda question: given
    outcome = bench.both(test_x)
    assert outcome.verdict is verdict
    assert reason in outcome.reason
    assert seen[0] == seen[1] == (SIGNED.pieces if verdict is Verdict.CONFORME else ())


def test_an_unanswered_form_on_a_service_that_is_not_simulated_is_non_teste(bench: Bench) -> None:
    outcome = bench.both(lambda c: c.attest("Voir.", pour=("X-1",), service="SI-SIAO") and None)
    assert outcome.verdict is Verdict.NON_TESTE
    assert outcome.reason.startswith("service non simulé : SI-SIAO")


def test_what_was_written_beforehand_is_not_asked_of_who_drives(bench: Bench) -> None:
    asked: list[str] = []
    bench.driver.attest = lambda question: asked.append(question.formulaire.constat)  # type: ignore[attr-defined]
    bench.attest = lambda question: SIGNED if question.exigences == ("X-1",) else None

    def test_x(c: Campaign) -> None:
        c.attest("Écrite.", pour=("X-1",))
        c.attest("À poser.", pour=("X-2",))

    bench.both(test_x)
    assert asked == ["À poser."]


def test_skip_says_why(bench: Bench) -> None:
    outcome = bench.both(lambda c: c.skip("sans objet ici"))
    assert (outcome.verdict, outcome.reason) == (Verdict.NON_TESTE, "sans objet ici")


@pytest.mark.parametrize(
    ("noted", "read"),
    [("U-1, U-2", ["U-1", "U-2"]), (["U-1"], ["U-1"]), ([], []), (" ", None), (None, None), (2, None)],
)
def test_a_list_is_read_as_declared_or_as_a_tester_types_it(noted: object, read: list[str] | None) -> None:
    told = () if noted is None else (("dossiers", noted),)
    assert Geste("G01", LireIdentite("U-1"), Resultat(Etat.FAIT, observations=told)).listed("dossiers") == read
