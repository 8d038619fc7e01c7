"""Headers of messages: sender, recipients, identifiers, X-MSS, envelope."""

from __future__ import annotations

import pytest
from checks.mss.exemples import RECIPIENT, SENDER, SIMPLE, breaks, header, mail, right, run, variant
from dui_conformance.checks.mss_entetes import message_ids_are_unique
from dui_conformance.core.errors import CheckFailed
from dui_conformance.core.settings import Produit, Settings
from dui_conformance.validation.mail.envelope import Envelope, Recipient

NAMES = """
date from from-label from-label-form to message-id message-id-domain threading reply-to read-receipt read-receipt-address
nil codecda ins mes mes-in-subject x-known
"""
RULES = [f"mss.entete.{name}" for name in NAMES.split()]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("data", [SIMPLE, right(), variant("reponse")[0]], ids=["simple", "documents", "reponse"])
def test_a_correct_mail_keeps_the_rule(rule: str, data: bytes) -> None:
    assert run(rule, data).fired


WRONG = {
    "date-absente": ("date", header("Date", None)),
    "date-francaise": ("date", header("Date", "2 novembre 2026")),
    "date-sans-decalage": ("date", header("Date", "Mon, 02 Nov 2026 10:30:00")),
    "from-absent": ("from", header("From", None)),
    "from-double": ("from", header("From", "a@b.fr, c@d.fr")),
    "from-mal-forme": ("from", header("From", "Paul TESTEUR")),
    "libelle-absent": ("from-label", header("From", "<paul.testeur@pro.formation.mssante.fr>")),
    "libelle-adresse": ("from-label", header("From", '"paul.testeur@pro.fr" <paul.testeur@pro.fr>')),
    "libelle-local": ("from-label", header("From", "Paul.Testeur <paul.testeur@pro.fr>")),
    "libelle-espaces": ("from-label-form", header("From", "Paul TESTEUR <paul.testeur@pro.fr>")),
    "libelle-minuscules": ("from-label-form", header("From", "Dr_Paul_Testeur_Cabinet <paul.testeur@pro.fr>")),
    "to-absent": ("to", header("To", None)),
    "to-mal-forme": ("to", header("To", "medecin-traitant")),
    "message-id-absent": ("message-id", header("Message-ID", None)),
    "message-id-nu": ("message-id", header("Message-ID", "1@pro.formation.mssante.fr")),
    "message-id-poste": ("message-id-domain", header("Message-ID", "<1@poste-12.local>")),
    "in-reply-to-nu": ("threading", header("In-Reply-To", "message")),
    "sans-references": ("threading", header("In-Reply-To", "<1@a.fr>")),
    "reply-to-vide": ("reply-to", header("Reply-To", "Secretariat")),
    "sans-accuse": ("read-receipt", header("Disposition-Notification-To", None)),
    "accuse-ailleurs": ("read-receipt-address", header("Disposition-Notification-To", "<autre@b.fr>")),
    "nil-absent": ("nil", header("X-MSS-NIL", None)),
    "nil-vide": ("nil", header("X-MSS-NIL", " ")),
    "codecda-sans-document": ("codecda", header("X-MSS-CODECDA", "34112-3")),
    "codecda-absent": ("codecda", header("X-MSS-CODECDA", None, right())),
    "codecda-autre": ("codecda", header("X-MSS-CODECDA", "34112-3", right())),
    "ins-sans-document": ("ins", header("X-MSS-INS", "O")),
    "ins-n": ("ins", header("X-MSS-INS", "N", right())),
    "ins-oui": ("ins", header("X-MSS-INS", "OUI", right())),
    "mes-autre": ("mes", header("X-MSS-MES", "fin", header("To", "<267055503926384@patient.mssante.fr>"))),
    "mes-au-pro": ("mes", header("X-MSS-MES", "FIN")),
    "fin-objet": ("mes-in-subject", header("Subject", "Question [FIN]")),
    "x-inconnu": ("x-known", header("X-MSS-URGENCE", "O")),
}


@pytest.mark.parametrize(("rule", "data"), WRONG.values(), ids=WRONG)
def test_a_wrong_mail_breaks_the_rule(rule: str, data: bytes) -> None:
    breaks(f"mss.entete.{rule}", data)


def test_the_number_of_the_product_is_that_of_the_campaign() -> None:
    ours = Settings(produit=Produit(nil="NIL-1"))
    assert run("mss.entete.nil-declared", SIMPLE, ours).fired
    assert breaks("mss.entete.nil-declared", SIMPLE, Settings()).expected == Settings().produit.nil


def test_two_mails_have_two_identifiers() -> None:
    other = header("Message-ID", "<2@pro.formation.mssante.fr>")
    assert message_ids_are_unique((mail(SIMPLE), mail(other))).fired
    with pytest.raises(CheckFailed):
        message_ids_are_unique((mail(SIMPLE), mail(header("Subject", "Autre"))))


def envelope(sender: str = SENDER, to: str = RECIPIENT, notify: str = "SUCCESS,FAILURE", ret: str = "HDRS") -> Envelope:
    recipients = (Recipient(to, (("NOTIFY", notify),) if notify else ()),)
    return Envelope("E1", sender, (("RET", ret),) if ret else (), recipients, "XOAUTH2", 100)


@pytest.mark.parametrize("rule", ["dsn", "dsn-return", "sender", "recipients", "no-bcc"])
def test_a_correct_transaction_keeps_the_rule(rule: str) -> None:
    assert run(f"mss.envoi.{rule}", SIMPLE, envelope()).fired


TRANSACTIONS = {
    "sans-notify": ("dsn", SIMPLE, envelope(notify="")),
    "echec-seul": ("dsn", SIMPLE, envelope(notify="FAILURE")),
    "sans-ret": ("dsn-return", SIMPLE, envelope(ret="")),
    "autre-expediteur": ("sender", SIMPLE, envelope(sender="autre@b.fr")),
    "destinataire-oublie": ("recipients", SIMPLE, envelope(to="autre@b.fr")),
    "bcc": ("no-bcc", header("Bcc", "x@y.fr"), envelope()),
}


@pytest.mark.parametrize(("rule", "data", "seen"), TRANSACTIONS.values(), ids=TRANSACTIONS)
def test_a_wrong_transaction_breaks_the_rule(rule: str, data: bytes, seen: Envelope) -> None:
    breaks(f"mss.envoi.{rule}", data, seen)
