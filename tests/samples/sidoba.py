"""SIDOBA in process: what the reference DUI builds is posted, spoilt or not, and the exchanges are kept."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

from dui_conformance.core.exchange import Body, Connection, Exchange, Reply, Request, Times
from dui_conformance.core.settings import Settings, StructureDeTest
from dui_conformance.core.settings import Sidoba as SidobaSettings
from dui_conformance.fixtures.people import usager
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.fixtures.structures import structures
from dui_conformance.mocks.dui import rama, setmin, ssiad
from dui_conformance.mocks.dui.alterations import Alterations
from dui_conformance.mocks.dui.comptes import Comptes
from dui_conformance.mocks.dui.configuration import Logiciel, StructureLocale
from dui_conformance.mocks.dui.dossier import Dossier, Dossiers
from dui_conformance.mocks.dui.guichets.sidoba import service_a_domicile
from dui_conformance.mocks.sidoba.app import Sidoba
from dui_conformance.validation.sidoba.cadre import cadre_exemple, path_of_exemple
from samples import psc as samples_psc

Json = dict[str, Any]
Change = Callable[[Json], Any] | None
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
SETTINGS = replace(Settings(), sidoba=SidobaSettings(client_secret="secret-de-test"))
USAGER = usager("qualifie", "sidoba")
EXERCICE = 2025


@cache
def bon() -> bytes:
    """The certificate of the legal entity."""
    return samples_psc.certificate(StructureDeTest())


@cache
def autre() -> bytes:
    """That of another."""
    return samples_psc.certificate(replace(StructureDeTest(), finess_ej="750000001"))


def ehpad() -> StructureLocale:
    """The establishment of the settings."""
    held = structures()["ehpad"]
    return StructureLocale(held.finess_ej, held.finess_eg, held.nom, held.secteur_activite)


def dossier(profil: str = "qualifie") -> Dossier:
    """A record of the DUI."""
    return Dossiers().creer((USAGER if profil == "qualifie" else usager(profil, "sidoba")).as_dict())


def lot(*, domicile: bool = False, profil: str = "qualifie", entree: date = date(2026, 8, 1), numero: int = 1) -> Json:
    """A minimum set."""
    held = dossier(profil)
    structure = service_a_domicile() if domicile else ehpad()
    auteur = Comptes(structure).local(professionals()["infirmiere-ehpad"])
    ins = held.identite.ins if held.identite.diffusable else None
    return setmin.lot(setmin.Situation(held, structure, auteur, entree, NOW, domicile, ins, numero))


def export(precedent: ssiad.Export | None = None, entree: date = date(2026, 8, 1)) -> ssiad.Export:
    """A version of the export of the usager."""
    auteur = Comptes(ehpad()).local(professionals()["infirmiere-ehpad"])
    return ssiad.exporter(dossier(), ehpad(), auteur, entree, NOW, Alterations(), precedent=precedent)


def depot(*, rectificatif: bool = False, saisies: Mapping[str, str] | None = None) -> Json:
    """The body of a deposit of the RAMA."""
    held = rama.Rama(EXERCICE, rama.lire_le_cadre(str(path_of_exemple())), dict(saisies or {}))
    logiciel = Logiciel("DUI Témoin", "1.0.0", "", "", "", "")
    return rama.enveloppe(held, ehpad(), logiciel, held.donnees(), rectificatif=rectificatif)


@dataclass
class Play:
    """The service and what was exchanged."""

    service: Sidoba
    exchanges: list[Exchange] = field(default_factory=list)
    now: datetime = NOW
    jeton: str = ""

    def call(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"", der: bytes | None = None) -> Exchange:
        request = Request(
            method, target, tuple(headers.items()), Body(body), Connection(client_der=der if der is not None else bon())
        )
        kind = self.service.describe("sidoba", request).kind
        reply = self.service.handle("sidoba", request, self.now)
        made = Exchange(
            f"E{len(self.exchanges) + 1:06d}",
            "sidoba",
            kind,
            request,
            reply,
            request.connection,
            Times(self.now, self.now, len(self.exchanges)),
            facts=reply.facts,
        )
        self.exchanges.append(made)
        return made

    def token(self, der: bytes | None = None, **changes: str) -> Exchange:
        """A token request."""
        fields = {
            "grant_type": "client_credentials",
            "client_id": "dui-temoin-sidoba",
            "client_secret": "secret-de-test",
        } | changes
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        made = self.call("POST", "/token", form, urlencode(fields).encode(), der)
        self.jeton = answer(made).get("access_token", self.jeton)
        return made

    def send(self, target: str, content: Json, change: Change, media: str, structure: str, **headers: str) -> Exchange:
        spoilt = copy.deepcopy(content)
        if change is not None:
            change(spoilt)
        if not self.jeton:
            self.token()
        named = {"Authorization": f"Bearer {self.jeton}", "struct_idnat": structure, "Content-Type": media, **headers}
        return self.call("POST", target, named, json.dumps(spoilt).encode())

    def setmin(self, change: Change = None, **how: Any) -> Exchange:
        """A minimum set."""
        eg = service_a_domicile().finess_eg if how.get("domicile") else ehpad().finess_eg
        return self.send("/fhir/v1", lot(**how), change, "application/fhir+json", f"1{eg}")

    def ssiad(self, change: Change = None, made: ssiad.Export | None = None) -> Exchange:
        """The export of a nursing service."""
        held = ssiad.lot(made or export(), dossier(), service_a_domicile())
        return self.send("/tddui/v1", held, change, "application/fhir+json", f"1{service_a_domicile().finess_eg}")

    def rama(self, change: Change = None, cle: str = "cle-1", **how: Any) -> Exchange:
        """A deposit of the RAMA."""
        headers = {"Idempotency-Key": cle} if cle else {}
        return self.send("/rama/v1/depots", depot(**how), change, "application/json", f"1{ehpad().finess_eg}", **headers)

    def accuse(self, number: str) -> Exchange:
        """A reading of the status of a deposit."""
        named = {"Authorization": f"Bearer {self.jeton}", "struct_idnat": f"1{ehpad().finess_eg}"}
        return self.call("GET", f"/rama/v1/depots/{number}", named)


def play(*, strict: bool = False) -> Play:
    """A service that knows nothing yet."""
    return Play(Sidoba(SETTINGS.sidoba, SETTINGS.structure, cadre_exemple(), strict=strict))


def reply_of(exchange: Exchange) -> Reply:
    """Its reply."""
    assert exchange.reply is not None
    return exchange.reply


def answer(exchange: Exchange) -> Json:
    """The JSON of its reply."""
    found: Json = json.loads(reply_of(exchange).body.read())
    return found
