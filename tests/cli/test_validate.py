"""What ``validate`` says of a file: the right verdict, findings that tell what to mend, machine formats, exit codes."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from dui_conformance.cli.constats import FileVerdict, place
from dui_conformance.cli.jugement import Options, judge_bytes, judge_file
from dui_conformance.cli.main import cli
from dui_conformance.core.verdict import Verdict
from dui_conformance.reports.schemas import SCHEMAS
from jsonschema import Draft202012Validator
from lxml import etree
from samples import vihf

DATA = Path(__file__).parent.parent / "data" / "cda"
NOTE = DATA / "note_vaccination.xml"
DAY = date(2026, 11, 20)
OPTIONS = Options(DAY)


def broken(*changes: tuple[str, str]) -> bytes:
    """The note with replacements, each of which must find its target."""
    text = NOTE.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


WRONG_SEX = broken(('administrativeGenderCode code="F"', 'administrativeGenderCode code="FEMME"'))
MISSPELT = broken(("<title>", "<titre/><title>"))


def judged(data: bytes, options: Options = OPTIONS) -> FileVerdict:
    return judge_bytes(data, "essai.xml", options)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["validate", *arguments])


@pytest.mark.parametrize("name", ["note_vaccination.xml", "document_niveau_1.xml"])
def test_a_right_document_is_conforme(name: str) -> None:
    verdict = judge_file(DATA / name, name, OPTIONS)
    assert verdict.verdict is Verdict.CONFORME, verdict.findings
    assert verdict.kind.startswith("document.cda.")
    assert verdict.regles["verifications"] > 50
    assert {"id", "version", "sha256"} <= verdict.regles["jeux"][0].keys()


def test_a_reference_that_is_absent_is_listed_and_lowers_nothing() -> None:
    verdict = judged(NOTE.read_bytes())
    untested = [f for f in verdict.findings if f.verdict == Verdict.NON_TESTE]
    assert [f.message for f in untested if "COG absent" in f.message]
    assert verdict.verdict is Verdict.CONFORME


@pytest.mark.parametrize("data", [WRONG_SEX, MISSPELT])
def test_every_finding_says_where_what_and_how_to_mend(data: bytes) -> None:
    verdict = judged(data)
    assert verdict.verdict is Verdict.NON_CONFORME
    for finding in [f for f in verdict.findings if f.verdict == Verdict.NON_CONFORME]:
        assert finding.at.startswith("/ClinicalDocument"), finding
        assert "ligne" not in finding.at
        assert finding.line > 1
        assert all((finding.rule, finding.message, finding.expected, finding.received, finding.hint, finding.source))
        assert finding.profil == verdict.profil


def test_the_line_is_that_of_the_file() -> None:
    finding = next(f for f in judged(WRONG_SEX).findings if f.rule == "cda.entete.usager-sexe")
    assert "FEMME" in WRONG_SEX.decode().splitlines()[finding.line - 1]


@pytest.mark.parametrize(
    ("data", "received"),
    [
        (NOTE.read_bytes()[:5000], "mal formé"),
        (broken(("</title>", "</titre>")), "balise"),
        (b"\xff\xfe<\x00a\x00", "XML"),
        (NOTE.read_bytes().replace(b"UTF-8", b"klingon", 1), "encodage"),
        (NOTE.read_bytes() + b"<encore/>", "racine"),
    ],
)
def test_a_malformed_document_has_one_finding(data: bytes, received: str) -> None:
    verdict = judged(data)
    assert verdict.verdict is Verdict.NON_CONFORME
    (finding,) = verdict.findings
    assert finding.rule == "cda.structure.readable"
    assert finding.line
    assert received in finding.received


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "vide"),
        (b"bonjour", "bonjour"),
        (b'{"bonjour": "Patient"}', "JSON"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"<html/>", "html"),
        (b'<?xml version="1.0"?><Envelope xmlns="urn:autre"/>', "SOAP"),
        (b"\x00\x01\x02", "3 octets"),
    ],
)
def test_what_nobody_reads_is_said_with_what_is_expected(data: bytes, said: str) -> None:
    verdict = judged(data)
    (finding,) = verdict.findings
    assert verdict.verdict is Verdict.NON_CONFORME
    assert finding.rule == "fichier.format"
    assert said in finding.received
    assert "CDA" in finding.expected


def test_content_counts_and_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "courrier.pdf"
    path.write_bytes(NOTE.read_bytes())
    assert judge_file(path, "courrier.pdf", OPTIONS).profil == "VAC-NOTE"


@pytest.mark.parametrize("wrap", ["assertion", "soap"])
def test_a_vihf_alone_or_in_its_message_is_judged(wrap: str) -> None:
    call = vihf.call(vihf.signed())
    assert call.request is not None
    data = vihf.signed().encode() if wrap == "assertion" else call.request.body.read()
    verdict = judged(data)
    assert (verdict.kind, verdict.profil) == (f"vihf.{wrap}", "VIHF-FICHIER")
    assert verdict.verdict is Verdict.CONFORME, verdict.findings


def test_a_vihf_changed_after_its_signature_is_non_conforme() -> None:
    verdict = judged(vihf.signed().replace("ANNE FICTIVE", "AUTRE NOM").encode())
    assert verdict.verdict is Verdict.NON_CONFORME
    assert "dmp.vihf.signature-valid" in {f.rule for f in verdict.findings}


def test_the_second_engine_adds_its_messages_on_demand() -> None:
    plain, fuller = judged(MISSPELT), judged(MISSPELT, Options(DAY, diagnostic=True))
    added = [f for f in fuller.findings if f.rule == "cda.structure.diagnostic"]
    assert added
    assert [f for f in fuller.findings if f not in added] == list(plain.findings)
    assert plain.verdict is fuller.verdict


def test_a_profile_can_be_forced() -> None:
    assert judged(NOTE.read_bytes(), Options(DAY, profile="CDA-ENTETE")).profil == "CDA-ENTETE"


def test_a_day_before_any_rule_still_judges_by_the_rules_without_bounds() -> None:
    old = judged(NOTE.read_bytes(), Options(date(1990, 1, 1)))
    assert old.regles["verifications"] <= judged(NOTE.read_bytes()).regles["verifications"]


def test_a_mistake_of_ours_is_said_to_be_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("panne d'essai")

    monkeypatch.setattr("dui_conformance.cli.jugement.run_profile", failing)
    verdict = judged(NOTE.read_bytes())
    assert verdict.verdict is Verdict.ERREUR
    assert "panne d'essai" in verdict.findings[0].message


@pytest.mark.parametrize(
    ("at", "apart"),
    [
        ("/ClinicalDocument/id (ligne 4)", ("/ClinicalDocument/id", 4)),
        ("ligne 12", ("/", 12)),
        ("début du document", ("début du document", 1)),
        ("", ("/", 1)),
    ],
)
def test_place_and_line_are_told_apart(at: str, apart: tuple[str, int]) -> None:
    assert place(at) == apart


# The command


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A right file, a wrong one and an unknown one, among hidden ones."""
    folder = tmp_path / "lot"
    (folder / "sous" / ".cache").mkdir(parents=True)
    (folder / "b-juste.xml").write_bytes(NOTE.read_bytes())
    (folder / "a-faux.xml").write_bytes(WRONG_SEX)
    (folder / "sous" / "texte.txt").write_bytes(b"bonjour")
    (folder / ".cache.xml").write_bytes(b"<a/>")
    (folder / "sous" / ".cache" / "x.xml").write_bytes(b"<a/>")
    return folder


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_folder_is_walked_in_order_without_hidden_files(files: Path) -> None:
    rows = lines(run(str(files), "--format", "jsonl"))
    assert [row["file"] for row in rows] == [str(files / n) for n in ("a-faux.xml", "b-juste.xml", "sous/texte.txt")]
    assert [row["verdict"] for row in rows] == ["non conforme", "conforme", "non conforme"]


