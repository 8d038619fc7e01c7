"""What the profiles say of one document that the reference DUI writes, in process: no service, no campaign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from dui_conformance.checks.registry import all_profiles, expand, run_profile
from dui_conformance.core.check import Application
from dui_conformance.core.errors import Inconclusive
from dui_conformance.core.profile import best_for
from dui_conformance.core.providers import provide
from dui_conformance.core.settings import Settings
from dui_conformance.core.verdict import Verdict
from dui_conformance.fixtures.people import usager
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.mocks.dui import exemples
from dui_conformance.mocks.dui.faults import Fault
from dui_conformance.validation.cda import CdaDocument
from dui_conformance.validation.codes_barres import Barcodes
from dui_conformance.validation.cog import Cog, CogReference, Validity
from dui_conformance.validation.document import Document
from dui_conformance.validation.ordonnance_qr import ExpectedPrescription, LectureQr

DAY = date(2026, 11, 1)
QUIET = frozenset({Verdict.CONFORME, Verdict.SANS_OBJET, Verdict.NON_TESTE})
_USAGER = usager("qualifie", "tableau")
_AUTHOR = professionals()["infirmiere-ehpad"]
_COG = CogReference(Cog({_USAGER.lieu_naissance: (Validity(None, None, "Commune de naissance"),)}, ("v_commune.csv",)))
"""Stands for INSEE's history: the birth place of the usager always existed, no other."""
_LECTURE = LectureQr(
    "regex",
    motif="^DUI-TEMOIN-ORDONNANCE-1;prescription=(?P<identifiant>[^;]*);structure=(?P<finess>[^;]*);rpps=(?P<rpps>[^;]*);"
    "nom=(?P<nom>[^;]*);prenom=(?P<prenom>[^;]*);naissance=(?P<naissance>[^;]*)$",
)
"""How the user of the reference DUI would say to read its QR code."""
_PAPER = {
    "pdf.": "CDA-PDF",
    "cda.pdf.": "CDA-PDF",
    "ins.papier.datamatrix-key": "INS-DATAMATRIX",
    "ins.papier.": "INS-PAPIER",
    "ordonnance.qr.contient": "ORDONNANCE-QR",
    "ordonnance.qr.": "ORDONNANCE-QR-LU",
}
"""By the beginning of a check: the profile of the paper form that applies it."""


def paper_profile(check: str) -> str:
    """The profile of the paper form that applies a check, or ``""``."""
    return next((profile for beginning, profile in _PAPER.items() if check.startswith(beginning)), "")


def written(type: str, faults: Sequence[str] = (), paper: str = "") -> list[Application]:
    """What the profile of its kind says of a document of this type, as the DUI with these faults writes it; and, where
    ``paper`` names a profile, what that one says of the PDF that the document holds."""
    document = _document(type, faults)
    try:
        kind = provide(CdaDocument, document).kind
    except Inconclusive:
        kind = "document.cda"
    profile = best_for(kind, tuple(all_profiles().values()), DAY)
    assert profile is not None, kind
    applications = run_profile(profile, (document,), context=(Settings(), _COG), day=DAY)
    if paper:
        subjects: tuple[Any, ...] = (document,)
        if paper.startswith("ORDONNANCE"):
            subjects = (document, _expected(type), _LECTURE)
        applications += run_profile(all_profiles()[paper], subjects, day=DAY)
    return applications


def said(application: Application) -> bool:
    """True when an application says something: it left *conforme*, or informs."""
    return application.verdict not in QUIET or application.finding is not None


@cache
def standing(type: str, paper: str = "") -> frozenset[str]:
    """What is already said of the correct document: nothing but what needs something of the user, or has no object in it."""
    return frozenset(a.check for a in written(type, (), paper) if said(a))


def judged_alone(fault: Fault) -> bool:
    """True for a fault that is seen in the document alone."""
    return bool(fault.document) and (bool(paper_profile(fault.check)) or fault.check in _rules_of(fault.document))


@cache
def _rules_of(type: str) -> frozenset[str]:
    """The checks that judge a document of this type."""
    parts = all_profiles()[next(a.profile for a in written(type) if a.profile)].applied
    return frozenset(check.id for part in parts for check in expand(part.rules))


def _document(type: str, faults: Sequence[str]) -> Document:
    made = exemples.document(type, _USAGER.as_dict(), _AUTHOR, exemples.structure_de(None), defauts=faults)
    return Document(made.octets, f"{type}.xml")


@cache
def _expected(type: str) -> ExpectedPrescription:
    """The prescription that the header says, with the identifier that only the correct QR code tells."""
    document = _document(type, ())
    code = provide(Barcodes, document).of_kind("QRCode")[0]
    known = provide(ExpectedPrescription, document)
    return replace(known, identifiant=_LECTURE.fields(code.text)["identifiant"])
