"""The service: one TLS port, a token, three channels (SetMinFHIR, SSIAD, RAMA) and an acknowledgement. All of it provisional."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ...core.errors import HarnessError
from ...core.exchange import Description, Key, Reply, Request
from ...core.service import ClientCertificate, Listener
from ...core.settings import Sidoba as SidobaSettings
from ...core.settings import StructureDeTest
from ...validation.oauth import basic_credentials, bearer, fingerprint, first, form
from ...validation.sidoba.cadre import FichierCadre
from ...validation.sidoba.lot import Lot, document_of, entries_of, read_resource
from ...validation.sidoba.rama import donnees_of, envelope_of
from ..service import BaseService
from . import messages
from .faults import PANNES
from .messages import describe, json_reply, kind_of, oauth_error, refusal
from .state import PREMIER_ACCUSE, Depot, Registre, Rejet, structure_of
from .strict import depot_problem

CANAUX = ("setmin", "ssiad", "rama")


class Sidoba(BaseService):
    """Accepts and reports. What is refused whatever the mode: no certificate, no token, another structure, a body that
    cannot be read, a second first deposit of a year. ``strict`` refuses data that the frame refuses too.

    ``structure`` is the legal entity whose certificate is awaited; its token names its establishment and those of the
    settings. ``cadre`` is the frame of the RAMA. Orders: ``remise-a-zero``; ``oublier-les-jetons``; ``rejeter`` (canal,
    expression, motif): the next deposit of a channel; ``duree-des-jetons`` (secondes).
    """

    nom = "sidoba"
    listeners: Sequence[Listener] = (Listener("sidoba", ClientCertificate.OPTIONNEL),)
    provisoire = frozenset(messages.KINDS)

    def __init__(
        self, settings: SidobaSettings, structure: StructureDeTest, cadre: FichierCadre, *, seed: int = 1, strict: bool = False
    ) -> None:
        super().__init__(PANNES)
        self.strict = strict
        self.cadre = cadre
        self.client = (settings.client_id, settings.client_secret)
        self.ej = structure.finess_ej
        self.eg = tuple(dict.fromkeys((structure.finess_eg, *settings.finess_eg)))
        self.registre = Registre(seed)
        self.attente = PREMIER_ACCUSE
        self._under_way = ""

    def describe(self, listener: str, request: Request) -> Description:
        """Kind, keys and secrets of a request."""
        return describe(request)

    def kind_under_way(self, request: Request) -> str:
        """The kind of the request being handled."""
        return kind_of(request)

    def command(self, nom: str, arguments: Mapping[str, Any]) -> None:
        """Execute an order; raises ``HarnessError`` for an unknown one or a wrong value."""
        match nom, dict(arguments):
            case "remise-a-zero", {}:
                self.registre.remettre_a_zero()
            case "oublier-les-jetons", {}:
                self.registre.jetons.clear()
            case "rejeter", {"canal": str(canal), "expression": str(expression), "motif": str(motif)} if canal in CANAUX:
                self.registre.rejets[canal] = Rejet(expression, motif)
            case "duree-des-jetons", {"secondes": int() | float() as secondes}:
                self.registre.vie = timedelta(seconds=float(secondes))
            case (("rejeter" | "duree-des-jetons"), values):
                raise HarnessError(f"ordre « {nom} » à SIDOBA, arguments inattendus : {values}")
            case _:
                super().command(nom, arguments)

    def answer(self, listener: str, request: Request, now: datetime) -> Reply:
        """Route; every reply says what was found of the caller, and that the contract is provisional."""
        kind = kind_of(request)
        if kind == "sidoba.inconnu":
            return refusal(404, "not-found", "adresse inconnue de ce service")
        if kind == "sidoba.jeton":
            return self._token(request, now)
        facts = self._caller(request, now)
        refused = self._refused(facts)
        reply = refused if refused is not None else self._serve(kind, request, facts)
        return replace(reply, facts={**facts, **reply.facts})

    def _token(self, request: Request, now: datetime) -> Reply:
        pairs = form(request)
        facts = {"certificat": self._certificate(request)}
        secret = basic_credentials(request.header("authorization"))
        given = secret or (first(pairs, "client_id"), first(pairs, "client_secret"))
        facts["client"] = "connu" if given == self.client else "inconnu"
        if facts["certificat"] != "presente" or facts["client"] != "connu":
            return oauth_error("invalid_client", "certificat de la structure absent, ou client inconnu", status=401, facts=facts)
        if first(pairs, "grant_type") != "client_credentials":
            return oauth_error("unsupported_grant_type", "client_credentials est attendu", facts=facts)
        token = self.registre.numero("jeton")
        self.registre.delivrer(token, now)
        body = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(self.registre.vie.total_seconds()),
            "finess_eg": list(self.eg),
        }
        reply = json_reply(body, facts={**facts, "jeton": fingerprint(token)}, Cache_Control="no-store")
        return replace(reply, secrets=(token,))

    def _certificate(self, request: Request) -> str:
        held = structure_of(request.connection)
        if not held:
            return "absent"
        return "presente" if held == f"1{self.ej}" else "autre-structure"

    def _caller(self, request: Request, now: datetime) -> dict[str, Any]:
        structure = request.header("struct_idnat")
        known = {f"1{finess}" for finess in self.eg}
        return {
            "certificat": self._certificate(request),
            "jeton": self.registre.etat(bearer(request), now),
            "structure": "absente" if not structure else ("connue" if structure in known else "inconnue"),
        }

    def _refused(self, facts: Mapping[str, Any]) -> Reply | None:
        match facts:
            case {"certificat": "absent"}:
                return refusal(401, "login", "aucun certificat client")
            case {"certificat": "autre-structure"}:
                return refusal(403, "forbidden", "le certificat n'est pas celui de l'entité juridique du jeton")
            case {"jeton": "valide", "structure": "connue"}:
                return None
            case {"jeton": "valide", "structure": "absente"}:
                return refusal(400, "required", "en-tête struct_idnat absent")
            case {"jeton": "valide"}:
                return refusal(403, "forbidden", "struct_idnat n'est pas dans la liste du jeton")
        return refusal(401, "login", f"jeton {facts['jeton']}")

    def _serve(self, kind: str, request: Request, facts: Mapping[str, Any]) -> Reply:
        if kind == "sidoba.accuse":
            return self._status(request)
        canal = kind.removeprefix("sidoba.")
        rejected = self.registre.rejets.pop(canal, None)
        return self._deposit(request, rejected) if canal == "rama" else self._transaction(canal, request, rejected)

    def _transaction(self, canal: str, request: Request, rejected: Rejet | None) -> Reply:
        """All the entries, or none."""
        bundle = read_resource(request.body.read())
        if bundle.get("resourceType") != "Bundle" or bundle.get("type") != "transaction":
            return refusal(400, "invalid", "un Bundle de type transaction est attendu", expression="Bundle.type")
        entries = entries_of(bundle)
        if rejected is not None:
            facts = {"rejet": rejected.expression}
            return refusal(422, "business-rule", rejected.motif, expression=rejected.expression, facts=facts)
        if self.strict and (lost := next((e for e in entries if e.method != "POST" or not e.type), None)) is not None:
            return refusal(422, "invalid", "chaque entrée crée une ressource (POST)", expression=f"Bundle.entry[{lost.rank}]")
        nouveaux, total = self.registre.compter(canal, _objects(Lot("", "", "transaction", entries)))
        numbers = [self.registre.numero(entry.type) for entry in entries]
        facts_ = {"recus": len(entries), "nouveaux": nouveaux, "connus": total}
        return messages.transaction_response(entries, numbers, facts=facts_)

    def _deposit(self, request: Request, rejected: Rejet | None) -> Reply:
        data = request.body.read()
        enveloppe = envelope_of(data)
        if not enveloppe:
            return refusal(400, "invalid", "le corps n'est pas un objet JSON")
        problem = depot_problem(enveloppe, donnees_of(enveloppe, ""), self.cadre) if self.strict else None
        if problem is not None:
            return refusal(422, *problem)
        digest, key = hashlib.sha256(data).hexdigest(), request.header("idempotency-key")
        same = self.registre.meme_cle(key)
        if same is not None and same.sha256 != digest:
            return refusal(409, "duplicate", "cette clé d'idempotence a servi pour un autre contenu")
        if same is not None:
            return self._received(same, 200, nouveau=False)
        finess, exercice = str(enveloppe.get("finessEG", "")), str(enveloppe.get("exercice", ""))
        if self.registre.en_cours(finess, exercice) is not None and enveloppe.get("typeTransmission") != "RECTIFICATIF":
            return refusal(409, "duplicate", "un dépôt existe pour cette structure et cet exercice : RECTIFICATIF est attendu")
        anomalies = ({"expression": rejected.expression, "motif": rejected.motif},) if rejected is not None else ()
        depot = Depot(self.registre.numero("depot"), finess, exercice, key, digest, anomalies)
        self.registre.deposer(depot)
        return self._received(depot, 201, nouveau=True)

    def _received(self, depot: Depot, status: int, *, nouveau: bool) -> Reply:
        counted = sum(not d.remplace and not d.anomalies for d in self.registre.depots.values())
        facts = {"depot": depot.id, "nouveau": nouveau, "comptes": counted}
        body = {"idDepot": depot.id, "statut": depot.statut(self.attente), "contrat": messages.PROVISOIRE}
        reply = json_reply(body, status=status, facts=facts, Location=f"{messages.RAMA}/{depot.id}")
        return replace(reply, keys=(Key("uid", depot.id),))

    def _status(self, request: Request) -> Reply:
        depot = self.registre.depots.get(request.path.rstrip("/").rpartition("/")[2])
        if depot is None:
            return refusal(404, "not-found", "dépôt inconnu")
        depot.lectures += 1
        statut = depot.statut(self.attente)
        anomalies = list(depot.anomalies) if statut == "REJETE" else []
        body = {"idDepot": depot.id, "statut": statut, "anomalies": anomalies, "contrat": messages.PROVISOIRE}
        named = {"rejet": anomalies[0]["expression"]} if anomalies else {}
        return json_reply(body, facts={"depot": depot.id, "statut": statut, **named})


def _objects(lot: Lot) -> set[str]:
    """What a bundle is about: its business identifiers, and its documents by what names all the versions of each."""
    found = {f"{kind}|{system}|{value}" for kind, system, value in lot.identifiers if value}
    for entry in lot.of("DocumentReference"):
        held = document_of(entry, "")
        serie = re.search(rb"<setId\b[^>]*>", held[0].data) if held is not None else None
        found.add(f"document|{serie[0].decode('utf-8', 'replace') if serie else entry.resource.get('masterIdentifier')}")
    return found
