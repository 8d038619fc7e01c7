"""What a correct DUI does with SIDOBA."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReglesSidoba:
    """Tokens, deposits, acknowledgements, corrections."""

    renouvelle_le_jeton: bool = True
    renouvellements: int = 1
    garde_le_jeton: bool = True
    essais_en_panne: int = 2
    respecte_l_attente: bool = True
    annonce_la_panne: bool = True
    comprend_le_rejet: bool = True
    montre_le_motif: bool = True
    lit_la_reponse: bool = True
    lit_l_accuse: bool = True
    lectures_max: int = 5
    un_seul_lot: bool = True
    ins_qualifiee_seulement: bool = True
    corrige: bool = True
    objets_stables: bool = True
    meme_cle_au_renvoi: bool = True
    nouvelle_cle_a_la_correction: bool = True
    rectifie: bool = True
    remplace_le_document: bool = True
    meme_document_au_renvoi: bool = True
