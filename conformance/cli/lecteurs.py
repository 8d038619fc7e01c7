"""Readers: what a file holds, told from its bytes and never from its name.

A reader is a function ``(bytes, name) -> pieces``, or None when the file is not of its sort. The first that answers reads
the file; one that recognises its sort but cannot read it gives a piece with the reason. To add a sort of file: write its
reader and put it in ``READERS``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.problem import Finding

FORMAT = "fichier.format"
TAILLE = "fichier.taille"
LECTURE = "fichier.lecture"
ARCHIVE = "fichier.archive"
READABLE = "cda.structure.readable"
ACCEPTES = (
    "un document CDA (XML), une ressource FHIR R4 (JSON ou XML), un VIHF (assertion SAML, ou message SOAP qui le porte), "
    "un PDF, une image PNG ou JPEG, un courriel (.eml), une archive IHE_XDM, ou un zip de ceux-ci"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing to judge: its kind (profiles are chosen by it) and the subjects of the checks; or why it cannot be judged.

    ``member`` is its name inside the file, for one that holds several.
    """

    kind: str
    subjects: tuple[Any, ...] = ()
    refused: Finding | None = None
    member: str = ""


Reader = Callable[[bytes, str], "Sequence[Piece] | None"]


def read(data: bytes, name: str, readers: Sequence[Reader] | None = None) -> Sequence[Piece]:
    """What the file holds; one refused piece when nobody recognises it."""
    for reader in READERS if readers is None else readers:
        pieces = reader(data, name)
        if pieces is not None:
            return pieces
    return [Piece("inconnu", refused=unrecognised(_nature(data)))]


def unrecognised(received: str, at: str = "/") -> Finding:
    """The finding of a file that nobody reads."""
    return Finding(
        check=FORMAT,
        message="Format non reconnu",
        expected=ACCEPTES,
        received=received,
        at=at,
        hint="Donner le fichier tel qu'il est déposé, envoyé ou imprimé, sans le convertir ni l'envelopper.",
        source="choix du banc : formats lus par validate",
    )


def _nature(data: bytes) -> str:
    if not data.strip():
        return "un fichier vide"
    start = data[:8]
    sort = next((label for magic, label in _KNOWN if start.startswith(magic)), "")
    shown = data[:24].decode("latin-1").encode("unicode_escape").decode("ascii")
    return f"{len(data)} octets commençant par « {shown} »" + (f" ({sort})" if sort else "")


_KNOWN = (
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"Rar!", "RAR"),
    (b"{\\rtf", "RTF"),
    (b"\xd0\xcf\x11\xe0", "ancien document Office"),
    (b"{", "JSON ?"),
    (b"MSH|", "HL7 v2"),
)
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
MOST_NODES = 3_000_000
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")


def looks_like_xml(data: bytes) -> bool:
    """True when the first character that counts is ``<``, in UTF-8, UTF-16 or an ASCII superset."""
    head = data[:4096]
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return head[len(bom) :].decode(encoding, "replace").lstrip().startswith("<")
    return head.replace(b"\0", b"").lstrip().startswith(b"<")


def _xml(data: bytes, name: str) -> Sequence[Piece] | None:
    if not looks_like_xml(data):
        return None
    if data.count(b"<") + data.count(b"=") > MOST_NODES:
        return [Piece("xml", refused=_crowded())]
    from ..validation.document import Document
    from ..validation.fhir.sniffing import resource_type
    from ..validation.xml import XmlError, local_name, place_of

    document = Document(data=data, name=name)
    if resource_type(data):
        return _fhir_piece(data, name)
    try:
        root = document.root
    except XmlError:
        return [Piece("xml", refused=_unreadable(document))]
    reader = _BY_ROOT.get(local_name(root))
    found = reader(document) if reader is not None else None
    return found or [Piece("xml", refused=unrecognised(f"un document XML de racine {root.tag!s}", place_of(root)))]


def _json(data: bytes, name: str) -> Sequence[Piece] | None:
    if not data[:64].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return None
    from ..validation.fhir.sniffing import resource_type

    return _fhir_piece(data, name) if resource_type(data) else None


