"""The DMP: does this person have one (TD0.2), and the deposit of a document (TD2.1)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import requests
from lxml import etree

from . import soap
from .alterations import Alterations, Couture
from .configuration import Configuration
from .documents.document import Document
from .documents.entete import OID_DUI, hl7, nouvel_oid
from .dossier import Ins
from .horloge import Horloge, utc_compact
from .lot import Piece, signer_lot
from .mtom import TYPE_SOAP, Partie, paquet, racine_de
from .regles import Regles
from .signature import Signataire, charger
from .soap import FauteSoap, ReponseIllisible
from .transport import Envoi, Transport
from .vihf import XSI, Authentification, Vihf
from .xds import Lot, fiche_de, fiche_de_signature
from .xml import Espace

TD02 = "urn:hl7-org:v3:PRPA_IN201307UV02"
TD03 = "urn:si-dmp-habilitations:HabilitationsEndPoint:setAuthorization"
TD21 = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
OID_DMP = "1.2.250.1.213.4.1.1.1"
_SUCCES = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"
_PASSAGERES = frozenset({"XDSRegistryBusy", "XDSRepositoryBusy", "XDSRegistryError", "XDSRepositoryError"})
_DOUBLON = "XDSDuplicateUniqueIdInRegistry"

xds = Espace("urn:ihe:iti:xds-b:2007", "xds")
lcm = Espace("urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0", "lcm")
xop = Espace("http://www.w3.org/2004/08/xop/include", "xop")
habilitations = Espace("urn:si-dmp-habilitations")
RS = "{urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0}"


class DmpIndisponible(Exception):
    """Nothing is known of what was asked: it may be tried again, and it may already have been done."""


class DepotRefuse(Exception):
    """The DMP has judged the deposit and refuses it; trying the same again is useless."""


class DejaDepose(DepotRefuse):
    """The DMP already holds this uniqueId."""


class EtatDmp(StrEnum):
    """What TD0.2 says. The DMP's identity traits are not read: they must neither be shown nor update ours."""

    OUVERT = "ouvert"
    FERME = "ferme"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class _Appel:
    service: str
    action: str
    ins: Ins
    authentification: Authentification


