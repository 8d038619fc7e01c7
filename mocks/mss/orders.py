"""The orders of scenarios to an operator: put a mail in a box, answer in a correspondent's place, fill or close a box…"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...core.errors import HarnessError
from .reponses import reponse_citoyenne
from .state import INBOX, BoiteOuverte

if TYPE_CHECKING:
    from .app import OperateurMss

ORDRES = ("deposer", "repondre", "boite-pleine", "boite-fermee", "inconnue", "vider", "expirer", "fermer-imap", "remplir")


def obey(service: OperateurMss, nom: str, arguments: Mapping[str, Any], now: datetime) -> bool:
    """Execute an order; False when it is not one of an operator. Raises ``HarnessError`` for a wrong value.

    - ``deposer(boite, message, de?, dossier?)``: put ``message`` (text, or hexadecimal bytes as ``hex``) in a box;
    - ``repondre(boite, message?)``: who received the last message sent from ``boite`` answers it (a patient, by default);
    - ``boite-pleine(boite, oui?)``, ``boite-fermee(boite, oui?)``, ``inconnue(adresse, oui?)``;
    - ``remplir(boite, nombre)``: that many small messages; ``vider(boite)``: none;
    - ``expirer(oui?)``: a session of IMAP ends with its token; ``fermer-imap``: every session of IMAP is ended now.
    """
    match nom:
        case "deposer":
            chez = _boite(service, arguments)
            dossier = chez.dossiers.get(str(arguments.get("dossier", INBOX)), chez.reception)
            de = str(arguments.get("de", ""))
            head = f"Return-Path: <{de}>\r\n".encode() if "de" in arguments else b""
            service.reseau.deposer(chez, dossier, [head, _message(arguments)], now)
        case "repondre":
            chez = _boite(service, arguments)
            lettre = reponse_citoyenne(service, chez.boite, str(arguments.get("texte", "")), now)
            service.reseau.deposer(chez, chez.reception, [lettre], now)
        case "boite-pleine":
            _boite(service, arguments).pleine = bool(arguments.get("oui", True))
        case "boite-fermee":
            _boite(service, arguments).fermee = bool(arguments.get("oui", True))
        case "inconnue":
            adresse = str(arguments.get("adresse", "")).lower()
            (service.reseau.inconnues.add if arguments.get("oui", True) else service.reseau.inconnues.discard)(adresse)
            service.reseau.fermer(adresse)
        case "vider":
            chez = _boite(service, arguments)
            with service.reseau.lock:
                for dossier in chez.dossiers.values():
                    dossier.retirer(list(dossier.messages))
                chez.octets = 0
        case "remplir":
            _remplir(service, _boite(service, arguments), int(arguments.get("nombre", 0)), now)
        case "expirer":
            service.expire_avec_le_jeton = bool(arguments.get("oui", True))
        case "fermer-imap":
            service.fermer_imap()
        case _:
            return False
    return True


def _boite(service: OperateurMss, arguments: Mapping[str, Any]) -> BoiteOuverte:
    adresse = str(arguments.get("boite", ""))
    chez = service.reseau.boite(adresse)
    if chez is None:
        raise HarnessError(f"ordre à l'opérateur MSSanté : boîte inconnue « {adresse} »")
    return chez


def _message(arguments: Mapping[str, Any]) -> bytes:
    if "hex" in arguments:
        return bytes.fromhex(str(arguments["hex"]))
    if "message" not in arguments:
        raise HarnessError("ordre « deposer » : il manque « message » (texte) ou « hex »")
    message = arguments["message"]
    return message if isinstance(message, bytes) else str(message).encode()


def _remplir(service: OperateurMss, chez: BoiteOuverte, nombre: int, now: datetime) -> None:
    domaine = chez.boite.domaine
    for rang in range(1, nombre + 1):
        lettre = (
            f"From: <expediteur@{domaine}>\r\nTo: <{chez.boite.adresse}>\r\nSubject: Message d'essai {rang}\r\n"
            f"Message-ID: <essai-{rang}@{domaine}>\r\nDate: {now:%a, %d %b %Y %H:%M:%S} +0000\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: text/plain; charset=utf-8\r\n\r\nCorps du message {rang}.\r\n"
        )
        service.reseau.deposer(chez, chez.reception, [lettre.encode()], now)
