"""Documents: written, printed, received."""

from __future__ import annotations

from functools import partial

from ....core.gestures import Etat, Piece, Resultat, documents
from ..documents.document import Document
from ..documents.entete import nouvel_oid
from ..documents_recus import DocumentsRecus
from ..dossier import Dossier
from ..envois import Envoi, EtatEnvoi
from ..poste import Poste, fait, refus
from ..redacteur import Commande, Redacteur
from .guichet import Guichet


class GuichetDocuments(Guichet):
    """The gestures of :mod:`core.gestures.documents`."""

    gestes = documents.GESTES

    def __init__(self, poste: Poste) -> None:
        super().__init__(poste)
        self._redacteur = Redacteur(poste.configuration.structure, poste.alterations, poste.regles.vaccin)
        self._recus = DocumentsRecus(poste.regles.reception)

    def valider_document(self, usager: str, type: str, retenir: bool = False, cip: str = "", lot: str = "") -> Resultat:
        """Write and validate a document; the order to send it is made without any other gesture."""
        dossier = self.poste.dossiers.trouver(usager)
        auteur = self.poste.authentification()
        commande = Commande(type, dossier, auteur.utilisateur, cip, lot)
        document = self._rediger(commande)
        dossier.documents.append(document.reference)
        etat, motif = self._decider(dossier, document, retenir=retenir)
        envoi = Envoi(
            document,
            dossier,
            auteur,
            renouvelle=partial(self._rediger_encore, document, commande),
            le=self.poste.horloge.maintenant() + self.poste.regles.envoi.delai,
            etat=etat,
            motif=motif,
        )
        self.poste.envois.programmer(envoi)
        annonce = etat.value if self.poste.regles.envoi.annonce_l_envoi else EtatEnvoi.RETENU.value
        return fait(motif, document=document.reference, etat_envoi=annonce)

    def imprimer_document(self, usager: str, type: str) -> Resultat:
        """Write and validate a document, then give its paper form; nothing leaves for the DMP."""
        dossier = self.poste.dossiers.trouver(usager)
        commande = Commande(type, dossier, self.poste.authentification().utilisateur)
        document = self._rediger(commande)
        dossier.documents.append(document.reference)
        numero = (("prescription", document.prescription),) if document.prescription else ()
        return Resultat(Etat.FAIT, observations=numero, pieces=(Piece("document.pdf", document.imprime()),))

    def importer_document(self, usager: str, nom_fichier: str, contenu: str) -> Resultat:
        """File a received CDA document in this record, unless it is unreadable, of someone else or there already."""
        issue = self._recus.recevoir(self.poste.dossiers.trouver(usager), contenu)
        observations = {"integre": issue.integre, "alerte": issue.alerte, "copies": issue.copies}
        message = issue.alerte or f"{nom_fichier} : rangé dans le dossier."
        return fait(message, **observations) if issue.integre else refus(issue.alerte, **observations)

    def _decider(self, dossier: Dossier, document: Document, *, retenir: bool) -> tuple[EtatEnvoi, str]:
        """What becomes of a document that was just validated."""
        regles = self.poste.regles.envoi
        retenu = retenir or (dossier.choix_precedent and not regles.oublie_la_retenue)
        dossier.choix_precedent = retenir
        if not document.type.dmp:
            return EtatEnvoi.RETENU, "Ce type de document ne s'envoie pas au DMP."
        if (retenu and regles.respecte_retenue) or not regles.envoi_automatique:
            return EtatEnvoi.RETENU, "Le document ne sera pas envoyé au DMP."
        if dossier.opposition and regles.respecte_opposition:
            return EtatEnvoi.BLOQUE, "L'usager s'oppose à l'alimentation de son DMP."
        if regles.exige_identite_qualifiee and not dossier.identite.diffusable:
            return EtatEnvoi.BLOQUE, "L'identité de l'usager n'est pas qualifiée : le document reste dans le DUI."
        return EtatEnvoi.PROGRAMME, ""

    def _rediger(self, commande: Commande, uid: str = "") -> Document:
        return self._redacteur.rediger(commande, self.poste.horloge.maintenant().replace(microsecond=0), uid or nouvel_oid())

    def _rediger_encore(self, ancien: Document, commande: Commande, maniere: str) -> Document:
        """The document written again, under another uniqueId (``nouveau``) or under the same (``reecrit``)."""
        return self._rediger(commande, "" if maniere == "nouveau" else ancien.reference)
