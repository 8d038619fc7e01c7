"""Calls to the DMP: the right endpoint for the right action, and the existence test TD0.2."""

from __future__ import annotations

import re
from datetime import datetime

from lxml import etree

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..validation.soap import SoapMessage
from ..validation.xml import place_of
from .registry import check

BASE = "/si-dmp-server/v2/services"
_HL7 = "urn:hl7-org:v3"
_PKG = "exemples officiels de messages DMP 02.05.00"
_INS_OIDS = tuple(f"1.2.250.1.213.1.4.{n}" for n in ("8", "9", "10", "11"))
_DMP_OID = "1.2.250.1.213.4.1.1.1"
_TRANSACTIONS = {
    "urn:hl7-org:v3:PRPA_IN201307UV02": ("PRPA_IN201307UV02", "/patients"),
    "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b": ("ProvideAndRegisterDocumentSetRequest", "/repository"),
    "urn:ihe:iti:2007:RetrieveDocumentSet": ("RetrieveDocumentSetRequest", "/repository"),
    "urn:ihe:iti:2007:RegistryStoredQuery": ("AdhocQueryRequest", "/registry"),
    "urn:ihe:iti:2010:UpdateDocumentSet": ("SubmitObjectsRequest", "/registry"),
    "urn:si-dmp-habilitations:HabilitationsEndPoint:setAuthorization": ("setAuthorization", "/habilitations"),
    "urn:si-dmp-patients:PatientSpecificEndPoint:patientList": ("patientList", "/patientsSpecific"),
    "urn:si-dmp-habilitations:HabilitationsEndPoint:listAuthorizationByPatient": (
        "listAuthorizationByPatient",
        "/habilitations",
    ),
    "urn:hl7-org:v3:PRPA_IN201305UV02": ("PRPA_IN201305UV02", "/patientsPDQ"),
    "urn:hl7-org:v3:PRPA_IN201311UV02": ("PRPA_IN201311UV02", "/patients"),
    "urn:hl7-org:v3:PRPA_IN201314UV02": ("PRPA_IN201314UV02", "/patients"),
}


@check("dmp.action-matches-body", covers=("DMP-ALIM-04",), source=_PKG, confidence="vu")
def action_names_the_transaction_of_the_body(message: SoapMessage) -> Evidence:
    """wsa:Action est celle de la transaction que porte le corps du message."""
    expected = {operation: action for action, (operation, _) in _TRANSACTIONS.items()}.get(message.operation)
    if expected is None:
        raise CheckFailed(
            "Corps de message qui n'est celui d'aucune transaction du DMP",
            expected=", ".join(operation for operation, _ in _TRANSACTIONS.values()),
            received=message.operation or "corps vide",
            at="/soap:Envelope/soap:Body",
            hint="Vérifier l'élément racine du corps et son espace de noms.",
        )
    if message.action != expected:
        raise CheckFailed(
            "wsa:Action d'une autre transaction que celle du corps",
            expected=expected,
            received=message.action or "absente",
            at="/soap:Envelope/soap:Header/wsa:Action",
            hint=f"Le corps {message.operation} s'envoie avec cette action.",
        )
    return Evidence(at="/soap:Envelope/soap:Header/wsa:Action", note=message.action)


@check("dmp.endpoint-matches-action", covers=("DMP-ALIM-04",), source=_PKG, confidence="vu")
def endpoint_serves_the_action(message: SoapMessage) -> Evidence:
    """L'appel est envoyé à l'adresse du service qui sert cette transaction."""
    known = _TRANSACTIONS.get(message.action)
    if known is None:
        raise Inconclusive("action inconnue : aucune adresse à comparer")
    if message.path != BASE + known[1]:
        raise CheckFailed(
            "Transaction envoyée à une autre adresse que la sienne",
            expected=BASE + known[1],
            received=message.path,
            at="ligne de requête HTTP",
            hint="Une adresse par service : /patients, /repository, /registry… après la base configurée.",
        )
    return Evidence(at="ligne de requête HTTP", note=message.path)


@check("dmp.td02.interaction", covers=("DMP-ALIM-04",), source=f"{_PKG} (TD0.2)", confidence="vu")
def existence_test_names_its_interaction(message: SoapMessage) -> Evidence:
    """Le test d'existence porte interactionId PRPA_IN201307UV02, acceptAckCode AL et processingModeCode T."""
    query = _query(message)
    found = {
        "interactionId/@extension": _attribute(query, "interactionId", "extension"),
        "interactionId/@root": _attribute(query, "interactionId", "root"),
        "acceptAckCode/@code": _attribute(query, "acceptAckCode", "code"),
        "processingModeCode/@code": _attribute(query, "processingModeCode", "code"),
    }
    expected = dict(zip(found, ("PRPA_IN201307UV02", "2.16.840.1.113883.1.6", "AL", "T"), strict=True))
    for name, value in expected.items():
        if found[name] != value:
            raise CheckFailed(
                f"{name} inexact dans le test d'existence",
                expected=value,
                received=found[name] or "absent",
                at=f"{place_of(query)}/{name}",
                hint="Reprendre l'en-tête de transmission HL7 V3 de l'exemple officiel.",
            )
    return Evidence(at=place_of(query), fired=len(expected))


