"""``catalogue``: the exigences with what covers them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from ..catalogue import load, reasons
from ..core.errors import InputError
from ..core.formulaire import Formulaire
from .couverture import PATHS, coverage, verdict_path

if TYPE_CHECKING:
    from ..reports.rem.croisement import Croisement


def rows(secteur: str = "", systeme: str = "", rem: Croisement | None = None) -> list[dict[str, Any]]:
    """One JSON object per exigence, in catalogue order; raises ``InputError`` for an unknown system. ``rem``: with its
    references."""
    from ..reports.rem.officiel import official_references

    catalogue = load()
    systems = {s.casefold(): s for e in catalogue.values() for s in e.systeme}
    if systeme and systeme.casefold() not in systems:
        raise InputError(f"--systeme {systeme} : inconnu. Connus : {', '.join(sorted(set(systems.values())))}.")
    covered, official = coverage(), official_references(catalogue, rem)
    found = []
    for exigence in catalogue.values():
        if secteur and secteur not in exigence.secteurs:
            continue
        if systeme and systeme.casefold() not in {s.casefold() for s in exigence.systeme}:
            continue
        by = covered[exigence.id]
        found.append(
            {
                "id": exigence.id,
                "enonce": exigence.enonce,
                "secteurs": list(exigence.secteurs),
                "systeme": list(exigence.systeme),
                "preuve": list(exigence.preuve),
                "auto": exigence.auto,
                "officiel": [
                    {"ref": o.ref, "base": o.base, "confiance": o.confiance.value} for o in official.get(exigence.id, ())
                ],
                "scenarios": list(by.scenarios) if by else [],
                "attestation": bool(by and by.attestations),
                "voie": verdict_path(exigence, by),
                "formulaires": [form.as_row() for form in dict.fromkeys(form for _, form in by.formulaires)],
                "raison": "" if by and by.scenarios else reasons().get(exigence.id, ""),
            }
        )
    return found


def table(found: list[dict[str, Any]]) -> str:
    """The same for a terminal."""
    from ..reports.rem.officiel import Confiance

    lines = []
    for row in found:
        lines.append(f"{row['id']:<13} {row['auto']}  {row['enonce']}")
        if row["officiel"]:
            said = ", ".join(f"{o['ref']} ({Confiance(o['confiance']).libelle})" for o in row["officiel"])
            lines.append(f"{'':<16} {said}")
        covered = ", ".join(row["scenarios"]) or f"non couverte : {row['raison']}"
        lines.append(f"{'':<16} {row['voie']} : {covered}")
        lines += [f"{'':<16} à attester : {Formulaire.from_row(form).texte}" for form in row["formulaires"]]
    lines.append(f"{len(found)} exigences, {sum(bool(r['scenarios']) for r in found)} couvertes par un scénario.")
    paths = Counter(row["voie"] for row in found)
    lines.append(f"Voies du verdict : {', '.join(f'{paths[path]} {path}' for path in PATHS if paths[path])}.")
    return "\n".join(lines)
