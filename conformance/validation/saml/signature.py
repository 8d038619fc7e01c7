"""The XML signature of a VIHF: what it covers, how it was made, and whether it verifies (XMLDSig, SAML 2.0)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidDigest, InvalidInput, InvalidSignature
from signxml.verifier import SignatureConfiguration, XMLVerifier

from ...core.providers import provider
from ..soap import SAML
from ..xml import parse
from .vihf import Vihf

DS = "http://www.w3.org/2000/09/xmldsig#"
ENVELOPED = DS + "enveloped-signature"
EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ACCEPTED = frozenset(m for m in SignatureMethod if not m.name.startswith("HMAC"))
_DIGESTS = {"sha1": "sha1", "sha256": "sha256", "sha384": "sha384", "sha512": "sha512"}


@dataclass(frozen=True, slots=True)
class EmbeddedCertificate:
    """A certificate carried by ``X509Data``."""

    x509: x509.Certificate
    der: bytes


@dataclass(frozen=True, slots=True, eq=False)
class SignatureReport:
    """What is known of the signature of one assertion.

    ``count`` is the number of ``ds:Signature`` children; ``error`` is French, ``""`` when the signature verifies with
    the embedded certificate; ``signed_id`` and ``signed_name`` name the element whose bytes were really verified.
    ``digest_declared`` and ``digest_computed`` are base64, the latter only when they differ.
    """

    count: int
    error: str
    at: str
    references: tuple[str, ...] = ()
    transforms: tuple[str, ...] = ()
    canonicalization: str = ""
    signature_method: str = ""
    digest_methods: tuple[str, ...] = ()
    signed_id: str = ""
    signed_name: str = ""
    digest_declared: str = ""
    digest_computed: str = ""
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)


def embedded_certificates(vihf: Vihf) -> list[EmbeddedCertificate]:
    """The readable certificates of the signature; the first one is the signer's.

    XMLDSig §4.5.4 leaves their order free: authorities, when some senders put them first, come after the others.
    """
    found = []
    for element in vihf.element.iterfind(f"{{{DS}}}Signature/{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate"):
        made = _certificate("".join((element.text or "").split()))
        if made is not None:
            found.append(made)
    return sorted(found, key=lambda each: _is_authority(each.x509)) if len(found) > 1 else found


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError):
        return False


def verify(vihf: Vihf) -> SignatureReport:
    """Verify the signature with the embedded certificate, over this very assertion; validity dates are not looked at."""
    at = f"{vihf.at}/ds:Signature"
    signatures = vihf.element.findall(f"{{{DS}}}Signature")
    if not signatures:
        return SignatureReport(0, "l'assertion n'est pas signée", at)
    facts = _declared(signatures[0])
    certificates = embedded_certificates(vihf)
    if not certificates:
        return SignatureReport(len(signatures), "la signature ne contient pas de certificat lisible", at, **facts)
    certificate = certificates[0].x509
    config = SignatureConfiguration(
        location="./",
        expect_references=1,
        signature_methods=_ACCEPTED,
        digest_algorithms=frozenset(DigestAlgorithm),
        ignore_ambiguous_key_info=True,
        verification_time=certificate.not_valid_before_utc,
    )
    # The schema of XMLDSig refuses InclusiveNamespaces, which Java and .NET libraries write in their transforms.
    prefixed = signatures[0].find(f".//{{{EXC_C14N}}}InclusiveNamespaces")
    try:
        result = XMLVerifier().verify(
            etree.tostring(vihf.element, with_tail=False),
            x509_cert=certificate,
            id_attribute="ID",
            expect_config=config,
            validate_schema=prefixed is None,
        )
    except InvalidDigest:
        computed = _digest(vihf, facts["digest_methods"])
        return SignatureReport(
            len(signatures), "le condensat de l'assertion ne correspond pas", at, digest_computed=computed, **facts
        )
    except InvalidSignature:
        return SignatureReport(len(signatures), "la valeur de signature ne correspond pas au certificat joint", at, **facts)
    except (InvalidInput, etree.LxmlError, binascii.Error, ValueError, TypeError, NotImplementedError) as error:
        return SignatureReport(len(signatures), f"signature inutilisable : {error}", at, **facts)
    assert not isinstance(result, list)
    signed = result.signed_xml
    return SignatureReport(
        len(signatures),
        "",
        at,
        signed_id="" if signed is None else signed.get("ID", ""),
        signed_name="" if signed is None else str(signed.tag),
        **facts,
    )


def covers(report: SignatureReport, vihf: Vihf) -> bool:
    """True when the signature designates this whole assertion and nothing else, and, if it verifies, verified just that."""
    return (
        report.count == 1
        and report.references == (f"#{vihf.id}",)
        and (bool(report.error) or (report.signed_name == f"{{{SAML}}}Assertion" and report.signed_id == vihf.id))
    )


def _declared(signature: etree._Element) -> dict[str, Any]:
    info = signature.find(f"{{{DS}}}SignedInfo")
    if info is None:
        return {"digest_methods": ()}
    references = info.findall(f"{{{DS}}}Reference")
    first = references[0] if references else None
    transforms = () if first is None else tuple(t.get("Algorithm", "") for t in first.iter(f"{{{DS}}}Transform"))
    return {
        "references": tuple(r.get("URI", "") for r in references),
        "transforms": transforms,
        "canonicalization": _algorithm(info, "CanonicalizationMethod"),
        "signature_method": _algorithm(info, "SignatureMethod"),
        "digest_methods": tuple(_algorithm(r, "DigestMethod") for r in references),
        "digest_declared": "" if first is None else (first.findtext(f"{{{DS}}}DigestValue") or "").strip(),
    }


def _algorithm(parent: etree._Element, name: str) -> str:
    found = parent.find(f"{{{DS}}}{name}")
    return "" if found is None else found.get("Algorithm", "")


def _digest(vihf: Vihf, methods: tuple[str, ...]) -> str:
    """The digest of the assertion as received, without its signature, in base64; ``""`` when it has no canonical form."""
    copy = parse(etree.tostring(vihf.element, with_tail=False))
    for signature in copy.findall(f"{{{DS}}}Signature"):
        _detach(signature)
    name = _DIGESTS.get((methods[0] if methods else "").rpartition("#")[2], "sha256")
    try:
        canonical = etree.tostring(copy, method="c14n", exclusive=True)
    except etree.C14NError:
        return ""
    return base64.b64encode(hashlib.new(name, canonical).digest()).decode()


def _detach(signature: etree._Element) -> None:
    """Take an element out of its parent, leaving the text that follows it, as the enveloped transform does."""
    parent, previous = signature.getparent(), signature.getprevious()
    assert parent is not None
    tail = signature.tail or ""
    if previous is not None:
        previous.tail = (previous.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(signature)


@lru_cache(maxsize=256)
def _certificate(text: str) -> EmbeddedCertificate | None:
    try:
        der = base64.b64decode(text, validate=True)
        found = x509.load_der_x509_certificate(der)
        # A certificate whose key nobody can read verifies nothing.
        found.public_key()
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        return None
    return EmbeddedCertificate(found, der)


@provider
def _report_of(vihf: Vihf) -> SignatureReport:
    return verify(vihf)
