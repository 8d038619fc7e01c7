"""At the opening of a record: the new documents of the DMP, and what became of those that the record keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from .dmp_appels import DepotRefuse, DmpIndisponible
from .dmp_consultation import ClientConsultation
from .dmp_recherche import APPROUVE, REMPLACE, RPLC, SUPPRIME, Fiche, Filtres
from .dmp_suivi import Suivi, nouveautes
from .dossier import Ins
from .regles_consultation import ReglesConsultation
from .vihf import Authentification


@dataclass(frozen=True, slots=True)
class Veille:
    """``ici`` is the identifier of this structure, whose documents are not news."""

    client: ClientConsultation
    regles: ReglesConsultation
    ici: str

    def veiller(self, ins: Ins, qui: Authentification, suivi: Suivi, le: datetime) -> Mapping[str, object]:
        """What the screen then shows; the first time, the active documents of the last two years are the new ones."""
        try:
            fiches = self._nouvelles(ins, qui, suivi, le)
            signales = self._surveiller(ins, qui, suivi)
        except (DepotRefuse, DmpIndisponible) as erreur:
            return {"signalements": f"DMP injoignable : {erreur}"}
        suivi.derniere_recherche = le
        nouvelles = [f for f in fiches if f.statut == APPROUVE and f.unique_id not in suivi.fiches]
        suivi.connaitre(fiches)
        compte = nouveautes(nouvelles, self.ici, compte_les_siens=self.regles.compte_ses_propres_documents)
        if not self.regles.compte_les_nouveaux:
            compte = {}
        return {"nouveaux": sum(compte.values()), "types_nouveaux": len(compte), "signalements": " ; ".join(signales)}

    def _nouvelles(self, ins: Ins, qui: Authentification, suivi: Suivi, le: datetime) -> list[Fiche]:
        if suivi.derniere_recherche is None or not self.regles.cherche_depuis_la_derniere_fois:
            return self.client.lister(ins, qui, [APPROUVE], Filtres(), le)
        return self.client.depuis(ins, qui, suivi.derniere_recherche)

    def _surveiller(self, ins: Ins, qui: Authentification, suivi: Suivi) -> list[str]:
        if not suivi.integres:
            return []
        trouve = self.client.relire(ins, qui, list(suivi.integres))
        connus = {fiche.unique_id: fiche for fiche in trouve.fiches}
        remplaces = {cible for sorte, _, cible in trouve.liens if sorte == RPLC}
        signales = []
        for uid, garde in suivi.integres.items():
            fiche = connus.get(uid)
            if fiche is None or fiche.statut == SUPPRIME:
                garde.statut, annonce = "supprimé au DMP", self.regles.signale_les_suppressions
            elif fiche.statut == REMPLACE or fiche.uuid in remplaces:
                garde.statut, annonce = "nouvelle version disponible", self.regles.signale_les_versions
            else:
                continue
            if annonce:
                signales.append(f"{garde.statut} : {garde.fiche.titre}")
        return signales
