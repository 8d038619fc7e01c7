"""The data of nursing services at home: the export carried by a DocumentReference, and how it is corrected and sent again."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from lxml import etree

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.people import Usager
from ..core.problem import Evidence
from ..validation.sidoba.lot import SsiadDocument, SsiadLot, document_of, objects
from ..validation.xml import XmlError
from .registry import check
from .sidoba import CONTRAT

IG = "IG ans.cda.fr.tddui 1.0.1"
NS = {"h": "urn:hl7-org:v3"}
MEDIAS = ("text/xml", "application/xml")
INS_OIDS = tuple(f"1.2.250.1.213.1.4.{last}" for last in ("8", "9", "10", "11"))


@check("ssiad.document-joint", covers=("SSIAD-01",), source=f"{IG}, tddui-documentreference", confidence="vu")
def document_is_attached(lot: SsiadLot) -> Evidence:
    """Chaque DocumentReference porte un document en base64, annoncé comme XML."""
    references = lot.of("DocumentReference")
    if not references:
        raise Inconclusive("aucun DocumentReference dans le lot")
    for entree in references:
        held = document_of(entree, "")
        readable = held is not None and held[0].data.lstrip().startswith(b"<")
        if held is None or not readable or held[1].partition(";")[0] not in MEDIAS:
            raise CheckFailed(
                "Document absent, illisible ou mal annoncé",
                expected="content.attachment : data en base64, contentType text/xml",
                received="pas de base64" if held is None else f"{held[1] or 'sans type'}, {len(held[0].data)} octets",
                at=f"{entree.at}.content[0].attachment",
                hint="Joindre le CDA entier, en base64, et annoncer text/xml.",
            )
    return Evidence(at="content.attachment", fired=len(references))


@check("ssiad.empreinte", covers=("SSIAD-01",), source="FHIR R4, Attachment (size, hash)", confidence="vu")
def size_and_hash_are_right(document: SsiadDocument) -> Evidence:
    """La taille et l'empreinte annoncées sont celles du document."""
    attachment = next(objects(next(objects(document.entree.resource.get("content")), {}).get("attachment")), {})
    data = document.document.data
    digest = base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()
    for name, right in (("size", str(len(data))), ("hash", digest)):
        said = attachment.get(name)
        if said is not None and str(said) != right:
            raise CheckFailed(
                "Taille ou empreinte fausse",
                expected=right,
                received=str(said),
                at=f"{document.entree.at}.content[0].attachment.{name}",
                hint="size compte les octets décodés ; hash est leur SHA-1, en base64.",
            )
    return Evidence(at="attachment.size, attachment.hash", fired=2)


@check("ssiad.identifiant", covers=("SSIAD-02",), source=f"{IG}, tddui-documentreference (masterIdentifier)", confidence="infere")
def master_identifier_is_that_of_the_document(document: SsiadDocument) -> Evidence:
    """masterIdentifier est l'identifiant du document."""
    master = next(objects(document.entree.resource.get("masterIdentifier")), {})
    root = _root(document)
    wanted = _attribute(root, "h:id", "root")
    if str(master.get("value", "")).removeprefix("urn:oid:") != wanted:
        raise CheckFailed(
            "masterIdentifier différent de l'identifiant du document",
            expected=f"urn:oid:{wanted}",
            received=str(master.get("value", "absent")),
            at=f"{document.entree.at}.masterIdentifier",
            hint="Reprendre ClinicalDocument/id.",
        )
    return Evidence(at="masterIdentifier")


@check("ssiad.structure", covers=("SSIAD-02",), source=f"{IG}, identifiant local (3 et FINESS, /, numéro)", confidence="vu")
def local_identifier_is_of_the_structure(document: SsiadDocument) -> Evidence:
    """L'identifiant local de l'usager commence par 3 et le FINESS du service au nom duquel le document est envoyé."""
    ids = _ids(_root(document))
    prefix = f"3{document.structure[1:]}/"
    if not any(extension.startswith(prefix) for _, extension in ids):
        raise CheckFailed(
            "Aucun identifiant local de ce service",
            expected=f"{prefix}numéro local",
            received=", ".join(e for _, e in ids) or "aucun",
            at="/ClinicalDocument/recordTarget/patientRole/id",
            hint="Composer l'identifiant local avec le FINESS géographique du service.",
        )
    return Evidence(at="recordTarget/patientRole/id")


