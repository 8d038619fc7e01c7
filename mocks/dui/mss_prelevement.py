"""A sample taken here for a laboratory: the list that is checked before anything is written, and what is then written."""

from __future__ import annotations

from dataclasses import dataclass, field

from .comptes import Utilisateur
from .documents.correspondants import MEDECIN_TRAITANT
from .dossier import Dossier
from .mss_annuaire import ClientAnnuaire, Criteres, Trouvee
from .mss_envois import EnvoiInterdit
from .mss_operateurs import Boite
from .regles_messagerie import ReglesMss

PRESCRIPTION, ATTESTATION = "prescription-actes", "attestation-identite"
_LIBELLES = {
    "ins_qualifiee": "l'INS de l'usager n'est pas qualifiée",
    "prescription": "la prescription manque",
    "rpps": "le préleveur n'a pas de numéro RPPS",
    "mss_laboratoire": "le laboratoire n'a pas d'adresse MSSanté dans l'annuaire",
    "mss_medecin_traitant": "le médecin traitant n'a pas d'adresse MSSanté dans l'annuaire",
    "mss_structure": "la structure n'a pas de boîte MSSanté",
}


@dataclass(slots=True)
class Prelevement:
    """What is needed to send a sample's papers; ``etats`` is the list, as the user sees it."""

    dossier: Dossier
    preleveur: Utilisateur
    annuaire: ClientAnnuaire
    regles: ReglesMss
    etats: dict[str, bool] = field(default_factory=dict)

    @property
    def types(self) -> tuple[str, ...]:
        """The documents to write, in the order of the mail."""
        return (PRESCRIPTION, ATTESTATION) if self.regles.joint_la_prescription else (ATTESTATION,)

    def controler(self, finess: str, structure: Boite | None) -> str:
        """Make the list; gives the laboratory's address, or raises ``EnvoiInterdit`` naming what is missing."""
        laboratoire = self._adresse(Criteres(finess=finess))
        traitant = self._adresse(Criteres(rpps=MEDECIN_TRAITANT.id_nat.removeprefix("8")))
        self.etats = {
            "ins_qualifiee": self.dossier.identite.diffusable,
            "prescription": PRESCRIPTION in self.types,
            "rpps": self.preleveur.id_nat.startswith("8"),
            "mss_laboratoire": laboratoire is not None,
            "mss_medecin_traitant": traitant is not None,
            "mss_structure": structure is not None,
        }
        manques = [_LIBELLES[nom] for nom, present in self.etats.items() if not present]
        if manques and self.regles.controle_le_prelevement:
            raise EnvoiInterdit(f"Envoi au laboratoire impossible : {', '.join(manques)}.")
        if laboratoire is None:
            raise EnvoiInterdit("Envoi au laboratoire impossible : aucune adresse.")
        return laboratoire.adresse

    def _adresse(self, criteres: Criteres) -> Trouvee | None:
        """The address that the user would choose: the preferred one, organisational before applicative."""
        trouvees = self.annuaire.chercher(criteres)
        return next((t for t in trouvees if t.preferee), trouvees[0] if trouvees else None)
