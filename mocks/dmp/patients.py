"""TD0.2: the answer PRPA_IN201308UV02 of the patient registry (existence of the DMP, state of authorisation)."""

from __future__ import annotations

from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from ...validation.soap import SoapMessage
from .caller import Caller
from .dossier import Dossier
from .messages import HL7

DMP_DEVICE = "1.2.250.1.213.4.1.1.1"


def queried_patient(message: SoapMessage) -> str:
    """The patient asked about, as a CX identifier; ``""`` when the query holds none."""
    value = message.body.find(f".//{{{HL7}}}patientIdentifier/{{{HL7}}}value")
    if value is None:
        return ""
    return f"{value.get('extension', '')}^^^&{value.get('root', '')}&ISO^NH"


def demographics(message: SoapMessage, dossier: Dossier | None, caller: Caller, *, response_id: str, now: datetime) -> str:
    """The whole answer: two attention lines, acknowledgement, the patient when his DMP exists."""
    request = message.body.find(f".//{{{HL7}}}id")
    target = "" if request is None else _ii(request.get("root", ""), request.get("extension", ""))
    authorisation = dossier.authorisation_of(caller.user) if dossier else "NON_EXISTE"
    attending = dossier is not None and dossier.medecin_traitant != "" and dossier.medecin_traitant == caller.user
    return (
        f'<PRPA_IN201308UV02 xmlns="{HL7}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ITSVersion="XML_1.0">'
        f'{_ii(DMP_DEVICE, response_id)}<creationTime value="{now:%Y%m%d%H%M%S}"/>'
        '<interactionId root="2.16.840.1.113883.1.6" extension="PRPA_IN201308UV02"/>'
        '<processingCode code="P"/><processingModeCode code="T"/><acceptAckCode code="NE"/>'
        f'<receiver typeCode="RCV">{_device(_caller(message))}</receiver>'
        f'<sender typeCode="SND">{_device(DMP_DEVICE, "DMP")}</sender>'
        f"{_attention('AUTORISATION', '1.2.250.1.213.4.1.2.6.1', _authorisation(authorisation))}"
        f"{_attention('STATUT_MT', '1.2.250.1.213.4.1.2.6.3', _boolean('true' if attending else 'false'))}"
        f'<acknowledgement typeCode="AA"><targetMessage>{target}</targetMessage>{_detail(dossier)}</acknowledgement>'
        f"{_control_act(message, dossier)}</PRPA_IN201308UV02>"
    )


def _control_act(message: SoapMessage, dossier: Dossier | None) -> str:
    query = message.body.find(f".//{{{HL7}}}queryByParameter/{{{HL7}}}queryId")
    query_id = "" if query is None else f"<queryId {_root_extension(query.get('root', ''), query.get('extension', ''))}/>"
    count = 1 if dossier else 0
    return (
        '<controlActProcess classCode="CACT" moodCode="EVN">'
        f"{_subject(dossier) if dossier else ''}"
        f'<queryAck>{query_id}<statusCode code="deliveredResponse"/><queryResponseCode code="{"OK" if dossier else "NF"}"/>'
        f'<resultTotalQuantity value="{count}"/><resultCurrentQuantity value="{count}"/>'
        '<resultRemainingQuantity value="0"/></queryAck>'
        "</controlActProcess>"
    )


def _subject(dossier: Dossier) -> str:
    status = "active" if dossier.actif else "terminated"
    name = f'<given>{escape(dossier.prenom)}</given><family qualifier="BR">{escape(dossier.nom)}</family>'
    return (
        '<subject typeCode="SUBJ"><registrationEvent classCode="REG" moodCode="EVN"><statusCode code="active"/>'
        f'<subject1 typeCode="SBJ"><patient classCode="PAT">{_ii(dossier.oid, dossier.ins)}<statusCode code="{status}"/>'
        f'<patientPerson classCode="PSN" determinerCode="INSTANCE"><name>{name}</name>'
        f'<administrativeGenderCode code="{escape(dossier.sexe)}"/>'
        f'<birthTime value="{escape(dossier.naissance)}"/></patientPerson>'
        f"{_observation('COMPTE_INTERNET_OUVERT', '1.2.250.1.213.4.1.2.9')}"
        f"{_observation('RATTACHEMENT_ENS', '1.2.250.1.213.4.1.2.3')}"
        f'</patient></subject1><custodian typeCode="CST"><assignedEntity classCode="ASSIGNED">'
        f"{_ii(DMP_DEVICE, '')}</assignedEntity>"
        "</custodian></registrationEvent></subject>"
    )


def _detail(dossier: Dossier | None) -> str:
    if dossier is None or dossier.actif:
        return ""
    return '<acknowledgementDetail typeCode="I"><code code="DMPClosed"/><text>Le DMP est fermé</text></acknowledgementDetail>'


def _observation(code: str, system: str) -> str:
    return (
        '<subjectOf typeCode="SBJ"><administrativeObservation classCode="OBS" moodCode="EVN">'
        f'<code code="{code}" codeSystem="{system}"/><value xsi:type="BL" value="true"/></administrativeObservation></subjectOf>'
    )


def _attention(key: str, system: str, value: str) -> str:
    return f'<attentionLine><keyWordText code="{key}" codeSystem="{system}">{key}</keyWordText>{value}</attentionLine>'


def _authorisation(code: str) -> str:
    return f'<value xsi:type="CV" code="{code}" codeSystem="1.2.250.1.213.4.1.2.6.2"/>'


def _boolean(value: str) -> str:
    return f'<value xsi:type="BL" value="{value}"/>'


def _device(root: str, name: str = "") -> str:
    software = f"<softwareName>{escape(name)}</softwareName>" if name else ""
    return f'<device classCode="DEV" determinerCode="INSTANCE">{_ii(root, "")}{software}</device>'


def _caller(message: SoapMessage) -> str:
    found = message.body.find(f".//{{{HL7}}}sender/{{{HL7}}}device/{{{HL7}}}id")
    return "" if found is None else found.get("root", "")


def _ii(root: str, extension: str) -> str:
    return f"<id {_root_extension(root, extension)}/>"


def _root_extension(root: str, extension: str) -> str:
    return f"root={quoteattr(root)}" + (f" extension={quoteattr(extension)}" if extension else "")
