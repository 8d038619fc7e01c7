"""The traces of mail: who did what, what was asked of the server, what it answered. Never what a message says."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, fields

from .alterations import Alterations, Couture

REUSSI, ECHEC = "réussi", "échec"


@dataclass(slots=True)
class TraceMss:
    """One line. ``demande`` is what was asked of the server, ``reponse`` what it said; ``contenu`` stays empty."""

    date: str
    utilisateur: str
    boite: str
    action: str
    message: str
    demande: str
    reponse: str
    resultat: str
    contenu: str = ""


class TracesMss:
    """All of them, oldest first."""

    def __init__(self, alterations: Alterations) -> None:
        self._alterations = alterations
        self._lignes: list[TraceMss] = []

    @property
    def lignes(self) -> Sequence[TraceMss]:
        """What was written."""
        return tuple(self._lignes)

    def ajouter(self, trace: TraceMss) -> None:
        """Write one more."""
        self._lignes.append(self._alterations.passer(Couture.MSS_TRACE, trace))

    def csv(self) -> bytes:
        """The extract."""
        noms = [f.name for f in fields(TraceMss) if f.name != "contenu" or any(t.contenu for t in self._lignes)]
        return tableau_csv([noms, *([str(getattr(trace, nom)) for nom in noms] for trace in self._lignes)])


def tableau_csv(lignes: Sequence[Sequence[str]]) -> bytes:
    """Lines as a spreadsheet reads them."""
    texte = io.StringIO()
    csv.writer(texte, delimiter=";", lineterminator="\r\n").writerows(lignes)
    return texte.getvalue().encode("utf-8-sig")
