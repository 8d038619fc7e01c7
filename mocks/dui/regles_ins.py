"""What a correct DUI does with INSi, and with the identities of its records."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReglesIns:
    """INSi: when it may be called, by which means, and what may be kept of its answers."""

    appel_bloque_si_suspecte: bool = True
    sait_lire_la_vitale: bool = True
    sait_par_carte: bool = True
    sait_par_psc: bool = True
    signe_par_carte: bool = True
    signe_par_psc: bool = False
    certificat_avec_assertion: bool = False
    prenoms_dans_l_ordre: bool = True
    essaie_chaque_prenom: bool = True
    continue_apres_01: bool = True
    s_arrete_au_premier_succes: bool = True
    s_arrete_sur_erreur_technique: bool = True
    refuse_date_lunaire: bool = True
    refuse_reponse_incomplete: bool = True
    remplace_les_traits: bool = True
    garde_l_oid: bool = True
    recuperee_sans_reponse: bool = False
    qualifie_sans_piece: bool = False
    piece_vaut_qualification: bool = False
    retrograde_si_suspecte: bool = True
    efface_l_ins_si_suspecte: bool = True
    conserve_ins_si_ko: bool = False
    comprend_ko: bool = True
    montre_le_motif: bool = True
    precise_sur_02: bool = True
    lieu_transmis: str = "celui de l'identité"
    translitteration: str = "complète"
    refuse_le_jour_inconnu: bool = True
    verifie_avec_les_traits_stricts: bool = True
    assertion_au_nom_de_l_utilisateur: bool = True
    signe_avec: str = "carte"
    lot_par_certificat_auto: bool = True
    lot_sans_les_suspectes: bool = True
    lot_par_reference: bool = True
    applique_les_ko_du_lot: bool = True
    attend_la_fin_du_lot: bool = True
    trace_les_appels: bool = True
    trace_les_echecs: bool = True
    trace_le_code: bool = True
    trace_l_utilisateur: bool = True
    trace_les_acces: bool = True
    trace_a_l_heure: bool = True


@dataclass(frozen=True, slots=True)
class ReglesDossiers:
    """The identities of the records: attributes, traits, history, what comes from a third party, search."""

    fictive_reste_seule: bool = True
    douteuse_exclut_la_diffusion: bool = True
    doute_leve_reste_provisoire: bool = True
    traits_verrouilles: frozenset[str] = frozenset({"nom_naissance", "prenoms", "sexe", "date_naissance", "lieu_naissance"})
    utilises_modifiables: bool = True
    garde_l_historique: bool = True
    reconnait_l_ancien_matricule: bool = True
    oid_rendu: bool = True
    lieu_rendu: bool = True
    alerte_si_premier_prenom_differe: bool = True
    separe_les_homonymes: bool = True
    verifie_l_identite_recue: bool = True
    requalifie_localement: bool = True
    cree_sans_matricule_si_ko: bool = True
    alerte_si_ko: bool = True
    n_integre_pas_si_ko: bool = True
    laisse_l_existante_si_ko: bool = True
    rapproche_par_matricule: bool = True
    cherche_sans_accents: bool = True
    cherche_par_matricule: bool = True
    cherche_par_debut_de_nom: bool = True