@check("ssiad.usager", covers=("SSIAD-02",), source=f"RNIV ; {IG}", confidence="vu")
def document_is_about_the_usager(document: SsiadDocument, usager: Usager) -> Evidence:
    """Le document et sa fiche nomment l'usager par son INS."""
    contained = {str(c.get("id")): c for c in objects(document.entree.resource.get("contained"))}
    subject = contained.get(document.entree.refers("subject").removeprefix("#"), {})
    sheet = [
        str(i.get("value")) for i in objects(subject.get("identifier")) if str(i.get("system", "")).rpartition(":")[2] in INS_OIDS
    ]
    inside = [extension for root, extension in _ids(_root(document)) if root in INS_OIDS]
    for found, at in ((inside, "/ClinicalDocument/recordTarget/patientRole/id"), (sheet, f"{document.entree.at}.subject")):
        if found != [usager.ins]:
            raise CheckFailed(
                "Usager absent, ou d'un autre matricule",
                expected=usager.ins,
                received=", ".join(found) or "aucun matricule",
                at=at,
                hint="Nommer le même usager dans le document et dans DocumentReference.subject.",
            )
    return Evidence(at="recordTarget, subject", fired=2)


@check("ssiad.remplacement", covers=("SSIAD-03",), source=f"{IG}, relatedDocument", confidence="vu")
def correction_replaces_the_former_document(documents: Sequence[SsiadDocument]) -> Evidence:
    """Une version corrigée garde setId, augmente versionNumber et dit quel document elle remplace."""
    if len(documents) < 2:
        raise Inconclusive("un seul document : aucune correction")
    former, new = _root(documents[0]), _root(documents[-1])
    parent = "h:relatedDocument[@typeCode='RPLC']/h:parentDocument/h:id"
    rows = (
        ("relatedDocument", _attribute(former, "h:id", "root"), _attribute(new, parent, "root")),
        ("setId", _attribute(former, "h:setId", "root"), _attribute(new, "h:setId", "root")),
    )
    for name, wanted, found in rows:
        if wanted != found:
            raise CheckFailed(
                "Correction qui passe pour un autre document",
                expected=wanted,
                received=found or "absent",
                at=f"/ClinicalDocument/{name}",
                hint="Écrire relatedDocument RPLC vers la version corrigée, sous le même setId.",
            )
    versions = [_attribute(root, "h:versionNumber", "value") for root in (former, new)]
    if not all(v.isdigit() for v in versions) or int(versions[1]) <= int(versions[0]):
        raise CheckFailed(
            "Numéro de version qui n'augmente pas",
            expected=f"plus de {versions[0]}",
            received=versions[1] or "absent",
            at="/ClinicalDocument/versionNumber",
            hint="Augmenter versionNumber à chaque version.",
        )
    return Evidence(at="relatedDocument, setId, versionNumber", fired=3)


@check("ssiad.renvoi", covers=("SSIAD-03",), source=CONTRAT, confidence="infere")
def retry_is_the_same_document(documents: Sequence[SsiadDocument]) -> Evidence:
    """Après une réponse perdue, c'est le même document qui est renvoyé, octet pour octet."""
    if len(documents) < 2:
        raise Inconclusive("un seul envoi : rien n'a été renvoyé")
    if documents[0].document.data != documents[-1].document.data:
        raise CheckFailed(
            "Un autre document est renvoyé",
            expected="les mêmes octets, sous le même identifiant",
            received=f"identifiant {_attribute(_root(documents[-1]), 'h:id', 'root')}",
            at=documents[-1].id,
            hint="Garder le document envoyé jusqu'à ce qu'une réponse soit lue, sans le récrire.",
        )
    return Evidence(at=documents[-1].id)


@check("ssiad.correction", covers=("SSIAD-03",), source=f"{IG}, FR-Sejour-Admission", confidence="infere")
def corrected_stay_is_in_the_document(geste: Geste, documents: Sequence[SsiadDocument]) -> Evidence:
    """Le document renvoyé porte la date d'entrée corrigée."""
    wanted = str(geste.gesture.arguments().get("valeur")).replace("-", "")
    path = ".//h:encounter[h:templateId/@root='1.2.250.1.213.1.1.3.218']/h:effectiveTime"
    found = _attribute(_root(documents[-1]), path, "value")[:8]
    if found != wanted:
        raise CheckFailed(
            "Donnée corrigée absente du document renvoyé",
            expected=wanted,
            received=found or "absente",
            at="FR-Sejour-Admission/effectiveTime",
            hint="Écrire le document à partir du dossier corrigé.",
        )
    return Evidence(at="FR-Sejour-Admission/effectiveTime")


def _root(document: SsiadDocument) -> etree._Element:
    try:
        return document.document.root
    except XmlError as error:
        raise Inconclusive(f"document illisible : {error}") from error


def _ids(root: etree._Element) -> list[tuple[str, str]]:
    found = root.iterfind("h:recordTarget/h:patientRole/h:id", NS)
    return [(i.get("root", ""), i.get("extension", "")) for i in found]


def _attribute(root: etree._Element, path: str, name: str) -> str:
    found = root.xpath(path, namespaces=NS)
    return str(found[0].get(name, "")) if isinstance(found, list) and found and isinstance(found[0], etree._Element) else ""