@check("dmp.td02.identified", covers=("DMP-ALIM-04",), source=f"{_PKG} (TD0.2)", confidence="vu")
def existence_test_is_identified(message: SoapMessage) -> Evidence:
    """Le test d'existence a un identifiant, une date de création et un identifiant de requête."""
    query = _query(message)
    created = _attribute(query, "creationTime", "value")
    if not re.fullmatch(r"\d{14}(?:\.\d+)?(?:[+-]\d{4})?", created) or not _is_date(created):
        raise CheckFailed(
            "creationTime absent ou mal formé",
            expected="AAAAMMJJHHMMSS",
            received=created or "absent",
            at=f"{place_of(query)}/creationTime",
            hint="Horodater le message à la seconde (format TS de HL7 V3).",
        )
    for path in ("id", "controlActProcess/queryByParameter/queryId"):
        root, extension = _attribute(query, path, "root"), _attribute(query, path, "extension")
        if not root or not extension:
            raise CheckFailed(
                f"{path} incomplet dans le test d'existence",
                expected="root (OID du logiciel) et extension",
                received=f"root={root or 'absent'}, extension={extension or 'absente'}",
                at=f"{place_of(query)}/{path}",
                hint="L'identifiant du message et celui de la requête sont propres à chaque appel.",
            )
    return Evidence(at=place_of(query), fired=3)


@check("dmp.td02.devices", covers=("DMP-ALIM-04",), source=f"{_PKG} (TD0.2)", confidence="vu")
def existence_test_names_both_systems(message: SoapMessage) -> Evidence:
    """Le destinataire du test d'existence est le DMP, et l'émetteur porte l'OID du logiciel."""
    query = _query(message)
    receiver = _attribute(query, "receiver/device/id", "root")
    sender = _attribute(query, "sender/device/id", "root")
    if receiver != _DMP_OID:
        raise CheckFailed(
            "Destinataire du test d'existence inexact",
            expected=_DMP_OID,
            received=receiver or "absent",
            at=f"{place_of(query)}/receiver/device/id/@root",
            hint="L'OID du système DMP est fixe.",
        )
    if not re.fullmatch(r"[0-2](?:\.\d+)+", sender) or sender == _DMP_OID:
        raise CheckFailed(
            "Émetteur du test d'existence absent ou inexact",
            expected="l'OID de l'instance du logiciel",
            received=sender or "absent",
            at=f"{place_of(query)}/sender/device/id/@root",
            hint="Chaque installation du DUI a son OID, à configurer.",
        )
    return Evidence(at=place_of(query), fired=2)


@check("dmp.td02.reason", covers=("DMP-ALIM-04",), source=f"{_PKG} (TD0.2)", confidence="vu")
def existence_test_gives_its_reason(message: SoapMessage) -> Evidence:
    """Le test d'existence est motivé par reasonCode TEST_EXST."""
    query = _query(message)
    code = _attribute(query, "controlActProcess/reasonCode", "code")
    system = _attribute(query, "controlActProcess/reasonCode", "codeSystem")
    if (code, system) != ("TEST_EXST", "1.2.250.1.213.1.1.4.11"):
        raise CheckFailed(
            "reasonCode du test d'existence inexact",
            expected="TEST_EXST (1.2.250.1.213.1.1.4.11)",
            received=f"{code or 'absent'} ({system or 'sans codeSystem'})",
            at=f"{place_of(query)}/controlActProcess/reasonCode",
            hint="CNSLT_DATA sert à lire les données administratives (TD1.3a), TEST_EXST à tester l'existence.",
        )
    return Evidence(at=place_of(query))


@check("dmp.td02.patient", covers=("DMP-ALIM-04",), source=f"{_PKG} (TD0.2)", confidence="vu")
def existence_test_names_the_patient_by_ins(message: SoapMessage) -> Evidence:
    """Le test d'existence désigne un seul usager par son INS : matricule et clé (15 caractères) et OID d'INS."""
    query = _query(message)
    found = query.findall(f".//{{{_HL7}}}patientIdentifier")
    at = f"{place_of(query)}/controlActProcess/queryByParameter/parameterList/patientIdentifier"
    if len(found) != 1:
        raise CheckFailed(
            "Usager absent ou multiple",
            expected="un patientIdentifier",
            received=str(len(found)),
            at=at,
            hint="Un test d'existence par usager, désigné par un seul INS (celui en vigueur, sans les anciens matricules).",
        )
    extension, root = _attribute(found[0], "value", "extension"), _attribute(found[0], "value", "root")
    if not re.fullmatch(r"\d{6}[0-9AB]\d{8}", extension) or root not in _INS_OIDS:
        raise CheckFailed(
            "Identifiant d'usager qui n'est pas un INS complet",
            expected=f"15 caractères sous un OID d'INS ({', '.join(_INS_OIDS)})",
            received=f"{len(extension)} caractères sous {root or 'aucun OID'}",
            at=f"{at}/value",
            hint="Accoler le matricule et sa clé, et recopier l'OID renvoyé par INSi.",
        )
    semantics = (found[0].findtext(f"{{{_HL7}}}semanticsText") or "").strip()
    if semantics != "Patient.id":
        raise CheckFailed(
            "semanticsText inexact",
            expected="Patient.id",
            received=semantics or "absent",
            at=f"{at}/semanticsText",
            hint="Le paramètre de requête patientIdentifier se nomme Patient.id.",
        )
    return Evidence(at=at, fired=3)


def _query(message: SoapMessage) -> etree._Element:
    found = message.body.find(f"{{{_HL7}}}PRPA_IN201307UV02")
    if found is None:
        raise Inconclusive(f"le corps ({message.operation or 'vide'}) n'est pas un test d'existence (TD0.2)")
    return found


def _attribute(parent: etree._Element, path: str, name: str) -> str:
    found = parent.find("/".join(f"{{{_HL7}}}{step}" for step in path.split("/")))
    return "" if found is None else found.get(name, "")


def _is_date(value: str) -> bool:
    try:
        datetime.strptime(value[:14], "%Y%m%d%H%M%S")
    except ValueError:
        return False
    return True
