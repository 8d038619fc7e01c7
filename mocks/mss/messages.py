"""What arrives at an operator, as requests: their kinds and keys; and the answers of its web and mail ports."""

from __future__ import annotations

import base64
import io
import itertools
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from ...core.exchange import Body, Connection, Description, Key, Request
from ...core.matcher import traits_key
from ...fixtures.boites import PATIENTS
from .sasl import Authentification

ENVOI = "/envoi"
REFUS = "/refus"
SESSION = "/session"
DEPOT = "/depot"
LECTURE = "/lecture"
_KINDS = {
    ("SMTP", ENVOI): "mss.smtp.envoi",
    ("SMTP", REFUS): "mss.smtp.refus",
    ("SMTP", SESSION): "mss.smtp.session",
    ("IMAP", SESSION): "mss.imap.session",
    ("IMAP", DEPOT): "mss.imap.depot",
}
_SUMMARIES = {
    "mss.smtp.envoi": "message soumis à l'opérateur",
    "mss.smtp.refus": "envoi refusé avant le message",
    "mss.smtp.session": "connexion SMTP sans message",
    "mss.imap.session": "session de lecture d'une boîte",
    "mss.imap.depot": "dépôt d'un message dans une boîte",
    "mss.autoconfig": "lecture de la configuration automatique",
    "mss.dns": "question posée au serveur de noms",
    "mss.inconnu": "appel non prévu",
}
_LARGEST = 40_000_000
_LARGEST_ZIP = 12_000_000
_LARGEST_XML = 8_000_000
_HEAD = 64 * 1024
_ZIP = re.compile(rb"\n\r?\n(UEsDB[A-Za-z0-9+/=\r\n]+)")
_CX = re.compile(rb"([0-9]{6}[0-9AB][0-9]{6})[0-9]{0,2}\^\^\^&(?:amp;)?[0-9.]+&(?:amp;)?ISO\^(?:NH|INS)")
_UNIQUE = re.compile(rb"2e82c1f6-a085-4c72-9da3-8640a32e42ab\"[^>]{0,300}?value=\"([^\"]{1,200})\"")
_PID = re.compile(rb"PID-([578])\|([^<]{1,200})")
_IDS = re.compile(rb"^(Message-ID|In-Reply-To|Original-Message-ID):[ \t]*(?:\r?\n[ \t]+)?(<[^<>\s]{1,300}>)", re.I | re.M)
_CITIZEN = re.compile(r"([0-9AB]{13})[0-9]{2}@" + re.escape(PATIENTS), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Destinataire:
    """A recipient of a transaction, and the reply that it got. ``options`` are the DSN parameters as sent."""

    adresse: str
    options: tuple[tuple[str, str], ...]
    reponse: str

    @property
    def accepte(self) -> bool:
        """True when the operator took it."""
        return self.reponse.startswith("2")


@dataclass(frozen=True, slots=True)
class Envoi:
    """One mail transaction, whole or cut short. ``options`` are the parameters of MAIL FROM, as sent."""

    helo: str
    auth: Authentification | None
    tentatives: tuple[Authentification, ...]
    de: str
    options: tuple[tuple[str, str], ...]
    destinataires: tuple[Destinataire, ...]
    rang: int
    trop: str = ""

    def option(self, nom: str) -> str:
        """A parameter of MAIL FROM, ``""`` when absent."""
        return next((v for n, v in self.options if n.upper() == nom), "")

    def request(self, chemin: str, corps: Body, connection: Connection, brut: bytes, *, reponse: str = "") -> Request:
        """The transaction as a request: the envelope in the target and in the headers, the message as body."""
        pairs = [("de", self.de), *(("a", d.adresse) for d in self.destinataires)]
        headers = [("EHLO", self.helo), ("AUTH", self.auth.mecanisme if self.auth is not None else "")]
        headers.append(("MAIL FROM", _parametres(self.de, self.options)))
        headers += [("RCPT TO", _parametres(d.adresse, d.options)) for d in self.destinataires]
        request = Request("SMTP", f"{chemin}?{urlencode(pairs)}", tuple(headers), corps, connection, raw=Body(brut))
        request.memo["envoi"], request.memo["reponse"] = self, reponse
        lisible(request)
        return request


def kind_of(listener: str, request: Request) -> str:
    """The kind of a request, from what carried it."""
    if request.method == "DNS":
        return "mss.dns"
    if request.method in ("SMTP", "IMAP"):
        return _KINDS.get((request.method, request.path), "mss.inconnu")
    if request.path in ("/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml"):
        return "mss.autoconfig"
    return "mss.inconnu"


def describe(listener: str, request: Request) -> Description:
    """Kind, keys, secrets and summary; never raises on bad input."""
    kind = kind_of(listener, request)
    keys: list[Key] = []
    secrets: list[str] = []
    for auth in request.memo.get("authentifications", ()):
        secrets += auth.secrets
        if auth.identite and auth.acceptee and auth.jeton is not None:
            keys.append(Key("ps", auth.identite))
    if kind in ("mss.smtp.envoi", "mss.smtp.refus", "mss.imap.depot"):
        keys = [*message_keys(request.body, request.memo.get("clair")), *_citizens(request), *keys]
    for adresse in request.memo.get("boites", ()):
        keys.append(Key("bal", adresse.lower()))
    return Description(kind, tuple(dict.fromkeys(keys)), tuple(dict.fromkeys(secrets)), _SUMMARIES[kind])


def lisible(request: Request) -> None:
    """Let who guards the campaign look into the archives of a message, which Base64 hides (``clair`` in its memo)."""
    opened: list[tuple[str, bytes]] = []
    done: list[bool] = []

    def clair() -> list[tuple[str, bytes]]:
        if not done:
            done.append(True)
            if request.body.size <= _LARGEST:
                opened.extend(archives(request.body.read()))
        return opened

    request.memo["clair"] = clair


def message_keys(body: Body, clair: Callable[[], list[tuple[str, bytes]]] | None = None) -> list[Key]:
    """Whom and what a message is about: the patients and documents of its XDM archives, its Message-ID and that it answers."""
    if body.size > _LARGEST:
        with body.open() as stream:
            return _ids(stream.read(_HEAD))
    data = body.read()
    found: list[Key] = []
    for nom, metadata in clair() if clair is not None else archives(data):
        if not nom.endswith("METADATA.XML"):
            continue
        found += [Key("ins", m.group(1).decode()) for m in _CX.finditer(metadata)]
        found += _traits(metadata)
        found += [Key("uid", m.group(1).decode("utf-8", "replace")) for m in _UNIQUE.finditer(metadata)]
    found += _ids(data[:_HEAD].partition(b"\r\n\r\n")[0])
    if b"riginal-" in data:
        # A receipt names what it is about in one of its parts.
        found += _ids(data[:_HEAD] + data[-_HEAD:])
    return list(dict.fromkeys(found))


def archives(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Name (in capitals) and content of the XML files in the first archives of a message, within bounds."""
    left = _LARGEST_XML
    if b"\nUEsDB" not in data:
        return
    for match in list(_ZIP.finditer(data))[:4]:
        try:
            with zipfile.ZipFile(io.BytesIO(base64.b64decode(match.group(1)[:_LARGEST_ZIP]))) as archive:
                for nom in [n for n in archive.namelist()[:1000] if n.upper().endswith(".XML")][:20]:
                    with archive.open(nom) as stream:
                        content = stream.read(left)
                    left -= len(content)
                    yield nom.upper(), content
        except (ValueError, zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
            continue


def _ids(data: bytes) -> list[Key]:
    return [Key("uid", m.group(2).decode("ascii", "replace")) for m in itertools.islice(_IDS.finditer(data), 20)]


def _traits(metadata: bytes) -> list[Key]:
    said: dict[bytes, str] = {}
    for match in _PID.finditer(metadata):
        said.setdefault(match.group(1), match.group(2).decode("utf-8", "replace"))
    if set(said) != {b"5", b"7", b"8"}:
        return []
    return [traits_key(said[b"5"].split("^")[0], said[b"7"][:8], said[b"8"].strip())]


def _citizens(request: Request) -> list[Key]:
    envoi = request.memo.get("envoi")
    if not isinstance(envoi, Envoi):
        return []
    texts = " ".join([envoi.de, *(d.adresse for d in envoi.destinataires)])
    return [Key("ins", m.group(1).upper()) for m in _CITIZEN.finditer(texts)]


def _parametres(adresse: str, options: tuple[tuple[str, str], ...]) -> str:
    return " ".join([f"<{adresse}>", *(f"{n}={v}" if v else n for n, v in options)])
