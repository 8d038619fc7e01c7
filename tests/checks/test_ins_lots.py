"""Rules on the verification of many INS at once, on both sides of each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from dui_conformance.checks.registry import all_checks, all_profiles, run_profile
from dui_conformance.core.check import Application, apply
from dui_conformance.core.exchange import Exchange, Times
from dui_conformance.core.profile import best_for
from dui_conformance.core.verdict import Verdict
from dui_conformance.mocks.insi.app import Insi
from samples import insi

AUTO = insi.client_der("INSI-AUTO")
HOLDER = replace(insi.USAGER, matricule="2600555039012", cle="96", oid=insi.OID, statut="qualifiee")
KO = {"statut": "validee", "matricule": "", "oid": ""}
KEPT = {"statut": "qualifiee", "matricule": "2600555039012", "oid": insi.OID}


def judged(check: str, *subjects: Any) -> Application:
    return apply(all_checks()[check], subjects, context=[insi.SETTINGS])


def played(*rows: tuple[str, str], pending: int = 0, certificate: bytes = AUTO, **swap: str) -> tuple[Exchange, Exchange]:
    """A deposit and the request of its result."""
    service = insi.service()
    service.command("lot-en-cours", {"fois": pending})
    message = insi.envelope(insi.lot(*rows), action=insi.LOT)
    for old, new in swap.items():
        message = message.replace(f"<{old}>", new)
    deposit = _exchange(service, message, "E1", certificate)
    name = deposit.facts["lot"]
    asked = insi.envelope(insi.lot_result(name), action=insi.LOT_RESULT, number=2)
    return deposit, _exchange(service, asked, "E2", certificate)


def _exchange(service: Insi, message: str, id: str, certificate: bytes) -> Exchange:
    asked = insi.request(message, certificate=certificate)
    reply = service.handle("insi", asked, insi.NOW)
    kind = service.describe("insi", asked).kind
    times = Times(wall=insi.NOW, logical=insi.NOW, mono=0)
    return Exchange(id, "insi", kind, asked, reply, asked.connection, times, facts=reply.facts)


def test_a_good_lot_holds_to_its_profiles() -> None:
    for exchange, profile in zip(played(("a", "96"), ("b", "96")), ("INSI-LOT", "INSI-LOT-RESULTAT"), strict=True):
        chosen = best_for(exchange.kind, tuple(all_profiles().values()), insi.NOW.date())
        assert chosen is not None
        assert chosen.id == profile
        found = run_profile(chosen, [exchange], context=[insi.SETTINGS])
        assert {a.verdict for a in found} == {Verdict.CONFORME}, [(a.check, a.reason) for a in found]
        assert exchange.facts["provisoire"]


@pytest.mark.parametrize(
    ("check", "exchanges"),
    [
        ("insi.lot-complete", played(("a", "96"), ("b", ""))),
        ("insi.lot-references", played(("a", "96"), ("a", "96"))),
        ("insi.lot-references", played(("", "96"))),
        ("insi.lot-certificate", played(("a", "96"), certificate=insi.client_der())),
    ],
)
def test_a_bad_lot_is_reported(check: str, exchanges: tuple[Exchange, Exchange]) -> None:
    application = judged(check, exchanges[0])
    assert application.finding is not None
    assert application.finding.expected
    assert application.finding.hint


def test_suspect_identities_stay_out() -> None:
    deposit, _ = played(("a", "96"))
    assert judged("insi.lot-without-suspects", deposit, HOLDER).verdict is Verdict.NON_CONFORME
    other = replace(HOLDER, matricule="1", matricule_insi="2")
    assert judged("insi.lot-without-suspects", deposit, other).verdict is Verdict.CONFORME


def test_pending_lot_shows_nothing() -> None:
    _, answer = played(("a", "96"), pending=1)
    assert judged("insi.lot-pending", answer, insi.geste({"reponses": {}})).verdict is Verdict.CONFORME
    assert judged("insi.lot-pending", answer, insi.geste({"reponses": {"u1": "OK"}})).verdict is Verdict.AVERTISSEMENT
    assert judged("insi.lot-pending", played(("a", "96"))[1], insi.geste({"reponses": {}})).verdict is Verdict.NON_CONCLUANT


def test_answers_go_to_their_references() -> None:
    deposit, answer = played(("a", "96"))
    rule = "insi.lot-understood"
    assert judged(rule, deposit, answer, insi.geste({"reponses": {"u1": "OK"}}), HOLDER).verdict is Verdict.CONFORME
    for shown in ({"u1": "KO"}, {}):
        assert judged(rule, deposit, answer, insi.geste({"reponses": shown}), HOLDER).verdict is Verdict.AVERTISSEMENT
    assert judged(rule, deposit, answer, insi.geste({}), HOLDER).verdict is Verdict.NON_CONCLUANT


def test_a_refused_ins_is_invalidated() -> None:
    deposit, answer = played(("a", "00"))
    rule = "insi.lot-applied"
    assert judged(rule, deposit, answer, HOLDER, insi.geste(KO)).verdict is Verdict.CONFORME
    assert judged(rule, deposit, answer, HOLDER, insi.geste(KEPT)).verdict is Verdict.NON_CONFORME
    assert judged(rule, *played(("a", "96")), HOLDER, insi.geste(KEPT)).verdict is Verdict.NON_CONCLUANT


def test_a_strict_service_refuses_a_bad_lot() -> None:
    service = insi.service(strict=True)
    for rows in ((("a", ""),), (("a", "96"), ("a", "96")), ()):
        reply = service.handle("insi", insi.request(insi.envelope(insi.lot(*rows), action=insi.LOT)), insi.NOW)
        assert reply.status == 500
