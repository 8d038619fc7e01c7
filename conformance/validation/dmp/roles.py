"""Who may call what, and how he is named: roles of the VIHF against the mode and the transaction (VIHF-07, VIHF-10, DMP-CONS-10).

What the matrix of rights refuses is for the DMP to refuse; these rules are about tokens that say something impossible.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...core.problem import Problem
from ..saml.vihf import DIRECTE, INDIRECTE, MODE, PATIENT_CONFIDENTIALITY, PURPOSE, RENFORCEE, ROLE, SUBJECT_ID, Vihf

NON_PS = "1.2.250.1.213.1.1.4.6"
CONSULTATION = ("dmp.td0.3", "dmp.td3.1", "dmp.td3.2")
FEEDING = ("dmp.td2.1",)
_MACHINES = frozenset({"AUTOMATE", "DISPOSITIF"})
_NOT_OF_A_DUI = frozenset({"EXP_PATIENT", "ALIM_AM"})
_SECOND_ROLES = {
    "1.2.250.1.71.4.2.5": (
        "savoir-faire d'un médecin",
        re.compile(r"[A-Z]{1,4}\d{1,3}"),
        "une lettre ou plus et un numéro (SM26)",
    ),
    "1.2.250.1.71.4.2.6": ("la section d'un pharmacien", re.compile(r"[A-M]"), "une lettre de A à M"),
}
_RPPS = re.compile(r"8\d{11}")
_PERSON = re.compile(r"8\d{11}|[0-7]\S+|[0-9]{9,15}/\S+")
_GENERIC = re.compile(r"\b(admin\w*|test|user|utilisateur|inconnu|generique|service|compte)\b", re.IGNORECASE)


def role_problems(vihf: Vihf, kind: str) -> Iterator[Problem]:
    """``dmp.roles.role-fits-mode``: a machine calls in INDIRECTE only; a secretary neither consults nor uses AIR; a DUI is
    neither the patient's space nor the health insurance."""
    at = vihf.attribute_xpath(ROLE)
    codes = {role.code for role in vihf.roles if role.system == NON_PS}
    for code in sorted(codes & _NOT_OF_A_DUI):
        yield _problem(
            "dmp.roles.role-fits-mode", "Rôle qui n'est pas celui d'un utilisateur de DUI", at, "une profession ou AUTOMATE", code
        )
    if codes & _MACHINES and vihf.mode != INDIRECTE:
        received = f"{', '.join(sorted(codes & _MACHINES))} en {vihf.mode or 'mode absent'}"
        yield _problem("dmp.roles.role-fits-mode", "Automate dans un mode qui suppose un utilisateur", at, INDIRECTE, received)
    if "SECRETARIAT_MEDICAL" in codes and vihf.mode == RENFORCEE:
        yield _problem(
            "dmp.roles.role-fits-mode", "Secrétariat en mode renforcé", at, f"{DIRECTE} (carte CPE) ou {INDIRECTE}", vihf.mode
        )
    if codes & (_MACHINES | {"SECRETARIAT_MEDICAL"}) and kind in CONSULTATION:
        received = f"{', '.join(sorted(codes))} pour {kind.removeprefix('dmp.').upper()}"
        yield _problem("dmp.roles.role-fits-mode", "Consultation par qui ne consulte pas", at, "un professionnel", received)


def consultant_problems(vihf: Vihf, kind: str) -> Iterator[Problem]:
    """``dmp.roles.consultant-named``: who consults is a person, named by his national identifier, and nothing generic."""
    if kind not in CONSULTATION:
        return
    at = f"{vihf.at}/saml2:Subject/saml2:NameID"
    if _RPPS.fullmatch(vihf.name_id) is None:
        yield _problem(
            "dmp.roles.consultant-named",
            "Utilisateur sans identifiant national",
            at,
            "8 suivi du RPPS (12 chiffres)",
            vihf.name_id or "absent",
        )
    name = vihf.value(SUBJECT_ID)
    if _GENERIC.search(name):
        yield _problem(
            "dmp.roles.consultant-named",
            "Nom d'utilisateur générique",
            vihf.attribute_xpath(SUBJECT_ID),
            "les nom et prénom de la personne",
            name,
        )


def reason_problems(vihf: Vihf, kind: str) -> Iterator[Problem]:
    """``dmp.roles.reason-fits-transaction``: breaking the glass serves to consult, not to feed nor to authorise oneself."""
    purposes = vihf.coded.get(PURPOSE, ())
    code = purposes[0].code if purposes else "normal"
    if code != "normal" and kind in (*FEEDING, "dmp.td0.3", "dmp.td3.3"):
        yield _problem(
            "dmp.roles.reason-fits-transaction",
            "Mode d'accès d'urgence hors consultation",
            vihf.attribute_xpath(PURPOSE),
            "normal",
            f"{code} pour {kind.removeprefix('dmp.').upper()}",
        )


