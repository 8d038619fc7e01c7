"""A REM as a campaign keeps it: crossed when it began, written whole in its journal, so that its archive alone says the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from dui_conformance.core.errors import InputError
from dui_conformance.core.journal import canonical
from dui_conformance.validation.rem.classeur import ExigenceRem, Preuve, Rem
from dui_conformance.validation.rem.references import Reference

from .croisement import Choix, Croisement, Ligne

SCHEMA = "dui-conformance/rem-croise/1"


@dataclass(frozen=True, slots=True)
class RemCroise:
    """``sha256`` is that of the workbook, ``choix`` that of what a person decided. ``apres``: given after the campaign, and so
    not what its journal holds."""

    nom: str
    sha256: str
    choix: str
    croisement: Croisement
    apres: bool = False

    @classmethod
    def of(cls, rem: Rem, choix: Choix, croisement: Croisement, *, apres: bool = False) -> RemCroise:
        """From what was just crossed."""
        return cls(rem.nom, rem.sha256, hashlib.sha256(canonical(choix.as_row())).hexdigest(), croisement, apres)

    def as_event(self, keep: Callable[[Any], str]) -> dict[str, str]:
        """What the journal says of it in its line; ``keep`` stores the rest in a piece and names it."""
        return {"sha256": self.sha256, "choix": self.choix, "croisement": keep(self.as_row())}

    def as_row(self) -> dict[str, Any]:
        """The JSON form of the whole."""
        held = self.croisement
        return {
            "schema": SCHEMA,
            "nom": self.nom,
            "couvertes": [_row(ligne) for ligne in held.couvertes],
            "sans_test": [_row(ligne) for ligne in held.sans_test],
            "absentes": list(held.absentes),
        }


def rem_of_event(event: Mapping[str, Any], read: Callable[[str], Any]) -> RemCroise:
    """The inverse of :meth:`RemCroise.as_event`; raises ``InputError`` when the piece is not of that form."""
    try:
        row = read(event["croisement"])
        if row["schema"] != SCHEMA:
            raise ValueError(row["schema"])
        couvertes, sans_test = (_lignes(row[name]) for name in ("couvertes", "sans_test"))
        croisement = Croisement(couvertes, sans_test, _texts(row["absentes"]))
        return RemCroise(str(row["nom"]), str(event["sha256"]), str(event["choix"]), croisement)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InputError("le REM enregistré dans cette campagne est illisible : son journal a été altéré.") from None


def _row(ligne: Ligne) -> dict[str, Any]:
    rem = ligne.rem
    return {
        "reference": asdict(rem.reference),
        "enonce": rem.enonce,
        "champs": dict(rem.champs),
        "preuves": [asdict(preuve) for preuve in rem.preuves],
        "feuille": rem.feuille,
        "lignes": list(rem.lignes),
        "ours": list(ligne.ours),
        "confirmees": list(ligne.confirmees),
        "proposees": [list(pair) for pair in ligne.proposees],
    }


def _lignes(rows: Sequence[Mapping[str, Any]]) -> tuple[Ligne, ...]:
    return tuple(_ligne(row) for row in rows)


def _ligne(row: Mapping[str, Any]) -> Ligne:
    rem = ExigenceRem(
        reference=Reference(**_named(row["reference"])),
        enonce=str(row["enonce"]),
        champs=_named(row["champs"]),
        preuves=tuple(Preuve(**_named(each)) for each in row["preuves"]),
        feuille=str(row["feuille"]),
        lignes=tuple(int(each) for each in row["lignes"]),
    )
    proposees = tuple((str(name), str(why)) for name, why in row["proposees"])
    return Ligne(rem, _texts(row["ours"]), proposees, _texts(row["confirmees"]))


def _named(row: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in row.items()}


def _texts(values: Sequence[Any]) -> tuple[str, ...]:
    return tuple(str(each) for each in values)
