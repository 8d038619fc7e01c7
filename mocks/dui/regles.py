"""What a correct DUI does, one named value per obligation. A behaviour fault replaces one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class ReglesPsc:
    """Pro Santé Connect: what is verified before a session opens, and how it ends."""

    verifie_state: bool = True
    verifie_nonce: bool = True
    verifie_signature: bool = True
    verifie_emetteur: bool = True
    verifie_destinataire: bool = True
    verifie_expiration: bool = True
    verifie_userinfo_signe: bool = True
    verifie_sub: bool = True
    recharge_jwks: bool = True
    acr_acceptes: frozenset[str] = frozenset({"eidas1", "eidas2", "eidas3"})
    algorithmes: tuple[str, ...] = ("RS256", "PS256", "ES256")
    rapproche_par: str = "identifiant"
    rafraichit: bool = True
    ferme_si_rafraichissement_refuse: bool = True
    appelle_fin_de_session: bool = True
    oublie_les_jetons: bool = True
    session_max: timedelta = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class ReglesIns:
    """INSi: when it may be called, and what may be kept of its answers."""

    appel_bloque_si_suspecte: bool = True
    refuse_date_lunaire: bool = True
    refuse_reponse_incomplete: bool = True
    essaie_chaque_prenom: bool = True
    s_arrete_au_premier_succes: bool = True
    s_arrete_sur_erreur_technique: bool = True
    qualifie_sans_piece: bool = False
    garde_statut_si_suspecte: bool = False
    conserve_ins_si_ko: bool = False
    enregistre_si_plusieurs: bool = False


@dataclass(frozen=True, slots=True)
class ReglesEnvoi:
    """The DMP: what may leave, when, and what happens when it cannot."""

    envoi_automatique: bool = True
    respecte_opposition: bool = True
    respecte_opposition_tardive: bool = True
    respecte_retenue: bool = True
    oublie_la_retenue: bool = True
    respecte_annulation: bool = True
    exige_identite_qualifiee: bool = True
    delai: timedelta = timedelta(minutes=10)
    demande_autorisation: bool = False
    reprend_apres_panne: bool = True
    reprend_seul: bool = True
    meme_document_a_la_reprise: bool = True
    doublon_vaut_succes: bool = True
    envois_par_ordre: int = 1
    attente_initiale: timedelta = timedelta(milliseconds=200)
    attente_maximale: timedelta = timedelta(seconds=2)
    verifie_relates_to: bool = True


@dataclass(frozen=True, slots=True)
class Regles:
    """All of them."""

    psc: ReglesPsc = ReglesPsc()
    ins: ReglesIns = ReglesIns()
    envoi: ReglesEnvoi = ReglesEnvoi()
