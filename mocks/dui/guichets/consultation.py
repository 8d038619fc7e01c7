"""The consultation of the DMP: consent, list, documents seen and kept, emergency, visibility."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from ....core.gestures import Resultat, consultation
from ..comptes import Role
from ..dmp import Acces, EtatDmp
from ..dmp_affichage import avertissement, etat, signalement
from ..dmp_appels import DepotRefuse, DmpIndisponible
from ..dmp_consultation import ClientConsultation
from ..dmp_gestion import Action
from ..dmp_parcours import ConsultationRefusee, Parcours
from ..dmp_recherche import APPROUVE, ARCHIVE, REMPLACE, STATUTS, Fiche, Filtres
from ..dmp_suivi import Suivi, Suivis, integre
from ..dmp_veille import Veille
from ..dossier import Dossier
from ..ebrim import Auteur
from ..envois import EtatEnvoi
from ..poste import Poste, fait, refus
from ..vihf import Authentification
from .guichet import Guichet

_ECHECS = (ConsultationRefusee, DepotRefuse, DmpIndisponible)


class GuichetConsultation(Guichet):
    """The gestures of :mod:`core.gestures.consultation`."""

    gestes = consultation.GESTES

    def __init__(self, poste: Poste) -> None:
        super().__init__(poste)
        self._regles = poste.regles.consultation
        self._parcours = Parcours(poste, poste.dmp)
        self._client = ClientConsultation(poste.dmp.appels, self._regles)
        self._veille = Veille(self._client, self._regles, poste.configuration.structure.struct_id_nat)
        self._suivis = Suivis()
        self._fil = ThreadPoolExecutor(1, "dui-consultation")
        poste.envois.apres_depot.append(self._apres_depot)

    def fermer(self) -> None:
        """Stop the thread of the calls."""
        self._fil.shutdown(wait=False, cancel_futures=True)

    def enregistrer_consentement(self, usager: str, accord: bool = True, equipe: bool = True) -> Resultat:
        """Record the choice of the usager."""
        suivi = self._suivi(usager)[1]
        if suivi.consentement is None or self._regles.accepte_un_nouveau_choix or not accord:
            suivi.choisir(accord=accord, equipe=equipe)
        return fait("Consentement enregistré." if accord else "Opposition à la consultation enregistrée.")

    def ouvrir_dossier(self, usager: str) -> Resultat:
        """Show the record, and what the DMP says of it."""
        dossier, suivi = self._suivi(usager)
        vu: dict[str, Any] = {"ins": dossier.identite.diffusable, "consentement": suivi.consentement is True}
        vu["authentification"] = self.poste.psc.ouverte
        try:
            acces = self._parcours.ouvrir(dossier, suivi)
        except _ECHECS as erreur:
            acces = None
            vu["signalements"] = f"DMP injoignable : {erreur}"
        vu |= etat(acces, self._regles)
        ins = dossier.identite.ins
        if ins is not None and acces == Acces(EtatDmp.OUVERT, "VALIDE") and suivi.consentement and suivi.equipe:
            vu |= self._veille.veiller(ins, self._parcours.utilisateur(), suivi, self.poste.horloge.maintenant())
        return fait(**{"nouveaux": 0, "types_nouveaux": 0, "signalements": "", **vu})

    def lister_documents_dmp(
        self, usager: str, type: str = "", depuis: str = "", jusqu_a: str = "", auteur: str = "", statut: str = ""
    ) -> Resultat:
        """Show the list, as the user filters it."""
        dossier, suivi = self._suivi(usager)
        regles = self._regles
        filtres = Filtres(
            type=type if regles.filtre_le_type else "",
            depuis=depuis if regles.filtre_les_dates else "",
            jusqu_a=jusqu_a if regles.filtre_les_dates else "",
            auteur=auteur if regles.filtre_l_auteur else "",
            statut=statut if regles.filtre_le_statut else "",
        )
        if regles.par_le_site_web and dossier.identite.ins is not None:
            self._client.site_web(dossier.identite.ins)
            return fait("Documents ouverts dans le navigateur.", nombre=0, titres=[])
        return self._montrer(lambda: self._lister(dossier, suivi, filtres))

    def afficher_document_dmp(self, usager: str, document: str, titre: str) -> Resultat:
        """Show a document of the list."""
        dossier, suivi = self._suivi(usager)
        try:
            fiche, _ = self._ouvrir(dossier, suivi, document)
        except _ECHECS as erreur:
            if not self._regles.montre_le_refus and isinstance(erreur, DepotRefuse):
                return fait(affiche=True, avertissement="")
            if not self._regles.montre_l_echec and isinstance(erreur, DmpIndisponible):
                return fait(affiche=True, avertissement="")
            return refus(f"Le document ne peut pas être affiché : {erreur}", affiche=False, avertissement="")
        return fait(f"{titre} est affiché.", affiche=True, avertissement=avertissement(fiche, self._regles))

    def integrer_document_dmp(self, usager: str, document: str, titre: str) -> Resultat:
        """Keep a document of the list in the record, once."""
        dossier, suivi = self._suivi(usager)
        deja = suivi.integres.get(document)
        if deja is not None and self._regles.evite_les_copies:
            alerte = "Ce document est déjà dans le dossier." if self._regles.dit_le_doublon else ""
            return refus(alerte, integre=False, alerte=alerte, copies=deja.copies)
        try:
            fiche, octets = self._ouvrir(dossier, suivi, document)
        except _ECHECS as erreur:
            return refus(f"Le document ne peut pas être intégré : {erreur}", integre=False, alerte=str(erreur), copies=0)
        regles = self._regles
        garde = integre(fiche, octets, provenance=regles.garde_la_provenance, par_type=regles.range_par_type)
        garde.copies = deja.copies + 1 if deja is not None else 1
        ancienne = suivi.du_meme_ensemble(garde.set_id) if deja is None else None
        alerte = ""
        if ancienne is not None:
            ancienne.statut, alerte = "remplacé dans le dossier", "Cette version remplace celle que le dossier tenait."
        suivi.integres[document] = garde
        vu = {"sous_dossier": garde.sous_dossier, "provenance": garde.provenance, "alerte": alerte}
        return fait(f"{titre} est rangé.", integre=True, copies=garde.copies, **vu)

    def lire_document_integre(self, usager: str, document: str, titre: str) -> Resultat:
        """Show what the record says of a kept document."""
        garde = self._suivi(usager)[1].integres.get(document)
        if garde is None:
            return refus(f"{titre} n'est pas dans le dossier.", copies=0)
        statut = garde.statut if self._regles.montre_le_statut else ""
        return fait(provenance=garde.provenance, statut=statut, copies=garde.copies)

    def acceder_en_urgence(self, usager: str, motif: str) -> Resultat:
        """Break the glass: the list without consent, for a reason that is kept."""
        dossier, suivi = self._suivi(usager)
        if not motif.strip() and self._regles.exige_un_motif:
            return refus("Indiquez le motif de l'accès en urgence.", acces=False, motif="")
        if self._regles.trace_le_motif:
            suivi.motifs.append(motif)
        trace = suivi.motifs[-1] if suivi.motifs else ""
        suivi.en_urgence = not self._regles.revient_en_acces_normal
        try:
            ins, qui = self._parcours.preparer(dossier, suivi, urgence=True)
            try:
                fiches = self._client.lister(ins, qui, [APPROUVE], Filtres(), self.poste.horloge.maintenant())
            except DepotRefuse:
                if self._regles.respecte_opposition_urgence:
                    raise
                fiches = self._client.lister(ins, self._parcours.utilisateur(), [APPROUVE], Filtres(), qui.instant)
        except _ECHECS as erreur:
            if isinstance(erreur, DepotRefuse) and not self._regles.montre_le_refus_d_urgence:
                return fait(acces=True, motif=trace)
            return refus(f"Accès en urgence refusé : {erreur}", acces=False, motif=trace)
        suivi.connaitre(fiches)
        return fait(f"{len(fiches)} documents.", acces=True, motif=trace)

    def gerer_document_dmp(self, usager: str, document: str, titre: str, action: str) -> Resultat:
        """Mask, unmask, make visible, archive or delete a document of the DMP."""
        dossier, suivi = self._suivi(usager)
        try:
            ins, qui = self._parcours.preparer(dossier, suivi)
            fiche = self._fiche(suivi, document)
            auteur = self._auteur(qui)
            self._client.modifier(ins, qui, fiche, Action(action), auteur, self.poste.horloge.maintenant())
        except _ECHECS as erreur:
            if not self._regles.montre_le_refus_de_gestion and isinstance(erreur, DepotRefuse):
                return fait(f"{titre} : fait.", etat=action)
            return refus(f"Le DMP n'a pas changé : {erreur}", etat="inchangé")
        suivi.fiches.pop(document, None)
        return fait(f"{titre} : fait.", etat=action)

    def supprimer_document(self, usager: str) -> Resultat:
        """Delete the last document sent to the DMP for this usager, here and there."""
        dossier = self.poste.dossiers.trouver(usager)
        envoi, ins = self.poste.envois.dernier(dossier), dossier.identite.ins
        if envoi is None or envoi.etat is not EtatEnvoi.ENVOYE or ins is None:
            return refus("Aucun document déposé au DMP pour cet usager.", etat="")
        dossier.documents.remove(envoi.document.reference)
        if not self._regles.supprime_au_dmp:
            return fait("Document supprimé.", etat="supprimé")
        qui = self.poste.authentification()
        try:
            if self._regles.autorise_pour_supprimer:
                self.poste.dmp.declarer_autorisation(ins, qui)
            self._client.supprimer(ins, qui, envoi.document.reference, self._auteur(qui), self.poste.horloge.maintenant())
        except _ECHECS as erreur:
            return refus(f"Document supprimé ici, pas au DMP : {erreur}", etat="à supprimer au DMP")
        return fait("Document supprimé, ici et au DMP.", etat="supprimé")

    def retirer_autorisation(self, usager: str) -> Resultat:
        """Give up one's own authorisation."""
        dossier, suivi = self._suivi(usager)
        try:
            ins, qui = self._parcours.preparer(dossier, suivi)
            if self._regles.retire_sur_demande:
                self.poste.dmp.declarer_autorisation(ins, qui, "SUPPRESSION")
        except _ECHECS as erreur:
            return refus(f"L'autorisation n'est pas retirée : {erreur}")
        suivi.acces.clear()
        return fait("Autorisation retirée.")

    def lister_dmp_autorises(self, depuis: str) -> Resultat:
        """The DMPs that this user may consult."""
        try:
            nombre = self._client.autorises(self._parcours.utilisateur(), f"{depuis.replace('-', '')}000000")
        except _ECHECS as erreur:
            return refus(f"La liste n'est pas disponible : {erreur}")
        return fait(nombre=nombre)

    def rattacher_usager(self, usager: str, secteur: str) -> Resultat:
        """Attach a usager to a structure of another sector."""
        self._suivi(usager)[1].secteur = secteur
        return fait(f"Usager rattaché au secteur {secteur}.")

    def _suivi(self, usager: str) -> tuple[Dossier, Suivi]:
        return self.poste.dossiers.trouver(usager), self._suivis.de(usager)

    def _montrer(self, travail: Callable[[], list[Fiche]]) -> Resultat:
        """Run a search in the background, so that the screen stays usable, and show what it found."""
        try:
            fiches = self._fil.submit(travail).result() if self._regles.reste_utilisable else travail()
        except _ECHECS as erreur:
            if not self._regles.montre_l_echec_de_liste and not isinstance(erreur, ConsultationRefusee):
                return fait("0 document.", nombre=0, titres=[], signales="")
            return refus(f"La liste n'est pas disponible : {erreur}", disponible=self._regles.reste_utilisable)
        montrees = fiches if self._regles.montre_tout else fiches[:1]
        titres = [f.titre if self._regles.montre_le_titre else f.libelle_classe for f in montrees]
        signales = " ; ".join(texte for f in montrees if (texte := signalement(f, self._regles)))
        return fait(
            f"{len(titres)} documents.",
            nombre=len(titres),
            titres=titres,
            signales=signales,
            disponible=self._regles.reste_utilisable,
        )

    def _lister(self, dossier: Dossier, suivi: Suivi, filtres: Filtres) -> list[Fiche]:
        ins, qui = self._parcours.preparer(dossier, suivi, urgence=suivi.en_urgence)
        statuts = [STATUTS[filtres.statut or "actif"]]
        if not self._regles.actifs_seulement and not filtres.statut:
            statuts = [APPROUVE, ARCHIVE, REMPLACE]
        fiches = self._client.lister(ins, qui, statuts, filtres, self.poste.horloge.maintenant())
        suivi.connaitre(fiches)
        return fiches

    def _ouvrir(self, dossier: Dossier, suivi: Suivi, document: str) -> tuple[Fiche, bytes]:
        ins, qui = self._parcours.preparer(dossier, suivi)
        fiche = self._fiche(suivi, document)
        return fiche, self._client.ouvrir(ins, qui, fiche)

    def _fiche(self, suivi: Suivi, document: str) -> Fiche:
        if document not in suivi.fiches:
            raise ConsultationRefusee("ce document n'est pas dans la liste.")
        return suivi.fiches[document]

    def _auteur(self, qui: Authentification) -> Auteur:
        """Who submits a change."""
        personne, structure = qui.utilisateur, self.poste.configuration.structure
        role: Role = personne.specialite
        return Auteur(
            personne=f"{personne.id_nat}^{personne.nom}^{personne.prenom}^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS",
            institution=f"{structure.nom}^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^{structure.struct_id_nat}",
            specialite=f"{role.code}^{role.libelle}^{role.systeme}",
            role="",
        )

    def _apres_depot(self, dossier: Dossier) -> None:
        """A faulty DUI refreshes its list by itself after each deposit."""
        if not self._regles.cherche_apres_depot or dossier.identite.ins is None:
            return
        qui = self.poste.authentification()
        with suppress(*_ECHECS):
            self._client.lister(dossier.identite.ins, qui, [APPROUVE], Filtres(), self.poste.horloge.maintenant())
