"""The simulated ViaTrajectoire: five flows, tokens over mutual TLS, what is refused and how, provisional order of statuses."""

from __future__ import annotations

import base64
import json

import pytest
from dui_conformance.core.errors import HarnessError
from dui_conformance.core.exchange import Exchange
from dui_conformance.validation.fhir.context import FhirPackages
from dui_conformance.validation.sdo.event import EsmsEvent
from lxml import etree
from samples.viatrajectoire import AUTRE, answer, consent, given, play, reply_of, status, task

IG = "https://interop.esante.gouv.fr/ig/fhir/sdo/StructureDefinition/"


def errors(data: bytes, profile: str) -> list[str]:
    outcome = FhirPackages().validator.validate(data, (f"{IG}{profile}",))
    return [f"{issue.path} {issue.message}" for issue in outcome.errors]


def refusal(exchange: Exchange) -> tuple[int, str]:
    body = answer(exchange)
    assert body["resourceType"] == "OperationOutcome"
    assert "provisoire" in body["issue"][0]["diagnostics"]
    return reply_of(exchange).status, body["issue"][0]["code"]


def test_token_lists_the_establishments() -> None:
    got = answer(play().ask_token())
    assert (got["token_type"], got["expires_in"]) == ("Bearer", 3600)
    claims = json.loads(base64.urlsafe_b64decode(got["access_token"].split(".")[1] + "=="))
    assert (claims["finess_ej"], claims["finess_eg"]) == ("990000010", ["990000036"])


def test_token_may_be_opaque_or_short() -> None:
    p = play()
    p.service.command("jetons", {"duree": 60, "forme": "opaque"})
    got = answer(p.ask_token())
    assert got["expires_in"] == 60
    assert "." not in got["access_token"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"der": b""}, (401, "invalid_client")),
        ({"der": b"pas un certificat"}, (401, "invalid_client")),
        ({"client_id": "inconnu"}, (401, "invalid_client")),
        ({"client_secret": "faux"}, (401, "invalid_client")),
        ({"client_secret": ""}, (401, "invalid_client")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type")),
        ({"grant_type": ""}, (400, "unsupported_grant_type")),
    ],
)
def test_token_is_refused(changes: dict, expected: tuple[int, str]) -> None:  # type: ignore[type-arg]
    exchange = play().ask_token(**changes)
    assert (reply_of(exchange).status, answer(exchange)["error"]) == expected


def test_token_is_refused_to_another_structure() -> None:
    assert reply_of(play().ask_token(der=AUTRE())).status == 401


def test_client_may_come_in_basic() -> None:
    header = base64.b64encode(b"dui-temoin-sdo:secret-de-test").decode()
    form = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Basic {header}"}
    assert reply_of(play().raw("POST", "/token", headers=form, body=b"grant_type=client_credentials")).status == 200


@pytest.mark.parametrize(
    ("headers", "der", "expected"),
    [
        ({}, b"", (401, "login")),
        ({"Authorization": ""}, None, (401, "login")),
        ({"Authorization": "Bearer inconnu"}, None, (401, "login")),
        ({"struct_idnat": ""}, None, (400, "required")),
        ({"struct_idnat": "990000036"}, None, (403, "forbidden")),
        ({"struct_idnat": "1990000044"}, None, (403, "forbidden")),
    ],
)
def test_call_is_refused(headers: dict, der: bytes | None, expected: tuple[int, str]) -> None:  # type: ignore[type-arg]
    assert refusal(play().call("GET", "/Task?_lastUpdated=gt2026-11-01T00:00:00Z", der=der, **headers)) == expected


def test_certificate_of_another_structure_is_forbidden() -> None:
    assert refusal(play().call("GET", "/Task", der=AUTRE())) == (403, "forbidden")


def test_token_ends() -> None:
    p = play()
    p.notifications()
    p.later(seconds=3601)
    assert refusal(p.notifications()) == (401, "login")


def test_search_gives_identifiers_then_the_document_is_read() -> None:
    p = play()
    person = p.notify()
    found = answer(p.decisions())
    assert (found["type"], found["total"]) == ("searchset", 1)
    assert set(found["entry"][0]["resource"]) == {"resourceType", "id"}
    read = p.read()
    assert errors(reply_of(read).body.read(), "esms-document-reference") == []
    root = etree.fromstring(base64.b64decode(answer(read)["content"][0]["attachment"]["data"]))
    names = {"v3": "urn:hl7-org:v3", "sdo": "urn:cnsaSDO"}
    assert root.findtext(".//v3:patient/v3:name/v3:family", None, names) == person.nom_naissance
    assert root.find(".//sdo:droitPrestation/sdo:dateEcheanceDuDroit", names) is not None
    assert "FICTIF" in "".join(root.itertext())