def test_each_line_follows_the_published_schema(files: Path) -> None:
    schema = Draft202012Validator(SCHEMAS["validate"])
    for row in lines(run(str(files), "--format", "jsonl")):
        assert [e.message for e in schema.iter_errors(row)] == []


@pytest.mark.parametrize(("name", "code"), [("b-juste.xml", 0), ("a-faux.xml", 1), ("sous/texte.txt", 1)])
def test_the_exit_code_is_that_of_the_worst_file(files: Path, name: str, code: int) -> None:
    assert run(str(files / name)).exit_code == code
    assert run(str(files), "--format", "jsonl").exit_code == 1


def test_non_concluant_is_4(files: Path) -> None:
    result = run(str(files / "b-juste.xml"), "--profil", "VIHF-FICHIER", "--format", "jsonl")
    assert (lines(result)[0]["verdict"], result.exit_code) == ("non concluant", 4)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["absent.xml"], "absent.xml"),
        ([], "Il manque l'argument"),
        (["{note}", "--format", "pdf"], "Valeur refusée pour '--format'"),
        (["{note}", "--profil", "VAC-NOT"], "voulez-vous dire VAC-NOTE"),
        (["{note}", "--au", "hier"], "AAAA-MM-JJ"),
        (["{note}", "--parallele", "0"], "Valeur refusée pour '--parallele'"),
        (["{note}", "--reprendre"], "--sortie FICHIER"),
        (["{note}", "--executeur", "http://ailleurs"], "dask://hôte:port"),
        (["{note}", "--executeur", "dask://h:1", "--parallele", "2"], "s'excluent"),
        (["{note}", "--frmat", "texte"], "Option inconnue : --frmat"),
    ],
)
def test_wrong_usage_is_2_and_said_in_french(arguments: list[str], said: str) -> None:
    result = run(*(a.format(note=NOTE) for a in arguments))
    assert result.exit_code == 2
    assert said in result.stderr
    assert not {"Error", "Usage:", "Try "} & set(result.stderr.replace("\n", " ").split(" "))


