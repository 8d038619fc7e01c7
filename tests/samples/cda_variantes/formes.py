"""Within the rules of any document: times, identifiers, codes, free sections."""

from __future__ import annotations

from lxml import etree

from .outils import HL7, NS, add, change, found, fragment


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
