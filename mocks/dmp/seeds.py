"""Documents that others have deposited in a DMP, so that there is something to consult: level 1 CDA of ours, and its entry.

The house may give other contents: any function from :class:`Seed` to bytes.
"""

from __future__ import annotations

import base64
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from .dossier import Dossier

PS_AUTHORITY, STRUCTURE_AUTHORITY = "1.2.250.1.71.4.2.1", "1.2.250.1.71.4.2.2"
SECTOR = ("SA07", "1.2.250.1.71.4.2.4", "Cabinet individuel")
PRACTICE = ("AMBULATOIRE", "1.2.250.1.213.1.1.4.9", "Ambulatoire")


@dataclass(frozen=True, slots=True)
class Author:
    """Who deposited it: national identifier, names, profession (a TRE_A01 code), structure."""

    id: str = "899700009018"
    nom: str = "FICTIVE"
    prenom: str = "CLAIRE"
    profession: str = "G15_10/SM26"
    profession_libelle: str = "Médecin - Médecine générale"
    structure: str = "1990009012"
    structure_nom: str = "CABINET FICTIF"


@dataclass(frozen=True, slots=True)
class Type:
    """A type of document of ``documents.toml``."""

    code: str
    systeme: str
    libelle: str
    classe: str
    classe_libelle: str


@dataclass(frozen=True, slots=True)
class Seed:
    """A document to place in a DMP. ``date`` is an HL7 time in UTC; ``visibilite`` adds to the confidentiality ``N``."""

    dossier: Dossier
    unique_id: str
    type: Type
    date: str
    titre: str
    auteur: Author = field(default_factory=Author)
    visibilite: tuple[str, ...] = ()
    set_id: str = ""
    version: int = 1
    remplace: str = ""

    @property
    def patient(self) -> str:
        """The CX of the patient."""
        return f"{self.dossier.ins}^^^&{self.dossier.oid}&ISO^NH"


Content = Callable[[Seed], bytes]


@cache
def types() -> Mapping[str, Type]:
    """The types that can be placed, by name."""
    return {name: Type(**row) for name, row in _data()["type"].items()}


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("documents.toml").read_text(encoding="utf-8"))


def content_of(seed: Seed) -> bytes:
    """A level 1 CDA document whose body is a short text."""
    who, patient = seed.auteur, seed.dossier
    local = _local(seed.date)
    author = (
        f'<id root="{PS_AUTHORITY}" extension={quoteattr(who.id)}/>'
        f"<code code={quoteattr(who.profession)} displayName={quoteattr(who.profession_libelle)}"
        ' codeSystem="1.2.250.1.213.1.1.4.5"/>'
        '<addr nullFlavor="NAV"/><telecom nullFlavor="NAV"/>'
        f"<assignedPerson><name><family>{escape(who.nom)}</family><given>{escape(who.prenom)}</given></name></assignedPerson>"
    )
    structure = (
        f'<id root="{STRUCTURE_AUTHORITY}" extension={quoteattr(who.structure)}/><name>{escape(who.structure_nom)}</name>'
        '<telecom nullFlavor="NAV"/><addr nullFlavor="NAV"/>'
    )
    replaces = (
        f'<relatedDocument typeCode="RPLC"><parentDocument><id root="{seed.remplace}"/></parentDocument></relatedDocument>'
        if seed.remplace
        else ""
    )
    text = base64.b64encode(f"{seed.titre}\nDocument fictif, version {seed.version}.\n".encode()).decode()
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        '<realmCode code="FR"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>'
        '<templateId root="2.16.840.1.113883.2.8.2.1"/><templateId root="1.2.250.1.213.1.1.1.1"/>'
        '<templateId root="1.3.6.1.4.1.19376.1.2.20"/>'
        f'<id root="{seed.unique_id}"/>'
        f'<code code="{seed.type.code}" codeSystem="{seed.type.systeme}" displayName={quoteattr(seed.type.libelle)}/>'
        f'<title>{escape(seed.titre)}</title><effectiveTime value="{local}"/>'
        '<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25" displayName="Normal"/><languageCode code="fr-FR"/>'
        f'<setId root="{seed.set_id or seed.unique_id}"/><versionNumber value="{seed.version}"/>'
        f'<recordTarget><patientRole><id root="{patient.oid}" extension="{patient.ins}"/>'
        '<addr nullFlavor="NAV"/><telecom nullFlavor="NAV"/><patient>'
        f'<name><given>{escape(patient.prenom)}</given><given qualifier="BR">{escape(patient.prenom)}</given>'
        f'<family qualifier="BR">{escape(patient.nom)}</family></name>'
        f'<administrativeGenderCode code="{patient.sexe}" codeSystem="2.16.840.1.113883.5.1"/>'
        f'<birthTime value="{patient.naissance}"/></patient></patientRole></recordTarget>'
        f'<author><time value="{local}"/><assignedAuthor>{author}'
        f"<representedOrganization>{structure}</representedOrganization></assignedAuthor></author>"
        f"<custodian><assignedCustodian><representedCustodianOrganization>{structure}"
        "</representedCustodianOrganization></assignedCustodian></custodian>"
        f'<legalAuthenticator><time value="{local}"/><signatureCode code="S"/><assignedEntity>{author}'
        f"<representedOrganization>{structure}</representedOrganization></assignedEntity></legalAuthenticator>"
        f'<documentationOf><serviceEvent><effectiveTime><low value="{local}"/></effectiveTime><performer typeCode="PRF">'
        f"<assignedEntity>{author}<representedOrganization>{structure}"
        f'<standardIndustryClassCode code="{PRACTICE[0]}" codeSystem="{PRACTICE[1]}" displayName="{PRACTICE[2]}"/>'
        f"</representedOrganization></assignedEntity></performer></serviceEvent></documentationOf>{replaces}"
        f'<componentOf><encompassingEncounter><effectiveTime><low value="{local}"/></effectiveTime><location>'
        f'<healthCareFacility><code code="{SECTOR[0]}" codeSystem="{SECTOR[1]}" displayName="{SECTOR[2]}"/>'
        "</healthCareFacility></location></encompassingEncounter></componentOf>"
        f'<component><nonXMLBody><text mediaType="text/plain" representation="B64">{text}</text></nonXMLBody></component>'
        "</ClinicalDocument>"
    ).encode()


