"""The usager and his INS: records, INSi, identity statuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....core.gestures import Resultat, identite
from ..comptes import Utilisateur
from ..insi import AppelInterdit, ClientInsi, InsiIndisponible, Moyen
from ..poste import Poste, fait, refus
from ..psc_session import SessionPerdue
from .guichet import Guichet


class GuichetIdentite(Guichet):
    """The gestures of :mod:`core.gestures.identite`."""

    gestes = identite.GESTES

    def __init__(self, poste: Poste) -> None:
        super().__init__(poste)
        certificat = poste.configuration.certificat(poste.regles.certificats.insi)
        self._insi = ClientInsi(
            poste.configuration, poste.transport, poste.horloge, poste.regles.ins, poste.alterations, certificat
        )

    def creer_usager(self, usager: Mapping[str, Any]) -> Resultat:
        """Open the record of a usager."""
        dossier = self.poste.dossiers.creer(usager)
        return fait(statut=dossier.identite.statut.value)

    def rechercher_ins(self, usager: str, moyen: str = "traits", authentification: str = "certificat") -> Resultat:
        """Search the INS and record what INSi gives, when it may be recorded."""
        dossier = self.poste.dossiers.trouver(usager)
        try:
            utilisateur = self._utilisateur_insi(Moyen(authentification))
            issue = self._insi.rechercher(
                dossier, par_carte=moyen == "vitale", moyen=Moyen(authentification), utilisateur=utilisateur
            )
        except (AppelInterdit, SessionPerdue, InsiIndisponible) as erreur:
            alerte = str(erreur) if self.poste.regles.ins.montre_le_motif else ""
            return refus(alerte, code="", statut=dossier.identite.statut.value, alerte=alerte)
        return fait(issue.alerte, code=issue.code, statut=dossier.identite.statut.value, alerte=issue.alerte)

    def verifier_ins(self, usager: str, authentification: str = "certificat") -> Resultat:
        """Ask INSi whether the INS of the record is right."""
        dossier = self.poste.dossiers.trouver(usager)
        try:
            utilisateur = self._utilisateur_insi(Moyen(authentification))
            reponse = self._insi.verifier(dossier, moyen=Moyen(authentification), utilisateur=utilisateur)
        except (AppelInterdit, SessionPerdue, InsiIndisponible) as erreur:
            return refus(str(erreur), reponse="", statut=dossier.identite.statut.value)
        return fait(f"INSi a répondu {reponse}.", reponse=reponse, statut=dossier.identite.statut.value)

    def controler_identite(self, usager: str, piece: str = "carte nationale d'identité") -> Resultat:
        """Record that an identity document of high confidence was controlled."""
        dossier = self.poste.dossiers.trouver(usager)
        dossier.identite = dossier.identite.avec_piece(self.poste.regles.ins)
        return fait(f"Identité contrôlée ({piece}).", statut=dossier.identite.statut.value)

    def marquer_identite(self, usager: str, attribut: str = "douteuse") -> Resultat:
        """Mark the identity as doubtful or fictive."""
        dossier = self.poste.dossiers.trouver(usager)
        dossier.identite = dossier.identite.marquee(attribut, self.poste.regles.ins)
        return fait(statut=dossier.identite.statut.value)

    def lire_identite(self, usager: str) -> Resultat:
        """Show the identity."""
        identite = self.poste.dossiers.trouver(usager).identite
        traits, ins = identite.traits, identite.ins
        return fait(
            statut=identite.statut.value,
            matricule=ins.matricule if ins else "",
            oid=ins.oid if ins else "",
            nom_naissance=traits.nom_naissance,
            prenoms=list(traits.prenoms),
            sexe=traits.sexe,
            date_naissance=traits.date_naissance,
            lieu_naissance=traits.lieu_naissance,
        )

    def _utilisateur_insi(self, moyen: Moyen) -> Utilisateur:
        """Pro Santé Connect needs an open session; the other means are those of the local account, or of the session."""
        if moyen is Moyen.PSC:
            return self.poste.psc.active().utilisateur
        return self.poste.psc.session.utilisateur if self.poste.psc.session is not None else self.poste.compte_local
