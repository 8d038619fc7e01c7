"""The findings and the exigences of a campaign as tables for an editor's tracker: Markdown, CSV, XLSX."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .bilan import ATTENTION
from .masking import Masker
from .model import HORS_SCENARIO, CampaignModel, ExigenceResult, Judged
from .rem.exportation import safe
from .rem.officiel import listed
from .typography import date_time, legible

FORMATS = ("markdown", "csv", "xlsx")
LONGEST = 32_000
"""A spreadsheet cell holds 32 767 characters."""
_SPECIAL = re.compile(r"([\\`*_\[\]|~#])")
_WIDTHS = {
    "Message": 60,
    "Attendu": 40,
    "Reçu": 40,
    "Où": 40,
    "Piste": 50,
    "Règle": 50,
    "Énoncé": 70,
    "Raison": 50,
    "Références": 40,
}


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table; every cell is a text, secrets masked."""

    nom: str
    titre: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(model: CampaignModel, masker: Masker) -> tuple[Table, Table]:
    """The findings (worst first, one row a finding) and the exigences (one row each, in the order of the catalogue)."""
    return _findings(model, masker), _exigences(model, masker)


def write_exports(form: str, model: CampaignModel, masker: Masker) -> dict[str, bytes]:
    """The files of a format of :data:`FORMATS`, by name."""
    return _WRITERS[form](model, masker)


def _findings(model: CampaignModel, masker: Masker) -> Table:
    titles = {s.id: s.titre for s in model.scenarios}

    def row(judged: Judged) -> tuple[str, ...]:
        return _masked(masker, _finding(judged, titles, listed(model.spoken(judged.exigences))))

    judged = (*(j for s in model.scenarios for j in s.controles), *model.strays)
    broken = sorted((j for j in judged if j.verdict in ATTENTION), key=lambda j: j.verdict.rank)
    columns = (
        *("Verdict", "Contrôle", "Message", "Attendu", "Reçu", "Où", "Piste", "Règle", "Exigences"),
        *("Références", "Scénario", "Titre du scénario", "Échanges", "Source", "Base", "Preuve"),
    )
    return Table("constats", "Constats", columns, tuple(row(j) for j in broken))


def _finding(judged: Judged, titles: dict[str, str], references: str) -> Sequence[str]:
    told = judged.constat
    return (
        judged.verdict.libelle,
        judged.controle,
        told.message if told else judged.raison,
        *((told.expected, told.received, told.at, told.hint) if told else ("", "", "", "")),
        judged.regle,
        ", ".join(judged.exigences),
        references,
        judged.scenario or HORS_SCENARIO,
        titles.get(judged.scenario, ""),
        ", ".join(judged.echanges),
        judged.source,
        judged.base.value,
        f"rapport.html#{judged.anchor}",
    )


def _exigences(model: CampaignModel, masker: Masker) -> Table:
    columns = (
        "Exigence",
        "Énoncé",
        "Verdict",
        "Base",
        "Raison",
        "Système",
        "Secteurs",
        "Références",
        "Scénarios",
        "Contrôles",
        "Preuve",
    )
    return Table("exigences", "Exigences", columns, tuple(_masked(masker, _exigence(e)) for e in model.exigences))


def _exigence(result: ExigenceResult) -> Sequence[str]:
    exigence = result.exigence
    return (
        result.id,
        exigence.enonce,
        result.verdict.libelle,
        result.base,
        result.raison,
        ", ".join(exigence.systeme),
        ", ".join(exigence.secteurs),
        listed(result.references),
        ", ".join(result.scenarios),
        ", ".join(dict.fromkeys(j.controle for j in result.controles)),
        f"rapport.html#exigence-{result.id}",
    )


def _masked(masker: Masker, row: Sequence[str]) -> tuple[str, ...]:
    return tuple(legible(masker.mask(cell)) for cell in row)


def _cell(text: str) -> str:
    """A text for a spreadsheet: no formula, no longer than a cell may be."""
    kept = safe(text)
    return kept if len(kept) <= LONGEST else f"{kept[:LONGEST]}…"


def _csv(model: CampaignModel, masker: Masker) -> dict[str, bytes]:
    return {f"{table.nom}.csv": _csv_table(table) for table in tables(model, masker)}


def _csv_table(table: Table) -> bytes:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows([_cell(cell) for cell in row] for row in table.rows)
    return written.getvalue().encode("utf-8-sig")


def _xlsx(model: CampaignModel, masker: Masker) -> dict[str, bytes]:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    ended = datetime.fromisoformat(model.archive.events[-1].t["mur"]).replace(tzinfo=None, microsecond=0)
    book.properties.created = book.properties.modified = ended
    book.properties.creator = "dui-conformance"
    for table in tables(model, masker):
        _fill(book.create_sheet(table.titre), table)
    stream = io.BytesIO()
    book.save(stream)
    return {"rapport.xlsx": stream.getvalue()}


def _fill(sheet: Any, table: Table) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet.append(table.columns)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in table.rows:
        sheet.append([_cell(cell) for cell in row])
    for rank, name in enumerate(table.columns, start=1):
        sheet.column_dimensions[get_column_letter(rank)].width = _WIDTHS.get(name, 22)
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions


def _markdown(model: CampaignModel, masker: Masker) -> dict[str, bytes]:
    return {"rapport.md": "".join(f"{line}\n" for line in _lines(model, masker)).encode()}


def _lines(model: CampaignModel, masker: Masker) -> Iterator[str]:
    findings, exigences = tables(model, masker)
    product = _masked(masker, [model.opening["produit"]["nom"], model.opening["produit"]["version"]])
    yield f"# Campagne de conformité : {' '.join(_plain(each) for each in product)}"
    yield ""
    begun = date_time(model.archive.opening.t["mur"])
    yield f"Campagne du {begun}, secteurs {', '.join(model.secteurs)}. Détail : `rapport.html`."
    yield ""
    yield f"## {findings.titre} ({len(findings.rows)})"
    for row in findings.rows:
        told = dict(zip(findings.columns, row, strict=True))
        yield ""
        yield f"### {told['Verdict']} — {_plain(told['Message'] or told['Règle'])}"
        yield ""
        for name in ("Contrôle", "Attendu", "Reçu", "Où", "Exigences", "Références", "Scénario", "Échanges", "Preuve"):
            if told[name]:
                yield f"- {name} : {_code(told[name])}"
        for name in ("Piste", "Règle", "Source"):
            if told[name]:
                yield f"- {name} : {_plain(told[name])}"
    yield ""
    yield f"## {exigences.titre} ({len(exigences.rows)})"
    yield ""
    shown = ("Exigence", "Références", "Verdict", "Base", "Raison", "Scénarios")
    yield f"| {' | '.join(shown)} |"
    yield f"|{'---|' * len(shown)}"
    for row in exigences.rows:
        told = dict(zip(exigences.columns, row, strict=True))
        yield f"| {' | '.join(_plain(told[name]) for name in shown)} |"


def _plain(text: str) -> str:
    """A text that Markdown shows as it is: no mark-up, no link, nobody mentioned, on one line."""
    line = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;").replace("://", "&#58;//")


def _code(text: str) -> str:
    """A text as a span of code, whatever backquotes it holds."""
    line = " ".join(text.split())
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}"


_WRITERS: dict[str, Callable[[CampaignModel, Masker], dict[str, bytes]]] = {"markdown": _markdown, "csv": _csv, "xlsx": _xlsx}
