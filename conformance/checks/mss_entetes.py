"""Mails: sender, recipients, identifiers, requests of receipts (Référentiel MSSanté #2, 2.2 and 2.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime

from ..core.problem import Problem
from ..validation.ins.traits import normalise
from ..validation.mail import Mail
from .mss_rule import problem, rule

MSS = ("MSS-14",)
_ID = re.compile(r"<([^<>@\s]+)@([A-Za-z0-9][A-Za-z0-9.-]*)>")
_IDS = re.compile(r"(?:<[^<>\s]+>\s*)+")
_TITLES = ("DR", "DOCTEUR", "PR", "PROFESSEUR", "M", "MME", "MR", "MONSIEUR", "MADAME")
_ADDRESS = "une adresse complète : boite@domaine"


@rule("mss.entete.date", covers=MSS, source="RFC 5322 §3.3 et §3.6.1", confidence="vu")
def date_is_complete(mail: Mail) -> Iterator[Problem]:
    """Le message porte sa date, avec son décalage horaire."""
    value = mail.root.unfolded("Date")
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        moment = None
    if moment is None or (moment.tzinfo is None and not value.rstrip().endswith("-0000")):
        yield problem(
            "Date absente ou mal formée",
            mail.at("Date"),
            "Mon, 02 Nov 2026 10:30:00 +0100",
            value,
            "Format RFC 5322, en anglais.",
        )


@rule("mss.entete.from", covers=MSS, source="RFC 5322 §3.6.2", confidence="vu")
def sender_is_one_mailbox(mail: Mail) -> Iterator[Problem]:
    """Le message a un expéditeur, une seule boîte aux lettres à l'adresse bien formée."""
    found = mail.addresses("From")
    if len(found) != 1 or not found[0].valid:
        received = ", ".join(a.raw for a in found)
        yield problem(
            "Expéditeur absent, multiple ou mal formé",
            mail.at("From"),
            _ADDRESS,
            received,
            "Écrire l'adresse de la boîte qui envoie.",
        )


@rule("mss.entete.from-label", covers=MSS, source="Référentiel MSSanté #2, 2.2.7 (MSS/va1.16)")
def sender_label_is_meaningful(mail: Mail) -> Iterator[Problem]:
    """Le libellé de l'expéditeur dit qui il est : il n'est ni vide, ni l'adresse, ni ce qui précède le @."""
    sender = mail.sender
    if sender is None:
        return
    plain = normalise(sender.name)
    if not plain or "@" in plain or plain in (normalise(sender.local), normalise(sender.address)):
        yield problem(
            "Libellé d'expéditeur absent ou sans signification",
            mail.at("From"),
            "<Titre>_<Prénom>_<NOM>_<Entité> pour une boîte nominative, <Entité fonctionnelle> pour une autre",
            sender.name or "aucun libellé",
            "From: Dr_Paul_TESTEUR_EHPAD_Fictif <paul.testeur@…>",
        )


@rule("mss.entete.from-label-form", covers=MSS, source="Référentiel MSSanté #2, 2.2.7")
def personal_label_has_its_form(mail: Mail) -> Iterator[Problem]:
    """Le libellé d'une boîte nominative est <Titre>_<Prénom>_<NOM>_<Entité>, nom en capitales."""
    sender = mail.sender
    if sender is None or not _is_personal(sender.local, sender.name):
        return
    words = [w for w in sender.name.split("_") if w]
    capital = any(w == w.upper() and any(c.isalpha() for c in w) and normalise(w) not in _TITLES for w in words[1:])
    if len(words) < 4 or not capital:
        yield problem(
            "Libellé de boîte nominative mal formé",
            mail.at("From"),
            "<Titre>_<Prénom>_<NOM>_<Entité>",
            sender.name,
            "Séparer par un tiret bas : Dr_Paul_TESTEUR_EHPAD_Fictif.",
        )


def _is_personal(local: str, label: str) -> bool:
    """True when the label names the person whose name makes the address."""
    words = {w for w in re.split(r"[^A-Z0-9]+", normalise(label)) if w}
    given, _, family = normalise(local).partition(".")
    said = {w for w in re.split(r"[^A-Z]+", f"{given} {family}") if len(w) > 1}
    return bool(family) and bool(said) and said <= words


@rule("mss.entete.to", covers=MSS, source="RFC 5322 §3.6.3", confidence="vu")
def recipients_are_mailboxes(mail: Mail) -> Iterator[Problem]:
    """Le message a au moins un destinataire, et chaque adresse est bien formée."""
    if not mail.recipients:
        yield problem("Aucun destinataire", mail.at("To"), _ADDRESS, "aucune adresse dans To ni Cc", "Renseigner To.")
    for address in mail.recipients:
        if not address.valid:
            yield problem(
                "Adresse de destinataire mal formée", mail.at("To"), _ADDRESS, address.raw, "Reprendre l'adresse de l'Annuaire."
            )


