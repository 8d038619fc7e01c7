"""Each spelling that the DMP takes has a check, which tells it as an information."""

from __future__ import annotations

import pytest
from dui_conformance.checks.dmp_tolerances import GRAPHIES, TOLERANCES
from dui_conformance.checks.registry import all_profiles, run_profile
from dui_conformance.core.check import apply
from dui_conformance.core.exchange import Exchange
from dui_conformance.core.verdict import Severity, Verdict
from dui_conformance.mocks.dmp import tolerances as service
from samples.xds import deposit


def told(*names: str) -> Exchange:
    return deposit(facts={"statut": "Success", "tolerances": list(names)})


def test_every_spelling_of_the_service_has_its_check() -> None:
    assert set(GRAPHIES) == set(service.TOLERANCES)


@pytest.mark.parametrize("name", sorted(GRAPHIES))
def test_a_spelling_is_told_and_refuses_nothing(name: str) -> None:
    assert apply(TOLERANCES[name], [told()]).finding is None
    made = apply(TOLERANCES[name], [told(name)], severity=Severity.INFORMATION)
    assert made.verdict is Verdict.CONFORME
    assert made.finding is not None
    assert made.finding.expected != made.finding.received
    assert made.finding.at
    assert made.finding.hint


def test_the_profile_only_informs() -> None:
    made = run_profile(all_profiles()["DMP-TOLERANCES"], [told(*GRAPHIES)])
    assert {a.verdict for a in made} == {Verdict.CONFORME}
    assert len([a for a in made if a.finding is not None]) == len(GRAPHIES)
