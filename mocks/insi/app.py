"""The INSi service: one TLS listener where a client certificate is possible, one address, three operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ...core.errors import HarnessError, Inconclusive
from ...core.exchange import Description, Reply, Request
from ...core.people import Usager
from ...core.service import ClientCertificate, Listener
from ...core.settings import Insi as InsiSettings
from ...validation.ins.request import (
    AUCUN,
    CERTIFICAT,
    CN_INSI,
    NS_LPS,
    RECHERCHE_TRAITS,
    VERIFICATION,
    InsRequest,
)
from ...validation.ins.traits import folded
from ...validation.soap import SoapError
from ..service import BaseService
from . import faults, messages
from .state import Comportement, Identite, Registre
from .strict import trait_error

TIQ_ELEMENTS = {"nom": "NomNaissance", "prenoms": "ListePrenom", "sexe": "Sexe"}


class Insi(BaseService):
    """Accepts and reports: only what the platform itself refuses is refused (IDAM, certificate, unreadable message).

    ``strict`` refuses badly written traits too. ``oids_propres`` answers with each person's own OID instead of the
    configured one; ``faute_au_lieu_de_01`` answers an unknown person by the technical fault, as the national test
    platform does.
    """

    nom = "insi"
    listeners: Sequence[Listener] = (Listener("insi", client=ClientCertificate.OPTIONNEL),)
    provisoire = frozenset({messages.KINDS[VERIFICATION]})

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
        self.registre = Registre(None if oids_propres else settings.oid)
        self.faute_au_lieu_de_01 = faute_au_lieu_de_01
        self._idam = settings.idam
        self._vide = "sexe"

    def describe(self, listener: str, request: Request) -> Description:
        """Kind by the operation of the body; keys by traits, matricule and professional."""
        return messages.describe(request, self.registre)

    def admit(self, usager: Usager) -> None:
        """Know a usager, with the behaviour that ``usager.insi`` says."""
        self.registre.admit(usager)

    def command(self, nom: str, arguments: Mapping[str, Any]) -> None:
        """``faute-au-lieu-de-01`` (``active``); ``trait-vide`` (``trait``: nom, prenoms or sexe) for incomplete answers;
        ``prenoms-qualifies`` (``usager``, ``prenoms``): the first names that the national bases hold for him."""
        if nom == "faute-au-lieu-de-01":
            self.faute_au_lieu_de_01 = bool(arguments.get("active", True))
            return
        if nom == "trait-vide":
            trait = str(arguments.get("trait", ""))
            if trait not in TIQ_ELEMENTS:
                raise HarnessError(f"trait inconnu : {trait} (connus : {', '.join(TIQ_ELEMENTS)})")
            self._vide = trait
            return
        if nom == "prenoms-qualifies":
            if not self.registre.qualify(str(arguments.get("usager", "")), prenoms=tuple(arguments.get("prenoms", ()))):
                raise HarnessError("ordre à INSi pour un usager qu'il ne connaît pas")
            return
        super().command(nom, arguments)

    def answer(self, listener: str, request: Request, now: datetime) -> Reply:
        """The answer of the operation, or the fault that the platform makes of what it cannot serve."""
        if request.path.rstrip("/") != messages.PATH:
            return messages.fault(f"adresse inconnue : {request.path}", code="Sender", status=404)
        try:
            message = messages.read(request)
        except SoapError as error:
            return messages.fault(error.message, code=error.code, status=error.status)
        except Inconclusive as error:
            return messages.fault(str(error), code="Sender", status=400)
        reply = self._refusal(message) or self._serve(message)
        return messages.with_facts(reply, operation=message.operation, mode=message.mode)

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
        if self.faute_au_lieu_de_01:
            return faults.technical(message.operation, message.message_id)
        return self._resultat("01", message)

    def _resultat(self, cr: str, message: InsRequest, identite: Identite | None = None) -> Reply:
        incomplete = identite is not None and identite.comportement is Comportement.INCOMPLET
        vide = TIQ_ELEMENTS[self._vide] if incomplete else ""
        reply = messages.resultat(cr, message.operation, identite, registre=self.registre, vide=vide)
        return messages.with_facts(reply, cr=cr, retour=identite.comportement.value if identite is not None else "")

    def _found(self, message: InsRequest) -> list[Identite]:
        if message.operation == RECHERCHE_TRAITS:
            return self.registre.find(message.nom, message.prenoms, message.sexe, message.date, message.lieu or "")
        holder = self.registre.by_matricule(message.ins.matricule) if message.ins is not None else None
        if holder is None or holder.date != message.date or (message.nom and folded(message.nom) != folded(holder.nom)):
            return []
        return [holder]

    def _verify(self, message: InsRequest) -> Reply:
        answer = "OK" if self._confirmed(message) else "KO"
        return messages.with_facts(messages.verification(answer), cr=answer, reponse=answer)

    def _confirmed(self, message: InsRequest) -> bool:
        if message.ins is None:
            return False
        holder = self.registre.by_matricule(message.ins.matricule)
        if holder is None or holder.ins is None or holder.comportement in (Comportement.KO, Comportement.INCONNU):
            return False
        stated = self.registre.answered_ins(holder.ins)
        same_ins = (message.ins.matricule, message.ins.cle, message.ins.oid) == (stated.matricule, stated.cle, stated.oid)
        names = message.prenoms or (message.liste_prenoms,)
        return (
            same_ins
            and holder.key == (folded(message.nom), message.date, message.sexe)
            and holder.answers_to(names, message.lieu or "")
        )

    def _idam_of(self, message: InsRequest) -> str:
        if message.contexte_lps is None:
            return ""
        return (message.contexte_lps.element.findtext(f"{{{NS_LPS}}}LPS/{{{NS_LPS}}}IDAM") or "").strip()
