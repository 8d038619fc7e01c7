"""The RAMA as a DUI gives it: an envelope sent to the API, or a file of keys and values to deposit on the portal."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...core.errors import Inconclusive
from ...core.exchange import Exchange
from ...core.gestures import Piece
from ...core.providers import provider

ENVELOPPE = "demande, corps JSON"


@dataclass(frozen=True, slots=True)
class Donnee:
    """A key and its value, as written; ``rang`` is its place."""

    rang: int
    cle: str
    valeur: Any


@dataclass(frozen=True, slots=True)
class RamaDonnees:
    """Keys and values, whatever carries them; ``unreadable`` says why none could be read."""

    id: str
    donnees: tuple[Donnee, ...]
    unreadable: str = ""
    where: str = ""

    @property
    def values(self) -> dict[str, Any]:
        """The first value of each key."""
        found: dict[str, Any] = {}
        for donnee in self.donnees:
            found.setdefault(donnee.cle, donnee.valeur)
        return found

    def at(self, cle: str) -> str:
        """Where a key is."""
        return f"{self.where}[cle='{cle}']" if self.where else f"clé {cle}"


@dataclass(frozen=True, slots=True)
class RamaFichier:
    """The file made for the portal."""

    id: str
    donnees: RamaDonnees
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class RamaDepot:
    """A deposit by the API: its envelope ({} when it cannot be read), its key of idempotence, what the service found."""

    id: str
    enveloppe: Mapping[str, Any]
    donnees: RamaDonnees
    idempotence: str
    sha256: str
    year: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    status: int = 0

    def text(self, name: str) -> str:
        """A text or number of the envelope, ``""`` when absent."""
        value = self.enveloppe.get(name)
        return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def envelope_of(data: bytes) -> Mapping[str, Any]:
    """The JSON object of a body, {} for anything else; never raises."""
    try:
        value = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def donnees_of(enveloppe: Mapping[str, Any], name: str) -> RamaDonnees:
    """The keys and values of an envelope."""
    rows = enveloppe.get("donnees")
    if not isinstance(rows, list):
        return RamaDonnees(name, (), "donnees n'est pas une liste", "donnees")
    if not all(isinstance(row, dict) and isinstance(row.get("cle"), str) and "valeur" in row for row in rows):
        return RamaDonnees(name, (), "une donnée n'a pas cle et valeur", "donnees")
    found = tuple(Donnee(rank, row["cle"], row["valeur"]) for rank, row in enumerate(rows, start=1))
    return RamaDonnees(name, found, "" if found else "aucune donnée", "donnees")


@provider
def _depot(exchange: Exchange) -> RamaDepot:
    if exchange.kind != "sidoba.rama":
        raise Inconclusive("l'échange n'est pas un dépôt RAMA")
    request = exchange.http
    data = request.body.read()
    enveloppe = envelope_of(data)
    return RamaDepot(
        exchange.id,
        enveloppe,
        donnees_of(enveloppe, exchange.id),
        request.header("idempotency-key"),
        hashlib.sha256(data).hexdigest(),
        exchange.times.logical.year,
        exchange.facts,
        exchange.reply.status if exchange.reply is not None else 0,
    )


@provider
def _fichier(piece: Piece) -> RamaFichier:
    """CSV ``cle;valeur``, in UTF-8, with its heading."""
    try:
        rows = list(csv.reader(io.StringIO(piece.data.decode("utf-8-sig")), delimiter=";"))
    except (UnicodeDecodeError, csv.Error) as error:
        return RamaFichier(piece.nom, RamaDonnees(piece.nom, (), "fichier illisible"), f"CSV illisible : {error}")
    if not rows or rows[0][:2] != ["cle", "valeur"]:
        received = ";".join(rows[0]) if rows else "rien"
        return RamaFichier(piece.nom, RamaDonnees(piece.nom, (), "en-tête"), f"première ligne : {received[:80]}")
    if any(len(row) != len(rows[0]) for row in rows[1:]):
        return RamaFichier(
            piece.nom, RamaDonnees(piece.nom, (), "colonnes"), "une ligne n'a pas autant de colonnes que l'en-tête"
        )
    found = tuple(Donnee(rank, row[0], row[1]) for rank, row in enumerate(rows[1:], start=2))
    return RamaFichier(piece.nom, RamaDonnees(piece.nom, found, "" if found else "aucune donnée", piece.nom))


@provider
def _donnees_deposees(depot: RamaDepot) -> RamaDonnees:
    return depot.donnees


@provider
def _donnees_du_fichier(fichier: RamaFichier) -> RamaDonnees:
    return fichier.donnees
