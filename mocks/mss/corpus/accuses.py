"""Receipts that correspondents send back: read receipts (RFC 8098), refusals of integration."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime, parseaddr

from .courriel import Correspondance

LU = "manual-action/MDN-sent-manually; displayed"
INTEGRE = "automatic-action/MDN-sent-automatically; processed"
REFUSE = "automatic-action/MDN-sent-automatically; processed/error"


def accuse(c: Correspondance, original: bytes, *, disposition: str = LU, erreur: str = "") -> bytes:
    """A read receipt of ``original``; ``erreur`` is ``code^libellé``."""
    lu = message_from_bytes(original, policy=SMTP)
    frontiere = f"mdn-{c.tire('mdn')}"
    destinataire = parseaddr(str(lu["Disposition-Notification-To"] or lu["From"]))[1]
    texte = f"Votre message a été reçu : {disposition}.\r\n" + (f"{erreur}\r\n" if erreur else "")
    champs = [
        "Reporting-UA: cabinet.fictif; Cabinet Temoin 3.2",
        f"Original-Recipient: rfc822; {c.de}",
        f"Final-Recipient: rfc822; {c.de}",
        f"Original-Message-ID: {lu['Message-ID']}",
        f"Disposition: {disposition}",
        *([f"Error: {erreur}"] if erreur else []),
    ]
    tete = [
        f"From: {c.libelle} <{c.de}>",
        f"To: <{destinataire}>",
        "Subject: Accuse de lecture",
        f"Date: {format_datetime(c.le)}",
        f"Message-ID: <{c.tire('accuse')}@{c.de.rpartition('@')[2]}>",
        f"In-Reply-To: {lu['Message-ID']}",
        f"References: {lu['Message-ID']}",
        f"X-MSS-NIL: {c.nil}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=disposition-notification; boundary="{frontiere}"',
    ]
    blocs = [
        f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{texte}".encode(),
        b"Content-Type: message/disposition-notification\r\n\r\n" + "\r\n".join(champs).encode() + b"\r\n",
        b"Content-Type: message/rfc822\r\n\r\n" + original,
    ]
    corps = b"".join(b"--" + frontiere.encode() + b"\r\n" + bloc + b"\r\n" for bloc in blocs)
    return "\r\n".join(tete).encode() + b"\r\n\r\n" + corps + b"--" + frontiere.encode() + b"--\r\n"


def lettre_de_refus(c: Correspondance, original: bytes, *, code: str, motif: str) -> EmailMessage:
    """The plain mail that says that a document was not taken, for a sender who asked for no receipt."""
    lu = message_from_bytes(original, policy=default)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"{c.libelle} <{c.de}>"
    mail["To"] = parseaddr(str(lu["From"]))[1]
    mail["Subject"] = f"[KO Intégration système !][{code}] {lu['Subject']}"
    mail["Date"] = format_datetime(c.le)
    mail["Message-ID"] = f"<{c.tire('refus')}@{c.de.rpartition('@')[2]}>"
    mail["In-Reply-To"] = str(lu["Message-ID"])
    mail["References"] = str(lu["Message-ID"])
    mail["X-MSS-NIL"] = c.nil
    mail.set_content(f"Le document n'a pas été intégré : {code} {motif}\n", charset="utf-8", cte="quoted-printable")
    for part in lu.walk():
        if part.get_filename():
            mail.add_attachment(
                part.get_payload(decode=True) or b"",
                maintype=part.get_content_maintype(),
                subtype=part.get_content_subtype(),
                filename=part.get_filename(),
            )
    return mail
