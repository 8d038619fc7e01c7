"""Says whether sealed evidence is intact, and who sealed it.

First every byte: signature, then the only directory that the signed entries can have. When that fails, what the manifest and the
chain of the journal tell of the damage: which file was changed, added, removed, moved, cut, or came from another campaign.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from .cle import Nature, certified, fingerprint, verifies
from .paquet import Entry, PackBroken, content, directory, entries_of
from .scelle import (
    JOURNAL,
    MANIFEST_SCHEMA,
    MANIFESTE,
    SIGNATURE,
    SIGNATURE_SCHEMA,
    prefix_sha256,
    read_json,
    signed_part,
    sum_of,
)

MAX_STATEMENT = 1 << 20
MAX_MANIFEST = 64 << 20
MAX_LINE = 16 << 20
_ENOUGH = 50


class NotEvidence(ValueError):
    """The file is no archive of evidence at all."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who sealed: ``empreinte`` names his key. ``certificats`` (DER): the holder's first. ``horodatage``: an RFC 3161 token."""

    empreinte: str
    nature: Nature
    certificats: tuple[bytes, ...]
    signature: bytes
    horodatage: bytes


@dataclass(slots=True)
class Verification:
    """What was found. ``signer`` is None when no signature can be read; ``problems`` are French sentences."""

    manifest: dict[str, Any] = field(default_factory=dict)
    signer: Signer | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        """True when not one byte was touched since it was sealed."""
        return not self.problems


def verify(path: Path) -> Verification:
    """Read an archive; raises :class:`NotEvidence` when it is none, ``OSError`` when it cannot be read."""
    with path.open("rb") as stream:
        found = Verification()
        entries, broken = _entries(stream)
        if not entries or entries[0].nom != MANIFESTE:
            _refuse_foreign(stream)
            found.problems.append("début de l'archive altéré : le manifeste n'est plus à sa place")
        if broken is not None:
            found.problems.append(_said(broken))
        _signature(stream, entries, found)
        _directory(stream, entries, found)
        _contents(stream, entries, found)
        return found


def _entries(stream: BinaryIO) -> tuple[list[Entry], PackBroken | None]:
    entries: list[Entry] = []
    try:
        for entry in entries_of(stream):
            entries.append(entry)
    except PackBroken as error:
        return entries, error
    return entries, None


def _refuse_foreign(stream: BinaryIO) -> None:
    """Evidence names its manifest in its first bytes, whichever of them was altered."""
    stream.seek(0)
    head = stream.read(64)
    close = sum(a == b for a, b in zip(head[30:], MANIFESTE.encode(), strict=False))
    if close < len(MANIFESTE) - 1:
        raise NotEvidence("ce fichier n'est pas une archive de preuves")


def _signature(stream: BinaryIO, entries: Sequence[Entry], found: Verification) -> None:
    last = entries[-1] if entries else None
    if last is None or last.nom != SIGNATURE or last.size > MAX_STATEMENT:
        found.problems.append("signature absente : l'archive est tronquée, ou sa signature a été retirée")
        return
    try:
        row = read_json(b"".join(content(stream, last)))
        public = b64decode(row["cle"], validate=True)
        certificates = tuple(b64decode(each, validate=True) for each in row["certificats"])
        signature = b64decode(row["signature"], validate=True)
        signer = Signer(
            fingerprint(public), Nature(row["nature"]), certificates, signature, b64decode(row["horodatage"], validate=True)
        )
        length, digest, schema, _ = int(row["etendue"]), str(row["sha256"]), row["schema"], row["somme"]
    except (ValueError, KeyError, TypeError):
        found.problems.append("signature illisible : elle a été altérée")
        return
    held = schema == SIGNATURE_SCHEMA and row["somme"] == sum_of(row) and verifies(public, signature, signed_part(row))
    if signer.nature is Nature.CERTIFIEE and not certified(public, certificates):
        held = False
    if not held:
        found.problems.append("la signature n'est pas celle de la clé qu'elle nomme : elle a été altérée")
        return
    found.signer = signer
    if length != last.offset or prefix_sha256(stream, last.offset) != digest:
        found.problems.append("le contenu n'est plus celui qui a été signé")


def _directory(stream: BinaryIO, entries: Sequence[Entry], found: Verification) -> None:
    if not entries:
        return
    expected = directory(entries)
    stream.seek(entries[-1].end)
    if stream.read(len(expected) + 1) != expected:
        found.problems.append("la fin de l'archive (table des fichiers) a été altérée ou tronquée")


