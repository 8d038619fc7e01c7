"""From an accepted transaction to the boxes of its recipients, and the notifications that come back to the sender."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from ...core.exchange import Body
from ...fixtures.boites import PATIENTS
from .dsn import Sort, notification
from .magasin import PIECE
from .messages import Destinataire, Envoi
from .state import Reseau

TAILLE_CITOYEN = 25 * 1024 * 1024
RENDU = 256 * 1024
"""Bytes of a message that a notification gives back at most."""


@dataclass(frozen=True, slots=True)
class Relais:
    """The relay of one operator. ``domaine`` is where its notifications come from."""

    reseau: Reseau
    operateur: str
    domaine: str

    def remettre(self, envoi: Envoi, corps: Body, now: datetime, *, brute: bool = False) -> list[Sort]:
        """Deliver to each accepted recipient, then notify the sender as asked (RFC 3461)."""
        identifiant = uuid.uuid4().hex[:16]
        sorts = [self._vers(d, envoi, corps, identifiant, now) for d in envoi.destinataires if d.accepte]
        self.notifier(envoi, sorts, corps, now, brute=brute)
        return sorts

    def notifier(self, envoi: Envoi, sorts: list[Sort], corps: Body, now: datetime, *, brute: bool = False) -> None:
        """Put notifications in the sender's box, one for each outcome; none for a null sender."""
        chez = self.reseau.boite(envoi.de) if envoi.de else None
        if chez is None:
            return
        voulus = {d.adresse: d for d in envoi.destinataires}
        for action in ("delivered", "relayed", "failed", "delayed"):
            dits = [s for s in sorts if s.action == action and _demande(voulus[s.adresse], s)]
            if not dits:
                continue
            with corps.open() as stream:
                rendu = stream.read(RENDU)
            entier = envoi.option("RET").upper() == "FULL" and corps.size <= RENDU
            lettre = notification(
                dits,
                vers=envoi.de,
                envid=envoi.option("ENVID"),
                message=rendu,
                entier=entier,
                domaine=self.domaine,
                now=now,
                brute=brute or (action == "failed" and all(s.adresse.endswith("@" + PATIENTS) for s in dits)),
            )
            self.reseau.deposer(chez, chez.reception, [b"Return-Path: <>\r\n", lettre], now)

    def _vers(self, vers: Destinataire, envoi: Envoi, corps: Body, identifiant: str, now: datetime) -> Sort:
        orcpt = next((v for n, v in vers.options if n.upper() == "ORCPT"), "")
        domaine = vers.adresse.rpartition("@")[2].lower()
        chez = self.reseau.boite(vers.adresse)
        if chez is None:
            if domaine in self.reseau.domaines or domaine == PATIENTS or vers.adresse.lower() in self.reseau.inconnues:
                return Sort(vers.adresse, "failed", "5.1.1", "adresse inconnue", orcpt)
            return Sort(vers.adresse, "relayed", "2.1.9", "remis à un autre opérateur, qui ne rend pas d'accusé", orcpt)
        if chez.fermee:
            return Sort(vers.adresse, "failed", "5.2.1", "messagerie fermée par son titulaire", orcpt)
        if domaine == PATIENTS and corps.size > TAILLE_CITOYEN:
            return Sort(vers.adresse, "failed", "5.2.3", "message trop volumineux pour Mon espace santé", orcpt)
        if not chez.a_place(corps.size):
            return Sort(vers.adresse, "failed", "5.2.2", "boîte pleine", orcpt)
        self.reseau.deposer(chez, chez.reception, self._lettre(vers, envoi, corps, identifiant, now), now)
        return Sort(vers.adresse, "delivered", "2.1.5", "remis dans la boîte du destinataire", orcpt)

    def _lettre(self, vers: Destinataire, envoi: Envoi, corps: Body, identifiant: str, now: datetime) -> Iterator[bytes]:
        yield (
            f"Return-Path: <{envoi.de}>\r\n"
            f"Received: from {_sur(envoi.helo)} by smtp.{self.domaine} with ESMTPSA id {identifiant}\r\n"
            f"\tfor <{vers.adresse}>; {format_datetime(now)}\r\n"
        ).encode("utf-8", "replace")
        with corps.open() as stream:
            while piece := stream.read(PIECE):
                yield piece


def _demande(vers: Destinataire, sort: Sort) -> bool:
    """Whether NOTIFY asks to be told of this; without it, failures alone are told."""
    notify = next((v for n, v in vers.options if n.upper() == "NOTIFY"), "FAILURE").upper()
    wanted = {"delivered": "SUCCESS", "relayed": "SUCCESS", "failed": "FAILURE", "delayed": "DELAY"}[sort.action]
    return wanted in notify.split(",")


def _sur(texte: str) -> str:
    return "".join(c for c in texte if c.isalnum() or c in ".-[]:")[:100] or "inconnu"
