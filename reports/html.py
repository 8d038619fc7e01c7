"""rapport.html."""

from __future__ import annotations

from html import escape

from .json_report import AVERTISSEMENT
from .masking import Masker
from .model import CampaignModel


def write(model: CampaignModel, masker: Masker) -> str:
    """The page."""
    rows = "".join(
        f'<li id="{escape(s.anchor)}">{escape(s.verdict.libelle)} — {escape(s.titre)} {escape(masker.mask(s.raison))}</li>'
        for s in model.scenarios
    )
    return f"<!doctype html><meta charset=utf-8><title>Rapport</title><p>{escape(AVERTISSEMENT)}</p><ul>{rows}</ul>"
