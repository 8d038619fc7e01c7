"""A CDA document as rules read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from ...core.errors import Inconclusive
from ...core.providers import provider
from ..document import Document
from ..regles import Subject, register_subject
from ..xml import XmlError
from .models import kind_of

HL7 = "urn:hl7-org:v3"
SDTC = "urn:hl7-org:sdtc"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
NAMESPACES = {"h": HL7, "sdtc": SDTC, "xsi": XSI, "lab": "urn:oid:1.3.6.1.4.1.19376.1.3.2", "pharm": "urn:ihe:pharm:medication"}
ROOT = f"{{{HL7}}}ClinicalDocument"


def hl7(path: str) -> str:
    """``recordTarget/patientRole`` with the CDA namespace, for lxml's ``find``."""
    return "/".join(step if step in {".", "..", "*"} else f"{{{HL7}}}{step}" for step in path.split("/"))


@dataclass(frozen=True, slots=True, eq=False)
class CdaDocument:
    """A well-formed CDA document: its tree and its bytes."""

    root: etree._Element
    data: bytes
    name: str = ""
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """What findings call it."""
        return self.name or self.attribute("id", "root")

    def attribute(self, path: str, name: str) -> str:
        """An attribute of the first header element at ``path`` (no prefixes), or ``""``."""
        found = self.root.find(hl7(path))
        return "" if found is None else found.get(name, "")

    @property
    def code(self) -> str:
        """The document type (``87273-9``)."""
        return self.attribute("code", "code")

    @property
    def templates(self) -> dict[str, str]:
        """The extension (``""`` when absent) of each root of ``ClinicalDocument/templateId``."""
        return {t.get("root", ""): t.get("extension", "") for t in self.root.findall(hl7("templateId"))}

    @property
    def set_id(self) -> str:
        """The identifier common to all versions."""
        return self.attribute("setId", "root")

    @property
    def body(self) -> str:
        """``structure`` (levels 2 and 3), ``niveau 1`` (an encapsulated file) or ``""``."""
        if self.root.find(hl7("component/structuredBody")) is not None:
            return "structure"
        return "niveau 1" if self.root.find(hl7("component/nonXMLBody")) is not None else ""

    @property
    def kind(self) -> str:
        """The document kind that profiles name: ``document.cda.87273-9.note-vaccination`` (see ``models.kind_of``)."""
        return kind_of(self.templates.keys(), self.code, self.body)


@provider
def _cda_of(document: Document) -> CdaDocument:
    try:
        root = document.root
    except XmlError as error:
        raise Inconclusive(f"le document n'est pas lisible : {error}") from error
    if root.tag != ROOT:
        raise Inconclusive(f"le document n'est pas un CDA (élément racine {etree.QName(root).localname})")
    return CdaDocument(root=root, data=document.data, name=document.name)


register_subject("cda", Subject(view=CdaDocument, root=lambda view: view.root, namespaces=NAMESPACES))
