"""The MIME tree of a message by offsets, as FETCH says it: BODYSTRUCTURE, ENVELOPE, sections. Nothing is decoded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import getaddresses

from .imap_grammaire import cite

PARTS = 500
DEPTH = 20
HEAD = 256 * 1024
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:((?:[^\r\n]|\r?\n[ \t]|\r(?!\n))*)", re.MULTILINE)
_PARAM = re.compile(rb";\s*([^=\s;]+)\s*=\s*(\"(?:\\.|[^\"\\])*\"|[^;\s]*)")
_TYPE = re.compile(rb"\s*([!#-'*+\-.0-9A-Z^-~]+)/([!#-'*+\-.0-9A-Z^-~]+)", re.IGNORECASE)


@dataclass(slots=True)
class Partie:
    """A part: its header lies in ``[debut, corps)``, its body in ``[corps, fin)``. A ``message/rfc822`` has one child."""

    debut: int
    corps: int
    fin: int
    type: bytes = b"text"
    soustype: bytes = b"plain"
    params: tuple[tuple[bytes, bytes], ...] = ((b"charset", b"us-ascii"),)
    champs: dict[bytes, bytes] = field(default_factory=dict)
    lignes: int = 0
    enfants: list[Partie] = field(default_factory=list)

    @property
    def taille(self) -> int:
        """Bytes of its body."""
        return self.fin - self.corps

    @property
    def multiple(self) -> bool:
        """True for a multipart."""
        return self.type == b"multipart" and bool(self.enfants)

    @property
    def enveloppee(self) -> bool:
        """True for a message within a message."""
        return (self.type, self.soustype) == (b"message", b"rfc822") and bool(self.enfants)


def analyser(data: bytes) -> Partie:
    """The tree of a message; what passes the bounds is left as one part."""
    return _partie(data, 0, len(data), 0, [PARTS])


def champs(head: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names (lower case) and values (unfolded) of a header, in order."""
    for match in _FIELD.finditer(head):
        yield match.group(1).lower(), re.sub(rb"\r?\n", b"", match.group(2)).strip()


def enveloppe(head: bytes) -> bytes:
    """The ENVELOPE of a header."""
    found: dict[bytes, bytes] = {}
    for nom, valeur in champs(head):
        found.setdefault(nom, valeur)
    who = {nom: _adresses(found.get(nom)) for nom in (b"from", b"sender", b"reply-to", b"to", b"cc", b"bcc")}
    for nom in (b"sender", b"reply-to"):
        who[nom] = who[b"from"] if who[nom] == b"NIL" else who[nom]
    pieces = [cite(found.get(b"date")), cite(found.get(b"subject")), *who.values()]
    return b"(" + b" ".join([*pieces, cite(found.get(b"in-reply-to")), cite(found.get(b"message-id"))]) + b")"


def structure(data: bytes, partie: Partie, *, etendue: bool) -> bytes:
    """BODYSTRUCTURE (``etendue``) or BODY of a part."""
    if partie.multiple:
        inside = b"".join(structure(data, each, etendue=etendue) for each in partie.enfants)
        more = b" %s %s NIL NIL" % (_params(partie.params), _disposition(partie)) if etendue else b""
        return b"(%s %s%s)" % (inside, cite(partie.soustype), more)
    said = partie.champs
    pieces = [cite(partie.type), cite(partie.soustype), _params(partie.params), cite(said.get(b"content-id"))]
    pieces += [cite(said.get(b"content-description")), cite(said.get(b"content-transfer-encoding", b"7bit"))]
    pieces.append(b"%d" % partie.taille)
    if partie.enveloppee:
        child = partie.enfants[0]
        pieces += [enveloppe(data[child.debut : child.corps][:HEAD]), structure(data, child, etendue=etendue)]
    if partie.enveloppee or partie.type == b"text":
        pieces.append(b"%d" % partie.lignes)
    if etendue:
        pieces += [b"NIL", _disposition(partie), b"NIL", b"NIL"]
    return b"(" + b" ".join(pieces) + b")"


