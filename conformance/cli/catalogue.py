"""``catalogue``: the exigences with what covers them."""

from __future__ import annotations

from typing import Any

from ..catalogue import load, reasons
from ..core.errors import InputError
from .couverture import coverage


def rows(secteur: str = "", systeme: str = "") -> list[dict[str, Any]]:
    """One JSON object per exigence, in catalogue order; raises ``InputError`` for an unknown system."""
    catalogue = load()
    systems = {s.casefold(): s for e in catalogue.values() for s in e.systeme}
    if systeme and systeme.casefold() not in systems:
        raise InputError(f"--systeme {systeme} : inconnu. Connus : {', '.join(sorted(set(systems.values())))}.")
    covered = coverage()
    found = []
    for exigence in catalogue.values():
        if secteur and secteur not in exigence.secteurs:
            continue
        if systeme and systeme.casefold() not in {s.casefold() for s in exigence.systeme}:
            continue
        by = covered.get(exigence.id)
        found.append(
            {
                "id": exigence.id,
                "enonce": exigence.enonce,
                "secteurs": list(exigence.secteurs),
                "systeme": list(exigence.systeme),
                "preuve": list(exigence.preuve),
                "auto": exigence.auto,
                "officiel": [{"ref": o.ref, "base": o.base, "confiance": o.confiance} for o in exigence.officiel],
                "scenarios": list(by.scenarios) if by else [],
                "attestation": bool(by and by.attestations),
                "raison": "" if by and by.scenarios else reasons().get(exigence.id, ""),
            }
        )
    return found


def table(found: list[dict[str, Any]]) -> str:
    """The same for a terminal."""
    lines = []
    for row in found:
        lines.append(f"{row['id']:<13} {row['auto']}  {row['enonce']}")
        covered = ", ".join(row["scenarios"]) or f"non couverte : {row['raison']}"
        lines.append(f"{'':<16} {covered}")
    lines.append(f"{len(found)} exigences, {sum(bool(r['scenarios']) for r in found)} couvertes par un scénario.")
    return "\n".join(lines)
