"""The DMP service: routes by ``wsa:Action`` and path, answers every transaction of a DUI over a real store.

TD0.2, TD0.3, TD0.4, TD2.1 and TD2.2, TD3.1, TD3.2, TD3.3; the contextual web access (WebPS) is recognised only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ...core.exchange import Description, Reply, Request
from ...core.people import Usager
from ...core.service import ClientCertificate, Listener
from ...validation.soap import SoapError, SoapMessage, parse_soap
from ..service import BaseService
from . import messages
from .answers import RegistryError, facts_of, query_body, registry_response, retrieve_body
from .caller import SECRETARIES, Caller, caller_of
from .calls import Answer, Call, Refusal
from .consultation import retrieve, search
from .deposit import read_submission, record, refusals, replaced_entries
from .droits import DENIED, MATRIX, Matrix, denial, read_matrix
from .faults import PANNES
from .habilitations import patient_list, set_authorization
from .messages import BASE, Operation, operation_of
from .orders import execute
from .patients import demographics, queried_patient
from .seeds import Content, content_of
from .state import CAPACITY, Store
from .strict import metadata_errors, vihf_error
from .tolerances import FORMER_VERSION, tolerated
from .update import update
from .webps import page
from .wsdl import wsdl

CIPHERS = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-SHA384"
_REGISTRY = ("dmp.td2.1", "dmp.td3.1", "dmp.td3.2", "dmp.td3.3")


class Dmp(BaseService):
    """Accepts and reports; with ``strict``, what breaks the rules of the VIHF or of the metadata is refused.

    Rights (``matrice``) are always enforced on who says his authentication mode. ``content`` makes the documents that
    orders place in a DMP; ``base`` is where the WSDL says that the services are.
    """

    nom = "dmp"
    listeners: Sequence[Listener] = (Listener("dmp", client=ClientCertificate.EXIGE, ciphers=CIPHERS, tls13=False),)

    def __init__(
        self,
        *,
        seed: int = 0,
        strict: bool = False,
        matrice: Path = MATRIX,
        content: Content = content_of,
        capacity: int = CAPACITY,
    ) -> None:
        super().__init__(PANNES)
        self.store = Store(seed, capacity)
        self.strict = strict
        self.matrix: Matrix = read_matrix(matrice)
        self.content = content
        self.delays: dict[str, float] = {}
        self.base = "https://localhost"
        self._handlers: dict[str, Callable[[Call], Answer]] = {
            "dmp.td0.2": self._demographics,
            "dmp.td0.3": lambda call: set_authorization(self.store, self.matrix, call),
            "dmp.td0.4": lambda call: patient_list(self.store, self.matrix, call),
            "dmp.td2.1": self._provide_and_register,
            "dmp.td3.1": lambda call: search(self.store, self.matrix, call),
            "dmp.td3.2": lambda call: retrieve(self.store, self.matrix, call),
            "dmp.td3.3": lambda call: update(self.store, self.matrix, call),
        }

    def configure(self, urls: Mapping[str, str]) -> None:
        """Know the address at which the service is reached."""
        self.base = urls["dmp"].rstrip("/")

    def describe(self, listener: str, request: Request) -> Description:
        """Kind by transaction, keys by patient, professional and uniqueId."""
        return messages.describe(request)

    def admit(self, usager: Usager) -> None:
        """Open, close or forget the DMP of a usager, as ``usager.dmp`` says."""
        self.store.admit(usager)

    def command(self, nom: str, arguments: Mapping[str, Any]) -> None:
        """The orders of ``orders.py``: state of a dossier, authorisations, oppositions, documents of others, slowness."""
        if not execute(self, nom, arguments):
            super().command(nom, arguments)

    def answer(self, listener: str, request: Request, now: datetime) -> Reply:
        """The answer of the transaction; a SOAP fault for what cannot be read or is not served."""
        operation = operation_of(request)
        reply = self._answer(operation, request, now)
        seconds = next((s for t, s in self.delays.items() if operation.kind == t or operation.kind.startswith(f"{t}.")), 0.0)
        return replace(reply, delivery=replace(reply.delivery, delay=seconds)) if seconds else reply

    def _answer(self, operation: Operation, request: Request, now: datetime) -> Reply:
        if operation is messages.WEBPS:
            return page(request)
        if operation is messages.WSDL:
            return wsdl(self.base, request.path.removeprefix(BASE))
        try:
            message = parse_soap(request)
        except SoapError as error:
            return self.fault(request, error.message, code=error.code, status=error.status)
        if not request.path.startswith(BASE + "/"):
            return self.fault(request, f"aucun service du DMP à l'adresse {request.path}", status=404)
        handler = self._handlers.get(operation.kind)
        if handler is None:
            return self.fault(request, f"action inconnue ou non servie : « {message.action} »")
        if not messages.matches_path(request, operation):
            return self.fault(request, f"{operation.label} : adresse attendue {BASE}{operation.suffix}")
        refused = vihf_error(message)
        if refused and self.strict:
            return self.fault(request, f"VIHF refusé : {refused}", subcode="DMPInvalidCertificate")
        call = Call(operation, request, message, caller_of(message), now)
        try:
            reply = self._reply(operation, message, handler(call))
        except Refusal as refusal:
            reply = self.fault(request, refusal.reason, code=refusal.code, subcode=refusal.subcode)
        facts: dict[str, Any] = {**reply.facts, "vihf": refused or "valide"}
        tolerances = [*tolerated(message), *reply.facts.get("tolerances", ())]
        if tolerances:
            facts["tolerances"] = tolerances
        return replace(reply, facts=facts)

    def fault(self, request: Request, reason: str, *, code: str = "Sender", subcode: str = "", status: int = 500) -> Reply:
        """A SOAP fault, in the caller's SOAP version, related to his message when it could be read.

        The answer to a retrieval (TD3.2) is a multipart message, even a fault.
        """
        relates_to, version, readable = "", "1.2", True
        try:
            message = parse_soap(request)
            relates_to, version = message.message_id, message.version
        except SoapError:
            readable = False
        action = "http://www.w3.org/2005/08/addressing/soap/fault"
        xml = messages.envelope(
            action,
            messages.fault_body(reason, code=code, subcode=subcode, version=version),
            message_id=self.store.uuid(),
            relates_to=relates_to,
            namespace=messages.namespace_of(version),
        )
        kind = operation_of(request).kind
        facts = {"td": kind.partition(".")[2], "statut": "Fault", "codes": [subcode or code], "motif": reason}
        if kind == "dmp.td3.2" and readable:
            reply = messages.multipart_reply(xml, (), action=action, boundary=self._boundary(), status=status)
        else:
            reply = messages.soap_reply(xml, action=action, status=status, version=version)
        return replace(reply, facts=facts)

    def refuse(self, request: Request, code: str, context: str) -> Reply:
        """A RegistryResponse Failure with one error; a SOAP fault where the transaction has no RegistryResponse."""
        operation = operation_of(request)
        if operation.kind not in _REGISTRY:
            return self.fault(request, context, code="Receiver", subcode=code)
        try:
            message = parse_soap(request)
        except SoapError as error:
            return self.fault(request, error.message, code=error.code, status=error.status)
        errors = [RegistryError(code, context)]
        body = {
            "dmp.td3.1": lambda: query_body("", errors, 0),
            "dmp.td3.2": lambda: retrieve_body((), errors),
        }.get(operation.kind, lambda: registry_response(errors))()
        return self._reply(operation, message, Answer(body, facts_of(operation, errors), multipart=operation.kind == "dmp.td3.2"))

    def not_found(self, request: Request, now: datetime) -> Reply:
        """TD0.2 answered as for a usager without DMP."""
        try:
            message = parse_soap(request)
        except SoapError as error:
            return self.fault(request, error.message, code=error.code, status=error.status)
        operation = operation_of(request)
        body = demographics(message, None, Caller(), response_id=self.store.uuid()[9:], now=now)
        return self._reply(operation, message, Answer(body, {"td": "td0.2", "statut": "NF", "codes": []}))

    def _demographics(self, call: Call) -> Answer:
        dossier = self.store.dossier(queried_patient(call.message))
        body = demographics(call.message, dossier, call.caller, response_id=self.store.uuid()[9:], now=call.now)
        status = "NF" if dossier is None else "OK" if dossier.actif else "FERME"
        held = dossier.authorisation_of(call.caller.user) if dossier else "NON_EXISTE"
        return Answer(body, {"td": "td0.2", "statut": status, "codes": [], "autorisation": held})

    def _provide_and_register(self, call: Call) -> Answer:
        submission, errors = read_submission(call.message)
        if not errors:
            errors = list(refusals(self.store, submission))
        replaced = replaced_entries(self.store, submission.replaces)
        secretary = call.caller.known and bool(SECRETARIES.intersection(call.caller.professions))
        if not errors:
            dossier = self.store.dossier(submission.patient)
            for operation, entry in (
                ("td2.2" if secretary else "td2.1", None),
                *(("remplacement", e) for e in replaced.values()),
            ):
                reason = denial(self.matrix, call.caller, dossier, operation, entry) if dossier is not None else ""
                if reason:
                    raise Refusal(reason, subcode=DENIED)
        if not errors and self.strict:
            errors = metadata_errors(call.message)
        stored = [] if errors else record(self.store, submission)
        facts = {
            **facts_of(call.operation, errors),
            "uniqueIds": len(submission.documents),
            "stocke": bool(stored),
            "doublon": any(e.code == "XDSDuplicateUniqueIdInRegistry" for e in errors),
        }
        if secretary:
            facts["td"] = "td2.2"
        if submission.replaces:
            facts["cibles"] = {target: entry.unique_id for target, entry in replaced.items()}
        if any(target != entry.entry_uuid for target, entry in replaced.items()):
            facts["tolerances"] = [FORMER_VERSION]
        return Answer(registry_response(errors), facts)

    def _reply(self, operation: Operation, message: SoapMessage, answer: Answer) -> Reply:
        xml = messages.envelope(
            operation.response,
            answer.body,
            message_id=self.store.uuid(),
            relates_to=message.message_id,
            namespace=messages.namespace_of(message.version),
        )
        if answer.multipart:
            reply = messages.multipart_reply(xml, answer.parts, action=operation.response, boundary=self._boundary())
        else:
            reply = messages.soap_reply(xml, action=operation.response, version=message.version)
        return replace(reply, facts=answer.facts)

    def _boundary(self) -> str:
        return f"limite-{self.store.uuid()[9:]}"
