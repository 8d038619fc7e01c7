"""What the strict mode refuses of a deposit of the RAMA: what the frame refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...validation.sidoba.cadre import FichierCadre
from ...validation.sidoba.rama import RamaDonnees


def depot_problem(enveloppe: Mapping[str, Any], donnees: RamaDonnees, cadre: FichierCadre) -> tuple[str, str] | None:
    """Code and diagnostics of the first problem; None when there is none."""
    if donnees.unreadable:
        return "invalid", donnees.unreadable
    seen: set[str] = set()
    for donnee in donnees.donnees:
        cle = cadre.cles.get(donnee.cle)
        if cle is None:
            return "invalid", f"clé inconnue : {donnee.cle}"
        if donnee.cle in seen:
            return "duplicate", f"clé répétée : {donnee.cle}"
        seen.add(donnee.cle)
        wrong = cle.problem(donnee.valeur)
        if wrong:
            return "value", f"{donnee.cle} : {wrong}"
    lost = [nom for nom in cadre.obligatoires if nom not in seen]
    if lost:
        return "required", f"clé obligatoire absente : {lost[0]}"
    if not isinstance(enveloppe.get("exercice"), int):
        return "invalid", "exercice : une année est attendue"
    return None
