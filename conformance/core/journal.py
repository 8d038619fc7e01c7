"""The journal: the append-only, hash-chained list of events of a campaign, and its blobs.

A campaign folder holds ``journal.jsonl`` (one event a line), ``blobs/`` (named by keyed hash) and ``sel`` (the
campaign's key, owner-only). Lines hold no secret and no personal value: those live in blobs, and correlation
keys are HMACs. Event types and their fields are listed in docs/architecture.md.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from .clock import Clock
from .errors import HarnessError, InputError
from .exchange import Body, Key
from .plateforme import lock_exclusively, private_folder, write_private

VERSION = 1
DURABLE = frozenset({"campagne", "geste", "geste.fin", "verdict", "attestation", "scenario.fin", "campagne.fin", "avenant"})


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the journal."""

    seq: int
    type: str
    t: Mapping[str, Any]
    scenario: str
    attempt: int
    data: Mapping[str, Any]
    line_hash: str


def canonical(value: Any) -> bytes:
    """The one JSON form of a value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def read_events(folder: Path) -> Iterator[Event]:
    """The events of a campaign folder, its chain checked line by line.

    A torn last line is ignored (``Journal.resume`` sets it aside); any other break raises ``InputError``.
    """
    path = folder / "journal.jsonl"
    if not path.is_file():
        raise InputError(f"{folder} : ce dossier n'est pas une campagne (journal.jsonl absent).")
    previous = ""
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            if not line.endswith(b"\n"):
                return
            yield _event(line, number, previous, path)
            previous = hashlib.sha256(line).hexdigest()


def _event(line: bytes, number: int, previous: str, path: Path) -> Event:
    try:
        row = json.loads(line)
        known = {"v", "seq", "prev", "type", "t", "scenario", "tentative"}
        event = Event(
            seq=row["seq"],
            type=row["type"],
            t=row["t"],
            scenario=row["scenario"],
            attempt=row["tentative"],
            data={k: v for k, v in row.items() if k not in known},
            line_hash=hashlib.sha256(line).hexdigest(),
        )
        broken = row["prev"] != previous or row["seq"] != number - 1
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path}, ligne {number} : événement illisible ; le journal a été altéré.") from None
    if broken:
        raise InputError(f"{path}, ligne {number} : la chaîne d'empreintes est rompue ; le journal a été altéré.")
    return event


class Journal:
    """The one writer of a campaign's journal. Thread-safe; holds an exclusive lock until :meth:`close`."""

    def __init__(
        self, folder: Path, clock: Clock, salt: bytes, stream: IO[bytes], lock: IO[bytes], seq: int, previous: str
    ) -> None:
        self.folder = folder
        self._clock = clock
        self._salt = salt
        self._stream = stream
        self._lock_stream = lock
        self._seq = seq
        self._previous = previous
        self._mutex = threading.RLock()
        self._grouped = 0
        self.scenario = ""
        self.attempt = 0
        self.observers: list[Callable[[Event], None]] = []

    @classmethod
    def create(cls, folder: Path, clock: Clock, opening: Mapping[str, Any]) -> Journal:
        """Start a campaign in a new or empty folder; the first event is ``opening`` with a random nonce."""
        private_folder(folder)
        lock = _lock(folder)
        if (folder / "journal.jsonl").exists():
            lock.close()
            raise InputError(f"{folder} contient déjà une campagne ; choisissez un autre dossier ou --reprendre.")
        private_folder(folder / "blobs")
        salt = secrets.token_bytes(32)
        write_private(folder / "sel", salt.hex().encode())
        stream = (folder / "journal.jsonl").open("ab", buffering=0)
        journal = cls(folder, clock, salt, stream, lock, 0, "")
        journal.append("campagne", nonce=secrets.token_hex(16), **opening)
        return journal

    @classmethod
    def resume(cls, folder: Path, clock: Clock) -> Journal:
        """Go on with an interrupted campaign: a torn last line is set aside in ``journal.dechire`` and noted."""
        lock = _lock(folder)
        path = folder / "journal.jsonl"
        torn = _set_torn_line_aside(path)
        seq, previous = 0, ""
        for event in read_events(folder):
            seq, previous = event.seq + 1, event.line_hash
        if not seq:
            lock.close()
            raise InputError(f"{folder} : la campagne s'est arrêtée avant sa première ligne ; supprimez ce dossier et relancez.")
        journal = cls(folder, clock, read_salt(folder), path.open("ab", buffering=0), lock, seq, previous)
        if torn:
            journal.append("note", texte="dernière ligne incomplète mise de côté", octets=torn)
        return journal

    def append(self, type: str, **data: Any) -> int:
        """Write one event and hand it to the operating system; gives its ``seq``."""
        return self.write(type, **data).seq

    def write(self, type: str, **data: Any) -> Event:
        """The same, giving the whole event."""
        with self._mutex:
            times = self._clock.times()
            row = {
                "v": VERSION,
                "seq": self._seq,
                "prev": self._previous,
                "type": type,
                "t": {"mur": times.wall.isoformat(), "logique": times.logical.isoformat(), "mono": times.mono},
                "scenario": data.pop("scenario", self.scenario),
                "tentative": data.pop("tentative", self.attempt),
                **data,
            }
            line = canonical(row) + b"\n"
            self._stream.write(line)
            if type in DURABLE and not self._grouped:
                os.fsync(self._stream.fileno())
            self._previous = hashlib.sha256(line).hexdigest()
            self._seq += 1
            event = Event(row["seq"], type, row["t"], row["scenario"], row["tentative"], data, self._previous)
            for observer in self.observers:
                observer(event)
            return event

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is written meanwhile reaches the disk at once, when the block ends: the hundred verdicts of one deposit."""
        with self._mutex:
            self._grouped += 1
        try:
            yield
        finally:
            with self._mutex:
                self._grouped -= 1
                if not self._grouped and not self._stream.closed:
                    os.fsync(self._stream.fileno())

    def blob(self, body: Body | bytes) -> str:
        """Store bytes (tmp file then rename) and give their id: HMAC-SHA256 keyed by the campaign's salt."""
        digest = hmac.new(self._salt, digestmod="sha256")
        source = body if isinstance(body, Body) else Body(body)
        with source.open() as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
        name = digest.hexdigest()
        path = self.folder / "blobs" / name
        if path.exists():
            return name
        temporary = path.with_suffix(f".{threading.get_ident()}.tmp")
        with source.open() as stream, temporary.open("wb") as target:
            while chunk := stream.read(1 << 20):
                target.write(chunk)
        temporary.replace(path)
        return name

    def blob_json(self, value: Any) -> str:
        """Store a JSON value as a blob."""
        return self.blob(canonical(value))

    def path(self, blob: str) -> Path:
        """Where a blob is."""
        return blob_path(self.folder, blob)

    def hmac(self, key: Key) -> str:
        """The keyed hash of a correlation key: what the journal keeps of it."""
        return hmac.new(self._salt, f"{key.espace}\0{key.valeur}".encode(), "sha256").hexdigest()[:32]

    def sync(self) -> None:
        """Force what was written to the disk (end of each scenario)."""
        with self._mutex:
            os.fsync(self._stream.fileno())

    def close(self) -> None:
        """Close the file and release the lock."""
        with self._mutex:
            if not self._stream.closed:
                os.fsync(self._stream.fileno())
                self._stream.close()
                self._lock_stream.close()


