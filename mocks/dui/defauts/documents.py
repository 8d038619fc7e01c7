"""How the defect of a document is registered, and where things are in documents of every type."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from ..alterations import Alteration, Couture
from . import registre
from .registre import NON_CONFORME

DESTINATAIRE = "hl7:informationRecipient/hl7:intendedRecipient"
EXECUTANT = "hl7:documentationOf/hl7:serviceEvent/hl7:performer"
SIGNATAIRE = "hl7:legalAuthenticator/hl7:assignedEntity"
PARTICIPANT = "hl7:participant/hl7:associatedEntity"
PRISE_EN_CHARGE = "hl7:componentOf/hl7:encompassingEncounter"
FICHIER = "hl7:component/hl7:nonXMLBody/hl7:text"

_EXIGENCES = {
    "note-vaccination": ("VAC-01",),
    "historique-vaccinations": ("CDA-01",),
    "trod": ("TROD-01",),
    "synthese-medicale": ("DLU-01",),
    "fiche-transfert-su": ("DLU-02",),
    "fiche-retour-su": ("DLU-04",),
    "synthese-environnementale": ("CDA-02", "DLU-03"),
    "dlu-ehpad": ("DLU-04",),
    "fludt": ("DLU-04",),
    "fludr": ("DLU-04",),
    "lettre-liaison-entree": ("CDA-02", "LL-01"),
    "lettre-liaison-sortie": ("CDA-02", "LL-02"),
    "lettre-liaison-entree-es": ("LL-01",),
    "lettre-liaison-sortie-es": ("LL-02",),
    "prescription-produits": ("ON-03",),
    "prescription-produits-n1": ("CDA-02", "ON-03"),
    "prescription-actes": ("CDA-02", "ON-04"),
    "prescription-autres": ("CDA-02", "ON-04"),
    "certificat-medical": ("CDA-02",),
    "fiche-soins": ("CDA-02",),
    "consultation": ("CDA-02",),
    "attestation-identite": ("CDA-02", "BIO-03"),
    "cr-biologie": ("CDA-07",),
    "export-dui": ("CDA-01",),
}
"""What the programme asks of each type (wire name)."""

_PAPIER = frozenset({Couture.PAPIER, Couture.PDF})
"""Where the paper form is made: its checks are of several families, named in full."""


class Registre(Protocol):
    """Registers the defects of one theme: name, type of document, description, check without its ``cda.``, alteration."""

    def __call__(
        self,
        nom: str,
        type: str,
        description: str,
        check: str,
        alteration: Alteration,
        *,
        effet: str = ...,
        exigences: tuple[str, ...] = ...,
        couture: Couture = ...,
    ) -> None: ...


def registre_de(theme: str) -> Registre:
    """The register of a theme."""
    return partial(_inscrire, theme)


def section(modele: str) -> str:
    """The first section of a model (OID)."""
    return f"(.//hl7:section[hl7:templateId/@root='{modele}'])[1]"


def element(modele: str) -> str:
    """The first element of a model (OID): an entry, a part of one."""
    return f"(.//*[hl7:templateId/@root='{modele}'])[1]"


def code(valeur: str) -> str:
    """The first observation that says this code."""
    return f"(.//hl7:observation[hl7:code/@code='{valeur}'])[1]"


def _inscrire(
    theme: str,
    nom: str,
    type: str,
    description: str,
    check: str,
    alteration: Alteration,
    *,
    effet: str = NON_CONFORME,
    exigences: tuple[str, ...] = (),
    couture: Couture = Couture.CDA,
) -> None:
    registre.defaut(
        nom,
        description,
        (couture, alteration),
        check=check if couture in _PAPIER else f"cda.{check}",
        exigences=(*_EXIGENCES[type], *exigences),
        effet=effet,
        theme=theme,
        document=type,
    )
