"""Stops a campaign before a real person's matricule is stored (contract: privacy).

Looked for, in the bytes of a request: a matricule under a production OID (…1.4.8 or …1.4.9) in a CX, a CDA id, an INSi
answer or a FHIR identifier, and a citizen mail address built on one. Published and generated test persons pass, and
those that the user declares fictional.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import unquote, unquote_plus

from .errors import RealDataError
from .exchange import Request

_MATRICULE = rb"([0-9]{6}[0-9AB][0-9]{6}(?:[0-9]{2})?)"
_OID = rb"1\.2\.250\.1\.213\.1\.4\.[89]"
_PRODUCTION = (b"1.2.250.1.213.1.4.8", b"1.2.250.1.213.1.4.9")
_CITIZEN = b"@patient.mssante.fr"
_PATTERNS = (
    ("CX", re.compile(_MATRICULE + rb"\^\^\^(?:&amp;|&|%26)" + _OID + rb"(?![0-9])")),
    ("identifiant CDA", re.compile(rb"root\s*=\s*[\"']" + _OID + rb"[\"'][^<>]{0,80}extension\s*=\s*[\"']" + _MATRICULE)),
    (
        "identifiant CDA",
        re.compile(rb"extension\s*=\s*[\"']" + _MATRICULE + rb"[\"'][^<>]{0,80}root\s*=\s*[\"']" + _OID + rb"[\"']"),
    ),
    ("identifiant INSi", re.compile(rb"NumIdentifiant>\s*" + _MATRICULE + rb"\s*<.{0,400}?OID>\s*" + _OID + rb"\s*<", re.S)),
    ("identifiant FHIR", re.compile(_OID + rb"\"[^{}]{0,200}\"value\"\s*:\s*\"" + _MATRICULE + rb"\"")),
    ("identifiant FHIR", re.compile(rb"\"value\"\s*:\s*\"" + _MATRICULE + rb"\"[^{}]{0,200}" + _OID + rb"\"")),
    (
        "identifiant FHIR",
        re.compile(rb"\"urn:oid:" + _OID + rb"\"\s*/>\s*<(?:\w+:)?value\s+value\s*=\s*\"" + _MATRICULE + rb"\""),
    ),
    ("recherche FHIR", re.compile(_OID + rb"(?:\||%7[Cc])" + _MATRICULE)),
    ("adresse citoyenne", re.compile(_MATRICULE + rb"@patient\.mssante\.fr")),
)


def matricules(data: bytes) -> Iterator[tuple[str, str, int]]:
    """Each (where, matricule of 13 characters, offset) under a production OID found in the bytes."""
    # Most messages hold none of the texts without which a pattern cannot match: looking for these costs far less.
    production, citizen = any(oid in data for oid in _PRODUCTION), _CITIZEN in data
    for where, pattern in _PATTERNS:
        if not (citizen if where == "adresse citoyenne" else production):
            continue
        for match in pattern.finditer(data):
            yield where, match.group(1).decode()[:13], match.start(1)


def guard(is_test_person: Callable[[str], bool], fictional: Iterable[str] = ()) -> Callable[[Request], None]:
    """A function that raises ``RealDataError`` for a request that carries a matricule of nobody fictional."""
    declared = {m[:13] for m in fictional}

    def check(request: Request) -> None:
        body = request.body.read()
        texts = [body, unquote(request.target).encode()]
        if request.header("content-type").lower().startswith("application/x-www-form-urlencoded"):
            texts.append(unquote_plus(body.decode("latin-1")).encode())
        # What a service opened of the body: the archives of a mail, that Base64 hides.
        texts += [content for _, content in request.memo.get("clair", list)()]
        if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
            texts.append(body.decode("utf-16", errors="replace").encode())
        for text in texts:
            for where, matricule, offset in matricules(text):
                if matricule in declared or is_test_person(matricule):
                    continue
                called = f"{request.method} {_without(matricule, request.path)}".strip()
                raise RealDataError(
                    f"donnée réelle probable : {where}, octet {offset} d'une requête de {len(body)} octets ({called}). "
                    "Rien n'a été conservé. Utilisez les usagers du jeu d'essai (OID 1.2.250.1.213.1.4.10), ou déclarez ce "
                    "matricule fictif dans dui.toml, [fictif] matricules.",
                    matricule,
                )

    return check


def _without(matricule: str, path: str) -> str:
    """The path of a request, unless it holds the matricule itself."""
    return "" if matricule in unquote(path) else path
