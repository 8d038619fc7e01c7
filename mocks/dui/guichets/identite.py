"""The usager and his INS: records, INSi, identity statuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ....core.gestures import Etat, Piece, Resultat, identite
from ..comptes import Utilisateur
from ..dossier import STRICTS
from ..identites_recues import Reception, Recue
from ..insi import Appelant, AppelInterdit, ClientInsi, InsiIndisponible, Moyen
from ..insi_lot import Lot, a_verifier, appliquer
from ..poste import Poste, fait, refus
from ..psc_session import SessionPerdue
from ..recherche_dossiers import chercher
from ..traces_ins import TracesIns
from .guichet import Guichet


class GuichetIdentite(Guichet):
    """The gestures of :mod:`core.gestures.identite`."""

    gestes = identite.GESTES

    def __init__(self, poste: Poste) -> None:
        super().__init__(poste)
        regles, configuration = poste.regles, poste.configuration
        self._traces = TracesIns(poste.horloge, regles.ins, poste.alterations)
        self._insi = ClientInsi(
            configuration,
            poste.transport,
            poste.horloge,
            (regles.ins, regles.dossiers),
            poste.alterations,
            (configuration.certificat(regles.certificats.insi), configuration.certificat("insi_auto")),
            self._traces,
        )
        self._reception = Reception(poste.dossiers, regles.dossiers, regles.ins)
        self._lot: Lot | None = None

    def creer_usager(self, usager: Mapping[str, Any]) -> Resultat:
        """Open the record of a usager."""
        dossier = self.poste.dossiers.creer(usager)
        return fait(statut=dossier.identite.statut.value)

    def rechercher_ins(self, usager: str, moyen: str = "traits", authentification: str = "certificat") -> Resultat:
        """Search the INS and record what INSi gives, when it may be recorded."""
        dossier = self.poste.dossiers.trouver(usager)
        try:
            appelant = self._appelant(authentification, usager)
            issue = self._insi.rechercher(dossier, self.poste.dossiers, appelant, par_carte=moyen == "vitale")
        except (AppelInterdit, SessionPerdue, InsiIndisponible) as erreur:
            alerte = str(erreur) if self.poste.regles.ins.montre_le_motif else ""
            return refus(alerte, code="", statut=dossier.identite.statut.value, alerte=alerte)
        return fait(issue.alerte, code=issue.code, statut=dossier.identite.statut.value, alerte=issue.alerte)

    def verifier_ins(self, usager: str, authentification: str = "certificat") -> Resultat:
        """Ask INSi whether the INS of the record is right."""
        dossier = self.poste.dossiers.trouver(usager)
        try:
            reponse = self._insi.verifier(dossier, self._appelant(authentification, usager))
        except (AppelInterdit, SessionPerdue, InsiIndisponible) as erreur:
            return refus(str(erreur), reponse="", statut=dossier.identite.statut.value)
        return fait(f"INSi a répondu {reponse}.", reponse=reponse, statut=dossier.identite.statut.value)

    def controler_identite(self, usager: str, piece: str = "carte nationale d'identité") -> Resultat:
        """Record that an identity document of high confidence was controlled."""
        dossier = self.poste.dossiers.trouver(usager)
        dossier.identite = dossier.identite.avec_piece(self.poste.regles.ins)
        return fait(f"Identité contrôlée ({piece}).", statut=dossier.identite.statut.value)

    def marquer_identite(self, usager: str, attribut: str = "douteuse", pose: bool = True) -> Resultat:
        """Put an attribute on the identity, or take it away."""
        dossier, regles = self.poste.dossiers.trouver(usager), self.poste.regles
        if pose and dossier.identite.refuse_l_attribut(attribut, regles.dossiers):
            return refus("L'attribut « fictive » ne se combine avec aucun autre.", **_etat(dossier.identite))
        if pose:
            dossier.identite = dossier.identite.marquee(attribut, regles.ins, regles.dossiers)
        else:
            dossier.identite = dossier.identite.demarquee(attribut, regles.dossiers)
        return fait(**_etat(dossier.identite))

    def modifier_identite(self, usager: str, trait: str, valeur: str) -> Resultat:
        """Change a trait, unless INSi gave it."""
        dossier, regles = self.poste.dossiers.trouver(usager), self.poste.regles.dossiers
        statut = dossier.identite.statut.value
        if trait in ("nom_utilise", "prenom_utilise"):
            if not regles.utilises_modifiables:
                return refus("Ce trait ne se modifie pas.", statut=statut)
            setattr(dossier, trait, valeur)
            return fait(statut=statut)
        if trait not in STRICTS:
            return Resultat(Etat.IMPOSSIBLE, f"Trait inconnu : {trait}.")
        if dossier.identite.verrouille(trait, regles):
            return refus("Ce trait vient d'INSi : il est verrouillé tant que l'identité porte son INS.", statut=statut)
        dossier.identite = dossier.identite.modifiee(trait, valeur)
        return fait(statut=dossier.identite.statut.value)

    def lire_identite(self, usager: str) -> Resultat:
        """Show the identity."""
        dossier = self.poste.dossiers.trouver(usager)
        identite, traits, ins = dossier.identite, dossier.identite.traits, dossier.identite.ins
        self._traces.acces(self._utilisateur(Moyen.CERTIFICAT), usager)
        return fait(
            statut=identite.statut.value,
            matricule=ins.matricule if ins else "",
            oid=ins.oid if ins else "",
            nom_naissance=traits.nom_naissance,
            prenoms=list(traits.prenoms),
            sexe=traits.sexe,
            date_naissance=traits.date_naissance,
            lieu_naissance=traits.lieu_naissance,
            nom_utilise=dossier.nom_utilise,
            attributs=sorted(identite.attributs),
            historique=[passe.matricule for passe in identite.historique],
        )

    def recevoir_identite(self, identite: Mapping[str, Any]) -> Resultat:
        """Take an identity that a third party says qualified: INSi is asked first."""
        recue = Recue.lire(identite)
        reponse = "OK"
        if self.poste.regles.dossiers.verifie_l_identite_recue:
            try:
                reponse = self._insi.confirmer(recue.ins, recue.traits, self._appelant("certificat", recue.id))
            except (AppelInterdit, InsiIndisponible):
                reponse = ""
        suite = self._reception.ranger(recue, reponse)
        tenue = suite.dossier.identite if suite.dossier is not None else None
        return fait(
            suite.alerte,
            dossier=suite.dossier.id if suite.dossier is not None else "",
            statut=tenue.statut.value if tenue is not None else "",
            matricule=tenue.ins.matricule if tenue is not None and tenue.ins is not None else "",
            integree=suite.integree,
            alerte=suite.alerte,
        )

    def rechercher_dossier(self, date_naissance: str = "", nom_debut: str = "", matricule: str = "") -> Resultat:
        """Search among the records."""
        trouves = chercher(
            self.poste.dossiers,
            self.poste.regles.dossiers,
            date_naissance=date_naissance,
            debut=nom_debut,
            matricule=matricule,
        )
        return fait(dossiers=trouves)

    def verifier_ins_en_masse(self, usagers: Sequence[str]) -> Resultat:
        """Send a lot of INS to be verified, by the certificate of automatic treatments."""
        demandes = {usager: self.poste.dossiers.trouver(usager) for usager in usagers}
        choisis = a_verifier(demandes, self.poste.regles.ins)
        try:
            self._lot = self._insi.deposer(choisis, self._automate())
        except (AppelInterdit, InsiIndisponible) as erreur:
            return refus(str(erreur), nombre=0)
        return fait(nombre=len(self._lot.dossiers))

    def relever_verification(self) -> Resultat:
        """Ask for the result of the last lot, and apply it once it is done."""
        if self._lot is None:
            return refus("Aucune vérification en masse n'a été lancée.", etat="", reponses={})
        try:
            resultat = self._insi.relever(self._lot, self._automate())
        except (AppelInterdit, InsiIndisponible) as erreur:
            return refus(str(erreur), etat="", reponses={})
        if not resultat.termine and self.poste.regles.ins.attend_la_fin_du_lot:
            return fait(etat="en cours", reponses={})
        if not resultat.termine:
            return fait(etat="termine", reponses=dict.fromkeys(self._lot.dossiers, "OK"))
        return fait(etat="termine", reponses=appliquer(self._lot, resultat, self.poste.regles.ins))

    def exporter_traces_ins(self) -> Resultat:
        """Give the extract of the traces of INSi and of the INS."""
        return Resultat(Etat.FAIT, pieces=(Piece("traces-ins.csv", self._traces.csv()),))

    def _automate(self) -> Appelant:
        return Appelant(self.poste.compte_local, Moyen.CERTIFICAT, nature="vérification en masse", automatique=True)

    def _appelant(self, authentification: str, usager: str) -> Appelant:
        moyen = Moyen(authentification)
        return Appelant(self._utilisateur(moyen), moyen, usager)

    def _utilisateur(self, moyen: Moyen) -> Utilisateur:
        """Pro Santé Connect needs an open session; the other means are those of the local account, or of the session."""
        psc = self.poste.psc
        if moyen is Moyen.PSC:
            ouverte = psc.active().utilisateur
            return ouverte if self.poste.regles.ins.assertion_au_nom_de_l_utilisateur else self.poste.compte_local
        return psc.session.utilisateur if psc.session is not None else self.poste.compte_local


def _etat(tenue: Any) -> dict[str, Any]:
    return {"statut": tenue.statut.value, "attributs": sorted(tenue.attributs)}
