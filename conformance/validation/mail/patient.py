"""The patient of a mail, as the documents of its archive name him: what subject, headers and addresses must agree with."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from ...core.errors import Inconclusive
from ...core.providers import provide, provider
from ..cda.view import CdaDocument, hl7
from ..ins.traits import folded, normalise
from ..xdm.media import Xdm
from ..xds.cda_header import Header, read_header
from .message import Mail
from .mime import Part

LABEL = 40


@dataclass(frozen=True, slots=True)
class Described:
    """One document: its header, and its tree."""

    header: Header
    document: CdaDocument

    @property
    def families(self) -> tuple[str, ...]:
        """The family names, as a subject may write them: the birth name, then the others."""
        names = [self.header.birth_name, *_texts(self.document.root, "family")]
        return tuple(dict.fromkeys(normalise(n) for n in names if n))

    @property
    def givens(self) -> tuple[str, ...]:
        """The first names, without accents, in capitals."""
        names = [*self.header.givens, *_texts(self.document.root, "given")]
        return tuple(dict.fromkeys(normalise(n) for n in names if n))

    @property
    def label(self) -> str:
        """The label of its type, cut as in a subject."""
        return self.header.code.label[:LABEL].strip()

    @property
    def identity(self) -> tuple[str, ...]:
        """What tells one patient from another: the INS, else the traits."""
        ins = self.header.ins
        if ins is not None:
            return (ins.extension, ins.root)
        return (folded(self.header.birth_name), folded(" ".join(self.header.givens[:1])), self.header.birth_time[:8])

    @property
    def complete(self) -> bool:
        """True for a matricule with its OID and the four traits: names, date, sex."""
        h = self.header
        return h.ins is not None and bool(h.ins.extension and h.birth_name and h.givens and h.birth_time and h.gender)


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """The CDA documents of a mail or of an archive, in order; never empty."""

    documents: tuple[Described, ...]

    @property
    def first(self) -> Described:
        """The first document."""
        return self.documents[0]

    @property
    def codes(self) -> tuple[str, ...]:
        """Their type codes, once each, in order."""
        return tuple(dict.fromkeys(d.header.code.code for d in self.documents if d.header.code.code))


def _texts(root: etree._Element, name: str) -> list[str]:
    path = hl7(f"recordTarget/patientRole/patient/name/{name}")
    return [" ".join("".join(map(str, e.itertext())).split()) for e in root.findall(path)]


def twins_of(mail: Mail, content: Content) -> Iterator[tuple[Described, Part | None]]:
    """Each document with its PDF: the one whose name says its type, else the one of its rank; None past the last."""
    left = list(mail.pdfs)
    for document in content.documents:
        label = folded(document.header.code.label[:LABEL])
        chosen = next((p for p in left if label and label in folded(p.filename)), left[0] if left else None)
        if chosen is not None:
            left.remove(chosen)
        yield document, chosen


def embedded_pdf(document: Described) -> bytes | None:
    """The PDF that a document of level 1 holds; None for another document."""
    text = document.document.root.find(hl7("component/nonXMLBody/text"))
    if text is None or text.get("mediaType") != "application/pdf":
        return None
    try:
        return base64.b64decode("".join((text.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        return None


@provider
def _content_of(xdm: Xdm) -> Content:
    found: list[Described] = []
    for document in xdm.cdas:
        try:
            cda: Any = provide(CdaDocument, document)
        except Inconclusive:
            continue
        found.append(Described(read_header(cda.root), cda))
    if not found:
        raise Inconclusive("aucun document CDA lisible dans l'archive")
    return Content(tuple(found))
