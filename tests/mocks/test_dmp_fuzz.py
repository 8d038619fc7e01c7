"""Malformed SOAP, MTOM and SAML against the DMP, in process: each is answered, by a fault when it cannot be read; nothing breaks.

Bounded in CI; ``-m long``: 100,000 inputs. Three families: bytes of whole messages edited at random, XML trees with nodes moved,
doubled, renamed or emptied, and values of the VIHF and of the parameters replaced by hostile texts.
"""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Callable
from functools import cache

import pytest
from dui_conformance.core.exchange import Body, Reply, Request
from dui_conformance.mocks.dmp.app import Dmp
from dui_conformance.validation.mtom import MtomError, split
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from samples.abime import regrafted, spoilt
from samples.dmp import (
    ITI18,
    ITI43,
    ITI57,
    TD02,
    TD03,
    TD04,
    USAGER,
    Deposit,
    existence_body,
    find_documents,
    retrieve_body,
    soap_request,
    status_body,
    vihf,
    visibility_body,
)
from samples.dmp_garni import NOW, body
from samples.vihf import signed
from samples.xds import deposit

EXAMPLES, LONG = 150, 100_000
PATIENCE = 5.0
"""Seconds that one answer may take: far more than it needs, far less than a hang."""
_UUID = "urn:uuid:11111111-2222-4333-8444-555555555555"
HOSTILE = (
    *("", " ", "'", "''", "(", "('", "^" * 300, "&" * 300, "~|\\", "&amp;", "\ufffd", "\u202e", "٣", "-1", "NaN", "9" * 5000),
    *(
        "%" * 400,
        "_" * 400,
        "'%" + "a%" * 200 + "'",
        "1.2.3" * 100,
        "urn:uuid:",
        "urn:uuid:" + "0" * 500,
        "../../etc/passwd",
        "é" * 1000,
    ),
)
TOKENS = (
    *(b"<", b">", b"&", b'"', b"'", b"\x00", b"\xff", b"\xc3", b"]]>", b"<!DOCTYPE x>", b"<!--", b"--", b"\r\n", b"\r\n\r\n"),
    *(b"cid:", b"%zz", b"^^^", b"{", b"}", b"\xef\xbb\xbf", b"xmlns=''", b"9" * 60, b"--limite-dui", b"--limite-dui--", b"<x:"),
    b"</s:Body>",
)


@cache
def messages() -> tuple[Request, ...]:
    """A right message of each transaction."""
    whole = deposit().http
    return (
        whole,
        Deposit().request(),
        soap_request("/patients", TD02, existence_body(), vihf=signed()),
        soap_request("/habilitations", TD03, "<a xmlns='urn:si-dmp-habilitations'><action>AJOUT</action></a>", vihf=vihf()),
        soap_request("/patientsSpecific", TD04, "<a><startDate>20260101000000</startDate></a>", vihf=vihf()),
        soap_request("/registry", ITI18, find_documents(), vihf=vihf()),
        soap_request("/repository", ITI43, retrieve_body("1.2.3.1", "9.9"), vihf=vihf()),
        soap_request("/registry", ITI57, status_body(_UUID, "urn:asip:ci-sis:2010:StatusType:Deleted"), vihf=vihf()),
        soap_request("/registry", ITI57, visibility_body(_UUID, "1.2.3.1", "MASQUE_PS"), vihf=vihf()),
    )


@cache
def service(*, strict: bool = False) -> Dmp:
    """One DMP for all inputs: what one leaves behind may not break the next."""
    made = Dmp(seed=1, strict=strict)
    made.admit(USAGER)
    made.command("autorisation", {"matricule": USAGER.matricule, "valeur": "VALIDE"})
    made.command(
        "ajouter-document", {"matricule": USAGER.matricule, "unique_id": "1.2.3.1", "type": "prescription", "date": "2026-01-10"}
    )
    return made


def sent(request: Request, data: bytes, kind: str | None = None, *, strict: bool = False) -> Reply:
    """The answer to a request with this body: in time, an HTTP answer whose body is a SOAP envelope."""
    headers = request.headers if kind is None else (("Content-Type", kind),)
    one = Request(request.method, request.target, headers, Body(data), request.connection)
    began = time.monotonic()
    assert service(strict=strict).describe("dmp", one).kind.startswith("dmp.")
    reply = service(strict=strict).handle("dmp", one, NOW)
    assert time.monotonic() - began < PATIENCE
    assert reply.status in (200, 400, 404, 405, 413, 415, 500)
    root = body(reply)
    assert etree.QName(root).localname == "Envelope"
    assert reply.facts["td"]
    if reply.status != 200:
        assert root.find(".//{*}Fault") is not None
        assert reply.facts["motif"]
    return reply