def read_salt(folder: Path) -> bytes:
    """The campaign's key; raises ``InputError`` when it was dropped (share-safe copy)."""
    try:
        return bytes.fromhex((folder / "sel").read_text())
    except (OSError, ValueError):
        raise InputError(f"{folder} : le sel de la campagne est absent ou illisible ; elle ne peut pas être reprise.") from None


def blob_path(folder: Path, blob: str) -> Path:
    """Where a blob is; refuses a name that is not 64 hexadecimal characters (untrusted folder)."""
    if len(blob) != 64 or not set(blob) <= set("0123456789abcdef"):
        raise InputError(f"{folder} : nom de pièce invalide dans le journal.")
    return folder / "blobs" / blob


def read_blob(folder: Path, blob: str) -> bytes:
    """The bytes of a blob; raises ``InputError`` when it is missing."""
    try:
        return blob_path(folder, blob).read_bytes()
    except OSError:
        raise InputError(f"{folder} : pièce {blob[:12]}… absente ; la campagne est incomplète.") from None


def _lock(folder: Path) -> IO[bytes]:
    stream = (folder / ".verrou").open("ab")
    if not lock_exclusively(stream):
        stream.close()
        raise HarnessError(f"{folder} : une autre commande écrit déjà dans cette campagne.")
    return stream


def _set_torn_line_aside(path: Path) -> int:
    data = path.read_bytes()
    if not data or data.endswith(b"\n"):
        return 0
    end = data.rfind(b"\n") + 1
    with path.with_name("journal.dechire").open("ab") as aside:
        aside.write(data[end:] + b"\n")
    os.truncate(path, end)
    return len(data) - end
