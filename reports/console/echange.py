"""One exchange as a page of its own, with what was found in it: what the console shows in a frame."""

from __future__ import annotations

from pathlib import Path

from dui_conformance.catalogue import load

from ..apercu import previews
from ..exchange_view import ExchangeViews
from ..html import environment, style_sheet
from ..masking import Masker
from ..model import CampaignModel
from .fil import BROKEN


def exchange_page(folder: Path, name: str) -> str | None:
    """The page, from the journal as it is now; None for an exchange that it does not have."""
    model = CampaignModel(folder)
    if name not in model.archive.exchange_ids:
        return None
    masker = Masker.of(model.archive)
    judged = [model.judged(event) for event in model.archive.of_type("verdict") if name in event.data["sujets"]]
    findings = [each for each in judged if each.verdict in BROKEN]
    views = ExchangeViews(masker, linked=False)
    exchange = model.archive.exchange(name)
    known = load()
    return (
        environment(masker.mask)
        .get_template("console_echange.html")
        .render(
            x=views.view(exchange, findings),
            findings=findings,
            held=[each for each in judged if each.verdict not in BROKEN],
            cited=[known[each] for each in dict.fromkeys(e for j in judged for e in j.exigences) if each in known],
            previews=previews(exchange, masker.mask),
            tls=views.tls(exchange.connection),
            style=style_sheet(),
            marks=views.marks,
            excerpts=views.excerpts,
        )
    )
