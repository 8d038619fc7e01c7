"""The register of named defects: well formed, telling, and each one able to change something."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from dui_conformance.catalogue import known_ids
from dui_conformance.checks.registry import all_checks
from dui_conformance.mocks.dui.alterations import Couture
from dui_conformance.mocks.dui.defauts.registre import AVERTISSEMENT, INFORMATION, NON_CONCLUANT, NON_CONFORME, NON_TESTE, defaut
from dui_conformance.mocks.dui.faults import FAULTS, Fault, alterations_de, regles_de
from dui_conformance.mocks.dui.regles import Regles

OF_SCENARIOS = re.compile(r"(attendu|absent|refus|observe)\.[a-z_-]+")
"""Applications that scenarios make without a registered check."""


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_well_formed(fault: Fault) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", fault.nom)
    assert fault.check in all_checks() or OF_SCENARIOS.fullmatch(fault.check)
    assert fault.exigences
    assert set(fault.exigences) <= set(known_ids())
    assert fault.effet in (NON_CONFORME, AVERTISSEMENT, INFORMATION, NON_CONCLUANT, NON_TESTE)
    assert fault.theme
    assert fault.description[0].islower()
    assert not fault.description.endswith(".")


def test_descriptions_tell_faults_apart() -> None:
    twice = [d for d, times in Counter(f.description for f in FAULTS.values()).items() if times > 1]
    assert twice == []


def test_without_fault_the_dui_follows_its_rules() -> None:
    assert regles_de(()) == Regles()
    assert alterations_de(()).passer(Couture.CDA, "document") == "document"


def test_a_fault_that_changes_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="ne change rien"):
        defaut("inutile", "ne fait rien", check="x", exigences=("PSC-01",), regles={"psc": {"verifie_nonce": True}})


def test_a_name_is_used_once() -> None:
    nom = next(iter(FAULTS))
    with pytest.raises(ValueError, match="deux défauts"):
        defaut(nom, "encore", check="x", exigences=("PSC-01",), regles={"psc": {"verifie_nonce": False}})


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(KeyError):
        regles_de(("inconnu",))
