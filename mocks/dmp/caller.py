"""Who calls, as his VIHF says: user, structure, authentication mode, reason of access. Nothing is verified here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from ...validation.saml.vihf import DIRECTE, INDIRECTE, MODES, PURPOSE, RENFORCEE, Vihf, read_vihf
from ...validation.soap import SoapMessage

PROFESSIONS = "1.2.250.1.71.1.2.7"
SPECIALTIES = "1.2.250.1.71.4.2.5"
SECRETARIES = frozenset({"SECRETARIAT_MEDICAL"})
OCCUPATIONAL = "SM25"
_FOLD = re.compile(r"[^a-z0-9]")
_PSC_CLASSES = ("MobileTwoFactorUnregistered", "MobileTwoFactorContract")


class Access(StrEnum):
    """Why the DMP is opened: in the usual course of care, by breaking the glass, from an emergency call centre."""

    NORMAL = "normal"
    BRIS_DE_GLACE = "bris-de-glace"
    REGULATION = "regulation"


_ACCESS = {"brisdeglace": Access.BRIS_DE_GLACE, "urgence": Access.BRIS_DE_GLACE, "centre15": Access.REGULATION}


@dataclass(frozen=True, slots=True)
class Caller:
    """Values as received, ``""`` when absent. ``known`` is False when no rights can be derived (no VIHF, or no mode)."""

    user: str = ""
    structure: str = ""
    mode: str = ""
    access: Access = Access.NORMAL
    professions: tuple[str, ...] = ()
    occupational: bool = False
    patient: str = ""
    authentication: str = ""

    @property
    def known(self) -> bool:
        """True when the rights of this caller can be looked up."""
        return self.mode in MODES

    @property
    def doctor(self) -> bool:
        """True for a doctor."""
        return "10" in self.professions

    def profile(self, attending: str) -> str:
        """The column of the rights matrix; ``attending`` is the national identifier of the patient's own doctor."""
        if self.mode == INDIRECTE:
            return "ES"
        if self.mode == RENFORCEE:
            return "AIR"
        if SECRETARIES.intersection(self.professions):
            return "CPE"
        if self.occupational:
            return "MDT"
        return "MT" if attending and self.user == attending else "PS"


def caller_of(message: SoapMessage) -> Caller:
    """The caller of a message; an unknown one when it carries no assertion."""
    assertions = message.assertions()
    return caller_in(read_vihf(assertions[0])) if assertions else Caller()


def caller_in(vihf: Vihf) -> Caller:
    """The caller that a VIHF describes."""
    purpose = next((value.code for value in vihf.coded.get(PURPOSE, ())), "")
    context = vihf.class_ref.rpartition(":")[2]
    card = vihf.mode == DIRECTE or context == "SmartcardPKI"
    return Caller(
        user=vihf.name_id,
        structure=vihf.structure,
        mode=vihf.mode,
        access=_ACCESS.get(_FOLD.sub("", purpose.lower()), Access.NORMAL),
        professions=tuple(role.code for role in vihf.roles),
        occupational=any(role.code == OCCUPATIONAL and role.system == SPECIALTIES for role in vihf.roles),
        patient=vihf.patient,
        authentication="carte" if card else "psc" if context in _PSC_CLASSES else context,
    )
