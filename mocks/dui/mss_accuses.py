"""Receipts: those that we render when a message asks for it, those that come back for ours; answers in a thread."""

from __future__ import annotations

import email
import re
from collections.abc import Iterable
from datetime import datetime
from email.message import EmailMessage, Message
from email.policy import SMTP
from email.utils import parseaddr

from .mss_lettre import Plume, lettre, sans_accents
from .mss_reception import KO, Lettre
from .regles_messagerie import ReglesReceptionMss

_TEL_QUEL = SMTP.clone(refold_source="none")
_IDENTIFIANT = re.compile(r"<[^<>\s]+@[^<>\s]+>")
LU = "manual-action/MDN-sent-manually; displayed"


def demande_un_accuse(recue: Lettre, regles: ReglesReceptionMss) -> str:
    """The address that asks to know when this message is read, ``""`` when none may be told."""
    voulue = parseaddr(str(recue.mail["Disposition-Notification-To"] or ""))[1]
    if not regles.rend_les_accuses:
        return ""
    if recue.mail.get_content_type() == "multipart/report" and regles.rend_hors_boucle:
        return ""
    return voulue if voulue or regles.rend_seulement_si_demande else recue.de


def accuse(plume: Plume, recue: Lettre, vers: str, le: datetime, logiciel: str) -> EmailMessage:
    """The read receipt of a message (RFC 8098): a person read it."""
    message = lettre(plume, vers, le)
    message.policy = _TEL_QUEL
    message["Subject"] = f"Lu : {recue.objet}"
    message["In-Reply-To"] = recue.id
    message["References"] = recue.id
    champs = (
        f"Reporting-UA: {plume.boite.domaine}; {sans_accents(logiciel)}",
        f"Original-Recipient: rfc822; {plume.boite.adresse}",
        f"Final-Recipient: rfc822; {plume.boite.adresse}",
        f"Original-Message-ID: {recue.id}",
        f"Disposition: {LU}",
    )
    texte = EmailMessage(policy=_TEL_QUEL)
    texte.set_content(f"Votre message a été lu le {le:%d/%m/%Y} à {le:%H:%M} (UTC).\n", charset="utf-8", cte="quoted-printable")
    dispositions = Message(policy=_TEL_QUEL)
    dispositions["Content-Type"] = "message/disposition-notification"
    dispositions.set_payload("\r\n".join(champs) + "\r\n")
    original = Message(policy=_TEL_QUEL)
    original["Content-Type"] = "message/rfc822"
    original.set_payload([email.message_from_bytes(recue.octets, policy=_TEL_QUEL)])
    message["MIME-Version"] = "1.0"
    message["Content-Type"] = "multipart/report; report-type=disposition-notification"
    message.set_payload([texte, dispositions, original])
    return message


def reponse(plume: Plume, recue: Lettre, texte: str, le: datetime) -> EmailMessage:
    """An answer: to whom the message asks, in its thread."""
    vers = parseaddr(str(recue.mail["Reply-To"] or ""))[1] or recue.de
    message = lettre(plume, vers, le)
    fil = [*_IDENTIFIANT.findall(str(recue.mail["References"] or "")), recue.id]
    message["Subject"] = recue.objet if recue.objet.lower().startswith("re:") else f"Re: {recue.objet}"
    message["In-Reply-To"] = recue.id
    message["References"] = " ".join(dict.fromkeys(fil))
    message.set_content(texte + "\n", charset="utf-8", cte="quoted-printable")
    return message


def nouvelles(recue: Lettre) -> Iterable[tuple[str, str, str]]:
    """What a receipt says: the message that it is about (its id, or its local part), then ``remise`` or ``lecture``, then how."""
    mail = recue.mail
    sorte = str(mail.get_param("report-type", "")).lower() if mail.get_content_type() == "multipart/report" else ""
    if sorte == "disposition-notification":
        champs = _champs(mail, "message/disposition-notification")
        echec = "error" in champs.get("disposition", "").lower()
        yield champs.get("original-message-id", "").strip(), "lecture", "erreur" if echec else "lu"
    elif sorte == "delivery-status":
        champs = _champs(mail, "message/delivery-status")
        action = champs.get("action", "").strip().lower()
        yield champs.get("original-envelope-id", "").strip(), "remise", "echec" if action == "failed" else "remis"
    elif str(mail["Subject"] or "").startswith(KO):
        yield str(mail["In-Reply-To"] or "").strip(), "lecture", "erreur"
    elif recue.expediteur == "service":
        texte = recue.octets.decode("utf-8", "replace")
        yield from ((cite, "remise", "echec") for cite in dict.fromkeys(_IDENTIFIANT.findall(texte)) if cite != recue.id)


def _champs(mail: EmailMessage, type: str) -> dict[str, str]:
    """The fields of a report, whatever their block."""
    partie = next((p for p in mail.walk() if p.get_content_type() == type), None)
    if partie is None:
        return {}
    blocs = partie.get_payload() if partie.is_multipart() else []
    return {nom.lower(): str(valeur).strip() for bloc in blocs if isinstance(bloc, Message) for nom, valeur in bloc.items()}
