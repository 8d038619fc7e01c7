"""The mutation score of each document type does not drop (``benchmarks/mutation.toml``), on a bounded draw of the mutants."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from dui_conformance.mocks.dui.exemples import types

BENCHMARKS = Path(__file__).parent.parent.parent / "benchmarks"


def _module() -> Any:
    spec = importlib.util.spec_from_file_location("mutation", BENCHMARKS / "mutation.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules["mutation"] = made
    spec.loader.exec_module(made)
    return made


mutation = _module()
SCORES = tomllib.loads((BENCHMARKS / "mutation.toml").read_text(encoding="utf-8"))["type"]


def test_every_type_has_its_score() -> None:
    assert set(SCORES) == set(types())


@pytest.mark.parametrize("name", SCORES)
def test_the_score_does_not_drop(name: str) -> None:
    found = mutation.score(name, mutation.BOUNDED)
    left = [f"{m.operation} : {m.place}" for m in found.survivors]
    assert found.rate >= SCORES[name]["plancher"], "\n".join(left)


def test_the_same_seed_draws_the_same_mutants() -> None:
    data = mutation.green("trod")
    one, two = ([(m.operation, m.rank, m.place) for m in mutation.drawn("trod", data, 50)] for _ in range(2))
    assert one == two
    assert len({operation for operation, _, _ in one}) >= 8


def test_the_survivors_that_matter_are_listed() -> None:
    text = (BENCHMARKS / "mutation_survivants.txt").read_text(encoding="utf-8")
    assert all(f"\n{name} : " in text for name in SCORES)
