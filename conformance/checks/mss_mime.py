"""Mails: the form of the message: MIME, encodings, single headers (RFC 5322, 2045-2047, 2231; Référentiel MSSanté #2, 2.2)."""

from __future__ import annotations

from collections.abc import Iterator

from ..core.problem import Problem
from ..validation.mail import Mail, Part, RawMail
from ..validation.mail.headers import CHARSETS, MailError, decode_words
from ..validation.mail.parameters import is_media_type
from .mss_rule import problem, rule

MSS = ("MSS-14",)
SINGLE = (
    *("From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Message-ID", "In-Reply-To", "References", "Subject", "Date"),
    *("MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Disposition-Notification-To"),
    *("X-MSS-NIL", "X-MSS-CODECDA", "X-MSS-INS", "X-MSS-MES"),
)
_UTF8 = ("utf-8", "utf8", "us-ascii", "")
_ENCODE = "Laisser la bibliothèque MIME encoder : RFC 2047 en UTF-8 dans les en-têtes, base64 ou quoted-printable ailleurs."


@rule("mss.mime.readable", covers=MSS, source="RFC 5322, RFC 2045 ; limites du banc", confidence="vu")
def message_is_readable(raw: RawMail) -> Iterator[Problem]:
    """Le message est un courriel lisible, de taille et de structure raisonnables."""
    try:
        assert raw.mail
    except MailError as error:
        yield problem(error.message, error.at, error.expected, error.received, error.hint)


@rule("mss.mime.header-lines", covers=MSS, source="RFC 5322 §2.2", confidence="vu")
def header_lines_are_sound(mail: Mail) -> Iterator[Problem]:
    """Les en-têtes du message et de ses parties sont des lignes « Nom: valeur », suivies d'une ligne vide."""
    hint = "Retirer les retours à la ligne de toute valeur saisie avant d'en composer un en-tête (injection d'en-tête)."
    for fault in mail.faults("entete"):
        yield problem("Bloc d'en-têtes mal formé", fault.at, "« Nom: valeur » sur chaque ligne", fault.message, hint)


@rule("mss.mime.single-headers", covers=MSS, source="RFC 5322 §3.6", confidence="vu")
def headers_are_not_repeated(mail: Mail) -> Iterator[Problem]:
    """Un en-tête qui ne doit paraître qu'une fois n'est pas répété."""
    for name in SINGLE:
        found = mail.root.all(name)
        if len(found) > 1:
            received = " | ".join(h.value[:60] for h in found)
            yield problem(
                f"En-tête {name} répété", found[1].at, "une seule fois", received, "Remplacer l'en-tête au lieu de l'ajouter."
            )


@rule("mss.mime.version", covers=MSS, source="RFC 2045 §4", confidence="vu")
def mime_version_is_declared(mail: Mail) -> Iterator[Problem]:
    """Le message déclare MIME-Version: 1.0."""
    value = mail.root.unfolded("MIME-Version").partition("(")[0].strip()
    if value != "1.0":
        yield problem("MIME-Version absent ou inconnu", mail.at("MIME-Version"), "1.0", value, "Ajouter MIME-Version: 1.0.")


@rule("mss.mime.content-type", covers=MSS, source="RFC 2045 §5 ; Référentiel MSSanté #2, 2.2.4")
def content_types_are_well_formed(mail: Mail) -> Iterator[Problem]:
    """Chaque partie a un Content-Type bien formé, et un message à pièces jointes est un multipart/mixed."""
    for part in mail.root.walk():
        if not is_media_type(part.type):
            yield problem(
                "Content-Type mal formé", part.at, "type/sous-type", part.type, "Par exemple : text/plain; charset=utf-8."
            )
    if mail.attachments and not mail.report and mail.root.type != "multipart/mixed":
        yield problem(
            "Des pièces jointes hors d'un multipart/mixed",
            mail.at("Content-Type"),
            "multipart/mixed",
            mail.root.type,
            "Placer le texte puis les pièces jointes dans un multipart/mixed.",
        )


@rule("mss.mime.boundaries", covers=MSS, source="RFC 2046 §5.1", confidence="vu")
def boundaries_close(mail: Mail) -> Iterator[Problem]:
    """Chaque multipart a une frontière, ouverte avant chaque partie et fermée après la dernière."""
    for fault in mail.faults("frontiere"):
        hint = "Un message coupé perd ses pièces jointes : l'exporter entier, frontière de fin (--…--) comprise."
        yield problem(
            "Multipart mal délimité", fault.at, "--frontière avant chaque partie, --frontière-- à la fin", fault.message, hint
        )


