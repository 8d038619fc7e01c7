"""Rules on the way to the operator: a session as it should be, then each with one thing wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from dui_conformance.checks import mss_transport as rules
from dui_conformance.core.check import Check
from dui_conformance.core.errors import CheckFailed, Inconclusive
from dui_conformance.core.exchange import Body, Connection, Exchange, Request
from dui_conformance.core.settings import Settings
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.validation.mss_session import SUITES, SessionMss, Tentative, session_of
from samples import insi

PAUL = professionals()["medecin-multi"]
BOITE = "paul.testeur-multi@pro.formation.mssante.fr"
PERSONNELLE = Tentative("XOAUTH2", "accepte", BOITE, "PER", "exacte", PAUL.id_nat, "", "empreinte-1", "valide", "session-1")
APPLICATIVE = Tentative("EXTERNAL", "accepte", "dui@tilleuls.formation.mssante.fr", "APP", "exacte", "", "1990000010", "", "", "")
CONNECTION = Connection(id="C1", version="TLSv1.2", cipher=SUITES[0], offered_ciphers=(*SUITES, "TLS_AES_128_GCM_SHA256"))


def session(*attempts: Tentative, **changes: Any) -> SessionMss:
    made = SessionMss("E1", "mss.smtp.envoi", "SMTP", CONNECTION, True, attempts or (PERSONNELLE,), "", (), 0)
    return replace(made, **changes)


IMAP = {"kind": "mss.imap.session", "protocole": "IMAP", "fin": "logout"}
REFUSED = replace(PERSONNELLE, verdict="jeton-refuse")
GOOD: tuple[tuple[Check, tuple[Any, ...]], ...] = (
    (rules.nothing_is_said_before_tls, (session(),)),
    (rules.nothing_is_said_without_starttls, (session(tentatives=(), tls=False, kind="mss.smtp.session"),)),
    (rules.only_the_six_suites_are_offered, (session(),)),
    (rules.human_box_is_opened_by_xoauth2, (session(),)),
    (rules.frame_of_xoauth2_is_exact, (session(),)),
    (rules.token_is_valid_when_presented, (session(),)),
    (rules.token_is_that_of_the_connected_user, (session(), PAUL)),
    (rules.applicative_box_is_opened_by_certificate, (session(APPLICATIVE),)),
    (rules.applicative_box_is_opened_by_certificate, (session(replace(APPLICATIVE, mecanisme="PLAIN")),)),
    (rules.certificate_is_that_of_the_structure, (session(APPLICATIVE), Settings())),
    (rules.refusal_is_followed_by_one_retry, ((session(REFUSED), session()),)),
    (rules.retry_presents_a_fresh_token, ((session(REFUSED), session(replace(PERSONNELLE, jeton="empreinte-2"))),)),
    (rules.session_of_imap_is_ended, (session(**IMAP),)),
    (rules.reading_removes_nothing, ((session(**IMAP),),)),
)
BAD: tuple[tuple[Check, tuple[Any, ...]], ...] = (
    (rules.nothing_is_said_before_tls, (session(replace(PERSONNELLE, verdict="avant-tls"), tls=False),)),
    (rules.nothing_is_said_before_tls, (session(tentatives=(), tls=False),)),
    (rules.nothing_is_said_without_starttls, (session(tls=False),)),
    (rules.only_the_six_suites_are_offered, (session(connection=replace(CONNECTION, offered_ciphers=(*SUITES, "AES128-SHA"))),)),
    (rules.human_box_is_opened_by_xoauth2, (session(replace(PERSONNELLE, mecanisme="PLAIN")),)),
    (rules.frame_of_xoauth2_is_exact, (session(replace(PERSONNELLE, trame="toleree")),)),
    (rules.token_is_valid_when_presented, (session(replace(PERSONNELLE, etat_jeton="expire")),)),
    (rules.token_is_that_of_the_connected_user, (session(replace(PERSONNELLE, identite="899700000001")), PAUL)),
    (rules.token_is_that_of_the_connected_user, (session(replace(PERSONNELLE, verdict="boite-non-autorisee")), PAUL)),
    (rules.applicative_box_is_opened_by_certificate, (session(),)),
    (rules.applicative_box_is_opened_by_certificate, (session(replace(APPLICATIVE, verdict="certificat-absent")),)),
    (rules.certificate_is_that_of_the_structure, (session(replace(APPLICATIVE, certificat="1990000028")), Settings())),
    (rules.refusal_is_followed_by_one_retry, ((session(REFUSED), session(REFUSED), session(REFUSED)),)),
    (rules.retry_presents_a_fresh_token, ((session(REFUSED), session(REFUSED)),)),
    (rules.session_of_imap_is_ended, (session(**IMAP | {"fin": "client"}),)),
    (rules.reading_removes_nothing, ((session(**IMAP, supprimes=2),),)),
)
UNKNOWN: tuple[tuple[Check, tuple[Any, ...]], ...] = (
    (rules.nothing_is_said_without_starttls, (session(),)),
    (rules.only_the_six_suites_are_offered, (session(connection=Connection()),)),
    (rules.human_box_is_opened_by_xoauth2, (session(tentatives=()),)),
    (rules.frame_of_xoauth2_is_exact, (session(APPLICATIVE),)),
    (rules.token_is_valid_when_presented, (session(APPLICATIVE),)),
    (rules.certificate_is_that_of_the_structure, (session(), Settings())),
    (rules.refusal_is_followed_by_one_retry, ((session(tentatives=()),),)),
    (rules.retry_presents_a_fresh_token, ((session(REFUSED),),)),
    (rules.session_of_imap_is_ended, (session(),)),
    (rules.reading_removes_nothing, ((session(),),)),
)


def name(value: Any) -> str:
    return value.id if isinstance(value, Check) else ""


@pytest.mark.parametrize(("rule", "subjects"), GOOD, ids=name)
def test_session_as_it_should_be(rule: Check, subjects: tuple[Any, ...]) -> None:
    assert rule(*subjects).at


@pytest.mark.parametrize(("rule", "subjects"), BAD, ids=name)
def test_wrong_session_is_told(rule: Check, subjects: tuple[Any, ...]) -> None:
    with pytest.raises(CheckFailed) as failure:
        rule(*subjects)
    assert failure.value.expected
    assert failure.value.received
    assert failure.value.at
    assert failure.value.hint


@pytest.mark.parametrize(("rule", "subjects"), UNKNOWN, ids=name)
def test_too_little_seen_is_inconclusive(rule: Check, subjects: tuple[Any, ...]) -> None:
    with pytest.raises(Inconclusive):
        rule(*subjects)


def test_view_reads_the_facts_of_the_operator() -> None:
    request = Request("IMAP", "/session", (), Body(), CONNECTION)
    facts = {
        "authentifications": [{"mecanisme": "XOAUTH2", "verdict": "accepte", "jeton_etat": "valide", "certificat_ou": ""}],
        "tls": {"etabli": True},
        "fin": "logout",
        "supprimes": [{"uid": 1}],
        "commandes": ["SELECT"],
    }
    made = insi.exchange(insi.envelope(insi.traits()))
    seen = session_of(replace(made, request=request, facts=facts, service="mss", kind="mss.imap.session"))
    assert (seen.tls, seen.fin, seen.supprimes, seen.protocole, seen.commandes) == (True, "logout", 1, "IMAP", ("SELECT",))
    assert seen.ouverte is not None
    assert seen.ouverte.etat_jeton == "valide"
    with pytest.raises(Inconclusive):
        session_of(made)
    assert isinstance(made, Exchange)
