"""XDS: the signature of the submission set (dmp_insi §6.3: signature entry, XAdES manifest)."""

from __future__ import annotations

import re

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..validation.saml.chain import SignerCertificate
from ..validation.xds import vocabulary as v
from ..validation.xds.lot_signature import PURPOSE_SOURCE, LotSignature, read_signature, verification_error
from ..validation.xds.objects import DocumentEntry
from ..validation.xds.submission import Submission
from .registry import check

_SAMPLE = "Exemple TD2.1 (package DMP), signature du lot"
_VISIBILITY = ("MASQUE_PS", "INVISIBLE_PATIENT")


@check("xds.signature.present", covers=("DMP-ALIM-18",), source=_SAMPLE + " ; EX_GEN-1450", confidence="secondaire")
def submission_set_is_signed(submission: Submission) -> Evidence:
    """Le lot est signé : une fiche de signature, rattachée au lot par une association « signs », et un document ds:Signature."""
    entry = next((e for e in submission.entries if e.is_signature), None)
    if entry is None:
        raise CheckFailed(
            "Lot de soumission non signé",
            expected="une fiche de signature XAdES (classCode urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1)",
            received=f"fiches : {', '.join(e.id for e in submission.entries) or 'aucune'}",
            at=submission.at,
            hint="Signer le lot avec le certificat ORG_SIGN, ou la carte, et joindre la signature comme un document.",
        )
    links = [a for a in submission.associated(v.SIGNS) if (a.source, a.target) == (entry.id, submission.set.id)]
    if len(links) != 1:
        raise CheckFailed(
            "La signature n'est pas rattachée au lot",
            expected=f"une association signs de « {entry.id} » vers « {submission.set.id} »",
            received=", ".join(f"{a.source} → {a.target}" for a in submission.associated(v.SIGNS)) or "aucune association signs",
            at=f"{submission.at}/rim:Association",
            hint=f"associationType = {v.SIGNS}.",
        )
    _readable(submission, entry)
    return Evidence(at=entry.at)


def _readable(submission: Submission, entry: DocumentEntry) -> None:
    """Refuse a signature whose document is missing, or holds no XML signature."""
    document = submission.signature
    try:
        if document is None:
            raise Inconclusive("aucune pièce jointe pour cette fiche")
        read_signature(document)
    except Inconclusive as error:
        raise CheckFailed(
            "La fiche de signature ne désigne pas une signature lisible",
            expected="un document XML qui contient ds:Signature",
            received=str(error),
            at=entry.at if document is None else document.at,
            hint="Joindre la signature XAdES du lot comme un document, sous l'identifiant de sa fiche.",
        ) from error


@check("xds.signature.entry", covers=("DMP-ALIM-18",), source=_SAMPLE, confidence="vu")
def signature_entry_has_expected_metadata(signature: LotSignature) -> Evidence:
    """La fiche de la signature porte les métadonnées propres à une signature de lot."""
    entry = signature.entry
    codes = {
        v.CLASS_CODE: (v.SIGNATURE_CLASS,),
        v.TYPE_CODE: (v.SIGNATURE_TYPE,),
        v.FORMAT_CODE: (v.XMLDSIG_FORMAT, v.DSG_FORMAT),
        v.EVENT_CODE: (PURPOSE_SOURCE,),
        v.CONFIDENTIALITY: ("N", "R", "V"),
    }
    for scheme, accepted in codes.items():
        code = entry.code(scheme)
        if code is None or code.code not in accepted:
            raise CheckFailed(
                f"{v.NAMES[scheme]} de la signature inattendu",
                expected=" ou ".join(accepted),
                received=code.code if code else "absent",
                at=entry.code_xpath(scheme),
                hint="Les métadonnées de la signature ne sont pas celles du document.",
            )
    visibility = {c.code for c in entry.codes.get(v.CONFIDENTIALITY, ())}
    expected = {"mimeType": "text/xml", "languageCode": "art", "title": "Source"}
    received = {"mimeType": entry.mime_type, "languageCode": entry.slot("languageCode"), "title": entry.title}
    for name, value in expected.items():
        if received[name] != value:
            raise CheckFailed(
                f"{name} de la signature inattendu",
                expected=value,
                received=received[name] or "absent",
                at=f"{entry.at} ({name})",
                hint="Langue « art », titre « Source », type MIME text/xml.",
            )
    if not set(_VISIBILITY) <= visibility:
        raise CheckFailed(
            "La signature du lot est visible",
            expected=f"N, {', '.join(_VISIBILITY)}",
            received=", ".join(sorted(visibility)),
            at=entry.code_xpath(v.CONFIDENTIALITY),
            hint="La signature n'est montrée ni au patient ni aux professionnels.",
        )
    return Evidence(at=entry.at, fired=9)


