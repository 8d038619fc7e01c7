"""Receipts and answers: each rule kept by those of another software, then broken."""

from __future__ import annotations

import pytest
from checks.mss.exemples import SENDER, breaks, header, mail, right, run, variant
from dui_conformance.checks import mss_accuses
from dui_conformance.core.errors import CheckFailed
from dui_conformance.validation.mail.receipts import Returned

READ = variant("accuse-lu")[0]
REFUSED = variant("accuse-refus")[0]
NAMES = """
structure human-text final-recipient original-recipient disposition modes error original-message-id returned recipient asked
not-automatic no-loop
"""


@pytest.mark.parametrize("rule", NAMES.split())
@pytest.mark.parametrize("data", [READ, REFUSED, variant("accuse-integre")[0]], ids=["lu", "refus", "integre"])
def test_a_correct_receipt_keeps_the_rule(rule: str, data: bytes) -> None:
    assert run(f"mss.mdn.{rule}", data).fired


def change(before: bytes, after: bytes, data: bytes = READ) -> bytes:
    """Other bytes."""
    assert before in data
    return data.replace(before, after, 1)


ELSEWHERE = header("Disposition-Notification-To", "<secretariat@autre.mssante.fr>", right())
WRONG = {
    "sans-report-type": ("structure", change(b"report-type=disposition-notification; ", b"")),
    "mixed": ("structure", change(b"multipart/report", b"multipart/mixed")),
    "sans-texte": (
        "human-text",
        change(b"Votre message", b"").replace(mail(READ).root.parts[0].raw.replace(b"Votre message", b""), b""),
    ),
    "final-absent": ("final-recipient", change(b"Final-Recipient", b"X-Final")),
    "final-autre": ("final-recipient", change(b"Final-Recipient: rfc822; paul", b"Final-Recipient: rfc822; jean")),
    "final-sans-type": ("final-recipient", change(b"Final-Recipient: rfc822; ", b"Final-Recipient: ")),
    "original-absent": ("original-recipient", change(b"Original-Recipient", b"X-Original")),
    "disposition-absente": ("disposition", change(b"Disposition: ", b"X-Disposition: ")),
    "disposition-lu": ("disposition", change(b"; displayed", b"; lu").replace(b"displayed", b"lu")),
    "modes": ("modes", change(b"Disposition: manual", b"Disposition: automatic")),
    "erreur-absente": ("error", change(b"\r\nError: 902^Patient inconnu", b"", REFUSED)),
    "erreur-sans-libelle": ("error", change(b"Error: 902^Patient inconnu", b"Error: 902", REFUSED)),
    "message-id-absent": ("original-message-id", change(b"Original-Message-ID", b"X-Original-Message-ID")),
    "message-id-autre": ("original-message-id", change(b"Original-Message-ID: <", b"Original-Message-ID: <0")),
    "sans-original": ("returned", change(b"Content-Type: message/rfc822", b"Content-Type: application/octet-stream")),
    "original-coupe": ("returned", READ[: READ.index(b"UEsD")] + READ[READ.rindex(b"\r\n--mdn-") :]),
    "ailleurs": ("recipient", change(b"To: <paul.testeur@", b"To: <jean.testeur@")),
    "non-demande": ("asked", header("Disposition-Notification-To", None, READ)),
    "boucle": ("no-loop", variant("accuse-en-boucle")[0]),
}


@pytest.mark.parametrize(("rule", "data"), WRONG.values(), ids=WRONG)
def test_a_wrong_receipt_breaks_the_rule(rule: str, data: bytes) -> None:
    breaks(f"mss.mdn.{rule}", data)


def receipt_of(original: bytes, data: bytes) -> bytes:
    """The same receipt, for another message."""
    return data.replace(right(), original)


def test_no_automatic_receipt_leaves_for_another_address() -> None:
    other = receipt_of(ELSEWHERE, variant("accuse-integre")[0])
    assert SENDER in breaks("mss.mdn.not-automatic", other).expected
    assert run("mss.mdn.not-automatic", receipt_of(ELSEWHERE, READ)).fired


def test_no_receipt_answers_a_receipt() -> None:
    breaks("mss.mdn.no-loop", receipt_of(READ, READ))


ANSWER = header("To", f"<{SENDER}>", variant("reponse")[0])


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        (mss_accuses.answer_names_the_message, "In-Reply-To"),
        (mss_accuses.answer_continues_the_thread, "References"),
        (mss_accuses.answer_goes_where_it_is_wanted, "To"),
    ],
)
def test_an_answer_follows_the_message(rule, name: str) -> None:
    original = Returned(mail(right()))
    assert rule(mail(ANSWER), original).fired
    with pytest.raises(CheckFailed) as failed:
        rule(mail(header(name, "<autre@ailleurs.fr>", ANSWER)), original)
    assert failed.value.expected


def test_an_answer_goes_to_reply_to() -> None:
    original = Returned(mail(header("Reply-To", "<secretariat@autre.mssante.fr>", right())))
    with pytest.raises(CheckFailed):
        mss_accuses.answer_goes_where_it_is_wanted(mail(ANSWER), original)
