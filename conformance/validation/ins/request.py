"""What a request to the téléservice INSi says, whatever its operation: contexts BAM and LPS, assertion, traits, matricule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lxml import etree

from ...core.errors import Inconclusive
from ...core.exchange import Exchange
from ...core.providers import provider
from ..saml.vihf import instant
from ..soap import SAML, SoapMessage
from ..tls import ClientCertificate
from ..xml import local_name, place_of
from .key import MatriculeIns

NS_BAM = "urn:siram:bam:ctxbam"
NS_LPS = "urn:siram:lps:ctxlps"
NS_RECSANS = "http://www.cnamts.fr/INSiRecSans"
NS_RECVIT = "http://www.cnamts.fr/INSiRecVit"
NS_DS = "http://www.w3.org/2000/09/xmldsig#"

RECHERCHE_TRAITS = "recherche-traits"
RECHERCHE_VITALE = "recherche-vitale"
VERIFICATION = "verification"
DEPOT_LOT = "depot-lot"
RESULTAT_LOT = "resultat-lot"
LOTS = frozenset({DEPOT_LOT, RESULTAT_LOT})
PROVISOIRES = frozenset({VERIFICATION, DEPOT_LOT, RESULTAT_LOT})
"""Operations of which no public WSDL was read: their names and messages are ours."""
NS_LOT = "http://www.cnamts.fr/INSiLot2"
ACTION_PREFIX = "urn:ServiceIdentiteCertifiee:1.0.0:"
ACTIONS: Mapping[str, str] = {
    RECHERCHE_TRAITS: ACTION_PREFIX + "rechercherInsAvecTraitsIdentite",
    RECHERCHE_VITALE: ACTION_PREFIX + "rechercherInsAvecCarteVitale",
    VERIFICATION: ACTION_PREFIX + "verifierInsAvecTraitsIdentite",
    DEPOT_LOT: ACTION_PREFIX + "deposerLotVerificationIns",
    RESULTAT_LOT: ACTION_PREFIX + "recupererResultatLotIns",
}
CN_INSI = ("INSI-MANU", "INSI-AUTO")

CERTIFICAT, CPS, PSC, AUCUN = "certificat", "cps", "psc", "aucun"


@dataclass(frozen=True, slots=True)
class Contexte:
    """A ContexteBAM or ContexteLPS. ``fields`` holds the direct text children by local name; ``at`` is its place."""

    version: str
    nature: str
    fields: Mapping[str, str]
    at: str
    element: etree._Element = field(repr=False, compare=False)

    @property
    def id(self) -> str:
        """The context's Id, or ``""``."""
        return self.fields.get("Id", "")

    @property
    def emetteur(self) -> str:
        """Emetteur, or ``""``."""
        return self.fields.get("Emetteur", "")

    @property
    def temps(self) -> datetime | None:
        """Temps as an instant, or None when it is not an XML dateTime with its offset."""
        return instant(self.fields.get("Temps", ""))


@dataclass(frozen=True, slots=True)
class AssertionPs:
    """The professional's SAML assertion: signed or not, NameID and its qualifier, attributes (first values)."""

    signed: bool
    name_id: str
    name_qualifier: str
    issuer: str
    attributes: Mapping[str, str]
    at: str
    element: etree._Element = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class InsRequest:
    """A request to INSi. Absent values are ``""`` or empty; ``lieu`` is None when the element is absent. The traits of a lot are
    not here but in :class:`.lot.InsLot`.

    ``mode`` is the authentication seen: an assertion says ``psc`` (NameQualifier PSC) or ``cps``; without assertion a
    client certificate says ``certificat``; else ``aucun``. ``tls`` is False when no TLS was exercised (in-process).
    """

    operation: str
    soap_version: str
    action: str
    http_action: str
    message_id: str
    contexte_bam: Contexte | None
    contexte_lps: Contexte | None
    assertions: tuple[AssertionPs, ...]
    certificate: ClientCertificate | None
    tls: bool
    nom: str
    prenoms: tuple[str, ...]
    sexe: str
    date: str
    lieu: str | None
    liste_prenoms: str
    ins: MatriculeIns | None
    at: str
    received: datetime | None
    payload: etree._Element = field(repr=False, compare=False)

    @property
    def contexts(self) -> tuple[Contexte, ...]:
        """The contexts BAM and LPS that the call carries; raises ``Inconclusive`` when it carries none."""
        contexts = tuple(c for c in (self.contexte_bam, self.contexte_lps) if c is not None)
        if not contexts:
            raise Inconclusive("aucun contexte BAM ou LPS dans cet appel")
        return contexts

    @property
    def assertion(self) -> AssertionPs | None:
        """The first assertion."""
        return self.assertions[0] if self.assertions else None

    @property
    def mode(self) -> str:
        """``certificat``, ``cps``, ``psc`` or ``aucun``."""
        if self.assertion is not None:
            return PSC if self.assertion.name_qualifier == "PSC" else CPS
        return CERTIFICAT if self.certificate is not None else AUCUN

    @property
    def cn(self) -> str:
        """CN of the client certificate, or ``""``."""
        return self.certificate.cn if self.certificate is not None else ""

    def trait_at(self, name: str) -> str:
        """Where an element of the traits stands, or where the traits stand when it is absent."""
        found = next((e for e in self.payload.iter() if isinstance(e.tag, str) and local_name(e) == name), self.payload)
        return place_of(found)


