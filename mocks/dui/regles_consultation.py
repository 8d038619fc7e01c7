"""What a correct DUI does when it consults the DMP."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReglesConsultation:
    """Consent, order of the calls, what is shown of documents, what is kept of them."""

    exige_consentement: bool = True
    respecte_le_refus: bool = True
    respecte_le_retrait: bool = True
    accepte_un_nouveau_choix: bool = True
    consentement_par_consultation: bool = True
    hors_equipe_possible: bool = True
    exige_ins_qualifiee: bool = True
    exige_authentification: bool = True
    teste_existence: bool = True
    teste_par_utilisateur: bool = True
    garde_le_test: bool = False
    respecte_absence: bool = True
    respecte_fermeture: bool = True
    declare_autorisation: bool = True
    renouvelle_autorisation: bool = True
    declare_si_deja_valide: bool = False
    declare_avant_consentement: bool = False
    respecte_interdit: bool = True
    respecte_refus_autorisation: bool = True
    retire_sur_demande: bool = True
    respecte_le_secteur: bool = True
    jeton_partage: bool = False
    jeton_reutilise: bool = False
    cherche_apres_depot: bool = False
    par_le_site_web: bool = False
    montre_l_absence: bool = True
    montre_la_fermeture: bool = True
    montre_le_droit: bool = True
    montre_l_interdiction: bool = True
    reste_utilisable: bool = True
    limite_a_deux_ans: bool = True
    actifs_seulement: bool = True
    filtre_le_type: bool = True
    filtre_les_dates: bool = True
    filtre_l_auteur: bool = True
    filtre_le_statut: bool = True
    montre_tout: bool = True
    ecarte_les_doubles: bool = True
    montre_le_titre: bool = True
    montre_l_echec_de_liste: bool = True
    lit_par_lots: bool = True
    signale_le_statut: bool = True
    signale_invisible_usager: bool = True
    signale_invisible_representants: bool = True
    signale_masque: bool = True
    avertit_invisible_usager: bool = True
    avertit_invisible_representants: bool = True
    montre_le_refus: bool = True
    montre_l_echec: bool = True
    verifie_l_empreinte: bool = True
    lit_le_base64: bool = True
    evite_les_copies: bool = True
    dit_le_doublon: bool = True
    garde_la_provenance: bool = True
    range_par_type: bool = True
    signale_les_versions: bool = True
    signale_les_suppressions: bool = True
    compte_les_nouveaux: bool = True
    compte_ses_propres_documents: bool = False
    cherche_depuis_la_derniere_fois: bool = True
    code_l_urgence: bool = True
    urgence_sans_autorisation: bool = True
    revient_en_acces_normal: bool = True
    respecte_opposition_urgence: bool = True
    exige_un_motif: bool = True
    montre_le_refus_d_urgence: bool = True
    trace_le_motif: bool = True
    montre_le_refus_de_gestion: bool = True
    montre_le_statut: bool = True
    supprime_au_dmp: bool = True
    autorise_pour_supprimer: bool = False
