"""Writes every report of a campaign folder, from its journal alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from . import coverage, html, json_report, junit
from .masking import Masker
from .model import CampaignModel, load_campaign
from .pv import render_pv
from .rem.enregistrement import RemCroise
from .tendance import Tendance, trend

Writer = Callable[[CampaignModel, Masker, Tendance | None], bytes]

REPORTS: dict[str, Writer] = {
    "rapport.json": lambda model, masker, compared: json_report.write(model, masker, compared).encode(),
    "junit.xml": lambda model, masker, _: junit.write(model, masker),
    "couverture.csv": lambda model, masker, _: coverage.write(model, masker).encode("utf-8-sig"),
    "rapport.html": lambda model, masker, compared: html.write(model, masker, compared).encode(),
    "pv.pdf": lambda model, masker, _: render_pv(model, masker),
}


def build(folder: Path, reference: Path | None = None, rem: RemCroise | None = None) -> dict[str, Path]:
    """Write the reports (each tmp then rename) and give their paths by name; raises ``InputError`` for an altered journal.

    The trend is against ``reference``, else against the campaign that the journal names, else not shown. ``rem`` replaces
    the one that the journal holds.
    """
    model = load_campaign(folder, rem)
    masker = Masker.of(model.archive)
    compared = trend(model, load_campaign(reference) if reference is not None else None)
    written: dict[str, Path] = {}
    for name, writer in REPORTS.items():
        target = folder / name
        temporary = target.with_name(f".{name}.tmp")
        temporary.write_bytes(writer(model, masker, compared))
        temporary.replace(target)
        written[name] = target
    return written
