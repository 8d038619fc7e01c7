"""The orders of scenarios: what the MDPH, the referent and the other establishments do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ...core.errors import HarnessError
from ...core.people import Usager
from ...core.settings import ViaTrajectoire
from .state import Decision, Evenement, Options, Registre

AILLEURS = ("1990000044", "SERVICE FICTIF HANDICAP")
MODES = ("initial", "permanent", "ferme")


class Ordres:
    """``vider`` (the board is empty) · ``notifier`` (usager, age_heures, duree_jours, renouvelle, sans_ins, sans_officiel,
    evaluation, ailleurs) · ``evenement`` (usager, statut, motif, statut_unite, ailleurs, recul_secondes, date) ·
    ``jetons`` (duree, forme) · ``page`` (taille) · ``mode`` (initial, permanent, ferme) · ``revoquer`` (every token ends)."""

    def __init__(self, registre: Registre, options: Options, settings: ViaTrajectoire) -> None:
        self._registre = registre
        self._options = options
        self._settings = settings

    def executer(self, nom: str, arguments: dict[str, Any]) -> bool:
        """Execute an order; False for one that is not known."""
        match nom:
            case "vider":
                self._registre.vider()
            case "revoquer":
                self._registre.revoquer()
            case "notifier":
                self._notifier(**arguments)
            case "evenement":
                self._evenement(**arguments)
            case "jetons":
                self._jetons(**arguments)
            case "page":
                self._options.page = max(1, int(arguments["taille"]))
            case "mode":
                self._mode(str(arguments["mode"]))
            case _:
                return False
        return True

    def _usager(self, id: str) -> Usager:
        found = self._registre.usagers.get(id)
        if found is None:
            raise HarnessError(f"ViaTrajectoire ne connaît pas l'usager {id}")
        return found

    def _notifier(
        self,
        usager: str,
        *,
        age_heures: float = 0,
        duree_jours: int = 730,
        renouvelle: bool = False,
        sans_ins: bool = False,
        sans_officiel: bool = False,
        evaluation: bool = True,
        ailleurs: bool = False,
    ) -> None:
        """A decision is notified to the establishment (or to another one)."""
        person = self._usager(usager)
        former = self._registre.de(usager)
        rank = self._registre.rang()
        mark = f"{person.id.rpartition('-')[2]}-{rank}"
        self._registre.decisions[f"dec-{mark}"] = Decision(
            usager=person,
            id=f"dec-{mark}",
            id_nat=f"SDO-FICTIF-{mark}",
            id_decision=f"DEC-FICTIVE-{mark}",
            esms=AILLEURS[0][1:] if ailleurs else self._settings.finess_eg[0],
            age=timedelta(hours=age_heures),
            duree_jours=duree_jours,
            remplace=former[-1].id_nat if renouvelle and former else "",
            sans_ins=sans_ins,
            sans_officiel=sans_officiel,
            avec_evaluation=evaluation,
        )

    def _evenement(
        self,
        usager: str,
        *,
        statut: str = "",
        motif: str = "",
        statut_unite: str = "",
        ailleurs: bool = False,
        recul_secondes: float = 0,
        date: str = "",
    ) -> None:
        """Something happens to the last decision: the MDPH says it of our notification, or another establishment (``ailleurs``)
        says it of its own."""
        decisions = self._registre.de(self._usager(usager).id)
        if not decisions:
            raise HarnessError(f"aucune décision n'a été notifiée pour l'usager {usager}")
        structure, nom = AILLEURS if ailleurs else (f"1{self._settings.finess_eg[0]}", self._settings.nom)
        self._registre.evenements.append(
            Evenement(
                id=f"evt-{self._registre.rang()}",
                decision=decisions[-1],
                structure=structure,
                nom=nom,
                statut=statut,
                motif=motif,
                statut_unite=statut_unite,
                date=date,
                ordre=self._registre.rang(),
                recul=timedelta(seconds=recul_secondes),
            )
        )

    def _jetons(self, *, duree: float | None = None, forme: str = "") -> None:
        if duree is not None:
            self._options.duree = timedelta(seconds=float(duree))
        if forme not in ("", "jwt", "opaque"):
            raise HarnessError(f"forme de jeton inconnue : {forme}")
        self._options.forme = forme or self._options.forme

    def _mode(self, mode: str) -> None:
        if mode not in MODES:
            raise HarnessError(f"mode inconnu : {mode} (connus : {', '.join(MODES)})")
        self._options.mode = mode
