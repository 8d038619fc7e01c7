"""Matricule INS: shape, control key (Corsica included), OIDs, and the CX form used by HL7 messages.

Facts: key = 97 − (N mod 97), N being the 13 characters with 2A read as 19 and 2B as 18; OIDs .8 NIR, .9 NIA, .10 test,
.11 démonstration. Some official test numbers do not satisfy the key: the published persons are never reported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...core.problem import Problem

OID_NIR = "1.2.250.1.213.1.4.8"
OID_NIA = "1.2.250.1.213.1.4.9"
OID_TEST = "1.2.250.1.213.1.4.10"
OID_DEMO = "1.2.250.1.213.1.4.11"
OIDS = {OID_NIR: "INS-NIR", OID_NIA: "INS-NIA", OID_TEST: "INS-NIR de test", OID_DEMO: "INS-NIR de démonstration"}
PRODUCTION_OIDS = frozenset({OID_NIR, OID_NIA})

PUBLISHED_MATRICULES = frozenset(
    {
        "2070585756270",
        "1810163220751",
        "2751263220749",
        "1100863220830",
        "2360663220836",
        "180032B020401",
        "160012B020777",
        "297022A020778",
        "1810363220456",
        "2810363220456",
        "1090763220834",
        "2090763220834",
        "2090663220123",
        "1090763220888",
        "2790351215189",
    }
)
"""The 13 characters of the persons published for tests of INSi and DMP."""

_MATRICULE = re.compile(r"[0-9]{5}(?:[0-9]{2}|2A|2B)[0-9]{6}")
_CX = re.compile(r"(?P<id>[^^]*)\^[^^]*\^[^^]*\^(?P<authority>[^^]*)(?:\^(?P<type>[^^]*))?(?:\^.*)?")


def is_matricule(text: str) -> bool:
    """True for 13 characters shaped as a matricule, department 2A or 2B allowed in its place."""
    return _MATRICULE.fullmatch(text) is not None


def control_key(matricule: str) -> str:
    """The two digits that go with a matricule of 13 characters; raises ``ValueError`` for another shape."""
    if not is_matricule(matricule):
        raise ValueError(f"matricule de forme invalide : {len(matricule)} caractères")
    number = int(matricule[:5] + {"2A": "19", "2B": "18"}.get(matricule[5:7], matricule[5:7]) + matricule[7:])
    return f"{97 - number % 97:02d}"


@dataclass(frozen=True, slots=True)
class MatriculeIns:
    """A matricule as a message carries it. ``at`` is where; ``own`` is True in the usager's own identity
    (recordTarget, VIHF resource-id, XDS patientId, Patient.identifier), where a wrong production key is an error."""

    matricule: str
    cle: str
    oid: str
    at: str = ""
    own: bool = False

    @property
    def key_is_blocking(self) -> bool:
        """True where a wrong key is *non conforme* rather than a warning."""
        return self.own and self.oid in PRODUCTION_OIDS


def shape_problem(ins: MatriculeIns) -> Problem | None:
    """A matricule, or a key, that has not its shape."""
    if not is_matricule(ins.matricule):
        return Problem(
            "ins.matricule-shape",
            "Le matricule INS n'a pas la forme attendue",
            at=ins.at,
            expected="13 caractères : chiffres, ou 2A/2B au département de naissance",
            received=f"{len(ins.matricule)} caractères : {ins.matricule}",
            hint="Transmettre le matricule sans espace ni séparateur, la clé à part ou à la suite selon le message.",
        )
    if not re.fullmatch(r"[0-9]{2}", ins.cle):
        return Problem(
            "ins.matricule-shape",
            "La clé du matricule INS n'a pas deux chiffres",
            at=ins.at,
            expected="2 chiffres",
            received=ins.cle or "absente",
            hint="Recopier la clé rendue par INSi, zéro de tête compris.",
        )
    return None


def key_problem(ins: MatriculeIns) -> Problem | None:
    """A key that does not match its matricule; None for the published test persons, whatever their key."""
    if ins.matricule in PUBLISHED_MATRICULES or not is_matricule(ins.matricule):
        return None
    expected = control_key(ins.matricule)
    if ins.cle == expected:
        return None
    return Problem(
        "ins.matricule-key",
        "La clé ne correspond pas au matricule INS",
        at=ins.at,
        expected=f"clé {expected}",
        received=f"clé {ins.cle or 'absente'}",
        hint="Clé = 97 − (matricule mod 97), en lisant 2A comme 19 et 2B comme 18 ; recopier la clé rendue par INSi.",
    )


def oid_problem(ins: MatriculeIns) -> Problem | None:
    """An OID that is not one of those of the INS."""
    if ins.oid in OIDS:
        return None
    return Problem(
        "ins.oid-known",
        "L'OID qui accompagne le matricule n'est pas un OID d'INS",
        at=ins.at,
        expected=" ou ".join(f"{oid} ({label})" for oid, label in OIDS.items()),
        received=ins.oid or "absent",
        hint="Enregistrer et retransmettre l'OID rendu par INSi avec le matricule.",
    )


@dataclass(frozen=True, slots=True)
class Cx:
    """A CX identifier: ``NIR15^^^&OID&ISO^NH``."""

    id: str
    oid: str
    authority_type: str
    type: str

    def matricule(self, *, at: str = "", own: bool = True) -> MatriculeIns:
        """The matricule that it holds: 13 characters and the key that follows them."""
        return MatriculeIns(self.id[:13], self.id[13:], self.oid, at, own)


def parse_cx(text: str) -> Cx | None:
    """A CX, or None when the text is not one (no assigning authority, ``&OID&ISO`` badly cut)."""
    match = _CX.fullmatch(text.strip())
    if match is None:
        return None
    parts = match["authority"].split("&")
    if len(parts) != 3:
        return None
    return Cx(id=match["id"], oid=parts[1], authority_type=parts[2], type=match["type"] or "")
