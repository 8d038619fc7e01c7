"""Seals a campaign: what goes in the zip, in which order, the manifest that lists it, the signature that closes it.

``preuves.zip`` holds the whole campaign. A copy to share (``partageable``) keeps the journal, whose lines hold no secret and no
personal value, and a table of its verdicts; it drops the key of the journal, its pieces and the reports that quote them. The
chain of the journal still verifies.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

from dui_conformance.catalogue import load as load_catalogue
from dui_conformance.core.archive import Archive
from dui_conformance.core.journal import canonical

from .cle import Sealer
from .paquet import PackWriter

MANIFESTE, SIGNATURE, LISEZMOI, JOURNAL = "manifeste.json", "signature.json", "LISEZMOI.txt", "journal.jsonl"
PREUVES, PARTAGE = "preuves.zip", "preuves-partageables.zip"
MANIFEST_SCHEMA, SIGNATURE_SCHEMA = "dui-conformance/preuves/1", "dui-conformance/signature/1"
REPORTS = ("rapport.html", "rapport.json", "junit.xml", "couverture.csv", "pytest.html", "pv.pdf", "pv.toml")
VERDICTS = "verdicts.csv"
_README = """Preuves d'une campagne dui-conformance

Ce fichier zip s'ouvre avec tout outil. Sa signature couvre chaque octet qui la précède.
Pour savoir s'il est intact et qui l'a scellé :

    dui-conformance verifier {nom}

rapport.html : le rapport. journal.jsonl : tout ce qui s'est passé, chaque ligne portant l'empreinte de la précédente.
blobs/ : les pièces du journal (échanges, constats). manifeste.json : produit, règles, empreintes des fichiers.
Ce banc répète les plateformes nationales hors ligne et n'en remplace aucune.
"""

Timestamper = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Sealed:
    """What was made: where, how many files, and the SHA-256 of the whole archive."""

    path: Path
    files: int
    sha256: str


def seal(
    folder: Path,
    sealer: Sealer,
    *,
    target: Path | None = None,
    partageable: bool = False,
    timestamp: Timestamper | None = None,
    now: datetime | None = None,
) -> Sealed:
    """Seal a campaign folder; a former archive at the same place is kept, and named by the new one as what it goes after.

    Raises ``InputError`` when the folder is no campaign, or its journal is broken.
    """
    archive = Archive(folder)
    target = target or folder / (PARTAGE if partageable else PREUVES)
    precedent = _set_aside(target)
    files = list(_files(archive, partageable=partageable))
    manifest = _manifest(archive, files, precedent=precedent, partageable=partageable, now=now or datetime.now(UTC))
    temporary = target.with_name(f".{target.name}.tmp")
    with temporary.open("w+b") as stream:
        writer = PackWriter(stream)
        writer.add(MANIFESTE, io.BytesIO(canonical(manifest)))
        for name, source in files:
            with closing(source()) as data:
                writer.add(name, data)
        statement = _statement(sealer, stream, writer.entries[-1].end)
        signature = sealer.sign(canonical(statement))
        closed = {
            **statement,
            "signature": b64encode(signature).decode(),
            "horodatage": b64encode(timestamp(signature)).decode() if timestamp else "",
        }
        writer.add(SIGNATURE, io.BytesIO(canonical({**closed, "somme": sum_of(closed)})))
        writer.finish()
    temporary.replace(target)
    return Sealed(target, len(writer.entries), sha256_of(target))


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def prefix_sha256(stream: BinaryIO, length: int) -> str:
    """The SHA-256 of the first ``length`` bytes of a stream."""
    digest = hashlib.sha256()
    stream.seek(0)
    while length and (chunk := stream.read(min(length, 1 << 20))):
        digest.update(chunk)
        length -= len(chunk)
    return digest.hexdigest()


def signed_part(row: dict[str, Any]) -> bytes:
    """What the signature of a closing row is made on."""
    return canonical({name: value for name, value in row.items() if name not in ("signature", "horodatage", "somme")})


def sum_of(row: dict[str, Any]) -> str:
    """The SHA-256 of a closing row without its sum: of the timestamp too, which is asked after the signature is made."""
    return hashlib.sha256(canonical({name: value for name, value in row.items() if name != "somme"})).hexdigest()


def _statement(sealer: Sealer, stream: BinaryIO, length: int) -> dict[str, Any]:
    sha256 = prefix_sha256(stream, length)
    stream.seek(length)
    return {
        "schema": SIGNATURE_SCHEMA,
        "etendue": length,
        "sha256": sha256,
        "nature": sealer.nature.value,
        "cle": b64encode(sealer.public).decode(),
        "certificats": [b64encode(der).decode() for der in sealer.certificates],
    }


Source = Callable[[], io.BufferedReader | io.BytesIO]


def _files(archive: Archive, *, partageable: bool) -> Iterator[tuple[str, Source]]:
    """Name and opener of each file, in the order of the archive."""
    folder = archive.folder
    readme = _README.format(nom=PARTAGE if partageable else PREUVES).encode()
    yield LISEZMOI, lambda: io.BytesIO(readme)
    yield JOURNAL, _opener(folder / JOURNAL)
    if partageable:
        table = _verdicts(archive)
        yield VERDICTS, lambda: io.BytesIO(table)
        return
    for name in REPORTS:
        if (folder / name).is_file():
            yield name, _opener(folder / name)
    yield "sel", _opener(folder / "sel")
    for path in sorted((folder / "blobs").iterdir()):
        if path.is_file() and not path.name.endswith(".tmp"):
            yield f"blobs/{path.name}", _opener(path)


def _verdicts(archive: Archive) -> bytes:
    """The verdicts as the lines of the journal tell them, without a word of what was exchanged."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(("scenario", "tentative", "controle", "verdict", "base", "exigences"))
    for event in (e for e in archive.standing if e.type == "verdict"):
        data = event.data
        exigences = " ".join(data["exigences"])
        writer.writerow((event.scenario, event.attempt, data["controle"], data["verdict"], data["base"], exigences))
    return text.getvalue().encode("utf-8-sig")


