"""ViaTrajectoire: requests on the wire, and polling."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from dui_conformance.checks import sdo_releve as polling
from dui_conformance.checks import sdo_requetes as rules
from dui_conformance.core.errors import CheckFailed, Inconclusive
from dui_conformance.core.gestures import Etat
from samples.sdo_vues import call, geste, search

FULL = "2026-11-01T09:00:00.000%2B01:00"


def test_right_search_holds() -> None:
    for rule in (
        rules.plus_of_the_zone_is_encoded,
        rules.instant_has_time_and_zone,
        rules.prefix_is_gt,
        rules.decisions_are_searched_as_told,
        polling.first_poll_goes_back_a_month_at_most,
    ):
        rule(search())
    rules.notifications_are_searched_as_told(search("notifications"))
    rules.evaluation_is_searched_as_told(search("evaluation"))
    rules.decisions_are_searched_as_told(search(query=f"type=http://loinc.org|57830-2&_lastUpdated=gt{FULL}&_elements=id"))


@pytest.mark.parametrize(
    ("rule", "instant", "match"),
    [
        (rules.plus_of_the_zone_is_encoded, "gt2026-11-01T09:00:00+01:00", "non encodé"),
        (rules.instant_has_time_and_zone, "gt2026-11-01T09:00:00", "Fuseau"),
        (rules.instant_has_time_and_zone, "gt2026-11-01", "Heure"),
        (rules.instant_has_time_and_zone, "gt2026-13-01T09:00:00Z", "Fuseau"),
        (rules.prefix_is_gt, "ge2026-11-01T09:00:00Z", "Préfixe"),
        (rules.prefix_is_gt, "2026-11-01T09:00:00Z", "Préfixe"),
    ],
)
def test_wrong_instant_is_found(rule: Any, instant: str, match: str) -> None:
    with pytest.raises(CheckFailed, match=match):
        rule(search("notifications", query=f"_lastUpdated={instant}"))


def test_instant_made_unreadable_by_its_plus_is_said_once() -> None:
    with pytest.raises(Inconclusive):
        rules.instant_has_time_and_zone(search("notifications", query="_lastUpdated=gt2026-11-01T09:00:00+01:00"))


def test_search_without_instant_is_no_matter_of_instants() -> None:
    with pytest.raises(Inconclusive):
        rules.prefix_is_gt(search(query="type=57830-2"))


@pytest.mark.parametrize(
    ("rule", "kind", "query", "match"),
    [
        (rules.decisions_are_searched_as_told, "decisions", f"_lastUpdated=gt{FULL}&_elements=id", "absent"),
        (rules.decisions_are_searched_as_told, "decisions", f"type=57830-2&_lastUpdated=gt{FULL}", "absent"),
        (rules.decisions_are_searched_as_told, "decisions", "type=57830-2&_elements=id", "absent"),
        (rules.decisions_are_searched_as_told, "decisions", f"type=57830-2&_lastUpdated=gt{FULL}&_elements=id,type", "absent"),
        (
            rules.decisions_are_searched_as_told,
            "decisions",
            f"type=57830-2&_lastUpdated=gt{FULL}&_elements=id&_count=1",
            "de trop",
        ),
        (rules.notifications_are_searched_as_told, "notifications", f"_lastUpdated=gt{FULL}&status=completed", "de trop"),
        (rules.evaluation_is_searched_as_told, "evaluation", "identifier=SDO-1", "absent"),
        (rules.evaluation_is_searched_as_told, "evaluation", "identifier=&type=51848-0", "absent"),
        (rules.evaluation_is_searched_as_told, "evaluation", "identifier=SDO-1&type=51848-0&_elements=id", "de trop"),
    ],
)
def test_wrong_parameters_are_found(rule: Any, kind: str, query: str, match: str) -> None:
    with pytest.raises(CheckFailed, match=match):
        rule(search(kind, query))


@pytest.mark.parametrize("rule", [rules.notifications_are_searched_as_told, rules.evaluation_is_searched_as_told])
def test_parameters_of_another_flow_are_not_judged(rule: Any) -> None:
    with pytest.raises(Inconclusive):
        rule(search())


def test_decision_is_read_without_parameter() -> None:
    rules.decision_is_read_whole(call("decision"))
    with pytest.raises(CheckFailed, match="paramètres"):
        rules.decision_is_read_whole(call("decision", query="_elements=id"))
    with pytest.raises(Inconclusive):
        rules.decision_is_read_whole(call("decisions"))


def test_accept_names_a_fhir_format() -> None:
    rules.fhir_is_accepted(call("decisions", accept="application/fhir+xml; q=1"))
    for accept in ("", "*/*", "text/html", "application/json"):
        with pytest.raises(CheckFailed, match="Format"):
            rules.fhir_is_accepted(call("decisions", accept=accept))


def test_what_is_no_flow_is_found() -> None:
    rules.only_the_flows_are_called([call("decisions"), call("evenement")])
    with pytest.raises(CheckFailed, match="PUT"):
        rules.only_the_flows_are_called([call("decisions"), call("inconnu", method="PUT")])


def test_first_poll_goes_back_a_month() -> None:
    with pytest.raises(CheckFailed, match="trente"):
        polling.first_poll_goes_back_a_month_at_most(search(back=timedelta(days=31)))
    with pytest.raises(Inconclusive):
        polling.first_poll_goes_back_a_month_at_most(search("notifications", query="_lastUpdated=gthier"))


def test_polls_overlap_by_a_day() -> None:
    first = search()
    polling.polls_go_back_a_day([first, search(minutes=180)])
    with pytest.raises(CheckFailed, match="trop loin"):
        polling.polls_go_back_a_day([first, search(minutes=180, back=timedelta(days=8))])
    with pytest.raises(Inconclusive):
        polling.polls_go_back_a_day([first])
    with pytest.raises(Inconclusive):
        polling.polls_go_back_a_day([first, search(query="type=57830-2")])


def test_nothing_is_lost_between_polls() -> None:
    first = search()
    polling.nothing_is_missed_between_polls([first, search(minutes=180)])
    late = search(minutes=180, back=timedelta(minutes=5))
    with pytest.raises(CheckFailed, match="entre deux relèves"):
        polling.nothing_is_missed_between_polls([first, late])
    failed = search(minutes=90, status=503, id="E000002")
    with pytest.raises(CheckFailed, match="relève en échec"):
        polling.nothing_is_missed_between_polls([first, failed, search(minutes=180, back=timedelta(minutes=95), id="E000003")])
    with pytest.raises(Inconclusive):
        polling.nothing_is_missed_between_polls([first, search("notifications", query="_lastUpdated=gthier")])


FOUND = call("decisions", facts={"rendus": ["dec-1", "dec-2"], "total": 2})


def read(ident: str) -> Any:
    return call("decision", path=f"/fhir/DocumentReference/{ident}")


def test_each_decision_is_read_once() -> None:
    polling.each_decision_found_is_read([FOUND, read("dec-1"), read("dec-2")])
    polling.each_decision_is_read_once([FOUND, read("dec-1"), read("dec-2")])
    with pytest.raises(CheckFailed, match="jamais lues"):
        polling.each_decision_found_is_read([FOUND, read("dec-1")])
    with pytest.raises(CheckFailed, match="plusieurs fois"):
        polling.each_decision_is_read_once([FOUND, read("dec-1"), read("dec-1")])
    with pytest.raises(Inconclusive):
        polling.each_decision_found_is_read([call("decisions")])
    with pytest.raises(Inconclusive):
        polling.each_decision_is_read_once([FOUND])


def test_pages_are_read_to_the_last() -> None:
    first, page, last = call("decisions", facts={"suite": True}), call("page", facts={"suite": True}), call("page")
    polling.pages_are_followed([first, page, last])
    for cut in ([first], [first, page]):
        with pytest.raises(CheckFailed, match="Pages"):
            polling.pages_are_followed(cut)
    with pytest.raises(Inconclusive):
        polling.pages_are_followed([call("decisions")])


def test_empty_result_is_a_result() -> None:
    empty = [call("decisions", facts={"total": 0})]
    polling.empty_result_is_no_error(geste(), empty)
    with pytest.raises(CheckFailed, match="vide"):
        polling.empty_result_is_no_error(geste(end=Etat.REFUSE, message="vide"), empty)
    with pytest.raises(Inconclusive):
        polling.empty_result_is_no_error(geste(), [FOUND])


def test_failed_poll_is_told() -> None:
    failed = [call("decisions", status=503, facts={"panne": "indisponible"})]
    polling.failure_is_told(geste(end=Etat.REFUSE), failed)
    with pytest.raises(CheckFailed, match="échec"):
        polling.failure_is_told(geste(alerte=""), failed)
    with pytest.raises(Inconclusive):
        polling.failure_is_told(geste(), [FOUND])