def _fhir_piece(data: bytes, name: str) -> Sequence[Piece]:
    from ..validation.fhir.view import FhirResource

    resource = FhirResource(data, name)
    return [Piece(resource.kind, (resource,))]


def _unreadable(document: Any) -> Finding:
    """What the rule on readable documents says."""
    from ..checks.registry import check_named
    from ..core.check import apply

    finding = apply(check_named(READABLE), (document,)).finding
    assert finding is not None
    return finding


def _crowded() -> Finding:
    return Finding(
        check=TAILLE,
        message="Trop d'éléments et d'attributs : le document n'est pas lu",
        expected=f"moins de {MOST_NODES // 2} éléments",
        received="davantage",
        at="/",
        hint="Vérifier que le fichier est bien un document de santé.",
        source="choix du banc : mémoire bornée",
    )


def _cda(document: Any) -> Sequence[Piece]:
    from ..core.errors import Inconclusive
    from ..core.providers import provide
    from ..validation.cda.view import CdaDocument

    try:
        kind: str = provide(CdaDocument, document).kind
    except Inconclusive:  # another namespace: the rule of the structure says so
        kind = "document.cda"
    return [Piece(kind, (document,))]


def _assertion(document: Any) -> Sequence[Piece] | None:
    from ..validation.saml.vihf import read_vihf
    from ..validation.soap import SAML

    root = document.root
    return [Piece("vihf.assertion", (read_vihf(root),))] if root.tag == f"{{{SAML}}}Assertion" else None


def _envelope(document: Any) -> Sequence[Piece] | None:
    from ..core.exchange import Body, Connection, Request
    from ..validation.saml.vihf import read_vihf
    from ..validation.soap import SoapError, parse_soap
    from ..validation.xml import place_of

    headers = (("Content-Type", "application/soap+xml"),)
    request = Request("POST", "/", headers, Body(document.data), Connection(exercised=False))
    try:
        message = parse_soap(request)
    except SoapError as error:
        return [Piece("vihf.soap", refused=unrecognised(f"un message SOAP refusé : {error}", place_of(document.root)))]
    return [Piece("vihf.soap", (read_vihf(assertion),)) for assertion in message.assertions()] or None


def _pdf(data: bytes, name: str) -> Sequence[Piece] | None:
    return [_paper("document.pdf", data, name)] if b"%PDF-" in data[:1024] else None


def _image(data: bytes, name: str) -> Sequence[Piece] | None:
    return [_paper("document.image", data, name)] if data.startswith(_IMAGES) else None


def _paper(kind: str, data: bytes, name: str) -> Piece:
    from ..validation.document import Document

    return Piece(kind, (Document(data=data, name=name),))


def _zip(data: bytes, name: str) -> Sequence[Piece] | None:
    if not data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return None
    if b"IHE_XDM/" in data or name.upper().endswith("IHE_XDM.ZIP"):
        return _archive_xdm(data, name)
    from .lecteur_zip import members

    return members(data)


def _archive_xdm(data: bytes, name: str) -> Sequence[Piece]:
    from ..validation.mail.pieces import pieces_of_archive
    from ..validation.xdm import XdmFile

    return [Piece(p.kind, p.subjects, member=p.member) for p in pieces_of_archive(XdmFile(data, name))]


def _mail(data: bytes, name: str) -> Sequence[Piece] | None:
    from ..validation.mail.message import RawMail, looks_like_mail

    if not looks_like_mail(data):
        return None
    from ..validation.mail.pieces import pieces_of

    return [Piece(p.kind, p.subjects, member=p.member) for p in pieces_of(RawMail(data, name))]


_BY_ROOT: Mapping[str, Callable[[Any], Sequence[Piece] | None]] = {
    "ClinicalDocument": _cda,
    "Assertion": _assertion,
    "Envelope": _envelope,
}
READERS: tuple[Reader, ...] = (_zip, _image, _mail, _pdf, _json, _xml)
