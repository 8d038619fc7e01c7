"""A long wait is told: at once, each minute, then when it nears its end; a short one, or one that ends, is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from dui_conformance.core import rebours
from dui_conformance.core.campaign import Campaign
from dui_conformance.core.campaign import _same as same
from dui_conformance.core.rebours import count_down, duration, moments
from dui_conformance.core.verdict import Verdict
from samples.bench import Bench
from samples.campagne import DEPOT, valider


class Clock:
    """Time that passes only while someone looks; ``comes`` is when what is awaited comes."""

    def __init__(self, comes: float = 1e9) -> None:
        self.now, self.comes = 0.0, comes

    def monotonic(self) -> float:
        return self.now

    def look(self, seconds: float) -> bool:
        self.now = min(self.now + seconds, max(self.now, self.comes))
        return self.now >= self.comes


def told(monkeypatch: pytest.MonkeyPatch, seconds: float, comes: float = 1e9) -> tuple[list[str], float]:
    clock = Clock(comes)
    monkeypatch.setattr(rebours, "time", clock)
    said: list[str] = []
    count_down(seconds, clock.look, said.append, "dépôt (TD2.1)")
    return said, clock.now


@pytest.mark.parametrize(
    ("seconds", "spoken"),
    [(5.0, ()), (10.0, ()), (12.0, (12.0,)), (36.0, (36.0, 30.0, 10.0)), (121.0, (121.0, 60.0, 30.0, 10.0))],
)
def test_moments_at_which_a_wait_is_told(seconds: float, spoken: tuple[float, ...]) -> None:
    assert moments(seconds) == spoken


def test_ten_minutes_are_counted_down(monkeypatch: pytest.MonkeyPatch) -> None:
    said, elapsed = told(monkeypatch, 611.0)
    assert elapsed == 611.0
    assert len(said) == 13
    assert said[0] == "  … attente : dépôt (TD2.1) ; encore 10 min 11 s au plus"
    assert said[-1].endswith("encore 10 s au plus")


def test_a_short_wait_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, 5.0) == ([], 5.0)


def test_what_comes_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    said, elapsed = told(monkeypatch, 611.0, comes=100.0)
    assert elapsed == 100.0
    assert len(said) == 3


def test_what_has_already_come_is_not_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, 611.0, comes=0.0) == ([], 0.0)


def test_duration_in_words() -> None:
    assert duration(timedelta(hours=4, minutes=5)) == "4 h 5 min"
    assert duration(timedelta(seconds=601)) == "10 min 1 s"
    assert duration(timedelta()) == "0 s"


def test_a_scenario_counts_down_what_it_awaits(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(rebours, "LONG", 0.01)
    monkeypatch.setattr(bench.stage, "_tell", said.append)

    def test_x(c: Campaign) -> None:
        controle = valider(c)
        depot = c.dmp.wait_for(DEPOT, after=controle, within=1.0)
        c.dmp.absent(DEPOT, control=depot, pour=("X-1",), within=0.05)

    assert bench.live(test_x).verdict is Verdict.CONFORME
    assert len(said) == 1, "ce qui est déjà venu n'est pas attendu"
    assert said[0].startswith(f"  … attente : {DEPOT.label} ; encore 0 s")


@pytest.mark.parametrize(("typed", "wanted"), [("2", 2), ("Fermé", "ferme"), (" non  autorisé", "non autorise"), (False, False)])
def test_what_a_person_types_is_read_as_what_is_meant(typed: object, wanted: object) -> None:
    assert same(typed, wanted)


@pytest.mark.parametrize(("typed", "wanted"), [("3", 2), ("ouvert", "ferme"), (True, False), (True, "True")])
def test_another_value_is_another(typed: object, wanted: object) -> None:
    assert not same(typed, wanted)
