"""pv.pdf."""

from __future__ import annotations

from pathlib import Path

import typst

from .masking import Masker
from .model import CampaignModel, load_campaign


def render_pv(model: CampaignModel, masker: Masker, kind: str = "pilote", data: Path | None = None) -> bytes:
    """The PDF."""
    return bytes(typst.compile(b"#set document(date: none)\nbrouillon"))


def write_pv(folder: Path, *, kind: str = "pilote", data: Path | None = None) -> Path:
    """Write it."""
    model = load_campaign(folder)
    target = folder / "pv.pdf"
    target.write_bytes(render_pv(model, Masker.of(model.archive), kind, data))
    return target
