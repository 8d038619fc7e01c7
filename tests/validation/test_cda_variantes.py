"""Good documents written otherwise stay good: what the header allows, whatever the type, and what XML allows.

Each variant is a small change within the rules, made to the documents that the reference DUI writes, to those of the tests
and, where they are on the machine, to the official samples.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from dui_conformance.checks.registry import all_profiles, run_profile
from dui_conformance.core.profile import best_for
from dui_conformance.core.providers import provide
from dui_conformance.core.verdict import Verdict
from dui_conformance.fixtures.people import usager
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.mocks.dui.exemples import document, structure_de, types
from dui_conformance.validation.cda import CdaDocument
from dui_conformance.validation.document import Document
from dui_conformance.validation.xml import local_name, parse
from lxml import etree

DATA = Path(__file__).parent.parent / "data" / "cda"
SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"
OFFICIAL = sorted((SHARED / "cda" / "samples").glob("*.xml"))
DAY = date(2026, 11, 22)
HL7 = "urn:hl7-org:v3"
NS = {
    "h": HL7,
    "sdtc": "urn:hl7-org:sdtc",
    "lab": "urn:oid:1.3.6.1.4.1.19376.1.3.2",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
HEADER = [
    "realmCode",
    "typeId",
    "templateId",
    "id",
    "code",
    "title",
    "effectiveTime",
    "confidentialityCode",
    "languageCode",
    "setId",
    "versionNumber",
    "copyTime",
    "recordTarget",
    "author",
    "dataEnterer",
    "informant",
    "custodian",
    "informationRecipient",
    "legalAuthenticator",
    "authenticator",
    "participant",
    "inFulfillmentOf",
    "documentationOf",
    "relatedDocument",
    "authorization",
    "componentOf",
    "component",
]

Change = Callable[[etree._Element], "etree._Element | None"]
CHANGES: dict[str, Change] = {}
WRITINGS: dict[str, Callable[[etree._Element], bytes]] = {}


RIGID = {
    "EXPORT_DUI": {  # its volet says who the authors are, and what they have
        "software_is_author_too",
        "author_of_unknown_profession",
        "second_author_without_structure",
        "organizations_without_name",
        "custodian_hosts_what_the_usager_writes",
        "signer_without_name_nor_structure",
        "orders",
    }
}


@cache
def green(name: str) -> bytes:
    if name.startswith("officiel "):
        return next(path for path in OFFICIAL if path.stem == name[9:]).read_bytes()
    if name in types():
        return document(name, usager("qualifie", "1").as_dict(), professionals()["infirmiere-ehpad"], structure_de(None)).octets
    return (DATA / f"{name}.xml").read_bytes()


NAMES = (*types(), *(path.stem for path in sorted(DATA.glob("*.xml"))), *(f"officiel {path.stem}" for path in OFFICIAL))


def refused(data: bytes) -> list[str]:
    """The rules that make the document *non conforme*, and where."""
    given = Document(data, "variante.xml")
    cda = provide(CdaDocument, given)
    profile = best_for(cda.kind, tuple(all_profiles().values()), DAY)
    assert profile is not None
    applied = run_profile(profile, [given], day=DAY)
    return [
        f"{finding.check} {finding.at} {finding.received}"
        for each in applied
        if each.verdict is Verdict.NON_CONFORME
        for finding in (each.finding,)
        if finding
    ]


def change(function: Change) -> Change:
    CHANGES[function.__name__] = function
    return function


def fragment(text: str) -> etree._Element:
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NS.items() if prefix != "h")
    return etree.fromstring(f'<r xmlns="{HL7}" {spaces}>{text}</r>')[0]


def add(root: etree._Element, *texts: str) -> None:
    """Add elements of the header, each after those that come before it in the order of the schema."""
    for text in texts:
        added = fragment(text)
        rank = HEADER.index(local_name(added))
        after = [child for child in root.iterchildren(etree.Element) if HEADER.index(local_name(child)) <= rank]
        after[-1].addnext(added)


def found(root: etree._Element, path: str) -> list[etree._Element]:
    return root.xpath(path, namespaces=NS)  # type: ignore[no-any-return]


def put_before(parent: etree._Element, text: str, names: str) -> None:
    """Insert a child before the first one that has one of these names, else last."""
    wanted = names.split()
    following = next((child for child in parent.iterchildren(etree.Element) if local_name(child) in wanted), None)
    if following is None:
        parent.append(fragment(text))
    else:
        following.addprevious(fragment(text))


PATIENT = "h:recordTarget/h:patientRole/h:patient"
RPPS = '<id root="1.2.250.1.71.4.2.1" extension="899700000001"/>'
FINESS = '<id root="1.2.250.1.71.4.2.2" extension="1750803448"/>'


@change
def templates_in_another_order(root: etree._Element) -> None:
    templates = found(root, "h:templateId")
    for template in templates[1:]:
        templates[0].addprevious(template)


@change
def templates_of_entries_in_another_order(root: etree._Element) -> None:
    for parent in {template.getparent() for template in found(root, "h:component//h:templateId")}:
        templates = found(parent, "h:templateId")
        for template in reversed(templates[1:]):
            templates[0].addprevious(template)


@change
def one_more_template(root: etree._Element) -> None:
    if found(root, "h:component/h:structuredBody"):
        add(root, '<templateId root="1.2.250.1.213.1.1.99.1" extension="2020.01"/>')


@change
def comments_everywhere(root: etree._Element) -> None:
    for element in list(root.iter(etree.Element)):
        element.addprevious(etree.Comment(" repère ")) if element is not root else None
        if len(element):
            element.append(etree.ProcessingInstruction("outil", "reprise"))


@change
def no_blank_between_elements(root: etree._Element) -> None:
    for element in root.iter(etree.Element):
        if len(element) and not (element.text or "").strip() and local_name(element) not in {"text", "td", "item"}:
            element.text = None
            for child in element:
                if not (child.tail or "").strip():
                    child.tail = None


@change
def another_indentation(root: etree._Element) -> None:
    for child in root.iterchildren(etree.Element):
        if local_name(child) != "component":
            etree.indent(child, space="\t\t")


@change
def title_in_cdata(root: etree._Element) -> None:
    title = found(root, "h:title")[0]
    title.text = etree.CDATA(title.text)


@change
def informant_professional(root: etree._Element) -> None:
    add(root, f"<informant><assignedEntity>{RPPS}<telecom nullFlavor='UNK'/></assignedEntity></informant>")


@change
def informant_professional_without_number(root: etree._Element) -> None:
    add(
        root,
        '<informant><assignedEntity><id nullFlavor="UNK"/><code nullFlavor="NI"/><addr nullFlavor="NASK"/>'
        "<assignedPerson><name><family>DURAND</family>"
        '</name></assignedPerson><representedOrganization><name>EHPAD</name><standardIndustryClassCode code="ESSMS" '
        'codeSystem="1.2.250.1.213.1.1.4.9" displayName="ESSMS"/></representedOrganization></assignedEntity></informant>',
    )


@change
def informant_relatives(root: etree._Element) -> None:
    for relation, code in (("CAREGIVER", "DAUC"), ("NOK", "SIGOTHR"), ("ECON", "NEPHEW")):
        add(
            root,
            f'<informant typeCode="INF"><relatedEntity classCode="{relation}"><code code="{code}" '
            'codeSystem="2.16.840.1.113883.5.111" displayName="Proche"/>'
            "<addr><streetAddressLine>1 rue</streetAddressLine><streetAddressLine>75000 PARIS</streetAddressLine>"
            "</addr><telecom use='MC' value='tel:0102030405'/>"
            "<telecom value='mailto:a@b.fr'/><relatedPerson><name><prefix>MME</prefix><family>X</family>"
            "<given>Y</given></name></relatedPerson></relatedEntity></informant>",
        )


@change
def informant_usager(root: etree._Element) -> None:
    add(
        root,
        '<informant><relatedEntity classCode="PAT"><relatedPerson><name><family>X</family></name></relatedPerson>'
        "</relatedEntity></informant>",
    )


@change
def informant_guardian(root: etree._Element) -> None:
    add(
        root,
        '<informant><relatedEntity classCode="CON"><code code="TUTEUR" codeSystem="1.2.250.1.213.1.1.4.327" '
        'displayName="Tuteur"/><telecom nullFlavor="MSK"/>'
        "<relatedPerson><name><family>X</family></name></relatedPerson></relatedEntity></informant>",
    )


@change
def participants(root: etree._Element) -> None:
    if found(root, "h:participant"):
        return
    add(
        root,
        '<participant typeCode="RESP"><time value="20251120"/><associatedEntity '
        f'classCode="PROV">{RPPS}</associatedEntity></participant>',
        '<participant typeCode="CON"><templateId root="1.3.6.1.4.1.19376.1.3.3.1.6"/><functionCode code="CORRE" '
        'codeSystem="1.2.250.1.213.1.1.4.2.280" displayName="Correspondant"/>'
        f'<time><low value="20240101"/></time><associatedEntity classCode="AGNT">{RPPS}<code code="G15_10/SM26" '
        'codeSystem="1.2.250.1.213.1.1.4.5" displayName="Médecin généraliste"/>'
        "<associatedPerson><name><family>X</family></name></associatedPerson>"
        f"<scopingOrganization>{FINESS}</scopingOrganization></associatedEntity></participant>",
        '<participant typeCode="REF"><time nullFlavor="UNK"/><associatedEntity classCode="PROV"><id '
        'nullFlavor="UNK"/><associatedPerson><name nullFlavor="UNK"/></associatedPerson></associatedEntity></participant>',
    )


@change
def replacement(root: etree._Element) -> None:
    if not found(root, "h:relatedDocument"):
        add(
            root,
            '<relatedDocument typeCode="RPLC"><parentDocument><id root="1.2.3.4" extension="5"/><setId '
            'root="1.2.3"/><versionNumber value="1"/></parentDocument></relatedDocument>',
        )


@change
def consents(root: etree._Element) -> None:
    for _ in range(2):
        add(
            root,
            '<authorization><consent classCode="CONS" moodCode="EVN"><id root="1.2.3"/><code code="X" '
            'codeSystem="1.2.3" displayName="Consentement"/><statusCode code="completed"/></consent></authorization>',
        )


@change
def consent_of_unknown_status(root: etree._Element) -> None:
    add(root, '<authorization><consent><code nullFlavor="UNK"/><statusCode nullFlavor="UNK"/></consent></authorization>')


@change
def more_acts(root: etree._Element) -> None:
    add(
        root,
        "<documentationOf><serviceEvent><code code='QZQM001' codeSystem='1.2.250.1.213.2.5' displayName='Acte'/>"
        "</serviceEvent></documentationOf>",
        "<documentationOf><serviceEvent><id root='1.2.3'/><code nullFlavor='UNK'/><effectiveTime><low "
        "value='20240101'/><high value='20240201'/></effectiveTime></serviceEvent></documentationOf>",
    )


@change
def act_with_its_status(root: etree._Element) -> None:
    for event in found(root, "h:documentationOf/h:serviceEvent[h:code][not(lab:statusCode)]"):
        found(event, "h:code")[0].addnext(fragment('<lab:statusCode code="completed"/>'))


@change
def software_is_author_too(root: etree._Element) -> None:
    add(
        root,
        '<author><time value="20251120"/><assignedAuthor><id root="1.2.3.4" extension="LOGICIEL"/>'
        "<assignedAuthoringDevice><manufacturerModelName>M</manufacturerModelName>"
        "<softwareName>S</softwareName></assignedAuthoringDevice></assignedAuthor></author>",
    )


@change
def author_of_unknown_profession(root: etree._Element) -> None:
    add(
        root,
        '<author><functionCode code="PCP" codeSystem="2.16.840.1.113883.5.88" displayName="Médecin traitant">'
        '<originalText>MT</originalText></functionCode><time value="202511201015+0100"/>'
        '<assignedAuthor><id root="1.2.3.4" extension="X"/><code nullFlavor="UNK"/><assignedPerson><name>'
        "<family>X</family><given>Y</given><prefix>M</prefix><suffix>DR</suffix></name></assignedPerson>"
        "</assignedAuthor></author>",
    )


@change
def author_in_a_part_of_a_structure(root: etree._Element) -> None:
    for organization in found(root, "h:author[1]/h:assignedAuthor/h:representedOrganization[not(h:asOrganizationPartOf)]"):
        organization.append(
            fragment(
                f"<asOrganizationPartOf><wholeOrganization>{FINESS}<name>Groupe</name></wholeOrganization></asOrganizationPartOf>"
            )
        )


@change
def second_author_without_structure(root: etree._Element) -> None:
    add(root, f'<author><time value="20251120"/><assignedAuthor>{RPPS}</assignedAuthor></author>')


@change
def guardian_is_a_structure(root: etree._Element) -> None:
    put_before(
        found(root, PATIENT)[0],
        "<guardian><id root='1.2.3' extension='4'/><telecom nullFlavor='UNK'/>"
        f"<guardianOrganization>{FINESS}</guardianOrganization></guardian>",
        "birthplace languageCommunication",
    )


@change
def guardian_has_two_names(root: etree._Element) -> None:
    put_before(
        found(root, PATIENT)[0],
        "<guardian><addr nullFlavor='UNK'/><guardianPerson><name><prefix>MME</prefix><family "
        "qualifier='BR'>X</family><family qualifier='CL'>Y</family><given>Z</given></name></guardianPerson></guardian>",
        "birthplace languageCommunication",
    )


@change
def usager_has_masked_contacts(root: etree._Element) -> None:
    role = found(root, "h:recordTarget/h:patientRole")[0]
    for element in found(role, "h:telecom"):
        role.remove(element)
    for flavor in ("NASK", "ASKU", "NAV", "MSK", "UNK"):
        found(role, "h:patient")[0].addprevious(fragment(f"<telecom nullFlavor='{flavor}'/>"))


@change
def usager_has_addresses_in_lines(root: etree._Element) -> None:
    role = found(root, "h:recordTarget/h:patientRole")[0]
    for element in found(role, "h:addr"):
        role.remove(element)
    lines = "".join(f"<streetAddressLine>ligne {n}</streetAddressLine>" for n in range(7))
    found(role, "h:id")[-1].addnext(fragment(f"<addr use='H'>{lines}</addr>"))
    found(role, "h:id")[-1].addnext(
        fragment(
            "<addr use='HP TMP'><houseNumber>1</houseNumber><streetName>rue</streetName>"
            "<postalCode>75001</postalCode><city>PARIS</city></addr>"
        )
    )
    found(role, "h:id")[-1].addnext(fragment("<addr nullFlavor='MSK'/>"))


@change
def usager_has_used_names(root: etree._Element) -> None:
    name = found(root, f"{PATIENT}/h:name")[0]
    if not found(name, "*[@qualifier = 'CL']"):
        name.append(fragment("<family qualifier='CL'>NOM</family>"))
        name.append(fragment("<given qualifier='CL'>PRENOM</given>"))


@change
def usager_has_a_title(root: etree._Element) -> None:
    name = found(root, f"{PATIENT}/h:name")[0]
    if not found(name, "h:prefix | h:suffix"):
        name.insert(0, fragment("<prefix>MME</prefix>"))
        name.append(fragment("<suffix>DR</suffix>"))


@change
def usager_is_a_dead_twin(root: etree._Element) -> None:
    birth = found(root, f"{PATIENT}/h:birthTime")[0]
    if found(root, f"{PATIENT}/sdtc:*"):
        return
    for text in (
        '<sdtc:multipleBirthOrderNumber value="2"/>',
        '<sdtc:multipleBirthInd value="true"/>',
        '<sdtc:deceasedTime value="20251101"/>',
        '<sdtc:deceasedInd value="true"/>',
    ):
        birth.addnext(fragment(text))


@change
def usager_dead_at_an_unknown_time(root: etree._Element) -> None:
    birth = found(root, f"{PATIENT}/h:birthTime")[0]
    if not found(root, f"{PATIENT}/sdtc:*"):
        birth.addnext(fragment('<sdtc:deceasedTime nullFlavor="UNK"/>'))
        birth.addnext(fragment('<sdtc:deceasedInd value="true"/>'))


@change
def usager_has_other_numbers(root: etree._Element) -> None:
    for text in (
        '<id root="1.2.250.1.71.4.2.7" extension="X-1/2 é"/>',
        f'<id root="{"1.2.250." + "1." * 40}4" extension="{"9" * 60}"/>',
    ):
        found(root, "h:recordTarget/h:patientRole/h:id")[-1].addnext(fragment(text))


@change
def usager_born_in_corsica(root: etree._Element) -> None:
    for county in found(root, f"{PATIENT}/h:birthplace/h:place/h:addr/h:county"):
        county.text = "2A004"


@change
def usager_has_a_provider_and_a_language(root: etree._Element) -> None:
    patient = found(root, PATIENT)[0]
    if not found(patient, "h:maritalStatusCode") and not found(patient, "sdtc:*"):
        found(patient, "h:birthTime")[0].addnext(
            fragment('<maritalStatusCode code="M" codeSystem="2.16.840.1.113883.5.2" displayName="Marié"/>')
        )
    patient.append(
        fragment("<languageCommunication><languageCode code='fr-FR'/><preferenceInd value='true'/></languageCommunication>")
    )
    if not found(root, "h:recordTarget/h:patientRole/h:providerOrganization"):
        patient.addnext(
            fragment(f"<providerOrganization>{FINESS}<name>EHPAD</name><telecom nullFlavor='NAV'/></providerOrganization>")
        )


@change
def birthplace_is_named(root: etree._Element) -> None:
    for place in found(root, f"{PATIENT}/h:birthplace/h:place[not(h:name)]"):
        put_before(place, "<name>ÉPINAL</name>", "addr")


@change
def data_enterer(root: etree._Element) -> None:
    if not found(root, "h:dataEnterer"):
        add(
            root,
            f"<dataEnterer><time value='20251120'/><assignedEntity>{RPPS}<assignedPerson><name><family>X</family>"
            "</name></assignedPerson></assignedEntity></dataEnterer>",
        )


@change
def data_enterer_at_an_unknown_time(root: etree._Element) -> None:
    if not found(root, "h:dataEnterer"):
        add(root, f"<dataEnterer><time nullFlavor='UNK'/><assignedEntity>{RPPS}</assignedEntity></dataEnterer>")


@change
def recipients(root: etree._Element) -> None:
    add(
        root,
        f"<informationRecipient typeCode='TRC'><intendedRecipient>{RPPS}<telecom value='mailto:dr@mssante.fr' "
        "use='WP DIR'/></intendedRecipient></informationRecipient>",
        f"<informationRecipient><intendedRecipient><receivedOrganization>{FINESS}<name>SAU</name><telecom "
        "nullFlavor='UNK'/></receivedOrganization></intendedRecipient></informationRecipient>",
        "<informationRecipient><intendedRecipient><id nullFlavor='UNK'/><addr nullFlavor='UNK'/>"
        "<informationRecipient><name><family>X</family></name></informationRecipient></intendedRecipient></informationRecipient>",
    )


@change
def signer_without_name_nor_structure(root: etree._Element) -> None:
    entity = found(root, "h:legalAuthenticator/h:assignedEntity")[0]
    for element in found(entity, "h:assignedPerson | h:representedOrganization | h:telecom | h:addr | h:code"):
        entity.remove(element)


@change
def authenticators(root: etree._Element) -> None:
    if not found(root, "h:authenticator"):
        template = '<templateId root="1.3.6.1.4.1.19376.1.3.3.1.5"/>' if found(root, "h:code[@code = '11502-2']") else ""
        for _ in range(2):
            add(
                root,
                f"<authenticator>{template}<time value='20251120101500+0100'/><signatureCode code='S'/>"
                f"<assignedEntity>{RPPS}<addr nullFlavor='UNK'/><telecom nullFlavor='UNK'/>"
                "<assignedPerson><name><family>X</family></name></assignedPerson></assignedEntity></authenticator>",
            )


@change
def custodian_without_name(root: etree._Element) -> None:
    custodian = found(root, "h:custodian/h:assignedCustodian/h:representedCustodianOrganization")[0]
    for element in found(custodian, "*[not(self::h:id)]"):
        custodian.remove(element)


@change
def custodian_hosts_what_the_usager_writes(root: etree._Element) -> None:
    found(root, "h:custodian//h:id")[0].set("root", "1.2.250.1.213.4.1")


@change
def orders(root: etree._Element) -> None:
    add(
        root,
        "<inFulfillmentOf><order><id root='1.2.3' extension='P-1'/></order></inFulfillmentOf>",
        "<inFulfillmentOf><order><id root='2.25.329800735698586629295641978511506172918'/><code code='X' "
        "codeSystem='1.2.3' displayName='Y'/></order></inFulfillmentOf>",
    )


@change
def encounter_has_its_people(root: etree._Element) -> None:
    location = found(root, "h:componentOf/h:encompassingEncounter/h:location")[0]
    encounter = location.getparent()
    if not found(encounter, "h:responsibleParty") and not found(encounter, "h:encounterParticipant"):
        location.addprevious(
            fragment(
                f"<responsibleParty><assignedEntity>{RPPS}<code code='G15_10/SM26' "
                "codeSystem='1.2.250.1.213.1.1.4.5' displayName='Médecin'/><assignedPerson><name><family>X</family>"
                "</name></assignedPerson></assignedEntity></responsibleParty>"
            )
        )
        for role in ("ADM", "ATND", "REF"):
            location.addprevious(
                fragment(
                    f"<encounterParticipant typeCode='{role}'><time><low value='20251101'/></time>"
                    f"<assignedEntity>{RPPS}</assignedEntity></encounterParticipant>"
                )
            )


@change
def encounter_ends_now(root: etree._Element) -> None:
    for period in found(root, "h:componentOf/h:encompassingEncounter/h:effectiveTime[h:low[@value]][not(h:high)]"):
        period.append(fragment("<high value='20991231235959+0100'/>"))


@change
def facility_is_described(root: etree._Element) -> None:
    facility = found(root, "h:componentOf/h:encompassingEncounter/h:location/h:healthCareFacility")[0]
    if not found(facility, "h:location"):
        put_before(
            facility, "<location><name>Site</name><addr><city>PARIS</city></addr></location>", "serviceProviderOrganization"
        )
    found(facility, "h:code")[0].append(fragment("<translation code='X' codeSystem='1.2.3' displayName='Y'/>"))


@change
def times_with_fractions_and_other_zones(root: etree._Element) -> None:
    found(root, "h:effectiveTime")[0].set("value", "20251120101500.123+0530")
    for time in found(root, "h:author/h:time[@value] | h:legalAuthenticator/h:time[@value]"):
        time.set("value", "20251120101500-0400")


@change
def time_of_the_document_is_a_day(root: etree._Element) -> None:
    found(root, "h:effectiveTime")[0].set("value", "20991120")


@change
def identifiers_are_uuids(root: etree._Element) -> None:
    for path in ("h:id", "h:setId"):
        identifier = found(root, path)[0]
        identifier.attrib.pop("extension", None)
        identifier.set("root", "3F2504E0-4f89-11d3-9a0c-0305e82c3301")


@change
def identifiers_have_extensions(root: etree._Element) -> None:
    for path in ("h:id", "h:setId"):
        found(root, path)[0].set("extension", "DOC 1/2_é")


@change
def twelfth_restricted_version(root: etree._Element) -> None:
    found(root, "h:versionNumber")[0].set("value", "12")
    confidentiality = found(root, "h:confidentialityCode")[0]
    confidentiality.set("code", "R")
    confidentiality.set("displayName", "Restreint")


@change
def copied(root: etree._Element) -> None:
    if not found(root, "h:copyTime"):
        add(root, '<copyTime value="20251121"/>')


@change
def codes_have_translations(root: etree._Element) -> None:
    for code in found(
        root,
        "h:code | h:confidentialityCode | h:author/h:assignedAuthor/h:code[@code] | "
        "h:documentationOf/h:serviceEvent/h:code[@code]",
    ):
        code.append(fragment("<translation code='X' codeSystem='1.2.3' displayName='Y'/>"))


@change
def names_of_systems_and_versions(root: etree._Element) -> None:
    for code in found(root, ".//*[@codeSystem]"):
        code.set("codeSystemName", "Nomenclature")
        code.set("codeSystemVersion", "2025-10")


@change
def free_sections(root: etree._Element) -> None:
    code = found(root, "h:code")[0].get("code")
    if code in {"96173-0"}:  # its volet takes no other section
        return
    for body in found(root, "h:component/h:structuredBody"):
        body.append(
            fragment(
                "<component><section><id root='1.2.3.9'/><code code='51898-5' codeSystem='2.16.840.1.113883.6.1' "
                "displayName='Autre'/><title>Autre</title><text>"
                "<list listType='ordered'><caption>L</caption><item>un<br/>deux</item></list><table border='1'>"
                "<caption>T</caption><col width='1'/><thead><tr><th scope='col'>a</th></tr></thead>"
                "<tbody><tr><td colspan='2'><content styleCode='Bold' ID='c-libre'>b</content><sub>2</sub><linkHtml "
                "href='https://a.fr'>lien</linkHtml></td></tr></tbody></table>"
                "<paragraph>p<footnote ID='f-libre'>n</footnote></paragraph></text>"
                "<author><time value='2025'/><assignedAuthor><id root='1.2.3'/><code nullFlavor='UNK'/></assignedAuthor></author>"
                "<component><section><title>Sous-section</title><text>texte</text></section></component></section></component>"
            )
        )


@change
def free_entries(root: etree._Element) -> None:
    if found(root, "h:code")[0].get("code") == "96173-0":
        return
    for body in found(root, "h:component/h:structuredBody"):
        body.append(
            fragment(
                "<component><section><title>Autre</title><text><content ID='o-libre'>x</content></text><entry>"
                "<observation classCode='OBS' moodCode='EVN'><templateId root='1.2.3.4.5'/>"
                "<templateId root='1.3.6.1.4.1.19376.1.5.3.1.4.13'/><id root='1.2.3'/><code code='X' "
                "codeSystem='1.2.3'><qualifier><name code='A' codeSystem='1.2'/><value code='B' codeSystem='1.2'/>"
                "</qualifier></code>"
                "<text><reference value='#o-libre'/></text><statusCode code='completed'/><effectiveTime "
                "nullFlavor='UNK'/><value xsi:type='RTO_PQ_PQ'><numerator value='1' unit='mg'/><denominator "
                "value='1' unit='d'/></value>"
                "<value xsi:type='IVL_PQ'><low value='1' unit='g'/></value><interpretationCode code='N' "
                "codeSystem='2.16.840.1.113883.5.83'/></observation></entry>"
                "<entry typeCode='DRIV'><act classCode='ACT' moodCode='INT'><code nullFlavor='NA'/>"
                "<entryRelationship typeCode='COMP'><supply classCode='SPLY' moodCode='RQO'><quantity value='1' "
                "unit='1'/></supply></entryRelationship></act></entry>"
                "<entry><encounter classCode='ENC' moodCode='PRMS'><templateId "
                "root='1.3.6.1.4.1.19376.1.5.3.1.4.14'/><templateId root='2.16.840.1.113883.10.20.1.25'/><id "
                "root='1.2.3'/><code code='AMB' codeSystem='2.16.840.1.113883.5.4'/>"
                "<effectiveTime value='2026'/></encounter></entry></section></component>"
            )
        )


@change
def other_attributes_of_the_root(root: etree._Element) -> None:
    root.set(f"{{{NS['xsi']}}}schemaLocation", f"{HL7} ../CDA_extended.xsd")
    root.set("classCode", "DOCCLIN")
    root.set("moodCode", "EVN")


@change
def organizations_without_name(root: etree._Element) -> None:
    if found(root, "h:code")[0].get("code") in {"57833-6", "11502-2"}:  # their volets want it
        return
    for name in found(root, "h:author//h:representedOrganization/h:name | h:documentationOf//h:representedOrganization/h:name"):
        name.getparent().remove(name)


@change
def telecoms_of_all_kinds(root: etree._Element) -> None:
    for value in ("tel:+33 1 02 03 04 05", "fax:0102030405", "mailto:a.b@c.fr", "http://a.fr", "ftp://a.fr", "mllp:1"):
        found(root, "h:recordTarget/h:patientRole/h:patient")[0].addprevious(fragment(f'<telecom use="PUB" value="{value}"/>'))


@change
def telecom_with_two_uses(root: etree._Element) -> None:
    found(root, "h:recordTarget/h:patientRole/h:patient")[0].addprevious(
        fragment('<telecom use="HP MC" value="tel:0102030405"/>')
    )


@change
def unknown_people_have_empty_parts(root: etree._Element) -> None:
    add(
        root,
        '<informant><assignedEntity><id nullFlavor="UNK"/><assignedPerson nullFlavor="UNK"><name nullFlavor="UNK"/>'
        "</assignedPerson>"
        '<representedOrganization nullFlavor="UNK"><id nullFlavor="UNK"/><name nullFlavor="UNK"/>'
        "</representedOrganization></assignedEntity></informant>",
    )


@change
def act_outside_the_lists(root: etree._Element) -> None:
    for code in found(root, "h:documentationOf[2]/h:serviceEvent/h:code"):
        for attribute in list(code.attrib):
            del code.attrib[attribute]
        code.set("nullFlavor", "OTH")
        code.insert(0, fragment("<originalText>acte</originalText>"))


def bearing(root: etree._Element, template: str, path: str = ".") -> list[etree._Element]:
    """What a path finds from the elements of the body that bear a template (its short form)."""
    long = re.sub(r"^pcc", "1.3.6.1.4.1.19376.1.5.3.1", template)
    return found(root, f"h:component//*[h:templateId/@root = '{long}']/{path}")


def void(element: etree._Element, flavor: str = "UNK") -> None:
    """Leave only a nullFlavor."""
    kind = element.get(f"{{{NS['xsi']}}}type")
    for child in list(element):
        element.remove(child)
    for attribute in list(element.attrib):
        del element.attrib[attribute]
    element.set("nullFlavor", flavor)
    if kind:
        element.set(f"{{{NS['xsi']}}}type", kind)


@change
def observations_at_an_unknown_time(root: etree._Element) -> None:
    for time in bearing(root, "pcc.4.13", "h:effectiveTime"):
        void(time)


@change
def observations_that_last(root: etree._Element) -> None:
    for time in bearing(root, "pcc.4.13", "h:effectiveTime"):
        void(time)
        del time.attrib["nullFlavor"]
        time.append(fragment("<low value='2024'/>"))


@change
def concerns_over_or_of_unknown_time(root: etree._Element) -> None:
    for number, act in enumerate(bearing(root, "pcc.4.5.2")):
        found(act, "h:statusCode")[0].set("code", ("active", "suspended", "aborted", "completed")[number % 4])
        void(found(act, "h:effectiveTime")[0])


@change
def problems_without_known_start_nor_code(root: etree._Element) -> None:
    for problem in bearing(root, "pcc.4.5", "self::*[not(h:templateId/@root = '1.3.6.1.4.1.19376.1.5.3.1.4.6')]"):
        for low in found(problem, "h:effectiveTime/h:low"):
            void(low, "NAV")
        for value in found(problem, "h:value"):
            void(value)


@change
def allergies_over(root: etree._Element) -> None:
    for act in bearing(root, "pcc.4.5.3"):
        found(act, "h:statusCode")[0].set("code", "completed")
        for high in found(act, "h:effectiveTime/h:high"):
            high.getparent().remove(high)
        time = found(act, "h:effectiveTime")[0]
        for attribute in list(time.attrib):
            del time.attrib[attribute]
        for child in list(time):
            time.remove(child)
        time.append(fragment("<low value='2001'/>"))
        time.append(fragment("<high value='2024'/>"))


@change
def treatments_of_some_length(root: etree._Element) -> None:
    for time in bearing(root, "pcc.4.7", "h:effectiveTime[1][h:low]"):
        for child in list(time):
            time.remove(child)
        time.append(fragment("<width value='7' unit='d'/>"))


@change
def treatments_without_dose(root: etree._Element) -> None:
    for dose in bearing(root, "pcc.4.7", "*[self::h:doseQuantity or self::h:rateQuantity or self::h:effectiveTime]"):
        void(dose)


@change
def products_unknown(root: etree._Element) -> None:
    if found(root, "h:code")[0].get("code") == "87273-9":
        return
    for material in bearing(root, "pcc.4.7.2", "h:manufacturedMaterial"):
        for element in found(material, "h:code | h:name"):
            void(element, "NA")


@change
def vital_signs_not_taken(root: etree._Element) -> None:
    for value in bearing(root, "pcc.4.13.2", "h:value"):
        void(value)


@change
def vital_signs_in_other_units(root: etree._Element) -> None:
    for code, unit in (("8310-5", "[degF]"), ("8302-2", "m"), ("29463-7", "g")):
        for value in bearing(root, "pcc.4.13.2", f"self::*[h:code/@code = '{code}']/h:value[@unit]"):
            value.set("unit", unit)


@change
def procedures_planned(root: etree._Element) -> None:
    for procedure in bearing(root, "pcc.4.19"):
        procedure.set("moodCode", "INT")
        for template in found(procedure, "h:templateId[@root = '2.16.840.1.113883.10.20.1.29']"):
            template.set("root", "2.16.840.1.113883.10.20.1.25")
        found(procedure, "h:statusCode")[0].set("code", "active")
        if not found(procedure, "h:effectiveTime"):
            found(procedure, "h:statusCode")[0].addnext(fragment("<effectiveTime nullFlavor='UNK'/>"))


@change
def vaccines_given_somewhere_somehow(root: etree._Element) -> None:
    for element in bearing(root, "pcc.4.12", "*[self::h:routeCode or self::h:approachSiteCode]"):
        void(element)


@change
def vaccines_refused(root: etree._Element) -> None:
    if found(root, "h:code")[0].get("code") == "87273-9":
        return
    for entry in bearing(root, "pcc.4.12"):
        entry.set("negationInd", "true")
        void(found(entry, "h:effectiveTime")[0])


@change
def sections_without_identifiers(root: etree._Element) -> None:
    wanted = ("pcc.1.5.3.5", "pcc.3.12", "1.2.250.1.213.1.1.2.53", "1.2.250.1.213.1.1.2.245", "1.2.250.1.213.1.1.2.222")
    kept = {section for template in wanted for section in bearing(root, template)}
    for identifier in found(root, "h:component//h:section/h:id"):
        if identifier.getparent() not in kept and found(root, "h:code")[0].get("code") != "EXPORT_DUI":
            identifier.getparent().remove(identifier)


@change
def laboratory_acts_of_known_or_unknown_time(root: etree._Element) -> None:
    for act in bearing(root, "1.3.6.1.4.1.19376.1.3.1", "h:act"):
        for time in found(act, "h:effectiveTime"):
            void(time)
        found(act, "h:statusCode")[0].set("code", "active")


@change
def entries_have_authors_and_informants(root: etree._Element) -> None:
    for observation in bearing(root, "pcc.4.13", "self::h:observation[not(h:author) and not(h:informant)]"):
        people = (
            f"<author><time value='20250101'/><assignedAuthor>{RPPS}<code nullFlavor='UNK'/></assignedAuthor></author>",
            "<informant><relatedEntity classCode='PRS'><relatedPerson><name>X</name></relatedPerson></relatedEntity></informant>",
        )
        for text in people:
            put_before(observation, text, "participant entryRelationship reference precondition referenceRange inFulfillmentOf1")


def writing(function: Callable[[etree._Element], bytes]) -> Callable[[etree._Element], bytes]:
    WRITINGS[function.__name__] = function
    return function


@writing
def in_utf16(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="UTF-16", xml_declaration=True)


@writing
def in_latin_1(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="ISO-8859-1", xml_declaration=True)


@writing
def with_a_byte_order_mark(root: etree._Element) -> bytes:
    return b"\xef\xbb\xbf" + etree.tostring(root, encoding="UTF-8", xml_declaration=True)


@writing
def without_declaration(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="unicode").encode()


@writing
def with_carriage_returns(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8").replace(b"\n", b"\r\n")


@writing
def with_another_prefix(root: etree._Element) -> bytes:
    """``<cda:ClinicalDocument xmlns:cda=…>``, the prefix being in xsi:type too."""

    def rewritten(element: etree._Element, parent: etree._Element | None) -> etree._Element:
        spaces = {"cda": HL7, **{p: ns for p, ns in NS.items() if p != "h"}, "pharm": "urn:ihe:pharm:medication"}
        new = etree.Element(element.tag, nsmap=spaces) if parent is None else etree.SubElement(parent, element.tag)
        new.text, new.tail = element.text, element.tail
        for name, value in element.attrib.items():
            new.set(name, f"cda:{value.rpartition(':')[2]}" if name.endswith("}type") else value)
        for child in element.iterchildren(etree.Element):
            rewritten(child, new)
        return new

    data = etree.tostring(rewritten(root, None))
    assert b"<cda:ClinicalDocument" in data
    return data


@writing
def with_instructions(root: etree._Element) -> bytes:
    return (
        b'<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="cda.xsl"?><?oxygen SCHSchema="a.sch"?><!-- c -->'
        + etree.tostring(root)
    )


@writing
def in_its_own_style_sheet(root: etree._Element) -> bytes:
    opening = b'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
    sheet = opening + b'\n<xsl:template match="/"><html/></xsl:template>\n'
    return (
        b'<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href=""?>' + sheet + etree.tostring(root) + b"</xsl:stylesheet>"
    )


def altered(root: etree._Element, names: Iterable[str]) -> bytes:
    variant = copy.deepcopy(root)
    for name in names:
        CHANGES[name](variant)
    return etree.tostring(variant, encoding="UTF-8", xml_declaration=True)


@pytest.mark.parametrize("name", NAMES)
def test_variants_of_a_good_document_are_good(name: str) -> None:
    """Several changes at once, to go fast; where they are refused, one by one, to say which."""
    root = parse(green(name))
    wanted = [each for each in CHANGES if each not in RIGID.get(found(root, "h:code")[0].get("code", ""), ())]
    broken = {}
    for together in (wanted[start::9] for start in range(9)):
        if wrong := refused(altered(root, together)):
            alone = {each: refused(altered(root, [each])) for each in together}
            broken.update({each: said for each, said in alone.items() if said} or {" + ".join(together): wrong})
    for each, write in WRITINGS.items():
        if wrong := refused(write(root)):
            broken[each] = wrong
    assert broken == {}


OUTSIDE = (
    ("34874-8", "1.2.250.1.213.1.1.1.99"),
    ("34874-8", "1.2.250.1.213.1.1.1.42"),
    ("11490-0", "1.2.250.1.213.1.1.1.5.2"),
    ("60591-5", "1.2.250.1.213.1.1.1.13"),
    ("SYNTH", "1.2.250.1.213.1.1.1.13"),
    ("60593-1", "1.2.250.1.213.1.1.1.54"),
)


@pytest.mark.parametrize(("code", "model"), OUTSIDE)
def test_document_outside_the_programme_is_judged_by_what_all_share(code: str, model: str) -> None:
    root = parse(green("synthese-medicale"))
    for template in found(root, "h:templateId[last() > 2][position() > 2]"):
        root.remove(template)
    add(root, f'<templateId root="{model}"/>')
    found(root, "h:code")[0].set("code", code)
    for component in found(root, "h:component/h:structuredBody/h:component")[3:]:
        component.getparent().remove(component)
    assert refused(etree.tostring(root)) == []
    found(root, "h:title")[0].text = ""
    assert [each.split()[0] for each in refused(etree.tostring(root))] == ["cda.entete.titre"]


def test_official_samples_are_there() -> None:
    if not OFFICIAL:
        pytest.skip("documents d'exemple officiels absents de cette machine")
    assert len(OFFICIAL) >= 8


def test_self_presenting_document_is_judged_where_it_is() -> None:
    root = parse(green("note_vaccination"))
    found(root, "h:title")[0].text = ""
    data = in_its_own_style_sheet(root)
    assert any(re.search(r"entete\.titre /ClinicalDocument/title \(ligne \d+\)", each) for each in refused(data))


def test_style_sheet_that_holds_no_document_is_not_one() -> None:
    sheet = Document(b'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"/>', "a.xsl")
    assert local_name(sheet.root) == "stylesheet"
