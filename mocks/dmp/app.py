"""The DMP service: routes by ``wsa:Action`` and path, answers TD0.2, TD0.3, TD2.1, TD3.1 and TD3.2 over a real store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ...core.errors import HarnessError
from ...core.exchange import Description, Reply, Request
from ...core.people import Usager
from ...core.service import ClientCertificate, Listener
from ...validation.soap import SoapError, SoapMessage, parse_soap
from ..service import BaseService
from . import messages
from .deposit import RegistryError, read_submission, record, refusals
from .faults import PANNES
from .messages import BASE, RIM, Operation, operation_of
from .patients import demographics, queried_patient
from .query import QUERY, query_response, requested_documents, retrieve_response, stored_query
from .state import AUTORISATIONS, Store
from .strict import metadata_errors, vihf_error

RS = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"
SUCCESS = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"
FAILURE = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure"
PARTIAL = "urn:ihe:iti:2007:ResponseStatusType:PartialSuccess"
SEVERITY = "urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error"
HABILITATIONS = "urn:si-dmp-habilitations"
CIPHERS = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-SHA384"


class Dmp(BaseService):
    """Accepts and reports; with ``strict``, metadata that break the rules are refused by RegistryErrors."""

    nom = "dmp"
    listeners: Sequence[Listener] = (Listener("dmp", client=ClientCertificate.EXIGE, ciphers=CIPHERS, tls13=False),)

    def __init__(self, *, seed: int = 0, strict: bool = False) -> None:
        super().__init__(PANNES)
        self.store = Store(seed)
        self.strict = strict
        self._handlers: dict[str, Callable[[Operation, SoapMessage, datetime], Reply]] = {
            "dmp.td0.2": self._demographics,
            "dmp.td0.3": self._set_authorization,
            "dmp.td2.1": self._provide_and_register,
            "dmp.td3.1": self._stored_query,
            "dmp.td3.2": self._retrieve,
        }

    def describe(self, listener: str, request: Request) -> Description:
        """Kind by transaction, keys by patient, professional and uniqueId."""
        return messages.describe(request)

    def admit(self, usager: Usager) -> None:
        """Open, close or forget the DMP of a usager, as ``usager.dmp`` says."""
        self.store.admit(usager)

    def command(self, nom: str, arguments: Mapping[str, Any]) -> None:
        """``fermer-dmp``, ``ouvrir-dmp`` (``matricule``) and ``autorisation`` (``matricule``, ``valeur``)."""
        orders: dict[str, dict[str, Any]] = {
            "fermer-dmp": {"actif": False},
            "ouvrir-dmp": {"actif": True},
            "autorisation": {"autorisation": arguments.get("valeur")},
        }
        if nom not in orders:
            super().command(nom, arguments)
        if nom == "autorisation" and arguments.get("valeur") not in AUTORISATIONS:
            raise HarnessError(f"autorisation inconnue : {arguments.get('valeur')} (connues : {', '.join(AUTORISATIONS)})")
        matricule = str(arguments.get("matricule", ""))[:13]
        if matricule not in self.store.dossiers:
            raise HarnessError("ordre au DMP pour un usager qui n'y a pas de dossier")
        self.store.change(matricule, **orders[nom])

    def answer(self, listener: str, request: Request, now: datetime) -> Reply:
        """The answer of the transaction; a SOAP fault for what cannot be read or is not served."""
        operation = operation_of(request)
        try:
            message = parse_soap(request)
        except SoapError as error:
            return self.fault(request, error.message, code=error.code, status=error.status)
        if not request.path.startswith(BASE + "/"):
            return self.fault(request, f"aucun service du DMP à l'adresse {request.path}", status=404)
        if operation is messages.UNKNOWN:
            return self.fault(request, f"action inconnue ou non servie : « {message.action} »")
        handler = self._handlers.get(operation.kind)
        if handler is None:
            return self.fault(request, f"{operation.label} : non servie par cette version du simulateur", code="Receiver")
        if not messages.matches_path(request, operation):
            return self.fault(request, f"{operation.label} : adresse attendue {BASE}{operation.suffix}")
        refused = vihf_error(message)
        if refused and self.strict:
            return self.fault(request, f"VIHF refusé : {refused}", subcode="DMPInvalidCertificate")
        reply = handler(operation, message, now)
        return replace(reply, facts={**reply.facts, "vihf": refused or "valide"})

    def fault(self, request: Request, reason: str, *, code: str = "Sender", subcode: str = "", status: int = 500) -> Reply:
        """A SOAP fault, in the caller's SOAP version, related to his message when it could be read."""
        relates_to, version = "", "1.2"
        try:
            message = parse_soap(request)
            relates_to, version = message.message_id, message.version
        except SoapError:
            relates_to = ""
        action = "http://www.w3.org/2005/08/addressing/soap/fault"
        xml = messages.envelope(
            action,
            messages.fault_body(reason, code=code, subcode=subcode, version=version),
            message_id=self.store.uuid(),
            relates_to=relates_to,
            namespace=messages.namespace_of(version),
        )
        facts = {
            "td": operation_of(request).kind.partition(".")[2],
            "statut": "Fault",
            "codes": [subcode or code],
            "motif": reason,
        }
        reply = messages.soap_reply(xml, action=action, status=status, version=version)
        return replace(reply, facts=facts)

    def refuse(self, request: Request, code: str, context: str) -> Reply:
        """A RegistryResponse Failure with one error; a SOAP fault where the transaction has no RegistryResponse."""
        operation = operation_of(request)
        if operation.kind not in ("dmp.td2.1", "dmp.td3.1", "dmp.td3.2"):
            return self.fault(request, context, code="Receiver", subcode=code)
        try:
            message = parse_soap(request)
        except SoapError as error:
            return self.fault(request, error.message, code=error.code, status=error.status)
        errors = [RegistryError(code, context)]
        body = _query_body("", errors, 0) if operation.kind == "dmp.td3.1" else _registry_response(errors)
        return self._reply(operation, message, body, _facts(operation, errors))

    def not_found(self, request: Request, now: datetime) -> Reply:
        """TD0.2 answered as for a usager without DMP."""
        try:
            message = parse_soap(request)
        except SoapError as error:
            return self.fault(request, error.message, code=error.code, status=error.status)
        operation = operation_of(request)
        body = demographics(message, None, response_id=self.store.uuid()[9:], now=now)
        return self._reply(operation, message, body, {"td": "td0.2", "statut": "NF", "codes": []})

    def _demographics(self, operation: Operation, message: SoapMessage, now: datetime) -> Reply:
        dossier = self.store.dossier(queried_patient(message))
        body = demographics(message, dossier, response_id=self.store.uuid()[9:], now=now)
        status = "NF" if dossier is None else "OK" if dossier.actif else "FERME"
        facts = {"td": "td0.2", "statut": status, "codes": [], "autorisation": dossier.autorisation if dossier else "NON_EXISTE"}
        return self._reply(operation, message, body, facts)

    def _set_authorization(self, operation: Operation, message: SoapMessage, now: datetime) -> Reply:
        """Who, for whom and where come from the VIHF only; the state of authorisation follows."""
        patient = next(messages.patients(message), "")
        removed = "SUPPRESSION" in "".join(map(str, message.body.itertext()))
        if self.store.dossier(patient) is not None:
            self.store.change(patient[:13], autorisation="NON_EXISTE" if removed else "VALIDE")
        body = f'<setAuthorizationResponse xmlns="{HABILITATIONS}"><status>DMPOk</status><context/></setAuthorizationResponse>'
        return self._reply(operation, message, body, {"td": "td0.3", "statut": "DMPOk", "codes": []})

    def _provide_and_register(self, operation: Operation, message: SoapMessage, now: datetime) -> Reply:
        submission, errors = read_submission(message)
        if not errors:
            errors = list(refusals(self.store, submission))
        if not errors and self.strict:
            errors = metadata_errors(message)
        stored = [] if errors else record(self.store, submission)
        facts = {
            **_facts(operation, errors),
            "uniqueIds": len(submission.documents),
            "stocke": bool(stored),
            "doublon": any(e.code == "XDSDuplicateUniqueIdInRegistry" for e in errors),
        }
        if submission.replaces:
            known = ((target, self.store.by_uuid(target)) for target in submission.replaces)
            facts["cibles"] = {target: entry.unique_id for target, entry in known if entry is not None}
        return self._reply(operation, message, _registry_response(errors), facts)

    def _stored_query(self, operation: Operation, message: SoapMessage, now: datetime) -> Reply:
        found = stored_query(self.store, message)
        body = _query_body(query_response(self.store, found), found.errors, len(found.entries))
        return self._reply(operation, message, body, {**_facts(operation, found.errors), "resultats": len(found.entries)})

    def _retrieve(self, operation: Operation, message: SoapMessage, now: datetime) -> Reply:
        entries, errors = requested_documents(self.store, message)
        named = [(f"document{rank}@dmp.simulateur", entry) for rank, entry in enumerate(entries, 1)]
        body = f'<RetrieveDocumentSetResponse xmlns="urn:ihe:iti:xds-b:2007">{_registry_response(errors, partial=bool(entries))}'
        xml = self._envelope(operation, message, f"{body}{retrieve_response(named)}</RetrieveDocumentSetResponse>")
        parts = [(cid, entry.mime or "text/xml", self.store.read(entry.span)) for cid, entry in named]
        boundary = f"limite-{self.store.uuid()[9:]}"
        reply = messages.multipart_reply(xml, parts, action=operation.response, boundary=boundary)
        facts = {**_facts(operation, errors), "resultats": len(entries)}
        return replace(reply, facts=facts)

    def _reply(self, operation: Operation, message: SoapMessage, body: str, facts: Mapping[str, Any]) -> Reply:
        xml = self._envelope(operation, message, body)
        reply = messages.soap_reply(xml, action=operation.response, version=message.version)
        return replace(reply, facts=facts)

    def _envelope(self, operation: Operation, message: SoapMessage, body: str) -> bytes:
        return messages.envelope(
            operation.response,
            body,
            message_id=self.store.uuid(),
            relates_to=message.message_id,
            namespace=messages.namespace_of(message.version),
        )