def metadata_of(seed: Seed) -> str:
    """The ExtrinsicObject of a placed document."""
    who, data = seed.auteur, _data()
    person = f"{who.id}^{who.nom}^{who.prenom}^^^^^^&{PS_AUTHORITY}&ISO^D^^^IDNPS"
    author = (
        _slot("authorPerson", person)
        + _slot("authorInstitution", f"{who.structure_nom}^^^^^&{STRUCTURE_AUTHORITY}&ISO^IDNST^^^{who.structure}")
        + _slot("authorSpecialty", f"{who.profession}^{who.profession_libelle}^1.2.250.1.213.1.1.4.5")
    )
    traits = (
        f"PID-5|{seed.dossier.nom}^{seed.dossier.prenom}^^^^^L",
        f"PID-7|{seed.dossier.naissance}",
        f"PID-8|{seed.dossier.sexe}",
    )
    hidden = "".join(
        _code("f4f85eac-e6cb-4883-b524-f2705394840f", code, "1.2.250.1.213.1.1.4.13", code) for code in seed.visibilite
    )
    kind = seed.type
    return (
        '<ExtrinsicObject xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0" id="Doc" mimeType="text/xml"'
        ' objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1">'
        f"{_slot('creationTime', seed.date)}{_slot('languageCode', 'fr-FR')}{_slot('serviceStartTime', seed.date)}"
        f"{_slot('legalAuthenticator', person)}{_slot('sourcePatientId', seed.patient)}{_slot('sourcePatientInfo', *traits)}"
        f"<Name><LocalizedString value={quoteattr(seed.titre)}/></Name>"
        '<Classification classificationScheme="urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d" classifiedObject="Doc"'
        f' nodeRepresentation="">{author}</Classification>'
        f"{_code('41a5887f-8865-4c09-adf7-e362475b143a', kind.classe, '1.2.250.1.213.1.1.4.1', kind.classe_libelle)}"
        f"{_code('f0306f51-975f-434e-a61c-c59651d33983', kind.code, kind.systeme, kind.libelle)}"
        f"{_code('a09d5840-386c-46f2-b5ad-9c3699a4309d', data['format'], data['format_systeme'], data['format'])}"
        f"{_code('f4f85eac-e6cb-4883-b524-f2705394840f', 'N', '2.16.840.1.113883.5.25', 'Normal')}{hidden}"
        f"{_code('f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1', *SECTOR)}{_code('cccf5598-8b07-4b77-a05e-ae952c785ead', *PRACTICE)}"
        f"{_identifier('58a6f841-87b3-4a3e-92fd-a8ffeff98427', seed.patient, 'XDSDocumentEntry.patientId')}"
        f"{_identifier('2e82c1f6-a085-4c72-9da3-8640a32e42ab', seed.unique_id, 'XDSDocumentEntry.uniqueId')}</ExtrinsicObject>"
    )


def package_of(seed: Seed, unique_id: str) -> str:
    """The RegistryPackage of the submission that brought it."""
    return (
        '<RegistryPackage xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0" id="Lot">'
        f"{_slot('submissionTime', seed.date)}<Name><LocalizedString value={quoteattr(seed.titre)}/></Name>"
        f"{_identifier('6b5aea1a-874d-4603-a4bc-96a0a7b38446', seed.patient, 'XDSSubmissionSet.patientId', 'Lot')}"
        f"{_identifier('96fdda7c-d067-4183-912e-bf5ee74998a8', unique_id, 'XDSSubmissionSet.uniqueId', 'Lot')}</RegistryPackage>"
    )


def _local(date: str) -> str:
    """The UTC time as a document writes it, with its offset."""
    moment = datetime.strptime(date.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC) + timedelta(hours=1)
    return f"{moment:%Y%m%d%H%M%S}+0100"


def _slot(name: str, *values: str) -> str:
    inner = "".join(f"<Value>{escape(value)}</Value>" for value in values)
    return f'<Slot name="{name}"><ValueList>{inner}</ValueList></Slot>'


def _code(scheme: str, code: str, system: str, label: str) -> str:
    return (
        f'<Classification classificationScheme="urn:uuid:{scheme}" classifiedObject="Doc" nodeRepresentation={quoteattr(code)}>'
        f"{_slot('codingScheme', system)}<Name><LocalizedString value={quoteattr(label)}/></Name></Classification>"
    )


def _identifier(scheme: str, value: str, name: str, owner: str = "Doc") -> str:
    return (
        f'<ExternalIdentifier identificationScheme="urn:uuid:{scheme}" registryObject="{owner}" value={quoteattr(value)}>'
        f'<Name><LocalizedString value="{name}"/></Name></ExternalIdentifier>'
    )
