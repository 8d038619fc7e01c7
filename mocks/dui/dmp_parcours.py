"""What comes before a consultation, in order: identity, login, consent, existence of the DMP, authorisation of the user."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .comptes import Utilisateur
from .configuration import MODE_INDIRECT
from .dmp import Acces, ClientDmp, EtatDmp
from .dmp_appels import DepotRefuse
from .dmp_suivi import Suivi
from .dossier import Dossier, Ins
from .poste import Poste
from .regles_consultation import ReglesConsultation
from .vihf import BRIS_DE_GLACE, Authentification


class ConsultationRefusee(Exception):
    """The DUI does not consult; the text is shown to the user."""


@dataclass(slots=True)
class Parcours:
    """The conditions of a consultation, and the calls that settle them."""

    poste: Poste
    dmp: ClientDmp
    premier: Utilisateur | None = None

    @property
    def regles(self) -> ReglesConsultation:
        """What this DUI does."""
        return self.poste.regles.consultation

    def preparer(self, dossier: Dossier, suivi: Suivi, *, urgence: bool = False) -> tuple[Ins, Authentification]:
        """For whom and as whom to call; raises ``ConsultationRefusee`` with what is missing."""
        ins = self._identite(dossier, suivi)
        qui = self.utilisateur(urgence=urgence)
        if not urgence:
            self._consentement(suivi)
        acces = self._teste(ins, qui, suivi)
        if acces is not None:
            self._ouvert(acces)
            if not urgence or not self.regles.urgence_sans_autorisation:
                self._autorise(ins, qui, suivi, acces)
        return ins, qui

    def ouvrir(self, dossier: Dossier, suivi: Suivi) -> Acces | None:
        """At the opening of a record: the test of existence, when the identity lets it be made."""
        ins = dossier.identite.ins
        if ins is None or not dossier.identite.diffusable or self._exclu(suivi):
            return None
        qui = self.poste.authentification()
        if not self.regles.garde_le_test:
            suivi.acces.clear()
        acces = self._teste(ins, qui, suivi)
        if self.regles.declare_avant_consentement and acces is not None and acces.autorisation != "VALIDE":
            self.dmp.declarer_autorisation(ins, qui)
        return acces

    def utilisateur(self, *, urgence: bool = False) -> Authentification:
        """The user logged in by Pro Santé Connect; raises ``ConsultationRefusee`` without such a session."""
        qui = self.poste.authentification()
        if qui.mode == MODE_INDIRECT and self.regles.exige_authentification:
            raise ConsultationRefusee("Connectez-vous par Pro Santé Connect pour consulter le DMP.")
        if self.regles.jeton_partage:
            self.premier = self.premier or qui.utilisateur
            qui = replace(qui, utilisateur=self.premier)
        return replace(qui, acces=BRIS_DE_GLACE) if urgence and self.regles.code_l_urgence else qui

    def _identite(self, dossier: Dossier, suivi: Suivi) -> Ins:
        if self._exclu(suivi):
            raise ConsultationRefusee("La consultation du DMP n'est pas offerte à ce secteur.")
        ins = dossier.identite.ins
        if ins is None or (self.regles.exige_ins_qualifiee and not dossier.identite.diffusable):
            raise ConsultationRefusee("L'identité de l'usager n'est pas qualifiée : son DMP ne peut pas être consulté.")
        return ins

    def _exclu(self, suivi: Suivi) -> bool:
        return suivi.secteur == "AHI" and self.regles.respecte_le_secteur

    def _consentement(self, suivi: Suivi) -> None:
        regles = self.regles
        if suivi.consentement is None and regles.exige_consentement:
            raise ConsultationRefusee("Recueillez d'abord le consentement de l'usager à la consultation de son DMP.")
        respecte = regles.respecte_le_retrait if suivi.consenti else regles.respecte_le_refus
        if suivi.consentement is False and respecte:
            raise ConsultationRefusee("L'usager s'oppose à la consultation de son DMP.")
        if suivi.equipe or suivi.consentement is None:
            return
        if not regles.hors_equipe_possible:
            raise ConsultationRefusee("Seule l'équipe de soins de l'usager peut consulter son DMP.")
        if not suivi.utilisable and regles.consentement_par_consultation:
            raise ConsultationRefusee("Recueillez le consentement de l'usager pour cette consultation.")
        suivi.utilisable = False

    def _teste(self, ins: Ins, qui: Authentification, suivi: Suivi) -> Acces | None:
        if not self.regles.teste_existence:
            return None
        cle = qui.utilisateur.id_nat if self.regles.teste_par_utilisateur else ""
        if cle not in suivi.acces:
            suivi.acces[cle] = self.dmp.acces(ins, qui)
        return suivi.acces[cle]

    def _ouvert(self, acces: Acces) -> None:
        if acces.dmp is EtatDmp.ABSENT and self.regles.respecte_absence:
            raise ConsultationRefusee("L'usager n'a pas de DMP.")
        if acces.dmp is EtatDmp.FERME and self.regles.respecte_fermeture:
            raise ConsultationRefusee("Le DMP de l'usager est fermé.")

    def _autorise(self, ins: Ins, qui: Authentification, suivi: Suivi, acces: Acces) -> None:
        regles = self.regles
        if acces.autorisation == "INTERDIT":
            if regles.respecte_interdit:
                raise ConsultationRefusee("L'usager vous a interdit l'accès à son DMP.")
            return
        manque = acces.autorisation != "VALIDE" or regles.declare_si_deja_valide
        expire = acces.autorisation == "EXPIRE" and not regles.renouvelle_autorisation
        if not manque or not regles.declare_autorisation or expire:
            return
        try:
            self.dmp.declarer_autorisation(ins, qui)
        except DepotRefuse as erreur:
            if regles.respecte_refus_autorisation:
                raise ConsultationRefusee(f"Le DMP refuse l'autorisation : {erreur}") from erreur
        suivi.acces[qui.utilisateur.id_nat] = Acces(acces.dmp, "VALIDE")
