"""Within the rules of entries: what is unknown, over, planned or refused."""

from __future__ import annotations

from lxml import etree

from .outils import RPPS, bearing, change, found, fragment, put_before, void


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
