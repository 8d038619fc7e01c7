"""ViaTrajectoire: what events and consents say."""

from __future__ import annotations

from typing import Any

import pytest
from dui_conformance.checks import sdo_consentement as consents
from dui_conformance.checks import sdo_evenement as rules
from dui_conformance.core.errors import CheckFailed, Inconclusive
from dui_conformance.core.gestures import Etat
from dui_conformance.core.gestures.orientation import ChangerStatutOrientation, ConsulterEvaluation, LireOrientation
from dui_conformance.core.settings import Settings
from samples.sdo_vues import call, consent, event, geste

SETTINGS = Settings()
UNIT = SETTINGS.viatrajectoire.unites[0]
RULES = (
    rules.event_says_its_type,
    rules.event_names_the_decision,
    rules.reason_is_given,
    rules.reason_is_allowed,
    rules.no_reason_where_none_is_allowed,
    rules.status_has_its_date,
    rules.date_of_status_is_not_in_the_future,
    rules.status_is_one_of_the_establishment,
    rules.unit_status_goes_with_that_of_the_establishment,
)
RIGHT = (
    {},
    {"statut": "45", "motif": "122"},
    {"statut": "48", "unite": UNIT, "statut_unite": "188", "motif_unite": "89", "date_statut_unite": "2026-11-01"},
    {"statut": "", "date_statut": "", "statut_unite": "183", "unite": UNIT, "date_statut_unite": "2026-11-01"},
)


@pytest.mark.parametrize("said", RIGHT)
def test_right_event_holds(said: dict[str, str]) -> None:
    for rule in RULES:
        rule(event(**said))
    rules.event_names_the_establishment(event(**said), SETTINGS)
    rules.unit_is_one_of_the_ror(event(**said), SETTINGS)


@pytest.mark.parametrize(
    ("rule", "said", "match"),
    [
        (rules.event_names_the_decision, {"id_decision": "SDO-1", "id_nat": "DEC-1"}, "échangés"),
        (rules.reason_is_given, {"statut": "45"}, "Motif absent"),
        (rules.reason_is_given, {"statut": "48", "statut_unite": "188"}, "Motif absent"),
        (rules.reason_is_allowed, {"statut": "45", "motif": "174"}, "pas permis"),
        (rules.reason_is_allowed, {"statut_unite": "188", "motif_unite": "98"}, "pas permis"),
        (rules.no_reason_where_none_is_allowed, {"motif": "112"}, "n'en a pas"),
        (rules.no_reason_where_none_is_allowed, {"statut_unite": "186", "motif_unite": "98"}, "n'en a pas"),
        (rules.status_has_its_date, {"date_statut": ""}, "sans date"),
        (rules.status_has_its_date, {"statut_unite": "186"}, "sans date"),
        (rules.date_of_status_is_not_in_the_future, {"date_statut": "2027-11-02"}, "avenir"),
        (rules.status_is_one_of_the_establishment, {"statut": "46"}, "établissement"),
        (rules.unit_status_goes_with_that_of_the_establishment, {"statut": "47", "statut_unite": "183"}, "ensemble"),
    ],
)
def test_wrong_event_is_found(rule: Any, said: dict[str, str], match: str) -> None:
    with pytest.raises(CheckFailed, match=match):
        rule(event(**said))


def test_event_of_an_unknown_decision_is_found() -> None:
    with pytest.raises(CheckFailed, match="inconnue"):
        rules.event_names_the_decision(event({}))


def test_event_of_another_structure_or_unit_is_found() -> None:
    with pytest.raises(CheckFailed, match="autre structure"):
        rules.event_names_the_establishment(event(structure="1990000010"), SETTINGS)
    with pytest.raises(CheckFailed, match="ROR"):
        rules.unit_is_one_of_the_ror(event(unite="UNITE-7"), SETTINGS)


@pytest.mark.parametrize("content", ["", "application/json", "text/xml"])
def test_content_type_says_fhir(content: str) -> None:
    from dataclasses import replace

    with pytest.raises(CheckFailed, match="Type"):
        rules.event_says_its_type(replace(event(), content_type=content))


def test_unreadable_date_is_left_to_the_profile() -> None:
    with pytest.raises(Inconclusive):
        rules.date_of_status_is_not_in_the_future(event(date_statut="02/11/2026"))


