"""Receipts that the DUI sends, and answers to a message (RFC 8098, RFC 5322; volet Transmission d'un CDA par courriel MSS)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..core.errors import Inconclusive
from ..core.problem import Problem
from ..core.providers import provide
from ..validation.mail import Mail
from ..validation.mail.addresses import is_address
from ..validation.mail.receipts import MDN, Mdn, Returned
from .mss_rule import problem, rule

MSS = ("MSS-15",)
_RFC = "RFC 8098 §3 ; volet Transmission d'un document CDA par courriel MSS, accusés"
_TYPES = ("displayed", "processed", "deleted", "dispatched", "denied", "failed")
_ERROR = re.compile(r"(?:processed/)?error:\s*(.+)", re.IGNORECASE)
_ID = re.compile(r"<[^<>\s]+>")


@rule("mss.mdn.structure", covers=MSS, source=_RFC, confidence="vu")
def receipt_is_a_report(mail: Mail) -> Iterator[Problem]:
    """Un accusé de lecture est un multipart/report ; report-type=disposition-notification, ses parties dans l'ordre."""
    root = mail.root
    at = mail.at("Content-Type")
    if root.type != "multipart/report" or mail.report != "disposition-notification":
        expected = "multipart/report; report-type=disposition-notification"
        yield problem(
            "Accusé de lecture d'un autre type",
            at,
            expected,
            root.unfolded("Content-Type"),
            "Le type et son paramètre report-type.",
        )
    types = [p.type for p in root.parts]
    if len(types) not in (2, 3) or not types[0].startswith(("text/", "multipart/alternative")) or types[1:2] != [MDN]:
        expected = f"text/plain, {MDN}, message/rfc822"
        yield problem(
            "Parties de l'accusé absentes ou dans un autre ordre",
            "message",
            expected,
            ", ".join(types),
            "Texte, champs de l'accusé, message d'origine.",
        )


@rule("mss.mdn.human-text", covers=MSS, source=_RFC)
def receipt_says_it_in_words(mail: Mail) -> Iterator[Problem]:
    """La première partie d'un accusé dit en clair ce qu'il est advenu du message."""
    body = mail.body
    if body is None or not body.text.strip():
        yield problem(
            "Accusé sans texte",
            "partie 1",
            "une phrase pour la personne qui le lit",
            "vide",
            "Dire : message lu, intégré, ou refusé et pourquoi.",
        )


@rule("mss.mdn.final-recipient", covers=MSS, source=_RFC, confidence="vu")
def receipt_names_the_final_recipient(mdn: Mdn) -> Iterator[Problem]:
    """Un accusé porte Final-Recipient: rfc822; suivi de l'adresse qui a reçu le message, celle qui envoie l'accusé."""
    said, sender = mdn.address("Final-Recipient"), mdn.mail.sender
    expected = f"rfc822; {sender.address if sender else 'boite@domaine'}"
    if not is_address(said) or (sender is not None and not sender.same(said)):
        yield problem(
            "Final-Recipient absent, mal formé ou d'une autre boîte",
            f"{mdn.at}, Final-Recipient",
            expected,
            mdn.get("Final-Recipient"),
            "La boîte où le message est arrivé.",
        )


@rule("mss.mdn.original-recipient", covers=MSS, source="RFC 8098 §3.2.3 ; volet Transmission, accusés")
def receipt_names_the_original_recipient(mdn: Mdn) -> Iterator[Problem]:
    """Un accusé porte Original-Recipient, l'adresse que l'expéditeur avait écrite."""
    if not is_address(mdn.address("Original-Recipient")):
        yield problem(
            "Original-Recipient absent ou mal formé",
            f"{mdn.at}, Original-Recipient",
            "rfc822; boite@domaine",
            mdn.get("Original-Recipient"),
            "L'expéditeur s'en sert pour rapprocher l'accusé de son envoi.",
        )


@rule("mss.mdn.disposition", covers=MSS, source=_RFC, confidence="vu")
def receipt_says_what_was_done(mdn: Mdn) -> Iterator[Problem]:
    """Un accusé porte Disposition: mode d'action/mode d'envoi; sort du message, avec les mots de la RFC 8098."""
    d = mdn.disposition
    known = (
        d.action in ("manual-action", "automatic-action")
        and d.sending in ("mdn-sent-manually", "mdn-sent-automatically")
        and d.type in _TYPES
    )
    if not known:
        expected = "manual-action/MDN-sent-manually; displayed, ou automatic-action/MDN-sent-automatically; processed"
        yield problem(
            "Disposition absente ou inconnue",
            f"{mdn.at}, Disposition",
            expected,
            mdn.get("Disposition"),
            "Trois mots de la RFC 8098, §3.2.6.",
        )