def _contents(stream: BinaryIO, entries: Sequence[Entry], found: Verification) -> None:
    by_name = {entry.nom: entry for entry in entries}
    if len(by_name) != len(entries):
        found.problems.append("un même nom de fichier est présent deux fois")
    if MANIFESTE not in by_name or by_name[MANIFESTE].size > MAX_MANIFEST:
        return
    try:
        manifest = read_json(b"".join(content(stream, by_name[MANIFESTE])))
        listed = {row["nom"]: (row["taille"], row["sha256"]) for row in manifest["fichiers"]}
        campaign = manifest["campagne"]
        known = (campaign["nonce"], campaign["debut"], campaign["fin"], manifest["produit"])
        if manifest["schema"] != MANIFEST_SCHEMA:
            raise ValueError("autre schéma")
    except (PackBroken, ValueError, KeyError, TypeError):
        found.problems.append(f"{MANIFESTE} : altéré, illisible")
        return
    found.manifest = manifest
    here = [entry.nom for entry in entries if entry.nom not in (MANIFESTE, SIGNATURE)]
    found.problems += [f"{name} : absent de l'archive" for name in listed if name not in by_name][:_ENOUGH]
    found.problems += [f"{name} : ajouté après le scellement" for name in here if name not in listed][:_ENOUGH]
    kept = [name for name in listed if name in by_name]
    if kept != [name for name in here if name in listed]:
        found.problems.append("des fichiers ont changé de place dans l'archive")
    for name in kept:
        if _digest(stream, by_name[name]) != listed[name]:
            found.problems.append(f"{name} : modifié depuis le scellement")
    if JOURNAL in by_name:
        found.problems += _journal(stream, by_name[JOURNAL], known)
    found.problems += _foreign_blobs(stream, by_name)
    del found.problems[_ENOUGH:]


def _digest(stream: BinaryIO, entry: Entry) -> tuple[int, str]:
    digest = hashlib.sha256()
    try:
        for chunk in content(stream, entry):
            digest.update(chunk)
    except PackBroken:
        return (-1, "")
    return (entry.size, digest.hexdigest())


def _lines(stream: BinaryIO, entry: Entry) -> Iterator[bytes]:
    rest = b""
    for chunk in content(stream, entry):
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line + b"\n" for line in whole)
        if len(rest) > MAX_LINE:
            raise PackBroken("ligne démesurée", entry.offset, entry.nom)
    if rest:
        yield rest


def _journal(stream: BinaryIO, entry: Entry, known: tuple[str, str, str, Any]) -> Iterator[str]:
    nonce, first, last, product = known
    previous = ""
    try:
        for number, line in enumerate(_lines(stream, entry), start=1):
            row = json.loads(line)
            if row["prev"] != previous or row["seq"] != number - 1:
                yield f"{JOURNAL}, ligne {number} : chaîne rompue, une ligne a été modifiée, retirée, ajoutée ou déplacée"
                return
            previous = hashlib.sha256(line).hexdigest()
            if number == 1:
                if row["nonce"] != nonce:
                    yield f"{JOURNAL} : c'est celui d'une autre campagne"
                elif row["produit"] != product:
                    yield f"{JOURNAL} : c'est celui d'un autre produit"
                elif previous != first:
                    yield f"{JOURNAL}, ligne 1 : modifiée depuis le scellement"
    except (PackBroken, ValueError, KeyError, TypeError):
        yield f"{JOURNAL} : illisible, il a été altéré"
        return
    if previous != last:
        yield f"{JOURNAL} : sa fin n'est plus celle qui a été scellée"


def _foreign_blobs(stream: BinaryIO, by_name: dict[str, Entry]) -> Iterator[str]:
    """Pieces are named by a hash keyed by the campaign: one from elsewhere cannot bear its own name."""
    if "sel" not in by_name or by_name["sel"].size > 1024:
        return
    try:
        salt = bytes.fromhex(b"".join(content(stream, by_name["sel"])).decode())
    except (PackBroken, ValueError):
        yield "sel : illisible, il a été altéré"
        return
    for name, entry in by_name.items():
        if not name.startswith("blobs/"):
            continue
        digest = hmac.new(salt, digestmod="sha256")
        try:
            for chunk in content(stream, entry):
                digest.update(chunk)
        except PackBroken:
            continue
        if digest.hexdigest() != name.removeprefix("blobs/"):
            yield f"{name} : pièce étrangère à cette campagne, ou modifiée"


def _said(broken: PackBroken) -> str:
    where = f"{broken.entry} : " if broken.entry else ""
    return f"{where}{broken} (octet {broken.at}) : l'archive a été altérée ou tronquée"