def test_document_is_the_same_in_xml() -> None:
    p = play()
    p.notify()
    path = f"/DocumentReference/{answer(p.decisions())['entry'][0]['resource']['id']}"
    body = reply_of(p.call("GET", path, Accept="application/fhir+xml")).body.read()
    assert body.startswith(b"<?xml")
    assert errors(body, "esms-document-reference") == []


def test_bare_plus_is_an_invalid_instant() -> None:
    p = play()
    refused = p.call("GET", "/Task?_lastUpdated=gt2026-11-01T00:00:00+01:00")
    assert refusal(refused) == (400, "invalid")
    assert refused.request is not None
    assert refused.request.query.endswith("+01:00")
    assert reply_of(p.call("GET", "/Task?_lastUpdated=gt2026-11-01T00:00:00%2B01:00")).status == 200


@pytest.mark.parametrize("instant", ["gt2026-11-01", "zz2026-11-01T00:00:00Z", "gt2026-13-01T00:00:00Z", "", "gthier"])
def test_what_is_no_instant_is_refused(instant: str) -> None:
    assert refusal(play().call("GET", f"/Task?_lastUpdated={instant}")) == (400, "invalid")


def test_only_what_changed_since_is_found() -> None:
    p = play()
    p.notify(age_heures=48)
    assert answer(p.decisions())["total"] == 0
    p.notify()
    assert answer(p.decisions())["total"] == 1


def test_decision_of_another_establishment_is_not_shown() -> None:
    p = play()
    p.notify(ailleurs=True)
    assert answer(p.decisions())["total"] == 0
    (ident,) = p.service.registre.decisions
    assert refusal(p.call("GET", f"/DocumentReference/{ident}")) == (403, "forbidden")
    assert refusal(p.call("GET", "/DocumentReference/inconnu")) == (404, "not-found")


def test_pages_follow_one_another() -> None:
    p = play()
    for _ in range(3):
        p.notify()
    p.service.command("page", {"taille": 2})
    first = answer(p.decisions())
    (following,) = [link["url"] for link in first["link"] if link["relation"] == "next"]
    second = answer(p.call("GET", following.removeprefix("https://localhost:2009/fhir")))
    assert [len(page["entry"]) for page in (first, second)] == [2, 1]
    assert not [link for link in second["link"] if link["relation"] == "next"]


def test_evaluation_waits_for_the_consent() -> None:
    p = play()
    p.notify()
    national, mdph = p.decision()
    assert refusal(p.call("GET", f"/DocumentReference?identifier={national}&type=51848-0")) == (403, "forbidden")
    assert answer(p.call("GET", f"/DocumentReference?identifier={mdph}&type=51848-0"))["total"] == 0
    given_ = p.call("POST", "/Consent", consent(national))
    assert reply_of(given_).status == 201
    assert reply_of(given_).header("Location").startswith("https://localhost:2009/fhir/Consent/")
    found = answer(p.call("GET", f"/DocumentReference?identifier={national}&type=51848-0"))
    assert found["total"] == 1
    assert errors(json.dumps(found["entry"][0]["resource"]).encode(), "esms-document-reference") == []


def test_consent_of_an_unknown_decision_is_refused() -> None:
    assert refusal(play().call("POST", "/Consent", consent("inconnue"))) == (422, "business-rule")


def test_event_changes_the_status_and_is_known_when_it_comes_again() -> None:
    p = play()
    p.notify()
    decision = p.decision()
    first = p.call("POST", "/Task", task(*decision))
    assert reply_of(first).status == 201
    assert (first.facts["statut_avant"], first.facts["identique"]) == ("39", False)
    again = p.call("POST", "/Task", task(*decision))
    assert (again.facts["statut_avant"], again.facts["identique"]) == ("40", True)


def test_event_in_xml_is_read() -> None:
    p = play()
    p.notify()
    national, mdph = p.decision()
    from dui_conformance.mocks.viatrajectoire.fhir_xml import to_xml

    sent = p.call(
        "POST", "/Task", to_xml(task(national, mdph)), Content_Type="application/fhir+xml", Accept="application/fhir+xml"
    )
    assert reply_of(sent).status == 201
    assert sent.view(EsmsEvent).said.id_nat == national
    assert errors(reply_of(sent).body.read(), "esms-task") == []