@rule("mss.mdn.modes", covers=MSS, source="RFC 8098 §3.2.6.1 et §3.2.6.2 ; volet Transmission, accusés")
def receipt_modes_agree(mdn: Mdn) -> Iterator[Problem]:
    """Les modes d'un accusé s'accordent : « displayed » suit le geste d'une personne, « processed » un traitement."""
    d = mdn.disposition
    odd = (d.type == "displayed" and d.action == "automatic-action") or (
        d.action == "automatic-action" and d.sending == "mdn-sent-manually"
    )
    if odd:
        expected = "manual-action/…; displayed, ou automatic-action/MDN-sent-automatically; processed"
        yield problem(
            "Modes de l'accusé contradictoires",
            f"{mdn.at}, Disposition",
            expected,
            mdn.get("Disposition"),
            "displayed : une personne l'a lu ; processed : le logiciel l'a traité.",
        )


@rule("mss.mdn.error", covers=MSS, source="volet Transmission, accusés d'erreur (deux écritures admises)")
def receipt_of_an_error_says_which(mdn: Mdn) -> Iterator[Problem]:
    """Un accusé d'échec dit l'erreur : « Error: <code>^<libellé> », à part ou dans Disposition."""
    d = mdn.disposition
    if not d.failed:
        return
    inline = _ERROR.fullmatch(f"processed/{d.modifiers}")
    text = mdn.get("Error") or (inline[1] if inline else "")
    if "^" not in text or not text.partition("^")[0].strip() or not text.partition("^")[2].strip():
        yield problem(
            "Erreur de l'accusé absente ou mal formée",
            f"{mdn.at}, Error",
            "902^Patient inconnu",
            text,
            "Error: <code>^<libellé>, sous Disposition: …; processed/error.",
        )


@rule("mss.mdn.original-message-id", covers=MSS, source=_RFC, confidence="vu")
def receipt_names_the_message(mdn: Mdn) -> Iterator[Problem]:
    """Un accusé porte Original-Message-ID, le Message-ID du message auquel il répond."""
    said = mdn.get("Original-Message-ID").strip()
    try:
        expected = mdn.original.message_id
    except Inconclusive:
        expected = ""
    if not said or (expected and said != expected):
        yield problem(
            "Original-Message-ID absent ou d'un autre message",
            f"{mdn.at}, Original-Message-ID",
            expected or "<…@…>",
            said,
            "Recopier le Message-ID reçu, chevrons compris.",
        )


@rule("mss.mdn.returned", covers=MSS, source="volet Transmission, accusés (message d'origine complet)")
def receipt_returns_the_message(mdn: Mdn) -> Iterator[Problem]:
    """Un accusé joint, en message/rfc822, le message d'origine entier, avec ses pièces jointes."""
    part = mdn.returned
    hint = "Troisième partie message/rfc822 : le message reçu, octet pour octet."
    if part is None or part.type != "message/rfc822":
        yield problem(
            "L'accusé ne joint pas le message d'origine",
            "message",
            "une partie message/rfc822",
            part.type if part else "aucune",
            hint,
        )
        return
    original = mdn.original
    broken = next(iter(original.faults("frontiere")), None)
    bare = original.root.type == "multipart/mixed" and not original.attachments
    if broken is not None or bare:
        yield problem(
            "Message d'origine joint sans ses pièces jointes",
            part.at,
            "le message entier",
            broken.message if broken else "en-têtes seuls",
            hint,
        )


@rule("mss.mdn.recipient", covers=MSS, source="RFC 8098 §2.1 et §3", confidence="vu")
def receipt_goes_where_it_was_asked(mdn: Mdn) -> Iterator[Problem]:
    """Un accusé est envoyé à l'adresse que le message d'origine demandait (Disposition-Notification-To)."""
    asked = [a.address.lower() for a in mdn.original.addresses("Disposition-Notification-To")]
    sent = [a.address.lower() for a in mdn.mail.recipients]
    if asked and not set(asked) & set(sent):
        yield problem(
            "Accusé envoyé à une autre adresse",
            mdn.mail.at("To"),
            ", ".join(asked),
            ", ".join(sent),
            "L'adresse de Disposition-Notification-To.",
        )


