"""The DMP service through its handler: routing, store, refusals, bad input."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from dui_conformance.core.errors import HarnessError
from dui_conformance.core.exchange import Key, Reply, Request
from dui_conformance.mocks.dmp.app import Dmp
from dui_conformance.validation.mtom import split
from dui_conformance.validation.xml import parse
from lxml import etree
from samples.dmp import (
    CDA,
    ITI18,
    ITI41,
    ITI43,
    PATIENT,
    TD02,
    TD03,
    USAGER,
    Deposit,
    envelope,
    existence_body,
    find_documents,
    post,
    soap_request,
)

NOW = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)
RIM = "{urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0}"
WSA = "{http://www.w3.org/2005/08/addressing}"


@pytest.fixture
def dmp() -> Dmp:
    service = Dmp(seed=1)
    service.admit(USAGER)
    return service


def send(service: Dmp, request: Request) -> Reply:
    return service.handle("dmp", request, NOW)


def xml_of(reply: Reply) -> etree._Element:
    kind = reply.header("Content-Type")
    data = reply.body.read()
    return parse(bytes(split(data, kind).root.content) if kind.startswith("multipart") else data)


def retrieve(uid: str, repository: str = "1.2.250.1.213.4.1.1.1.2") -> Request:
    body = (
        '<RetrieveDocumentSetRequest xmlns="urn:ihe:iti:xds-b:2007"><DocumentRequest>'
        f"<RepositoryUniqueId>{repository}</RepositoryUniqueId><DocumentUniqueId>{uid}</DocumentUniqueId>"
        "</DocumentRequest></RetrieveDocumentSetRequest>"
    )
    return soap_request("/repository", ITI43, body)


def find(**options: str) -> Request:
    return soap_request("/registry", ITI18, find_documents(**options))


def test_deposit_is_stored_found_and_retrieved(dmp: Dmp) -> None:
    reply = send(dmp, Deposit().request())
    assert reply.status == 200
    assert reply.facts | {"vihf": ""} == {
        "td": "td2.1",
        "statut": "Success",
        "codes": [],
        "uniqueIds": 1,
        "stocke": True,
        "doublon": False,
        "vihf": "",
    }
    assert xml_of(reply).findtext(f".//{WSA}RelatesTo") == Deposit().message_id
    found = xml_of(send(dmp, find()))
    (entry,) = found.iter(f"{RIM}ExtrinsicObject")
    slots = {s.get("name"): s.findtext(f".//{RIM}Value") for s in entry.findall(f"{RIM}Slot")}
    assert slots["size"] == str(len(CDA))
    assert len(slots["hash"] or "") == 40
    assert entry.get("status", "").endswith("Approved")
    got = send(dmp, retrieve("1.2.250.1.999.7.1"))
    assert list(split(got.body.read(), got.header("Content-Type")).attachments.values()) == [CDA]


def test_document_sent_twice_is_refused_as_duplicate(dmp: Dmp) -> None:
    send(dmp, Deposit().request())
    again = send(dmp, Deposit().request())
    assert (again.facts["statut"], again.facts["codes"], again.facts["doublon"]) == (
        "Failure",
        ["XDSDuplicateUniqueIdInRegistry"],
        True,
    )
    assert not again.facts["stocke"]
    other = send(dmp, Deposit(set_uid="1.2.250.1.999.8.2", content=b"<autre/>").request())
    assert other.facts["codes"] == ["XDSDuplicateUniqueIdInRegistry", "XDSNonIdenticalHash"]


def test_lost_answer_leaves_the_document_stored(dmp: Dmp) -> None:
    dmp.arm("reponse-perdue", times=1, target="dmp.td2.1")
    lost = send(dmp, Deposit().request())
    assert lost.delivery.close
    assert lost.facts["stocke"]
    assert send(dmp, Deposit().request()).facts["doublon"]


@pytest.mark.parametrize(
    ("deposit", "code"),
    [
        (Deposit(href="cid:absent"), "XDSMissingDocument"),
        (Deposit(document_id="Autre"), "XDSMissingDocument"),
        (Deposit(uid=""), "XDSRegistryMetadataError"),
        (Deposit(set_uid=""), "XDSRegistryMetadataError"),
        (
            Deposit(patient="1000000000000^^^&amp;1&amp;ISO^NH", set_patient="1000000000000^^^&amp;1&amp;ISO^NH"),
            "XDSUnknownPatientId",
        ),
        (Deposit(set_patient="279035121518988^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH"), "XDSPatientIdDoesNotMatch"),
        (Deposit(patient="279035121518989^^^&amp;1.2.250.1.213.1.4.8&amp;ISO^NH"), "XDSUnknownPatientId"),
        (Deposit(rplc="urn:uuid:inconnu"), "XDSRegistryMetadataError"),
    ],
)
def test_impossible_deposit_is_refused_with_its_code(dmp: Dmp, deposit: Deposit, code: str) -> None:
    reply = send(dmp, deposit.request())
    assert code in reply.facts["codes"]
    assert xml_of(reply).find(".//{urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0}RegistryError") is not None
    assert not dmp.store.entries


def test_date_after_a_patient_identifier_makes_no_other_patient(dmp: Dmp) -> None:
    assert send(dmp, Deposit(patient=f"{PATIENT}^^20260401").request()).facts["statut"] == "Success"


def test_identifier_case_of_document_may_differ(dmp: Dmp) -> None:
    assert send(dmp, Deposit(document_id="doc01").request()).facts["statut"] == "Success"


def test_replaced_entry_is_deprecated_once(dmp: Dmp) -> None:
    send(dmp, Deposit().request())
    (old,) = dmp.store.entries.values()
    second = Deposit(uid="1.2.250.1.999.7.2", set_uid="1.2.250.1.999.8.2", rplc=old.entry_uuid)
    replaced = send(dmp, second.request())
    assert (replaced.facts["statut"], replaced.facts["cibles"]) == ("Success", {old.entry_uuid: old.unique_id})
    assert send(dmp, find()).facts["resultats"] == 1
    third = replace(second, uid="1.2.250.1.999.7.3", set_uid="1.2.250.1.999.8.3")
    assert send(dmp, third.request()).facts["codes"] == ["XDSRegistryDeprecatedDocumentError"]


def test_stored_queries_filter_and_refuse(dmp: Dmp) -> None:
    send(dmp, Deposit().request())
    slot = '<Slot name="$XDSDocumentEntry{}"><ValueList><Value>{}</Value></ValueList></Slot>'
    assert send(dmp, find(extra=slot.format("ClassCode", "('52^^1.2.250.1.213.1.1.4.1')"))).facts["resultats"] == 1
    assert send(dmp, find(extra=slot.format("ClassCode", "('10^^1.2.250.1.213.1.1.4.1')"))).facts["resultats"] == 0
    get = "5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
    assert send(dmp, find(query=get, extra=slot.format("UniqueId", "('1.2.250.1.999.7.1')"))).facts["resultats"] == 1
    assert send(dmp, find(query=get)).facts["codes"] == ["XDSStoredQueryMissingParam"]
    assert send(dmp, find(query="00000000-0000-0000-0000-000000000000")).facts["codes"] == ["XDSUnknownStoredQuery"]


def test_retrieval_of_unknown_document_is_still_multipart(dmp: Dmp) -> None:
    reply = send(dmp, retrieve("1.2.3"))
    assert reply.facts["codes"] == ["XDSDocumentUniqueIdError"]
    assert reply.header("Content-Type").startswith("multipart/related")
    assert send(dmp, retrieve("1.2.3", "9.9")).facts["codes"] == ["XDSUnknownRepositoryId"]


def test_existence_test_tells_open_closed_and_absent(dmp: Dmp) -> None:
    request = soap_request("/patients", TD02, existence_body())
    hl7 = "{urn:hl7-org:v3}"
    reply = send(dmp, request)
    answer = xml_of(reply)
    assert reply.facts["statut"] == "OK"
    assert [k.get("code") for k in answer.iter(f"{hl7}keyWordText")] == ["AUTORISATION", "STATUT_MT"]
    assert answer.find(f".//{hl7}acknowledgement/{hl7}targetMessage/{hl7}id").get("extension") == "a1"  # type: ignore[union-attr]
    dmp.command("autorisation", {"matricule": USAGER.matricule, "valeur": "VALIDE"})
    dmp.command("fermer-dmp", {"matricule": USAGER.matricule})
    closed = send(dmp, request)
    assert (closed.facts["statut"], closed.facts["autorisation"]) == ("FERME", "VALIDE")
    assert b"terminated" in closed.body.read()
    dmp.admit(replace(USAGER, dmp="absent"))
    assert send(dmp, request).facts["statut"] == "NF"


def test_deposit_in_a_closed_dmp_is_refused(dmp: Dmp) -> None:
    dmp.admit(replace(USAGER, dmp="ferme"))
    assert send(dmp, Deposit().request()).facts["codes"] == ["XDSUnknownPatientId"]


def test_administrative_data_are_not_served(dmp: Dmp) -> None:
    request = soap_request("/patients", TD02, existence_body(reason="CNSLT_DATA"))
    assert dmp.describe("dmp", request).kind == "dmp.inconnu"
    reply = send(dmp, request)
    assert (reply.status, reply.facts["statut"]) == (500, "Fault")
    assert "non servie" in reply.facts["motif"]


def test_unknown_action_is_described_by_the_body_and_refused(dmp: Dmp) -> None:
    request = soap_request("/patients", "urn:action:inconnue", existence_body())
    assert dmp.describe("dmp", request).kind == "dmp.td0.2"
    assert dmp.describe("dmp", soap_request("/patients", "urn:action:inconnue", "<autre/>")).kind == "dmp.inconnu"
    assert "action inconnue" in str(send(dmp, request).facts["motif"])


def test_authorisation_is_recorded_then_removed(dmp: Dmp) -> None:
    for action, state in (("AJOUT", "VALIDE"), ("SUPPRESSION", "NON_EXISTE")):
        body = f"<setAuthorization xmlns='urn:si-dmp-habilitations'><action>{action}</action></setAuthorization>"
        request = soap_request("/habilitations", TD03, body)
        assert dmp.describe("dmp", request).kind == "dmp.td0.3"
        reply = send(dmp, request)
        assert (reply.facts["statut"], b"DMPOk" in reply.body.read()) == ("DMPOk", True)
        assert send(dmp, soap_request("/patients", TD02, existence_body())).facts["autorisation"] == state


def test_description_carries_correlation_keys(dmp: Dmp) -> None:
    found = dmp.describe("dmp", Deposit().request())
    assert found.kind == "dmp.td2.1"
    assert set(found.keys) == {Key("ins", USAGER.matricule), Key("ps", "899700000001"), Key("uid", "1.2.250.1.999.7.1")}
    assert dmp.describe("dmp", soap_request("/patients", TD02, existence_body())).keys[0] == Key("ins", USAGER.matricule)


SOAP = "application/soap+xml"
BOMB = b'<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>'
XXE = b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>'


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (post("/repository", BOMB, SOAP), 400),
        (post("/repository", XXE, SOAP), 400),
        (post("/repository", b"", SOAP), 400),
        (post("/repository", b"{}", "application/json"), 400),
        (post("/repository", Deposit().mtom()[1][:-20], Deposit().mtom()[0]), 400),
        (post("/repository", Deposit().mtom()[1], "multipart/related"), 400),
        (post("/registry", envelope(ITI18, "").encode("utf-16"), SOAP + "; charset=utf-16"), 415),
        (post("/repository", envelope(ITI41, "é").encode("latin-1"), SOAP), 400),
        (post("/repository", envelope(ITI41, "").encode(), SOAP), 200),
        (post("/registry", envelope(ITI18, "").encode(), SOAP), 200),
        (post("/patients", envelope(TD02, "").encode(), SOAP), 200),
        (post("/repository", envelope(ITI43, "").encode(), SOAP), 200),
        (post("/repository", envelope("", "").encode(), SOAP), 500),
        (post("/patients", envelope(ITI41, "").encode(), SOAP), 500),
        (replace(post("", b"x", SOAP), target="/ailleurs"), 400),
        (replace(post("", envelope(ITI41, "").encode(), SOAP), target="/ailleurs"), 404),
        (replace(post("/registry", b"", SOAP), method="GET"), 405),
        (post("/repository", envelope(ITI41, "").replace("2003/05/soap-envelope", "2099/12").encode(), SOAP), 500),
    ],
)
def test_bad_input_gets_a_clean_protocol_answer(dmp: Dmp, request_: Request, status: int) -> None:
    assert dmp.describe("dmp", request_).kind.startswith("dmp.")
    reply = send(dmp, request_)
    assert reply.status == status
    assert xml_of(reply).tag == "{http://www.w3.org/2003/05/soap-envelope}Envelope"
    assert reply.facts["td"]


@pytest.mark.parametrize(
    ("panne", "expected"),
    [
        ("indisponible-metier", ["XDSRepositoryBusy"]),
        ("erreur-entrepot", ["XDSRepositoryError"]),
        ("dmp-inconnu", ["XDSUnknownPatientId"]),
        ("acces-refuse", ["DMPAccessDeniedByRightsService"]),
        ("certificat-vihf-refuse", ["DMPInvalidCertificate"]),
    ],
)
def test_refusing_fault_stores_nothing_then_service_recovers(dmp: Dmp, panne: str, expected: list[str]) -> None:
    dmp.arm(panne, times=1)
    reply = send(dmp, Deposit().request())
    assert (reply.facts["codes"], reply.facts["panne"]) == (expected, panne)
    assert not dmp.store.entries
    assert send(dmp, Deposit().request()).facts["stocke"]


@pytest.mark.parametrize("panne", ["indisponible-metier", "erreur-entrepot", "dmp-inconnu", "acces-refuse"])
@pytest.mark.parametrize("request_", [soap_request("/patients", TD02, existence_body()), find(), post("/patients", b"<", SOAP)])
def test_refusing_fault_answers_any_request(dmp: Dmp, panne: str, request_: Request) -> None:
    dmp.arm(panne, times=1)
    assert xml_of(send(dmp, request_)).tag.endswith("Envelope")


def test_answer_faults_change_only_the_answer(dmp: Dmp) -> None:
    dmp.arm("relatesto-faux", times=1)
    wrong = send(dmp, Deposit().request())
    assert xml_of(wrong).findtext(f".//{WSA}RelatesTo") != Deposit().message_id
    dmp.arm("relatesto-absent", times=1)
    assert xml_of(send(dmp, find())).find(f".//{WSA}RelatesTo") is None
    dmp.arm("reponse-multipart", times=1)
    assert send(dmp, find()).header("Content-Type").startswith("multipart/related")
    dmp.arm("mtom-tronque", times=1)
    with pytest.raises(ValueError, match="tronqué"):
        xml_of(send(dmp, find()))


def test_strict_mode_refuses_an_unsigned_vihf() -> None:
    service = Dmp(strict=True)
    service.admit(USAGER)
    assert send(service, Deposit().request()).facts["codes"] == ["DMPInvalidCertificate"]


@pytest.mark.parametrize(
    ("nom", "arguments"),
    [
        ("inconnu", {}),
        ("fermer-dmp", {"matricule": "1"}),
        ("autorisation", {"matricule": USAGER.matricule, "valeur": "PEUT-ETRE"}),
    ],
)
def test_wrong_order_is_a_harness_error(dmp: Dmp, nom: str, arguments: dict[str, str]) -> None:
    with pytest.raises(HarnessError):
        dmp.command(nom, arguments)


def test_soap_1_1_caller_gets_a_soap_1_1_answer(dmp: Dmp) -> None:
    old = envelope(ITI18, find_documents()).replace(
        "http://www.w3.org/2003/05/soap-envelope", "http://schemas.xmlsoap.org/soap/envelope/"
    )
    assert (
        xml_of(send(dmp, post("/registry", old.encode(), "text/xml"))).tag
        == "{http://schemas.xmlsoap.org/soap/envelope/}Envelope"
    )
    bad = post("/ailleurs", old.encode(), "text/xml")
    fault = send(dmp, bad)
    assert b"faultcode" in fault.body.read()
    assert fault.header("Content-Type").startswith("text/xml")


def test_client_that_fetches_a_wsdl_makes_no_deposit(dmp: Dmp) -> None:
    wsdl = replace(post("/repository?wsdl", b"", ""), method="GET")
    assert dmp.describe("dmp", wsdl).kind == "dmp.wsdl"
    assert send(dmp, wsdl).status == 200
    other = replace(wsdl, target="/si-dmp-server/v2/services/repository?xsd=1")
    assert dmp.describe("dmp", other).kind == "dmp.inconnu"
    assert send(dmp, other).status == 405


def test_two_services_of_one_seed_answer_alike() -> None:
    one, two = Dmp(seed=7), Dmp(seed=7)
    for service in (one, two):
        service.admit(USAGER)
    assert send(one, Deposit().request()).body.read() == send(two, Deposit().request()).body.read()


def strict_codes(monkeypatch: pytest.MonkeyPatch, request: Request) -> Reply:
    monkeypatch.setattr("dui_conformance.mocks.dmp.app.vihf_error", lambda message: "")
    service = Dmp(strict=True)
    service.admit(USAGER)
    return send(service, request)


def test_strict_mode_refuses_missing_metadata_and_contradictions(monkeypatch: pytest.MonkeyPatch) -> None:
    reply = strict_codes(monkeypatch, Deposit().request())
    assert reply.facts["codes"] == ["XDSRepositoryMetadataError", "InvalidDocumentContent"]
    told = reply.body.read().decode()
    for name in ("submissionTime", "contentTypeCode", "sourceId", "author", "formatCode", "creationTime"):
        assert f"obligatoire absente : {name}" in told
    assert "uniqueId différent de ClinicalDocument/id" in told


def test_strict_mode_reads_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    told = strict_codes(monkeypatch, Deposit(content=b"<pas fini").request()).body.read().decode()
    assert "document illisible" in told
    same = Deposit(
        content=b"<ClinicalDocument xmlns='urn:hl7-org:v3'><id root='1.2.250.1.999.7.1'/><code code='1-1'/></ClinicalDocument>"
    )
    told = strict_codes(monkeypatch, same.request()).body.read().decode()
    assert "typeCode différent" in told
    assert "uniqueId différent" not in told


def test_strict_mode_compares_hash_and_size(monkeypatch: pytest.MonkeyPatch) -> None:
    kind, raw = Deposit().mtom()
    slot = b'<Slot name="%s"><ValueList><Value>%s</Value></ValueList></Slot>'
    wrong = raw.replace(
        b'<Slot name="languageCode">', slot % (b"hash", b"0") + slot % (b"size", b"1") + b'<Slot name="languageCode">'
    )
    told = strict_codes(monkeypatch, post("/repository", wrong, kind)).body.read().decode()
    assert "hash différent" in told
    assert "size différent" in told
