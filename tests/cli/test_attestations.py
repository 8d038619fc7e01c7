"""``attestations.toml``: what answers a form, the pieces it takes, the errors it tells, and its model."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from dui_conformance.catalogue import applicable
from dui_conformance.cli.attestations import KEYS, model, project_attestations, read_attestations
from dui_conformance.cli.couverture import coverage
from dui_conformance.cli.main import cli
from dui_conformance.core.errors import InputError
from dui_conformance.core.formulaire import Formulaire, Question
from dui_conformance.core.settings import Attestations, Settings, parse_settings
from dui_conformance.core.verdict import Verdict

SIGNED = """
[[attestation]]
exigence = "SSI-04"
verdict = "conforme"
note = "signée"
par = "Mme Essai, RSSI"
date = 2026-05-04
pieces = ["dossier/honneur.pdf"]
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dossier").mkdir()
    (tmp_path / "dossier" / "honneur.pdf").write_bytes(b"%PDF-1.7 essai")
    return tmp_path


def written(project: Path, text: str) -> Path:
    path = project / "attestations.toml"
    path.write_text(text, encoding="utf-8")
    return path


def dui(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def question(exigence: str, rank: int = 0) -> Question:
    scenario, form = coverage()[exigence].formulaires[rank]
    return Question(scenario, (exigence,), form)


def test_an_answer_comes_with_who_when_and_its_pieces(project: Path) -> None:
    given = read_attestations(written(project, SIGNED)).of(question("SSI-04"))
    assert given is not None
    assert (given.verdict, given.note, given.par, given.date) == (Verdict.CONFORME, "signée", "Mme Essai, RSSI", "2026-05-04")
    assert [(p.nom, p.data) for p in given.pieces] == [("honneur.pdf", b"%PDF-1.7 essai")]
    assert read_attestations(written(project, SIGNED)).of(question("SSI-05")) is None


def test_it_is_found_from_the_settings(project: Path) -> None:
    written(project, SIGNED)
    named = Settings(attestations=Attestations(fichier="attestations.toml"))
    assert project_attestations(project, named).entries
    assert not project_attestations(project, Settings()).entries
    with pytest.raises(InputError, match="init --attestations"):
        project_attestations(project, Settings(attestations=Attestations(fichier="absent.toml")))
    with pytest.raises(InputError, match="clé inconnue"):
        parse_settings('[attestations]\nfichiers = "x"\n')


def test_doctor_reads_it(project: Path) -> None:
    (project / "dui.toml").write_text('[attestations]\nfichier = "attestations.toml"\n', encoding="utf-8")
    written(project, SIGNED)
    assert "attestations.toml lu, 1 réponse(s)" in dui("doctor").output
    written(project, SIGNED.replace("SSI-04", "SSI-99"))
    ended = dui("doctor")
    assert ended.exit_code == 2
    assert "exigence inconnue" in ended.output


def test_a_form_left_without_a_verdict_is_not_answered(project: Path) -> None:
    text = SIGNED.replace('"conforme"', '""').replace("dossier/honneur.pdf", "absent.pdf")
    assert read_attestations(written(project, text)).entries == ()


def test_one_of_several_forms_is_named_by_what_it_looks_at(project: Path) -> None:
    first, second = question("PSC-01"), question("PSC-01", 1)
    text = f'[[attestation]]\nexigence = "PSC-01"\nverdict = "conforme"\nconstat = "{second.formulaire.constat}"\n'
    answers = read_attestations(written(project, text))
    assert answers.of(first) is None
    assert answers.of(second) is not None
    with pytest.raises(InputError, match="plusieurs formulaires"):
        read_attestations(written(project, '[[attestation]]\nexigence = "PSC-01"\nverdict = "conforme"\n'))


def test_a_scenario_may_narrow_an_answer(project: Path) -> None:
    form = Formulaire("Vu ?")
    text = '[[attestation]]\nexigence = "SSI-04"\nverdict = "non conforme"\nscenario = "attestations_securite.gouvernance"\n'
    answers = read_attestations(written(project, text))
    assert answers.of(question("SSI-04")) is not None
    assert answers.of(Question("autre.scenario", ("SSI-04",), form)) is None


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('exigence = "SSI-04"', 'exigence = "SSI-99"', "SSI-99 : exigence inconnue"),
        ('exigence = "SSI-04"', 'exigence = ""', "« exigence » manque"),
        ('exigence = "SSI-04"', 'exigence = "GEN-05"', "pas de formulaire"),
        ('exigence = "SSI-04"', 'exigence = "SSI-04"\nconstat = "Autre ?"', "aucun formulaire"),
        ('"conforme"', '"oui"', "verdict « oui »"),
        ("2026-05-04", '"hier"', "AAAA-MM-JJ"),
        ("par =", "paar =", "Vouliez-vous dire « par »"),
        ('"signée"', "3", "un texte entre guillemets"),
        ('["dossier/honneur.pdf"]', '"dossier/honneur.pdf"', "une liste de chemins"),
        ("honneur.pdf", "absent.pdf", "« dossier/absent.pdf » illisible"),
        ("honneur.pdf", "honneur.docx", "n'est pas accepté"),
        ("[[attestation]]", "[attestation]", "tables"),
        ("[[attestation]]", "[[attestations]]", "tables"),
        ('verdict = "conforme"', "verdict = conforme", "syntaxe TOML invalide"),
    ],
)
def test_a_bad_file_is_told_with_its_line_the_exigence_and_why(project: Path, before: str, after: str, says: str) -> None:
    with pytest.raises(InputError, match=re.escape(says)) as raised:
        read_attestations(written(project, SIGNED.replace(before, after)))
    assert "attestations.toml" in str(raised.value)
    if "tables" not in says and "TOML" not in says:
        assert "ligne 2" in str(raised.value)


