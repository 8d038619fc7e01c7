"""VIHF: the attributes: user, roles, purpose, structure, software, patient (dmp_insi §4.2)."""

from __future__ import annotations

import re

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.saml.vihf import (
    HL7,
    MODE,
    MODE_VARIANT,
    MODES,
    PATIENT_CONFIDENTIALITY,
    PURPOSE,
    RESOURCE_ID,
    ROLE,
    SUBJECT_ID,
    CodedValue,
    Vihf,
)
from ..validation.xds.codes import code_list
from .registry import check

_SAMPLES = "Exemples de jeton VIHF (package DMP)"
_PURPOSES = "1.2.250.1.213.1.1.4.248"
_PURPOSE_CODES = ("normal", "bris_de_glace", "centre_15")
_SECTORS = "1.2.250.1.71.4.2.4"
_KNOWN = {
    "VIHF_Version",
    MODE,
    MODE_VARIANT,
    "Identifiant_Structure",
    "Secteur_Activite",
    ROLE,
    RESOURCE_ID,
    "Ressource_URN",
    SUBJECT_ID,
    PURPOSE,
    PATIENT_CONFIDENTIALITY,
    "LPS_ID",
    "LPS_Nom",
    "LPS_Version",
    "LPS_ID_HOMOLOGATION_DMP",
}


def _single(vihf: Vihf, name: str, *, hint: str) -> str:
    """The value of an attribute that must be there once and not empty."""
    values = vihf.attributes.get(name, ())
    if len(values) != 1 or not values[0]:
        received = f"{len(values)} valeurs" if len(values) > 1 else ("valeur vide" if values else "attribut absent")
        raise CheckFailed(
            f"Attribut {name} absent, vide ou répété",
            expected="une valeur",
            received=received,
            at=vihf.attribute_xpath(name),
            hint=hint,
        )
    return values[0]


@check("dmp.vihf.attribute-names", covers=("DMP-ALIM-17",), source=_SAMPLES, confidence="vu")
def vihf_attribute_names_are_known(vihf: Vihf) -> Evidence:
    """Les attributs du VIHF portent les noms exacts de l'annexe VIHF."""
    unknown = [name for name in vihf.attributes if name not in _KNOWN]
    if unknown:
        raise CheckFailed(
            "Attribut de VIHF inconnu",
            expected="un nom de l'annexe VIHF, respect de la casse compris",
            received=", ".join(unknown),
            at=vihf.attribute_xpath(unknown[0]),
            hint="Vérifier l'orthographe, la casse et l'URN de l'attribut.",
        )
    return Evidence(at=f"{vihf.at}/saml2:AttributeStatement", note=f"{len(vihf.attributes)} attributs")


@check("dmp.vihf.vihf-version", covers=("DMP-ALIM-17",), source=_SAMPLES + " ; mapping HL7 v2 (4.0)", confidence="vu")
def vihf_version_is_supported(vihf: Vihf) -> Evidence:
    """Le VIHF déclare la version 3.0 (ou 4.0) du référentiel VIHF."""
    name = "VIHF_Version"
    version = _single(vihf, name, hint="Mettre 3.0.")
    if version not in ("3.0", "4.0"):
        raise CheckFailed(
            "Version de VIHF inattendue",
            expected="3.0 (4.0 dans les textes récents)",
            received=version,
            at=vihf.attribute_xpath(name),
            hint="VIHF_Version est la version du référentiel, pas celle du logiciel ni de SAML.",
        )
    return Evidence(at=vihf.attribute_xpath(name), note=version)