@rule("mss.entete.message-id", covers=MSS, source="Référentiel MSSanté #2, 2.2.1 ; RFC 5322 §3.6.4")
def message_id_is_well_formed(mail: Mail) -> Iterator[Problem]:
    """Le message porte un Message-ID bien formé : <partie-locale@domaine>."""
    if _ID.fullmatch(mail.message_id) is None:
        yield problem(
            "Message-ID absent ou mal formé",
            mail.at("Message-ID"),
            "<uuid@domaine>",
            mail.message_id,
            "Un UUID neuf par message.",
        )


@rule("mss.entete.message-id-domain", covers=MSS, source="Référentiel MSSanté #2, 2.2.1")
def message_id_ends_with_the_domain_of_the_sender(mail: Mail) -> Iterator[Problem]:
    """Le domaine du Message-ID est celui de l'expéditeur."""
    match, sender = _ID.fullmatch(mail.message_id), mail.sender
    if match is not None and sender is not None and sender.domain and match[2].lower() != sender.domain.lower():
        hint = "Après le @, mettre le domaine de la boîte qui envoie, pas le nom du poste."
        yield problem("Message-ID d'un autre domaine", mail.at("Message-ID"), f"<…@{sender.domain}>", mail.message_id, hint)


@rule("mss.entete.message-id-unique", covers=MSS, source="Référentiel MSSanté #2, 2.2.1 ; RFC 5322 §3.6.4")
def message_ids_are_unique(mails: Sequence[Mail]) -> Iterator[Problem]:
    """Deux messages différents n'ont pas le même Message-ID."""
    seen: dict[str, Mail] = {}
    for mail in mails:
        other = seen.setdefault(mail.message_id, mail)
        if other is not mail and mail.message_id:
            hint = "Tirer un identifiant neuf à chaque envoi, même pour un renvoi."
            yield problem(
                "Message-ID déjà employé", mail.at("Message-ID"), f"un autre que celui de {other.name}", mail.message_id, hint
            )


@rule("mss.entete.threading", covers=MSS, source="Référentiel MSSanté #2, 2.2.2 ; RFC 5322 §3.6.4")
def threading_headers_are_well_formed(mail: Mail) -> Iterator[Problem]:
    """In-Reply-To et References, s'ils sont là, sont des Message-ID entre chevrons, et vont ensemble."""
    hint = "In-Reply-To : le Message-ID du message auquel on répond ; References : ses References, puis ce Message-ID."
    for name in ("In-Reply-To", "References"):
        value = mail.value(name)
        if mail.header(name) is not None and _IDS.fullmatch(value + " ") is None:
            yield problem(f"{name} mal formé", mail.at(name), "<identifiant@domaine>", value or "vide", hint)
    if mail.header("In-Reply-To") and not mail.header("References"):
        yield problem("Réponse sans References", mail.at("References"), "le fil des Message-ID", "absent", hint)


@rule("mss.entete.reply-to", covers=MSS, source="RFC 5322 §3.6.2", confidence="vu")
def reply_to_is_a_mailbox(mail: Mail) -> Iterator[Problem]:
    """Reply-To, s'il est là, désigne des boîtes aux adresses bien formées."""
    header = mail.header("Reply-To")
    found = mail.addresses("Reply-To")
    if header is not None and (not found or not all(a.valid for a in found)):
        yield problem(
            "Reply-To mal formé",
            header.at,
            _ADDRESS,
            header.value or "vide",
            "Écrire l'adresse où répondre, ou retirer l'en-tête.",
        )


@rule("mss.entete.read-receipt", covers=("MSS-15",), source="Référentiel MSSanté #2, 2.3.2 (MSS/va1.14) ; RFC 8098 §2.1")
def read_receipt_is_asked(mail: Mail) -> Iterator[Problem]:
    """Le message demande un accusé de lecture (Disposition-Notification-To)."""
    if mail.header("Disposition-Notification-To") is None:
        hint = "Disposition-Notification-To: <adresse de la boîte qui envoie>"
        yield problem("Accusé de lecture non demandé", mail.at("Disposition-Notification-To"), hint, "absent", f"Ajouter {hint}")


@rule("mss.entete.read-receipt-address", covers=("MSS-15",), source="RFC 8098 §2.1 ; volet Transmission, accusés")
def read_receipt_comes_back_to_the_sender(mail: Mail) -> Iterator[Problem]:
    """L'accusé de lecture est demandé à l'adresse de l'expéditeur : une autre empêche tout accusé automatique."""
    asked, sender = mail.addresses("Disposition-Notification-To"), mail.sender
    if mail.header("Disposition-Notification-To") is None or sender is None:
        return
    if len(asked) != 1 or not sender.same(asked[0].address):
        received = ", ".join(a.raw for a in asked) or "vide"
        hint = "L'adresse de From : si elle diffère du Return-Path, le destinataire n'envoie pas d'accusé automatique."
        yield problem(
            "Accusé demandé à une autre adresse", mail.at("Disposition-Notification-To"), sender.address, received, hint
        )
