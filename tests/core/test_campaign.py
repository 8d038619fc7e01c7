"""What a scenario does, live and again from the journal: waits, absences, refusals, faults, verdicts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from dui_conformance.core.archive import Archive
from dui_conformance.core.campaign import Campaign, Geste
from dui_conformance.core.errors import RealDataError
from dui_conformance.core.exchange import Key
from dui_conformance.core.gestures import Etat, Gesture, Resultat
from dui_conformance.core.gestures.connexion import SeConnecter
from dui_conformance.core.gestures.dmp import AnnulerEnvoi, AttendreEnvois
from dui_conformance.core.gestures.documents import ValiderDocument
from dui_conformance.core.gestures.identite import LireIdentite
from dui_conformance.core.journal import read_events
from dui_conformance.core.matcher import kind
from dui_conformance.core.recorder import LiveRecorder
from dui_conformance.core.runner import Outcome
from dui_conformance.core.verdict import Basis, Verdict
from samples.bench import BREAKS, GUESS, HOLDS, NOTHING, ON_GESTURE, UNSURE, Bench, done

DEPOT = kind("dmp.td2.1", label="dépôt")
RECHERCHE = kind("insi.recherche", label="recherche")
VERIFICATION = kind("insi.verification", label="vérification")


def deposits(bench: Bench, gesture: Gesture) -> Resultat:
    assert isinstance(gesture, ValiderDocument)
    bench.call("dmp.td2.1", f"u={gesture.usager}")
    return done(document="d1")


def refuses(bench: Bench, gesture: Gesture) -> Resultat:
    return Resultat(Etat.REFUSE, "Madame MARTIN s'y oppose", (("session", False),))


def ends(etat: Etat, message: str = "") -> object:
    return lambda bench, gesture: Resultat(etat, message)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(
        tmp_path / "campagne",
        {
            "valider_document": deposits,
            "annuler_envoi": refuses,
            "lire_identite": lambda bench, gesture: done(statut="qualifiee"),
            "attendre_envois": lambda bench, gesture: done(),
        },
        horloge=True,
    )
    yield made
    made.journal.close()


def valider(c: Campaign) -> Geste:
    return c.do(ValiderDocument("u-1", type="note"))


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
    import threading

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
    bench.live(_deposit)
    other = bench.exchange("E000001")

    def test_x(c: Campaign) -> None:
        c.dmp.absent(DEPOT, control=other, pour=("X-1",))

    assert bench.both(test_x).verdict is Verdict.ERREUR


def _deposit(c: Campaign) -> None:
    c.require(HOLDS, c.dmp.wait_for(DEPOT, after=valider(c)))


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
        _deposit(c)
        c.attest("Est-ce affiché ?", pour=("X-1",))

    assert bench.both(test_alone).verdict is Verdict.A_EXAMINER
    assert bench.both(test_beside).verdict is Verdict.CONFORME
    bench.attest = lambda question: {"verdict": "non conforme", "note": "rien à l'écran"}
    assert bench.both(test_beside).verdict is Verdict.CONFORME
    verdicts = [e.data for e in Archive(bench.folder).of_type("verdict") if e.data["controle"] == "attestation"]
    assert [(v["verdict"], v["base"]) for v in verdicts[-1:]] == [("non conforme", "atteste")]


def test_skip_says_why(bench: Bench) -> None:
    outcome = bench.both(lambda c: c.skip("sans objet ici"))
    assert (outcome.verdict, outcome.reason) == (Verdict.NON_TESTE, "sans objet ici")


# Faults, orders, clock, people


def test_a_fault_is_armed_for_the_block_and_orders_reach_the_service(bench: Bench) -> None:
    def test_x(c: Campaign) -> None:
        with c.dmp.panne("indisponible", times=2, target="dmp.td2.1"):
            assert c._stage is not bench.stage or bench.services["dmp"].armed == ("indisponible",)
            depot = c.dmp.wait_for(DEPOT, after=valider(c))
        assert not bench.services["dmp"].armed
        c.dmp.command("ordre", valeur=1)
        c.require(HOLDS, depot)

    assert bench.both(test_x).verdict is Verdict.CONFORME
    assert bench.services["dmp"].orders == ["ordre"]


def test_a_fault_is_disarmed_when_the_scenario_stops_inside(bench: Bench) -> None:
    def test_x(c: Campaign) -> None:
        with c.dmp.panne("indisponible"):
            c.insi.wait_for(RECHERCHE, after=valider(c))

    assert bench.both(test_x).verdict is Verdict.NON_CONFORME
    assert not bench.services["dmp"].armed


def test_a_bad_certificate_is_non_teste_where_tls_is_not_exercised(bench: Bench) -> None:
    def test_x(c: Campaign) -> None:
        with c.dmp.panne("certificat-de-test"):
            valider(c)

    outcome = bench.both(test_x)
    assert (outcome.verdict, outcome.reason) == (Verdict.NON_TESTE, "TLS non exercé dans ce mode")
    assert not bench.services["dmp"].armed


def test_an_unknown_fault_or_order_is_an_error_of_the_harness(bench: Bench) -> None:
    def test_x(c: Campaign) -> None:
        with c.dmp.panne("inconnue"):
            valider(c)

    assert bench.both(test_x).verdict is Verdict.ERREUR
    assert bench.both(lambda c: c.dmp.command("inconnu")).verdict is Verdict.ERREUR


def test_a_service_that_is_not_simulated_is_non_teste(bench: Bench) -> None:
    del bench.services["psc"]
    outcome = bench.both(lambda c: c.psc.command("persona", id="x"))
    assert (outcome.verdict, outcome.reason) == (Verdict.NON_TESTE, "service non simulé : psc")


def test_a_service_that_failed_is_an_error_of_the_harness_again_too(bench: Bench) -> None:
    def test_x(c: Campaign) -> None:
        _deposit(c)
        if c._stage is bench.stage:
            bench.failures.append(KeyError("matricule 2070585756270"))

    outcome = bench.both(test_x)
    assert outcome.verdict is Verdict.ERREUR
    assert "2070585756270" not in (bench.folder / "journal.jsonl").read_text()


def test_time_moves_only_when_the_dui_can_follow(bench: Bench) -> None:
    def test_x(c: Campaign) -> None:
        c.advance(minutes=3)
        _deposit(c)

    assert bench.both(test_x).verdict is Verdict.CONFORME
    assert (bench.clock.offset, bench.driver.advanced) == (timedelta(minutes=3), [timedelta(minutes=3)])
    bench.driver.horloge = False
    outcome = bench.both(test_x)
    assert (outcome.verdict, bench.clock.offset) == (Verdict.NON_TESTE, timedelta(minutes=3))
    assert "horloge" in outcome.reason


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (done(), Verdict.CONFORME),
        (Resultat(Etat.IMPOSSIBLE, "Monsieur DURAND existe déjà"), Verdict.NON_TESTE),
        (Resultat(Etat.REFUSE, "Monsieur DURAND existe déjà"), Verdict.NON_CONCLUANT),
        (Resultat(Etat.ERREUR), Verdict.NON_CONCLUANT),
    ],
)
def test_a_usager_that_the_dui_cannot_create_is_no_error_of_ours(bench: Bench, result: Resultat, expected: Verdict) -> None:
    bench.driver.scripts["creer_usager"] = lambda b, g: result

    def test_x(c: Campaign) -> None:
        c.usager("qualifie")
        _deposit(c)

    live, again = bench.live(test_x), bench.again(test_x)
    assert live.verdict is again.verdict is expected
    assert "DURAND" not in (bench.folder / "journal.jsonl").read_text()
    assert ("DURAND" in live.reason) == bool(result.message)


def test_a_tester_creates_by_hand_only_the_usagers_of_an_attempt_played_again(bench: Bench) -> None:
    asked: list[str] = []

    def create(b: Bench, gesture: Gesture) -> Resultat:
        asked.append(gesture.consigne())
        return done()

    bench.driver.scripts["creer_usager"] = create
    bench.driver.by_hand = True

    def test_x(c: Campaign) -> None:
        c.usager("qualifie")
        _deposit(c)

    assert bench.live(test_x).verdict is Verdict.CONFORME
    assert asked == []
    assert bench.live(test_x).verdict is Verdict.CONFORME
    assert len(asked) == 1
    assert "Créez l'usager" in asked[0]
    assert "1950-01-02" in asked[0]


def test_what_the_dui_shows_stays_out_of_the_journals_lines(bench: Bench) -> None:
    bench.driver.scripts["attendre_envois"] = ends(Etat.ERREUR, "Madame MARTIN née en 1950")  # type: ignore[assignment]
    outcome = bench.live(lambda c: c.do(AttendreEnvois()) and None)
    assert "MARTIN" in outcome.reason
    assert "MARTIN" not in (bench.folder / "journal.jsonl").read_text()


def test_an_error_of_ours_is_said_to_be_ours_with_its_trace_in_a_blob(bench: Bench) -> None:
    def test_x(c: Campaign) -> None:
        raise KeyError("2070585756270")

    outcome = bench.both(test_x)
    assert outcome.verdict is Verdict.ERREUR
    assert outcome.reason.startswith("KeyError")
    line = (bench.folder / "journal.jsonl").read_text()
    assert "2070585756270" not in line
    (end,) = [e for e in read_events(bench.folder) if e.type == "scenario.fin"]
    assert "2070585756270" in Archive(bench.folder).blob_json(end.data["trace"])


# Attribution and attempts


def test_a_late_exchange_goes_to_the_scenario_of_its_usager(bench: Bench) -> None:
    people = []

    def test_former(c: Campaign) -> None:
        people.append(c.usager("qualifie"))
        _deposit(c)

    def test_present(c: Campaign) -> None:
        bench.call("dmp.td2.1", f"ins={people[0].matricule}", "ps=899700000001", rend="uid=1.2.3")
        bench.call("dmp.td2.1", "uid=1.2.3")
        bench.call("dmp.td2.1")
        assert [e.attribution for e in c.dmp.seen(DEPOT)] == ["fenetre"]

    bench.live(test_former)
    bench.live(test_present)
    late = [bench.exchange(f"E{n:06d}") for n in (2, 3)]
    assert {(e.scenario, e.attempt, e.attribution) for e in late} == {("test_campaign.former", 1, "cle")}


def test_a_late_exchange_keeps_the_attempt_of_its_scenario(bench: Bench) -> None:
    """Else the report would take it for a later, unfinished attempt of a scenario that had ended."""
    people = []

    def test_former(c: Campaign) -> None:
        people.append(c.usager("qualifie"))
        _deposit(c)

    def test_present(c: Campaign) -> None:
        bench.call("dmp.td2.1", f"ins={people[0].matricule}")

    bench.live(test_former)
    bench.live(test_present)
    bench.live(test_present)
    late = [e for e in Archive(bench.folder).of_type("requete", "reponse") if e.scenario.endswith("former")]
    assert {e.attempt for e in late} == {1}


def test_a_call_that_names_a_former_usager_beside_that_of_the_scenario_is_of_the_scenario(bench: Bench) -> None:
    """A deposit whose VIHF keeps a former patient must be judged where it is wrong, not be said never to have come."""
    people = []

    def test_former(c: Campaign) -> None:
        people.append(c.usager("qualifie"))
        _deposit(c)

    def test_present(c: Campaign) -> None:
        usager = c.usager("qualifie")
        mixed = bench.call("dmp.td2.1", f"ins={people[0].matricule}", f"ins={usager.matricule}")
        assert [e.id for e in c.dmp.seen(DEPOT.of(usager))] == [mixed]

    bench.live(test_former)
    bench.live(test_present)
    assert bench.exchange("E000002").scenario == "test_campaign.present"


def test_a_background_call_takes_nothing_from_the_scenario_that_plays(bench: Bench) -> None:
    def test_former(c: Campaign) -> None:
        c.professionnel("infirmiere")
        bench.call("psc.jeton.code", "ps=899700000001", rend="jeton=T1 ps=899700000001")

    def test_present(c: Campaign) -> None:
        usager = c.usager("qualifie")
        c.professionnel("infirmiere")
        bench.call("psc.jeton.rafraichissement", "jeton=T1", f"ins={usager.matricule}", rend="jeton=T2 ps=899700000001")
        bench.call("insi.recherche", "ps=899700000001")
        bench.call("insi.recherche", f"ins={usager.matricule}")
        assert len(c.insi.seen(RECHERCHE)) == 2

    bench.live(test_former)
    assert bench.live(test_present).verdict is Verdict.NON_CONCLUANT
    assert bench.exchange("E000002").scenario == "test_campaign.former"


def test_matching_is_restricted_to_a_person(bench: Bench) -> None:
    def test_x(c: Campaign) -> None:
        one, other = c.usager("qualifie"), c.usager("qualifie")
        assert one.id != other.id
        bench.call("dmp.td2.1", f"ins={other.matricule}")
        mine = bench.call("dmp.td2.1", f"ins={one.matricule}")
        assert [e.id for e in c.dmp.seen(DEPOT.of(one))] == [mine]

    bench.live(test_x)


def test_outside_any_scenario_an_exchange_is_a_stray(bench: Bench) -> None:
    stray = bench.exchange(bench.call("dmp.td2.1"))
    assert (stray.scenario, stray.attempt, stray.attribution) == ("", 0, "")


def test_a_resumed_campaign_plays_a_new_attempt_with_new_people(tmp_path: Path) -> None:
    people = []

    def test_x(c: Campaign) -> None:
        people.append(c.usager("qualifie"))
        _deposit(c)

    first = Bench(tmp_path / "c", {"valider_document": deposits})
    first.live(test_x)
    first.journal.close()
    resumed = Bench(tmp_path / "c", {"valider_document": deposits}, resume=True)
    late = resumed.call("dmp.td2.1", f"ins={people[0].matricule}")
    outcome = resumed.live(test_x)
    resumed.journal.close()
    assert (outcome.verdict, outcome.attempt, outcome.applications[0].subjects) == (Verdict.CONFORME, 2, ("E000003",))
    assert people[0].id != people[1].id
    found = resumed.exchange(late)
    assert (found.scenario, found.attempt, found.attribution) == ("test_campaign.x", 1, "cle")


def test_an_exchange_of_a_former_attempt_is_not_seen_by_the_new_one(tmp_path: Path) -> None:
    people = []

    def test_x(c: Campaign) -> None:
        people.append(c.usager("qualifie"))
        resumed.call("dmp.td2.1", f"ins={people[0].matricule}")
        assert len(c.dmp.seen(DEPOT)) == (1 if len(people) == 1 else 0)

    resumed = Bench(tmp_path / "c", {})
    resumed.live(test_x)
    resumed.journal.close()
    resumed = Bench(tmp_path / "c", {}, resume=True)
    assert resumed.live(test_x).reason == "aucun contrôle ne s'est exercé"
    resumed.journal.close()


def test_an_interrupted_attempt_is_not_replayed_in_place_of_the_last(bench: Bench) -> None:
    class Killed(BaseException):
        pass

    def test_x(c: Campaign) -> None:
        if c._stage is bench.stage and c._state.attempt == 1:
            raise Killed
        _deposit(c)

    with pytest.raises(Killed):
        bench.live(test_x)
    assert bench.both(test_x).attempt == 2


def test_what_the_journal_never_saw_is_non_teste_again(bench: Bench) -> None:
    bench.live(_deposit)

    def test_unknown(c: Campaign) -> None:
        _deposit(c)

    assert bench.again(test_unknown).reason == "scénario postérieur au journal"

    def longer(c: Campaign) -> None:
        _deposit(c)
        c.do(AttendreEnvois())

    longer.__name__ = "_deposit"
    outcome = bench.again(longer)
    assert (outcome.verdict, outcome.reason) == (Verdict.NON_TESTE, "scénario postérieur au journal")


# The recorder's own limits


def test_the_recorder_keeps_a_bounded_number_of_exchanges_and_keys(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dui_conformance.core.recorder.KEPT_KEYS", 10)
    recorder = LiveRecorder(bench.journal, bench.clock, lambda request: None)
    assert recorder._exchanges.maxlen is not None

    def test_x(c: Campaign) -> None:
        for n in range(40):
            bench.call("dmp.td2.1", f"uid={n}")
            bench.exchange(f"E{n + 1:06d}").memo["vue"] = object()

    bench.live(test_x)
    assert len(bench.recorder._owners) == 10
    assert not any(e.memo for e in bench.recorder.exchanges())
    assert not bench.recorder._asked


def test_a_real_looking_matricule_stops_the_campaign_before_a_byte_is_stored(bench: Bench) -> None:
    body = b"184127511204533^^^&amp;1.2.250.1.213.1.4.8&amp;ISO^NH"
    with pytest.raises(RealDataError) as caught:
        bench.call("dmp.td2.1", body=body)
    with pytest.raises(RealDataError):
        bench.call("dmp.td2.1")
    with pytest.raises(RealDataError):
        bench.live(_deposit)
    with pytest.raises(RealDataError):
        bench.live(lambda c: c.do(AttendreEnvois()) and None)
    (event,) = Archive(bench.folder).of_type("arret")
    assert event.data["empreinte"] == bench.journal.hmac(Key("ins", "1841275112045"))
    assert not caught.value.matricule
    kept = b"".join(f.read_bytes() for f in bench.folder.rglob("*") if f.is_file())
    assert b"1841275112045" not in kept
    assert not list(Archive(bench.folder).of_type("requete"))


def test_a_delivery_is_written_under_the_scenario_of_its_exchange(bench: Bench) -> None:
    bench.live(_deposit)
    bench.recorder.delivered("E000001", "envoye")
    bench.recorder.delivered("E000001", "client-parti")
    (event,) = Archive(bench.folder).of_type("livraison")
    assert (event.scenario, event.attempt, event.data["issue"]) == ("test_campaign._deposit", 1, "client-parti")


def test_verdict_records_are_the_same_bytes_whenever_they_are_made(bench: Bench) -> None:
    bench.live(_deposit)
    bench.live(_deposit)
    rows = [{**e.data, "sujets": None} for e in Archive(bench.folder).of_type("verdict")]
    details = [Archive(bench.folder).blob_json(row.pop("detail")) for row in rows]
    for detail in details:
        detail["preuve"] = None
    assert rows[0] == rows[1]
    assert details[0] == details[1]


def test_matchers_remember_what_they_are_about() -> None:
    assert (DEPOT & RECHERCHE).kinds == ("dmp.td2.1",)
    assert (DEPOT | RECHERCHE).kinds == ("dmp.td2.1", "insi.recherche")
    assert (DEPOT | replace(RECHERCHE, kinds=())).kinds == ()
    assert (~DEPOT).kinds == ()


def test_looking_back_waits_for_what_is_still_on_its_way(bench: Bench) -> None:
    bench.stage.begin("module.scenario")
    assert bench.stage.seen(1, "dmp", DEPOT) == []
    late = threading.Timer(0.05, lambda: bench.call("dmp.td2.1"))
    late.start()
    assert len(bench.stage.seen(2, "dmp", DEPOT, least=1, within=20)) == 1
    late.join()
