"""The DMP: does this person have one (TD0.2), and the deposit of a document (TD2.1)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lxml import etree

from . import soap
from .alterations import Alterations, Couture
from .configuration import MODE_DIRECT, Configuration
from .dmp_appels import Appel, AppelsDmp, DepotRefuse, DmpIndisponible
from .dmp_recherche import lire, reference
from .documents.document import Document
from .documents.entete import OID_DUI, hl7, nouvel_oid
from .dossier import Ins
from .horloge import Horloge, utc_compact
from .lot import Piece, signer_lot
from .mtom import Partie
from .regles import Regles
from .signature import charger
from .transport import Envoi, Transport
from .vihf import XSI, Authentification
from .xds import Lot, fiche_de, fiche_de_signature
from .xml import Espace

TD02 = "urn:hl7-org:v3:PRPA_IN201307UV02"
TD03 = "urn:si-dmp-habilitations:HabilitationsEndPoint:setAuthorization"
TD31 = "urn:ihe:iti:2007:RegistryStoredQuery"
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


class DejaDepose(DepotRefuse):
    """The DMP already holds this uniqueId."""


class EtatDmp(StrEnum):
    """What TD0.2 says. The DMP's identity traits are not read: they must neither be shown nor update ours."""

    OUVERT = "ouvert"
    FERME = "ferme"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Acces:
    """What TD0.2 says: the state of the DMP, and of this user's authorisation (VALIDE, EXPIRE, INTERDIT, NON_EXISTE)."""

    dmp: EtatDmp
    autorisation: str = ""


class ClientDmp:
    """Tests, authorises and deposits."""

    def __init__(
        self,
        configuration: Configuration,
        transport: Transport,
        horloge: Horloge,
        alterations: Alterations,
        regles: Regles,
    ) -> None:
        self.appels = AppelsDmp(configuration, transport, horloge, alterations, regles)
        self._lot = configuration.certificat(regles.certificats.lot)
        self._logiciel = configuration.logiciel.nom
        self._horloge = horloge
        self._alterations = alterations
        self._regles = regles.alimentation
        self._retenues: dict[str, str] = {}

    def existe(self, ins: Ins, authentification: Authentification) -> EtatDmp:
        """TD0.2, for who only needs to know whether the DMP is open."""
        return self.acces(ins, authentification).dmp

    def acces(self, ins: Ins, authentification: Authentification) -> Acces:
        """TD0.2."""
        appel = Appel("patients", TD02, ins, authentification)
        enveloppe = self.appels.enveloppe(appel, _test_existence(ins, self._horloge.maintenant(), self._logiciel))
        enveloppe = self._alterations.passer(Couture.TD02, enveloppe)
        envoi = self._alterations.passer(Couture.HTTP_TD02, self.appels.sans_piece(appel, enveloppe))
        return _acces(self.appels.envoyer(envoi, enveloppe).corps)

    def declarer_autorisation(self, ins: Ins, authentification: Authentification, action: str = "AJOUT") -> None:
        """TD0.3 (AJOUT or SUPPRESSION). Feeding never needs it: only consultation does, after consent."""
        appel = Appel("habilitations", TD03, ins, authentification)
        corps = habilitations("setAuthorization", None, habilitations("action", None, action))
        corps = self._alterations.passer(Couture.TD03, corps)
        enveloppe = self.appels.enveloppe(appel, corps)
        self.appels.envoyer(self.appels.sans_piece(appel, enveloppe), enveloppe)

    def deposer(self, document: Document, ins: Ins, authentification: Authentification) -> None:
        """TD2.1. Raises ``DejaDepose`` or ``DepotRefuse`` for a judged refusal, ``DmpIndisponible`` for anything else."""
        fiche = self._fiche_remplacee(document, ins, authentification) if document.remplace else ""
        self._lire_depot(self.appels.envoyer(*self.message_de_depot(document, ins, authentification, fiche)).corps)
        if self._regles.vise == "retenue":
            self._retenues[document.reference] = self._fiche(document.reference, ins, authentification)

    def message_de_depot(
        self, document: Document, ins: Ins, authentification: Authentification, remplacee: str = ""
    ) -> tuple[Envoi, etree._Element]:
        """The HTTP call of a deposit, and the envelope that it carries; nothing is sent. ``remplacee`` is the entryUUID of what
        the document replaces."""
        appel = Appel("repository", TD21, ins, authentification)
        maintenant = self._horloge.maintenant()
        fiche = fiche_de(document, "Doc01")
        lot_id, signature_id = nouvel_oid(), nouvel_oid()
        lot = Lot(lot_id, maintenant, fiche, fiche_de_signature(fiche, "Signature01", signature_id, maintenant), remplacee)
        signataire = self.appels.signature(authentification) if authentification.mode == MODE_DIRECT else self._lot
        pieces = self._alterations.passer(Couture.LOT_PIECES, [Piece(fiche.unique_id, document.octets)])
        signature = self._alterations.passer(Couture.LOT, signer_lot(lot_id, pieces, charger(signataire), maintenant))
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
        enveloppe = self._alterations.passer(Couture.TD21, self.appels.enveloppe(appel, corps))
        envoi = self._alterations.passer(Couture.HTTP_TD21, self.appels.avec_pieces(appel, enveloppe, jointes))
        return envoi, enveloppe

    def _fiche_remplacee(self, document: Document, ins: Ins, authentification: Authentification) -> str:
        """The entryUUID of the document that this one replaces: asked of the registry, which alone knows it (DMP_3.1b)."""
        if self._regles.vise == "document":
            return document.remplace
        if self._regles.vise == "inconnue":
            return f"urn:uuid:{uuid.uuid4()}"
        if document.remplace in self._retenues:
            return self._retenues[document.remplace]
        return self._fiche(document.remplace, ins, authentification)

    def _fiche(self, unique_id: str, ins: Ins, authentification: Authentification) -> str:
        """The entryUUID of a document."""
        appel = Appel("registry", TD31, ins, authentification)
        enveloppe = self.appels.enveloppe(appel, self._alterations.passer(Couture.TD31, reference(unique_id)))
        references = lire(self.appels.envoyer(self.appels.sans_piece(appel, enveloppe), enveloppe).corps).references
        if not references:
            raise DepotRefuse("le document à remplacer n'est plus au DMP")
        return references[0]

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


def _acces(corps: etree._Element) -> Acces:
    """Open, closed or absent; the authorisation beside it."""
    reponse = corps.find(f".//{hl7.nom('queryResponseCode')}")
    if reponse is None:
        raise DmpIndisponible("réponse inattendue au test d'existence.")
    valeurs = (
        ligne.find(hl7.nom("value"))
        for ligne in corps.iter(hl7.nom("attentionLine"))
        if (mot := ligne.find(hl7.nom("keyWordText"))) is not None and mot.get("code") == "AUTORISATION"
    )
    autorisation = next((valeur.get("code", "") for valeur in valeurs if valeur is not None), "")
    if reponse.get("code") != "OK":
        return Acces(EtatDmp.ABSENT, autorisation)
    statut = corps.find(f".//{hl7.nom('subject1')}/{hl7.nom('patient')}/{hl7.nom('statusCode')}")
    ferme = statut is not None and statut.get("code") == "terminated"
    return Acces(EtatDmp.FERME if ferme else EtatDmp.OUVERT, autorisation)