def test_the_text_begins_with_the_verdict_and_ends_with_the_next_action(files: Path) -> None:
    result = run(str(files))
    head, *rest = result.stdout.splitlines()
    assert head.startswith("non conforme ")
    assert [line.split()[0] for line in rest[1:6]] == ["attendu", "reçu", "où", "conseil", "source"]
    assert rest[-2:] == [
        "3 fichiers : 2 non conformes, 1 conforme",
        "À faire : corriger d'abord " + rest[-1].partition("d'abord ")[2],
    ]


def test_csv_holds_a_row_a_finding_and_no_formula(files: Path, tmp_path: Path) -> None:
    (files / "c.xml").write_bytes(broken(('administrativeGenderCode code="F"', 'administrativeGenderCode code="=1+1"')))
    rows = list(csv.DictReader(io.StringIO(run(str(files), "--format", "csv").stdout), delimiter=";"))
    assert {row["verdict"] for row in rows} == {"conforme", "non conforme"}
    assert len([row for row in rows if row["fichier"].endswith("b-juste.xml")]) >= 1
    assert not [cell for row in rows for cell in row.values() if cell[:1] in ("=", "+", "-", "@")]


def test_operation_outcome_for_one_file_and_a_bundle_for_several(files: Path) -> None:
    one = json.loads(run(str(files / "a-faux.xml"), "--format", "operationoutcome").stdout)
    assert one["resourceType"] == "OperationOutcome"
    head, *issues = one["issue"]
    assert "VAC-NOTE" in head["details"]["text"]
    error = next(i for i in issues if i["severity"] == "error")
    assert error["expression"][0].startswith("/ClinicalDocument")
    assert error["location"][0].startswith("ligne ")
    several = json.loads(run(str(files), "--format", "operationoutcome").stdout)
    assert (several["type"], len(several["entry"])) == ("collection", 3)


def test_operation_outcome_is_valid_fhir(files: Path) -> None:
    resource = pytest.importorskip("fhir.resources.operationoutcome")
    text = run(str(files / "a-faux.xml"), "--format", "operationoutcome").stdout
    resource.OperationOutcome.model_validate_json(text)


