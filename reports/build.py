"""Writes every report of a campaign folder, from its journal alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from . import coverage, html, json_report, junit
from .masking import Masker
from .model import CampaignModel, load_campaign
from .pv import render_pv

Writer = Callable[[CampaignModel, Masker], bytes]

REPORTS: dict[str, Writer] = {
    "rapport.json": lambda model, masker: json_report.write(model, masker).encode(),
    "junit.xml": junit.write,
    "couverture.csv": lambda model, masker: coverage.write(model, masker).encode("utf-8-sig"),
    "rapport.html": lambda model, masker: html.write(model, masker).encode(),
    "pv.pdf": lambda model, masker: render_pv(model, masker),
}


def build(folder: Path) -> dict[str, Path]:
    """Write the reports (each tmp then rename) and give their paths by name; raises ``InputError`` for an altered journal."""
    model = load_campaign(folder)
    masker = Masker.of(model.archive)
    written: dict[str, Path] = {}
    for name, writer in REPORTS.items():
        target = folder / name
        temporary = target.with_name(f".{name}.tmp")
        temporary.write_bytes(writer(model, masker))
        temporary.replace(target)
        written[name] = target
    return written
