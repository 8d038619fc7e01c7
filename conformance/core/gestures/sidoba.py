"""Data sent to SIDOBA: minimum set in FHIR, documents of nursing services at home, RAMA."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .base import Gesture

ISSUE = ("etat", "motif")
"""``etat``: accepte, en-controle, rejete (its data), refuse (its access), indisponible; ``motif``: what the user is told."""


@dataclass(frozen=True, slots=True)
class EnvoyerSetMin(Gesture):
    """Envoyer à SIDOBA les données minimales de l'usager en FHIR (SetMinFHIR), en un lot (transaction). ``domicile`` vrai :
    l'usager est suivi par le service de soins à domicile, avec ses événements et son évaluation. Observe : ``etat`` (accepte,
    rejete, refuse quand l'accès l'est, ou indisponible), ``motif`` (ce que le DUI montre)."""

    nom: ClassVar[str] = "envoyer_setmin"
    phrase: ClassVar[str] = "Envoyez à SIDOBA les données minimales (SetMinFHIR) de l'usager {usager} (domicile : {domicile})."
    observe: ClassVar[tuple[str, ...]] = ISSUE
    usager: str
    domicile: bool = False


@dataclass(frozen=True, slots=True)
class EnvoyerSsiad(Gesture):
    """Envoyer à SIDOBA l'export (CDA) des données du service de soins à domicile et de cet usager. Observe : ``etat``,
    ``motif``."""

    nom: ClassVar[str] = "envoyer_ssiad"
    phrase: ClassVar[str] = "Envoyez à SIDOBA les données du service de soins à domicile pour l'usager {usager}."
    observe: ClassVar[tuple[str, ...]] = ISSUE
    usager: str


@dataclass(frozen=True, slots=True)
class ExporterRama(Gesture):
    """Produire le fichier du RAMA de l'exercice, à déposer sur le portail de SIDOBA : CSV en UTF-8, séparateur « ; », première
    ligne ``cle;valeur``, une clé du fichier cadre par ligne. Rend : ``rama.csv``."""

    nom: ClassVar[str] = "exporter_rama"
    phrase: ClassVar[str] = "Produisez le fichier du RAMA de l'exercice {exercice} à déposer sur le portail."
    rend: ClassVar[tuple[str, ...]] = ("rama.csv",)
    exercice: int


@dataclass(frozen=True, slots=True)
class EnvoyerRama(Gesture):
    """Envoyer par l'API le RAMA de l'exercice, mêmes données que le fichier. ``rectificatif`` vrai : il remplace un envoi déjà
    accepté. Observe : ``etat``, ``motif``."""

    nom: ClassVar[str] = "envoyer_rama"
    phrase: ClassVar[str] = "Envoyez par l'API le RAMA de l'exercice {exercice} (rectificatif : {rectificatif})."
    observe: ClassVar[tuple[str, ...]] = ISSUE
    exercice: int
    rectificatif: bool = False


@dataclass(frozen=True, slots=True)
class SuivreDepot(Gesture):
    """Lire l'accusé du dernier dépôt du RAMA de l'exercice jusqu'à ce qu'il soit accepté ou rejeté, sans insister plus de cinq
    fois. Observe : ``etat`` (accepte, rejete, en-controle, refuse ou indisponible), ``motif`` (les anomalies montrées)."""

    nom: ClassVar[str] = "suivre_depot"
    phrase: ClassVar[str] = "Affichez ce que SIDOBA dit du dernier dépôt du RAMA de l'exercice {exercice}."
    observe: ClassVar[tuple[str, ...]] = ISSUE
    exercice: int


@dataclass(frozen=True, slots=True)
class CorrigerEnvoi(Gesture):
    """Corriger dans le DUI la donnée qu'un rejet a désignée, puis renvoyer le même envoi corrigé. ``canal`` : setmin, ssiad ou
    rama ; ``sujet`` : l'usager, ou l'exercice du RAMA ; ``champ`` : entree_le (date d'entrée du séjour) ou une clé du RAMA ;
    ``valeur`` : la bonne valeur. Observe : ``etat``, ``motif``."""

    nom: ClassVar[str] = "corriger_envoi"
    phrase: ClassVar[str] = "Pour {sujet}, corrigez {champ} en « {valeur} », puis renvoyez à SIDOBA (envoi {canal})."
    observe: ClassVar[tuple[str, ...]] = ISSUE
    canal: str
    sujet: str
    champ: str
    valeur: str


GESTES: tuple[type[Gesture], ...] = (
    EnvoyerSetMin,
    EnvoyerSsiad,
    ExporterRama,
    EnvoyerRama,
    SuivreDepot,
    CorrigerEnvoi,
)
