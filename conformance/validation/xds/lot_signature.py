"""The XAdES signature of a submission set (IHE DSG): its manifest, its purpose, and whether it verifies."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidDigest, InvalidInput, InvalidSignature
from signxml.verifier import SignatureConfiguration, XMLVerifier

from ...core.errors import Inconclusive
from ...core.providers import provider
from ..xml import XmlError, parse
from .objects import DocumentEntry
from .submission import DepositedDocument, Submission

DS = "http://www.w3.org/2000/09/xmldsig#"
PURPOSE_SOURCE = "1.2.840.10065.1.12.1.14"
_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_ACCEPTED = frozenset(m for m in SignatureMethod if not m.name.startswith("HMAC"))


@dataclass(frozen=True, slots=True)
class ManifestReference:
    """One reference of the manifest: its URI, its digest and how the digest was made."""

    uri: str
    digest: str
    method: str
    transforms: tuple[str, ...]

    @property
    def unique_id(self) -> str:
        """The OID designated, ``""`` when the URI is not ``urn:oid:``."""
        return self.uri.removeprefix("urn:oid:") if self.uri.startswith("urn:oid:") else ""

    def digest_of(self, content: bytes) -> str:
        """The digest, in base64, of a document under this reference's transforms and method; ``""`` when it cannot be made."""
        algorithm = {"sha1": "sha1", "sha256": "sha256", "sha384": "sha384", "sha512": "sha512"}.get(
            self.method.rpartition("#")[2]
        )
        if algorithm is None:
            return ""
        data = content
        if any("c14n" in t for t in self.transforms):
            try:
                tree = parse(content).getroottree()
            except XmlError:
                return ""
            comments = any(t.endswith("#WithComments") for t in self.transforms)
            exclusive = any("exc-c14n" in t for t in self.transforms)
            try:
                data = etree.tostring(tree, method="c14n", with_comments=comments, exclusive=exclusive)
            except etree.C14NError:
                return ""
        return base64.b64encode(hashlib.new(algorithm, data, usedforsecurity=False).digest()).decode()


@dataclass(frozen=True, slots=True, eq=False)
class LotSignature:
    """The signature document of a submission set. ``signed`` lists the URIs that ``SignedInfo`` references."""

    entry: DocumentEntry
    at: str
    references: tuple[ManifestReference, ...]
    signed: tuple[str, ...]
    purpose: str
    certificate: x509.Certificate | None
    element: etree._Element
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def manifest_is_signed(self) -> bool:
        """True when ``SignedInfo`` references the manifest."""
        manifest = self.element.find(f".//{{{DS}}}Manifest")
        return manifest is not None and f"#{manifest.get('Id', '')}" in self.signed


def verification_error(signature: LotSignature) -> str:
    """Why the signature does not verify with its own certificate, in French; ``""`` when it does. Dates are not looked at."""
    if signature.certificate is None:
        return "aucun certificat lisible dans ds:KeyInfo"
    config = SignatureConfiguration(
        expect_references=True,
        signature_methods=_ACCEPTED,
        digest_algorithms=frozenset(DigestAlgorithm),
        ignore_ambiguous_key_info=True,
        verification_time=signature.certificate.not_valid_before_utc,
        default_reference_c14n_method=CanonicalizationMethod(_C14N),
    )
    try:
        XMLVerifier().verify(
            etree.tostring(signature.element), x509_cert=signature.certificate, expect_config=config, validate_schema=False
        )
    except InvalidDigest as error:
        return f"un élément signé a changé après la signature ({error})"
    except InvalidSignature:
        return "la valeur de signature ne correspond pas au certificat joint"
    except (InvalidInput, etree.LxmlError, binascii.Error, ValueError, TypeError, NotImplementedError) as error:
        return f"signature inutilisable : {error}"
    return ""


def read_signature(document: DepositedDocument) -> LotSignature:
    """The signature that a document holds; raises ``Inconclusive`` when it holds none."""
    try:
        root = parse(document.content)
    except XmlError as error:
        raise Inconclusive(f"signature du lot illisible : {error}") from error
    element = root if root.tag == f"{{{DS}}}Signature" else root.find(f".//{{{DS}}}Signature")
    if element is None:
        raise Inconclusive(f"le document de signature ne contient pas de ds:Signature (racine {etree.QName(root).localname})")
    info = element.find(f"{{{DS}}}SignedInfo")
    purpose = next((p for p in element.iter(f"{{{DS}}}SignatureProperty") if p.get("Id") == "purposeOfSignature"), None)
    return LotSignature(
        entry=document.entry,
        at=f"{document.at} : ds:Signature",
        references=tuple(_references(element)),
        signed=() if info is None else tuple(r.get("URI", "") for r in info.iterfind(f"{{{DS}}}Reference")),
        purpose="" if purpose is None else "".join(str(t) for t in purpose.itertext()).strip(),
        certificate=_certificate(element),
        element=element,
    )


def _references(element: etree._Element) -> Iterator[ManifestReference]:
    for reference in element.iterfind(f".//{{{DS}}}Manifest/{{{DS}}}Reference"):
        method = reference.find(f"{{{DS}}}DigestMethod")
        yield ManifestReference(
            uri=reference.get("URI", ""),
            digest=(reference.findtext(f"{{{DS}}}DigestValue") or "").strip(),
            method="" if method is None else method.get("Algorithm", ""),
            transforms=tuple(t.get("Algorithm", "") for t in reference.iter(f"{{{DS}}}Transform")),
        )


def _certificate(element: etree._Element) -> x509.Certificate | None:
    text = element.findtext(f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate") or ""
    try:
        found = x509.load_der_x509_certificate(base64.b64decode("".join(text.split()), validate=True))
        # A certificate whose key nobody can read verifies nothing.
        found.public_key()
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        return None
    return found


@provider
def _signature_of(submission: Submission) -> LotSignature:
    document = submission.signature
    if document is None:
        raise Inconclusive("le lot n'est pas signé")
    return read_signature(document)