@rule("mss.mdn.asked", covers=MSS, source="RFC 8098 §2.1 ; volet Transmission, accusés", confidence="vu")
def receipt_was_asked(mdn: Mdn) -> Iterator[Problem]:
    """Un accusé ne répond qu'à un message qui en demandait un."""
    if not mdn.original.addresses("Disposition-Notification-To"):
        yield problem(
            "Accusé que personne n'a demandé",
            "message",
            "aucun accusé",
            f"accusé de {mdn.original.message_id}",
            "Sans Disposition-Notification-To, ne rien envoyer.",
        )


@rule("mss.mdn.not-automatic", covers=MSS, source="RFC 8098 §2.1 ; volet Transmission, accusés")
def receipt_to_another_address_is_not_automatic(mdn: Mdn) -> Iterator[Problem]:
    """Aucun accusé automatique quand l'adresse qui le demande n'est pas celle de l'expéditeur (Return-Path)."""
    original = mdn.original
    path = next(iter(original.addresses("Return-Path")), original.sender)
    asked = original.addresses("Disposition-Notification-To")
    if mdn.disposition.automatic and path is not None and asked and not any(path.same(a.address) for a in asked):
        yield problem(
            "Accusé automatique vers une autre adresse que celle de l'expéditeur",
            mdn.mail.at("To"),
            f"l'accord de l'utilisateur, ou {path.address}",
            asked[0].address,
            "Demander à l'utilisateur avant d'accuser réception.",
        )


@rule("mss.mdn.no-loop", covers=MSS, source="RFC 8098 §2.1 et §3 (un accusé n'en demande pas)", confidence="vu")
def receipt_asks_for_none(mail: Mail) -> Iterator[Problem]:
    """Un accusé n'en demande pas un à son tour, et ne répond pas à un accusé."""
    header = mail.header("Disposition-Notification-To")
    if header is not None:
        yield problem(
            "Accusé qui demande un accusé",
            header.at,
            "en-tête absent",
            header.value,
            "Deux logiciels s'enverraient des accusés sans fin.",
        )
    try:
        original = provide(Mdn, mail).original
    except Inconclusive:
        return
    if original.report:
        yield problem(
            "Accusé d'un accusé",
            "message",
            "aucun accusé",
            original.subject,
            "Ne jamais accuser réception d'un multipart/report.",
        )


@rule("mss.reponse.in-reply-to", covers=("MSS-14",), source="Référentiel MSSanté #2, 2.2.2 (MSS/va1.08)")
def answer_names_the_message(answer: Mail, received: Returned) -> Iterator[Problem]:
    """Une réponse porte In-Reply-To, le Message-ID du message auquel elle répond."""
    said = answer.value("In-Reply-To").strip()
    if said != received.mail.message_id:
        yield problem(
            "In-Reply-To absent ou d'un autre message",
            answer.at("In-Reply-To"),
            received.mail.message_id,
            said,
            "Recopier le Message-ID reçu.",
        )


@rule("mss.reponse.references", covers=("MSS-14",), source="RFC 5322 §3.6.4 ; Référentiel MSSanté #2, 2.2.2")
def answer_continues_the_thread(answer: Mail, received: Returned) -> Iterator[Problem]:
    """References reprend le fil du message auquel on répond, puis son Message-ID."""
    expected = [*_ID.findall(received.mail.value("References")), received.mail.message_id]
    said = _ID.findall(answer.value("References"))
    if said[-len(expected) :] != expected:
        yield problem(
            "References ne suit pas le fil",
            answer.at("References"),
            " ".join(expected),
            " ".join(said),
            "Les References reçues, puis le Message-ID reçu.",
        )


@rule("mss.reponse.recipient", covers=("MSS-14",), source="RFC 5322 §3.6.2 ; Référentiel MSSanté #2, 2.2.2")
def answer_goes_where_it_is_wanted(answer: Mail, received: Returned) -> Iterator[Problem]:
    """Une réponse est adressée à Reply-To s'il est là, sinon à l'expéditeur."""
    wanted = received.mail.addresses("Reply-To") or received.mail.addresses("From")
    sent = {a.address.lower() for a in answer.recipients}
    if not any(a.address.lower() in sent for a in wanted):
        expected = ", ".join(a.address for a in wanted)
        yield problem(
            "Réponse adressée ailleurs",
            answer.at("To"),
            expected,
            ", ".join(sorted(sent)),
            "Répondre à Reply-To quand il est présent.",
        )