def strong_authentication_problems(vihf: Vihf) -> Iterator[Problem]:
    """``dmp.roles.strong-authentication``: in AIR, the user was authenticated by card or by Pro Santé Connect."""
    context = vihf.class_ref.rpartition(":")[2]
    if vihf.mode == RENFORCEE and context in ("Password", "PasswordProtectedTransport", "unspecified", ""):
        yield _problem(
            "dmp.roles.strong-authentication",
            "Mode renforcé sans authentification forte de l'utilisateur",
            f"{vihf.at}/saml2:AuthnStatement/saml2:AuthnContext/saml2:AuthnContextClassRef",
            "SmartcardPKI, MobileTwoFactorUnregistered…",
            vihf.class_ref or "absent",
        )


def name_problems(vihf: Vihf) -> Iterator[Problem]:
    """``dmp.roles.name-fits-mode``: a card names its holder; AIR names the person; INDIRECTE may name an internal account,
    which is one of the structure."""
    at = f"{vihf.at}/saml2:Subject/saml2:NameID"
    owner, internal, _ = vihf.name_id.partition("/")
    if vihf.mode == RENFORCEE and _RPPS.fullmatch(vihf.name_id) is None and not internal:
        expected = "8 suivi du RPPS, ou structure/identifiant interne"
        yield _problem("dmp.roles.name-fits-mode", "Utilisateur mal nommé", at, expected, vihf.name_id or "absent")
    if vihf.mode in (DIRECTE, INDIRECTE) and _PERSON.fullmatch(vihf.name_id) is None:
        expected = "un PS_IdNat, ou structure/identifiant interne"
        yield _problem(
            "dmp.roles.name-fits-mode", f"Utilisateur mal nommé en {vihf.mode}", at, expected, vihf.name_id or "absent"
        )
    if internal and vihf.indirect and vihf.structure and owner[1:] != vihf.structure[1:]:
        expected = f"{vihf.structure}/identifiant interne"
        yield _problem("dmp.roles.name-fits-mode", "Identifiant interne d'une autre structure", at, expected, vihf.name_id)


def list_problems(vihf: Vihf) -> Iterator[Problem]:
    """``dmp.roles.list``: no role twice; a doctor's speciality and a pharmacist's section in the form of their code system."""
    at, roles = vihf.attribute_xpath(ROLE), vihf.roles
    if len({(role.code, role.system) for role in roles}) < len(roles):
        received = ", ".join(f"{role.code} du système {role.system or 'absent'}" for role in roles)
        yield _problem("dmp.roles.list", "Rôle répété", at, "chaque rôle une fois", received)
    for rank, role in enumerate(roles, start=1):
        what, form, words = _SECOND_ROLES.get(role.system, ("", None, ""))
        place = f"{at}/saml2:AttributeValue[{rank}]"
        if form is not None and form.fullmatch(role.code) is None:
            yield _problem("dmp.roles.list", f"Code mal écrit pour {what}", place, words, role.code or "absent")


def generic_problems(vihf: Vihf) -> Iterator[Problem]:
    """``dmp.roles.user-not-generic``: where a user is authenticated, his name is that of a person."""
    name = vihf.value(SUBJECT_ID)
    if vihf.mode != INDIRECTE and _GENERIC.search(name):
        at = vihf.attribute_xpath(SUBJECT_ID)
        yield _problem("dmp.roles.user-not-generic", "Nom d'utilisateur générique", at, "les nom et prénom de la personne", name)


def secret_problems(vihf: Vihf) -> Iterator[Problem]:
    """``dmp.roles.no-secret-connection``: only a patient opens his DMP secretly."""
    values = vihf.attributes.get(PATIENT_CONFIDENTIALITY, ())
    if values:
        at = vihf.attribute_xpath(PATIENT_CONFIDENTIALITY)
        yield _problem(
            "dmp.roles.no-secret-connection", "Connexion secrète d'un patient", at, "attribut absent", ", ".join(values)
        )


def _problem(rule: str, message: str, at: str, expected: str, received: str) -> Problem:
    hint = f"Construire rôle, identifiant et {MODE} depuis la session de l'utilisateur, pas depuis un paramétrage commun."
    return Problem(rule, message, at, expected=expected, received=received, hint=hint)
