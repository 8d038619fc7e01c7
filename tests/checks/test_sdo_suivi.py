"""ViaTrajectoire: decisions and events as the DUI shows them, and events that could not leave."""

from __future__ import annotations

from typing import Any

import pytest
from dui_conformance.checks import sdo_reprise as sending
from dui_conformance.checks import sdo_suivi as rules
from dui_conformance.core.errors import CheckFailed, Inconclusive
from dui_conformance.core.gestures import Etat
from dui_conformance.core.gestures.orientation import ChangerStatutOrientation, ConsulterOrientation
from dui_conformance.core.settings import Settings
from samples.sdo_vues import EG, call, event, geste

SETTINGS = Settings()
DECISION = {name: f"valeur-{name}" for name in rules.SHOWN} | {"echeance": "2026-12-01"}
READ = call("decision", facts={"decision": DECISION})


def screen(**shown: Any) -> Any:
    return geste(
        ConsulterOrientation("u"), **(DECISION | {"statut": "40", "libelle": "Notification lue", "a_traiter": True} | shown)
    )


def served(*events: dict[str, str]) -> Any:
    return call("notifications", facts={"evenements": list(events)})


def given(statut: str, modifie: str = "2026-11-02T08:00:00", structure: str = EG, id: str = "evt-1") -> dict[str, str]:
    return {"id": id, "statut": statut, "modifie": modifie, "structure": structure}


def test_decision_is_shown() -> None:
    rules.decision_is_shown_as_received(screen(), READ)
    for name in rules.SHOWN:
        with pytest.raises(CheckFailed, match="perdue"):
            rules.decision_is_shown_as_received(screen(**{name: ""}), READ)
    with pytest.raises(Inconclusive):
        rules.decision_is_shown_as_received(geste(ConsulterOrientation("u")), READ)
    with pytest.raises(Inconclusive):
        rules.decision_is_shown_as_received(screen(), call("decisions"))


def test_status_is_shown_in_words() -> None:
    rules.status_is_shown_in_words(screen())
    for shown in ({"libelle": "40"}, {"libelle": ""}, {"statut": "99"}, {"statut": "47"}):
        with pytest.raises(CheckFailed, match="Libellé"):
            rules.status_is_shown_in_words(screen(**shown))


def test_event_of_elsewhere_is_applied() -> None:
    rules.event_from_elsewhere_is_applied(screen(statut="49"), [served(given("49"))], SETTINGS)
    other = served(given("47", structure="1990000044"))
    rules.event_from_elsewhere_is_applied(screen(statut_ailleurs="47"), [other], SETTINGS)
    with pytest.raises(CheckFailed, match="sans effet"):
        rules.event_from_elsewhere_is_applied(screen(), [served(given("49"))], SETTINGS)
    with pytest.raises(CheckFailed, match="sans effet"):
        rules.event_from_elsewhere_is_applied(screen(statut_ailleurs=""), [other], SETTINGS)
    with pytest.raises(Inconclusive):
        rules.event_from_elsewhere_is_applied(screen(), [served()], SETTINGS)


def test_latest_event_wins() -> None:
    calls = [served(given("54", "2026-11-02T09:00:00"), given("49", "2026-11-02T08:00:00", id="evt-2"))]
    rules.latest_event_wins(screen(statut="54"), calls)
    with pytest.raises(CheckFailed, match="ancien"):
        rules.latest_event_wins(screen(statut="49"), calls)
    with pytest.raises(Inconclusive):
        rules.latest_event_wins(screen(), [served(given("49"))])


def test_event_counts_once() -> None:
    twice = [served(given("49")), served(given("49"))]
    rules.duplicated_event_counts_once(screen(evenements=1), twice)
    with pytest.raises(CheckFailed, match="deux fois"):
        rules.duplicated_event_counts_once(screen(evenements=2), twice)
    with pytest.raises(Inconclusive):
        rules.duplicated_event_counts_once(screen(evenements=1), twice[:1])


def test_cancelled_orientation_is_closed() -> None:
    rules.cancelled_orientation_is_closed(screen(a_traiter=False), [served(given("49"))])
    with pytest.raises(CheckFailed, match="à traiter"):
        rules.cancelled_orientation_is_closed(screen(), [served(given("49"))])
    with pytest.raises(Inconclusive):
        rules.cancelled_orientation_is_closed(screen(), [served(given("54"))])