def _opener(path: Path) -> Source:
    return lambda: path.open("rb")


def _manifest(
    archive: Archive, files: list[tuple[str, Source]], *, precedent: str, partageable: bool, now: datetime
) -> dict[str, Any]:
    opening = archive.opening
    context = next((e.data for e in archive.of_type("contexte")), {})
    return {
        "schema": MANIFEST_SCHEMA,
        "etat": "scellee" if any(True for _ in archive.of_type("campagne.fin")) else "scellee avant sa fin",
        "partageable": partageable,
        "scellee_le": now.isoformat(timespec="seconds"),
        "outil": {"nom": "dui-conformance", "version": version("dui-conformance"), "campagne": opening.data["outil"]},
        "campagne": {
            "nonce": opening.data["nonce"],
            "debut": opening.line_hash,
            "fin": archive.events[-1].line_hash,
            "evenements": len(archive.events),
        },
        "produit": opening.data["produit"],
        "certificats_client": list(client_certificates(archive)),
        "secteurs": opening.data["secteurs"],
        "pilote": opening.data["pilote"],
        "catalogue": catalogue_sha256(),
        "regles": context.get("jeux", []),
        "precedent": precedent,
        "fichiers": [_described(name, source) for name, source in files],
    }


def client_certificates(archive: Archive) -> tuple[str, ...]:
    """SHA-256 of each client certificate that the DUI presented, sorted."""
    blobs = {
        blob for event in archive.of_type("requete", "tls") if (blob := (event.data.get("connexion") or {}).get("client_der"))
    }
    return tuple(sorted(hashlib.sha256(archive.blob(blob)).hexdigest() for blob in blobs))


def catalogue_sha256() -> str:
    """What the exigences say, as one SHA-256: another catalogue is another value."""
    rows = [{"id": e.id, "enonce": e.enonce, "secteurs": sorted(e.secteurs)} for e in load_catalogue().values()]
    return hashlib.sha256(canonical(rows)).hexdigest()


def _described(name: str, source: Source) -> dict[str, Any]:
    with closing(source()) as data:
        digest = hashlib.file_digest(data, "sha256").hexdigest()
        return {"nom": name, "taille": data.seek(0, io.SEEK_END), "sha256": digest}


def _set_aside(target: Path) -> str:
    """Keep a former archive under the next free number; gives its SHA-256, ``""`` when there was none."""
    if not target.exists():
        return ""
    digest = sha256_of(target)
    number = 1
    while (kept := target.with_name(f"{target.stem}-{number}{target.suffix}")).exists():
        number += 1
    target.replace(kept)
    return digest


def read_json(data: bytes) -> dict[str, Any]:
    """A JSON object in its canonical form; raises ``ValueError`` for any other bytes."""
    row = json.loads(data)
    if not isinstance(row, dict) or canonical(row) != data:
        raise ValueError("JSON d'une autre forme que celle qui a été écrite")
    return row
