"""Files of a DUI read through a model: proposed from the titles, confirmed by the tester, two unlike layouts of a dashboard."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from dui_conformance.cli.main import cli
from dui_conformance.core.errors import HarnessError, Inconclusive, InputError, NotTested
from dui_conformance.core.gestures import Piece
from dui_conformance.validation.correspondances import lecture, sheets
from dui_conformance.validation.correspondances.bounds import MAX_ATTRIBUTES, MAX_COLUMNS, MAX_ROWS, MAX_TAGS
from dui_conformance.validation.correspondances.lecture import Table, read_table
from dui_conformance.validation.correspondances.mapping import (
    Correspondances,
    load_correspondances,
    proposal_text,
    propose,
)
from dui_conformance.validation.correspondances.models import Model, model, model_of, models
from dui_conformance.validation.correspondances.periods import instant_of, month_of
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table as OdfTable
from odf.table import TableCell, TableRow
from odf.text import P

TITLES = ("date", "utilisateur", "nature", "code", "usager")
ROW = ("2026-04-01T10:00:00+02:00", "899700000001", "recherche", "01", "u1")
DASHBOARD = {
    "id": "essai-tableau",
    "titre": "Envois",
    "colonne": [
        {"id": "date", "titre": "date", "type": "instant", "noms": ["envoyé le"], "obligatoire": True},
        {"id": "destinataire", "titre": "à qui", "noms": ["destinataire"], "obligatoire": True},
    ],
    "indicateur": [
        {"id": "envois", "titre": "messages envoyés", "noms": ["envois", "messages envoyés"], "obligatoire": True},
        {"id": "echecs", "titre": "échecs", "noms": ["échecs"]},
    ],
}


@pytest.fixture
def dashboard(monkeypatch: pytest.MonkeyPatch) -> Model:
    made = model_of(DASHBOARD)
    monkeypatch.setattr(lecture, "model", lambda name: made)
    return made


def piece(text: str, nom: str = "traces.csv") -> Piece:
    return Piece(nom, text.encode())


def csv_of(*rows: tuple[str, ...]) -> Piece:
    return piece("\n".join(";".join(row) for row in rows))


def xlsx(*rows: tuple[object, ...], title: str = "Feuil1") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def ods(*rows: tuple[str, ...]) -> bytes:
    book = OpenDocumentSpreadsheet()
    table = OdfTable(name="Traces")
    for row in rows:
        line = TableRow()
        for text in row:
            cell = TableCell(valuetype="string")
            cell.addElement(P(text=text))
            line.addElement(cell)
        table.addElement(line)
    book.spreadsheet.addElement(table)
    stream = io.BytesIO()
    book.write(stream)
    return stream.getvalue()


def read(given: Piece, confirmed: Correspondances | None = None) -> Table:
    return read_table(given, "traces-ins", confirmed or Correspondances())


@pytest.mark.parametrize(
    "given",
    [
        csv_of(TITLES, ROW),
        piece("\ufeff" + ",".join(TITLES) + "\r\n" + ",".join(ROW) + "\r\n"),
        Piece("t.csv", ("\t".join(TITLES) + "\n" + "\t".join(ROW)).encode("utf-16")),
        piece("Extrait du journal;\n\n" + ";".join(TITLES) + "\n" + ";".join(ROW)),
        piece(json.dumps(dict(zip(TITLES, ROW, strict=True))) + "\n{x\n", "t.jsonl"),
        Piece("t.xlsx", xlsx(TITLES, ROW)),
        Piece("t.ods", ods(TITLES, ROW)),
    ],
    ids=["point-virgule", "virgule", "utf-16", "titre avant", "json", "xlsx", "ods"],
)
def test_known_titles_need_no_confirmation_whatever_the_format(given: Piece) -> None:
    table = read(given)
    (line,) = table.lines
    assert (line.text("utilisateur"), line.code("nature"), line.code("code")) == ("899700000001", "recherche", "01")
    assert line.instant("date") == datetime.fromisoformat(ROW[0]).timestamp()
    assert not table.confirmed
    assert "titres connus" in table.note


def test_dates_and_figures_of_a_workbook_are_read_as_shown() -> None:
    table = read(Piece("t.xlsx", xlsx(TITLES, (datetime(2026, 4, 1, 8, 0, 12), 899700000001, "Recherche INSi", 0, "u1"))))
    assert table.lines[0].instant("date") == datetime.fromisoformat("2026-04-01T08:00:12Z").timestamp()
    assert (table.lines[0].text("utilisateur"), table.lines[0].code("code")) == ("899700000001", "00")


def test_a_formula_is_not_computed() -> None:
    table = read(Piece("t.xlsx", xlsx(TITLES, ('=HYPERLINK("http://x","y")', "moi", "recherche", "=1+1", "u1"))))
    assert table.lines[0].text("date") == ""
    assert table.lines[0].code("code") == ""


def test_titles_that_only_resemble_are_to_be_confirmed() -> None:
    odd = ("Date de la trace", "Compte du professionnel", "Action faite", "Code rendu", "Dossier")
    with pytest.raises(NotTested, match=r"dui-conformance correspondances traces\.csv --modele traces-ins"):
        read(csv_of(odd, ROW))


def test_no_known_title_at_all_is_not_judged() -> None:
    with pytest.raises(Inconclusive, match="aucun titre"):
        read(csv_of(("a", "b"), ("1", "2")))


def test_proposal_is_written_confirmed_then_read(tmp_path: Path) -> None:
    odd = ("Date de la trace", "Compte du professionnel", "Action faite", "Code rendu", "Dossier")
    file, output = tmp_path / "journal.csv", tmp_path / "correspondances.toml"
    file.write_text("\n".join(";".join(r) for r in (odd, ("01/04/2026 10:00", *ROW[1:3], "rien", "u1"))), encoding="utf-8")
    done = CliRunner().invoke(cli, ["correspondances", str(file), "--modele", "traces-ins", "--sortie", str(output)])
    assert done.exit_code == 0, done.output
    text = output.read_text(encoding="utf-8")
    assert 'code = "Code rendu"' in text
    assert "deviné : à vérifier" in text
    output.write_text(text + '[traces-ins.valeurs.code]\n"01" = ["rien"]\n', encoding="utf-8")
    table = read(Piece("journal.csv", file.read_bytes()), load_correspondances(output))
    assert table.confirmed
    assert table.lines[0].code("code") == "01"
    assert table.lines[0].instant("date") == datetime.fromisoformat("2026-04-01T10:00:00+02:00").timestamp()
    again = CliRunner().invoke(cli, ["correspondances", str(file), "--modele", "traces-ins", "--sortie", str(output)])
    assert again.exit_code == 2
    assert "existe déjà" in again.output
    shown = CliRunner().invoke(cli, ["correspondances", str(file), "--modele", "traces-ins"])
    assert "[traces-ins.colonnes]" in shown.output


def test_command_says_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("a;b\n1;2\n", encoding="utf-8")
    for arguments, said in (("traces", "modèle inconnu"), ("traces-ins", "aucun titre")):
        done = CliRunner().invoke(cli, ["correspondances", str(file), "--modele", arguments])
        assert done.exit_code == 2
        assert said in done.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[traces-in]\n", "Vouliez-vous dire « traces-ins »"),
        ("[traces-ins]\n", "colonnes"),
        ("[traces-ins]\nfeuill=''\n[traces-ins.colonnes]\n", "Vouliez-vous dire « feuille »"),
        ("[traces-ins]\ndisposition='x'\n[traces-ins.colonnes]\n", "disposition"),
        ("[traces-ins.colonnes]\ndatte='D'\n", "Vouliez-vous dire « date »"),
        ("[traces-ins.colonnes]\ndate=3\n", "titre"),
        ("[traces-ins.colonnes]\ndate='D'\n", "il manque utilisateur, nature, code"),
        ("[traces-ins]\nfuseau='Mars'\n[traces-ins.colonnes]\ndate='D'\nutilisateur='U'\nnature='N'\ncode='C'\n", "fuseau"),
        (
            "[traces-ins.colonnes]\ndate='D'\nutilisateur='U'\nnature='N'\ncode='C'\n[traces-ins.valeurs.code]\nx=['1']\n",
            "valeurs",
        ),
        (
            "[traces-ins.colonnes]\ndate='D'\nutilisateur='U'\nnature='N'\ncode='C'\n[traces-ins.valeurs.date]\nx=['1']\n",
            "codées",
        ),
        ("[", "lecture impossible"),
    ],
)
def test_wrong_confirmation_is_refused_with_what_is_accepted(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "correspondances.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        load_correspondances(path)


def test_missing_confirmation_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="introuvable"):
        load_correspondances(tmp_path / "absent.toml")


def test_confirmed_titles_that_the_file_has_not_are_said(tmp_path: Path) -> None:
    path = tmp_path / "correspondances.toml"
    path.write_text("[traces-ins.colonnes]\ndate='D'\nutilisateur='U'\nnature='N'\ncode='C'\n", encoding="utf-8")
    with pytest.raises(Inconclusive, match="introuvables : C, D, N, U"):
        read(csv_of(TITLES, ROW), load_correspondances(path))


def test_dashboard_with_a_row_a_send(dashboard: Model) -> None:
    table = read_table(
        csv_of(("Envoyé le", "Destinataire"), ("01/02/2026 10:00", "a@x"), ("02/02/2026 11:00", "b@x")), "x", Correspondances()
    )
    assert [line.text("destinataire") for line in table.lines] == ["a@x", "b@x"]
    assert table.layout == "evenements"


def test_dashboard_with_a_column_a_month(dashboard: Model) -> None:
    rows = (
        ("Indicateur", "janv. 2026", "févr. 2026"),
        ("Messages envoyés", "1 234", "12"),
        ("Échecs", "3 %", ""),
        ("Autre", "1", "1"),
    )
    table = read_table(csv_of(*rows), "x", Correspondances())
    assert [(line.mois, line.number("envois"), line.number("echecs")) for line in table.lines] == [
        ("2026-01", Decimal(1234), Decimal(3)),
        ("2026-02", Decimal(12), None),
    ]
    proposal = propose(dashboard, sheets.read_sheets("x", csv_of(*rows).data))
    assert proposal is not None
    assert 'disposition = "mois-en-colonnes"' in proposal_text(proposal)


def test_dashboard_with_a_row_a_month(dashboard: Model) -> None:
    table = read_table(csv_of(("Mois", "Envois", "Échecs"), ("01/2026", "10", "1"), ("total", "10", "1")), "x", Correspondances())
    assert [(line.mois, line.number("envois")) for line in table.lines] == [("2026-01", Decimal(10))]


MONTHS = {
    "janvier 2026": "2026-01",
    "févr. 26": "2026-02",
    "2026-12": "2026-12",
    "01/08/2026": "2026-08",
    "juillet 2026": "2026-07",
    "août-26": "2026-08",
    "juin 2026": "2026-06",
    "2026-03-01": "2026-03",
    "2026": "",
    "rien 2026": "",
    "13/2026": "",
    "x" * 50: "",
}


@pytest.mark.parametrize(("text", "month"), MONTHS.items())
def test_months_are_read_as_titles_write_them(text: str, month: str) -> None:
    assert month_of(text) == month


def test_instant_without_offset_is_in_the_confirmed_zone() -> None:
    assert instant_of("01/04/2026 10:00", "Europe/Paris") == datetime.fromisoformat("2026-04-01T10:00+02:00").timestamp()
    assert instant_of("hier") is None


def test_every_model_is_well_made() -> None:
    for made in models().values():
        assert made.layouts
        assert any(c.obligatoire for layout in made.layouts for c in made.columns(layout))
    with pytest.raises(HarnessError):
        model("rien")
    with pytest.raises(HarnessError):
        model_of({"id": "x", "titre": "x", "colonne": [{"id": "a", "titre": "a", "type": "date"}]})


def zipped(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/"), data)
    return stream.getvalue()


ODS = (
    b'<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    b' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
    b"<office:body><office:spreadsheet><table:table>%s</table:table></office:spreadsheet></office:body></office:document-content>"
)
CELL = b"<table:table-row%s><table:table-cell%s><text:p>x</text:p></table:table-cell></table:table-row>"
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def with_parts(**parts: bytes) -> bytes:
    """A real workbook of one sheet, with these parts in place of its own or beside them."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx(("a",)))) as good, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        held = {**{name: good.read(name) for name in good.namelist()}, **parts}
        if STRINGS in parts:
            held[TYPES] = held[TYPES].replace(b"</Types>", STRINGS_TYPE + b"</Types>")
        for name, data in held.items():
            archive.writestr(name, data)
    return stream.getvalue()