@check("xds.signature.verifies", covers=("DMP-ALIM-18",), source=_SAMPLE, confidence="vu")
def lot_signature_verifies(signature: LotSignature) -> Evidence:
    """La signature du lot se vérifie avec son certificat, et porte sur le manifeste."""
    error = verification_error(signature)
    if not error and not signature.manifest_is_signed:
        error = f"le manifeste n'est pas signé (références : {', '.join(signature.signed) or 'aucune'})"
    if error:
        raise CheckFailed(
            "Signature du lot invalide",
            expected="une signature XAdES valide, qui référence le manifeste (#IHEManifest) et les propriétés signées",
            received=error,
            at=f"{signature.at}/ds:SignatureValue",
            hint="Calculer le condensat du manifeste dans sa forme canonique, puis signer SignedInfo.",
        )
    return Evidence(at=signature.at)


@check("xds.signature.manifest", covers=("DMP-ALIM-18",), source=_SAMPLE, confidence="vu")
def manifest_covers_every_document(submission: Submission, signature: LotSignature) -> Evidence:
    """Le manifeste de la signature cite le lot et chaque document, avec le condensat de chacun."""
    at = f"{signature.at}//ds:Manifest"
    by_id = {reference.unique_id: reference for reference in signature.references}
    wanted = [submission.set.unique_id, *(entry.unique_id for entry in submission.clinical_entries)]
    cited = [reference.unique_id for reference in signature.references]
    if sorted(cited) != sorted(wanted):
        raise CheckFailed(
            "Le manifeste ne cite pas exactement le lot et ses documents",
            expected=", ".join(f"urn:oid:{uid}" for uid in wanted),
            received=", ".join(reference.uri for reference in signature.references) or "aucune référence",
            at=at,
            hint="Une référence urn:oid: par document, plus une pour l'uniqueId du lot.",
        )
    for document in submission.clinical_documents:
        reference = by_id[document.entry.unique_id]
        computed = reference.digest_of(document.content)
        if reference.digest != computed:
            raise CheckFailed(
                f"Condensat du document « {document.entry.id} » faux dans le manifeste",
                expected=computed or "un algorithme de condensat connu et un document XML",
                received=reference.digest or "absent",
                at=f"{at}/ds:Reference[@URI='{reference.uri}']/ds:DigestValue",
                hint="Condensat de la forme canonique (C14N avec commentaires) du document réellement envoyé.",
            )
    return Evidence(at=at, fired=len(wanted))


@check("xds.signature.purpose", covers=("DMP-ALIM-18",), source=_SAMPLE, confidence="vu")
def signature_purpose_is_source(signature: LotSignature) -> Evidence:
    """La signature du lot déclare son but : source (1.2.840.10065.1.12.1.14)."""
    at = f"{signature.at}//ds:SignatureProperty[@Id='purposeOfSignature']"
    if PURPOSE_SOURCE not in re.findall(r"[0-9.]+", signature.purpose):
        raise CheckFailed(
            "But de la signature absent ou inattendu",
            expected=PURPOSE_SOURCE,
            received=signature.purpose or "absent",
            at=at,
            hint="Ajouter ds:SignatureProperty d'Id purposeOfSignature.",
        )
    return Evidence(at=at)


@check("xds.signature.same-signer", covers=("DMP-ALIM-18",), source=_SAMPLE + " ; EX_GEN-1450", confidence="secondaire")
def lot_and_vihf_have_one_signer(signature: LotSignature, signer: SignerCertificate) -> Evidence:
    """La signature du lot est faite par le certificat qui signe le VIHF."""
    if signature.certificate != signer.x509:
        found = "aucun certificat lisible" if signature.certificate is None else signature.certificate.subject.rfc4514_string()
        raise CheckFailed(
            "Le lot et le VIHF ne sont pas signés par le même certificat",
            expected=signer.subject_rfc4514,
            received=found,
            at=f"{signature.at}/ds:KeyInfo",
            hint="Signer les deux avec ORG_SIGN (ou la carte en mode DIRECTE).",
        )
    return Evidence(at=signature.at)
