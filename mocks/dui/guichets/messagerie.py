"""Mail, the directory of correspondents, the dashboards."""

from __future__ import annotations

from ....core.gestures import Etat, Piece, Resultat, messagerie
from ..documents.document import Document
from ..documents.entete import nouvel_oid
from ..dossier import Dossier
from ..mss_envois import Courrier, EnvoiInterdit
from ..mss_operateurs import Boite, BoiteInconnue, Operateurs
from ..mss_traces import TracesMss
from ..mss_transport import Acces, MssIndisponible
from ..poste import Poste, fait, refus
from ..psc_session import SessionPerdue
from ..redacteur import Commande, Redacteur
from .guichet import Guichet


class GuichetMessagerie(Guichet):
    """The gestures of :mod:`core.gestures.messagerie`."""

    gestes = (messagerie.EnvoyerMessage, messagerie.ExporterTracesMessagerie)

    def __init__(self, poste: Poste) -> None:
        super().__init__(poste)
        self._redacteur = Redacteur(poste.configuration.structure, poste.alterations, poste.regles.vaccin)
        self._operateurs = Operateurs(poste.services, poste.configuration.structure)
        acces = Acces(
            poste.transport,
            poste.psc,
            poste.regles.mss,
            poste.alterations,
            poste.configuration.certificat(poste.regles.certificats.mss),
            str(poste.services.get("revocations", "")),
        )
        nil = str(poste.services["logiciel"].get("nil", ""))
        self._courrier = Courrier(poste, acces, self._operateurs, TracesMss(poste.alterations), nil)

    def envoyer_message(
        self,
        usager: str,
        a: str,
        type: str,
        autre_type: str = "",
        boite: str = "personnelle",
        operateur: str = "mss",
        clore: bool = False,
        remplace: bool = False,
    ) -> Resultat:
        """Write one or two documents and send them by mail."""
        dossier = self.poste.dossiers.trouver(usager)
        try:
            vers = self._courrier.autoriser(dossier, a)
            chez = self._boite(boite, operateur)
            documents = [self._rediger(dossier, sorte) for sorte in (type, autre_type) if sorte]
            expedition = self._courrier.expedier(dossier, documents, vers, chez, clore=clore)
        except EnvoiInterdit as erreur:
            return refus(str(erreur), message_id="", etat_envoi="bloque", alerte=str(erreur))
        except (MssIndisponible, SessionPerdue) as erreur:
            return refus(str(erreur), message_id="", etat_envoi="echec", alerte=str(erreur))
        return fait("Message envoyé.", message_id=expedition.message, etat_envoi="envoye", alerte="")

    def exporter_traces_messagerie(self) -> Resultat:
        """Give the extract of the traces of mail."""
        return Resultat(Etat.FAIT, pieces=(Piece("traces-messagerie.csv", self._courrier.traces.csv()),))

    def _boite(self, sorte: str, operateur: str) -> Boite:
        try:
            return self._operateurs.boite(operateur, sorte, self.poste.authentification().utilisateur)
        except BoiteInconnue as erreur:
            raise EnvoiInterdit(str(erreur)) from erreur

    def _rediger(self, dossier: Dossier, type: str) -> Document:
        maintenant = self.poste.horloge.maintenant().replace(microsecond=0)
        commande = Commande(type, dossier, self.poste.authentification().utilisateur)
        document = self._redacteur.rediger(commande, maintenant, nouvel_oid())
        dossier.documents.append(document.reference)
        return document
