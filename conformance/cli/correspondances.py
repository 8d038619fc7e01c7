"""``correspondances``: propose which column of a file of the DUI is which, for the tester to confirm."""

from __future__ import annotations

import re
from pathlib import Path

from ..core.errors import Inconclusive, InputError
from ..validation.correspondances.mapping import proposal_text, propose
from ..validation.correspondances.models import models
from ..validation.correspondances.sheets import read_sheets


def propose_section(file: Path, model: str, output: Path | None) -> str:
    """The section for this model; added to ``output`` when one is given. Raises ``InputError`` for an unknown model, a file that
    cannot be read or has none of the titles, and an output that already has the section."""
    if model not in models():
        raise InputError(f"--modele : modèle inconnu « {model} ». Connus : {', '.join(models())}.")
    try:
        proposal = propose(models()[model], read_sheets(file.name, file.read_bytes()))
    except Inconclusive as error:
        raise InputError(str(error)) from error
    if proposal is None:
        wanted = ", ".join(
            c.titre for layout in models()[model].layouts for c in models()[model].columns(layout) if c.obligatoire
        )
        raise InputError(f"{file} : aucun titre de colonne reconnu. Attendu : {wanted}.")
    text = proposal_text(proposal)
    if output is not None:
        _add(output, model, text)
    return text


def _add(output: Path, model: str, text: str) -> None:
    former = output.read_text(encoding="utf-8") if output.is_file() else ""
    if re.search(rf"^\s*\[{re.escape(model)}\]", former, re.MULTILINE):
        raise InputError(f"{output} : la section [{model}] existe déjà ; la retirer pour la refaire.")
    output.write_text(f"{former.rstrip()}\n\n{text}" if former.strip() else text, encoding="utf-8")