@check("dmp.vihf.mode-value", covers=("DMP-ALIM-17",), source=_SAMPLES, confidence="vu")
def vihf_mode_is_known(vihf: Vihf) -> Evidence:
    """Le VIHF déclare un mode d'authentification du DMP."""
    name = MODE if MODE in vihf.attributes or MODE_VARIANT not in vihf.attributes else MODE_VARIANT
    both = {value for each in (MODE, MODE_VARIANT) for value in vihf.attributes.get(each, ())}
    if len(both) > 1:
        raise CheckFailed(
            "Deux modes d'authentification dans un VIHF",
            expected="une valeur",
            received=", ".join(sorted(both)),
            at=vihf.attribute_xpath(name),
            hint=f"Le nom de l'attribut est {MODE} ; ne l'écrire qu'une fois.",
        )
    mode = _single(vihf, name, hint="Déclarer DIRECTE, INDIRECTE ou INDIRECTE_RENFORCEE.")
    if mode not in MODES:
        raise CheckFailed(
            "Mode d'authentification inconnu",
            expected=" ou ".join(MODES),
            received=mode,
            at=vihf.attribute_xpath(name),
            hint="Certificat logiciel et utilisateur authentifié par Pro Santé Connect : INDIRECTE_RENFORCEE.",
        )
    return Evidence(at=vihf.attribute_xpath(name), note=mode)


@check("dmp.vihf.sector-activity", covers=("DMP-ALIM-17",), source=_SAMPLES + " ; JDV_J02", confidence="vu")
def vihf_sector_is_coded(vihf: Vihf) -> Evidence:
    """Le secteur d'activité du VIHF est un code SAxx suivi de l'OID de sa nomenclature."""
    name = "Secteur_Activite"
    code, _, system = _single(vihf, name, hint="Exemple : SA17^1.2.250.1.71.4.2.4.").partition("^")
    if not code_list("J02").has(code, system) or system != _SECTORS:
        raise CheckFailed(
            "Secteur d'activité mal codé",
            expected=f"SAxx^{_SECTORS} (SA16 handicap, SA17 personnes âgées, SA18 aide à la famille, SA20, SA21, SA41…)",
            received=vihf.value(name),
            at=vihf.attribute_xpath(name),
            hint="Écrire le code de TRE_R02, un accent circonflexe, puis l'OID de TRE_R02.",
        )
    return Evidence(at=vihf.attribute_xpath(name), note=code)


@check("dmp.vihf.subject-id", covers=("DMP-ALIM-17",), source="VIHF-09 ; " + _SAMPLES, confidence="vu")
def vihf_names_the_user(vihf: Vihf) -> Evidence:
    """En mode indirect, le VIHF donne le nom de l'utilisateur, ou celui de l'automate."""
    if not vihf.indirect:
        return Evidence(at=vihf.attribute_xpath(SUBJECT_ID), note=f"mode {vihf.mode or 'absent'} : attribut non exigé")
    _single(vihf, SUBJECT_ID, hint="Y mettre les nom et prénom affichables de l'utilisateur connecté.")
    return Evidence(at=vihf.attribute_xpath(SUBJECT_ID))


@check("dmp.vihf.purpose-form", covers=("DMP-ALIM-17",), source=_SAMPLES, confidence="vu")
def vihf_purpose_is_coded(vihf: Vihf) -> Evidence:
    """Le VIHF porte un mode d'accès (purposeofuse) codé dans la nomenclature des modes d'accès."""
    at = vihf.attribute_xpath(PURPOSE)
    purposes = vihf.coded.get(PURPOSE, ())
    if len(purposes) != 1:
        raise CheckFailed(
            "Mode d'accès absent, répété ou non codé",
            expected="un élément PurposeOfUse",
            received=f"{len(purposes)} élément(s) codé(s)",
            at=at,
            hint=f'Exemple : <PurposeOfUse xmlns="urn:hl7-org:v3" xsi:type="CE" code="normal" codeSystem="{_PURPOSES}" …/>.',
        )
    well_formed(purposes[0], f"{{{HL7}}}PurposeOfUse", at)
    if purposes[0].system != _PURPOSES:
        raise CheckFailed(
            "Mode d'accès d'une autre nomenclature",
            expected=_PURPOSES,
            received=purposes[0].system,
            at=f"{at}//PurposeOfUse/@codeSystem",
            hint="La nomenclature est « mode acces VIHF 2.0 ».",
        )
    return Evidence(at=at, note=purposes[0].code)


