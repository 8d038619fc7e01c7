"""What a correct DUI does with MSSanté, its directory and its dashboards, one named value per obligation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReglesMss:
    """Mail: how a box is opened, to whom one may write, what is done with what comes."""

    configuration_automatique: bool = True
    cherche_par_dns: bool = True
    exige_starttls: bool = True
    authentifie_apres_tls: bool = True
    verifie_la_revocation: bool = True
    mecanisme_personnel: str = "XOAUTH2"
    mecanisme_applicatif: str = "EXTERNAL"
    jeton_frais: bool = True
    essais_apres_refus: int = 1
    rafraichit_apres_refus: bool = True
    ferme_sans_session: bool = True
    rouvre_la_session: bool = True
    isole_les_erreurs: bool = True
    annonce_l_echec: bool = True
    se_deconnecte: bool = True
    suit_les_deux_operateurs: bool = True
    respecte_la_taille: bool = True
    demande_la_remise: bool = True
    demande_la_lecture: bool = True
    trace: bool = True
    trace_les_echecs: bool = True
    trace_le_contenu: bool = False
    trace_les_suppressions: bool = True
    exige_ins_qualifiee: bool = True
    respecte_opposition_usager: bool = True
    respecte_opposition_professionnel: bool = True
    usager_de_la_base: bool = True
    tait_l_ins_non_qualifiee: bool = True
    controle_le_prelevement: bool = True
    joint_la_prescription: bool = True


@dataclass(frozen=True, slots=True)
class ReglesReceptionMss:
    """Mail received: whom it is about, what is filed, what is answered."""

    reconnait_par_metadonnees: bool = True
    range_si_ins_egale: bool = True
    demande_si_ins_differe: bool = True
    verifie_l_empreinte: bool = True
    refuse_l_archive_piegee: bool = True
    cherche_les_virus: bool = True
    detecte_les_doublons: bool = True
    propose_les_versions: bool = True
    compare_les_versions: bool = True
    propose_les_suppressions: bool = True
    retire_les_supprimes: bool = True
    distingue_l_usager: bool = True
    masque_le_prefixe: bool = True
    affiche_l_usager: bool = True
    rend_les_accuses: bool = True
    rend_seulement_si_demande: bool = True
    rend_hors_boucle: bool = True
    rapproche_les_accuses: bool = True
    garde_le_message: bool = True
    range_les_documents: bool = True
    reconnait_les_accuses: bool = True


@dataclass(frozen=True, slots=True)
class ReglesAnnuaire:
    """The directory: how it is asked, what is shown of its answers."""

    cle_en_entete: bool = True
    suit_les_pages: bool = True
    utilise_les_criteres: bool = True
    parametres_connus: bool = True
    montre_toutes_les_adresses: bool = True
    ignore_les_courriels: bool = True
    ignore_la_liste_rouge: bool = True
    ignore_les_inactifs: bool = True
    attend_apres_quota: bool = True
    verifie_avant_envoi: bool = True
    annonce_la_panne: bool = True


@dataclass(frozen=True, slots=True)
class ReglesTableau:
    """The dashboard: what it counts, and under which headings."""

    compte_les_echecs: bool = True
    compte_les_reussites: bool = True
    separe_l_usager: bool = True
    separe_les_ins: bool = True
    donne_le_finess: bool = True
    donne_le_type: bool = True
    annee_precedente: bool = True
    compte_le_dmp: bool = True
    compte_mss: bool = True
    double_les_envois: bool = False
