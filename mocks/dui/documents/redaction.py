"""A structured document being written: the names of its objects, the anchors of its narrative, its dates.

The same header gives the same document: nothing here is drawn from the system.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count

from lxml import etree

from ..horloge import FUSEAU, local_compact
from .dossier_medical import DossierMedical, dossier_medical
from .entete import Entete, hl7
from .entete_complet import Sejour, completer

XSI = "http://www.w3.org/2001/XMLSchema-instance"


class Redaction:
    """What the writers of sections and entries share."""

    def __init__(self, entete: Entete) -> None:
        self.entete = entete
        self.medical: DossierMedical = dossier_medical(entete.uid)
        self._objets = count(1)
        self._ancres: Counter[str] = Counter()

    def id(self) -> etree._Element:
        """The identifier of one more object of this document."""
        return hl7("id", {"root": self.entete.identifiant(str(next(self._objets)))})

    def ancre(self, prefixe: str) -> str:
        """An anchor of the narrative, unique in the document."""
        self._ancres[prefixe] += 1
        return f"{prefixe}-{self._ancres[prefixe]}"

    def il_y_a(self, jours: int) -> datetime:
        """So many days before the documented act; in the future when negative."""
        return self.entete.acte_le - timedelta(days=jours)

    def corps(self, sections: Sequence[etree._Element], sejour: Sejour | None = None) -> etree._Element:
        """The whole document around its sections; with ``sejour``, its header says all that it may."""
        composants = (hl7("component", None, section) for section in sections)
        document = self.entete.document(hl7("structuredBody", None, *composants))
        return completer(document, self.entete, sejour) if sejour else document


def jour_francais(instant: datetime) -> str:
    """``31/03/2026``, as the narrative says it."""
    return instant.astimezone(FUSEAU).strftime("%d/%m/%Y")


def heure_francaise(instant: datetime) -> str:
    """``31/03/2026 à 14 h 05``."""
    return instant.astimezone(FUSEAU).strftime("%d/%m/%Y à %H h %M")


def jour_compact(instant: datetime) -> str:
    """``20260331``, as entries say a day."""
    return instant.astimezone(FUSEAU).strftime("%Y%m%d")


def le_jour(instant: datetime) -> etree._Element:
    """An ``effectiveTime`` precise to the day."""
    return hl7("effectiveTime", {"value": jour_compact(instant)})


def a_l_heure(instant: datetime) -> etree._Element:
    """An ``effectiveTime`` precise to the second."""
    return hl7("effectiveTime", {"value": local_compact(instant)})


def depuis(debut: datetime, fin: datetime | None = None) -> etree._Element:
    """An ``effectiveTime`` that began, and ended if ``fin`` is given."""
    bornes = [hl7("low", {"value": jour_compact(debut)})]
    if fin is not None:
        bornes.append(hl7("high", {"value": jour_compact(fin)}))
    return hl7("effectiveTime", None, *bornes)


def renvoi(ancre: str) -> etree._Element:
    """Where the reader sees the same fact."""
    return hl7("reference", {"value": f"#{ancre}"})


def texte(ancre: str) -> etree._Element:
    """The ``text`` of an entry: a reference to the narrative."""
    return hl7("text", None, renvoi(ancre))


def modeles(*racines: str) -> tuple[etree._Element, ...]:
    """The templates that an element claims."""
    return tuple(hl7("templateId", {"root": racine}) for racine in racines)


def type_(element: etree._Element, nom: str) -> etree._Element:
    """Give its data type to an element whose type the schema leaves open."""
    element.set(f"{{{XSI}}}type", nom)
    return element


def termine() -> etree._Element:
    """The status of an entry that is over."""
    return hl7("statusCode", {"code": "completed"})
