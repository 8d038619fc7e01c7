"""The SMTP transaction against the message that it carried, and the delivery reports that it asks for (transport of the DUI)."""

from __future__ import annotations

from collections.abc import Iterator

from ..core.problem import Problem
from ..validation.mail import Mail
from ..validation.mail.envelope import Envelope
from .mss_rule import problem, rule


@rule("mss.envoi.dsn", covers=("MSS-15",), source="Référentiel MSSanté #2, 2.3.1 (MSS/va1.15) ; RFC 3461 §4.1")
def delivery_reports_are_asked(envelope: Envelope) -> Iterator[Problem]:
    """Chaque destinataire est annoncé avec NOTIFY=SUCCESS,FAILURE : la remise est demandée, l'échec aussi."""
    for recipient in envelope.recipients:
        if not {"SUCCESS", "FAILURE"} <= recipient.notify:
            hint = "RCPT TO:<…> NOTIFY=SUCCESS,FAILURE,DELAY, quand l'opérateur annonce DSN."
            yield problem(
                "Avis de remise non demandé",
                f"RCPT TO:<{recipient.address}>",
                "NOTIFY=SUCCESS,FAILURE[,DELAY]",
                recipient.get("NOTIFY"),
                hint,
            )


@rule("mss.envoi.dsn-return", covers=("MSS-15",), source="RFC 3461 §4.3", confidence="infere")
def delivery_reports_say_what_they_return(envelope: Envelope) -> Iterator[Problem]:
    """MAIL FROM dit par RET ce que l'avis de remise doit rendre du message : ses en-têtes, ou tout."""
    value = envelope.get("RET").upper()
    asked = any(recipient.notify for recipient in envelope.recipients)
    if asked and value not in ("HDRS", "FULL"):
        yield problem("RET absent ou inconnu", "MAIL FROM", "RET=HDRS ou RET=FULL", value, "MAIL FROM:<…> RET=HDRS")


@rule("mss.envoi.sender", covers=("MSS-14",), source="RFC 5321 §4.4 ; règle MSS-M01 (From = boîte authentifiée)")
def sender_is_the_mailbox(mail: Mail, envelope: Envelope) -> Iterator[Problem]:
    """L'expéditeur du message (From) est celui de la transaction (MAIL FROM)."""
    sender = mail.sender
    if sender is not None and envelope.sender and not sender.same(envelope.sender):
        yield problem(
            "Expéditeur du message différent de la boîte qui envoie",
            mail.at("From"),
            envelope.sender,
            sender.address,
            "Écrire dans From l'adresse de la boîte ouverte.",
        )


@rule("mss.envoi.recipients", covers=("MSS-14",), source="RFC 5321 §3.3 ; RFC 5322 §3.6.3", confidence="vu")
def recipients_are_those_of_the_message(mail: Mail, envelope: Envelope) -> Iterator[Problem]:
    """Chaque destinataire du message (To, Cc) est un destinataire de la transaction."""
    known = {r.address.lower() for r in envelope.recipients}
    for address in (*mail.addresses("To"), *mail.addresses("Cc")):
        if address.valid and address.address.lower() not in known:
            yield problem(
                "Destinataire du message absent de la transaction",
                mail.at("To"),
                ", ".join(sorted(known)),
                address.address,
                "RCPT TO pour chaque adresse de To et de Cc.",
            )


@rule("mss.envoi.no-bcc", covers=("MSS-14",), source="RFC 5322 §3.6.3", confidence="vu")
def hidden_recipients_stay_hidden(mail: Mail) -> Iterator[Problem]:
    """Le message envoyé n'a pas d'en-tête Bcc : les destinataires cachés ne sont que dans la transaction."""
    header = mail.header("Bcc")
    if header is not None:
        yield problem(
            "Bcc visible dans le message", header.at, "en-tête absent", header.value or "vide", "Retirer Bcc avant l'envoi."
        )
