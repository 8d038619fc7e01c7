"""Within the rules of the header: who takes part, and how they are named."""

from __future__ import annotations

from dui_conformance.validation.xml import local_name
from lxml import etree

from .outils import FINESS, PATIENT, RPPS, add, change, found, fragment, put_before


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
