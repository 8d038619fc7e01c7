"""Feeding the DMP beyond the first deposit: new versions, deposits by hand, what became of the sendings."""

from __future__ import annotations

from ....core.gestures import Resultat, alimentation
from ..envois import Envoi, EtatEnvoi
from ..poste import fait, refus
from .guichet import Guichet


class GuichetAlimentation(Guichet):
    """The gestures of :mod:`core.gestures.alimentation`."""

    gestes = alimentation.GESTES

    def modifier_document(self, usager: str) -> Resultat:
        """Change the last document of this usager, and validate it again."""
        envoi = self.poste.envois.dernier(self.poste.dossiers.trouver(usager))
        if envoi is None:
            return refus("Aucun document à modifier pour cet usager.", document="", etat_envoi="")
        return self._annonce(self.poste.atelier.modifier(envoi))

    def deposer_document(self, usager: str, type: str = "", date: str = "", auteur: str = "rpps") -> Resultat:
        """Send a document of the record because the user asks for it."""
        regles, dossier = self.poste.regles.alimentation, self.poste.dossiers.trouver(usager)
        if type:
            return self._annonce(self.poste.atelier.historique(dossier, type, date, avec_rpps=auteur == "rpps"))
        envoi = self.poste.envois.dernier(dossier)
        if envoi is None:
            return refus("Aucun document à envoyer pour cet usager.", document="", etat_envoi="")
        if envoi.etat is EtatEnvoi.ENVOYE and not regles.renvoie_le_depose:
            return refus(
                "Ce document est déjà au DMP.",
                document=envoi.document.reference,
                etat_envoi=envoi.etat.value,
                deja_depose=True,
            )
        if not regles.envoi_manuel:
            return fait("Envoi demandé.", document=envoi.document.reference, etat_envoi=envoi.etat.value)
        return self._annonce(self.poste.atelier.encore(envoi))

    def consulter_envois(self, usager: str) -> Resultat:
        """Show what became of the sendings of this usager."""
        regles, dossier = self.poste.regles.alimentation, self.poste.dossiers.trouver(usager)
        envoi = self.poste.envois.dernier(dossier)
        if envoi is None:
            return fait("Aucun envoi.", etat_envoi="", echecs=0, motif="")
        echecs = self.poste.envois.echecs(dossier) if regles.compte_les_echecs else 0
        cache = envoi.etat is EtatEnvoi.ECHEC and not regles.montre_l_echec
        etat = EtatEnvoi.ENVOYE if cache else envoi.etat
        return fait("" if cache else envoi.motif, etat_envoi=etat.value, echecs=echecs, motif="" if cache else envoi.motif)

    def _annonce(self, envoi: Envoi) -> Resultat:
        return fait(envoi.motif, document=envoi.document.reference, etat_envoi=envoi.etat.value, deja_depose=False)
