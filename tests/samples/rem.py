"""REM-like workbooks in both public layouts, written by us: no official one is available."""

from __future__ import annotations

import io
from collections.abc import Sequence

from openpyxl import Workbook

NARROW = (
    *("Périmètre", "ID", "Chapitre", "Fonction", "Exigence", "Commentaire", "Profil", "N° scénario"),
    *("Scénario de conformité", "N° preuve", "Preuve", "Profil historique", "Criticité", "Ordre"),
)
WIDE = (
    *("Exigence conditionnelle OUI/NON", "Profil", "ID Section", "Section", "Bloc", "Fonction", "Nature de l'exigence"),
    *("N° exigence", "Énoncé (DOIT/PEUT)", "N° scénario", "Scénario de conformité"),
    *(title for rank in range(1, 11) for title in (f"N° preuve {rank}", f"Preuve {rank}")),
)
ASKED = (
    ("SC.MSS/CONF.04", "Le système DOIT se configurer seul"),
    ("sc.mss / conf.3", "Le système DOIT présenter les suites"),
    ("SC.SSI/GEN.02 BIS", "Le système DOIT désigner"),
    ("SC.SSI/GEN.02.BIS", "Le système DOIT désigner (écrit autrement)"),
    ("SC.MSS/C0NF.12", "Faute de frappe : zéro pour O"),
    ("DB.CO.48", "Une exigence d'un autre dispositif"),
    ("SCN_DB/CO.01", "Hors grammaire"),
    ("=CMD|' /C calc'!A0", "+Une formule hostile"),
)

SPOKEN = (
    ("SC.DMP/ALI/PROG.02", "Le système DOIT alimenter le DMP dès la validation"),
    ("sc.dmp / ali / prog.6", "Écrit autrement : mise en attente"),
    ("SC.DMP/C0NF.10", "Faute de frappe : zéro pour O"),
    ("SC.DMP/DEP.07", "Le système DOIT s'authentifier par certificat (référence inconnue du catalogue)"),
    ("SC.SSI/GEN.02 BIS", "Le système DOIT désigner son architecture"),
    ("SC.SSI/GEN.02.BIS", "La même, écrite autrement"),
    ("SC.PSC.01", "Le système DOIT authentifier par Pro Santé Connect"),
    ("DB.CO.48", "Une exigence d'un autre dispositif"),
    ("=CMD|' /C calc'!A0", "+Une formule hostile <script>alert(1)</script>"),
)
"""References that the campaign of ``samples.report`` plays, mistyped or with a suffix, beside some that it does not."""


def narrow(asked: Sequence[tuple[str, str]] = ASKED) -> bytes:
    """One row per exigence, scenario and proof: each exigence has two proofs; two title rows stand above the header."""
    rows: list[Sequence[str]] = [("REM de test, fictif",), ()]
    rows.append(NARROW)
    for rank, (ref, text) in enumerate(asked, start=1):
        for proof in ("01", "02"):
            scenario = f"{ref}.01"
            left = ("Général", ref, "Chapitre", "Fonction", text, "", "Général", scenario, "Jouer le geste")
            rows.append((*left, f"{scenario}.{proof}", f"Copie d'écran {proof}", "", "Majeure", str(rank)))
    return _saved("Exigences", rows)


def wide(asked: Sequence[tuple[str, str]] = ASKED) -> bytes:
    """One row an exigence, with two of its ten pairs of proofs; a cover sheet stands before it."""
    rows: list[Sequence[str]] = [WIDE]
    for ref, text in asked:
        left = ("NON", "Général", "MSS", "Messagerie", "Bloc", "Fonction", "Exigence", ref, text, f"{ref}.01", "Jouer le geste")
        pairs = (f"{ref}.01.01", "Copie d'écran 01", f"{ref}.01.02", "Copie d'écran 02")
        rows.append((*left, *pairs, *([""] * 16)))
    return _saved("Exigences REM vague 2", rows, cover=True)


def _saved(title: str, rows: Sequence[Sequence[str]], *, cover: bool = False) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    if cover:
        sheet.title = "Lisez-moi"
        sheet.append(("Classeur fictif",))
        sheet = book.create_sheet(title)
    else:
        sheet.title = title
    for rank, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(rank, column)
            cell.value = value
            cell.data_type = "s"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
