"""The DMP: opposition, and what becomes of the orders to feed it."""

from __future__ import annotations

from ....core.gestures import Etat, Resultat, dmp
from ..envois import EtatEnvoi
from ..poste import fait, refus
from .guichet import Guichet


class GuichetDmp(Guichet):
    """The gestures of :mod:`core.gestures.dmp`."""

    gestes = dmp.GESTES

    def enregistrer_opposition(self, usager: str, oppose: bool = True) -> Resultat:
        """Record the usager's opposition to feeding the DMP, or its absence."""
        dossier = self.poste.dossiers.trouver(usager)
        if oppose or self.poste.regles.envoi.opposition_reversible:
            dossier.opposition = oppose
        return fait("Opposition enregistrée." if oppose else "Non-opposition enregistrée.")

    def annuler_envoi(self, usager: str) -> Resultat:
        """Cancel the last order of this usager, while it has not left."""
        envoi = self.poste.envois.dernier(self.poste.dossiers.trouver(usager))
        if envoi is None or not self.poste.regles.envoi.annulation_offerte:
            return refus("Aucun envoi à annuler pour cet usager.", etat_envoi="")
        etat = self.poste.envois.annuler(envoi)
        if etat is not EtatEnvoi.ANNULE and self.poste.regles.envoi.respecte_annulation:
            return refus(f"L'envoi ne peut plus être annulé ({etat.value}).", etat_envoi=etat.value)
        return fait("Envoi annulé.", etat_envoi=etat.value)

    def attendre_envois(self) -> Resultat:
        """Let the background sender work until nothing is due."""
        if not self.poste.envois.attendre(delai=60.0):
            return Resultat(Etat.ERREUR, "Des envois sont encore en cours.")
        return fait()
