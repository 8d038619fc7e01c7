"""Other writings of the same XML: encodings, prefixes, instructions."""

from __future__ import annotations

from lxml import etree

from .outils import HL7, NS, writing


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
