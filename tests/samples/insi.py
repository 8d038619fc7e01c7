"""Calls of a DUI to INSi, built by hand for tests: small, correct, and easy to break by text replacement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from dui_conformance.core.campaign import Geste
from dui_conformance.core.exchange import Body, Connection, Exchange, Reply, Request, Times
from dui_conformance.core.gestures import Etat, Resultat
from dui_conformance.core.gestures.identite import LireIdentite
from dui_conformance.core.people import Usager
from dui_conformance.core.settings import Settings
from dui_conformance.mocks.insi.app import Insi

NOW = datetime(2026, 4, 1, 8, 0, 0, tzinfo=UTC)
SETTINGS = Settings()
SEARCH = "urn:ServiceIdentiteCertifiee:1.0.0:rechercherInsAvecTraitsIdentite"
CARD = "urn:ServiceIdentiteCertifiee:1.0.0:rechercherInsAvecCarteVitale"
VERIFY = "urn:ServiceIdentiteCertifiee:1.0.0:verifierInsAvecTraitsIdentite"
LOT = "urn:ServiceIdentiteCertifiee:1.0.0:deposerLotVerificationIns"
LOT_RESULT = "urn:ServiceIdentiteCertifiee:1.0.0:recupererResultatLotIns"
OU = "1750000019"
PS = "899700000001"
OID = "1.2.250.1.213.1.4.10"
USAGER = Usager(
    id="u1",
    nom_naissance="FICTIF-BALO",
    prenoms=("ANNE", "LISE"),
    sexe="F",
    date_naissance="1960-05-15",
    lieu_naissance="55039",
    statut="provisoire",
    matricule_insi="2600555039012",
    cle_insi="96",
    oid_insi=OID,
)


def traits(**changes: str) -> str:
    """A WS_INS2 body; a value of ``""`` removes its element."""
    values = {
        "NomNaissance": "FICTIF-BALO",
        "Prenom": "ANNE",
        "Sexe": "F",
        "DateNaissance": "1960-05-15",
        "LieuNaissance": "55039",
        **changes,
    }
    inner = "".join(f"<{name}>{p}</{name}>" for name, value in values.items() for p in value.split("+") if p)
    return f'<RECSANSVITALE xmlns="http://www.cnamts.fr/INSiRecSans">{inner}</RECSANSVITALE>'


def card(matricule: str = "2600555039012", cle: str = "96", date: str = "1960-05-15") -> str:
    """A WS_INS1 body."""
    return (
        '<RECVITALE xmlns="http://www.cnamts.fr/INSiRecVit"><MatriculeIndividu>'
        f"<NumIdentifiant>{matricule}</NumIdentifiant><Cle>{cle}</Cle></MatriculeIndividu>"
        f"<NomNaissance>FICTIF-BALO</NomNaissance><DateNaissance>{date}</DateNaissance><RangNaissance>1</RangNaissance></RECVITALE>"
    )


COVERAGE = (
    "<b:COUVERTURE><b:ASSURE><b:Id><b:Num>2600555039012</b:Num><b:Cle>96</b:Cle></b:Id></b:ASSURE>"
    "<b:BENEFICIAIRE><b:DateNai>1960-05-15</b:DateNai><b:Rang>1</b:Rang></b:BENEFICIAIRE></b:COUVERTURE>"
)


def verification(matricule: str = "2600555039012", cle: str = "96", oid: str = OID, *, nom: str = "FICTIF-BALO") -> str:
    """A verification body (provisional)."""
    return (
        '<VERIF xmlns="http://www.cnamts.fr/INSiLot2"><IndividuVerifie><INSFourni><IdIndividu>'
        f"<NumIdentifiant>{matricule}</NumIdentifiant><Cle>{cle}</Cle></IdIndividu><OID>{oid}</OID></INSFourni>"
        f"<TraitsIdentiteIndividu><NomNaissance>{nom}</NomNaissance><Prenom>ANNE</Prenom><ListePrenom>ANNE LISE</ListePrenom>"
        "<Sexe>F</Sexe><DateNaissance>1960-05-15</DateNaissance><LieuNaissance>55039</LieuNaissance>"
        "</TraitsIdentiteIndividu></IndividuVerifie></VERIF>"
    )


def lot(*rows: tuple[str, str]) -> str:
    """A deposit of USAGER's INS, several times: reference and key of each row."""
    inner = "".join(
        verification(cle=cle)
        .partition("<VERIF")[2]
        .partition(">")[2]
        .removesuffix("</VERIF>")
        .replace("<IndividuVerifie>", f'<IndividuVerifie Reference="{reference}">')
        for reference, cle in rows
    )
    return f'<LOTVERIF xmlns="http://www.cnamts.fr/INSiLot2">{inner}</LOTVERIF>'


def lot_result(name: str) -> str:
    """The request of a result."""
    return f'<RESLOT xmlns="http://www.cnamts.fr/INSiLot2"><IdLot>{name}</IdLot></RESLOT>'


