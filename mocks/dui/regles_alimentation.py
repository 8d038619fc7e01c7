"""What a correct DUI does of a document once it was validated: visibility, versions, deposits by hand, failures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class ReglesAlimentation:
    """``vise`` is what a replacement aims at: the entry (``fiche``), the document (``document``), an entry that does not exist
    (``inconnue``), the first document of the record (``premiere``), the entry as it was just after the deposit (``retenue``).
    ``pas`` is what is added to a version number."""

    reporte_la_visibilite: bool = True
    masque_au_lieu_de_cacher: bool = False
    repete_la_visibilite: bool = False
    remplace: bool = True
    cite_l_ancien: bool = True
    garde_le_set_id: bool = True
    pas: int = 1
    renouvelle_l_id: bool = True
    reporte_le_changement: bool = True
    retire_l_envoi_depasse: bool = True
    annonce_la_version: bool = True
    vise: str = "fiche"
    envoi_manuel: bool = True
    par_carte: bool = False
    date_de_l_acte: bool = True
    renvoie_le_depose: bool = False
    montre_l_echec: bool = True
    compte_les_echecs: bool = True
    correction: timedelta = timedelta(minutes=5)
