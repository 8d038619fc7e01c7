"""The RAMA: a value for each key of the frame, for a small fictional structure; as a file, as a deposit."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from .configuration import Logiciel, StructureLocale

_FICTIVES = {
    "CAPACITE": "84",
    "CHAMBRES": "60",
    "FEMMES": "51",
    "HOMMES": "31",
    "AGE_MOYEN": "86.4",
    "ENTREES": "27",
    "SORTIES": "25",
    "GMP": "742.5",
    "ETP": "52.75",
}
"""Of the fictional structure, by the end of a key. Any other key has a value of its type, within its bounds."""
_TEXTES = {"booleen": "oui", "date": "2025-06-15", "texte": "Structure fictive"}


@dataclass(frozen=True, slots=True)
class Ligne:
    """A key of the frame: how its value is written."""

    cle: str
    type: str
    unite: str
    least: str
    regle: str


@dataclass(slots=True)
class Rama:
    """The report of a year: ``saisies`` are the values typed by the user over those computed."""

    exercice: int
    lignes: tuple[Ligne, ...]
    saisies: dict[str, str] = field(default_factory=dict)

    def donnees(self) -> list[dict[str, Any]]:
        """The keys in the order of the frame, with their values."""
        valeurs: dict[str, str] = {}
        for ligne in sorted(self.lignes, key=lambda ligne: ligne.regle.startswith("somme:")):
            valeurs[ligne.cle] = self.saisies.get(ligne.cle) or _valeur(ligne, valeurs)
        return [
            {"cle": ligne.cle, "valeur": valeurs[ligne.cle], "type": ligne.type, "unite": ligne.unite or None}
            for ligne in self.lignes
        ]

    def fichier(self) -> list[list[str]]:
        """The lines of the file."""
        return [["cle", "valeur"], *([str(donnee["cle"]), str(donnee["valeur"])] for donnee in self.donnees())]


def lire_le_cadre(chemin: str) -> tuple[Ligne, ...]:
    """The keys that the frame file asks for."""
    with Path(chemin).open(encoding="utf-8-sig", newline="") as flux:
        lignes = csv.DictReader(flux, delimiter=";")
        return tuple(Ligne(ligne["cle"], ligne["type"], ligne["unite"], ligne["min"], ligne["regle"]) for ligne in lignes)


def ecrire(lignes: list[list[str]]) -> bytes:
    """The file: CSV, UTF-8."""
    texte = io.StringIO()
    csv.writer(texte, delimiter=";", lineterminator="\r\n").writerows(lignes)
    return texte.getvalue().encode()


def enveloppe(
    rama: Rama, structure: StructureLocale, logiciel: Logiciel, donnees: list[dict[str, Any]], *, rectificatif: bool
) -> dict[str, Any]:
    """The body of a deposit."""
    return {
        "schemaVersion": "prov-1",
        "finessEG": structure.finess_eg,
        "finessEJ": structure.finess_ej,
        "exercice": rama.exercice,
        "emetteur": {"logiciel": logiciel.nom, "version": logiciel.version},
        "typeTransmission": "RECTIFICATIF" if rectificatif else "INITIAL",
        "donnees": donnees,
    }


def nouvelle_cle() -> str:
    """A key of idempotence."""
    return str(uuid.uuid4())


def _valeur(ligne: Ligne, connues: Mapping[str, str]) -> str:
    if ligne.regle.startswith("somme:"):
        return str(sum(Decimal(connues.get(partie, "0")) for partie in _parties(ligne.regle, "+")))
    if ligne.regle.startswith("parmi:"):
        return next(_parties(ligne.regle, "|"))
    connue = _FICTIVES.get(ligne.cle.rpartition(".")[2], "")
    return connue or _TEXTES.get(ligne.type) or ligne.least or "0"


def _parties(regle: str, separateur: str) -> Iterator[str]:
    return iter(partie.strip() for partie in regle.partition(":")[2].split(separateur))
