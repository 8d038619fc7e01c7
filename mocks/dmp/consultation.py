"""TD3.1 and TD3.2: search and retrieval, as the rights matrix and the visibility of each document allow."""

from __future__ import annotations

from collections.abc import Callable

from .answers import RegistryError, facts_of, query_body, retrieve_body
from .calls import Answer, Call, Refusal
from .deposit import patient_refusals
from .droits import DENIED, Matrix, denial
from .matching import read_query
from .messages import XDSB
from .query import Found, served, stored_query
from .state import REPOSITORY, Entry, Store

MAX_RESULTS = 2_000


def search(store: Store, matrix: Matrix, call: Call) -> Answer:
    """TD3.1. Metadata and references are two rights; a masked document is listed to who may read it."""
    asked = read_query(call.message)
    operation = "td3.1-metadonnees" if asked.leaf else "td3.1-reference"
    patient = call.caller.patient or asked.first("XDSDocumentEntryPatientId")
    dossier = store.dossier(patient)
    if dossier is not None:
        reason = denial(matrix, call.caller, dossier, operation)
        if reason:
            raise Refusal(reason, subcode=DENIED)
    errors = tuple(patient_refusals(store, patient)) if call.caller.known and patient else ()
    found = Found(errors=errors) if errors else stored_query(store, asked, _visibility(store, matrix, call))
    if found.count > MAX_RESULTS and found.leaf:
        found = Found(errors=(RegistryError("XDSTooManyResults", f"plus de {MAX_RESULTS} objets : préciser la recherche"),))
    facts = {**facts_of(call.operation, found.errors), "resultats": found.count}
    return Answer(query_body(served(store, found), found.errors, found.count), facts)


def _visibility(store: Store, matrix: Matrix, call: Call) -> Callable[[Entry], bool]:
    """Which entries a search shows: those of the VIHF's patient, masked ones to who may read or manage them."""
    caller = call.caller

    def visible(entry: Entry) -> bool:
        if caller.known and caller.patient and entry.patient[:13] != caller.patient[:13]:
            return False
        dossier = store.dossier(entry.patient)
        if not entry.masked or dossier is None or not caller.known:
            return True
        return not denial(matrix, caller, dossier, "td3.2-masque", entry) or not denial(matrix, caller, dossier, "td3.3c", entry)

    return visible


def retrieve(store: Store, matrix: Matrix, call: Call) -> Answer:
    """TD3.2. The answer is multipart in every case; a document out of reach is an error beside the others."""
    entries: list[Entry] = []
    errors: list[RegistryError] = []
    for repository, uid in _requested(call):
        entry = store.entries.get(uid)
        if repository != REPOSITORY:
            errors.append(RegistryError("XDSUnknownRepositoryId", f"entrepôt {repository or 'absent'} inconnu", repository))
            continue
        if entry is None or (call.caller.known and entry.patient[:13] != call.caller.patient[:13]):
            errors.append(RegistryError("XDSDocumentUniqueIdError", "aucun document de l'usager ne porte ce uniqueId", uid))
            continue
        reason = _unreadable(store, matrix, call, entry)
        if reason:
            errors.append(RegistryError(DENIED, reason, uid))
        else:
            entries.append(entry)
    if errors and not entries and {e.code for e in errors} == {DENIED}:
        raise Refusal(errors[0].context, subcode=DENIED)
    named = [(f"document{rank}@dmp.simulateur", entry) for rank, entry in enumerate(entries, 1)]
    facts = {**facts_of(call.operation, errors, partial=bool(entries)), "resultats": len(entries)}
    parts = tuple((cid, entry.attributes.mime or "text/xml", store.read(entry.span)) for cid, entry in named)
    return Answer(retrieve_body(named, errors), facts, parts, multipart=True)


def _unreadable(store: Store, matrix: Matrix, call: Call, entry: Entry) -> str:
    dossier = store.dossier(entry.patient)
    if dossier is None:
        return ""
    if not dossier.actif:
        return "DMPClosed : le DMP de l'usager est fermé"
    return denial(matrix, call.caller, dossier, "td3.2-masque" if entry.masked else "td3.2", entry)


def _requested(call: Call) -> list[tuple[str, str]]:
    """Repository and uniqueId of each document asked for, each once."""
    found = [
        (
            (request.findtext(f"{{{XDSB}}}RepositoryUniqueId") or "").strip(),
            (request.findtext(f"{{{XDSB}}}DocumentUniqueId") or "").strip(),
        )
        for request in call.message.body.iter(f"{{{XDSB}}}DocumentRequest")
    ]
    return list(dict.fromkeys(found))
