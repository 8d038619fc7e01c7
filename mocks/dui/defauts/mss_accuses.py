"""Defects of the receipts that the DUI renders, and of its answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.message import EmailMessage, Message
from functools import partial
from typing import Any

from ..alterations import Alteration, Couture
from . import registre
from .registre import AVERTISSEMENT, NON_CONFORME

defaut = partial(registre.defaut, theme="accuses")


def _mdn(nom: str, description: str, check: str, alteration: Alteration, *, effet: str = NON_CONFORME) -> None:
    defaut(f"mss-accuse-{nom}", description, (Couture.MDN, alteration), check=f"mss.{check}", exigences=("MSS-15",), effet=effet)


def _reponse(nom: str, description: str, check: str, alteration: Alteration) -> None:
    defaut(f"mss-reponse-{nom}", description, (Couture.REPONSE, alteration), check=f"mss.{check}", exigences=("MSS-14",))


def _champs(changer: Callable[[str], str]) -> Alteration:
    """Change the fields of the machine-readable part."""

    def alterer(message: EmailMessage) -> None:
        partie: Message[Any, Any] = message.get_payload()[1]  # type: ignore[assignment, index]
        avant = str(partie.get_payload())
        apres = changer(avant)
        if apres == avant:
            raise ValueError("rien à altérer dans les champs de l'accusé")
        partie.set_payload(apres)

    return alterer


def _champ(nom: str, valeur: str | None) -> Alteration:
    """Replace a field, or take it away."""
    ligne = "" if valeur is None else f"{nom}: {valeur}\r\n"
    return _champs(lambda texte: re.sub(rf"(?m)^{nom}:[^\r\n]*\r\n", ligne, texte))


def _parties(changer: Callable[[list[Any]], list[Any]]) -> Alteration:
    def alterer(message: EmailMessage) -> None:
        message.set_payload(changer(list(message.get_payload())))

    return alterer


def _entete(nom: str, valeur: str | None) -> Alteration:
    def alterer(message: EmailMessage) -> None:
        del message[nom]
        if valeur is not None:
            message[nom] = valeur

    return alterer


def _texte(texte: str) -> Alteration:
    def alterer(message: EmailMessage) -> None:
        message.get_payload()[0].set_content(texte)  # type: ignore[union-attr, index]

    return alterer


def _sans_pieces(parties: list[Any]) -> list[Any]:
    """The original without its parts: its headers alone."""
    original = parties[2].get_payload()[0]
    original.set_payload([])
    return parties


_mdn(
    "mixte",
    "rend l'accusé dans un multipart/mixed",
    "mdn.structure",
    lambda m: m.replace_header("Content-Type", "multipart/mixed"),
)
_mdn("sans-champs", "rend l'accusé sans sa partie lisible par un logiciel", "mdn.structure", _parties(lambda p: [p[0], p[2]]))
_mdn("sans-texte", "rend un accusé sans texte", "mdn.human-text", _texte("\n"))
_mdn("sans-destinataire-final", "n'écrit pas Final-Recipient", "mdn.final-recipient", _champ("Final-Recipient", None))
_mdn(
    "sans-destinataire-d-origine", "n'écrit pas Original-Recipient", "mdn.original-recipient", _champ("Original-Recipient", None)
)
_mdn(
    "disposition-en-francais",
    "écrit le sort du message en français",
    "mdn.disposition",
    _champ("Disposition", "manual-action/MDN-sent-manually; lu"),
)
_mdn(
    "lu-automatique",
    "dit « lu » ce que personne n'a ouvert",
    "mdn.modes",
    _champ("Disposition", "automatic-action/MDN-sent-automatically; displayed"),
    effet=AVERTISSEMENT,
)
_mdn(
    "erreur-muette",
    "rend un accusé d'échec sans dire l'erreur",
    "mdn.error",
    _champ("Disposition", "automatic-action/MDN-sent-automatically; processed/error"),
)
_mdn(
    "d-un-autre-message",
    "nomme un autre message que celui qu'il accuse",
    "mdn.original-message-id",
    _champ("Original-Message-ID", "<autre@pro.formation.mssante.fr>"),
)
_mdn("sans-original", "ne joint pas le message d'origine", "mdn.returned", _parties(lambda p: p[:2]))
_mdn("original-sans-pieces", "joint le message d'origine sans ses pièces jointes", "mdn.returned", _parties(_sans_pieces))
_mdn(
    "a-une-autre-adresse",
    "envoie l'accusé à une autre adresse que celle demandée",
    "mdn.recipient",
    _entete("To", "secretariat@pro.formation.mssante.fr"),
)
_mdn(
    "qui-en-demande-un",
    "demande un accusé de son accusé",
    "mdn.no-loop",
    _entete("Disposition-Notification-To", "boite@pro.formation.mssante.fr"),
)


def _amputer(parties: list[Any]) -> list[Any]:
    """The original asked for nothing."""
    original = parties[2].get_payload()[0]
    del original["Disposition-Notification-To"]
    return parties


_mdn("non-demande", "accuse réception d'un message qui ne le demandait pas", "mdn.asked", _parties(_amputer))
_mdn(
    "automatique",
    "accuse automatiquement réception à une autre adresse que celle de l'expéditeur",
    "mdn.not-automatic",
    _champ("Disposition", "automatic-action/MDN-sent-automatically; processed"),
)

_reponse("hors-du-fil", "répond sans In-Reply-To", "reponse.in-reply-to", lambda m: _hors_du_fil(m))
_reponse(
    "fil-coupe",
    "répond sans reprendre References",
    "reponse.references",
    _entete("References", "<autre@pro.formation.mssante.fr>"),
)
_reponse("a-un-autre", "répond à une autre adresse", "reponse.recipient", _entete("To", "contact@tilleuls.formation.mssante.fr"))


def _hors_du_fil(message: EmailMessage) -> None:
    del message["In-Reply-To"]
