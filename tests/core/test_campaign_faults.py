"""Faults, orders, the clock and people of a scenario, live and again from the journal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from dui_conformance.core.archive import Archive
from dui_conformance.core.campaign import Campaign
from dui_conformance.core.gestures import Etat, Gesture, Resultat
from dui_conformance.core.gestures.dmp import AttendreEnvois
from dui_conformance.core.journal import read_events
from dui_conformance.core.verdict import Verdict
from samples.bench import HOLDS, Bench, done
from samples.campagne import DEPOT, RECHERCHE, deposer, ends, valider


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
        deposer(c)
        if c._stage is bench.stage:
            bench.failures.append(KeyError("matricule 2070585756270"))

    outcome = bench.both(test_x)
    assert outcome.verdict is Verdict.ERREUR
    assert "2070585756270" not in (bench.folder / "journal.jsonl").read_text()


def test_time_moves_only_when_the_dui_can_follow(bench: Bench) -> None:
    def test_x(c: Campaign) -> None:
        c.advance(minutes=3)
        deposer(c)

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
        deposer(c)

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
        deposer(c)

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
