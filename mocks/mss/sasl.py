"""Who may open which box: the frames of SASL, and the verdict of the operator on them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ...core.errors import Inconclusive
from ...core.exchange import Connection
from ...validation.tls import ClientCertificate
from .jetons import JetonLu, Jetons
from .state import Reseau

MECANISMES = ("XOAUTH2", "EXTERNAL", "PLAIN")
DEFI = json.dumps({"status": "401", "schemes": "bearer", "scope": "mail"}, separators=(",", ":")).encode()
"""What a refused XOAUTH2 receives before the refusal itself."""
_EXACTE = re.compile(r"user=([^\x01]+)\x01auth=Bearer ([^\x01\s]+)\x01\x01")
_TOLEREE = re.compile(r"user=([^\x01]*)\x01auth=bearer +([^\x01\s]*)\s*\x01*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Authentification:
    """One attempt. ``verdict``: ``accepte``, or why it is refused: ``trame-illisible``, ``jeton-refuse``, ``boite-inconnue``,
    ``boite-non-autorisee``, ``mecanisme-inadapte``, ``certificat-absent``, ``certificat-autre-structure``, ``avant-tls``,
    ``panne``.

    ``trame`` is ``exacte`` when the frame is byte for byte what the mechanism says, else ``toleree`` or ``illisible``.
    """

    mecanisme: str
    verdict: str
    boite: str = ""
    genre: str = ""
    trame: str = ""
    jeton: JetonLu | None = None
    certificat: str = ""
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def acceptee(self) -> bool:
        """True when the box may be used."""
        return self.verdict == "accepte"

    @property
    def identite(self) -> str:
        """National identifier of the professional, or structure of the certificate."""
        return self.jeton.identite if self.jeton is not None else self.certificat

    def facts(self) -> dict[str, Any]:
        """JSON values, without secret."""
        row: dict[str, Any] = {"mecanisme": self.mecanisme, "verdict": self.verdict, "boite": self.boite, "genre": self.genre}
        row |= {"trame": self.trame, "identite": self.identite, "certificat_ou": self.certificat}
        if self.jeton is not None:
            row |= {"jeton": self.jeton.empreinte, "jeton_etat": self.jeton.etat, "persona": self.jeton.persona}
            row |= {"jeton_expire": self.jeton.expire, "session_psc": self.jeton.session}
        return row


@dataclass(frozen=True, slots=True)
class Garde:
    """The operator's decision. ``structure`` is what the OU of the certificates of the tested structure holds."""

    reseau: Reseau
    jetons: Jetons
    structure: str
    structure_fictive: str
    operateur: str

    def examiner(self, mecanisme: str, reponse: bytes, connection: Connection, now: datetime) -> Authentification:
        """The verdict on one SASL exchange, ``reponse`` being the client's decoded frame."""
        if mecanisme == "XOAUTH2":
            vue = self._porteur(reponse, now)
            return vue if connection.established else replace(vue, verdict="avant-tls")
        if not connection.established:
            return Authentification(mecanisme, "avant-tls", secrets=_masques(reponse))
        return self._certificat(mecanisme, reponse, connection)

    def _porteur(self, reponse: bytes, now: datetime) -> Authentification:
        texte = reponse.decode("utf-8", "replace")
        exacte, lue = _EXACTE.fullmatch(texte), _TOLEREE.fullmatch(texte)
        secrets = _masques(reponse)
        if lue is None:
            return Authentification("XOAUTH2", "trame-illisible", trame="illisible", secrets=secrets)
        adresse, valeur = lue[1].strip(), lue[2]
        trame = "exacte" if exacte is not None else "toleree"
        jeton = self.jetons.lire(valeur, now)
        found = self.reseau.boite(adresse)
        genre = found.boite.genre if found is not None else ""
        verdict = "accepte"
        if jeton.etat != "valide":
            verdict = "jeton-refuse"
        elif found is None or found.boite.operateur != self.operateur:
            verdict = "boite-inconnue"
        elif genre == "APP":
            verdict = "mecanisme-inadapte"
        elif jeton.identite not in (found.boite.titulaire, *found.boite.delegues):
            verdict = "boite-non-autorisee"
        secrets = tuple(s for s in (*secrets, valeur) if s)
        return Authentification("XOAUTH2", verdict, adresse, genre, trame, jeton, secrets=secrets)

    def _certificat(self, mecanisme: str, reponse: bytes, connection: Connection) -> Authentification:
        """EXTERNAL and PLAIN both open an applicative box: the certificate is what proves."""
        adresse, trame = _adresse(mecanisme, reponse)
        presente = ou_of(connection)
        found = self._applicative(presente) if mecanisme == "EXTERNAL" and not adresse else self.reseau.boite(adresse)
        shown = found.boite.adresse if found is not None else adresse
        genre = found.boite.genre if found is not None else ""
        secrets = _masques(reponse) if mecanisme == "PLAIN" else ()
        if found is None or found.boite.operateur != self.operateur:
            verdict = "boite-inconnue" if presente else "certificat-absent"
        elif genre != "APP":
            verdict = "mecanisme-inadapte"
        elif not presente:
            verdict = "certificat-absent"
        else:
            verdict = "accepte" if presente == self._attendu(found.boite.certificat) else "certificat-autre-structure"
        return Authentification(mecanisme, verdict, shown, genre, trame, certificat=presente, secrets=secrets)

    def _attendu(self, certificat: str) -> str:
        return self.structure if certificat == self.structure_fictive else certificat

    def _applicative(self, presente: str) -> Any:
        """The one applicative box of a structure, when the client names none."""
        for boite in self.reseau.connues.values():
            if boite.genre == "APP" and boite.operateur == self.operateur and self._attendu(boite.certificat) == presente:
                return self.reseau.boite(boite.adresse)
        return None


def decoder(texte: bytes) -> bytes | None:
    """The bytes of a base64 frame, ``=`` standing for an empty one; None when it is not base64."""
    if texte == b"=":
        return b""
    try:
        return base64.b64decode(texte, validate=True)
    except (binascii.Error, ValueError):
        return None


def ou_of(connection: Connection) -> str:
    """The structure that the client certificate names, ``""`` without certificate."""
    if connection.client_der is None:
        return ""
    try:
        return ClientCertificate.from_der(connection.client_der).ou
    except Inconclusive:
        return ""


def tls_facts(connection: Connection) -> dict[str, Any]:
    """What is said of TLS besides the connection itself."""
    der = connection.client_der
    return {
        "etabli": connection.established,
        "version": connection.version,
        "suite": connection.cipher,
        "certificat": hashlib.sha256(der).hexdigest() if der else "",
        "certificat_ou": ou_of(connection),
    }


def _adresse(mecanisme: str, reponse: bytes) -> tuple[str, str]:
    """The address that a frame of EXTERNAL or PLAIN names, and whether the frame is exact."""
    texte = reponse.decode("utf-8", "replace")
    if mecanisme == "EXTERNAL":
        return texte.strip(), "exacte" if texte == texte.strip() else "toleree"
    parts = texte.split("\0")
    if len(parts) == 3:
        return (parts[1] or parts[0]).strip(), "exacte"
    return parts[-1].strip() if "@" in parts[-1] else texte.strip("\0 "), "toleree"


def _masques(reponse: bytes) -> tuple[str, ...]:
    """The frame as it stands on the wire: it holds a token, or a password typed by mistake."""
    return (base64.b64encode(reponse).decode(),) if reponse else ()
