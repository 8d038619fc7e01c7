"""Writes a workbook in the 14 columns of a Convergence export, with the references of our evidence."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from dui_conformance.validation.rem.classeur import ExigenceRem, Preuve

from .croisement import Croisement

if TYPE_CHECKING:
    from ..masking import Masker
    from ..model import CampaignModel, ExigenceResult

COLUMNS = (
    *("Périmètre", "ID", "Chapitre", "Fonction", "Exigence", "Commentaire", "Profil", "N° scénario"),
    *("Scénario de conformité", "N° preuve", "Preuve", "Profil historique", "Criticité", "Ordre"),
)
_WIDTHS = (14, 18, 24, 24, 60, 60, 14, 16, 50, 18, 50, 16, 12, 8)
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_SHOWN = 6


def workbook(model: CampaignModel, masker: Masker, croisement: Croisement | None) -> bytes:
    """The XLSX: the rows of the REM when there is one, then ours that it does not have; else the whole catalogue."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Exigences"
    sheet.append(COLUMNS)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    results = {result.id: result for result in model.exigences}
    for row in _rows(results, croisement):
        sheet.append([safe(masker.mask(value)) for value in row])
    for rank, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(rank)].width = width
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "C2"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def safe(value: str) -> str:
    """A text that no spreadsheet program takes for a formula, without the control characters that none accepts."""
    shown = _CONTROLS.sub("", value)
    return f"'{shown}" if shown.startswith(_DANGEROUS) else shown


def _rows(results: Mapping[str, ExigenceResult], croisement: Croisement | None) -> Iterator[Sequence[str]]:
    rank = 0
    for ligne in croisement.lignes if croisement is not None else ():
        said = " ; ".join(_said(results[name]) for name in ligne.ours if name in results) or "sans test dans ce banc"
        for preuve in ligne.rem.preuves:
            rank += 1
            yield _of_rem(ligne.rem, preuve, said, rank)
    left = results if croisement is None else croisement.absentes
    for name in left:
        rank += 1
        yield _of_ours(results[name], rank)


def _of_rem(row: ExigenceRem, preuve: Preuve, said: str, rank: int) -> Sequence[str]:
    get = row.champs.get
    comment = " — ".join(part for part in (get("commentaire", ""), said) if part)
    return (
        *(get("perimetre", ""), row.reference.brute, get("chapitre", ""), get("fonction", ""), row.enonce, comment),
        *(get("profil", ""), preuve.scenario, preuve.titre_scenario, preuve.preuve, preuve.titre_preuve),
        *(get("profil_historique", ""), get("criticite", ""), get("ordre", "") or str(rank)),
    )


def _of_ours(result: ExigenceResult, rank: int) -> Sequence[str]:
    exigence = result.exigence
    systems = ", ".join(exigence.systeme)
    scenario = result.scenarios[0] if result.scenarios else ""
    return (
        *(", ".join(exigence.secteurs), exigence.id, systems, "", exigence.enonce, _said(result), "Général", scenario),
        *("", "", "", "", "", str(rank)),
    )


def _said(result: ExigenceResult) -> str:
    """Our verdict and where its proof is in ``rapport.html``."""
    places = list(dict.fromkeys(judged.anchor for judged in result.controles))
    proof = ", ".join(f"rapport.html#{anchor}" for anchor in places[:_SHOWN])
    more = f" et {len(places) - _SHOWN} autres" if len(places) > _SHOWN else ""
    reason = f" ({result.raison})" if result.raison else ""
    return f"{result.id} : {result.verdict.libelle}{reason}" + (f" ; {proof}{more}" if proof else "")