def assertion(qualifier: str, *, signed: bool = False, name_id: str = PS, finess: str = SETTINGS.structure.finess_eg) -> str:
    """A professional's assertion; its signature is only there for its presence."""
    signature = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>' if signed else ""
    return (
        '<w:Security xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">'
        '<s2:Assertion xmlns:s2="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a1" Version="2.0"'
        ' IssueInstant="2026-04-01T08:00:00Z">'
        f"<s2:Issuer>CN=TEST</s2:Issuer>{signature}"
        f'<s2:Subject><s2:NameID NameQualifier="{qualifier}">{name_id}</s2:NameID></s2:Subject><s2:AttributeStatement>'
        f'<s2:Attribute Name="identifiantFacturation"><s2:AttributeValue>{finess}</s2:AttributeValue></s2:Attribute>'
        '<s2:Attribute Name="secteurActivite"><s2:AttributeValue>SA17</s2:AttributeValue></s2:Attribute>'
        "</s2:AttributeStatement></s2:Assertion></w:Security>"
    )


def envelope(
    body: str, *, action: str = SEARCH, security: str = "", emetteur: str = OU, number: int = 1, idam: str = "IDAM-TEMOIN"
) -> str:
    """A whole call as a correct DUI sends it. ``number`` makes its identifiers."""
    ident = f"{number:08d}-1111-4111-8111-111111111111"
    coverage = COVERAGE if action == CARD else "<b:COUVERTURE/>"
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header>'
        '<b:ContexteBAM xmlns:b="urn:siram:bam:ctxbam" Version="01_02" Nature="CTXBAM">'
        f"<b:Id>b{ident}</b:Id><b:Temps>2026-04-01T08:00:00.000Z</b:Temps><b:Emetteur>{emetteur}</b:Emetteur>{coverage}"
        "</b:ContexteBAM>"
        '<l:ContexteLPS xmlns:l="urn:siram:lps:ctxlps" Version="01_00" Nature="CTXLPS">'
        f"<l:Id>l{ident}</l:Id><l:Temps>2026-04-01T08:00:00.000Z</l:Temps><l:Emetteur>{emetteur}</l:Emetteur>"
        f'<l:LPS><l:IDAM R="4">{idam}</l:IDAM><l:Version>1.0.0</l:Version>'
        "<l:Instance>33333333-3333-4333-8333-333333333333</l:Instance><l:Nom>urn:lps:DUITEMOIN:1.0.0</l:Nom></l:LPS></l:ContexteLPS>"
        f"<a:MessageID>uuid:{ident}</a:MessageID><a:Action>{action}</a:Action>{security}"
        f"</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )


@cache
def client_der(cn: str = "INSI-MANU", ou: str = OU) -> bytes:
    """A self-signed client certificate with this subject: the runtime, not the service, checks who issued it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, ou), x509.NameAttribute(NameOID.COMMON_NAME, cn)])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + timedelta(days=9))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def request(
    message: str | bytes, *, action: str = "", certificate: bytes | None = b"manu", target: str = "/lps", method: str = "POST"
) -> Request:
    """An HTTP request; ``certificate`` is a DER, None for none."""
    der = client_der() if certificate == b"manu" else certificate
    data = message if isinstance(message, bytes) else message.encode()
    said = action or next((a for a in (SEARCH, CARD, VERIFY, LOT, LOT_RESULT) if f"{a}<".encode() in data), "")
    content = ("Content-Type", f'application/soap+xml; charset=utf-8; action="{said}"')
    return Request(method, target, (content,), Body(data), Connection(client_der=der))


def service(**options: Any) -> Insi:
    """A service that knows USAGER."""
    made = Insi(SETTINGS.insi, **options)
    made.admit(USAGER)
    return made


def exchange(message: str, reply: Reply | None = None, *, id: str = "E1", usager: Usager = USAGER, **how: Any) -> Exchange:
    """The exchange of a call with a service that knows ``usager``."""
    asked = request(message, **how)
    insi = service()
    insi.admit(usager)
    answer = reply or insi.handle("insi", asked, NOW)
    kind = insi.describe("insi", asked).kind
    times = Times(wall=NOW, logical=NOW, mono=0)
    return Exchange(id, "insi", kind, asked, answer, asked.connection, times, facts=answer.facts)


def searches(*names: str, usager: Usager = USAGER) -> list[Exchange]:
    """Successive searches, ``+`` between first names sent together."""
    return [
        exchange(envelope(traits(Prenom=n, LieuNaissance=""), number=i), id=f"E{i}", usager=usager)
        for i, n in enumerate(names, start=1)
    ]


def geste(observations: Mapping[str, Any] | None = None, *, message: str = "", etat: Etat = Etat.FAIT) -> Geste:
    """An ended gesture with these declared observations."""
    result = Resultat(etat, message, tuple((observations or {}).items()))
    return Geste("G01", LireIdentite("u1"), resultat=result, fin=NOW)


def with_behaviour(insi: str, **changes: Any) -> Usager:
    """USAGER with another behaviour of INSi."""
    return replace(USAGER, insi=insi, **changes)


def of_service(exchange: Exchange, service: str, body: bytes) -> Exchange:
    """The same exchange addressed to another service, with another body."""
    asked = replace(exchange.http, body=Body(body), memo={})
    return replace(exchange, service=service, kind=f"{service}.td2.1", request=asked, memo={})


def views(exchanges: Sequence[Exchange], wanted: type[Any]) -> list[Any]:
    """A view of each exchange."""
    return [e.view(wanted) for e in exchanges]