def test_event_says_what_was_entered() -> None:
    asked = geste(ChangerStatutOrientation("u", "45", "122"))
    rules.event_says_the_status_entered(asked, event(statut="45", motif="122"))
    rules.event_says_the_reason_entered(asked, event(statut="45", motif="122"))
    rules.event_says_the_status_entered(geste(LireOrientation("u")), event())
    with pytest.raises(CheckFailed, match="Statut"):
        rules.event_says_the_status_entered(asked, event(statut="42"))
    with pytest.raises(CheckFailed, match="Saisie"):
        rules.event_says_the_reason_entered(asked, event(statut="45", motif="121"))
    with pytest.raises(Inconclusive):
        rules.event_says_the_status_entered(geste(), event())


def test_right_consent_holds() -> None:
    consents.consent_comes_from_the_establishment(consent(), SETTINGS)
    consents.consent_names_the_decision(consent())
    consents.consent_is_dated_when_given(consent())


@pytest.mark.parametrize("moment", ["2020-01-01T00:00:00+01:00", "2026-11-03T09:00:00+01:00"])
def test_misdated_consent_is_found(moment: str) -> None:
    with pytest.raises(CheckFailed, match="Date"):
        consents.consent_is_dated_when_given(consent(date_time=moment))


@pytest.mark.parametrize("moment", ["", "hier", "2026-11-02"])
def test_consent_without_time_is_left_to_the_profile(moment: str) -> None:
    with pytest.raises(Inconclusive):
        consents.consent_is_dated_when_given(consent(date_time=moment))


def test_wrong_consent_is_found() -> None:
    with pytest.raises(CheckFailed, match="autre structure"):
        consents.consent_comes_from_the_establishment(consent(source="1990000010"), SETTINGS)
    with pytest.raises(CheckFailed, match="ne nomme pas"):
        consents.consent_names_the_decision(consent(identifier="DEC-1"))
    with pytest.raises(CheckFailed, match="ne nomme pas"):
        consents.consent_names_the_decision(consent(facts={}))


def test_evaluation_follows_the_consent() -> None:
    given, asked = call("consentement", status=201), call("evaluation")
    consents.evaluation_follows_the_consent([given, asked])
    for calls in ([asked], [asked, given], [call("consentement", status=422), asked]):
        with pytest.raises(CheckFailed, match="avant le consentement"):
            consents.evaluation_follows_the_consent(calls)
    with pytest.raises(Inconclusive):
        consents.evaluation_follows_the_consent([given])


def test_evaluation_is_asked_by_the_national_identifier() -> None:
    consents.evaluation_is_asked_by_the_national_identifier(call("evaluation", facts={"id_nat_decision": "SDO-1"}))
    with pytest.raises(CheckFailed, match="autre identifiant"):
        consents.evaluation_is_asked_by_the_national_identifier(call("evaluation"))
    with pytest.raises(Inconclusive):
        consents.evaluation_is_asked_by_the_national_identifier(call("decisions"))


def test_evaluation_is_shown() -> None:
    found = call("evaluation", facts={"total": 1})
    asked = ConsulterEvaluation("u")
    consents.evaluation_is_shown(geste(asked, evaluation=True), found)
    with pytest.raises(CheckFailed, match="non montrée"):
        consents.evaluation_is_shown(geste(asked, evaluation=False), found)
    with pytest.raises(Inconclusive):
        consents.evaluation_is_shown(geste(asked), found)
    with pytest.raises(Inconclusive):
        consents.evaluation_is_shown(geste(asked, evaluation=True), call("evaluation", facts={"total": 0}))


def test_refused_evaluation_is_told_once() -> None:
    refused = call("evaluation", status=403)
    asked = ConsulterEvaluation("u")
    consents.refused_evaluation_is_not_asked_again([refused])
    consents.refused_evaluation_is_told(geste(asked, end=Etat.REFUSE), [refused])
    with pytest.raises(CheckFailed, match="sans fin"):
        consents.refused_evaluation_is_not_asked_again([refused] * 3)
    with pytest.raises(CheckFailed, match="silence"):
        consents.refused_evaluation_is_told(geste(asked), [refused])
    for rule in (consents.refused_evaluation_is_not_asked_again,):
        with pytest.raises(Inconclusive):
            rule([call("evaluation")])
    with pytest.raises(Inconclusive):
        consents.refused_evaluation_is_told(geste(asked), [call("evaluation")])
