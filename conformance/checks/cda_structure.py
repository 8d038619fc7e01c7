"""A CDA document is readable XML and follows the structure of CDA R2."""

from __future__ import annotations

from ..core.errors import CheckFailed
from ..core.problem import Evidence
from ..validation.cda import CdaDocument, validate
from ..validation.cda.view import HL7, ROOT
from ..validation.document import Document
from ..validation.xml import XmlError, place_of, qualified_name
from .registry import check


@check("cda.structure.readable", covers=("CDA-01",), source="HL7 CDA R2 ; XML 1.0", confidence="vu")
def document_is_a_readable_cda(document: Document) -> Evidence:
    """Le document est un fichier XML bien formé, sans DOCTYPE, dont la racine est ClinicalDocument."""
    try:
        root = document.root
    except XmlError as error:
        raise CheckFailed(
            f"Document illisible : {error.message}",
            expected="un document XML bien formé, sans DOCTYPE ni entité",
            received=error.message,
            at=f"ligne {error.line}" if error.line else "début du document",
            hint="Produire le document avec une bibliothèque XML, l'encodage annoncé étant celui des octets (UTF-8).",
        ) from error
    if root.tag != ROOT:
        raise CheckFailed(
            "Le document n'est pas un CDA",
            expected=f"élément racine ClinicalDocument de l'espace de noms {HL7}",
            received=f"{qualified_name(root)} ({root.nsmap.get(root.prefix) or 'sans espace de noms'})",
            at=place_of(root),
            hint='Déclarer xmlns="urn:hl7-org:v3" sur ClinicalDocument.',
        )
    return Evidence(at=place_of(root))


@check("cda.structure.schema", covers=("CDA-01",), source="HL7 CDA R2, schéma étendu du CI-SIS", confidence="vu")
def document_follows_the_schema(document: CdaDocument) -> Evidence:
    """La structure du document suit le schéma de CDA R2 et de ses extensions françaises."""
    problems = validate(document.root)
    if not problems:
        return Evidence(at="/ClinicalDocument", note="schéma CDA R2 étendu")
    first = problems[0]
    failure = CheckFailed(first.message, expected=first.expected, received=first.received, at=first.at, hint=first.hint)
    failure.problems = problems if len(problems) > 1 else ()  # type: ignore[attr-defined]
    raise failure
