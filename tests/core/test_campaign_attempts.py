"""To which scenario and attempt an exchange goes; what the recorder keeps."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from dui_conformance.core.archive import Archive
from dui_conformance.core.campaign import Campaign
from dui_conformance.core.errors import RealDataError
from dui_conformance.core.exchange import Key
from dui_conformance.core.gestures.dmp import AttendreEnvois
from dui_conformance.core.recorder import LiveRecorder
from dui_conformance.core.verdict import Verdict
from samples.bench import Bench
from samples.campagne import DEPOT, RECHERCHE, deposer, deposits


# Attribution and attempts
def test_a_late_exchange_goes_to_the_scenario_of_its_usager(bench: Bench) -> None:
    people = []

    def test_former(c: Campaign) -> None:
        people.append(c.usager("qualifie"))
        deposer(c)

    def test_present(c: Campaign) -> None:
        bench.call("dmp.td2.1", f"ins={people[0].matricule}", "ps=899700000001", rend="uid=1.2.3")
        bench.call("dmp.td2.1", "uid=1.2.3")
        bench.call("dmp.td2.1")
        assert [e.attribution for e in c.dmp.seen(DEPOT)] == ["fenetre"]

    bench.live(test_former)
    bench.live(test_present)
    late = [bench.exchange(f"E{n:06d}") for n in (2, 3)]
    assert {(e.scenario, e.attempt, e.attribution) for e in late} == {("test_campaign_attempts.former", 1, "cle")}


def test_a_late_exchange_keeps_the_attempt_of_its_scenario(bench: Bench) -> None:
    """Else the report would take it for a later, unfinished attempt of a scenario that had ended."""
    people = []

    def test_former(c: Campaign) -> None:
        people.append(c.usager("qualifie"))
        deposer(c)

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
        deposer(c)

    def test_present(c: Campaign) -> None:
        usager = c.usager("qualifie")
        mixed = bench.call("dmp.td2.1", f"ins={people[0].matricule}", f"ins={usager.matricule}")
        assert [e.id for e in c.dmp.seen(DEPOT.of(usager))] == [mixed]

    bench.live(test_former)
    bench.live(test_present)
    assert bench.exchange("E000002").scenario == "test_campaign_attempts.present"


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
    assert bench.exchange("E000002").scenario == "test_campaign_attempts.former"


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
        deposer(c)

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
    assert (found.scenario, found.attempt, found.attribution) == ("test_campaign_attempts.x", 1, "cle")


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
        deposer(c)

    with pytest.raises(Killed):
        bench.live(test_x)
    assert bench.both(test_x).attempt == 2


def test_what_the_journal_never_saw_is_non_teste_again(bench: Bench) -> None:
    bench.live(deposer)

    def test_unknown(c: Campaign) -> None:
        deposer(c)

    assert bench.again(test_unknown).reason == "scénario postérieur au journal"

    def longer(c: Campaign) -> None:
        deposer(c)
        c.do(AttendreEnvois())

    longer.__name__, longer.__module__ = deposer.__name__, deposer.__module__
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
        bench.live(deposer)
    with pytest.raises(RealDataError):
        bench.live(lambda c: c.do(AttendreEnvois()) and None)
    (event,) = Archive(bench.folder).of_type("arret")
    assert event.data["empreinte"] == bench.journal.hmac(Key("ins", "1841275112045"))
    assert not caught.value.matricule
    kept = b"".join(f.read_bytes() for f in bench.folder.rglob("*") if f.is_file())
    assert b"1841275112045" not in kept
    assert not list(Archive(bench.folder).of_type("requete"))


def test_a_delivery_is_written_under_the_scenario_of_its_exchange(bench: Bench) -> None:
    bench.live(deposer)
    bench.recorder.delivered("E000001", "envoye")
    bench.recorder.delivered("E000001", "client-parti")
    (event,) = Archive(bench.folder).of_type("livraison")
    assert (event.scenario, event.attempt, event.data["issue"]) == ("campagne.deposer", 1, "client-parti")


def test_verdict_records_are_the_same_bytes_whenever_they_are_made(bench: Bench) -> None:
    bench.live(deposer)
    bench.live(deposer)
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
