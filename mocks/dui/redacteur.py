"""Writes documents: from what is asked (type, usager, author) to the bytes that are kept, and to the paper form."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from lxml import etree

from .alterations import Alterations, Couture
from .comptes import Utilisateur
from .configuration import StructureLocale
from .documents.document import TYPES, Document, serialiser
from .documents.entete import Entete, nouvel_oid
from .documents.papier import forme_papier
from .dossier import Dossier
from .regles import ReglesVaccin
from .vaccins import note_du_vaccin

_AVANT = timedelta(minutes=15)
"""How long before it is written a document's act took place."""


class TypeInconnu(LookupError):
    """This DUI writes no document of this type."""


class IdentiteNonQualifiee(ValueError):
    """A document of this type is written of a qualified identity only."""


@dataclass(frozen=True, slots=True)
class Commande:
    """What is asked. ``cip`` and ``lot`` name the vaccine of a note de vaccination, when the user picked one; ``ecrit_le`` and
    ``acte_le`` are now, and a quarter of an hour ago, unless said; ``remplace`` is the version before this one."""

    type: str
    dossier: Dossier
    auteur: Utilisateur
    cip: str = ""
    lot: str = ""
    visibilite: str = ""
    version: int = 1
    remplace: str = ""
    ecrit_le: datetime | None = None
    acte_le: datetime | None = None


@dataclass(frozen=True, slots=True)
class Redacteur:
    """Writes for one structure."""

    structure: StructureLocale
    alterations: Alterations = field(default_factory=Alterations)
    regles: ReglesVaccin = field(default_factory=ReglesVaccin)

    def rediger(self, commande: Commande, le: datetime, uid: str, set_id: str = "") -> Document:
        """The document, written at this moment; raises ``TypeInconnu``, ``VaccinInconnu``,
        ``IdentiteNonQualifiee``."""
        if commande.type not in TYPES:
            raise TypeInconnu(f"Ce DUI ne rédige pas de document « {commande.type} ».")
        if TYPES[commande.type].qualifiee and not commande.dossier.identite.diffusable:
            raise IdentiteNonQualifiee(f"{TYPES[commande.type].modele.titre} : l'identité de l'usager n'est pas qualifiée.")
        sorte, alterations = TYPES[commande.type], self.alterations.pour(commande.type)
        acte_le = commande.acte_le or le - _AVANT
        entete = Entete(
            modele=sorte.modele,
            dossier=commande.dossier,
            auteur=commande.auteur,
            structure=self.structure,
            ecrit_le=le,
            acte_le=acte_le,
            sejour_depuis=acte_le + _AVANT - timedelta(days=90),
            uid=uid,
            set_id=set_id or nouvel_oid(),
            version=commande.version,
            remplace=commande.remplace,
            alterations=alterations,
        )
        racine = alterations.passer(Couture.CDA, self._ecrire(entete, commande))
        octets = alterations.passer(Couture.DOCUMENT, serialiser(racine))
        prescription = entete.identifiant("prescription") if commande.type.startswith("prescription") else ""
        return Document(
            uid,
            sorte,
            octets,
            partial(forme_papier, entete, racine),
            prescription,
            set_id=entete.set_id,
            version=entete.version,
            acte_le=acte_le,
            visibilite=commande.visibilite,
        )

    def _ecrire(self, entete: Entete, commande: Commande) -> etree._Element:
        if commande.cip and commande.type == "note-vaccination":
            return note_du_vaccin(entete, commande.cip, commande.lot, self.regles)
        racine: etree._Element = TYPES[commande.type].redige(entete)
        return racine
