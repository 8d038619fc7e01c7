"""Files that the DUI extracts: use of its functions (MaturiN), places and records of child protection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .base import Gesture


@dataclass(frozen=True, slots=True)
class ExporterMaturin(Gesture):
    """Extraire le « périmètre d'utilisation du DUI » (MaturiN) : un tableur (xlsx, ods ou csv), une ligne par fonction, avec son
    intitulé et une valeur de 0 à 4. Rend la pièce ``maturin.xlsx``."""

    nom: ClassVar[str] = "exporter_maturin"
    phrase: ClassVar[str] = "Extrayez du DUI le périmètre d'utilisation (MaturiN) et enregistrez le tableur."
    rend: ClassVar[tuple[str, ...]] = ("maturin.xlsx",)


@dataclass(frozen=True, slots=True)
class ExporterPlaces(Gesture):
    """Extraire le tableau des places (protection de l'enfance) : un tableur, une ligne par place, aux neuf colonnes demandées.
    Rend la pièce ``places.xlsx``. Observe : ``capacite`` (nombre de places de la structure, selon le DUI)."""

    nom: ClassVar[str] = "exporter_places"
    phrase: ClassVar[str] = "Extrayez du DUI le tableau des places et enregistrez le tableur."
    observe: ClassVar[tuple[str, ...]] = ("capacite",)
    rend: ClassVar[tuple[str, ...]] = ("places.xlsx",)


@dataclass(frozen=True, slots=True)
class ArchiverDossier(Gesture):
    """Archiver le dossier de ce jeune en vue de sa transmission au département : un zip de son identité et de tous ses
    documents. Rend la pièce ``archive.zip``."""

    nom: ClassVar[str] = "archiver_dossier"
    phrase: ClassVar[str] = "Archivez le dossier {usager} pour sa transmission au département et enregistrez l'archive (zip)."
    rend: ClassVar[tuple[str, ...]] = ("archive.zip",)
    usager: str


GESTES: tuple[type[Gesture], ...] = (ExporterMaturin, ExporterPlaces, ArchiverDossier)
