"""Roles, modes and reasons of a call, and its user against the session that he opened: green once, red in each way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from dui_conformance.checks import dmp_roles as roles
from dui_conformance.checks import dmp_session as session
from dui_conformance.core.campaign import Geste
from dui_conformance.core.check import Application, Check, apply
from dui_conformance.core.exchange import Exchange
from dui_conformance.core.gestures import Etat, Resultat
from dui_conformance.core.gestures.connexion import SeConnecter, SeDeconnecter
from dui_conformance.core.people import Professionnel
from dui_conformance.core.settings import Settings
from dui_conformance.core.verdict import Verdict
from dui_conformance.validation.saml.vihf import PATIENT_CONFIDENTIALITY
from samples.vihf import DOCTOR, GENERAL, call, signed

AIR = "INDIRECTE_RENFORCEE"
NON_PS = "1.2.250.1.213.1.1.4.6"
G15 = 'code="10" codeSystem="1.2.250.1.71.1.2.7"'
SPECIALITY = f"<saml:AttributeValue>{GENERAL}</saml:AttributeValue>"
PERSON = Professionnel("p", "FICTIVE", "Anne", "899700000001", "10", "Médecin", "SM26", "Médecine générale")
Change = tuple[str, str]
SECRET = f'<saml:Attribute Name="{PATIENT_CONFIDENTIALITY}"><saml:AttributeValue>N</saml:AttributeValue></saml:Attribute>'


def judge(check: Check, *subjects: Any, settings: Settings | None = None) -> Application:
    return apply(check, subjects, context=(settings or Settings(),))


def of(kind: str, *changes: Change) -> Exchange:
    return replace(call(signed(*changes)), kind=kind)


def login(at: datetime, gesture: Any = None) -> Geste:
    return Geste("G01", gesture or SeConnecter("p"), Resultat(Etat.FAIT), at)


def mode(value: str) -> Change:
    return (f">{AIR}<", f">{value}<")


RED: list[tuple[Check, str, Sequence[Change], str]] = [
    (roles.role_fits_mode_and_transaction, "dmp.td2.1", ((G15, f'code="AUTOMATE" codeSystem="{NON_PS}"'),), "Automate"),
    (roles.role_fits_mode_and_transaction, "dmp.td2.1", ((G15, f'code="SECRETARIAT_MEDICAL" codeSystem="{NON_PS}"'),), "Secrét"),
    (roles.role_fits_mode_and_transaction, "dmp.td2.1", ((G15, f'code="EXP_PATIENT" codeSystem="{NON_PS}"'),), "EXP_PATIENT"),
    (
        roles.role_fits_mode_and_transaction,
        "dmp.td3.2",
        ((G15, f'code="AUTOMATE" codeSystem="{NON_PS}"'), mode("INDIRECTE")),
        "TD3.2",
    ),
    (roles.consultant_is_named, "dmp.td3.1", (("899700000001", "1990000010/jdupont"),), "jdupont"),
    (roles.consultant_is_named, "dmp.td3.2", (("ANNE FICTIVE", "Compte service"),), "Compte service"),
    (roles.reason_fits_transaction, "dmp.td2.1", (('code="normal"', 'code="bris_de_glace"'),), "bris_de_glace"),
    (roles.user_was_strongly_authenticated, "dmp.td2.1", (("classes:SmartcardPKI", "classes:Password"),), "Password"),
    (roles.name_fits_mode, "dmp.td2.1", (("899700000001", "0991234567"),), "0991234567"),
    (roles.name_fits_mode, "dmp.td2.1", (("899700000001", "jdupont"), mode("INDIRECTE")), "INDIRECTE"),
    (roles.name_fits_mode, "dmp.td2.1", (("899700000001", "3990000101/jdupont"),), "autre structure"),
    (roles.roles_are_listed_once, "dmp.td2.1", ((GENERAL, DOCTOR),), "Rôle répété"),
    (roles.roles_are_listed_once, "dmp.td2.1", (('code="SM26"', 'code="médecine générale"'),), "savoir-faire"),
    (
        roles.roles_are_listed_once,
        "dmp.td2.1",
        (
            (G15, 'code="21" codeSystem="1.2.250.1.71.1.2.7"'),
            ('code="SM26" codeSystem="1.2.250.1.71.4.2.5"', 'code="Z" codeSystem="1.2.250.1.71.4.2.6"'),
        ),
        "section",
    ),
    (roles.user_is_not_generic, "dmp.td2.1", (("ANNE FICTIVE", "COMPTE DUI"),), "COMPTE DUI"),
    (
        roles.professional_makes_no_secret_connection,
        "dmp.td2.1",
        (("<saml:AttributeStatement>", f"<saml:AttributeStatement>{SECRET}"),),
        "secrète",
    ),
    (roles.mode_is_the_declared_one, "dmp.td2.1", (mode("DIRECTE"),), "DIRECTE"),
    (roles.sector_is_one_of_the_structure, "dmp.td2.1", (("SA17^", "SA01^"),), "SA01"),
]


@pytest.mark.parametrize(("check", "kind", "changes", "words"), RED, ids=lambda v: v.id if isinstance(v, Check) else "")
def test_a_role_that_cannot_be_is_said(check: Check, kind: str, changes: Sequence[Change], words: str) -> None:
    finding = judge(check, of(kind, *changes)).finding
    assert finding is not None
    assert words in f"{finding.message} {finding.received}"
    assert finding.expected
    assert finding.at
    assert finding.hint


@pytest.mark.parametrize("check", sorted({row[0].id: row[0] for row in RED}.values(), key=lambda c: c.id), ids=lambda c: c.id)
@pytest.mark.parametrize("kind", ["dmp.td0.2", "dmp.td2.1", "dmp.td3.1"])
def test_a_doctor_in_air_mode_is_right(check: Check, kind: str) -> None:
    silent = check is roles.consultant_is_named and kind != "dmp.td3.1"
    assert judge(check, of(kind)).verdict is (Verdict.NON_CONCLUANT if silent else Verdict.CONFORME)


@pytest.mark.parametrize("declared", ["INDIRECTE", "DIRECTE", AIR])
def test_anyone_may_feed_with_the_certificate_alone(declared: str) -> None:
    settings = replace(Settings(), dmp=replace(Settings().dmp, mode=declared))
    assert (
        judge(roles.mode_is_the_declared_one, of("dmp.td2.1", mode("INDIRECTE")), settings=settings).verdict is Verdict.CONFORME
    )
    air = judge(roles.mode_is_the_declared_one, of("dmp.td2.1"), settings=settings)
    assert (air.verdict is Verdict.CONFORME) is (declared == AIR)


LOGIN = datetime(2026, 4, 1, 7, 30, tzinfo=UTC)
SESSION_RED: list[tuple[Check, tuple[Change, ...], str]] = [
    (session.user_is_the_one_logged_in, (("899700000001", "899700000002"),), "899700000002"),
    (session.profession_is_that_of_the_user, ((G15, 'code="60" codeSystem="1.2.250.1.71.1.2.7"'),), "60"),
    (session.speciality_is_that_of_the_user, ((SPECIALITY, ""),), "absent"),
    (session.name_is_that_of_the_user, (("ANNE FICTIVE", "PAUL AUTRE"),), "PAUL AUTRE"),
    (session.authentication_is_dated_at_login, (("07:30:00Z", "07:59:59Z"),), "07:59:59"),
]


@pytest.mark.parametrize(("check", "changes", "words"), SESSION_RED, ids=lambda v: v.id if isinstance(v, Check) else "")
def test_the_user_of_the_call_is_the_one_who_logged_in(check: Check, changes: tuple[Change, ...], words: str) -> None:
    assert judge(check, of("dmp.td2.1"), PERSON, login(LOGIN)).verdict is Verdict.CONFORME
    finding = judge(check, of("dmp.td2.1", *changes), PERSON, login(LOGIN)).finding
    assert finding is not None
    assert words in finding.received
    assert finding.hint


@pytest.mark.parametrize("row", SESSION_RED, ids=lambda row: row[0].id)
def test_the_certificate_alone_names_no_user(row: tuple[Check, tuple[Change, ...], str]) -> None:
    check, changes, _ = row
    assert judge(check, of("dmp.td2.1", *changes, mode("INDIRECTE")), PERSON, login(LOGIN)).verdict is Verdict.CONFORME


def test_a_login_that_was_not_seen_dates_nothing() -> None:
    unseen = judge(session.authentication_is_dated_at_login, of("dmp.td2.1"), login(LOGIN, SeDeconnecter()))
    assert unseen.verdict is Verdict.NON_CONCLUANT


def test_calls_of_one_session_have_one_instant() -> None:
    one, same, other = of("dmp.td0.2"), of("dmp.td2.1"), of("dmp.td2.1", ("07:30:00Z", "07:30:01Z"))
    assert judge(session.one_session_has_one_instant, one, same).verdict is Verdict.CONFORME
    assert judge(session.one_session_has_one_instant, one, other).verdict is Verdict.NON_CONFORME
    assert judge(session.one_session_has_one_instant, one).verdict is Verdict.NON_CONCLUANT
