"""The orientations that the DUI knows: decisions received, their status, the events that change it from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .dossier import Dossier, Dossiers
from .regles_sdo import ReglesSdo
from .sdo_codes import FERMES, LIBELLES, SUITES
from .sdo_documents import DecisionRecue

AUTOMATIQUE, A_VERIFIER = "automatique", "a-verifier"


class OrientationAbsente(LookupError):
    """No decision was received for this usager."""


@dataclass(slots=True)
class Orientation:
    """One decision and what becomes of it. ``dossier`` is the record to which it belongs, None when nobody fits."""

    decision: DecisionRecue
    dossier: Dossier | None
    rapprochement: str
    statut: str = "39"
    lue: bool = False
    accord: bool | None = None
    evaluation: str = ""
    evenements: list[str] = field(default_factory=list)
    dernier: str = ""
    statut_ailleurs: str = ""

    @property
    def ouverte(self) -> bool:
        """True while something is to be done."""
        return self.statut not in FERMES


class Carnet:
    """The store; ``structure`` is the national identifier of the establishment."""

    def __init__(self, dossiers: Dossiers, regles: ReglesSdo, structure: str) -> None:
        self._dossiers = dossiers
        self._structure = structure
        self._regles = regles
        self._par_document: dict[str, Orientation] = {}

    def connait(self, document: str) -> bool:
        """True for a decision already read."""
        return document in self._par_document

    def ranger(self, decision: DecisionRecue) -> Orientation:
        """Keep a decision; one that renews another takes its place."""
        dossier, rapprochement = self._rapprocher(decision)
        if decision.remplace and self._regles.remplace_les_renouvelees:
            anciennes = [d for d, o in self._par_document.items() if o.decision.id_nat_decision == decision.remplace]
            for document in anciennes:
                del self._par_document[document]
        orientation = Orientation(decision, dossier, rapprochement)
        self._par_document[decision.document] = orientation
        return orientation

    def de(self, usager: str) -> list[Orientation]:
        """The orientations of a usager, oldest first."""
        return [o for o in self._par_document.values() if o.dossier is not None and o.dossier.id == usager]

    def appliquer(self, evenement: Mapping[str, str]) -> bool:
        """Take an event of elsewhere into account; False when it teaches nothing."""
        orientation = next(
            (o for o in self._par_document.values() if o.decision.id_nat_decision == evenement["id_nat"] != ""), None
        )
        if orientation is None:
            return False
        if evenement["id"] in orientation.evenements and self._regles.ignore_les_doublons:
            return False
        orientation.evenements.append(evenement["id"])
        if evenement["modifie"] < orientation.dernier and self._regles.garde_le_plus_recent:
            return True
        orientation.dernier = evenement["modifie"]
        self._changer(orientation, evenement)
        return True

    def _changer(self, orientation: Orientation, evenement: Mapping[str, str]) -> None:
        """The status of our notification, or that of the same decision in another establishment."""
        statut = evenement["statut"]
        if not statut or statut in self._regles.statuts_ignores:
            return
        if evenement["structure"] == self._structure:
            orientation.statut = statut
        else:
            orientation.statut_ailleurs = statut

    def permet(self, orientation: Orientation, statut: str) -> bool:
        """True when the user is offered this status."""
        if not orientation.ouverte and self._regles.ferme_ce_qui_est_annule:
            return statut in SUITES.get(orientation.statut, "").split()
        return not self._regles.refuse_l_ordre_inattendu or statut in SUITES.get(orientation.statut, "").split()

    def montrer(self, orientation: Orientation, usager: str, maintenant: datetime) -> dict[str, Any]:
        """What the screen shows."""
        decision = orientation.decision
        montre: dict[str, Any] = {
            "statut": orientation.statut,
            "libelle": LIBELLES.get(orientation.statut, "") if self._regles.libelles else orientation.statut,
            "id_decision": decision.id_decision,
            "id_nat_decision": decision.id_nat_decision,
            "nom_naissance": decision.nom_naissance,
            "date_naissance": decision.date_naissance,
            "nature_droit": decision.nature_droit,
            "ouverture": decision.ouverture,
            "echeance": decision.echeance,
            "urgence": decision.urgence,
            "modalite": decision.modalite,
            "echue": self._regles.montre_l_echeance and decision.echeance < maintenant.date().isoformat(),
            "orientations": len(self.de(usager)),
            "statut_ailleurs": orientation.statut_ailleurs,
            "evenements": len(orientation.evenements),
            "rapprochement": orientation.rapprochement,
            "a_traiter": orientation.ouverte or not self._regles.ferme_ce_qui_est_annule,
        }
        if self._regles.champ_perdu:
            montre[self._regles.champ_perdu] = ""
        return montre

    def _rapprocher(self, decision: DecisionRecue) -> tuple[Dossier | None, str]:
        """By the INS alone; else by the traits, and someone must verify."""
        for dossier in self._dossiers:
            ins = dossier.identite.ins or dossier.carte_vitale
            if decision.matricule and ins is not None and ins.complet == decision.matricule:
                return dossier, AUTOMATIQUE
        for dossier in self._dossiers:
            traits = dossier.identite.traits
            if (traits.nom_naissance, traits.date_naissance, traits.sexe) == (
                decision.nom_naissance,
                decision.date_naissance,
                decision.sexe,
            ):
                return dossier, AUTOMATIQUE if self._regles.rapproche_sans_ins else A_VERIFIER
        return None, A_VERIFIER
