"""Mail, the directory of correspondents, the dashboards."""

from __future__ import annotations

from contextlib import suppress

from ....core.gestures import Etat, Piece, Resultat, messagerie
from ..documents.document import Document
from ..documents.entete import nouvel_oid
from ..dossier import Dossier
from ..envois import Envoi, EtatEnvoi
from ..mss_annuaire import AnnuaireIndisponible, ClientAnnuaire, Criteres, Trouvee
from ..mss_boite import Courriels, MessageInconnu
from ..mss_configuration import ConfigurationIntrouvable, Serveurs, decouvrir
from ..mss_envois import Canal, Courrier, EnvoiInterdit
from ..mss_operateurs import Boite, BoiteInconnue, Operateurs
from ..mss_prelevement import Prelevement
from ..mss_reception import Reception
from ..mss_traces import TracesMss
from ..mss_transport import Acces, MssIndisponible
from ..poste import Poste, fait, refus
from ..psc_session import SessionPerdue
from ..redacteur import Commande, Redacteur
from ..tableau import Fait, Tableau
from .guichet import Guichet

_INDISPONIBLE = (MssIndisponible, SessionPerdue)


class GuichetMessagerie(Guichet):
    """The gestures of :mod:`core.gestures.messagerie`."""

    gestes = messagerie.GESTES

    def __init__(self, poste: Poste) -> None:
        super().__init__(poste)
        self._redacteur = Redacteur(poste.configuration.structure, poste.alterations, poste.regles.vaccin)
        self._operateurs = Operateurs(poste.services, poste.configuration.structure)
        certificat = poste.configuration.certificat(poste.regles.certificats.mss)
        revocations = str(poste.services.get("revocations", ""))
        acces = Acces(poste.transport, poste.psc, poste.regles.mss, poste.alterations, certificat, revocations)
        nil = str(poste.services["logiciel"].get("nil", ""))
        self._courrier = Courrier(poste, acces, self._operateurs, TracesMss(poste.alterations), nil)
        self._courriels = Courriels(self._courrier, Reception(poste.dossiers, poste.regles.reception_mss))
        reglages = poste.services.get("annuaire", {})
        self._annuaire = ClientAnnuaire(reglages, poste.transport, poste.regles.annuaire, poste.alterations)
        self._derniers: dict[str, Document] = {}

    def configurer_boite(self, adresse: str, operateur: str = "mss") -> Resultat:
        """Find the servers of a box from its address, then open it."""
        try:
            chez = self._operateurs.trouver(operateur)
            serveurs = Serveurs(chez.smtp, chez.imap)
            if self.poste.regles.mss.configuration_automatique:
                serveurs = decouvrir(adresse, chez, self.poste.transport, noms=self.poste.regles.mss.cherche_par_dns)
            boite = next((une for une in chez.boites if une.adresse == adresse), None)
            if boite is None:
                return refus(f"La boîte {adresse} n'est pas connue.", smtp="", imap="", essai=False)
            self._operateurs.adopter(operateur, serveurs.smtp, serveurs.imap)
            self._courriels.relever(boite)
        except (ConfigurationIntrouvable, BoiteInconnue, *_INDISPONIBLE) as erreur:
            return refus(str(erreur), smtp="", imap="", essai=False)
        return fait("Boîte ajoutée.", smtp=str(serveurs.smtp), imap=str(serveurs.imap), essai=True)

    def rechercher_correspondant(
        self,
        rpps: str = "",
        famille: str = "",
        prenom: str = "",
        profession: str = "",
        specialite: str = "",
        lieu: str = "",
        structure: str = "",
        finess: str = "",
    ) -> Resultat:
        """Show every address that answers these criteria."""
        criteres = Criteres(rpps, famille, prenom, profession, specialite, lieu, structure, finess)
        try:
            trouvees = self._annuaire.chercher(criteres)
        except AnnuaireIndisponible as erreur:
            if not self.poste.regles.annuaire.annonce_la_panne:
                return fait("Aucun résultat.", adresses=[], detail=[], alerte="")
            return refus(str(erreur), adresses=[], detail=[], alerte=str(erreur))
        alerte = "" if trouvees else "Aucune adresse ne répond à ces critères."
        return fait(alerte, adresses=[t.adresse for t in trouvees], detail=[_detail(t) for t in trouvees], alerte=alerte)

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
            vers = self._destinataire(dossier, a)
            chez = self._boite(boite, operateur)
            ancien = self._derniers.get(f"{usager} {type}") if remplace else None
            documents = [self._rediger(dossier, type, ancien)]
            if autre_type:
                documents.append(self._rediger(dossier, autre_type))
            remplacee = ancien.reference if ancien is not None else ""
            expedition = self._courrier.expedier(dossier, documents, vers, chez, clore=clore, remplace=remplacee)
        except EnvoiInterdit as erreur:
            return refus(str(erreur), message_id="", etat_envoi="bloque", alerte=str(erreur))
        except _INDISPONIBLE as erreur:
            return self._echec(erreur)
        return fait("Message envoyé.", message_id=expedition.message, etat_envoi="envoye", alerte="")

    def transmettre_prelevement(self, usager: str, finess: str, boite: str = "personnelle", operateur: str = "mss") -> Resultat:
        """Send a laboratory the prescription and the attestation of a sample, once everything is there."""
        dossier = self.poste.dossiers.trouver(usager)
        prelevement = Prelevement(dossier, self.poste.authentification().utilisateur, self._annuaire, self.poste.regles.mss)
        try:
            chez = self._boite(boite, operateur)
            vers = prelevement.controler(finess, self._operateurs.boite(operateur, "organisation", prelevement.preleveur))
            documents = [self._rediger(dossier, sorte) for sorte in prelevement.types]
            expedition = self._courrier.expedier(dossier, documents, self._destinataire(dossier, vers), chez)
        except (EnvoiInterdit, AnnuaireIndisponible, BoiteInconnue) as erreur:
            return refus(str(erreur), message_id="", etat_envoi="bloque", controles=prelevement.etats, alerte=str(erreur))
        except _INDISPONIBLE as erreur:
            return self._echec(erreur, controles=prelevement.etats)
        dit = {"message_id": expedition.message, "etat_envoi": "envoye", "controles": prelevement.etats, "alerte": ""}
        return fait("Prélèvement transmis au laboratoire.", **dit)

    def relever_boite(self, boite: str = "personnelle", operateur: str = "mss") -> Resultat:
        """Fetch and show the mails of a box."""
        try:
            lettres = self._courriels.relever(self._boite(boite, operateur))
        except (EnvoiInterdit, *_INDISPONIBLE) as erreur:
            dit = str(erreur) if self.poste.regles.mss.annonce_l_echec else ""
            return refus(dit, messages=[], alerte=dit)
        return fait(f"{len(lettres)} message(s).", messages=[lettre.montree() for lettre in lettres], alerte="")

    def integrer_message(self, usager: str, message: str, accepte: bool = True) -> Resultat:
        """File the documents of a mail in a record, as the user decides."""
        dossier = self.poste.dossiers.trouver(usager)
        try:
            lettre = self._courriels.trouver(message)
        except MessageInconnu as erreur:
            return Resultat(Etat.IMPOSSIBLE, str(erreur))
        if not accepte:
            return fait("Message laissé de côté.", integre=False, copies=self._courriels.copies(lettre, dossier), alerte="")
        integre, copies, alerte = self._courriels.reception.integrer(lettre, dossier)
        observations = {"integre": integre, "copies": copies, "alerte": alerte}
        return fait("Documents rangés.", **observations) if integre else refus(alerte, **observations)

    def lire_message(self, message: str, boite: str = "personnelle", operateur: str = "mss") -> Resultat:
        """Open a mail; a receipt leaves when it is asked for."""
        try:
            lettre = self._courriels.trouver(message)
            rendu = self._courriels.ouvrir(lettre, self._boite(boite, operateur))
        except MessageInconnu as erreur:
            return Resultat(Etat.IMPOSSIBLE, str(erreur))
        except (EnvoiInterdit, *_INDISPONIBLE) as erreur:
            return refus(str(erreur), objet="", expediteur="", usager="", accuse=False)
        return fait(lettre.objet, objet=lettre.objet, expediteur=lettre.expediteur, usager=lettre.usager, accuse=rendu)

    def repondre_message(
        self, message: str, texte: str = "Bien reçu.", boite: str = "personnelle", operateur: str = "mss"
    ) -> Resultat:
        """Answer a mail."""
        try:
            lettre = self._courriels.trouver(message)
            envoyee = self._courriels.repondre(lettre, self._boite(boite, operateur), texte)
        except MessageInconnu as erreur:
            return Resultat(Etat.IMPOSSIBLE, str(erreur))
        except EnvoiInterdit as erreur:
            return refus(str(erreur), message_id="", etat_envoi="bloque", alerte=str(erreur))
        except _INDISPONIBLE as erreur:
            return self._echec(erreur)
        return fait("Réponse envoyée.", message_id=envoyee, etat_envoi="envoye", alerte="")

    def supprimer_message(self, message: str, boite: str = "personnelle", operateur: str = "mss") -> Resultat:
        """Delete a mail."""
        try:
            self._courriels.supprimer(self._courriels.trouver(message), self._boite(boite, operateur))
        except MessageInconnu as erreur:
            return Resultat(Etat.IMPOSSIBLE, str(erreur))
        except (EnvoiInterdit, *_INDISPONIBLE) as erreur:
            return refus(str(erreur), supprime=False)
        return fait("Message supprimé.", supprime=True)

    def suivre_envoi(self, message: str, boite: str = "personnelle", operateur: str = "mss") -> Resultat:
        """Fetch receipts, then show what is known of a mail that was sent."""
        try:
            self._courriels.relever(self._boite(boite, operateur))
        except (EnvoiInterdit, *_INDISPONIBLE) as erreur:
            return refus(str(erreur), remise="", lecture="")
        for expedition in self._courrier.expeditions:
            if expedition.message == message:
                return fait("", remise=expedition.remise, lecture=expedition.lecture)
        return Resultat(Etat.IMPOSSIBLE, f"Aucun envoi ne porte l'identifiant {message}.")

    def enregistrer_opposition_messagerie(self, usager: str, a: str = "professionnel", oppose: bool = True) -> Resultat:
        """Record the usager's opposition to mails."""
        dossier = self.poste.dossiers.trouver(usager)
        if a == "usager":
            dossier.opposition_usager = oppose
        else:
            dossier.opposition_professionnel = oppose
        return fait("Opposition enregistrée." if oppose else "Non-opposition enregistrée.")

    def exporter_traces_messagerie(self) -> Resultat:
        """Give the extract of the traces of mail."""
        return Resultat(Etat.FAIT, pieces=(Piece("traces-messagerie.csv", self._courrier.traces.csv()),))

    def exporter_tableau_de_bord(self, disposition: str = "envois") -> Resultat:
        """Give the dashboard of what was sent."""
        structure, poste = self.poste.configuration.structure, self.poste
        faits = [
            Fait(e.le, e.utilisateur.removeprefix("8"), e.canal, sorte, e.reussi, e.ins_qualifiee)
            for e in self._courrier.expeditions
            for sorte in e.types
        ]
        faits += [
            Fait(e.le, e.authentification.utilisateur.id_nat.removeprefix("8"), Canal.DMP, e.document.type.id, _reussi(e), True)
            for e in poste.envois.finis()
        ]
        tableau = Tableau(structure.finess_eg, sorted(faits, key=lambda f: f.le), poste.regles.tableau, poste.alterations)
        donnees = tableau.par_mois(poste.horloge.maintenant()) if disposition == "mois" else tableau.par_envoi()
        return Resultat(Etat.FAIT, pieces=(Piece("tableau-de-bord.csv", donnees),))

    def _echec(self, erreur: Exception, **observations: object) -> Resultat:
        if not self.poste.regles.mss.isole_les_erreurs:
            self.poste.psc.fermer()
        if not self.poste.regles.mss.annonce_l_echec:
            return fait("Message envoyé.", message_id="", etat_envoi="envoye", alerte="", **observations)
        return refus(str(erreur), message_id="", etat_envoi="echec", alerte=str(erreur), **observations)

    def _destinataire(self, dossier: Dossier, a: str) -> str:
        """Whom to write to, when he may receive, and when an address taken from the directory is still there."""
        vers = self._courrier.autoriser(dossier, a)
        # The directory is not needed to send: the operator will say whether the address is good.
        with suppress(AnnuaireIndisponible):
            if not self._annuaire.encore_la(vers):
                raise EnvoiInterdit(f"L'adresse {vers} n'est plus dans l'annuaire : choisissez-en une autre.")
        return vers

    def _boite(self, sorte: str, operateur: str) -> Boite:
        operateur = operateur if self.poste.regles.mss.suit_les_deux_operateurs else "mss"
        try:
            return self._operateurs.boite(operateur, sorte, self.poste.authentification().utilisateur)
        except BoiteInconnue as erreur:
            raise EnvoiInterdit(str(erreur)) from erreur

    def _rediger(self, dossier: Dossier, type: str, ancien: Document | None = None) -> Document:
        """Write a document; ``ancien`` is the version before it."""
        maintenant = self.poste.horloge.maintenant().replace(microsecond=0)
        version, remplace = (ancien.version + 1, ancien.reference) if ancien is not None else (1, "")
        commande = Commande(type, dossier, self.poste.authentification().utilisateur, version=version, remplace=remplace)
        serie = ancien.set_id if ancien is not None else ""
        document = self._redacteur.rediger(commande, maintenant, nouvel_oid(), serie)
        dossier.documents.append(document.reference)
        self._derniers[f"{dossier.id} {type}"] = document
        return document


def _reussi(envoi: Envoi) -> bool:
    return envoi.etat is EtatEnvoi.ENVOYE


def _detail(trouvee: Trouvee) -> dict[str, object]:
    return {
        "adresse": trouvee.adresse,
        "titulaire": trouvee.titulaire,
        "type": trouvee.type,
        "structure": trouvee.structure,
        "identifiant": trouvee.identifiant,
        "preferee": trouvee.preferee,
    }
