"""The orders of scenarios to an operator: put a mail in a box, answer in a correspondent's place, fill or close a box…"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...core.errors import HarnessError
from ...core.people import Usager
from .reponses import reponse_citoyenne
from .state import INBOX, BoiteOuverte

if TYPE_CHECKING:
    from .app import OperateurMss


def obey(service: OperateurMss, nom: str, arguments: Mapping[str, Any], now: datetime) -> bool:
    """Execute an order; False when it is not one of an operator. Raises ``HarnessError`` for a wrong value.

    - ``deposer(boite, message, de?, dossier?)``: put ``message`` (text, or hexadecimal bytes as ``hex``) in a box;
    - ``courriel(boite, variante, usager, de, libelle, identifiants, original?)``: put the mails of a variant of the corpus about
      this usager in a box, under these Message-IDs; ``original`` is that of the message of the DUI that they answer;
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
        case "courriel":
            _courriel(service, _boite(service, arguments), arguments, now)
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


def _courriel(service: OperateurMss, chez: BoiteOuverte, arguments: Mapping[str, Any], now: datetime) -> None:
    """Mails of another software, as the corpus writes them, each under the identifier that the scenario chose."""
    if service.ecrire is None:
        raise HarnessError("cet opérateur n'a pas de corpus de courriels")
    de, identifiants = str(arguments["de"]), [str(i) for i in arguments["identifiants"]]
    original = _envoye(service, str(arguments.get("original", "")))
    mails = service.ecrire(
        str(arguments["variante"]),
        Usager.from_dict(arguments["usager"]),
        de=de,
        libelle=str(arguments.get("libelle", "Cabinet_Fictif")),
        a=chez.boite.adresse,
        le=now,
        graine=str(arguments.get("graine", "1")),
        original=original,
    )
    if len(mails) != len(identifiants):
        raise HarnessError(f"ordre « courriel » : {len(mails)} message(s) pour {len(identifiants)} identifiant(s)")
    for mail, identifiant in zip(mails, identifiants, strict=True):
        lettre = re.sub(rb"(?im)^Message-ID:.*$", f"Message-ID: {identifiant}\r".encode(), mail, count=1)
        service.reseau.deposer(chez, chez.reception, [f"Return-Path: <{de}>\r\n".encode(), lettre], now)


def _envoye(service: OperateurMss, identifiant: str) -> bytes:
    """The message of this Message-ID in the box that received it; raises ``HarnessError`` when none did."""
    if not identifiant:
        return b""
    for chez in service.reseau.ouvertes():
        for message in reversed(chez.reception.messages):
            recu = service.reseau.magasin.lire(message.morceau)
            if re.search(rb"(?im)^Message-ID:\s*" + re.escape(identifiant.encode()), recu.partition(b"\r\n\r\n")[0]):
                return re.sub(rb"\A(?:(?:Return-Path|Received):.*\r\n(?:[ \t].*\r\n)*)+", b"", recu)
    raise HarnessError(f"ordre « courriel » : aucun destinataire n'a reçu le message {identifiant}")


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
