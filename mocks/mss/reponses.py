"""What a citizen answers, from Mon espace santé, to the last message received."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from email.header import Header
from email.parser import BytesHeaderParser
from email.utils import format_datetime
from typing import TYPE_CHECKING

from ...core.errors import HarnessError
from ...fixtures.boites import Boite

if TYPE_CHECKING:
    from .app import OperateurMss

_TEXTE = "Bonjour, merci pour ces documents. Cordialement."


def reponse_citoyenne(service: OperateurMss, a: Boite, texte: str, now: datetime) -> bytes:
    """A threaded answer of the citizen who received last a message of that box; raises ``HarnessError`` when none did."""
    for adresse in service.reseau.patients:
        chez = service.reseau.boite(adresse)
        for message in reversed(chez.reception.messages if chez is not None else ()):
            recu = service.reseau.magasin.lire(message.morceau, 0, 65536)
            if a.adresse.encode() not in recu[:65536].lower():
                continue
            return _lettre(adresse, a.adresse, recu, texte or _TEXTE, now)
    raise HarnessError(f"ordre « repondre » : aucun patient n'a reçu de message de {a.adresse}")


def _lettre(de: str, a: str, recu: bytes, texte: str, now: datetime) -> bytes:
    head = BytesHeaderParser().parsebytes(re.split(rb"\r?\n\r?\n", recu, maxsplit=1)[0])
    identifiant = str(head.get("Message-ID", "")).strip()
    objet = Header(f"Re: {head.get('Subject', '')}".replace("\r\n", ""), "utf-8").encode()
    rows = [
        f"Return-Path: <{de}>",
        f"From: <{de}>",
        f"To: <{a}>",
        f"Subject: {objet}",
        f"Date: {format_datetime(now)}",
        f"Message-ID: <{uuid.uuid4().hex}@{de.partition('@')[2]}>",
        *([f"In-Reply-To: {identifiant}", f"References: {identifiant}"] if identifiant else []),
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        texte,
        "",
    ]
    return "\r\n".join(rows).encode()
