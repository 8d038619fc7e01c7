"""What a strict INSi refuses besides what the platform refuses: traits that break the lexical profile or its formats."""

from __future__ import annotations

from ...validation.ins.lot import InsLot
from ...validation.ins.request import LOTS, RECHERCHE_VITALE, InsRequest
from ...validation.ins.traits import first_name_fault, is_cog, is_date_shape, name_fault


def trait_error(message: InsRequest) -> str:
    """Why the traits of a request are refused, in French; ``""`` when they are not."""
    if message.operation in LOTS:
        return ""
    if message.operation == RECHERCHE_VITALE:
        return "" if is_date_shape(message.date) else "DateNaissance n'est pas une date AAAA-MM-JJ"
    name = name_fault(message.nom)
    if name is not None:
        return f"NomNaissance {name.message}"
    if not message.prenoms:
        return "aucun Prenom n'est transmis"
    faults = [fault for fault in map(first_name_fault, message.prenoms) if fault is not None]
    if faults:
        return f"Prenom {faults[0].message}"
    if message.sexe not in ("M", "F"):
        return "Sexe n'est ni M ni F"
    if not is_date_shape(message.date):
        return "DateNaissance n'est pas une date AAAA-MM-JJ"
    if message.lieu is not None and not is_cog(message.lieu):
        return "LieuNaissance n'est pas un code officiel géographique"
    return ""


def lot_error(lot: InsLot) -> str:
    """Why a lot is refused, in French; ``""`` when it is not."""
    references = [row.reference for row in lot.rows]
    if len(set(references)) < len(references) or "" in references:
        return "deux identités du lot ont la même référence, ou l'une n'en a pas"
    for rank, row in enumerate(lot.rows, 1):
        if row.ins is None or not all((row.ins.cle, row.ins.oid, row.nom, row.prenoms, row.sexe, row.date)):
            return f"identité {rank} du lot incomplète"
    return ""
