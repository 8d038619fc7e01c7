"""The traces of accounts and connections (IAM.91): who, when, what, how it ended. Never a token, a code or a secret."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path

from .alterations import Alterations, Couture

REUSSI, REFUSE = "réussi", "refusé"


@dataclass(slots=True)
class Trace:
    """One line. ``utilisateur`` is the national identifier when it is known, else what the user said of himself."""

    date: str
    utilisateur: str
    nature: str
    resultat: str
    acr: str = ""
    auth_mode: str = ""
    fournisseur: str = "psc"
    motif: str = ""


class Traces:
    """The traces of one DUI, in memory, and in ``dossier`` when it has one (a line of JSON each)."""

    def __init__(self, alterations: Alterations, dossier: Path | None = None) -> None:
        self._alterations = alterations
        self._fichier = dossier / "traces-connexions.jsonl" if dossier is not None else None
        self._lignes: list[Trace] = []

    @property
    def lignes(self) -> Sequence[Trace]:
        """All of them, oldest first."""
        return tuple(self._lignes)

    def ajouter(self, trace: Trace) -> None:
        """Write one more."""
        trace = self._alterations.passer(Couture.PSC_TRACE, trace)
        self._lignes.append(trace)
        if self._fichier is not None:
            with self._fichier.open("a", encoding="utf-8") as fichier:
                fichier.write(json.dumps(asdict(trace), ensure_ascii=False) + "\n")

    def csv(self) -> bytes:
        """The extract that an auditor is given."""
        texte = io.StringIO()
        table = csv.writer(texte, delimiter=";", lineterminator="\r\n")
        table.writerow([f.name for f in fields(Trace)])
        table.writerows([str(valeur) for valeur in asdict(trace).values()] for trace in self._lignes)
        return texte.getvalue().encode("utf-8-sig")


def instant(moment: datetime) -> str:
    """A date of the traces: ISO, to the second, with its offset."""
    return moment.isoformat(timespec="seconds")
