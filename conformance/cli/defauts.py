"""``defauts``: the named faults of the reference DUI, and what a campaign with some of them must play."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..core.errors import InputError


@dataclass(frozen=True, slots=True)
class FaultSelection:
    """Sectors and exigences that can see the faults asked for."""

    secteurs: tuple[str, ...]
    exigences: tuple[str, ...]


def rows() -> list[dict[str, Any]]:
    """One JSON object per fault; ``document`` is the type (``exemple TYPE``) that it spoils, or empty."""
    from ..mocks.dui.defauts import FAULTS

    return [
        {
            "nom": f.nom,
            "description": f.description,
            "check": f.check,
            "exigences": list(f.exigences),
            "secteurs": list(f.secteurs),
            "effet": f.effet,
            "document": f.document,
        }
        for f in FAULTS.values()
    ]


def selection_for(names: Sequence[str]) -> FaultSelection:
    """What ``run --defaut NOM`` alone plays; raises ``InputError`` for an unknown name."""
    known = {row["nom"]: row for row in rows()}
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" Vouliez-vous dire « {near[0]} » ?" if near else ""
            raise InputError(f"--defaut {name} : défaut inconnu.{hint} Voir « dui-conformance defauts ».")
    chosen = [known[name] for name in names]
    return FaultSelection(
        tuple(dict.fromkeys(s for row in chosen for s in row["secteurs"])),
        tuple(dict.fromkeys(e for row in chosen for e in row["exigences"])),
    )