def test_the_page_shows_each_finding_in_its_context(files: Path, tmp_path: Path) -> None:
    output = tmp_path / "page.html"
    (files / "d-tronque.xml").write_bytes(NOTE.read_bytes()[:4000])
    result = run(str(files), "--format", "html", "--sortie", str(output))
    assert result.exit_code == 1
    page = output.read_text(encoding="utf-8")
    tree = etree.HTML(page)
    marked = ["".join(m.itertext()) for m in tree.iter("mark")]
    assert any("FEMME" in text for text in marked)
    assert len(marked) >= 2, "le document tronqué aussi montre sa ligne"
    assert "<script" not in page
    assert "default-src 'none'" in tree.xpath("//meta[@http-equiv]/@content")[0]
    assert tree.xpath("//ul[@class='chiffres']//strong/text()")[0] == "4"
    assert "SHA-256" in page


def test_a_hostile_document_cannot_inject_in_the_page(tmp_path: Path) -> None:
    source, output = tmp_path / "x.xml", tmp_path / "page.html"
    payload = '&lt;script&gt;alert(1)&lt;/script&gt;" onload="x'.replace('"', "&quot;")
    source.write_bytes(broken(('administrativeGenderCode code="F"', f'administrativeGenderCode code="{payload}"')))
    run(str(source), "--format", "html", "--sortie", str(output))
    tree = etree.HTML(output.read_text(encoding="utf-8"))
    assert tree.find(".//script") is None
    assert not tree.xpath("//@onload")


# The packs and references of the project


PACK = Path(__file__).parent.parent / "data" / "packs" / "exemple"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with a small schematron pack, as the current folder."""
    monkeypatch.chdir(tmp_path)
    added = CliRunner().invoke(cli, ["packs", "add", str(PACK)])
    assert added.exit_code == 0, added.output
    return tmp_path


def test_both_verdicts_are_shown_and_neither_changes_the_other(project: Path) -> None:
    (project / "faux.xml").write_bytes(WRONG_SEX)
    (project / "autre.txt").write_bytes(b"bonjour")
    (project / "juste.xml").write_bytes(NOTE.read_bytes())
    names = ["autre.txt", "faux.xml", "juste.xml"]
    rows, alone = lines(run(*names, "--format", "jsonl")), lines(run(*names, "--format", "jsonl", "--sans-pack"))
    assert [row["verdict"] for row in rows] == [row["verdict"] for row in alone]
    assert [len(row.get("officiel", ())) for row in rows] == [0, 1, 1]
    assert all("officiel" not in row for row in alone)
    official = rows[1]["officiel"][0]
    assert official["pack"] == "exemple"
    assert official["explication"]
    assert {d["seen"] for d in official["differences"]} >= {"vu par nous seuls"}
    schema = Draft202012Validator(SCHEMAS["validate"])
    assert [e.message for row in rows for e in schema.iter_errors(row)] == []
    assert "à côté : exemple" in run("faux.xml").stdout


def test_several_processes_and_packs_give_the_same_lines(project: Path) -> None:
    for n in range(20):
        (project / f"{n:02}.xml").write_bytes(WRONG_SEX if n % 2 else NOTE.read_bytes())
    names = [f"{n:02}.xml" for n in range(20)]
    one = run(*names, "--format", "jsonl").stdout
    assert run(*names, "--format", "jsonl", "--parallele", "2").stdout == one


def test_the_history_of_places_is_read_from_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    table = tmp_path / "cog" / "v_commune_depuis_1943.csv"
    table.parent.mkdir()
    table.write_text("COM,DATE_DEBUT,DATE_FIN,LIBELLE\n01001,1943-01-01,,AILLEURS\n", encoding="utf-8")
    assert CliRunner().invoke(cli, ["packs", "add", str(table.parent)]).exit_code == 0
    (row,) = lines(run(str(NOTE), "--format", "jsonl"))
    assert "cda.identite.cog-exists" in {f["rule"] for f in row["findings"] if f["verdict"] == "avertissement"}
    assert row["verdict"] == "avertissement"