def trouver(racine: Partie, chemin: list[int]) -> Partie | None:
    """The part at a path of numbers (RFC 3501 §6.4.5)."""
    partie = racine
    for rang in chemin:
        if partie.enveloppee:
            partie = partie.enfants[0]
        if partie.multiple:
            if not 1 <= rang <= len(partie.enfants):
                return None
            partie = partie.enfants[rang - 1]
        elif rang != 1:
            return None
    return partie


def _partie(data: bytes, debut: int, fin: int, profondeur: int, reste: list[int]) -> Partie:
    reste[0] -= 1
    corps = _fin_entete(data, debut, fin)
    said: dict[bytes, bytes] = {}
    for nom, valeur in champs(data[debut:corps][:HEAD]):
        if nom.startswith(b"content-"):
            said.setdefault(nom, valeur)
    partie = Partie(debut, corps, fin, champs=said)
    declared = _TYPE.match(said.get(b"content-type", b""))
    if declared is not None:
        partie.type, partie.soustype = declared.group(1).lower(), declared.group(2).lower()
        partie.params = tuple(_lire_params(said[b"content-type"]))
    if profondeur < DEPTH and reste[0] > 0:
        partie.enfants = _enfants(data, partie, profondeur, reste)
    if partie.type in (b"text", b"message"):
        partie.lignes = data.count(b"\n", corps, fin)
    return partie


def _enfants(data: bytes, partie: Partie, profondeur: int, reste: list[int]) -> list[Partie]:
    if (partie.type, partie.soustype) == (b"message", b"rfc822"):
        return [_partie(data, partie.corps, partie.fin, profondeur + 1, reste)]
    boundary = dict(partie.params).get(b"boundary", b"")[:200]
    if partie.type != b"multipart" or not boundary:
        return []
    delimiter = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    found: list[Partie] = []
    start = -1
    first = max(partie.corps - 2, partie.debut)
    for match in delimiter.finditer(data, first, partie.fin):
        if start >= 0 and reste[0] > 0:
            found.append(_partie(data, start, max(start, match.start()), profondeur + 1, reste))
        start = -1
        if match.group(1):
            break
        start = match.end() + (2 if data[match.end() : match.end() + 2] == b"\r\n" else 1)
    if start >= 0 and reste[0] > 0 and start <= partie.fin:
        found.append(_partie(data, start, partie.fin, profondeur + 1, reste))
    return found


def _fin_entete(data: bytes, debut: int, fin: int) -> int:
    """Where the body begins."""
    for empty in (b"\r\n", b"\n"):
        if data[debut : debut + len(empty)] == empty:
            return min(debut + len(empty), fin)
    match = _END_OF_HEAD.search(data, debut, fin)
    return match.end() if match is not None else fin


def _lire_params(value: bytes) -> Iterator[tuple[bytes, bytes]]:
    for match in list(_PARAM.finditer(value))[:50]:
        text = match.group(2)
        if text.startswith(b'"'):
            text = re.sub(rb"\\(.)", rb"\1", text[1:-1])
        yield match.group(1).lower(), text


def _params(params: tuple[tuple[bytes, bytes], ...]) -> bytes:
    if not params:
        return b"NIL"
    return b"(" + b" ".join(piece for nom, valeur in params for piece in (cite(nom), cite(valeur))) + b")"


def _disposition(partie: Partie) -> bytes:
    value = partie.champs.get(b"content-disposition")
    if not value:
        return b"NIL"
    kind = value.partition(b";")[0].strip().lower()
    return b"(%s %s)" % (cite(kind), _params(tuple(_lire_params(value))))


def _adresses(value: bytes | None) -> bytes:
    if not value:
        return b"NIL"
    rows = []
    for nom, adresse in getaddresses([value.decode("utf-8", "surrogateescape")[:8192]])[:200]:
        local, _, domaine = adresse.rpartition("@")
        if not adresse:
            continue
        pieces = [nom or None, None, local or adresse, domaine if local else None]
        texts = [cite(p.encode("utf-8", "surrogateescape") if p is not None else None) for p in pieces]
        rows.append(b"(" + b" ".join(texts) + b")")
    return b"(" + b"".join(rows) + b")" if rows else b"NIL"
