"""VIHF: the roles of the user: profession, then what specifies it (dmp_insi §4.2)."""

from __future__ import annotations

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..validation.saml.vihf import HL7, ROLE, CodedValue, Vihf
from ..validation.xds.codes import code_list
from .registry import check
from .vihf_attributes import well_formed

_SAMPLES = "Exemples de jeton VIHF (package DMP)"
_DOCTOR, _PHARMACIST = ("10", "1.2.250.1.71.1.2.7"), ("21", "1.2.250.1.71.1.2.7")
_BY_ROLE = ("99", "1.2.250.1.213.1.6.1.140")
_SECOND_ROLES = {
    _DOCTOR: ("Second rôle absent ou d'une autre nomenclature", "1.2.250.1.71.4.2.5"),
    _PHARMACIST: ("Section du pharmacien absente ou d'une autre nomenclature", "1.2.250.1.71.4.2.6"),
    _BY_ROLE: ("Rôle exercé absent ou d'une autre nomenclature", "1.2.250.1.213.1.6.1.107"),
}


@check("dmp.vihf.role-form", covers=("DMP-ALIM-17",), source=_SAMPLES, confidence="vu")
def vihf_roles_are_coded_elements(vihf: Vihf) -> Evidence:
    """Chaque rôle du VIHF est un élément hl7 Role de type CE avec code, codeSystem et displayName."""
    roles = vihf.roles
    if not roles or len(roles) != len(vihf.attributes.get(ROLE, ())):
        raise CheckFailed(
            "Rôle de l'utilisateur absent ou non codé",
            expected="une valeur par rôle, chacune contenant un élément Role",
            received=f"{len(roles)} rôle(s) codé(s) sur {len(vihf.attributes.get(ROLE, ()))} valeur(s)",
            at=vihf.attribute_xpath(ROLE),
            hint='Exemple : <Role xmlns="urn:hl7-org:v3" xsi:type="CE" code="60" codeSystem="…" displayName="Infirmier"/>.',
        )
    for rank, role in enumerate(roles, start=1):
        well_formed(role, f"{{{HL7}}}Role", f"{vihf.attribute_xpath(ROLE)}/saml2:AttributeValue[{rank}]")
    return Evidence(at=vihf.attribute_xpath(ROLE), fired=len(roles))


@check("dmp.vihf.role-profession", covers=("DMP-ALIM-17",), source="VIHF-07 ; JDV_J65", confidence="vu")
def vihf_first_role_is_profession(vihf: Vihf) -> Evidence:
    """Le premier rôle du VIHF est une profession ou un rôle de la liste JDV_J65."""
    role = _first_role(vihf)
    known = code_list("J65")
    if not known.has(role.code, role.system):
        raise CheckFailed(
            "Profession codée dans une autre nomenclature" if known.systems_of(role.code) else "Profession hors de JDV_J65",
            expected=known.nearest(role.code),
            received=f"{role.code or 'sans code'} du système {role.system or 'non déclaré'}",
            at=f"{vihf.attribute_xpath(ROLE)}/saml2:AttributeValue[1]",
            hint="Reprendre la profession et son système du RPPS (UserInfo de Pro Santé Connect) : 60 infirmier, 10 médecin…",
        )
    return Evidence(at=vihf.attribute_xpath(ROLE), note=f"{role.code} {role.label}")


@check("dmp.vihf.role-speciality", covers=("DMP-ALIM-17",), source="VIHF-07 ; mapping HL7 v2, annexe VIHF", confidence="vu")
def vihf_second_role_is_speciality(vihf: Vihf) -> Evidence:
    """Un médecin déclare sa spécialité et un pharmacien sa section en second rôle du VIHF ; une profession « 99 », son rôle."""
    role = _first_role(vihf)
    message, system = _SECOND_ROLES.get((role.code, role.system), ("", ""))
    at = f"{vihf.attribute_xpath(ROLE)}/saml2:AttributeValue[2]"
    if not system:
        return Evidence(at=at, note=f"profession {role.code} : second rôle non exigé")
    second = vihf.roles[1] if len(vihf.roles) > 1 else None
    if second is None or not second.code or second.system != system:
        raise CheckFailed(
            message,
            expected=f"un code du système {system}",
            received="absent" if second is None else f"{second.code or 'sans code'} du système {second.system or 'non déclaré'}",
            at=at,
            hint="Médecin : savoir-faire (SMxx). Pharmacien : section (A à M). Profession 99 : rôle exercé (TRE_R85).",
        )
    return Evidence(at=at, note=f"{second.code} {second.label}")


def _first_role(vihf: Vihf) -> CodedValue:
    if not vihf.roles:
        raise Inconclusive("aucun rôle codé dans le VIHF")
    return vihf.roles[0]
