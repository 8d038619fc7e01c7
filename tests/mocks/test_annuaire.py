"""The simulated Annuaire Santé: searches, pages, inclusions, what is refused, what orders change."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from dui_conformance.core.errors import HarnessError
from dui_conformance.core.exchange import Body, Connection, Reply, Request
from dui_conformance.core.settings import Annuaire
from dui_conformance.fixtures.annuaire import annuaire
from dui_conformance.fixtures.boites import boite_de_structure, boite_personnelle
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.mocks.annuaire import AnnuaireSante
from dui_conformance.mocks.annuaire.ressources import EXTENSION_BOITE, FINESS, RPPS, SECTEURS

NOW = datetime(2026, 4, 1, tzinfo=UTC)
KEY = (("ESANTE-API-KEY", "cle-annuaire-temoin"),)


@pytest.fixture
def service() -> AnnuaireSante:
    return AnnuaireSante(Annuaire(quota=1e6))


def call(
    service: AnnuaireSante,
    path: str,
    *pairs: tuple[str, str],
    method: str = "GET",
    headers: tuple[tuple[str, str], ...] = KEY,
    now: datetime = NOW,
) -> tuple[Reply, dict[str, Any]]:
    query = urlencode(pairs)
    target = path if path.startswith("https") else f"/fhir/v2/{path}"
    target = target.removeprefix("https://localhost")
    if method == "GET":
        request = Request("GET", f"{target}?{query}" if query else target, headers, Body(), Connection())
    else:
        form = (("Content-Type", "application/x-www-form-urlencoded"),)
        request = Request(method, target, (*headers, *form), Body(query.encode()), Connection())
    reply = service.handle("annuaire", request, now)
    return reply, json.loads(reply.body.read())


def ids(bundle: dict[str, Any], mode: str = "match") -> list[str]:
    entries = bundle.get("entry", [])
    return [f"{e['resource']['resourceType']}/{e['resource']['id']}" for e in entries if e["search"]["mode"] == mode]


@pytest.mark.parametrize(
    ("resource", "pairs", "found"),
    [
        ("Practitioner", (("identifier", "99700000002"),), "Practitioner/persona-medecin-multi"),
        ("Practitioner", (("identifier", f"{RPPS}|99700000002"),), "Practitioner/persona-medecin-multi"),
        ("Practitioner", (("identifier", "899700000002"),), "Practitioner/persona-medecin-multi"),
        ("Practitioner", (("family", "testeur-mul"), ("given", "paul")), "Practitioner/persona-medecin-multi"),
        ("Practitioner", (("family:exact", "TESTEUR-MULTI"),), "Practitioner/persona-medecin-multi"),
        ("Practitioner", (("family:contains", "heredia"),), "Practitioner/persona-accents"),
        ("Practitioner", (("name", "TESTEUR-MULTI"), ("qualification-code", "SM26")), "Practitioner/persona-medecin-multi"),
        ("Practitioner", (("_id", "cite-traitant"),), "Practitioner/cite-traitant"),
        ("PractitionerRole", (("practitioner", "Practitioner/cite-traitant"),), "PractitionerRole/cite-traitant-0"),
        ("PractitionerRole", (("practitioner", "cite-traitant"),), "PractitionerRole/cite-traitant-0"),
        ("Organization", (("identifier", f"{FINESS}|990000028"),), "Organization/lieu-ehpad"),
        ("Organization", (("name", "laboratoire fictif des exemples"),), "Organization/lieu-laboratoire"),
        ("Organization", (("type", f"{SECTEURS}|SA25"), ("address-city", "essai"), ("name:contains", "exemples")), "lieu-lab"),
        ("Organization", (("mailbox-mss", "contact@labo."),), "Organization/lieu-laboratoire"),
    ],
)
def test_search_finds_whom_its_parameters_name(
    service: AnnuaireSante, resource: str, pairs: tuple[tuple[str, str], ...], found: str
) -> None:
    reply, bundle = call(service, resource, *pairs)
    assert (reply.status, bundle["type"], bundle["total"]) == (200, "searchset", 1)
    assert found in ids(bundle)[0]
    assert call(service, f"{resource}/_search", *pairs, method="POST")[1]["total"] == 1


@pytest.mark.parametrize(
    ("resource", "pairs"),
    [
        ("Practitioner", (("family:exact", "testeur-multi"),)),
        ("Practitioner", (("family", "MULTI"),)),
        ("Practitioner", (("identifier", "https://finess.esante.gouv.fr|99700000002"),)),
        ("Practitioner", (("family", "TESTEUR-MULTI"), ("qualification-code", "60"))),
        ("Practitioner", (("_lastUpdated", "gt2026-09-15"),)),
        ("Organization", (("identifier", "123456789"),)),
    ],
)
def test_search_without_answer_is_an_empty_bundle(
    service: AnnuaireSante, resource: str, pairs: tuple[tuple[str, str], ...]
) -> None:
    reply, bundle = call(service, resource, *pairs)
    assert (reply.status, bundle["total"], "entry" in bundle) == (200, 0, False)


def test_alternatives_and_active_are_understood(service: AnnuaireSante) -> None:
    assert call(service, "Practitioner", ("identifier", "99700000001,99700000002"))[1]["total"] == 2
    active = call(service, "Practitioner", ("active", "true"))[1]["total"]
    inactive = call(service, "Practitioner", ("active", "false"))[1]["total"]
    assert (active + inactive, inactive > 0) == (5000, True)


def test_pages_of_fifty_follow_one_another(service: AnnuaireSante) -> None:
    reply, bundle = call(service, "Practitioner", ("family", "FICTIF"), ("mailbox-mss:contains", "@"))
    seen, total, pages = ids(bundle), bundle["total"], 1
    assert (len(seen), reply.facts["suivante"]) == (50, True)
    while link := next((one["url"] for one in bundle["link"] if one["relation"] == "next"), None):
        _, bundle = call(service, link)
        seen, pages = seen + ids(bundle), pages + 1
    assert len(seen) == len(set(seen)) == total
    assert pages == -(-total // 50)


def test_count_cannot_exceed_a_page(service: AnnuaireSante) -> None:
    assert len(ids(call(service, "Organization", ("_count", "200"))[1])) == 50
    assert len(ids(call(service, "Organization", ("_count", "3"))[1])) == 3


def test_inclusions_come_along(service: AnnuaireSante) -> None:
    _, bundle = call(
        service,
        "Practitioner",
        ("identifier", "99700000002"),
        ("_revinclude", "PractitionerRole:practitioner"),
    )
    assert ids(bundle, "include") == ["PractitionerRole/persona-medecin-multi-0", "PractitionerRole/persona-medecin-multi-1"]
    _, bundle = call(
        service,
        "PractitionerRole",
        ("organization", "lieu-laboratoire"),
        ("_include", "PractitionerRole:practitioner"),
        ("_include", "PractitionerRole:organization"),
    )
    assert {"Practitioner/cite-biologiste", "Organization/lieu-laboratoire"} <= set(ids(bundle, "include"))


def test_mailbox_says_its_type_and_holder(service: AnnuaireSante) -> None:
    resource = call(service, "Organization/lieu-laboratoire")[1]
    points = [p for p in resource["telecom"] if "extension" in p]
    kinds = {p["value"]: x["extension"][0] for p in points for x in p["extension"] if x["url"] == EXTENSION_BOITE}
    assert kinds[boite_de_structure("laboratoire").adresse]["valueCodeableConcept"]["coding"][0]["code"] == "ORG"
    assert resource["telecom"][0] == {"system": "email", "value": "accueil@laboratoire.invalid"}


def test_red_list_is_never_shown(service: AnnuaireSante) -> None:
    hidden = [boite.adresse for boite in annuaire().boites() if boite.liste_rouge]
    assert len(hidden) > 50
    assert "direction@labo." not in json.dumps(call(service, "Organization/lieu-laboratoire")[1])
    assert call(service, "Practitioner", ("mailbox-mss", hidden[-1]))[1]["total"] == 0


@pytest.mark.parametrize(
    ("path", "pairs", "parameter"),
    [
        ("Practitioner", (("mailbox-mss-type", "PER"),), "mailbox-mss-type"),
        ("Practitioner", (("_type", "Practitioner"),), "_type"),
        ("Practitioner", (("nom", "X"),), "nom"),
        ("Practitioner", (("family:startswith", "X"),), "family:startswith"),
        ("Practitioner", (("identifier:exact", "X"),), "identifier:exact"),
        ("Practitioner", (("family", ""),), "family"),
        ("Practitioner", (("_lastUpdated", "hier"),), "_lastUpdated"),
        ("Practitioner", (("_count", "beaucoup"),), "_count"),
        ("Practitioner", (("_count", "²"),), "_count"),
        ("Practitioner", (("_include", "Practitioner:role"),), "_include"),
        ("Organization", (("_revinclude", "PractitionerRole:practitioner"),), "_revinclude"),
        ("Organization", (("family", "X"),), "family"),
    ],
)
def test_what_the_api_does_not_know_is_refused(
    service: AnnuaireSante, path: str, pairs: tuple[tuple[str, str], ...], parameter: str
) -> None:
    reply, said = call(service, path, *pairs)
    assert (reply.status, said["resourceType"], reply.facts["parametre"]) == (400, "OperationOutcome", parameter)


@pytest.mark.parametrize(
    ("path", "method", "headers", "status"),
    [
        ("Practitioner", "GET", (), 401),
        ("Practitioner", "GET", (("ESANTE-API-KEY", "autre"),), 403),
        ("Practitioner/inconnu", "GET", KEY, 404),
        ("Patient", "GET", KEY, 404),
        ("", "POST", KEY, 404),
        ("Practitioner/cite-traitant", "PATCH", KEY, 405),
        ("?_getpages=inconnue&_getpagesoffset=50", "GET", KEY, 410),
        ("metadata", "GET", KEY, 200),
    ],
)
def test_status_of_other_calls(
    service: AnnuaireSante, path: str, method: str, headers: tuple[tuple[str, str], ...], status: int
) -> None:
    assert call(service, path.replace("?", "https://localhost/fhir/v2?"), method=method, headers=headers)[0].status == status


def test_key_in_the_address_is_a_secret(service: AnnuaireSante) -> None:
    request = Request("GET", "/fhir/v2/Practitioner?api-key=cle-annuaire-temoin", (), Body(), Connection())
    assert service.describe("annuaire", request).secrets == ("cle-annuaire-temoin",)
    assert service.handle("annuaire", request, NOW).status == 401


def test_quota_is_seventeen_calls_a_second() -> None:
    service = AnnuaireSante(Annuaire())
    statuses = [call(service, "metadata")[0].status for _ in range(18)]
    assert statuses == [200] * 17 + [429]
    assert call(service, "metadata", now=NOW + timedelta(seconds=0.2))[0].status == 200
    service.command("epuiser-quota", {})
    assert call(service, "metadata", now=NOW + timedelta(seconds=0.2))[0].status == 429


def test_orders_close_mailboxes_and_end_practices(service: AnnuaireSante) -> None:
    address = boite_personnelle(professionals()["medecin-multi"]).adresse
    service.command("fermer-boite", {"adresse": address})
    service.command("inactiver", {"correspondant": "cite-traitant"})
    assert call(service, "Practitioner", ("mailbox-mss", address))[1]["total"] == 0
    assert call(service, "PractitionerRole/cite-traitant-0")[1]["active"] is False
    assert call(service, "Practitioner", ("_id", "cite-traitant"), ("active", "true"))[1]["total"] == 0
    service.command("retablir", {})
    assert call(service, "Practitioner", ("mailbox-mss", address))[1]["total"] == 1
    for nom, arguments in (("fermer-boite", {"adresse": "a@b"}), ("inactiver", {"exercice": "x"}), ("autre", {})):
        with pytest.raises(HarnessError):
            service.command(nom, arguments)


@pytest.mark.parametrize("panne", list(AnnuaireSante(Annuaire()).pannes))
def test_every_fault_strikes_and_goes(service: AnnuaireSante, panne: str) -> None:
    pairs = (("family", "TESTEUR"),)
    before = call(service, "Practitioner", *pairs)[0]
    service.arm(panne, times=1)
    request = Request("GET", "/fhir/v2/Practitioner?family=TESTEUR", KEY, Body(), Connection())
    struck = service.handle("annuaire", request, NOW)
    if service.pannes[panne].certificate == "" and panne not in ("page-perdue",):
        assert struck.facts["panne"] == panne
        assert replace(struck, facts={}) != replace(before, facts={})
    service.disarm(panne)
    assert call(service, "Practitioner", *pairs)[0].body.read() == before.body.read()


def test_lost_page_is_gone(service: AnnuaireSante) -> None:
    _, bundle = call(service, "Practitioner", ("family", "FICTIF"))
    link = next(one["url"] for one in bundle["link"] if one["relation"] == "next")
    service.arm("page-perdue", times=1)
    assert call(service, link)[0].status == 410
