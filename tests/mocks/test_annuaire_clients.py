"""The simulated Annuaire Santé over TLS, driven by a FHIR client that is not ours, and by requests."""

from __future__ import annotations

from collections.abc import Iterator

import fhirpy
import pytest
import requests
from dui_conformance.core.clock import Clock
from dui_conformance.core.settings import Annuaire
from dui_conformance.mocks.annuaire import AnnuaireSante
from dui_conformance.mocks.pki import Pki
from dui_conformance.mocks.runtime import Runtime
from samples.runtime import MemoryRecorder

CLE = "cle-annuaire-temoin"


@pytest.fixture(scope="module")
def base(pki: Pki) -> Iterator[str]:
    service = AnnuaireSante(Annuaire(quota=1e6))
    runtime = Runtime(MemoryRecorder(), Clock(), pki)
    runtime.start([service])
    service.configure({"annuaire": runtime.url("annuaire")})
    yield f"{service.origine}/fhir/v2"
    runtime.stop()


def test_fhirpy_searches_pages_and_reads(base: str, pki: Pki) -> None:
    client = fhirpy.SyncFHIRClient(base, extra_headers={"ESANTE-API-KEY": CLE}, requests_config={"verify": str(pki.ac)})
    found = client.resources("Practitioner").search(identifier="99700000002").fetch()
    assert [one.id for one in found] == ["persona-medecin-multi"]
    family = client.resources("Practitioner").search(family="FICTIF")
    assert len(family.fetch_all()) == family.fetch_raw()["total"] > 50
    read = client.reference("Organization", "lieu-laboratoire").to_resource()
    assert read.get_by_path(["identifier", 0, "value"]) == "990000119"
    roles = client.resources("PractitionerRole").search(practitioner="cite-traitant").include("PractitionerRole", "organization")
    assert [one["id"] for one in roles.fetch()] == ["cite-traitant-0"]
    with pytest.raises(fhirpy.base.exceptions.OperationOutcome):
        client.resources("Practitioner").search(**{"mailbox-mss-type": "PER"}).fetch()


def test_requests_gets_and_posts(base: str, pki: Pki) -> None:
    headers, ac = {"ESANTE-API-KEY": CLE}, str(pki.ac)
    got = requests.get(f"{base}/Organization", params={"type": "SA25"}, headers=headers, verify=ac, timeout=5)
    posted = requests.post(f"{base}/Organization/_search", data={"type": "SA25"}, headers=headers, verify=ac, timeout=5)
    assert got.json()["total"] == posted.json()["total"] > 10
    assert requests.get(f"{base}/Organization", verify=ac, timeout=5).status_code == 401
