"""The WSDL of INSi: zeep builds a client from it, and requests sends the messages of the documentation; over mutual TLS."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import requests
import zeep
from dui_conformance.core.clock import Clock
from dui_conformance.core.exchange import Request
from dui_conformance.mocks.insi.app import Insi
from dui_conformance.mocks.insi.wsdl import OPERATIONS, SCHEMAS, description
from dui_conformance.mocks.pki import Pki
from dui_conformance.mocks.runtime import Runtime
from dui_conformance.validation.ins.request import ACTIONS
from dui_conformance.validation.ins.response import read_response
from dui_conformance.validation.soap import SOAP12, WSA
from dui_conformance.validation.xml import parse
from lxml import etree
from samples import insi
from samples.runtime import MemoryRecorder
from zeep.plugins import Plugin
from zeep.transports import Transport


class Addressing(Plugin):
    """WS-Addressing headers, as the toolkit of an editor adds them."""

    def egress(
        self, envelope: etree._Element, http_headers: dict[str, str], operation: object, binding_options: object
    ) -> object:
        header = envelope.find(f"{{{SOAP12}}}Header")
        assert header is not None
        etree.SubElement(header, f"{{{WSA}}}MessageID").text = f"uuid:{uuid.uuid4()}"
        etree.SubElement(header, f"{{{WSA}}}Action").text = operation.soapaction  # type: ignore[attr-defined]
        return envelope, http_headers


@contextmanager
def served(pki: Pki, **options: bool) -> Iterator[tuple[str, requests.Session, MemoryRecorder]]:
    service = Insi(insi.SETTINGS.insi, **options)  # type: ignore[arg-type]
    service.admit(insi.USAGER)
    recorder = MemoryRecorder()
    runtime = Runtime(recorder, Clock(), pki)
    runtime.start([service])
    try:
        service.configure({"insi": runtime.url("insi")})
        with requests.Session() as session:
            ours = pki.client("insi_manu")
            session.trust_env = False
            session.verify, session.cert = str(pki.ac), (str(ours.certificate), str(ours.key))
            yield runtime.url("insi").rstrip("/") + "/lps", session, recorder
    finally:
        runtime.stop()


def contexts() -> dict[str, object]:
    now, emetteur = datetime.now(UTC).isoformat(), "1990000010"
    common = {"Temps": now, "Emetteur": emetteur}
    lps = {
        "IDAM": {"_value_1": "IDAM-TEMOIN", "R": "4"},
        "Version": "1.0",
        "Instance": str(uuid.uuid4()),
        "Nom": "urn:lps:ZEEP:1.0",
    }
    return {
        "ContexteBAM": {"Id": str(uuid.uuid4()), **common, "COUVERTURE": {}, "Version": "01_02", "Nature": "CTXBAM"},
        "ContexteLPS": {"Id": str(uuid.uuid4()), **common, "LPS": lps, "Version": "01_00", "Nature": "CTXLPS"},
    }


def verified(reference: str | None = None, cle: str = "96") -> dict[str, object]:
    one = {
        "INSFourni": {"IdIndividu": {"NumIdentifiant": "2600555039012", "Cle": cle}, "OID": insi.OID},
        "TraitsIdentiteIndividu": {
            "NomNaissance": "FICTIF-BALO",
            "Prenom": "ANNE",
            "Sexe": "F",
            "DateNaissance": "1960-05-15",
            "LieuNaissance": "55039",
        },
    }
    return one if reference is None else {**one, "Reference": reference}


@pytest.mark.client_etranger
def test_zeep_reads_the_wsdl_and_calls_every_operation(pki: Pki) -> None:
    with served(pki) as (url, session, recorder):
        client = zeep.Client(f"{url}?wsdl", transport=Transport(session=session), plugins=[Addressing()])
        calls = client.service
        traits = {"NomNaissance": "FICTIF-BALO", "Prenom": ["ANNE"], "Sexe": "F", "DateNaissance": "1960-05-15"}
        found = calls.rechercherInsAvecTraitsIdentite(**traits, _soapheaders=contexts())
        assert (found.CR.CodeCR, found.INDIVIDU.INSACTIF.IdIndividu.NumIdentifiant) == ("00", "2600555039012")
        assert found.INDIVIDU.TIQ.ListePrenom == "ANNE LISE"
        none = calls.rechercherInsAvecTraitsIdentite(**{**traits, "Prenom": ["ZOE"]}, _soapheaders=contexts())
        assert (none.CR.CodeCR, none.INDIVIDU) == ("01", None)
        card = {"MatriculeIndividu": {"NumIdentifiant": "2600555039012", "Cle": "96"}, "DateNaissance": "1960-05-15"}
        read = calls.rechercherInsAvecCarteVitale(**card, RangNaissance="1", _soapheaders=contexts())
        assert read.CR.CodeCR == "00"
        said = calls.verifierInsAvecTraitsIdentite(IndividuVerifie=verified(), _soapheaders=contexts())
        assert (said.Reponse, said.Provisoire) == ("OK", True)
        rows = [verified("a"), verified("b", cle="00")]
        lot = calls.deposerLotVerificationIns(IndividuVerifie=rows, _soapheaders=contexts())
        assert lot.Nombre == 2
        result = calls.recupererResultatLotIns(IdLot=lot.IdLot, _soapheaders=contexts())
        assert {row.Reference: row.Reponse for row in result.Individu} == {"a": "OK", "b": "KO"}
        with pytest.raises(zeep.exceptions.Fault, match="lot inconnu"):
            calls.recupererResultatLotIns(IdLot="rien", _soapheaders=contexts())
        assert all(seen.reply is not None for seen in recorder.seen)


@pytest.mark.client_etranger
def test_requests_sends_the_documented_message(pki: Pki) -> None:
    with served(pki) as (url, session, _):
        message = insi.envelope(insi.traits())
        for kind in (f'application/soap+xml; charset=utf-8; action="{insi.SEARCH}"', "application/soap+xml"):
            answer = session.post(url, data=message.encode(), headers={"Content-Type": kind}, timeout=10)
            assert answer.status_code == 200
            assert read_response(200, answer.content).cr == "00"
            assert parse(answer.content).findtext(".//{*}RelatesTo", "").startswith("uuid:")
        refused = session.post(
            url, data=message.replace("IDAM-TEMOIN", "AUTRE").encode(), headers={"Content-Type": kind}, timeout=10
        )
        assert read_response(refused.status_code, refused.content).faults == ("siram_100", "desir_550")
        session.cert = None
        anonymous = session.post(url, data=message.encode(), headers={"Content-Type": kind}, timeout=10)
        assert read_response(anonymous.status_code, anonymous.content).faults == ("siram_100", "desir_560")


def get(service: Insi, target: str) -> Request:
    request = insi.request("", target=target, method="GET")
    return Request("GET", target, (), request.body, request.connection)


def test_the_description_is_served_at_the_address_of_the_service() -> None:
    service = insi.service()
    service.configure({"insi": "https://localhost:8445/"})
    reply = service.handle("insi", get(service, "/lps?wsdl"), insi.NOW)
    root = parse(reply.body.read())
    assert root.find(".//{http://schemas.xmlsoap.org/wsdl/soap12/}address").get("location") == "https://localhost:8445/lps"  # type: ignore[union-attr]
    assert service.handle("insi", get(service, "/lps"), insi.NOW).status == 405


def test_the_description_names_every_operation_and_says_which_are_provisional() -> None:
    text = description("https://localhost/lps")
    assert set(OPERATIONS) == set(ACTIONS)
    assert text.count("PROVISOIRE") == 3


VALID = {
    "recsans": insi.traits(),
    "recvit": insi.card(),
    "lot": insi.verification(),
}


@pytest.mark.parametrize("name", VALID)
def test_the_calls_of_a_correct_dui_hold_to_the_schemas(name: str) -> None:
    schema = etree.XMLSchema(etree.parse(str(SCHEMAS / f"{name}.xsd")))
    assert schema.validate(etree.fromstring(VALID[name])), schema.error_log


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("resultat", insi.envelope(insi.traits())),
        ("resultat", insi.envelope(insi.traits(Prenom="ZOE"))),
        ("resultat", insi.envelope(insi.card(), action=insi.CARD)),
        ("verification", insi.envelope(insi.verification(), action=insi.VERIFY)),
    ],
)
def test_answers_hold_to_the_published_schemas(name: str, message: str) -> None:
    service = insi.service()
    service.command("historique", {"usager": "u1"})
    reply = service.handle("insi", insi.request(message), insi.NOW)
    (payload,) = parse(reply.body.read()).find(f"{{{SOAP12}}}Body")  # type: ignore[misc]
    schema = etree.XMLSchema(etree.parse(str(SCHEMAS / f"{name}.xsd")))
    assert schema.validate(payload), schema.error_log
