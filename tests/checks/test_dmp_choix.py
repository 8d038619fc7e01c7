"""What the user chooses and is told: visibility, history, failures. Green once, red in each way."""

from __future__ import annotations

from typing import Any

import pytest
from dui_conformance.checks import dmp_choix as choix
from dui_conformance.core.campaign import Geste
from dui_conformance.core.check import Application, Check, apply
from dui_conformance.core.exchange import Exchange
from dui_conformance.core.gestures import Etat, Gesture, Resultat
from dui_conformance.core.gestures.alimentation import ConsulterEnvois, DeposerDocument
from dui_conformance.core.gestures.documents import ValiderDocument
from dui_conformance.core.verdict import Verdict
from samples.xds import PERSON, STRUCTURE, code, deposit, in_document

SCHEME = "f4f85eac-e6cb-4883-b524-f2705394840f"
NORMAL = code("Doc01", SCHEME, "N", "2.16.840.1.113883.5.25", "N")
REFUSED = {"codes": ["XDSRepositoryMetadataError"], "statut": "Failure"}
WITHOUT_RPPS = PERSON.replace("899700000001", "3990000010/ancien-12")


def judge(check: Check, *subjects: Any) -> Application:
    return apply(check, subjects, context=())


def said(made: Application) -> str:
    assert made.finding is not None, made
    assert made.finding.expected
    assert made.finding.at
    assert made.finding.hint
    return f"{made.finding.message} | {made.finding.received}"


def done(gesture: Gesture, **observed: Any) -> Geste:
    return Geste("G01", gesture, Resultat(Etat.FAIT, observations=tuple(observed.items())))


def hidden(*values: str) -> Exchange:
    more = "".join(code("Doc01", SCHEME, value, "1.2.250.1.213.1.1.4.13", value) for value in values)
    return deposit(in_document(NORMAL, NORMAL + more))


def asked(choice: str) -> Geste:
    return done(ValiderDocument("u", type="note-vaccination", visibilite=choice))


@pytest.mark.parametrize(
    ("choice", "codes"),
    [
        ("", ()),
        ("invisible-patient", ("INVISIBLE_PATIENT",)),
        ("masque-ps", ("MASQUE_PS",)),
        ("invisible-representants", ("INVISIBLE_REPRESENTANTS_LEGAUX",)),
        ("invisible-representants", ("INVISIBLE_REP_LEGAUX",)),
    ],
)
def test_visibility_is_the_chosen_one(choice: str, codes: tuple[str, ...]) -> None:
    assert judge(choix.visibility_is_the_chosen_one, asked(choice), hidden(*codes)).verdict is Verdict.CONFORME


@pytest.mark.parametrize(
    ("choice", "codes", "words"),
    [
        ("invisible-patient", (), "non reportée"),
        ("invisible-patient", ("MASQUE_PS",), "Autre visibilité"),
        ("invisible-patient", ("INVISIBLE_PATIENT", "MASQUE_PS"), "Autre visibilité"),
        ("", ("INVISIBLE_PATIENT",), "sans que l'utilisateur"),
    ],
)
def test_another_visibility_is_said(choice: str, codes: tuple[str, ...], words: str) -> None:
    assert words in said(judge(choix.visibility_is_the_chosen_one, asked(choice), hidden(*codes)))


def historical(day: str) -> Geste:
    return done(DeposerDocument("u", type="fiche-soins", date=day))


def test_a_document_of_the_past_is_dated_of_its_act() -> None:
    check = choix.historical_document_is_dated_of_its_act
    assert judge(check, historical("2026-04-01"), deposit()).verdict is Verdict.CONFORME
    assert "autre jour" in said(judge(check, historical("2024-03-12"), deposit()))
    assert judge(check, done(DeposerDocument("u")), deposit()).verdict is Verdict.NON_CONCLUANT
    unread = deposit(in_document("20260401073000", "hier"))
    assert judge(check, historical("2026-04-01"), unread).verdict is Verdict.NON_CONCLUANT


def test_an_author_without_rpps_has_his_structure() -> None:
    check = choix.author_without_rpps_is_completed
    assert judge(check, deposit()).verdict is Verdict.NON_CONCLUANT
    assert judge(check, deposit(in_document(PERSON, WITHOUT_RPPS))).verdict is Verdict.CONFORME
    institution = f'<Slot name="authorInstitution"><ValueList><Value>{STRUCTURE}</Value></ValueList></Slot>'
    alone = deposit(
        in_document(f"{PERSON}</Value></ValueList></Slot>{institution}", f"{WITHOUT_RPPS}</Value></ValueList></Slot>")
    )
    assert "sans structure" in said(judge(check, alone))


def test_a_final_refusal_is_not_retried() -> None:
    check = choix.a_final_refusal_is_not_retried
    refused = deposit(facts=REFUSED)
    assert judge(check, refused).verdict is Verdict.CONFORME
    assert "tel quel" in said(judge(check, refused, deposit()))
    assert judge(check, deposit(facts={"codes": ["XDSRepositoryBusy"]}), deposit()).verdict is Verdict.NON_CONCLUANT


def shown(**observed: Any) -> Geste:
    return done(ConsulterEnvois("u"), **observed)


@pytest.mark.parametrize(
    ("check", "good", "bad", "words"),
    [
        (choix.failure_is_shown, {"etat_envoi": "echec", "motif": "refusé"}, {"etat_envoi": "envoye"}, "ne montre pas"),
        (choix.failure_is_shown, {"etat_envoi": "echec", "motif": "refusé"}, {"etat_envoi": "echec", "motif": ""}, "motif"),
        (choix.failures_are_counted, {"echecs": 1}, {"echecs": 0}, "0"),
        (choix.failures_are_counted, {"echecs": "1"}, {"echecs": "2"}, "2"),
    ],
)
def test_a_failure_is_shown_and_counted(check: Check, good: dict[str, Any], bad: dict[str, Any], words: str) -> None:
    refused = deposit(facts=REFUSED)
    assert judge(check, shown(**good), refused).verdict is Verdict.CONFORME
    assert words in said(judge(check, shown(**bad), refused))
    assert judge(check, shown(), refused).verdict is Verdict.NON_CONCLUANT
    assert judge(check, shown(**good), deposit()).verdict is Verdict.NON_CONCLUANT
    assert judge(check, done(DeposerDocument("u")), refused).verdict is Verdict.NON_CONCLUANT


def test_what_is_not_stored_is_not_shown_as_sent() -> None:
    check, validation = choix.nothing_stored_is_not_sent, done(ValiderDocument("u", type="note-vaccination"))
    assert judge(check, shown(etat_envoi="echec"), validation).verdict is Verdict.CONFORME
    assert "ne l'a pas" in said(judge(check, shown(etat_envoi="envoye"), validation))
    assert judge(check, shown(), validation).verdict is Verdict.NON_CONCLUANT
    assert judge(check, validation, validation).verdict is Verdict.NON_CONCLUANT
