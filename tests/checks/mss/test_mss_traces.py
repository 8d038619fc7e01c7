"""Rules on the traces of mail: the file of the DUI against what the operator saw."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from checks.mss.exemples import SIMPLE
from dui_conformance.checks.registry import all_checks
from dui_conformance.core.campaign import Geste
from dui_conformance.core.check import apply
from dui_conformance.core.exchange import Body, Connection, Exchange, Reply, Request, Times
from dui_conformance.core.gestures import Etat, Piece, Resultat
from dui_conformance.core.gestures.messagerie import EnvoyerMessage, SupprimerMessage
from dui_conformance.core.settings import Settings
from dui_conformance.core.verdict import Verdict
from dui_conformance.fixtures.people import usager
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.validation.correspondances.mapping import Correspondances
from samples import insi

PAUL, USAGER = professionals()["medecin-multi"], usager("qualifie", "traces")
HEAD = "date;utilisateur;boite;action;message;demande;reponse;resultat"
DAY = insi.NOW.isoformat()
SENT = f"{DAY};{PAUL.id_nat};paul@x;envoi;<1@pro.formation.mssante.fr>;MAIL FROM;250 accepté;réussi"
FAILED = f"{DAY};{PAUL.id_nat};paul@x;envoi;<2@pro.formation.mssante.fr>;MAIL FROM;451 réessayez;échec"
DELETED = f"{DAY};{PAUL.id_nat};paul@x;suppression;<3@y>;EXPUNGE;OK;réussi"
CHECKS = ("sends", "failures", "deletions", "user", "dated", "exchange", "no-content")


def subjects(piece: Piece, check: str) -> list[Any]:
    times = Times(insi.NOW, insi.NOW, 0)
    request = Request("SMTP", "/envoi", (), Body(SIMPLE), Connection())
    sent = Exchange("E1", "mss", "mss.smtp.envoi", request, Reply(250), Connection(), times)
    failed = Geste("G1", EnvoyerMessage(USAGER.id, "a@b", "consultation"), Resultat(Etat.REFUSE, "451"))
    deletion = Geste("G2", SupprimerMessage("<3@y>"), Resultat(Etat.FAIT))
    return [piece, sent, PAUL, USAGER, deletion if check == "deletions" else failed]


def judged(check: str, *lines: str) -> Verdict:
    piece = Piece("traces-messagerie.csv", "\n".join((HEAD, *lines)).encode())
    known = [Settings(), Correspondances()]
    made = apply(all_checks()[f"mss.traces.{check}"], subjects(piece, check), context=known)
    if made.finding is not None:
        assert made.finding.expected
        assert made.finding.at
        assert made.finding.hint
    return made.verdict


@pytest.mark.parametrize("check", CHECKS)
def test_whole_traces_are_accepted(check: str) -> None:
    assert judged(check, SENT, FAILED, DELETED) is Verdict.CONFORME


@pytest.mark.parametrize(
    ("check", "lines"),
    [
        ("sends", (FAILED, DELETED)),
        ("failures", (SENT, DELETED)),
        ("deletions", (SENT, FAILED)),
        ("user", (SENT.replace(PAUL.id_nat, "service"),)),
        ("dated", (SENT.replace(DAY, "2020-01-01T00:00:00Z"),)),
        ("exchange", (SENT.replace("MAIL FROM", ""),)),
        ("no-content", (SENT + ";Bonjour, êtes-vous disponible ?",)),
        ("no-content", (SENT.replace("250 accepté", f"message pour {USAGER.nom_naissance}"),)),
    ],
)
def test_wrong_traces_are_told(check: str, lines: tuple[str, ...]) -> None:
    assert judged(check, *lines) is Verdict.NON_CONFORME


@pytest.mark.parametrize("check", ["user", "exchange"])
def test_no_send_at_all_is_inconclusive(check: str) -> None:
    assert judged(check, DELETED) is Verdict.NON_CONCLUANT


def test_failure_that_succeeded_is_inconclusive() -> None:
    piece = Piece("traces-messagerie.csv", f"{HEAD}\n{SENT}".encode())
    done = subjects(piece, "failures")
    done[-1] = replace(done[-1], resultat=Resultat(Etat.FAIT))
    made = apply(all_checks()["mss.traces.failures"], done, context=[Settings(), Correspondances()])
    assert made.verdict is Verdict.NON_CONCLUANT
