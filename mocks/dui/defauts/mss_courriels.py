"""Ways to touch up a mail before it is sent: its headers, its attachments, its bytes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from ..alterations import Alteration

ARCHIVE = "IHE_XDM.ZIP"


def porte_des_documents(message: EmailMessage) -> bool:
    """True for the mails that carry documents: neither answers nor receipts."""
    return any(piece.get_filename() == ARCHIVE for piece in message.iter_attachments()) if message.is_multipart() else False


def courriel(alteration: Alteration) -> Alteration:
    """Only for the mails that carry documents."""

    def alterer(message: EmailMessage) -> Any:
        return alteration(message) if porte_des_documents(message) else None

    return alterer


def entete(nom: str, valeur: str | Callable[[str], str] | None) -> Alteration:
    """Replace a header, by a constant or from what it was; None takes it away."""

    def alterer(message: EmailMessage) -> None:
        avant = str(message[nom] or "")
        del message[nom]
        if valeur is not None:
            message[nom] = valeur if isinstance(valeur, str) else valeur(avant)

    return courriel(alterer)


def octets(changer: Callable[[bytes], bytes]) -> Alteration:
    """Change the bytes that leave, as a mail library would not let do; ``ValueError`` when nothing changes."""

    def alterer(message: EmailMessage) -> EmailMessage:
        envoyes = changer(message.as_bytes())
        if envoyes == message.as_bytes():
            raise ValueError("rien à altérer dans les octets du message")
        autre = copy.copy(message)
        autre.as_bytes = lambda *_, **__: envoyes  # type: ignore[method-assign]
        return autre

    return courriel(alterer)


def remplacer(avant: bytes, apres: bytes) -> Alteration:
    """Replace the first occurrence of bytes."""
    return octets(lambda data: data.replace(avant, apres, 1))


def pieces(changer: Callable[[list[EmailMessage]], list[EmailMessage]]) -> Alteration:
    """Change the parts of the mail: the body, the archive, the PDF."""

    def alterer(message: EmailMessage) -> None:
        message.set_payload(changer(list(message.iter_parts())))  # type: ignore[arg-type]

    return courriel(alterer)


def piece(suffixe: str, changer: Callable[[EmailMessage], Any]) -> Alteration:
    """Change the attachments whose file name ends so."""

    def chaque(parties: list[EmailMessage]) -> list[EmailMessage]:
        for partie in parties:
            if (partie.get_filename() or "").upper().endswith(suffixe.upper()):
                changer(partie)
        return parties

    return pieces(chaque)


def contenu(suffixe: str, changer: Callable[[bytes], bytes]) -> Alteration:
    """Change the bytes of the attachments whose file name ends so."""

    def refaire(partie: EmailMessage) -> None:
        genre, nom = partie.get_content_type().split("/"), partie.get_filename()
        octets_de_la_piece = changer(partie.get_payload(decode=True))  # type: ignore[arg-type]
        partie.set_content(octets_de_la_piece, maintype=genre[0], subtype=genre[1], filename=nom)

    return piece(suffixe, refaire)
