"""The INSi service: one TLS listener where a client certificate is possible, one address, three operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ...core.errors import Inconclusive
from ...core.exchange import Description, Reply, Request
from ...core.people import Usager
from ...core.service import ClientCertificate, Listener
from ...core.settings import Insi as InsiSettings
from ...validation.ins.key import MatriculeIns
from ...validation.ins.lot import LotIdentity
from ...validation.ins.request import (
    AUCUN,
    CERTIFICAT,
    CN_INSI,
    DEPOT_LOT,
    LOTS,
    NS_LPS,
    PROVISOIRES,
    RECHERCHE_TRAITS,
    VERIFICATION,
    InsRequest,
)
from ...validation.ins.tolerances import tolerated
from ...validation.ins.traits import folded
from ...validation.soap import SoapError
from ..service import BaseService
from . import faults, messages, wsdl
from .lots import LotRefused, Lots
from .orders import TIQ_ELEMENTS, Habits, execute
from .state import Comportement, Identite, Registre
from .strict import lot_error, trait_error


class Insi(BaseService):
    """Accepts and reports: only what the platform itself refuses is refused (IDAM, certificate, unreadable message).

    ``strict`` refuses badly written traits too. ``oids_propres`` answers with each person's own OID instead of the
    configured one; ``faute_au_lieu_de_01`` answers an unknown person by the technical fault, as the national test
    platform does; either may also be asked for in the settings. The verification, unit or of a lot, is provisoire.
    """

    nom = "insi"
    listeners: Sequence[Listener] = (Listener("insi", client=ClientCertificate.OPTIONNEL),)
    provisoire = frozenset(messages.KINDS[operation] for operation in PROVISOIRES)

    def __init__(
        self,
        settings: InsiSettings,
        seed: int = 0,
        *,
        strict: bool = False,
        oids_propres: bool = False,
        faute_au_lieu_de_01: bool = False,
    ) -> None:
        super().__init__(faults.PANNES)
        self.seed = seed
        self.strict = strict
        self.registre = Registre(None if oids_propres or settings.oids_propres else settings.oid)
        self.lots = Lots()
        self.habits = Habits(self.registre, self.lots, faute_au_lieu_de_01=faute_au_lieu_de_01 or settings.faute_au_lieu_de_01)
        self._idam = settings.idam
        self._base = "https://localhost"

    def configure(self, urls: Mapping[str, str]) -> None:
        """Learn one's own address, which the WSDL gives."""
        self._base = urls["insi"].rstrip("/")

    def describe(self, listener: str, request: Request) -> Description:
        """Kind by the operation of the body; keys by traits, matricule and professional."""
        return messages.describe(request, self.registre)

    def admit(self, usager: Usager) -> None:
        """Know a usager, with the behaviour that ``usager.insi`` says."""
        self.registre.admit(usager)

    def command(self, nom: str, arguments: Mapping[str, Any]) -> None:
        """The orders of :mod:`.orders`: ``faute-au-lieu-de-01`` (``active``), ``trait-vide`` (``trait``), ``date-lunaire``
        (``forme``), ``prenoms-qualifies`` (``usager``, ``prenoms``), ``lieu-qualifie`` (``usager``, ``lieu``), ``historique``
        and ``homonyme`` (``usager``), ``lot-en-cours`` (``matricule``, ``fois``)."""
        if not execute(self.habits, nom, arguments):
            super().command(nom, arguments)

    def answer(self, listener: str, request: Request, now: datetime) -> Reply:
        """The answer of the operation, or the fault that the platform makes of what it cannot serve."""
        if request.path.rstrip("/") != messages.PATH:
            return messages.fault(f"adresse inconnue : {request.path}", code="Sender", status=404)
        if request.method == "GET" and request.query.lower() == "wsdl":
            return wsdl.wsdl(self._base + messages.PATH)
        if request.method != "POST":
            return messages.fault("un appel à INSi est un POST", code="Sender", status=405)
        try:
            message = messages.read(request)
        except SoapError as error:
            return messages.fault(error.message, code=error.code, status=error.status)
        except Inconclusive as error:
            return messages.fault(str(error), code="Sender", status=400)
        reply = self._refusal(message)
        if reply is None:
            reply = self._lot(message, request) if message.operation in LOTS else self._serve(message)
        said = tolerated(message)
        more = {"tolerances": said} if said else {}
        return messages.with_facts(reply, operation=message.operation, mode=message.mode, **more)

    def _refusal(self, message: InsRequest) -> Reply | None:
        if message.soap_version != "1.2":
            return messages.fault("enveloppe SOAP 1.2 attendue", code="VersionMismatch", message_id=message.message_id)
        if message.mode == CERTIFICAT and message.cn not in CN_INSI:
            return faults.access_denied(message.message_id)
        if message.mode == AUCUN and message.tls:
            return faults.access_denied(message.message_id)
        if self._idam_of(message) != self._idam:
            return faults.unknown_idam(message.message_id)
        error = trait_error(message) if self.strict else ""
        return messages.fault(error, code="Sender", message_id=message.message_id) if error else None

    def _serve(self, message: InsRequest) -> Reply:
        if message.operation == VERIFICATION:
            return self._verify(message)
        found = self._found(message)
        if any(i.comportement is Comportement.PANNE for i in found):
            return faults.technical(message.operation, message.message_id)
        if len(found) > 1 or any(i.comportement is Comportement.PLUSIEURS for i in found):
            return self._resultat("02", message)
        known = [i for i in found if i.ins is not None and i.comportement not in (Comportement.INCONNU, Comportement.KO)]
        if known:
            return self._resultat("00", message, known[0])
        if self.habits.faute_au_lieu_de_01:
            return faults.technical(message.operation, message.message_id)
        return self._resultat("01", message)

    def _resultat(self, cr: str, message: InsRequest, identite: Identite | None = None) -> Reply:
        incomplete = identite is not None and identite.comportement is Comportement.INCOMPLET
        vide = TIQ_ELEMENTS[self.habits.vide] if incomplete else ""
        reply = messages.resultat(
            cr, message.operation, identite, registre=self.registre, vide=vide, relates_to=message.message_id
        )
        return messages.with_facts(reply, cr=cr, retour=identite.comportement.value if identite is not None else "")

    def _found(self, message: InsRequest) -> list[Identite]:
        if message.operation == RECHERCHE_TRAITS:
            return self.registre.find(message.nom, message.prenoms, message.sexe, message.date, message.lieu or "")
        holder = self.registre.by_matricule(message.ins.matricule) if message.ins is not None else None
        if holder is None or holder.date != message.date or (message.nom and folded(message.nom) != folded(holder.nom)):
            return []
        return [holder]

    def _verify(self, message: InsRequest) -> Reply:
        names = message.prenoms or (message.liste_prenoms,)
        key = (folded(message.nom), message.date, message.sexe)
        answer = "OK" if self._confirmed(message.ins, key, names, message.lieu or "") else "KO"
        return messages.with_facts(messages.verification(answer, message.message_id), cr=answer, reponse=answer)

    def _lot(self, message: InsRequest, request: Request) -> Reply:
        lot = messages.lot_of(request)
        try:
            if message.operation != DEPOT_LOT:
                answer = self.lots.result(lot)
                return messages.with_facts(messages.lot_result(answer, message.message_id), cr="", etat=answer.etat)
            error = lot_error(lot) if self.strict else ""
            if error:
                raise LotRefused(error)
            answer = self.lots.deposit(lot, self._row_confirmed)
        except LotRefused as refusal:
            return messages.fault(str(refusal), code="Sender", message_id=message.message_id)
        reply = messages.lot_deposited(answer, len(lot.rows), message.message_id)
        return messages.with_facts(reply, cr="", lot=answer.id_lot)

    def _row_confirmed(self, row: LotIdentity) -> bool:
        return self._confirmed(row.ins, (folded(row.nom), row.date, row.sexe), row.prenoms, row.lieu)

    def _confirmed(self, ins: MatriculeIns | None, key: tuple[str, str, str], names: Sequence[str], lieu: str) -> bool:
        holder = self.registre.by_matricule(ins.matricule) if ins is not None else None
        if ins is None or holder is None or holder.ins is None:
            return False
        if holder.comportement in (Comportement.KO, Comportement.INCONNU):
            return False
        stated = self.registre.answered_ins(holder.ins)
        same_ins = (ins.matricule, ins.cle, ins.oid) == (stated.matricule, stated.cle, stated.oid)
        return same_ins and holder.key == key and holder.answers_to(names, lieu)

    def _idam_of(self, message: InsRequest) -> str:
        if message.contexte_lps is None:
            return ""
        return (message.contexte_lps.element.findtext(f"{{{NS_LPS}}}LPS/{{{NS_LPS}}}IDAM") or "").strip()
