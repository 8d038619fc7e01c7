"""SIDOBA: minimum set, data of the nursing service at home, RAMA; acknowledgements, corrections."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import requests

from ....core.gestures import Etat, Piece, Resultat, sidoba
from ....fixtures.structures import structures
from .. import setmin, ssiad
from ..alterations import Couture
from ..configuration import StructureLocale
from ..dossier import Dossier
from ..poste import Poste, fait, refus
from ..rama import Rama, ecrire, enveloppe, lire_le_cadre, nouvelle_cle
from ..sidoba import FHIR, JSON, ClientSidoba, Contenu, Reponse, SidobaIndisponible, SidobaRefuse
from .guichet import Guichet

ACCEPTE, EN_CONTROLE, REJETE, REFUSE, INDISPONIBLE = "accepte", "en-controle", "rejete", "refuse", "indisponible"
SETMIN, SSIAD, RAMA = "/fhir/v1", "/tddui/v1", "/rama/v1/depots"
SANS_SIDOBA = Resultat(Etat.IMPOSSIBLE, "SIDOBA n'est pas configuré.")
_STATUTS = {"ACCEPTE": ACCEPTE, "REJETE": REJETE}


class GuichetSidoba(Guichet):
    """The gestures of :mod:`core.gestures.sidoba`. What was sent is remembered: it is corrected, never sent as new."""

    gestes = sidoba.GESTES

    def __init__(self, poste: Poste) -> None:
        super().__init__(poste)
        self._regles = poste.regles.sidoba
        self._sidoba = poste.configuration.sidoba
        self._client = self._nouveau_client()
        self._entrees: dict[str, date] = {}
        self._exports: dict[str, ssiad.Export] = {}
        self._ramas: dict[int, Rama] = {}
        self._cles: dict[int, str] = {}
        self._depots: dict[int, str] = {}
        self._envois = 0

    def envoyer_setmin(self, usager: str, domicile: bool = False) -> Resultat:
        """Send the minimum set of a usager, in one transaction."""
        situation = self._situation(self.poste.dossiers.trouver(usager), domicile=domicile)
        lot = self.poste.alterations.passer(Couture.SETMIN, setmin.lot(situation))
        resultat = fait()
        for partie in [lot] if self._regles.un_seul_lot else setmin.en_lots(lot):
            resultat = self._deposer_lot(SETMIN, situation.structure, partie)
        return resultat

    def envoyer_ssiad(self, usager: str) -> Resultat:
        """Send the export of the nursing service about a usager; it replaces the one sent before."""
        dossier, structure = self.poste.dossiers.trouver(usager), service_a_domicile()
        precedent = self._exports.get(usager) if self._regles.remplace_le_document else None
        export = self._exporter(dossier, precedent)
        encore = None if self._regles.meme_document_au_renvoi else self._exporter(dossier, precedent)
        lots = [self._lot_ssiad(each, dossier, structure) for each in (export, encore) if each is not None]
        resultat = self._deposer_lot(SSIAD, structure, *lots)
        if resultat.observation("etat") in (ACCEPTE, REJETE):
            self._exports[usager] = export
        return resultat

    def exporter_rama(self, exercice: int) -> Resultat:
        """Give the file to deposit on the portal."""
        if self._sidoba is None:
            return SANS_SIDOBA
        lignes = self.poste.alterations.passer(Couture.RAMA_FICHIER, self._rama(exercice).fichier())
        return Resultat(Etat.FAIT, pieces=(Piece("rama.csv", ecrire(lignes)),))

    def envoyer_rama(self, exercice: int, rectificatif: bool = False) -> Resultat:
        """Send the same data by the API."""
        self._cles[exercice] = nouvelle_cle()
        return self._envoyer_rama(exercice, rectificatif=rectificatif)

    def suivre_depot(self, exercice: int) -> Resultat:
        """Read the acknowledgement until it says something final, a bounded number of times."""
        numero = self._depots.get(exercice)
        if numero is None or self._client is None:
            return refus("Aucun dépôt pour cet exercice.", etat="", motif="")
        if not self._regles.lit_l_accuse:
            return self._issue(ACCEPTE)
        for _ in range(self._regles.lectures_max):
            try:
                reponse = self._client.lire(f"{RAMA}/{numero}", self.poste.configuration.structure.finess_eg)
            except (SidobaIndisponible, requests.RequestException) as erreur:
                return self._issue(INDISPONIBLE, str(erreur))
            except SidobaRefuse as erreur:
                return self._issue(REFUSE, str(erreur))
            if not reponse.recue:
                return self._issue(INDISPONIBLE, f"L'accusé est introuvable ({reponse.motifs}).")
            statut = _STATUTS.get(str(reponse.corps.get("statut")))
            if statut is not None:
                return self._issue(statut, _anomalies(reponse.corps))
        return self._issue(EN_CONTROLE, "SIDOBA contrôle encore le dépôt.")

    def corriger_envoi(self, canal: str, sujet: str, champ: str, valeur: str) -> Resultat:
        """Correct what a rejection named, and send again."""
        if canal == "rama":
            exercice = int(sujet)
            if self._regles.corrige:
                self._rama(exercice).saisies[champ] = valeur
            if self._regles.nouvelle_cle_a_la_correction:
                self._cles[exercice] = nouvelle_cle()
            return self._envoyer_rama(exercice, rectificatif=self._regles.rectifie)
        if self._regles.corrige:
            self._entrees[sujet] = date.fromisoformat(valeur)
        return self.envoyer_ssiad(sujet) if canal == "ssiad" else self.envoyer_setmin(sujet)

    def _envoyer_rama(self, exercice: int, *, rectificatif: bool) -> Resultat:
        if self._sidoba is None:
            return SANS_SIDOBA
        rama, poste = self._rama(exercice), self.poste.configuration
        corps = enveloppe(rama, poste.structure, poste.logiciel, rama.donnees(), rectificatif=rectificatif)
        corps = self.poste.alterations.passer(Couture.RAMA, corps)
        contenu = Contenu(
            RAMA, JSON, poste.structure.finess_eg, (_octets(corps),), self._cles.setdefault(exercice, nouvelle_cle())
        )

        def juger(reponse: Reponse) -> Resultat:
            self._depots[exercice] = str(reponse.corps.get("idDepot", ""))
            return self._issue(EN_CONTROLE, "Dépôt reçu : SIDOBA le contrôle.")

        return self._deposer(contenu, juger)

    def _deposer_lot(self, chemin: str, structure: StructureLocale, *lots: setmin.Json) -> Resultat:
        """A transaction; the later bundles are what a faulty DUI sends at its next tries."""
        contenu = Contenu(chemin, FHIR, structure.finess_eg, tuple(_octets(lot) for lot in lots))

        def juger(reponse: Reponse) -> Resultat:
            rendues, envoyees = len(reponse.corps.get("entry", ())), len(lots[0]["entry"])
            if rendues != envoyees and self._regles.lit_la_reponse:
                return self._issue(INDISPONIBLE, f"SIDOBA n'a rendu compte que de {rendues} objets sur {envoyees} : à renvoyer.")
            return self._issue(ACCEPTE)

        return self._deposer(contenu, juger)

    def _deposer(self, contenu: Contenu, juger: Callable[[Reponse], Resultat]) -> Resultat:
        """What comes of a deposit: taken, rejected, refused, or nobody knows."""
        if self._client is None:
            return SANS_SIDOBA
        try:
            reponse = self._client.deposer(contenu)
        except (SidobaIndisponible, requests.RequestException) as erreur:
            return self._issue(INDISPONIBLE, str(erreur))
        except SidobaRefuse as erreur:
            return self._issue(REFUSE, str(erreur))
        return juger(reponse) if reponse.recue else self._issue(REJETE, f"SIDOBA a rejeté l'envoi. {reponse.motifs}")

    def _issue(self, etat: str, motif: str = "") -> Resultat:
        """What the user sees."""
        tue = (etat in (INDISPONIBLE, REFUSE) and not self._regles.annonce_la_panne) or (
            etat == REJETE and not self._regles.comprend_le_rejet
        )
        if etat in (ACCEPTE, EN_CONTROLE) or tue:
            return fait("" if tue else motif, etat=ACCEPTE if tue else etat, motif="" if tue else motif)
        montre = motif if self._regles.montre_le_motif or etat != REJETE else "Une erreur est survenue."
        return refus(montre, etat=etat, motif=montre)

    def _situation(self, dossier: Dossier, *, domicile: bool) -> setmin.Situation:
        identite = dossier.identite
        diffusable = identite.diffusable or not self._regles.ins_qualifiee_seulement
        self._envois += 1
        return setmin.Situation(
            dossier,
            service_a_domicile() if domicile else self.poste.configuration.structure,
            self.poste.authentification().utilisateur,
            self._entree_le(dossier),
            self.poste.horloge.maintenant(),
            domicile,
            identite.ins if diffusable else None,
            1 if self._regles.objets_stables else self._envois,
        )

    def _exporter(self, dossier: Dossier, precedent: ssiad.Export | None) -> ssiad.Export:
        maintenant = self.poste.horloge.maintenant().replace(microsecond=0)
        auteur = self.poste.authentification().utilisateur
        return ssiad.exporter(
            dossier,
            self.poste.configuration.structure,
            auteur,
            self._entree_le(dossier),
            maintenant,
            self.poste.alterations,
            precedent=precedent,
        )

    def _lot_ssiad(self, export: ssiad.Export, dossier: Dossier, structure: StructureLocale) -> setmin.Json:
        return self.poste.alterations.passer(Couture.SSIAD, ssiad.lot(export, dossier, structure))

    def _entree_le(self, dossier: Dossier) -> date:
        """When the stay began: ninety days ago, unless the user said otherwise."""
        return self._entrees.setdefault(dossier.id, (self.poste.horloge.maintenant() - timedelta(days=90)).date())

    def _rama(self, exercice: int) -> Rama:
        assert self._sidoba is not None
        if exercice not in self._ramas:
            self._ramas[exercice] = Rama(exercice, lire_le_cadre(self._sidoba.fichier_cadre))
        return self._ramas[exercice]

    def _nouveau_client(self) -> ClientSidoba | None:
        poste = self.poste
        if self._sidoba is None:
            return None
        certificat = poste.configuration.certificat(poste.regles.certificats.sidoba)
        return ClientSidoba(self._sidoba, poste.transport, poste.horloge, self._regles, poste.alterations, certificat)


def service_a_domicile() -> StructureLocale:
    """The nursing service at home of the same organisation."""
    service = structures()["ssiad"]
    return StructureLocale(service.finess_ej, service.finess_eg, service.nom, service.secteur_activite)


def _anomalies(corps: Mapping[str, Any]) -> str:
    return " ; ".join(f"{anomalie.get('expression')} : {anomalie.get('motif')}" for anomalie in corps.get("anomalies", ()))


def _octets(valeur: Any) -> bytes:
    return json.dumps(valeur, ensure_ascii=False).encode()