class ClientDmp:
    """Speaks to the DMP with the structure's two certificates: one for TLS, another for signatures."""

    def __init__(
        self,
        configuration: Configuration,
        transport: Transport,
        horloge: Horloge,
        alterations: Alterations,
        regles: Regles,
    ) -> None:
        self._tls = configuration.certificat(regles.certificats.tls)
        self._signature = configuration.certificat(regles.certificats.signature)
        self._lot = configuration.certificat(regles.certificats.lot)
        self._configuration = configuration
        self._transport = transport
        self._horloge = horloge
        self._alterations = alterations
        self._regles = regles.envoi

    def existe(self, ins: Ins, authentification: Authentification) -> EtatDmp:
        """TD0.2."""
        appel = _Appel("patients", TD02, ins, authentification)
        enveloppe = self._enveloppe(appel, _test_existence(ins, self._horloge.maintenant(), self._configuration.logiciel.nom))
        enveloppe = self._alterations.passer(Couture.TD02, enveloppe)
        envoi = self._alterations.passer(Couture.HTTP_TD02, self._sans_piece(appel, enveloppe))
        return _etat(self._envoyer(envoi, enveloppe))

    def declarer_autorisation(self, ins: Ins, authentification: Authentification) -> None:
        """TD0.3. Feeding never needs it: only consultation does, after consent."""
        appel = _Appel("habilitations", TD03, ins, authentification)
        corps = habilitations("setAuthorization", None, habilitations("action", None, "AJOUT"))
        enveloppe = self._enveloppe(appel, corps)
        self._envoyer(self._sans_piece(appel, enveloppe), enveloppe)

    def deposer(self, document: Document, ins: Ins, authentification: Authentification) -> None:
        """TD2.1. Raises ``DejaDepose`` or ``DepotRefuse`` for a judged refusal, ``DmpIndisponible`` for anything else."""
        self._lire_depot(self._envoyer(*self.message_de_depot(document, ins, authentification)))

    def message_de_depot(self, document: Document, ins: Ins, authentification: Authentification) -> tuple[Envoi, etree._Element]:
        """The HTTP call of a deposit, and the envelope that it carries; nothing is sent."""
        appel = _Appel("repository", TD21, ins, authentification)
        maintenant = self._horloge.maintenant()
        fiche = fiche_de(document, "Doc01")
        lot_id, signature_id = nouvel_oid(), nouvel_oid()
        lot = Lot(lot_id, maintenant, fiche, fiche_de_signature(fiche, "Signature01", signature_id, maintenant))
        pieces = self._alterations.passer(Couture.LOT_PIECES, [Piece(fiche.unique_id, document.octets)])
        signature = self._alterations.passer(Couture.LOT, signer_lot(lot_id, pieces, charger(self._lot), maintenant))
        jointes = [
            Partie(f"document-{uuid.uuid4().hex}@dui", "text/xml", document.octets),
            Partie(f"signature-{uuid.uuid4().hex}@dui", "text/xml", soap.octets(signature)),
        ]
        soumission = self._alterations.passer(Couture.XDS, lcm("SubmitObjectsRequest", None, lot.liste()))
        corps = xds(
            "ProvideAndRegisterDocumentSetRequest",
            None,
            soumission,
            *(_inclus(nom, partie.cid) for nom, partie in zip(("Doc01", "Signature01"), jointes, strict=True)),
        )
        enveloppe = self._alterations.passer(Couture.TD21, self._enveloppe(appel, corps))
        envoi = self._alterations.passer(Couture.HTTP_TD21, self._avec_pieces(appel, enveloppe, jointes))
        return envoi, enveloppe

    def _lire_depot(self, corps: etree._Element) -> None:
        if corps.tag != f"{RS}RegistryResponse":
            raise DmpIndisponible("réponse inattendue au dépôt.")
        if corps.get("status") == _SUCCES:
            return
        erreurs = list(corps.iter(f"{RS}RegistryError"))
        codes = [erreur.get("errorCode", "") for erreur in erreurs]
        texte = " ; ".join(f"{code} {e.get('codeContext', '')}".strip() for code, e in zip(codes, erreurs, strict=True))
        if _DOUBLON in codes:
            raise DejaDepose(texte)
        if not codes or _PASSAGERES & set(codes):
            raise DmpIndisponible(f"le DMP demande de réessayer ({texte}).")
        raise DepotRefuse(texte)

    def _enveloppe(self, appel: _Appel, corps: etree._Element) -> etree._Element:
        vihf = Vihf(
            appel.authentification,
            self._configuration.structure,
            self._configuration.logiciel,
            appel.ins,
            self._horloge.maintenant(),
        )
        assertion = vihf.signe(self._signataire(), self._alterations)
        return soap.enveloppe(appel.action, corps, assertions=[assertion])

    def _signataire(self) -> Signataire:
        return charger(self._signature)

    def _sans_piece(self, appel: _Appel, enveloppe: etree._Element) -> Envoi:
        content_type = f'{TYPE_SOAP}; charset=UTF-8; action="{appel.action}"'
        return Envoi(self._url(appel), {"Content-Type": content_type}, soap.octets(enveloppe))

    def _avec_pieces(self, appel: _Appel, enveloppe: etree._Element, jointes: list[Partie]) -> Envoi:
        emballe = self._alterations.passer(Couture.MTOM, paquet(appel.action, soap.octets(enveloppe), jointes))
        return Envoi(self._url(appel), {"Content-Type": emballe.content_type}, emballe.octets())

    def _url(self, appel: _Appel) -> str:
        return f"{self._configuration.dmp_base}/{appel.service}"

    def _envoyer(self, envoi: Envoi, enveloppe: etree._Element) -> etree._Element:
        """Send, and read the answer to this very message."""
        attendu = soap.message_id(enveloppe) if self._regles.verifie_la_reponse else ""
        with self._transport.session("dmp", self._tls) as session:
            try:
                reponse = session.post(envoi.url, data=envoi.contenu, headers=envoi.entetes)
                return soap.lire(self._racine(reponse), en_reponse_a=attendu)
            except requests.RequestException as erreur:
                raise DmpIndisponible(f"le DMP est injoignable ({type(erreur).__name__}).") from erreur
            except ReponseIllisible as erreur:
                raise DmpIndisponible(f"{erreur}.") from erreur
            except FauteSoap as faute:
                raise _selon(faute) from faute

    def _racine(self, reponse: requests.Response) -> bytes:
        if not self._regles.lit_le_multipart:
            return reponse.content
        return racine_de(reponse.headers.get("Content-Type", ""), reponse.content)