@pytest.mark.parametrize(
    ("body", "content", "expected"),
    [
        (b"{}", "application/fhir+json", (400, "structure")),
        (b"{", "application/fhir+json", (400, "structure")),
        (b"[" * 5000, "application/fhir+json", (400, "structure")),
        (b"<a/>", "application/fhir+xml", (400, "structure")),
        (b'{"resourceType": "Patient"}', "application/fhir+json", (400, "invalid")),
        (b'{"resourceType": "Task"}', "application/fhir+json", (422, "business-rule")),
        (b"{}", "text/plain", (415, "not-supported")),
    ],
)
def test_bad_body_is_refused(body: bytes, content: str, expected: tuple[int, str]) -> None:
    assert refusal(play().call("POST", "/Task", body, Content_Type=content)) == expected


@pytest.mark.parametrize(
    ("method", "path", "status"), [("PUT", "/Task/1", 405), ("DELETE", "/Task/1", 405), ("GET", "/Patient", 404)]
)
def test_what_is_no_flow_is_refused(method: str, path: str, status: int) -> None:
    refused = play().call(method, path)
    assert refused.kind == "viatrajectoire.inconnu"
    assert refusal(refused) == (status, "not-supported")


@pytest.mark.parametrize(
    ("more", "accepted"),
    [
        ((), True),
        ((status("motifESMS", "112"),), False),
        ((given("idUnite", valueIdentifier={"value": "u"}), status("statutUnite", "188")), False),
    ],
)
def test_strict_service_refuses_wrong_reasons(more: tuple, accepted: bool) -> None:  # type: ignore[type-arg]
    p = play(strict=True)
    p.notify()
    national, mdph = p.decision()
    assert (reply_of(p.call("POST", "/Task", task(national, mdph, *more))).status == 201) is accepted


def test_strict_service_refuses_missing_and_unknown_parameters_but_never_an_order_of_statuses() -> None:
    p = play(strict=True)
    p.notify()
    assert refusal(p.call("GET", "/DocumentReference?type=57830-2")) == (400, "required")
    assert refusal(p.decisions(extra="&_count=2")) == (400, "invalid")
    assert reply_of(p.call("POST", "/Task", task(*p.decision(), code="48"))).status == 201


def test_events_of_elsewhere_follow_the_profile() -> None:
    p = play()
    person = p.notify()
    p.service.command("evenement", {"usager": person.id, "statut": "47", "ailleurs": True})
    p.service.command("evenement", {"usager": person.id, "statut": "49", "motif": "124"})
    found = p.notifications()
    assert answer(found)["total"] == 2
    assert errors(reply_of(found).body.read(), "esms-bundle-resultat-recherche-notification-esms") == []
    one = answer(found)["entry"][0]["resource"]["id"]
    assert answer(p.call("GET", f"/Task/{one}"))["id"] == one


def test_closed_exchange_is_forbidden() -> None:
    p = play()
    p.service.command("mode", {"mode": "ferme"})
    assert refusal(p.decisions()) == (403, "forbidden")


def test_capabilities_need_no_token() -> None:
    got = answer(play().raw("GET", "/fhir/metadata"))
    assert {r["type"] for r in got["rest"][0]["resource"]} == {"Consent", "DocumentReference", "Task"}


@pytest.mark.parametrize(
    ("nom", "arguments"),
    [
        ("inconnu", {}),
        ("notifier", {}),
        ("notifier", {"usager": "personne"}),
        ("mode", {"mode": "autre"}),
        ("jetons", {"forme": "saml"}),
        ("page", {"taille": "beaucoup"}),
    ],
)
def test_wrong_order_is_an_error_of_the_harness(nom: str, arguments: dict) -> None:  # type: ignore[type-arg]
    with pytest.raises(HarnessError):
        play().service.command(nom, arguments)


def test_each_fault_changes_something() -> None:
    """Every misbehaviour of its own strikes one of the flows, and says its name."""
    for nom in [n for n, panne in play().service.pannes.items() if not panne.certificate]:
        p = play()
        person = p.notify()
        p.notify()
        national, mdph = p.decision()
        p.call("POST", "/Consent", consent(national))
        p.service.command("evenement", {"usager": person.id, "statut": "47", "ailleurs": True})
        p.service.command("evenement", {"usager": person.id, "statut": "49", "motif": "124"})
        p.service.arm(nom, times=None)
        seen = [p.ask_token(), p.decisions(), p.notifications(), p.call("POST", "/Task", task(national, mdph))]
        seen += [p.call("GET", f"/DocumentReference/{i}") for i in p.service.registre.decisions]
        seen.append(p.call("GET", f"/DocumentReference?identifier={national}&type=51848-0"))
        assert any(e.facts.get("panne") == nom for e in seen), nom
