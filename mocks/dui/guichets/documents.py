"""Documents: written, printed, received."""

from __future__ import annotations

from ....core.gestures import Etat, Piece, Resultat, documents
from ..documents_recus import DocumentsRecus
from ..envois import EtatEnvoi
from ..poste import Poste, fait, refus
from ..redacteur import Commande
from .guichet import Guichet


class GuichetDocuments(Guichet):
    """The gestures of :mod:`core.gestures.documents`."""

    gestes = documents.GESTES

    def __init__(self, poste: Poste) -> None:
        super().__init__(poste)
        self._recus = DocumentsRecus(poste.regles.reception)

    def valider_document(
        self, usager: str, type: str, retenir: bool = False, cip: str = "", lot: str = "", visibilite: str = ""
    ) -> Resultat:
        """Write and validate a document; the order to send it is made without any other gesture."""
        dossier = self.poste.dossiers.trouver(usager)
        auteur = self.poste.authentification().utilisateur
        envoi = self.poste.atelier.valider(Commande(type, dossier, auteur, cip, lot, visibilite), retenir=retenir)
        annonce = envoi.etat if self.poste.regles.envoi.annonce_l_envoi else EtatEnvoi.RETENU
        return fait(envoi.motif, document=envoi.document.reference, etat_envoi=annonce.value)

    def imprimer_document(self, usager: str, type: str) -> Resultat:
        """Write and validate a document, then give its paper form; nothing leaves for the DMP."""
        auteur = self.poste.authentification().utilisateur
        document = self.poste.atelier.rediger(Commande(type, self.poste.dossiers.trouver(usager), auteur))
        numero = (("prescription", document.prescription),) if document.prescription else ()
        return Resultat(Etat.FAIT, observations=numero, pieces=(Piece("document.pdf", document.imprime()),))

    def importer_document(self, usager: str, nom_fichier: str, contenu: str) -> Resultat:
        """File a received CDA document in this record, unless it is unreadable, of someone else or there already."""
        issue = self._recus.recevoir(self.poste.dossiers.trouver(usager), contenu)
        observations = {"integre": issue.integre, "alerte": issue.alerte, "copies": issue.copies}
        message = issue.alerte or f"{nom_fichier} : rangé dans le dossier."
        return fait(message, **observations) if issue.integre else refus(issue.alerte, **observations)
