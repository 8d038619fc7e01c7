"""Calls to the Annuaire Santé and its answers, as rules read them: parameters, resources, mailboxes that may be shown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..core.errors import Inconclusive
from ..core.exchange import Exchange
from ..core.providers import provider
from .oauth import form, parameters

CLE = "ESANTE-API-KEY"
_MESSAGERIE = "TRE-R256-TypeMessagerie"
_METADONNEES = "as-ext-mailbox-mss-metadata"
_QUOTA = 429


@dataclass(frozen=True, slots=True)
class Boite:
    """A contact point of an answer. ``mss`` is false for an ordinary mail; ``titulaire`` is the type of its resource."""

    adresse: str
    mss: bool
    liste_rouge: bool
    active: bool
    type: str = ""
    titulaire: str = ""

    @property
    def visible(self) -> bool:
        """A mailbox of MSSanté, of someone or something active, that is not on the red list."""
        return self.mss and self.active and not self.liste_rouge


@dataclass(frozen=True, slots=True)
class AppelAnnuaire:
    """One call. ``suivante`` is the address of the next page that the answer gave, ``""``: none."""

    id: str
    kind: str
    cible: str
    statut: int
    cle_en_entete: bool
    cle_dans_l_adresse: bool
    parametres: tuple[tuple[str, str], ...]
    parametre_refuse: str
    boites: tuple[Boite, ...]
    suivante: str
    recu: datetime
    attente: float
    ressources: Mapping[str, int] = field(default_factory=dict)

    @property
    def at(self) -> str:
        """Where it is."""
        return f"{self.id}, {self.cible.partition('?')[0]}"

    @property
    def quota_depasse(self) -> bool:
        """True when the directory asked to slow down."""
        return self.statut == _QUOTA


@provider
def call_of(exchange: Exchange) -> AppelAnnuaire:
    """A call to the directory; raises ``Inconclusive`` for another exchange."""
    if exchange.service != "annuaire" or exchange.request is None:
        raise Inconclusive(f"l'échange {exchange.id} n'est pas un appel à l'Annuaire Santé")
    request, reply = exchange.request, exchange.reply
    pairs = [*parameters(request.query), *(form(request) if request.method == "POST" else [])]
    value = _json(exchange)
    return AppelAnnuaire(
        id=exchange.id,
        kind=exchange.kind,
        cible=request.target,
        statut=reply.status if reply is not None else 0,
        cle_en_entete=bool(request.header(CLE)),
        cle_dans_l_adresse=any("key" in name.lower() or name.upper() == CLE for name, _ in parameters(request.query)),
        parametres=tuple(pairs),
        parametre_refuse=str(exchange.facts.get("parametre", "")),
        boites=tuple(_boites(value)),
        suivante=next((str(link.get("url", "")) for link in value.get("link", ()) if link.get("relation") == "next"), ""),
        recu=exchange.times.wall,
        attente=_seconds(reply.header("Retry-After") if reply is not None else ""),
        ressources=_counts(value),
    )


def _json(exchange: Exchange) -> dict[str, Any]:
    if exchange.reply is None or exchange.reply.status != 200:
        return {}
    try:
        value = json.loads(exchange.reply.body.read())
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _resources(value: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if value.get("resourceType") != "Bundle":
        return [value]
    return [entry["resource"] for entry in value.get("entry", ()) if isinstance(entry.get("resource"), dict)]


def _counts(value: Mapping[str, Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for resource in _resources(value):
        kind = str(resource.get("resourceType", ""))
        found[kind] = found.get(kind, 0) + 1
    return found


def _boites(value: Mapping[str, Any]) -> Iterator[Boite]:
    for resource in _resources(value):
        for point in resource.get("telecom", ()):
            if point.get("system") == "email":
                yield _boite(point, str(resource.get("resourceType", "")), active=resource.get("active") is not False)


def _boite(point: Mapping[str, Any], titulaire: str, *, active: bool) -> Boite:
    extensions = [e for e in point.get("extension", ()) if isinstance(e, dict)]
    coding: Mapping[str, Any] = next((e["valueCoding"] for e in extensions if isinstance(e.get("valueCoding"), dict)), {})
    mss = str(coding.get("system", "")).endswith(_MESSAGERIE) and coding.get("code") == "MSSANTE"
    said: dict[str, Any] = {}
    for extension in extensions:
        if str(extension.get("url", "")).endswith(_METADONNEES):
            said = {str(e.get("url", "")): e for e in extension.get("extension", ()) if isinstance(e, dict)}
    red = bool(said.get("listeRouge", {}).get("valueBoolean", False))
    concept = said.get("type", {}).get("valueCodeableConcept", {})
    kind = next((str(c.get("code", "")) for c in concept.get("coding", ())), "")
    return Boite(str(point.get("value", "")), mss, red, active, kind, titulaire)


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() else 0.0
