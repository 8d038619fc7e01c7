"""The traces of calls to INSi and of accesses to the INS: who, when, for whom, how, what INSi answered."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, dataclass, fields

from .alterations import Alterations, Couture
from .comptes import Utilisateur
from .horloge import Horloge
from .regles_ins import ReglesIns

ERREUR = "erreur"


@dataclass(slots=True)
class TraceIns:
    """One line. ``code`` is the return code of a search, OK or KO, ``erreur``; empty for an access."""

    date: str
    utilisateur: str
    nature: str
    code: str
    usager: str
    moyen: str = ""


class TracesIns:
    """Those of one DUI."""

    def __init__(self, horloge: Horloge, regles: ReglesIns, alterations: Alterations) -> None:
        self._horloge = horloge
        self._regles = regles
        self._alterations = alterations
        self._lignes: list[TraceIns] = []

    def appel(self, nature: str, utilisateur: Utilisateur, usager: str, moyen: str, code: str) -> None:
        """A call to INSi and what came back."""
        if not self._regles.trace_les_appels or (code == ERREUR and not self._regles.trace_les_echecs):
            return
        self._ajouter(nature, utilisateur, usager, moyen, code if self._regles.trace_le_code else "")

    def acces(self, utilisateur: Utilisateur, usager: str) -> None:
        """Someone looked at an INS."""
        if self._regles.trace_les_acces:
            self._ajouter("accès", utilisateur, usager, "", "")

    def csv(self) -> bytes:
        """The extract that an auditor is given."""
        texte = io.StringIO()
        table = csv.writer(texte, delimiter=";", lineterminator="\r\n")
        table.writerow([f.name for f in fields(TraceIns)])
        table.writerows([str(valeur) for valeur in asdict(ligne).values()] for ligne in self._lignes)
        return texte.getvalue().encode("utf-8-sig")

    def _ajouter(self, nature: str, utilisateur: Utilisateur, usager: str, moyen: str, code: str) -> None:
        moment = self._horloge.maintenant()
        date = moment.isoformat(timespec="seconds") if self._regles.trace_a_l_heure else moment.date().isoformat()
        qui = utilisateur.id_nat if self._regles.trace_l_utilisateur else "DUI"
        trace = TraceIns(date, qui, nature, code, usager, moyen)
        self._lignes.append(self._alterations.passer(Couture.INSI_TRACE, trace))