@pytest.mark.parametrize(("end", "expired"), [("2026-12-01", False), ("2026-10-01", True)])
def test_expired_right_is_shown(end: str, expired: bool) -> None:
    read = call("decision", facts={"decision": DECISION | {"echeance": end}})
    rules.expired_right_is_shown(screen(echue=expired), read)
    with pytest.raises(CheckFailed, match="Échéance"):
        rules.expired_right_is_shown(screen(echue=not expired), read)
    with pytest.raises(Inconclusive):
        rules.expired_right_is_shown(screen(echue=expired), call("decision"))


def test_renewal_replaces() -> None:
    both = [READ, call("decision", facts={"decision": DECISION | {"id_nat_decision": "SDO-2"}})]
    rules.renewal_takes_the_place_of_the_former(screen(orientations=1), both)
    with pytest.raises(CheckFailed, match="double"):
        rules.renewal_takes_the_place_of_the_former(screen(orientations=2), both)
    with pytest.raises(Inconclusive):
        rules.renewal_takes_the_place_of_the_former(screen(orientations=1), both[:1])


def test_decision_without_ins_is_to_be_verified() -> None:
    rules.decision_without_ins_is_to_be_verified(screen(rapprochement="a-verifier"))
    with pytest.raises(CheckFailed, match="sans vérification"):
        rules.decision_without_ins_is_to_be_verified(screen(rapprochement="automatique"))


def test_status_follows_the_former() -> None:
    rules.status_follows_the_former(event())
    rules.status_follows_the_former(event({}))
    with pytest.raises(CheckFailed, match="ne suit pas"):
        rules.status_follows_the_former(event({"statut_avant": "45"}, statut="47"))


LOST = call("evenement", status=503, facts={"panne": "indisponible"})
KEPT = call("evenement", status=201, facts={"panne": "reponse-perdue", "id": "task-1"})
SENT = call("evenement", status=201, facts={"id": "task-1", "identique": False})
AGAIN = call("evenement", status=201, facts={"id": "task-2", "identique": True})


def test_event_is_accepted_once() -> None:
    sending.event_is_accepted_once([SENT])
    sending.event_is_accepted_once([KEPT, AGAIN])
    with pytest.raises(CheckFailed, match="de nouveau"):
        sending.event_is_accepted_once([SENT, AGAIN])
    with pytest.raises(Inconclusive):
        sending.event_is_accepted_once([LOST])


def test_event_leaves_after_the_failure() -> None:
    sending.event_leaves_after_the_failure([LOST, SENT])
    with pytest.raises(CheckFailed, match="perdu"):
        sending.event_leaves_after_the_failure([LOST])
    with pytest.raises(CheckFailed, match="plusieurs fois"):
        sending.event_leaves_after_the_failure([LOST, SENT, AGAIN])
    with pytest.raises(Inconclusive):
        sending.event_leaves_after_the_failure([SENT])


def test_event_is_resent_unchanged() -> None:
    sending.event_is_resent_unchanged([KEPT, AGAIN])
    with pytest.raises(CheckFailed, match="récrit"):
        sending.event_is_resent_unchanged([KEPT, SENT])
    with pytest.raises(Inconclusive):
        sending.event_is_resent_unchanged([LOST, SENT])


def test_resending_is_bounded() -> None:
    sending.resending_is_bounded([LOST] * 3)
    with pytest.raises(CheckFailed, match="répétés"):
        sending.resending_is_bounded([LOST] * 4)
    with pytest.raises(Inconclusive):
        sending.resending_is_bounded([SENT])


def test_pending_event_is_told() -> None:
    asked = ChangerStatutOrientation("u", "41", "151")
    sending.pending_event_is_told(geste(asked, envoi="en-attente"), [LOST])
    sending.pending_event_is_told(geste(asked, end=Etat.REFUSE, envoi="accepte"), [LOST])
    with pytest.raises(CheckFailed, match="en attente"):
        sending.pending_event_is_told(geste(asked, envoi="accepte"), [KEPT])
    with pytest.raises(Inconclusive):
        sending.pending_event_is_told(geste(asked, envoi="accepte"), [LOST, SENT])
