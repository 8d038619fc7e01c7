"""Exit codes, the terminal, and the names of campaigns."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from dui_conformance.cli.run import default_folder, exit_code, lacks_gesture, newest_open
from dui_conformance.cli.terminal import Console, clean
from dui_conformance.core.check import Application
from dui_conformance.core.clock import Clock
from dui_conformance.core.errors import InputError
from dui_conformance.core.journal import Journal
from dui_conformance.core.problem import Finding
from dui_conformance.core.runner import Outcome, Scenario
from dui_conformance.core.verdict import Severity, Verdict

V = Verdict


@pytest.mark.parametrize(
    ("verdicts", "code", "strict"),
    [
        ([V.CONFORME, V.SANS_OBJET], 0, 0),
        ([V.CONFORME, V.A_EXAMINER], 0, 0),
        ([V.CONFORME, V.NON_TESTE], 0, 4),
        ([V.CONFORME, V.AVERTISSEMENT], 0, 1),
        ([V.AVERTISSEMENT, V.NON_TESTE], 0, 1),
        ([V.NON_CONCLUANT, V.CONFORME], 4, 4),
        ([V.NON_CONCLUANT, V.AVERTISSEMENT], 4, 1),
        ([V.NON_CONCLUANT, V.NON_CONFORME], 1, 1),
        ([V.ERREUR, V.NON_CONFORME, V.NON_CONCLUANT], 3, 3),
        ([], 0, 0),
    ],
)
def test_the_first_that_applies_is_the_exit_code(verdicts: list[Verdict], code: int, strict: int) -> None:
    assert exit_code(verdicts) == code
    assert exit_code(verdicts, strict=True) == strict


@pytest.mark.parametrize(
    ("reason", "lacks"),
    [
        ("geste non offert par le pilote : verifier_ins", True),
        ("geste impossible : se_connecter — écran absent", True),
        ("geste passe : se_connecter", True),
        ("horloge : le pilote ne sait pas avancer celle du DUI", False),
        ("service non simulé : mssante", False),
        ("", False),
    ],
)
def test_only_a_missing_gesture_counts_under_strict(reason: str, lacks: bool) -> None:
    assert lacks_gesture(reason) is lacks


@pytest.mark.parametrize(
    ("received", "shown"),
    [
        ("\x1b[31mrouge\x1b[0m", "rouge"),
        ("a\x1b]0;titre\x07b", "ab"),
        ("a\x1b]52;c;presse-papier", "a"),
        ("\x1b[2J\x1b[Hefface", "efface"),
        ("bip\x07\x08\x7f", "bip"),
        ("deux\nlignes\tici", "deux\nlignes\tici"),
        ("retour\rchariot", "retourchariot"),
        ("\x1bPcommande\x1b\\ suite", " suite"),
        ("\x9b31mrouge", "rouge"),
        ("sens\u202einverse", "sensinverse"),
        ("« é œ »", "« é œ »"),
    ],
)
def test_what_was_received_cannot_command_the_terminal(received: str, shown: str) -> None:
    assert clean(received) == shown


def outcome(*findings: Finding) -> Outcome:
    applications = tuple(
        Application(f.check, "règle", V.NON_CONFORME, Severity.ERREUR, (), ("E000001",), finding=f) for f in findings
    )
    return Outcome("m.x", 1, V.NON_CONFORME if findings else V.NON_TESTE, "geste non offert", applications)


def printed(given: Outcome) -> str:
    out = io.StringIO()
    Console(out, io.StringIO()).scenario(Scenario("m.x", "Un titre", lambda c: None), given)
    return out.getvalue()


def test_a_line_begins_with_the_verdict_and_says_how_to_mend() -> None:
    text = printed(outcome(Finding("a.b", "Faux", "un", "\x1b[31mdeux\n" + "x" * 500, "/ici", "Corriger")))
    first, *rest = text.splitlines()
    assert first.startswith("non conforme ")
    assert "m.x  Un titre" in first
    assert [line.split()[0] for line in rest] == ["non", "attendu", "reçu", "où", "piste"]
    assert "\x1b" not in text
    assert max(map(len, rest)) < 230


def test_many_findings_are_counted_not_listed() -> None:
    text = printed(outcome(*(Finding(f"a.{i}", "Faux") for i in range(9))))
    assert "… et 6 autres constats dans le rapport" in text


def test_a_scenario_that_was_not_played_says_why() -> None:
    assert "geste non offert" in printed(outcome())


def test_a_campaign_folder_is_never_taken_twice(tmp_path: Path) -> None:
    first = default_folder(tmp_path)
    first.mkdir(parents=True)
    second = default_folder(tmp_path)
    assert second != first
    assert not second.exists()


def test_the_newest_open_campaign_is_found(tmp_path: Path) -> None:
    for name, ended in (("2026-01-01", False), ("2026-01-02", False), ("2026-01-03", True)):
        journal = Journal.create(tmp_path / "campagnes" / name, Clock(), {"produit": {}})
        if ended:
            journal.append("campagne.fin")
        journal.close()
    (tmp_path / "campagnes" / "2026-01-04").mkdir()
    assert newest_open(tmp_path).name == "2026-01-02"
    with pytest.raises(InputError, match="aucune campagne interrompue"):
        newest_open(tmp_path / "ailleurs")