def test_two_answers_to_one_form_are_refused(project: Path) -> None:
    with pytest.raises(InputError, match=r"ligne 10 : exigence SSI-04 : déjà attestée à la ligne 2"):
        read_attestations(written(project, SIGNED + SIGNED))


@pytest.mark.parametrize(
    ("data", "says"), [(b"", "non vide"), (b"texte", "n'est pas celui"), (b"%PDF-" + bytes(21 << 20), "20 Mio")]
)
def test_a_piece_is_measured_and_looked_at(project: Path, data: bytes, says: str) -> None:
    (project / "dossier" / "honneur.pdf").write_bytes(data)
    with pytest.raises(InputError, match=says):
        read_attestations(written(project, SIGNED))


def test_the_model_holds_every_form_of_the_chosen_sectors(project: Path) -> None:
    ended = dui("init", "--attestations", "--secteurs", "PA,AHI")
    assert ended.exit_code == 0, ended.output
    path = project / "attestations.toml"
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["attestation"]
    assert all(set(row) <= set(KEYS) for row in rows)
    wanted = {name for name in applicable(["PA", "AHI"]) if coverage()[name].formulaires}
    assert {row["exigence"] for row in rows} == wanted
    assert read_attestations(path).entries == ()
    assert dui("init", "--attestations").exit_code == 2


def test_every_table_of_the_model_is_read_once_it_is_answered(project: Path) -> None:
    text = model(["PA", "PHO", "DS", "PDE", "AHI"]).replace('verdict = ""', 'verdict = "conforme"')
    answers = read_attestations(written(project, text))
    for name in applicable(["PA", "PHO", "DS", "PDE", "AHI"]):
        for scenario, form in coverage()[name].formulaires:
            assert answers.of(Question(scenario, (name,), form)) is not None, (name, scenario)


def test_the_sectors_of_the_model_are_those_of_dui_toml(project: Path) -> None:
    (project / "dui.toml").write_text('secteurs = ["AHI"]\n', encoding="utf-8")
    assert dui("init", "--attestations").exit_code == 0
    text = (project / "attestations.toml").read_text(encoding="utf-8")
    assert "SIAO-01" in text
    assert "ON-01" not in text
    assert dui("init", "--secteurs", "PA").exit_code == 2
