"""Roles, names and reasons of a VIHF against its mode and the transaction that it accompanies."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from dui_conformance.core.problem import Problem
from dui_conformance.validation.dmp import roles
from dui_conformance.validation.saml.vihf import Vihf
from samples.vihf import DOCTOR, GENERAL, call, signed

NON_PS = "1.2.250.1.213.1.1.4.6"
AIR = "INDIRECTE_RENFORCEE"


def vihf(*changes: tuple[str, str]) -> Vihf:
    return call(signed(*changes)).view(Vihf)


def as_role(code: str, mode: str = AIR) -> Vihf:
    role = DOCTOR.replace('code="10" codeSystem="1.2.250.1.71.1.2.7"', f'code="{code}" codeSystem="{NON_PS}"')
    return vihf((DOCTOR, role), (f"<saml:AttributeValue>{GENERAL}</saml:AttributeValue>", ""), (f">{AIR}<", f">{mode}<"))


def said(problems: Iterable[Problem]) -> set[str]:
    found = list(problems)
    assert all(p.message and p.at and p.expected and p.received and p.hint for p in found)
    return {p.rule_id for p in found}


@pytest.mark.parametrize("kind", ["dmp.td0.2", "dmp.td0.3", "dmp.td2.1", "dmp.td3.1", "dmp.td3.2", "dmp.td3.3"])
def test_a_doctor_in_air_mode_is_right_everywhere(kind: str) -> None:
    doctor = vihf()
    for find in (roles.role_problems, roles.consultant_problems, roles.reason_problems):
        assert said(find(doctor, kind)) == set()
    assert said(roles.strong_authentication_problems(doctor)) == said(roles.name_problems(doctor)) == set()


@pytest.mark.parametrize(
    ("code", "mode", "kind", "broken"),
    [
        ("AUTOMATE", "INDIRECTE", "dmp.td2.1", False),
        ("AUTOMATE", AIR, "dmp.td2.1", True),
        ("DISPOSITIF", "DIRECTE", "dmp.td2.1", True),
        ("AUTOMATE", "INDIRECTE", "dmp.td3.2", True),
        ("SECRETARIAT_MEDICAL", "INDIRECTE", "dmp.td2.1", False),
        ("SECRETARIAT_MEDICAL", "DIRECTE", "dmp.td2.1", False),
        ("SECRETARIAT_MEDICAL", AIR, "dmp.td2.1", True),
        ("SECRETARIAT_MEDICAL", "DIRECTE", "dmp.td3.1", True),
        ("EXP_PATIENT", "INDIRECTE", "dmp.td2.1", True),
    ],
)
def test_roles_fit_mode_and_transaction(code: str, mode: str, kind: str, broken: bool) -> None:
    assert said(roles.role_problems(as_role(code, mode), kind)) == ({"dmp.roles.role-fits-mode"} if broken else set())


def test_who_consults_is_named_by_his_national_identifier() -> None:
    internal = vihf(("899700000001", "1990000010/jdupont"))
    assert said(roles.consultant_problems(internal, "dmp.td3.1")) == {"dmp.roles.consultant-named"}
    assert said(roles.consultant_problems(internal, "dmp.td2.1")) == set()
    shared = vihf(("ANNE FICTIVE", "Compte service"))
    assert said(roles.consultant_problems(shared, "dmp.td3.2")) == {"dmp.roles.consultant-named"}


@pytest.mark.parametrize(
    ("kind", "broken"), [("dmp.td2.1", True), ("dmp.td0.3", True), ("dmp.td3.3", True), ("dmp.td3.1", False)]
)
def test_the_glass_is_broken_to_consult_only(kind: str, broken: bool) -> None:
    urgent = vihf(('code="normal"', 'code="bris_de_glace"'))
    assert said(roles.reason_problems(urgent, kind)) == ({"dmp.roles.reason-fits-transaction"} if broken else set())


def test_air_supposes_a_strong_authentication() -> None:
    weak = vihf(("classes:SmartcardPKI", "classes:Password"))
    assert said(roles.strong_authentication_problems(weak)) == {"dmp.roles.strong-authentication"}
    indirect = vihf(("classes:SmartcardPKI", "classes:Password"), (f">{AIR}<", ">INDIRECTE<"))
    assert said(roles.strong_authentication_problems(indirect)) == set()


@pytest.mark.parametrize(
    ("name", "mode", "broken"),
    [
        ("1990000010/jdupont", AIR, False),
        ("jdupont", AIR, True),
        ("1990000010/jdupont", "INDIRECTE", False),
        ("jdupont", "INDIRECTE", True),
        ("", "DIRECTE", True),
    ],
)
def test_names_fit_their_mode(name: str, mode: str, broken: bool) -> None:
    found = vihf(("899700000001", name), (f">{AIR}<", f">{mode}<"))
    assert said(roles.name_problems(found)) == ({"dmp.roles.name-fits-mode"} if broken else set())