def _selon(faute: FauteSoap) -> DmpIndisponible | DepotRefuse:
    """A fault of the server, or of a certificate that will be renewed, is an outage; any other is a refusal."""
    if faute.code == "Receiver" or faute.sous_code == "DMPInvalidCertificate":
        return DmpIndisponible(f"le DMP ne peut répondre : {faute}.")
    return DepotRefuse(str(faute))


def _inclus(id: str, cid: str) -> etree._Element:
    return xds("Document", {"id": id}, xop("Include", {"href": f"cid:{cid}"}))


def _test_existence(ins: Ins, le: datetime, logiciel: str) -> etree._Element:
    """PRPA_IN201307UV02 with the reason TEST_EXST."""
    patient = hl7(
        "patientIdentifier",
        None,
        hl7("value", {"root": ins.oid, "extension": ins.complet}),
        hl7("semanticsText", None, "Patient.id"),
    )
    demande = hl7(
        "queryByParameter",
        None,
        hl7("queryId", {"root": f"{OID_DUI}.2", "extension": str(uuid.uuid4())}),
        hl7("statusCode", {"code": "new"}),
        hl7("parameterList", None, _nil("dataSource"), patient),
    )
    return hl7(
        "PRPA_IN201307UV02",
        {"ITSVersion": "XML_1.0"},
        hl7("id", {"root": f"{OID_DUI}.3", "extension": str(uuid.uuid4())}),
        hl7("creationTime", {"value": utc_compact(le)}),
        hl7("interactionId", {"root": "2.16.840.1.113883.1.6", "extension": "PRPA_IN201307UV02"}),
        hl7("processingCode", {"code": "D"}),
        hl7("processingModeCode", {"code": "T"}),
        hl7("acceptAckCode", {"code": "AL"}),
        _machine("receiver", "RCV", OID_DMP, "DMP"),
        _machine("sender", "SND", OID_DUI, logiciel),
        _nil("attentionLine"),
        hl7(
            "controlActProcess",
            {"classCode": "CACT", "moodCode": "EVN"},
            hl7("reasonCode", {"code": "TEST_EXST", "codeSystem": "1.2.250.1.213.1.1.4.11"}),
            demande,
        ),
    )


def _machine(role: str, type: str, oid: str, nom: str) -> etree._Element:
    appareil = hl7(
        "device", {"classCode": "DEV", "determinerCode": "INSTANCE"}, hl7("id", {"root": oid}), hl7("softwareName", None, nom)
    )
    return hl7(role, {"typeCode": type}, appareil)


def _nil(nom: str) -> etree._Element:
    element = hl7(nom)
    element.set(f"{{{XSI}}}nil", "true")
    return element


def _etat(corps: etree._Element) -> EtatDmp:
    """Open, closed or absent."""
    reponse = corps.find(f".//{hl7.nom('queryResponseCode')}")
    if reponse is None:
        raise DmpIndisponible("réponse inattendue au test d'existence.")
    if reponse.get("code") != "OK":
        return EtatDmp.ABSENT
    statut = corps.find(f".//{hl7.nom('subject1')}/{hl7.nom('patient')}/{hl7.nom('statusCode')}")
    ferme = statut is not None and statut.get("code") == "terminated"
    return EtatDmp.FERME if ferme else EtatDmp.OUVERT
