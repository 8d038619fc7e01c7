"""The vaccine that the user picks in the DUI's drug base, as a note de vaccination records it."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from ...fixtures.medicaments import vaccin_de, vaccins
from .documents.entete import Code, Entete
from .documents.note_vaccination import ATC, CIS, Vaccination, note_de_vaccination
from .regles import ReglesVaccin


class VaccinInconnu(LookupError):
    """The drug base has no vaccine with this code."""


def note_du_vaccin(entete: Entete, cip: str, lot: str, regles: ReglesVaccin) -> etree._Element:
    """The note for the vaccine of this CIP and this batch; raises ``VaccinInconnu``."""
    try:
        vaccin = vaccin_de(cip)
    except KeyError:
        raise VaccinInconnu(f"Aucun vaccin de code CIP {cip} dans la base de médicaments.") from None
    cis = vaccin.cis if regles.lit_le_cis else next(v.cis for v in vaccins() if v is not vaccin)
    nom = vaccin.denomination if regles.lit_le_nom else vaccin.atc_libelle
    classe = Code(vaccin.atc, ATC, vaccin.atc_libelle) if regles.lit_la_classe else Code("J07", ATC, "Vaccins")
    faite = Vaccination(le=entete.acte_le, produit=Code(cis, CIS, nom), classe=classe)
    garde = lot if regles.garde_le_lot else "NON SAISI"
    return note_de_vaccination(entete, replace(faite, lot=garde) if lot else faite)
