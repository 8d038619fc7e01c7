"""The WSDL of INSi, ours, written from the messages: ``GET /lps?wsdl``. Schemas are in ``schemas/``.

Service, port and target namespace bear the names of the official one (ICIR-v1); the verification is documented as provisoire.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.sax.saxutils import quoteattr

from ...core.exchange import Body, Reply
from ...validation.ins.request import (
    ACTIONS,
    DEPOT_LOT,
    NS_BAM,
    NS_LOT,
    NS_LPS,
    NS_RECSANS,
    NS_RECVIT,
    PROVISOIRES,
    RECHERCHE_TRAITS,
    RECHERCHE_VITALE,
    RESULTAT_LOT,
    VERIFICATION,
)
from ...validation.ins.response import NS_RESULTAT, NS_VERIFICATION

TARGET = "http://www.cnamts.fr/webservice"
SCHEMAS = Path(__file__).with_name("schemas")
NAMES = ("bam", "lps", "recsans", "recvit", "resultat", "lot", "verification")
_PROLOGUE = re.compile(r"<\?xml[^>]*\?>\s*")
_COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its name, and its elements in Clark notation."""

    name: str
    request: str
    answer: str


OPERATIONS = {
    RECHERCHE_TRAITS: Operation(
        "rechercherInsAvecTraitsIdentite", f"{{{NS_RECSANS}}}RECSANSVITALE", f"{{{NS_RESULTAT}}}RESULTAT"
    ),
    RECHERCHE_VITALE: Operation("rechercherInsAvecCarteVitale", f"{{{NS_RECVIT}}}RECVITALE", f"{{{NS_RESULTAT}}}RESULTAT"),
    VERIFICATION: Operation("verifierInsAvecTraitsIdentite", f"{{{NS_LOT}}}VERIF", f"{{{NS_VERIFICATION}}}RESULTATVERIFICATION"),
    DEPOT_LOT: Operation("deposerLotVerificationIns", f"{{{NS_LOT}}}LOTVERIF", f"{{{NS_LOT}}}DEPOTLOT"),
    RESULTAT_LOT: Operation("recupererResultatLotIns", f"{{{NS_LOT}}}RESLOT", f"{{{NS_LOT}}}RESULTATLOT"),
}
_HEADERS = (("ContexteBAM", NS_BAM), ("ContexteLPS", NS_LPS))


def wsdl(address: str) -> Reply:
    """The WSDL, its port at this address."""
    facts = {"operation": "wsdl", "cr": ""}
    return Reply(200, (("Content-Type", "text/xml; charset=UTF-8"),), Body(description(address).encode()), facts=facts)


def description(address: str) -> str:
    """The text of a WSDL 1.1 description: SOAP 1.2, document/literal, both contexts as headers, one port."""
    messages = "".join(
        _message(f"{o.name}Request", o.request) + _message(f"{o.name}Response", o.answer) for o in OPERATIONS.values()
    ) + "".join(_message(name, f"{{{namespace}}}{name}", name) for name, namespace in _HEADERS)
    port = "".join(
        f'<wsdl:operation name="{o.name}">{_documentation(kind)}'
        f'<wsdl:input message="tns:{o.name}Request" wsaw:Action={quoteattr(ACTIONS[kind])}/>'
        f'<wsdl:output message="tns:{o.name}Response" wsaw:Action={quoteattr(ACTIONS[kind] + "Response")}/></wsdl:operation>'
        for kind, o in OPERATIONS.items()
    )
    headers = "".join(f'<soap12:header message="tns:{name}" part="{name}" use="literal"/>' for name, _ in _HEADERS)
    binding = "".join(
        f'<wsdl:operation name="{o.name}"><soap12:operation soapAction={quoteattr(ACTIONS[kind])}/>'
        f'<wsdl:input><soap12:body use="literal"/>{headers}</wsdl:input>'
        '<wsdl:output><soap12:body use="literal"/></wsdl:output></wsdl:operation>'
        for kind, o in OPERATIONS.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<wsdl:definitions name="ICIR" targetNamespace="{TARGET}" xmlns:tns="{TARGET}"'
        ' xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/"'
        ' xmlns:wsaw="http://www.w3.org/2006/05/addressing/wsdl">'
        f"<wsdl:types>{''.join(map(_schema, NAMES))}</wsdl:types>{messages}"
        f'<wsdl:portType name="ICIR">{port}</wsdl:portType>'
        '<wsdl:binding name="ICIRBinding" type="tns:ICIR">'
        f'<soap12:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>{binding}</wsdl:binding>'
        '<wsdl:service name="ICIR-v1"><wsdl:port name="ICIRService" binding="tns:ICIRBinding">'
        f"<soap12:address location={quoteattr(address)}/></wsdl:port></wsdl:service></wsdl:definitions>"
    )


def _documentation(operation: str) -> str:
    if operation not in PROVISOIRES:
        return ""
    return "<wsdl:documentation>PROVISOIRE : le WSDL officiel de la vérification n'a pas été lu.</wsdl:documentation>"


def _message(name: str, element: str, part: str = "corps") -> str:
    namespace, _, local = element[1:].partition("}")
    return f'<wsdl:message name="{name}"><wsdl:part name="{part}" xmlns:e="{namespace}" element="e:{local}"/></wsdl:message>'


@cache
def _schema(name: str) -> str:
    """A schema to put in the types."""
    text = (SCHEMAS / f"{name}.xsd").read_text(encoding="utf-8")
    return _COMMENT.sub("", _PROLOGUE.sub("", text)).strip()
