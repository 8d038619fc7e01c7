"""couverture.csv of a campaign: what each exigence got, and why not."""

from __future__ import annotations

import csv
import io

from .masking import Masker
from .model import CampaignModel
from .rem.officiel import listed

COLUMNS = ("exigence", "verdict", "base", "auto", "systeme", "scenarios", "controles", "raison", "references")


def write(model: CampaignModel, masker: Masker) -> str:
    """The CSV: semicolons, one row an exigence of the catalogue; no cell can be taken for a formula."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for result in model.exigences:
        row = (
            result.id,
            result.verdict.value,
            result.base,
            result.exigence.auto,
            " ".join(result.exigence.systeme),
            " ".join(result.scenarios),
            " ".join(dict.fromkeys(j.controle for j in result.controles)),
            masker.mask(result.raison),
            masker.mask(listed(result.references)),
        )
        writer.writerow([safe_cell(value) for value in row])
    return written.getvalue()


def safe_cell(value: str) -> str:
    """A cell that a spreadsheet will not take for a formula."""
    return "'" + value if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
