"""Named misbehaviours of an operator, besides those that every service has. A correct DUI survives them all.

A fault strikes a request (the final reply to a message, a deposit, an autoconfiguration), or a step of a session before any
request exists (``EFFETS``): greeting, STARTTLS, authentication, envelope, commands of IMAP.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from ...core.exchange import Body, Delivery, Reply, Request
from ...core.service import Panne

Etape = Literal[
    "smtp.connexion",
    "smtp.ehlo",
    "smtp.starttls",
    "smtp.auth",
    "smtp.mail",
    "smtp.rcpt",
    "smtp.contenu",
    "imap.connexion",
    "imap.commande",
    "imap.auth",
    "imap.select",
    "imap.fetch",
    "imap.contenu",
    "imap.append",
    "imap.idle",
]
Before = Callable[[Any, Request, datetime], Reply | None]
PLAIN = (("Content-Type", "text/plain; charset=utf-8"),)


@dataclass(frozen=True, slots=True)
class Effet:
    """What a session does at a step: ``reponse`` (SMTP reply, or text of a NO or BYE), then ``suite``.

    ``suite``: ``""`` goes on, ``ferme`` closes, ``coupe`` closes without a word, ``attend`` answers nothing any more.
    """

    etape: Etape
    reponse: str = ""
    suite: Literal["", "ferme", "coupe", "attend"] = ""


@dataclass(frozen=True, slots=True)
class _Pas:
    """A fault of one or several steps."""

    panne: Panne
    effets: tuple[Effet, ...]


def _step(nom: str, description: str, *effets: Effet) -> _Pas:
    return _Pas(Panne(nom, description), effets)


def _final(reponse: str) -> Before:
    """The final reply to a submitted message; other requests are served."""

    def before(service: Any, request: Request, now: datetime) -> Reply | None:
        if request.method != "SMTP":
            return None
        return Reply(int(reponse[:3]), body=Body(f"{reponse}\r\n".encode()))

    return before


def _web(reply: Reply) -> Before:
    """The answer of the autoconfiguration; other requests are served."""
    return lambda service, request, now: reply if request.method in ("GET", "HEAD") else None


def _everywhere(smtp: str, http: int) -> Before:
    """A refusal in the words of the protocol of the request."""

    def before(service: Any, request: Request, now: datetime) -> Reply | None:
        if request.method == "SMTP":
            return Reply(int(smtp[:3]), body=Body(f"{smtp}\r\n".encode()))
        if request.method == "IMAP":
            return Reply(500, body=Body(b"NO [UNAVAILABLE] service indisponible\r\n"))
        if request.method == "DNS":
            return Reply(delivery=Delivery(hang=True))
        return Reply(http, PLAIN, Body(b"Service temporairement indisponible.\n"))

    return before


def _dns(code: int) -> Before:
    """A DNS answer without record, with this response code."""

    def before(service: Any, request: Request, now: datetime) -> Reply | None:
        if request.method != "DNS":
            return None
        data = request.body.read()
        if len(data) < 12:
            return None
        flags = bytes([0x84 | (data[2] & 0x01), code])
        return Reply(body=Body(data[:2] + flags + data[4:6] + b"\0\0\0\0\0\0" + data[12:]), facts={"code": code})

    return before


_PAS = (
    _step(
        "accueil-refuse",
        "Le serveur SMTP refuse la connexion (554).",
        Effet("smtp.connexion", "554 5.3.2 connexion refusee", "ferme"),
    ),
    _step(
        "accueil-421",
        "Le serveur SMTP accueille par 421 (trop de connexions).",
        Effet("smtp.connexion", "421 4.3.2 trop de connexions", "ferme"),
    ),
    _step("accueil-muet", "Le serveur SMTP accepte la connexion et n'accueille jamais.", Effet("smtp.connexion", suite="attend")),
    _step(
        "starttls-absent",
        "Le serveur (SMTP, IMAP) n'annonce plus STARTTLS et le refuse. Le DUI ne doit rien envoyer en clair.",
        Effet("smtp.ehlo"),
        Effet("smtp.starttls", "502 5.5.1 STARTTLS indisponible"),
        Effet("imap.connexion"),
    ),
    _step(
        "starttls-refuse",
        "Le serveur SMTP annonce STARTTLS puis le refuse (454).",
        Effet("smtp.starttls", "454 4.7.0 TLS indisponible"),
    ),
    _step(
        "jeton-refuse",
        "L'opérateur refuse le jeton (défi puis 535 ou NO), quel qu'il soit.",
        Effet("smtp.auth", "535 5.7.8 authentification refusee"),
        Effet("imap.auth", "[AUTHENTICATIONFAILED] authentification refusee"),
    ),
    _step(
        "authentification-indisponible",
        "L'opérateur ne peut pas vérifier l'authentification (454, NO [UNAVAILABLE]).",
        Effet("smtp.auth", "454 4.7.0 verification du jeton impossible"),
        Effet("imap.auth", "[UNAVAILABLE] verification du jeton impossible"),
    ),
    _step("expediteur-refuse", "L'opérateur refuse l'expéditeur (553).", Effet("smtp.mail", "553 5.7.1 expediteur refuse")),
    _step("expediteur-differe", "L'opérateur diffère l'expéditeur (451).", Effet("smtp.mail", "451 4.7.1 reessayez plus tard")),
    _step(
        "destinataire-inconnu",
        "L'opérateur refuse le destinataire (550, adresse inconnue).",
        Effet("smtp.rcpt", "550 5.1.1 adresse inconnue"),
    ),
    _step(
        "destinataire-differe",
        "L'opérateur diffère le destinataire (450).",
        Effet("smtp.rcpt", "450 4.2.1 boite momentanement indisponible"),
    ),
    _step(
        "destinataire-plein",
        "L'opérateur refuse le destinataire, dont la boîte est pleine (552).",
        Effet("smtp.rcpt", "552 5.2.2 boite pleine"),
    ),
    _step("coupure-data", "La connexion est rompue au milieu du message.", Effet("smtp.contenu", suite="coupe")),
    _step("imap-bye", "Le serveur IMAP ferme dès l'accueil (BYE).", Effet("imap.connexion", "BYE service indisponible", "ferme")),
    _step(
        "imap-bye-session",
        "Le serveur IMAP ferme la session à la commande suivante (BYE).",
        Effet("imap.commande", "BYE session interrompue", "ferme"),
    ),
    _step(
        "imap-no-select", "L'ouverture du dossier est refusée (NO).", Effet("imap.select", "[UNAVAILABLE] dossier indisponible")
    ),
    _step("imap-no-fetch", "La lecture des messages est refusée (NO).", Effet("imap.fetch", "[SERVERBUG] lecture impossible")),
    _step("imap-coupure-fetch", "La connexion est rompue au milieu d'un message lu.", Effet("imap.contenu", suite="coupe")),
    _step(
        "imap-no-append",
        "Le dépôt d'un message dans un dossier est refusé (NO [OVERQUOTA]).",
        Effet("imap.append", "[OVERQUOTA] boite pleine"),
    ),
    _step("imap-idle-ferme", "Le serveur ferme la session pendant IDLE (BYE).", Effet("imap.idle", "BYE inactivite", "ferme")),
)

EFFETS: Mapping[str, tuple[Effet, ...]] = MappingProxyType({pas.panne.nom: pas.effets for pas in _PAS})

PANNES = (
    *(pas.panne for pas in _PAS),
    Panne(
        "indisponible",
        "Le service est indisponible : 421 en fin de message, NO à un dépôt, 503 en HTTP, silence du serveur de noms.",
        before=_everywhere("421 4.3.2 service indisponible", 503),
    ),
    Panne(
        "erreur-interne",
        "Erreur interne : 451 en fin de message, NO à un dépôt, 500 en HTTP.",
        before=_everywhere("451 4.3.0 erreur interne", 500),
    ),
    Panne(
        "message-differe",
        "Le message est différé en fin de transaction (451).",
        before=_final("451 4.3.0 traitement impossible, reessayez"),
    ),
    Panne("stockage-plein", "L'opérateur manque de place (452).", before=_final("452 4.3.1 espace insuffisant")),
    Panne("message-trop-gros", "Le message est refusé pour sa taille (552).", before=_final("552 5.3.4 message trop volumineux")),
    Panne("message-refuse", "Le message est refusé définitivement (554).", before=_final("554 5.6.0 contenu refuse")),
    Panne("message-virus", "Le message est refusé par l'antivirus (554 5.7.1).", before=_final("554 5.7.1 contenu dangereux")),
    Panne(
        "autoconfig-absente",
        "La configuration automatique n'existe pas (404).",
        before=_web(Reply(404, PLAIN, Body(b"absent\n"))),
    ),
    Panne("dns-inconnu", "Le serveur de noms ne connaît pas le domaine (NXDOMAIN).", before=_dns(3)),
    Panne("dns-echec", "Le serveur de noms échoue (SERVFAIL).", before=_dns(2)),
)
