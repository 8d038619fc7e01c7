"""One exchange as a page of its own, with what was found in it: what the console shows in a frame."""

from __future__ import annotations

import threading
from pathlib import Path

from dui_conformance.catalogue import load

from ..apercu import previews
from ..exchange_view import ExchangeViews
from ..html import environment, style_sheet
from ..masking import Masker
from ..model import CampaignModel
from .fil import BROKEN


class Lecteur:
    """Shows the exchanges of a campaign from its journal, read again only once it has grown."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._size = -1
        self._read: tuple[CampaignModel, Masker] | None = None

    def page(self, name: str) -> str | None:
        """An exchange as a whole page; None for one that the campaign does not have."""
        model, masker = self._campaign()
        if name not in model.archive.exchange_ids:
            return None
        judged = [model.judged(event) for event in model.archive.of_type("verdict") if name in event.data["sujets"]]
        findings = [each for each in judged if each.verdict in BROKEN]
        views = ExchangeViews(masker, linked=False)
        exchange = model.archive.exchange(name)
        known = load()
        shown = {
            "x": views.view(exchange, findings),
            "findings": findings,
            "held": [each for each in judged if each.verdict not in BROKEN],
            "cited": [known[each] for each in dict.fromkeys(e for j in judged for e in j.exigences) if each in known],
            "previews": previews(exchange, masker.mask),
            "tls": views.tls(exchange.connection),
            "marks": views.marks,
            "excerpts": views.excerpts,
        }
        return environment(masker.mask).get_template("console_echange.html").render(style=style_sheet(), **shown)

    def _campaign(self) -> tuple[CampaignModel, Masker]:
        with self._lock:
            size = (self._folder / "journal.jsonl").stat().st_size
            if self._read is None or size != self._size:
                model = CampaignModel(self._folder)
                self._read, self._size = (model, Masker.of(model.archive)), size
            return self._read
