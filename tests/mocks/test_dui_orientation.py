"""The reference DUI and orientations: what it builds, what it reads, what it refuses to the user."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from dui_conformance.fixtures.people import usager
from dui_conformance.fixtures.ror import UNITES, unite
from dui_conformance.mocks.dui.dossier import Dossiers
from dui_conformance.mocks.dui.regles_sdo import ReglesSdo
from dui_conformance.mocks.dui.sdo_carnet import Carnet
from dui_conformance.mocks.dui.sdo_client import AppelSdo, ConfigurationSdo
from dui_conformance.mocks.dui.sdo_documents import DecisionRecue, DocumentIllisible, lire_decision
from dui_conformance.mocks.dui.sdo_messages import Changement, consentement, depuis, lire_evenement, tache
from dui_conformance.validation.fhir.context import FhirPackages
from samples.viatrajectoire import EG, answer, play

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
IG = "https://interop.esante.gouv.fr/ig/fhir/sdo/StructureDefinition/"
SITE = ConfigurationSdo.lire(
    {
        "jeton": "https://localhost/token",
        "fhir": "https://localhost/fhir",
        "client_id": "c",
        "client_secret": "s",
        "finess_eg": "990000036",
        "nom": "FOYER",
        "unites": [held.as_dict() for held in UNITES.values()],
    }
)


def errors(resource: dict[str, Any], profile: str) -> list[str]:
    import json

    outcome = FhirPackages().validator.validate(json.dumps(resource).encode(), (f"{IG}{profile}",))
    return [f"{issue.path} {issue.message}" for issue in outcome.errors]


@pytest.mark.parametrize(
    "change",
    [
        Changement("40"),
        Changement("45", "122"),
        Changement("47", unite="990000036-UE-01", statut_unite="186"),
        Changement("48", unite="990000036-UE-02", statut_unite="188", motif_unite="89"),
    ],
)
def test_events_follow_the_profile(change: Changement) -> None:
    made = tache(SITE, "DEC-1", "SDO-1", change, NOW)
    assert errors(made, "esms-task") == []
    read = lire_evenement({"id": "1", **made})
    assert (read["statut"], read["id_nat"], read["structure"]) == (change.statut, "SDO-1", EG)


def test_consent_follows_the_profile() -> None:
    assert errors(consentement(SITE, "SDO-1", NOW), "esms-consent") == []


def test_instants_have_a_zone_and_milliseconds() -> None:
    assert depuis(NOW) == "gt2026-11-02T09:00:00.000+01:00"


def test_address_keeps_what_is_encoded() -> None:
    assert AppelSdo("x", "GET", "https://h/Task", [("a", "b%2B")]).adresse == "https://h/Task?a=b%2B"
    assert AppelSdo("x", "GET", "https://h/Task").adresse == "https://h/Task"


def test_unit_that_the_ror_does_not_know_has_a_name() -> None:
    assert unite("X").nom == "UNITE X"


def test_decision_of_the_service_is_read() -> None:
    p = play()
    person = p.notify()
    read = lire_decision(answer(p.read()))
    assert (read.nom_naissance, read.matricule, read.sexe) == (person.nom_naissance, person.ins, person.sexe)
    assert read.ouverture < read.echeance
    assert (read.nature_droit, read.urgence, read.modalite, read.remplace) == ("1", "2", "46", "")


@pytest.mark.parametrize(
    "content",
    [
        [],
        [{}],
        [{"attachment": {}}],
        [{"attachment": {"data": "###"}}],
        [{"attachment": {"data": base64.b64encode(b"<a").decode()}}],
    ],
)
def test_unreadable_document_is_said(content: list[Any]) -> None:
    with pytest.raises(DocumentIllisible):
        lire_decision({"identifier": [], "content": content})


def decision(document: str = "d1", national: str = "SDO-1", remplace: str = "", **changes: str) -> DecisionRecue:
    person = usager("qualifie", "carnet")
    values = {
        "document": document,
        "id_decision": "DEC-1",
        "id_nat_decision": national,
        "nom_naissance": person.nom_naissance,
        "date_naissance": person.date_naissance,
        "sexe": person.sexe,
        "matricule": person.ins,
        "nature_droit": "1",
        "ouverture": "2025-01-01",
        "echeance": "2027-01-01",
        "urgence": "1",
        "modalite": "46",
        "remplace": remplace,
    }
    return DecisionRecue(**(values | changes))


def carnet(**rules: Any) -> Carnet:
    records = Dossiers()
    records.creer(usager("qualifie", "carnet").as_dict())
    return Carnet(records, ReglesSdo(**rules), EG)


def test_decision_goes_to_the_record_of_its_ins_or_waits_for_a_look() -> None:
    held = carnet()
    assert held.ranger(decision()).rapprochement == "automatique"
    assert held.ranger(decision("d2", "SDO-2", matricule="")).rapprochement == "a-verifier"
    stranger = held.ranger(decision("d3", "SDO-3", matricule="", nom_naissance="AUTRE"))
    assert stranger.dossier is None


def test_renewed_decision_leaves_its_place() -> None:
    held = carnet()
    person = usager("qualifie", "carnet").id
    held.ranger(decision())
    held.ranger(decision("d2", "SDO-2", remplace="SDO-1"))
    assert [o.decision.document for o in held.de(person)] == ["d2"]


def received(status: str, moment: str, structure: str = EG, ident: str = "e1", national: str = "SDO-1") -> dict[str, str]:
    return {"id": ident, "modifie": moment, "id_nat": national, "statut": status, "structure": structure}


def test_events_apply_once_the_latest_last() -> None:
    held = carnet()
    known = held.ranger(decision())
    assert held.appliquer(received("54", "2026-11-02"))
    assert not held.appliquer(received("54", "2026-11-02"))
    assert held.appliquer(received("49", "2026-11-01", ident="e2"))
    assert known.statut == "54"
    assert held.appliquer(received("47", "2026-11-03", structure="1990000044", ident="e3"))
    assert (known.statut, known.statut_ailleurs) == ("54", "47")
    assert not held.appliquer(received("47", "2026-11-03", ident="e4", national="inconnue"))


def test_closed_orientation_opens_only_by_reactivation() -> None:
    held = carnet()
    known = held.ranger(decision())
    held.appliquer(received("49", "2026-11-02"))
    assert not known.ouverte
    assert not held.permet(known, "41")
    assert held.permet(known, "54")
