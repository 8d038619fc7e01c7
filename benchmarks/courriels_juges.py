"""Messages judged a second and per core, in one process: the mail alone, then with all that it holds.

``python benchmarks/courriels_juges.py``. The mail carries a note de vaccination in an IHE_XDM archive, and its PDF/A-1; its
identifiers change at each run, so that nothing is judged from memory. Aim: 60 a second for 30 kB, everything judged.
"""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime

from dui_conformance.checks.courriel import check_message
from dui_conformance.cli.courriels_recus import received_mails
from dui_conformance.fixtures.people import usager
from dui_conformance.validation.mail import RawMail

RUNS, ROUNDS = 60, 5
DAY = date(2026, 11, 22)
DE, VERS = "paul.testeur-multi@pro.formation.mssante.fr", "contact@labo.formation.mssante.fr"


def sample(variante: str = "valide") -> bytes:
    """A correct mail, as another software writes it."""
    le = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    return received_mails(
        variante, usager("qualifie", "banc"), de=DE, libelle="Dr_Paul_TESTEUR_Cabinet", a=VERS, le=le, graine="banc"
    )[0]


def without_pdf_judgement(mail: bytes) -> bytes:
    """The same without its PDF, which is half of it."""
    parts = RawMail(mail).mail.pdfs
    return mail.replace(parts[0].raw, b"JVBERi0xLjQK", 1) if parts else mail


def per_second(judge: Callable[[bytes], object], mail: bytes) -> float:
    """Judgements a second of processor: the median of rounds."""
    rates = []
    for _ in range(ROUNDS):
        before = time.process_time()
        for rank in range(RUNS):
            judge(mail.replace(b"<", b"<%d" % rank, 1))
        rates.append(RUNS / (time.process_time() - before))
    return statistics.median(rates)


def judged(mail: bytes) -> object:
    """Everything: the message, its archive, its documents, its PDF."""
    return check_message(mail, day=DAY)


def read(mail: bytes) -> object:
    """The MIME tree alone."""
    return RawMail(mail).mail.leaves


def main() -> None:
    """Print the figures."""
    full, simple = sample(), sample("sans-document")
    print(f"{platform.machine()}, Python {platform.python_version()}, {RUNS} messages par mesure, {ROUNDS} mesures")
    judged(full)
    for title, mail in (
        (f"message de {len(full) / 1000:.0f} ko, document et PDF compris", full),
        ("le même sans contenu du PDF", without_pdf_judgement(full)),
        ("message sans document", simple),
    ):
        print(
            f"{title} : {per_second(judged, mail):.0f} jugés par seconde et par cœur ; lecture seule {per_second(read, mail):.0f}"
        )


if __name__ == "__main__":
    main()