def in_envelope(request: Request, change: Callable[[bytes], bytes]) -> bytes:
    """The message with its envelope changed, the rest of its body as it was."""
    data = request.body.read()
    start, end = data.index(b"<s:Envelope"), data.index(b"</s:Envelope>") + len(b"</s:Envelope>")
    return data[:start] + change(data[start:end]) + data[end:]


def bytes_of(seed: int, *, strict: bool = False) -> None:
    """One message edited byte by byte."""
    draw = random.Random(seed)
    request = draw.choice(messages())
    kind = request.header("Content-Type")
    if draw.random() < 0.15:
        kind = spoilt(kind.encode(), draw, TOKENS).decode("latin-1")
    sent(request, spoilt(request.body.read(), draw, TOKENS), kind, strict=strict)


def trees_of(seed: int, *, strict: bool = False) -> None:
    """One message whose tree is changed."""
    draw = random.Random(seed)
    request = draw.choice(messages())
    sent(request, in_envelope(request, lambda data: regrafted(data, draw, HOSTILE)), strict=strict)


FAMILIES: dict[str, Callable[..., None]] = {"octets": bytes_of, "arbres": trees_of}


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), strict=st.booleans())
def test_any_message_is_answered(family: str, seed: int, strict: bool) -> None:
    FAMILIES[family](seed, strict=strict)


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    data=st.binary(max_size=300),
    kind=st.sampled_from(["application/soap+xml", "multipart/related; boundary=b", "", "text/xml; charset=x"]),
)
def test_any_bytes_are_answered_by_a_fault(data: bytes, kind: str) -> None:
    assert sent(messages()[1], data, kind).facts["statut"] == "Fault"


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=200),
    st.sampled_from(["PatientId", "Status", "AuthorPerson", "CreationTimeFrom", "TypeCode"]),
)
def test_any_parameter_is_answered(text: str, name: str) -> None:
    slot = etree.Element("Slot", name=f"$XDSDocumentEntry{name}")
    etree.SubElement(etree.SubElement(slot, "ValueList"), "Value").text = text
    extra = etree.tostring(slot, encoding="unicode")
    request = soap_request("/registry", ITI18, find_documents(extra=extra), vihf=vihf())
    assert sent(request, request.body.read()).status == 200


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_answered_in_every_message(text: str) -> None:
    def replaced(envelope: bytes) -> bytes:
        root = etree.fromstring(envelope)
        for node in root.iter("{*}AttributeValue", "{*}NameID", "{*}Value", "{*}action", "{*}startDate", "{*}DocumentUniqueId"):
            node.text = text
        for node in root.iter("{*}ExternalIdentifier", "{*}Association", "{*}ExtrinsicObject"):
            for name in node.attrib:
                node.set(name, text)
        return etree.tostring(root)

    for request in messages():
        sent(request, in_envelope(request, replaced))


def test_a_header_that_xml_cannot_quote_is_answered() -> None:
    request = messages()[1]
    reply = sent(request, request.body.read(), "application/soap+xml; charset=\x01\x02")
    assert reply.status == 415


@pytest.mark.parametrize("strict", [False, True])
def test_an_assertion_without_canonical_form_is_answered(strict: bool) -> None:
    relative = signed().replace("<saml:Subject>", '<saml:Subject xmlns:r="relatif">')
    request = soap_request("/patients", TD02, existence_body(), vihf=relative)
    reply = sent(request, request.body.read(), strict=strict)
    assert reply.facts["codes"] == (["DMPInvalidCertificate"] if strict else [])


@pytest.mark.parametrize("strict", [False, True])
def test_a_certificate_of_an_unknown_kind_of_key_is_answered(strict: bool) -> None:
    assertion = etree.fromstring(signed())
    carried = assertion.find(".//{*}X509Certificate")
    assert carried is not None
    rsa_key, unknown = bytes.fromhex("2a864886f70d010101"), bytes.fromhex("2a864886f70d017f01")
    der = base64.b64decode("".join((carried.text or "").split())).replace(rsa_key, unknown)
    carried.text = base64.b64encode(der).decode()
    request = soap_request("/patients", TD02, existence_body(), vihf=etree.tostring(assertion, encoding="unicode"))
    reply = sent(request, request.body.read(), strict=strict)
    assert "certificat" in (reply.facts["motif"] if strict else reply.facts["vihf"])


def test_the_service_still_serves_after_all_that() -> None:
    fresh = Deposit(uid="1.2.6.1", set_uid="1.2.6.2")
    reply = sent(fresh.request(), fresh.mtom()[1])
    assert reply.facts["statut"] in ("Success", "Failure")
    with pytest.raises(MtomError):
        split(b"", "multipart/related; boundary=b")


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("family", FAMILIES)
def test_a_hundred_thousand_messages_are_answered(family: str) -> None:
    for seed in range(LONG):
        try:
            FAMILIES[family](seed, strict=seed % 2 == 1)
        except Exception as error:  # noqa: BLE001 - the seed that broke it is what matters
            pytest.fail(f"graine {seed} : {type(error).__name__} {error}")
