"""The identity that a document must show: that of a usager of the campaign, or of the header of a CDA."""

from __future__ import annotations

from dataclasses import dataclass

from ...core.errors import Inconclusive
from ...core.people import Usager
from ...core.providers import provider
from ..cda.times import read
from ..cda.view import CdaDocument, hl7
from .key import OID_NIA, OID_NIR, OIDS


@dataclass(frozen=True, slots=True)
class ExpectedIdentity:
    """Strict traits and INS. ``date`` is ``AAAA-MM-JJ`` (lunar allowed), ``ins`` 15 characters; ``""`` where unknown."""

    nom: str
    prenom: str
    prenoms: tuple[str, ...]
    sexe: str
    date: str
    lieu: str = ""
    ins: str = ""
    oid: str = ""
    origine: str = ""

    @property
    def natures(self) -> tuple[str, ...]:
        """The words that may name the matricule: NIR, NIA, or both for a test OID."""
        return {OID_NIR: ("NIR",), OID_NIA: ("NIA",)}.get(self.oid, ("NIR", "NIA"))


@provider
def _of_usager(usager: Usager) -> ExpectedIdentity:
    return ExpectedIdentity(
        nom=usager.nom_naissance,
        prenom=usager.prenom,
        prenoms=usager.prenoms,
        sexe=usager.sexe,
        date=usager.date_naissance,
        lieu=usager.lieu_naissance,
        ins=usager.ins,
        oid=usager.oid,
        origine=f"usager {usager.id}",
    )


@provider
def identity_of_header(document: CdaDocument) -> ExpectedIdentity:
    """The identity of the header, its first matricule INS included; raises ``Inconclusive`` without a patient."""
    role = document.root.find(hl7("recordTarget/patientRole"))
    patient = None if role is None else role.find(hl7("patient"))
    if role is None or patient is None:
        raise Inconclusive("l'en-tête du document n'identifie pas l'usager")
    families = {f.get("qualifier", ""): (f.text or "").strip() for f in patient.iterfind(hl7("name/family"))}
    givens = [(g.get("qualifier", ""), (g.text or "").strip()) for g in patient.iterfind(hl7("name/given"))]
    listed = next((text for qualifier, text in givens if not qualifier), "")
    first = next((text for qualifier, text in givens if qualifier == "BR"), listed.split(" ")[0])
    gender = patient.find(hl7("administrativeGenderCode"))
    county = patient.find(hl7("birthplace/place/addr/county"))
    ins = next((i for i in role.iterfind(hl7("id")) if i.get("root") in OIDS), None)
    return ExpectedIdentity(
        nom=families.get("BR") or next(iter(families.values()), ""),
        prenom=first,
        prenoms=tuple((listed or first).split()),
        sexe=gender.get("code", "") if gender is not None else "",
        date=_iso(document.attribute("recordTarget/patientRole/patient/birthTime", "value")),
        lieu=(county.text or "").strip() if county is not None else "",
        ins=ins.get("extension", "") if ins is not None else "",
        oid=ins.get("root", "") if ins is not None else "",
        origine="en-tête du CDA",
    )


def _iso(value: str) -> str:
    digits = value[:8]
    if len(digits) == 8 and digits.isdigit():
        return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
    return "" if read(value) is None else value
