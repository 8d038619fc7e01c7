"""The simulated ViaTrajectoire over mutual TLS, driven by a FHIR client that is not ours, and by requests."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import fhirpy
import pytest
import requests
from dui_conformance.core.clock import Clock
from dui_conformance.core.settings import ViaTrajectoire
from dui_conformance.fixtures.people import usager
from dui_conformance.mocks.pki import Pki
from dui_conformance.mocks.runtime import Runtime
from dui_conformance.mocks.viatrajectoire import ServiceViaTrajectoire
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.documentreference import DocumentReference
from fhir.resources.R4B.task import Task
from samples.runtime import MemoryRecorder
from samples.viatrajectoire import EG, consent, task

SECRET = "secret-de-test"


@pytest.fixture(scope="module")
def service(pki: Pki) -> Iterator[ServiceViaTrajectoire]:
    made = ServiceViaTrajectoire(ViaTrajectoire(client_secret=SECRET), "990000010", seed=3)
    runtime = Runtime(MemoryRecorder(), Clock(), pki)
    runtime.start([made])
    made.configure({"vt": runtime.url("vt")})
    yield made
    runtime.stop()


@pytest.fixture(scope="module")
def tls(pki: Pki) -> dict[str, object]:
    ours = pki.client("auth_cli")
    return {"verify": str(pki.ac), "cert": (str(ours.certificate), str(ours.key)), "timeout": 5}


def ask(service: ServiceViaTrajectoire, tls: dict[str, object]) -> str:
    form = {"grant_type": "client_credentials", "client_id": service.settings.client_id, "client_secret": SECRET}
    return str(requests.post(f"{service.adresse}/token", data=form, **tls).json()["access_token"])  # type: ignore[arg-type]


def since() -> str:
    return f"gt{(datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec='milliseconds')}"


def test_fhirpy_plays_the_five_flows(service: ServiceViaTrajectoire, tls: dict[str, object]) -> None:
    person = usager("qualifie", "fhirpy")
    service.admit(person)
    service.command("notifier", {"usager": person.id})
    service.command("evenement", {"usager": person.id, "statut": "47", "ailleurs": True})
    client = fhirpy.SyncFHIRClient(
        service.adresse_fhir,
        authorization=f"Bearer {ask(service, tls)}",
        extra_headers={"struct_idnat": EG, "Accept": "application/fhir+json"},
        requests_config=tls,
    )
    (found,) = client.resources("DocumentReference").search(type="57830-2", _lastUpdated=since(), _elements="id").fetch_all()
    read = client.reference("DocumentReference", found.id).to_resource()
    assert DocumentReference(**read.serialize()).status == "current"
    assert person.nom_naissance.encode() in base64.b64decode(read.get_by_path(["content", 0, "attachment", "data"]))
    national = read.get_by_path(["identifier", 1, "value"])
    evaluation = client.resources("DocumentReference").search(identifier=national, type="51848-0")
    with pytest.raises(fhirpy.base.exceptions.ForbiddenError):
        evaluation.fetch()
    given = client.resource("Consent", **{k: v for k, v in consent(national).items() if k != "resourceType"})
    given.save()
    assert given.id.startswith("consent-")
    assert len(evaluation.fetch()) == 1
    event = client.resource(
        "Task", **{k: v for k, v in task(national, read.get_by_path(["identifier", 0, "value"])).items() if k != "resourceType"}
    )
    event.save()
    assert Task(**event.serialize()).intent == "plan"
    notifications = client.resources("Task").search(_lastUpdated=since())
    assert Bundle(**notifications.fetch_raw()).total == 1
    with pytest.raises(fhirpy.base.exceptions.OperationOutcome):
        client.resources("Task").search(_lastUpdated="gthier").fetch()


def test_requests_without_certificate_reaches_the_service_and_is_refused(
    service: ServiceViaTrajectoire, tls: dict[str, object]
) -> None:
    alone = {"verify": tls["verify"], "timeout": 5}
    form = {"grant_type": "client_credentials", "client_id": service.settings.client_id, "client_secret": SECRET}
    refused = requests.post(f"{service.adresse}/token", data=form, **alone)  # type: ignore[arg-type]
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    token = ask(service, tls)
    headers = {"Authorization": f"Bearer {token}", "struct_idnat": EG}
    stolen = requests.get(f"{service.adresse_fhir}/Task", headers=headers, **alone)  # type: ignore[arg-type]
    assert (stolen.status_code, stolen.json()["issue"][0]["code"]) == (401, "login")


def test_requests_keeps_a_bare_plus_on_the_wire(service: ServiceViaTrajectoire, tls: dict[str, object]) -> None:
    headers = {"Authorization": f"Bearer {ask(service, tls)}", "struct_idnat": EG}
    base = f"{service.adresse_fhir}/Task"
    bare = requests.get(f"{base}?_lastUpdated=gt2026-11-01T00:00:00+01:00", headers=headers, **tls)  # type: ignore[arg-type]
    assert bare.status_code == 400
    coded = requests.get(base, params={"_lastUpdated": "gt2026-11-01T00:00:00+01:00"}, headers=headers, **tls)  # type: ignore[arg-type]
    assert coded.status_code == 200