SHEET, STRINGS, TYPES = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "[Content_Types].xml"
STRINGS_TYPE = (
    b'<Override PartName="/xl/sharedStrings.xml"'
    b' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
)


def one_sheet(rows: bytes, before: bytes = b"") -> bytes:
    """A real workbook whose only sheet has these rows."""
    return with_parts(**{SHEET: before + b"<worksheet %s><sheetData>%s</sheetData></worksheet>" % (MAIN, rows)})


HOSTILE = {
    "zip sans classeur": zipped(a=b"x"),
    "zip coupé": xlsx(TITLES)[:400],
    "bombe": zipped(**{"content.xml": ODS % (b" " * (70 << 20))}),
    "trop de parties": zipped(**{f"p{i}": b"" for i in range(2001)}),
    "entités": zipped(**{"content.xml": BOMB + ODS % (CELL % (b"", b""))}),
    "ligne répétée": zipped(**{"content.xml": ODS % (CELL % (b' table:number-rows-repeated="1048576"', b""))}),
    "colonne répétée": zipped(**{"content.xml": ODS % (CELL % (b"", b' table:number-columns-repeated="16384"'))}),
    "entités XLSX": one_sheet(b'<row><c t="str"><v>&b;</v></c></row>', BOMB),
    "entités en UTF-16": one_sheet(b"<row/>", BOMB.decode().encode("utf-16")),
    "bombe XLSX": one_sheet(b" " * (70 << 20)),
    "balises sans fin": one_sheet(b"<a/>" * MAX_TAGS),
    "attributs sans fin": one_sheet(b"<row " + b" ".join(b'a%d="1"' % n for n in range(MAX_ATTRIBUTES)) + b"/>"),
    "rangs démesurés": one_sheet(b'<row r="99999999999"><c><v>1</v></c></row>'),
    "rang sans nombre": one_sheet(b'<row r="x"><c r="?"><v>1</v></c></row>'),
    "feuille coupée": one_sheet(b"<row><c>")[:-1] + b"x",
    "xml de feuille coupé": with_parts(**{SHEET: b"<worksheet %s><sheetData><row>" % MAIN}),
    "chaînes coupées": with_parts(**{STRINGS: b"<sst><si>"}),
    "styles faux": with_parts(**{"xl/styles.xml": b"<styleSheet %s><cellXfs><xf numFmtId='x'/></cellXfs></styleSheet>" % MAIN}),
    "sans types de contenu": zipped(**{"xl__workbook.xml": b"<workbook %s/>" % MAIN}),
    "colonne XFD": one_sheet(b'<row r="1"><c r="XFD1" t="inlineStr"><is><t>x</t></is></c></row>'),
    "xml coupé": zipped(**{"content.xml": (ODS % b"")[:-9]}),
    "trop de lignes": b"a;b\n" * (MAX_ROWS + 2),
    "trop de colonnes": b"a;" * (MAX_COLUMNS + 2),
    "champ csv sans fin": b'a;"' + b"x" * 200_000,
    "trop gros": b"a;b\n" * (5 << 20),
    "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_in_words_and_in_time(name: str) -> None:
    with pytest.raises(Inconclusive, match=r"^f\.xlsx : "):
        sheets.read_sheets("f.xlsx", HOSTILE[name])


def test_empty_repeated_cells_cost_nothing() -> None:
    empty = (
        b'<table:table-row table:number-rows-repeated="1048575">'
        b'<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    (sheet,) = sheets.read_sheets("x.ods", zipped(**{"content.xml": ODS % (CELL % (b"", b"") + empty)}))
    assert sheet.rows == ((1, ("x",)),)


def test_references_out_of_range_and_wrong_numbers_are_harmless() -> None:
    rows = b'<row><c t="b"><v>1</v></c><c s="0"><v>1e400</v></c><c><v>12.0</v></c><c><v>0.5</v></c><c t="e"><v>#N/A</v></c></row>'
    (sheet,) = sheets.read_sheets("x.xlsx", one_sheet(rows))
    assert sheet.rows == ((1, ("VRAI", "", "12", "0.5", "#N/A")),)
    with pytest.raises(Inconclusive, match="illisible"):
        sheets.read_sheets("x.xlsx", one_sheet(b'<row><c t="s"><v>99</v></c></row>'))


def test_rows_keep_their_rank_and_days_their_form() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for place, value in (("A2", datetime(2026, 4, 1)), ("B2", datetime(2026, 4, 1, 8, 0, 12, 600_000)), ("B5", 899700000001)):
        book.active[place] = value
    book.active["C2"] = timedelta(hours=26, seconds=5)
    stream = io.BytesIO()
    book.save(stream)
    (sheet,) = sheets.read_sheets("x.xlsx", stream.getvalue())
    assert sheet.rows == ((2, ("2026-04-01", "2026-04-01T08:00:13", "26:00:05")), (5, ("", "899700000001")))


def test_a_picture_is_no_endless_tag() -> None:
    data = with_parts(**{"xl/media/image1.bmp": b"BM" + b"\0" * 600_000})
    assert [s.rows for s in sheets.read_sheets("x.xlsx", data)] == [((1, ("a",)),)]


def test_the_size_that_a_sheet_declares_is_not_believed() -> None:
    dimension = b'<dimension ref="A1:XFD1048576"/>'
    row = b'<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>'
    data = with_parts(**{SHEET: b"<worksheet %s>%s<sheetData>%s</sheetData></worksheet>" % (MAIN, dimension, row)})
    (sheet,) = sheets.read_sheets("x.xlsx", data)
    assert sheet.rows == ((1, ("x",)),)


def test_spaces_and_breaks_of_an_ods_cell_are_read() -> None:
    text = b'<text:p>a<text:s text:c="2"/>b<text:span>c<text:tab/></text:span>d<text:line-break/>e</text:p>'
    row = b"<table:table-row><table:table-cell>%s</table:table-cell></table:table-row>" % text
    (sheet,) = sheets.read_sheets("x.ods", zipped(**{"content.xml": ODS % row}))
    assert sheet.rows == ((1, ("a  bc\td\ne",)),)