def operation_of(soap: SoapMessage) -> str:
    """The operation that the body asks for, ``""`` when it is not one of INSi's. The body decides, not the action."""
    if soap.payload is None:
        return ""
    name = etree.QName(soap.payload)
    if name.namespace == NS_RECSANS or name.localname == "RECSANSVITALE":
        return RECHERCHE_TRAITS
    if name.namespace == NS_RECVIT or name.localname == "RECVITALE":
        return RECHERCHE_VITALE
    lot = {"LOTVERIF": DEPOT_LOT, "RESLOT": RESULTAT_LOT}.get(name.localname, "")
    return lot or (VERIFICATION if _first(soap.payload, "IndividuVerifie") is not None else "")


def read_request(
    soap: SoapMessage, certificate: ClientCertificate | None, *, tls: bool = True, received: datetime | None = None
) -> InsRequest:
    """The request that a SOAP message makes; raises ``Inconclusive`` when its body asks for nothing that INSi knows."""
    operation = operation_of(soap)
    payload = soap.payload
    if not operation or payload is None:
        raise Inconclusive("le corps du message ne porte aucune opération d'INSi")
    one = etree.Element("lot") if operation in LOTS else payload
    return InsRequest(
        operation=operation,
        soap_version=soap.version,
        action=soap.action,
        http_action=soap.content_type.get("action"),
        message_id=soap.message_id,
        contexte_bam=_contexte(soap, NS_BAM, "ContexteBAM"),
        contexte_lps=_contexte(soap, NS_LPS, "ContexteLPS"),
        assertions=tuple(_assertion(e) for e in soap.assertions()),
        certificate=certificate,
        tls=tls,
        nom=_value(one, "NomNaissance"),
        prenoms=tuple(_text(e) for e in one.iter() if isinstance(e.tag, str) and local_name(e) == "Prenom"),
        sexe=_value(one, "Sexe"),
        date=_value(one, "DateNaissance"),
        lieu=_optional(one, "LieuNaissance"),
        liste_prenoms=_value(one, "ListePrenom"),
        ins=_ins(one),
        at=place_of(payload),
        received=received,
        payload=payload,
    )


def _contexte(soap: SoapMessage, namespace: str, name: str) -> Contexte | None:
    element = soap.header.find(f"{{{namespace}}}{name}")
    if element is None:
        return None
    texts = {local_name(c): _text(c) for c in element if isinstance(c.tag, str) and len(c) == 0}
    return Contexte(
        version=element.get("Version", ""), nature=element.get("Nature", ""), fields=texts, at=place_of(element), element=element
    )


def _assertion(element: etree._Element) -> AssertionPs:
    name_id = element.find(f"{{{SAML}}}Subject/{{{SAML}}}NameID")
    attributes = {
        a.get("Name", ""): (a.findtext(f"{{{SAML}}}AttributeValue") or "").strip() for a in element.iter(f"{{{SAML}}}Attribute")
    }
    return AssertionPs(
        signed=element.find(f"{{{NS_DS}}}Signature") is not None,
        name_id="" if name_id is None else _text(name_id),
        name_qualifier="" if name_id is None else name_id.get("NameQualifier", ""),
        issuer=(element.findtext(f"{{{SAML}}}Issuer") or "").strip(),
        attributes=attributes,
        at=place_of(element),
        element=element,
    )


def _ins(payload: etree._Element) -> MatriculeIns | None:
    number = _first(payload, "NumIdentifiant")
    if number is None:
        return None
    return MatriculeIns(_text(number), _value(payload, "Cle"), _value(payload, "OID"), at=place_of(number))


def _first(element: etree._Element, name: str) -> etree._Element | None:
    return next((e for e in element.iter() if isinstance(e.tag, str) and local_name(e) == name), None)


def _optional(element: etree._Element, name: str) -> str | None:
    found = _first(element, name)
    return None if found is None else _text(found)


def _value(element: etree._Element, name: str) -> str:
    return _optional(element, name) or ""


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()


@provider
def _request_of(exchange: Exchange) -> InsRequest:
    if exchange.service != "insi":
        raise Inconclusive("cet échange n'est pas adressé à INSi")
    certificate = exchange.view(ClientCertificate) if exchange.connection.client_der else None
    return read_request(
        exchange.view(SoapMessage), certificate, tls=exchange.connection.exercised, received=exchange.times.logical
    )


@provider
def _carried(request: InsRequest) -> MatriculeIns:
    if request.ins is None:
        raise Inconclusive("cet appel ne transmet aucun matricule")
    return request.ins
