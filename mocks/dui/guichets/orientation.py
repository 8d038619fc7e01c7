"""Orientations by ViaTrajectoire: notifications, statuses, consent, evaluation."""

from __future__ import annotations

from ....core.gestures import Etat, Resultat, orientation
from ..poste import Poste, fait, refus
from ..sdo_carnet import Carnet, Orientation, OrientationAbsente
from ..sdo_client import ClientSdo, ConfigurationSdo, SdoIndisponible, SdoRefus
from ..sdo_documents import DocumentIllisible
from ..sdo_messages import Changement
from ..sdo_suivi import REFUSE, SaisieRefusee, Suivi
from .guichet import Guichet

_ECHECS = (SdoIndisponible, SdoRefus, DocumentIllisible)


class GuichetOrientation(Guichet):
    """The gestures of :mod:`core.gestures.orientation`."""

    gestes = orientation.GESTES

    def __init__(self, poste: Poste) -> None:
        super().__init__(poste)
        self._regles = poste.regles.sdo
        entree = poste.services.get("viatrajectoire")
        self._suivi = self._ouvrir(ConfigurationSdo.lire(entree)) if entree else None

    def relever_orientations(self, mode: str = "permanent") -> Resultat:
        """Poll ViaTrajectoire."""
        suivi = self._suivi
        if suivi is None:
            return Resultat(Etat.IMPOSSIBLE, "Aucun ViaTrajectoire n'est configuré.")
        try:
            nouvelles, evenements = suivi.relever(initiale=mode == "initial")
        except SdoRefus as erreur:
            return self._echec(erreur, tu=not self._regles.annonce_les_refus)
        except (SdoIndisponible, DocumentIllisible) as erreur:
            return self._echec(erreur, tu=not self._regles.annonce_les_pannes)
        return fait(f"{nouvelles} décision(s), {evenements} événement(s).", nouvelles=nouvelles, evenements=evenements, alerte="")

    def lire_orientation(self, usager: str) -> Resultat:
        """Open a notification."""
        suivi, trouvee = self._trouver(usager)
        try:
            envoi = suivi.signaler_lecture(trouvee)
        except SaisieRefusee as erreur:
            return fait(str(erreur), statut=trouvee.statut, envoi="")
        return self._apres_envoi(trouvee, envoi)

    def consulter_orientation(self, usager: str) -> Resultat:
        """Show an orientation."""
        suivi, trouvee = self._trouver(usager)
        return fait(**suivi.montrer(trouvee, usager))

    def changer_statut_orientation(
        self, usager: str, statut: str, motif: str = "", unite: str = "", statut_unite: str = "", motif_unite: str = ""
    ) -> Resultat:
        """Change a status."""
        suivi, trouvee = self._trouver(usager)
        try:
            envoi = suivi.changer(trouvee, Changement(statut, motif, unite, statut_unite, motif_unite))
        except SaisieRefusee as erreur:
            return refus(str(erreur), statut=trouvee.statut, envoi="")
        return self._apres_envoi(trouvee, envoi)

    def recueillir_consentement_evaluation(self, usager: str, accord: bool = True) -> Resultat:
        """Record the answer of the user."""
        suivi, trouvee = self._trouver(usager)
        envoi = suivi.consentir(trouvee, accord=accord)
        return self._apres_envoi(trouvee, envoi)

    def consulter_evaluation(self, usager: str) -> Resultat:
        """Show the evaluation."""
        suivi, trouvee = self._trouver(usager)
        try:
            texte = suivi.evaluer(trouvee)
        except SaisieRefusee as erreur:
            return refus(str(erreur), evaluation=False, alerte=str(erreur))
        except _ECHECS as erreur:
            if not self._regles.annonce_l_evaluation_refusee:
                return fait("Évaluation vide.", evaluation=False, alerte="")
            return refus(str(erreur), evaluation=False, alerte=str(erreur))
        montree = bool(texte) and self._regles.montre_l_evaluation
        return fait(texte if montree else "Aucune évaluation.", evaluation=montree, alerte="")

    def renvoyer_evenements(self) -> Resultat:
        """Send again what waits."""
        if self._suivi is None:
            return Resultat(Etat.IMPOSSIBLE, "Aucun ViaTrajectoire n'est configuré.")
        try:
            return fait(en_attente=self._suivi.renvoyer())
        except _ECHECS as erreur:
            return self._echec(erreur, tu=False)

    def _ouvrir(self, configuration: ConfigurationSdo) -> Suivi:
        poste, regles = self.poste, self._regles
        certificat = poste.configuration.certificat(regles.certificat)
        client = ClientSdo(configuration, poste.transport, poste.horloge, regles, poste.alterations, certificat)
        return Suivi(client, Carnet(poste.dossiers, regles, configuration.structure), poste.horloge, regles, poste.alterations)

    def _trouver(self, usager: str) -> tuple[Suivi, Orientation]:
        dossier = self.poste.dossiers.trouver(usager)
        trouvee = self._suivi.derniere(dossier.id) if self._suivi is not None else None
        if self._suivi is None or trouvee is None:
            raise OrientationAbsente(f"Aucune orientation n'a été reçue pour l'usager {usager}.")
        return self._suivi, trouvee

    def _apres_envoi(self, trouvee: Orientation, envoi: str) -> Resultat:
        if envoi == REFUSE and self._regles.annonce_l_envoi:
            return refus("ViaTrajectoire refuse cet envoi.", statut=trouvee.statut, envoi=envoi)
        annonce = envoi if self._regles.annonce_l_envoi else "accepte"
        return fait(statut=trouvee.statut, envoi=annonce)

    def _echec(self, erreur: Exception, *, tu: bool) -> Resultat:
        if tu:
            return fait("0 décision(s), 0 événement(s).", nouvelles=0, evenements=0, alerte="")
        return refus(str(erreur), nouvelles=0, evenements=0, alerte=str(erreur))
