"""Spellings that real software uses and that the DMP takes: accepted, and said in the fact ``tolerances`` of the answer."""

from __future__ import annotations

from collections.abc import Iterator

from ...validation.saml.vihf import MODE, MODE_VARIANT, PURPOSE, Vihf, read_vihf
from ...validation.soap import WSA, SoapMessage
from .messages import ENTRY_PATIENT, RIM, SET_PATIENT, XDSB

FORMER_VERSION = "fiche-ancienne-version"
TOLERANCES = {
    "soap-1.1": "enveloppe SOAP 1.1 au lieu de 1.2",
    "must-understand-sans-prefixe": "mustUnderstand écrit sans préfixe de l'espace de noms SOAP",
    "action-http-seule": "action donnée par le Content-Type seul, sans wsa:Action",
    "mode-autre-casse": "attribut Authentification_Mode au lieu de Authentification_mode",
    "vihf-4.0": "VIHF_Version 4.0 au lieu de 3.0",
    "signature-sha-1": "VIHF signé en rsa-sha1",
    "acces-autre-graphie": "mode d'accès écrit autrement que normal, bris_de_glace ou centre_15",
    "acces-autre-nomenclature": "codeSystemName du mode d'accès autre que « mode acces VIHF 2.0 »",
    "contexte-declare-autrement": "AuthnContextDecl d'une autre valeur que APP_BROWSER_AUTH",
    "patient-suffixe": "identifiant du patient suivi d'une date ou d'autres composantes",
    "patient-entre-parentheses": "patient d'une recherche entre parenthèses",
    "identifiant-autre-casse": "Document et ExtrinsicObject d'identifiants qui ne diffèrent que par la casse",
    "invisible-rep-legaux": "INVISIBLE_REP_LEGAUX au lieu de INVISIBLE_REPRESENTANTS_LEGAUX",
    "xslt-auto-presentable": "mimeType application/xslt+xml d'un document auto-présentable",
    FORMER_VERSION: "entryUUID d'une version précédente des métadonnées",
}
"""Each tolerance and its French words."""

_PURPOSES = frozenset({"normal", "bris_de_glace", "centre_15"})
_PURPOSE_SYSTEM = "mode acces VIHF 2.0"
_CONFIDENTIALITY = "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"


def tolerated(message: SoapMessage) -> list[str]:
    """The tolerances that a message needs, in the order of the table."""
    found = {*_envelope(message), *_metadata(message)}
    assertions = message.assertions()
    if assertions:
        found.update(_vihf(read_vihf(assertions[0])))
    return [name for name in TOLERANCES if name in found]


def _envelope(message: SoapMessage) -> Iterator[str]:
    if message.version == "1.1":
        yield "soap-1.1"
    if not message.action and message.content_type.get("action"):
        yield "action-http-seule"
    if any(
        block.get("mustUnderstand") is not None for block in message.header if isinstance(block.tag, str) and WSA in block.tag
    ):
        yield "must-understand-sans-prefixe"


def _vihf(vihf: Vihf) -> Iterator[str]:
    if MODE not in vihf.attributes and MODE_VARIANT in vihf.attributes:
        yield "mode-autre-casse"
    if vihf.value("VIHF_Version") == "4.0":
        yield "vihf-4.0"
    method = vihf.element.find(".//{http://www.w3.org/2000/09/xmldsig#}SignatureMethod")
    if method is not None and method.get("Algorithm", "").endswith("#rsa-sha1"):
        yield "signature-sha-1"
    for purpose in vihf.coded.get(PURPOSE, ()):
        if purpose.code not in _PURPOSES:
            yield "acces-autre-graphie"
        if purpose.system_name and purpose.system_name != _PURPOSE_SYSTEM:
            yield "acces-autre-nomenclature"
    if vihf.decl and vihf.decl != "APP_BROWSER_AUTH":
        yield "contexte-declare-autrement"
    if vihf.patient.count("^") > 4:
        yield "patient-suffixe"


def _metadata(message: SoapMessage) -> Iterator[str]:
    for node in message.body.iter(f"{{{RIM}}}ExternalIdentifier"):
        if node.get("identificationScheme") in (ENTRY_PATIENT, SET_PATIENT) and node.get("value", "").count("^") > 4:
            yield "patient-suffixe"
    for slot in message.body.iterfind(f".//{{{RIM}}}AdhocQuery/{{{RIM}}}Slot"):
        if slot.get("name", "").lower().endswith("patientid") and any(
            (v.text or "").strip().startswith("(") for v in slot.iter(f"{{{RIM}}}Value")
        ):
            yield "patient-entre-parentheses"
    local = [node.get("id", "") for node in message.body.iter(f"{{{RIM}}}ExtrinsicObject")]
    documents = [node.get("id", "") for node in message.body.iter(f"{{{XDSB}}}Document")]
    folded = {name.lower() for name in local}
    if any(name not in local and name.lower() in folded for name in documents):
        yield "identifiant-autre-casse"
    for node in message.body.iter(f"{{{RIM}}}Classification"):
        if node.get("classificationScheme") == _CONFIDENTIALITY and node.get("nodeRepresentation") == "INVISIBLE_REP_LEGAUX":
            yield "invisible-rep-legaux"
    if any(node.get("mimeType") == "application/xslt+xml" for node in message.body.iter(f"{{{RIM}}}ExtrinsicObject")):
        yield "xslt-auto-presentable"