def _facts(operation: Operation, errors: Sequence[RegistryError]) -> dict[str, Any]:
    return {
        "td": operation.kind.partition(".")[2],
        "statut": "Failure" if errors else "Success",
        "codes": list(dict.fromkeys(e.code for e in errors)),
    }


def _registry_response(errors: Sequence[RegistryError], *, partial: bool = False) -> str:
    status = SUCCESS if not errors else PARTIAL if partial else FAILURE
    return f'<rs:RegistryResponse xmlns:rs="{RS}" status="{status}">{_error_list(errors)}</rs:RegistryResponse>'


def _query_body(objects: str, errors: Sequence[RegistryError], count: int) -> str:
    return (
        f'<query:AdhocQueryResponse xmlns:query="{QUERY}" xmlns:rs="{RS}" status="{FAILURE if errors else SUCCESS}"'
        f' totalResultCount="{count}">{_error_list(errors)}<RegistryObjectList xmlns="{RIM}">{objects}</RegistryObjectList>'
        "</query:AdhocQueryResponse>"
    )


def _error_list(errors: Sequence[RegistryError]) -> str:
    if not errors:
        return ""
    rows = "".join(
        f"<rs:RegistryError errorCode={quoteattr(e.code)} codeContext={quoteattr(e.context)}"
        f' severity="{SEVERITY}" location={quoteattr(e.location)}>{escape(e.context)}</rs:RegistryError>'
        for e in errors
    )
    return f'<rs:RegistryErrorList highestSeverity="{SEVERITY}">{rows}</rs:RegistryErrorList>'
