"""MTOM: a SOAP envelope and its attachments in one multipart message, built and read."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from urllib.parse import unquote

from .soap import ReponseIllisible

TYPE_SOAP = "application/soap+xml"


@dataclass(slots=True)
class Partie:
    """One part: its Content-ID (without angle brackets), its type, its bytes."""

    cid: str
    type: str
    contenu: bytes
    encodage: str = "binary"


@dataclass(slots=True)
class Paquet:
    """A multipart/related message: the root part first, then the attachments. A fault may change any of it."""

    parties: list[Partie]
    frontiere: str
    parametres: dict[str, str]

    @property
    def content_type(self) -> str:
        """The HTTP Content-Type."""
        return "; ".join(["multipart/related", *(f'{nom}="{valeur}"' for nom, valeur in self.parametres.items())])

    def octets(self) -> bytes:
        """The HTTP body."""
        morceaux: list[bytes] = []
        for partie in self.parties:
            entetes = (
                f"--{self.frontiere}\r\nContent-Type: {partie.type}\r\n"
                f"Content-Transfer-Encoding: {partie.encodage}\r\nContent-ID: <{partie.cid}>\r\n\r\n"
            )
            morceaux += [entetes.encode(), partie.contenu, b"\r\n"]
        return b"".join([*morceaux, f"--{self.frontiere}--\r\n".encode()])


def paquet(action: str, enveloppe: bytes, jointes: list[Partie]) -> Paquet:
    """The package of an envelope that refers to these attachments by ``xop:Include``."""
    racine = Partie(f"racine-{uuid.uuid4().hex}@dui", f'application/xop+xml; charset=UTF-8; type="{TYPE_SOAP}"', enveloppe)
    frontiere = f"MIMEBoundary_{uuid.uuid4().hex}"
    parametres = {
        "type": "application/xop+xml",
        "start": f"<{racine.cid}>",
        "start-info": TYPE_SOAP,
        "boundary": frontiere,
        "action": action,
    }
    return Paquet([racine, *jointes], frontiere, parametres)


def ouvrir(content_type: str, corps: bytes) -> tuple[bytes, dict[str, bytes]]:
    """The SOAP envelope of an answer, and its attachments by Content-ID: the root part of a multipart message and the others,
    or the whole body of a plain one. What follows the last delimiter is not a part: a message cut short has lost its end."""
    if not content_type.lower().startswith("multipart/"):
        return corps, {}
    frontiere = _parametre(content_type, "boundary")
    if not frontiere:
        raise ReponseIllisible("réponse multipart sans frontière")
    parties = [_lire_partie(bloc) for bloc in (b"\r\n" + corps).split(b"\r\n--" + frontiere.encode())[1:-1]]
    if not parties:
        raise ReponseIllisible("réponse multipart sans partie")
    depart = _nu(_parametre(content_type, "start"))
    racine = next((contenu for cid, contenu in parties if cid == depart), parties[0][1])
    return racine, dict(parties)


def _lire_partie(bloc: bytes) -> tuple[str, bytes]:
    entetes, _, contenu = bloc.partition(b"\r\n\r\n")
    cid = re.search(rb"(?im)^content-id:\s*(\S+)", entetes)
    return _nu(cid.group(1).decode("latin-1") if cid else ""), contenu


def _parametre(content_type: str, nom: str) -> str:
    trouve = re.search(rf'(?i);\s*{nom}\s*=\s*(?:"([^"]*)"|([^;\s]+))', content_type)
    return (trouve.group(1) or trouve.group(2) or "") if trouve else ""


def _nu(cid: str) -> str:
    return unquote(cid.strip().strip("<>"))
