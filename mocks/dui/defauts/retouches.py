"""Ways to touch up an XML tree: each makes an alteration that changes, in place, what an XPath expression finds."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree

from ..alterations import Alteration

ESPACES = {
    "soap": "http://www.w3.org/2003/05/soap-envelope",
    "wsa": "http://www.w3.org/2005/08/addressing",
    "wsse": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "hl7": "urn:hl7-org:v3",
    "rim": "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0",
    "xds": "urn:ihe:iti:xds-b:2007",
    "xop": "http://www.w3.org/2004/08/xop/include",
    "bam": "urn:siram:bam:ctxbam",
    "lps": "urn:siram:lps:ctxlps",
}


def trouver(racine: etree._Element, chemin: str) -> list[etree._Element]:
    """The elements of a path; ``ValueError`` when there is none, for a fault that touches nothing proves nothing."""
    trouves: Any = racine.xpath(chemin, namespaces=ESPACES)
    if not trouves:
        raise ValueError(f"rien à altérer : {chemin}")
    return list(trouves)


def si_present(chemin: str, alteration: Alteration) -> Alteration:
    """Only for the trees in which a path finds something."""

    def alterer(racine: etree._Element) -> Any:
        return alteration(racine) if racine.xpath(chemin, namespaces=ESPACES) else None

    return alterer


def retirer(chemin: str) -> Alteration:
    """Take elements away."""

    def alterer(racine: etree._Element) -> None:
        for element in trouver(racine, chemin):
            parent = element.getparent()
            assert parent is not None
            parent.remove(element)

    return alterer


def ecrire(chemin: str, valeur: str | Callable[[str], str]) -> Alteration:
    """Replace the text of elements, by a constant or from what it was."""

    def alterer(racine: etree._Element) -> None:
        for element in trouver(racine, chemin):
            element.text = valeur if isinstance(valeur, str) else valeur(element.text or "")

    return alterer


def attribuer(chemin: str, nom: str, valeur: str | Callable[[str], str] | None) -> Alteration:
    """Replace an attribute of elements, or take it away (None)."""

    def alterer(racine: etree._Element) -> None:
        for element in trouver(racine, chemin):
            if valeur is None:
                element.attrib.pop(nom, None)
                continue
            element.set(nom, valeur if isinstance(valeur, str) else valeur(element.get(nom, "")))

    return alterer


def doubler(chemin: str) -> Alteration:
    """Repeat elements, just after themselves."""

    def alterer(racine: etree._Element) -> None:
        for element in trouver(racine, chemin):
            element.addnext(copy.deepcopy(element))

    return alterer


def inserer(chemin: str, xml: str, *, rang: int | None = None) -> Alteration:
    """Put a new element inside elements, at the end or at a rank; ``xml`` may use the prefixes of ``ESPACES``."""

    def alterer(racine: etree._Element) -> None:
        for element in trouver(racine, chemin):
            element.insert(len(element) if rang is None else rang, fragment(xml))

    return alterer


def echanger(premier: str, second: str) -> Alteration:
    """Exchange the places of two siblings."""

    def alterer(racine: etree._Element) -> None:
        un, autre = trouver(racine, premier)[0], trouver(racine, second)[0]
        parent = un.getparent()
        assert parent is not None
        rang_un, rang_autre = sorted((parent.index(un), parent.index(autre)))
        haut, bas = parent[rang_un], parent[rang_autre]
        parent.insert(rang_un, bas)
        parent.insert(rang_autre, haut)

    return alterer


def renommer(chemin: str, nom: str) -> Alteration:
    """Give elements another local name."""

    def alterer(racine: etree._Element) -> None:
        for element in trouver(racine, chemin):
            element.tag = f"{{{etree.QName(element).namespace}}}{nom}"

    return alterer


def fragment(xml: str) -> etree._Element:
    """An element from text with the prefixes of ``ESPACES``, declaring only those that it uses."""
    declarations: Mapping[str, str] = {f"xmlns:{prefixe}": uri for prefixe, uri in ESPACES.items()}
    enveloppe = "".join(f' {nom}="{uri}"' for nom, uri in declarations.items())
    element = etree.fromstring(f"<r{enveloppe}>{xml}</r>")[0]
    return copy.deepcopy(element)