@check(
    "dmp.vihf.purpose-known",
    covers=("DMP-ALIM-17",),
    source="modes d'accès (normal lu ; autres codes de mémoire)",
    confidence="infere",
)
def vihf_purpose_is_known(vihf: Vihf) -> Evidence:
    """Le mode d'accès du VIHF est normal, bris de glace ou centre 15."""
    at = vihf.attribute_xpath(PURPOSE)
    purposes = vihf.coded.get(PURPOSE, ())
    if not purposes:
        raise Inconclusive("aucun mode d'accès codé")
    if purposes[0].code not in _PURPOSE_CODES:
        raise CheckFailed(
            "Code de mode d'accès inconnu",
            expected=" ou ".join(_PURPOSE_CODES),
            received=purposes[0].code or "sans code",
            at=f"{at}//PurposeOfUse/@code",
            hint="Une alimentation se fait en mode « normal ».",
        )
    return Evidence(at=at, note=purposes[0].code)


@check("dmp.vihf.resource-urn", covers=("DMP-ALIM-17",), source=_SAMPLES, confidence="vu")
def vihf_resource_is_dmp(vihf: Vihf) -> Evidence:
    """Le VIHF désigne la ressource « urn:dmp »."""
    name = "Ressource_URN"
    urn = _single(vihf, name, hint="Mettre urn:dmp.")
    if urn != "urn:dmp":
        raise CheckFailed(
            "Ressource visée inattendue", expected="urn:dmp", received=urn, at=vihf.attribute_xpath(name), hint="Mettre urn:dmp."
        )
    return Evidence(at=vihf.attribute_xpath(name))


@check("dmp.vihf.software-as-homologated", covers=("DMP-ALIM-17", "GEN-02"), source="VIHF-11 ; " + _SAMPLES, confidence="vu")
def vihf_names_the_homologated_software(vihf: Vihf, settings: Settings) -> Evidence:
    """Le VIHF déclare le logiciel sous le nom, la version et le numéro d'homologation qui lui ont été attribués."""
    declared = settings.dmp
    for name, expected in (
        ("LPS_Nom", declared.lps_nom),
        ("LPS_Version", declared.lps_version),
        ("LPS_ID_HOMOLOGATION_DMP", declared.id_homologation),
    ):
        received = _single(
            vihf, name, hint="Les trois attributs LPS_Nom, LPS_Version et LPS_ID_HOMOLOGATION_DMP sont obligatoires."
        )
        if received != expected:
            raise CheckFailed(
                f"{name} différent de ce qui est déclaré",
                expected=expected,
                received=received,
                at=vihf.attribute_xpath(name),
                hint="Aligner le VIHF sur l'homologation CNDA, ou corriger la section [dmp] de dui.toml.",
            )
    return Evidence(at=f"{vihf.at}/saml2:AttributeStatement", note=f"{declared.lps_nom} {declared.lps_version}", fired=3)


def well_formed(value: CodedValue, tag: str, at: str) -> None:
    """Refuse a coded value that is not a complete HL7 CE under that tag."""
    missing = [
        label
        for label, text in (("code", value.code), ("codeSystem", value.system), ("displayName", value.label))
        if not text.strip()
    ]
    if value.tag != tag:
        raise CheckFailed(
            "Élément codé inattendu",
            expected=f"{tag.rpartition('}')[2]} de l'espace de noms {HL7}",
            received=value.tag.replace("{", "").replace("}", " "),
            at=at,
            hint="Le nom et l'espace de noms de l'élément comptent.",
        )
    if missing or value.type != "CE":
        raise CheckFailed(
            "Valeur codée incomplète",
            expected='xsi:type="CE", code, codeSystem et displayName',
            received=f"xsi:type={value.type or 'absent'} ; manque : {', '.join(missing) or 'rien'}",
            at=at,
            hint="codeSystemName est facultatif ; les autres attributs sont obligatoires.",
        )
    if re.fullmatch(r"[0-9.]+", value.system) is None:
        raise CheckFailed(
            "Système de codage mal formé",
            expected="un OID, par exemple 1.2.250.1.71.1.2.7",
            received=value.system,
            at=f"{at}//@codeSystem",
            hint="Écrire l'OID seul, sans urn:oid:.",
        )