@rule("mss.mime.encodings", covers=MSS, source="RFC 2045 §6", confidence="vu")
def bodies_are_encoded_as_announced(mail: Mail) -> Iterator[Problem]:
    """Le corps de chaque partie est encodé comme son Content-Transfer-Encoding l'annonce, en lignes d'au plus 998 caractères."""
    for fault in mail.faults("encodage"):
        yield problem("Corps mal encodé", fault.at, "l'encodage annoncé, exact", fault.message, _ENCODE)


@rule("mss.mime.utf-8", covers=MSS, source="Référentiel MSSanté #2, 2.2.3")
def texts_are_utf_8(mail: Mail) -> Iterator[Problem]:
    """Les parties de texte sont en UTF-8, déclaré et réel."""
    for part in mail.leaves:
        if part.type.startswith("text/") and part.disposition.value != "attachment":
            yield from _charset(part)


def _charset(part: Part) -> Iterator[Problem]:
    charset = part.content_type.get("charset").lower()
    hint = "Déclarer charset=utf-8 et encoder le texte en UTF-8."
    if charset not in _UTF8:
        known = charset in CHARSETS
        yield problem(
            "Texte dans un autre jeu de caractères" if known else "Jeu de caractères inconnu", part.at, "utf-8", charset, hint
        )
        return
    if charset in ("us-ascii", "") and not part.content.isascii():
        yield problem("Texte accentué sans charset=utf-8", part.at, "charset=utf-8", charset or "charset absent", hint)
        return
    try:
        part.content.decode("utf-8")
    except UnicodeDecodeError as error:
        shown = repr(part.content[max(0, error.start - 10) : error.start + 10])
        yield problem("Le texte annoncé en UTF-8 n'en est pas", part.at, "des octets UTF-8", shown, hint)


@rule("mss.mime.header-encoding", covers=MSS, source="RFC 2047 ; Référentiel MSSanté #2, 2.2.3")
def headers_are_encoded_words(mail: Mail) -> Iterator[Problem]:
    """Les en-têtes sont en ASCII ; ce qui ne l'est pas y est en mots encodés RFC 2047, en UTF-8."""
    for header in mail.root.headers:
        if not header.raw.isascii():
            shown = header.unfolded[:80]
            yield problem("Caractères hors ASCII tels quels dans un en-tête", header.at, "=?utf-8?…?=", shown, _ENCODE)
            continue
        for fault in decode_words(header.unfolded)[1]:
            yield problem("Mot encodé incorrect dans un en-tête", header.at, "=?utf-8?B?…?= ou =?utf-8?Q?…?=", fault, _ENCODE)
        for charset in _charsets(header.unfolded):
            if charset not in ("utf-8", "us-ascii"):
                yield problem("Mot encodé dans un autre jeu de caractères", header.at, "utf-8", charset, _ENCODE)


def _charsets(text: str) -> list[str]:
    return [word.partition("?")[0].partition("*")[0].lower() for word in text.split("=?")[1:] if word.count("?") >= 3]


@rule("mss.mime.file-names", covers=MSS, source="RFC 2231 ; Référentiel MSSanté #2, 2.2.3")
def file_names_are_encoded(mail: Mail) -> Iterator[Problem]:
    """Les noms de fichiers accentués sont écrits selon la RFC 2231 (filename*=utf-8''…), et aucun n'est un chemin."""
    hint = "filename*=utf-8''20260415_Certificat%2C%20d%C3%A9claration_DUPONT_JEAN.pdf"
    for fault in mail.faults("nom"):
        yield problem("Paramètre MIME mal encodé", fault.at, "RFC 2231 en UTF-8", fault.message, hint)
    for part in mail.attachments:
        if any(c in part.filename for c in "/\\") or any(ord(c) < 32 for c in part.filename):
            yield problem(
                "Un nom de fichier est un chemin", part.at, "un nom seul", part.filename, "Retirer les dossiers du nom."
            )


@rule("mss.mime.body", covers=MSS, source="Référentiel MSSanté #2, 2.2.4")
def body_is_text(mail: Mail) -> Iterator[Problem]:
    """Le corps, non vide, est un text/plain, ou un multipart/alternative qui en contient un, avant les pièces jointes."""
    body = mail.body
    hint = "Écrire quelques mots au destinataire, en text/plain, avant les pièces jointes."
    if body is None or not body.text.strip():
        yield problem("Corps de message absent ou vide", "message" if body is None else body.at, "un texte", "vide", hint)
        return
    if not any(p.type == "text/plain" for p in mail.leaves if p.disposition.value != "attachment"):
        yield problem(
            "Corps sans version text/plain", body.at, "text/plain, ou multipart/alternative qui en contient un", body.type, hint
        )
    first = next(iter(mail.attachments), None)
    if first is not None and mail.leaves.index(first) < mail.leaves.index(body):
        yield problem("Le corps suit les pièces jointes", body.at, "le texte en premier", f"après {first.at}", hint)
