"""ViaTrajectoire: what a correct DUI does, one named value per obligation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class ReglesSdo:
    """Access, polling, treatment of decisions and events, consent, sending of events."""

    certificat: str = "auth_cli"
    reutilise_le_jeton: bool = True
    verifie_la_duree: bool = True
    renouvellements: int = 1
    exige_un_jwt: bool = False
    annonce_les_refus: bool = True
    recul_initial: timedelta = timedelta(days=30) - timedelta(hours=1)
    recul: timedelta = timedelta(days=1)
    repart_de_maintenant: bool = False
    avance_malgre_la_panne: bool = False
    lit_tout: bool = True
    lectures: int = 1
    oublie_ce_qui_est_lu: bool = False
    releve_les_evenements: bool = True
    suit_les_pages: bool = True
    accepte_le_vide: bool = True
    annonce_les_pannes: bool = True
    signale_la_lecture: bool = True
    statuts_ignores: frozenset[str] = frozenset()
    ignore_les_doublons: bool = True
    garde_le_plus_recent: bool = True
    ferme_ce_qui_est_annule: bool = True
    remplace_les_renouvelees: bool = True
    montre_l_echeance: bool = True
    rapproche_sans_ins: bool = False
    invente_l_identifiant: bool = False
    libelles: bool = True
    champ_perdu: str = ""
    refuse_l_ordre_inattendu: bool = True
    exige_le_motif: bool = True
    consentement_avant: bool = True
    respecte_le_refus: bool = True
    envoie_le_refus: bool = False
    precharge_l_evaluation: bool = False
    montre_l_evaluation: bool = True
    essais_evaluation: int = 1
    annonce_l_evaluation_refusee: bool = True
    reprend: bool = True
    reprend_a_l_identique: bool = True
    essais: int = 1
    envois_par_evenement: int = 1
    annonce_l_envoi: bool = True
    modifie_par_put: bool = False
