"""The proof that the harness sees: each named fault is killed by its intended check, first, at a place of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import ClassVar

import pytest
from dui_conformance.catalogue import known_ids
from dui_conformance.checks.registry import all_checks
from dui_conformance.core.settings import SECTEURS
from dui_conformance.core.verdict import Verdict
from dui_conformance.mocks.dui.dui import InertDui
from dui_conformance.mocks.dui.faults import FAULTS
from faults.board import Board, committed, without_fault

EFFETS = {Verdict.NON_CONFORME.value, Verdict.AVERTISSEMENT.value, Verdict.NON_CONCLUANT.value}


@pytest.fixture(scope="module")
def board() -> Iterator[Board]:
    with Board() as opened:
        yield opened


class Places:
    """Where each fault of this worker was killed."""

    seen: ClassVar[dict[tuple[str, str, str], str]] = {}


def test_without_fault_every_scenario_is_conforme(board: Board) -> None:
    red = {o.scenario: (o.verdict, o.reason) for o in board.baseline.values() if o.verdict is not Verdict.CONFORME}
    assert red == {}


def by_check() -> list[object]:
    """Fault names; those of one check go to one worker, which sees whether two of them are killed at the same place."""
    return [pytest.param(nom, marks=pytest.mark.xdist_group(FAULTS[nom].check)) for nom in sorted(FAULTS)]


@pytest.mark.parametrize("nom", by_check())
def test_fault_is_killed_by_its_intended_check(board: Board, nom: str) -> None:
    fault = FAULTS[nom]
    kill = board.kill(fault)
    assert kill.first is not None, f"{nom} : rien ne le voit (contrôle prévu : {fault.check})"
    assert (kill.first.check, kill.first.verdict.value) == (fault.check, fault.effet), kill.first.finding
    assert set(kill.others) <= set(committed().get(nom, [])), (
        "d'autres contrôles quittent conforme : les inscrire dans entraine.toml"
    )
    twin = Places.seen.setdefault(kill.place, nom)
    assert twin == nom, f"{nom} et {twin} sont tués par le même contrôle au même endroit"


def test_no_python_check_is_left_without_a_fault() -> None:
    python = [c.id for c in all_checks().values() if c.group is None]
    assert without_fault(python) == []


def test_the_committed_table_names_existing_faults_only() -> None:
    assert set(committed()) <= set(FAULTS)


@pytest.mark.parametrize("nom", sorted(FAULTS))
def test_fault_is_described(nom: str) -> None:
    fault = FAULTS[nom]
    assert fault.description
    assert fault.effet in EFFETS
    assert fault.exigences
    assert set(fault.exigences) <= known_ids()
    assert set(fault.secteurs) <= set(SECTEURS)


def test_faults_are_shared_out_as_promised() -> None:
    """At least 100 faults: OIDC 12, TLS 8, VIHF 15, SOAP and MTOM 8, XDS 15, CDA header 14, vaccination 8, INS 10, time 10."""
    themes = Counter(f.theme for f in FAULTS.values())
    promised = {
        "oidc": 12,
        "tls": 8,
        "vihf": 15,
        "soap": 8,
        "xds": 15,
        "cda-entete": 14,
        "vaccination": 8,
        "ins": 10,
        "temps": 10,
    }
    assert {theme: (themes[theme], least) for theme, least in promised.items() if themes[theme] < least} == {}
    assert sum(themes.values()) >= 100


def test_an_idle_dui_passes_nothing(board: Board) -> None:
    for scenario in board.scenarios.values():
        outcome = board.play_with(InertDui(board.house.endpoints), scenario)
        assert outcome.verdict not in (Verdict.CONFORME, Verdict.AVERTISSEMENT, Verdict.SANS_OBJET), outcome.scenario
