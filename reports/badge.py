"""A badge for a README or a wall of CI jobs: what a campaign concludes, as an SVG that says it in words."""

from __future__ import annotations

from collections import Counter
from html import escape

from dui_conformance.core.verdict import Verdict

from .bilan import ATTENTION
from .masking import Masker
from .model import CampaignModel
from .typography import date_time, legible

LABEL = "répétition DUI"
INTERRUPTED = "campagne interrompue"
GREEN, RED, BROWN, VIOLET, GREY = "#176b3a", "#a51d24", "#8a5200", "#5b3a9e", "#4a5468"
COLOURS = {
    Verdict.CONFORME: GREEN,
    Verdict.NON_CONFORME: RED,
    Verdict.ERREUR: RED,
    Verdict.NON_CONCLUANT: BROWN,
    Verdict.AVERTISSEMENT: BROWN,
    Verdict.A_EXAMINER: VIOLET,
    Verdict.NON_TESTE: GREY,
    Verdict.SANS_OBJET: GREY,
}
"""Each is read in white (contrast above 4.5), and is the one of rapport.html."""
SAME_IN_PLURAL = (Verdict.A_EXAMINER, Verdict.SANS_OBJET)
_LETTER, _MARGIN, _HEIGHT = 6.6, 8, 20

TEMPLATE = """<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" role="img" aria-labelledby="dit">
<title id="dit">{title}</title>
<rect width="{left}" height="{height}" fill="#3a4252"/>
<rect x="{left}" width="{right}" height="{height}" fill="{colour}"/>
<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11" aria-hidden="true">
<text x="{margin}" y="14" textLength="{left_text}" lengthAdjust="spacingAndGlyphs">{label}</text>
<text x="{right_x}" y="14" textLength="{right_text}" lengthAdjust="spacingAndGlyphs">{message}</text>
</g>
</svg>
"""


def write(model: CampaignModel, masker: Masker) -> bytes:
    """The SVG. Its title also names the product, the day, and that services were simulated."""
    deciding, message = concluded(model)
    product = model.opening["produit"]
    named = legible(masker.mask(f"« {product['nom']} » {product['version']}"))
    day = date_time(model.archive.opening.t["mur"])
    title = f"Répétition de conformité de {named}, {day} : {message}. Services simulés, sans valeur officielle."
    left_text, right_text = (round(len(text) * _LETTER) for text in (LABEL, message))
    left, right = left_text + 2 * _MARGIN, right_text + 2 * _MARGIN
    return TEMPLATE.format(
        width=left + right,
        height=_HEIGHT,
        left=left,
        right=right,
        left_text=left_text,
        right_text=right_text,
        right_x=left + _MARGIN,
        margin=_MARGIN,
        colour=COLOURS[deciding],
        title=escape(title),
        label=escape(LABEL),
        message=escape(message),
    ).encode()


def concluded(model: CampaignModel) -> tuple[Verdict, str]:
    """The verdict that gives the colour, and what is written: the worst first, then what is conforming, then what was not played.

    What was not played decides only when nothing was: the text says how much it is.
    """
    if not model.finished:
        return Verdict.ERREUR, INTERRUPTED
    found = Counter(s.verdict for s in model.scenarios)
    found.update(j.verdict for j in model.strays if j.verdict in ATTENTION)
    shown = [v for v in Verdict if found[v]]
    if not shown:
        return Verdict.NON_TESTE, "aucun scénario joué"
    played = [v for v in shown if v not in (Verdict.NON_TESTE, Verdict.SANS_OBJET)]
    deciding = (played or shown)[0]
    said = dict.fromkeys((deciding, *(v for v in (Verdict.CONFORME, Verdict.NON_TESTE) if found[v])))
    return deciding, ", ".join(f"{found[v]} {_words(v, found[v])}" for v in said)


def _words(verdict: Verdict, count: int) -> str:
    if count < 2 or verdict in SAME_IN_PLURAL:
        return verdict.libelle
    first, *rest = verdict.libelle.split(" ")
    if verdict is Verdict.ERREUR:
        return " ".join((f"{first}s", *rest))
    return f"{verdict.libelle}s"
