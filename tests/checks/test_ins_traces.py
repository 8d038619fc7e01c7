"""Rules on the traces of calls to INSi: the file of the DUI against the calls that were seen."""

from __future__ import annotations

from typing import Any

import pytest
from dui_conformance.checks.registry import all_checks
from dui_conformance.core.check import apply
from dui_conformance.core.exchange import Exchange, Reply
from dui_conformance.core.gestures import Piece
from dui_conformance.core.verdict import Verdict
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.validation.correspondances.mapping import Correspondances, Reading
from samples import insi

NURSE = professionals()["infirmiere-ehpad"]
HEAD = "date;utilisateur;nature;code;usager"
DAY = insi.NOW.isoformat()
FOUND = f"{DAY};{NURSE.id_nat};recherche;00;u1"
FAILED = f"{DAY};{NURSE.id_nat};recherche;erreur;u1"
SEEN = f"{DAY};{NURSE.id_nat};accès;;u1"
CALLS = ("ins.traces-hold-calls", "ins.traces-hold-codes", "ins.traces-name-user", "ins.traces-dated")


def calls() -> list[Exchange]:
    down = insi.exchange(insi.envelope(insi.traits(), number=2), Reply(503), id="E2")
    return [insi.exchange(insi.envelope(insi.traits()), id="E1"), down]


def judged(check: str, *lines: str, known: Correspondances | None = None) -> Verdict:
    piece = Piece("traces-ins.csv", "\n".join(lines).encode())
    subjects: list[Any] = [piece, *calls(), insi.USAGER, NURSE, insi.geste({})]
    made = apply(all_checks()[check], subjects, context=[insi.SETTINGS, known or Correspondances()])
    if made.finding is not None:
        assert made.finding.expected
        assert made.finding.at
        assert made.finding.hint
    return made.verdict


@pytest.mark.parametrize("check", [*CALLS, "ins.traces-hold-accesses"])
def test_whole_traces_are_accepted(check: str) -> None:
    assert judged(check, HEAD, FOUND, FAILED, SEEN) is Verdict.CONFORME


@pytest.mark.parametrize(
    ("check", "lines"),
    [
        ("ins.traces-hold-calls", (FOUND, SEEN)),
        ("ins.traces-hold-codes", (FOUND, FOUND)),
        ("ins.traces-hold-codes", (FOUND, FAILED.replace("erreur", ""))),
        ("ins.traces-name-user", (FOUND, FAILED.replace(NURSE.id_nat, "DUI"))),
        ("ins.traces-dated", (FOUND.replace(DAY, "2026-04-01"), FAILED.replace(DAY, "2026-04-01"))),
        ("ins.traces-hold-accesses", (FOUND, FAILED)),
        ("ins.traces-hold-accesses", (FOUND, SEEN.replace(DAY, "2025-01-01T00:00:00Z"))),
    ],
)
def test_missing_trace_is_reported(check: str, lines: tuple[str, ...]) -> None:
    assert judged(check, HEAD, *lines) is Verdict.NON_CONFORME


@pytest.mark.parametrize("check", CALLS)
def test_titles_to_confirm_are_not_tested_until_they_are(check: str) -> None:
    head = "Date de trace;Compte du professionnel;Action menée;Code rendu;Dossier"
    assert judged(check, head, FOUND, FAILED) is Verdict.NON_TESTE
    titles = dict(zip(("date", "utilisateur", "nature", "code", "usager"), head.split(";"), strict=True))
    known = Correspondances({"traces-ins": Reading(titles)})
    assert judged(check, head, FOUND, FAILED, known=known) is Verdict.CONFORME


def test_what_is_no_table_is_not_judged() -> None:
    assert judged(CALLS[0], "journal") is Verdict.NON_CONCLUANT
