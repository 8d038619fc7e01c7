"""A folder laid out as the official CDA kit, with a few rules of ours: names of files only are the kit's."""

from __future__ import annotations

from pathlib import Path

ISO = 'xmlns="http://purl.oclc.org/dsdl/schematron"'
CDA = '<ns prefix="cda" uri="urn:hl7-org:v3"/>'
SVS = "urn:ihe:iti:svs:2008"


def schema(body: str, attributes: str = 'queryBinding="xslt2"', namespaces: str = "") -> str:
    """A schema with the ``cda`` prefix."""
    return f"<schema {ISO} {attributes}><title>Essai</title>{CDA}{namespaces}{body}</schema>"


def pattern(context: str, *asserts: str, id: str = "p") -> str:
    """A pattern of one rule."""
    return f'<pattern id="{id}"><rule context="{context}">{"".join(asserts)}</rule></pattern>'


def always(message: str, role: str = "") -> str:
    """An assertion that always fails, to see that its rule fired."""
    said = f' role="{role}"' if role else ""
    return f'<assert test="false()"{said}>{message}</assert>'


FILES = {
    "schematrons/profils/structurationMinimale/ASIP-STRUCT-MIN-StrucMin.sch": schema(
        pattern("cda:ClinicalDocument", always("en-tête", "warning"), always("pour information", "info"))
    ),
    "schematrons/profils/IHE.sch": schema(
        '<include href="../Include/Entrees/E_Essai.sch"/><phase id="ihe"><active pattern="E_Essai"/></phase>'
        + pattern("cda:*", always("hors phase"), id="autre"),
        'defaultPhase="ihe"',
    ),
    "schematrons/profils/CI-SIS_ModelesDeContenusCDA.sch": schema(
        pattern("cda:title", "<assert test='. != \"\"'>titre</assert>")
    ),
    "schematrons/profils/CI-SIS_Modeles_ANS.sch": schema(pattern("cda:title", "<assert test='. != \"\"'>titre</assert>")),
    "schematrons/include/entrees/e_essai.sch": f'<pattern {ISO} id="E_Essai"><rule context="cda:title">'
    '<report test="@interdit">interdit</report></rule></pattern>',
    "schematrons/CI-SIS_VAC-NOTE_2023.01.sch": schema(pattern("cda:ClinicalDocument", always("volet 2023.01"))),
    "schematrons/CI-SIS_VAC-NOTE_2022.01.sch": schema(pattern("cda:ClinicalDocument", always("volet 2022.01"))),
    "schematrons/CI-SIS_CSE-CS8_2024.01.sch": schema(pattern("cda:ClinicalDocument", always("volet CS8"))),
    "schematrons/moteur/iso_svrl_for_xslt2.xsl": "<moteur/>",
    "jeuxDeValeurs/jdv-essai.xml": f'<RetrieveValueSetResponse xmlns="{SVS}"/>',
    "ExemplesCDA/Exemple à ignorer.xml": "<exemple/>",
    "infrastructure/cda/CDA_extended.xsd": '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" '
    'targetNamespace="urn:hl7-org:v3"><xs:element name="ClinicalDocument"/></xs:schema>',
}


def write_kit(folder: Path, files: dict[str, str] | None = None) -> Path:
    """The kit's files under ``folder``; those of ``files`` in addition, or instead."""
    for name, text in (FILES | (files or {})).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def document(templates: str = "", body: str = "<structuredBody/>", before: str = "", title: str = "Titre") -> bytes:
    """A CDA document reduced to what chooses the schemas."""
    return (
        f'{before}<ClinicalDocument xmlns="urn:hl7-org:v3">{templates}<title>{title}</title>'
        f"<component>{body}</component></ClinicalDocument>"
    ).encode()


VAC_NOTE = '<templateId root="1.2.250.1.213.1.1.1.46" extension="2023.01"/>'
