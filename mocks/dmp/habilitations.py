"""TD0.3 (declare or remove one's authorisation) and TD0.4 (list of the DMPs where one is authorised).

The names of the elements of a TD0.4 answer other than the fields of a row are ours: no public schema gives them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from xml.sax.saxutils import escape

from ...validation.soap import SoapMessage
from ...validation.xml import local_name
from .calls import Answer, Call, Refusal
from .dossier import Authorisation, Dossier
from .droits import DENIED, Matrix, denial
from .messages import patients
from .state import Store

HABILITATIONS = "urn:si-dmp-habilitations"
PATIENTS = "urn:si-dmp-patients"
ATTENDING = "MEDECIN_TRAITANT"
DATE_TYPES = ("LASTDOC", "LASTAUTORIZATION")
_DATE = re.compile(r"\d{14}")


def set_authorization(store: Store, matrix: Matrix, call: Call) -> Answer:
    """TD0.3. Who, for whom and where come from the VIHF only; the state of authorisation follows."""
    action, role = _field(call.message, "action"), _field(call.message, "role")
    if action not in ("AJOUT", "SUPPRESSION"):
        raise Refusal(f"action « {action or 'absente'} » : AJOUT ou SUPPRESSION attendu")
    if role not in ("", ATTENDING):
        raise Refusal(f"rôle « {role} » inconnu : {ATTENDING}, ou rien")
    dossier = store.dossier(next(patients(call.message), ""))
    if dossier is None:
        raise Refusal("aucun DMP pour l'usager du VIHF")
    if not dossier.actif:
        raise Refusal("le DMP de l'usager est fermé", subcode="DMPClosed")
    reason = denial(matrix, call.caller, dossier, _operation(action, role))
    if reason:
        raise Refusal(reason, subcode=DENIED)
    store.keep(_authorised(dossier, call, action, role))
    body = f'<setAuthorizationResponse xmlns="{HABILITATIONS}"><status>DMPOk</status><context/></setAuthorizationResponse>'
    return Answer(body, {"td": "td0.3", "statut": "DMPOk", "codes": [], "action": action})


def _operation(action: str, role: str) -> str:
    if role:
        return "td0.3-medecin-traitant"
    return "td0.3-ajout" if action == "AJOUT" else "td0.3-suppression"


def _authorised(dossier: Dossier, call: Call, action: str, role: str) -> Dossier:
    user = call.caller.user
    if role:
        return replace(dossier, medecin_traitant=user if action == "AJOUT" else "")
    state = "VALIDE" if action == "AJOUT" else "NON_EXISTE"
    return dossier.authorising(user, Authorisation(state, call.caller.structure, f"{call.now:%Y%m%d%H%M%S}"))


def patient_list(store: Store, matrix: Matrix, call: Call) -> Answer:
    """TD0.4. A software certificate alone lists what was authorised to professionals of its structure."""
    start, date_type = _field(call.message, "startDate"), _field(call.message, "dateType")
    if start and _DATE.fullmatch(start) is None:
        raise Refusal(f"startDate « {start} » : yyyyMMddHHmmss attendu")
    if date_type not in ("", *DATE_TYPES):
        raise Refusal(f"dateType « {date_type} » inconnu : {' ou '.join(DATE_TYPES)} attendu")
    rows = [
        _row(store, dossier, authorisation, call)
        for dossier, authorisation in _authorisations(store, matrix, call)
        if _recent(store, dossier, authorisation, start, date_type)
    ]
    body = (
        f'<patientListResponse xmlns="{PATIENTS}"><status>DMPOk</status><context/>'
        f"<patients>{''.join(rows)}</patients></patientListResponse>"
    )
    return Answer(body, {"td": "td0.4", "statut": "DMPOk", "codes": [], "resultats": len(rows)})


def _authorisations(store: Store, matrix: Matrix, call: Call) -> Iterator[tuple[Dossier, Authorisation]]:
    caller = call.caller
    for dossier in store.dossiers.values():
        if not dossier.actif or denial(matrix, caller, dossier, "td0.4"):
            continue
        if caller.profile(dossier.medecin_traitant) in ("ES", "CPE"):
            own = (a for a in dossier.autorisations.values() if a.structure == caller.structure and a.etat == "VALIDE")
            authorisation = next(own, None)
        else:
            held = dossier.authorisation_of(caller.user)
            authorisation = dossier.autorisations.get(caller.user, Authorisation(held)) if held == "VALIDE" else None
        if authorisation is not None:
            yield dossier, authorisation


def _recent(store: Store, dossier: Dossier, authorisation: Authorisation, start: str, date_type: str) -> bool:
    if not start:
        return True
    moment = authorisation.depuis if date_type == "LASTAUTORIZATION" else _last_deposit(store, dossier)
    return moment >= start


def _last_deposit(store: Store, dossier: Dossier) -> str:
    return max((lot.time for lot in store.lots_of_patient(dossier.ins)), default="")


def _row(store: Store, dossier: Dossier, authorisation: Authorisation, call: Call) -> str:
    last = _last_deposit(store, dossier)
    attending = "true" if dossier.medecin_traitant and dossier.medecin_traitant == call.caller.user else "false"
    return (
        f"<patient><patientIdentifier><nationalId>{escape(dossier.ins)}</nationalId>"
        f"<nationalIdType>{escape(dossier.oid)}</nationalIdType></patientIdentifier>"
        f"<lastName>{escape(dossier.nom)}</lastName><firstName>{escape(dossier.prenom)}</firstName>"
        f"<dateOfBirth>{escape(dossier.naissance)}</dateOfBirth><MT>{attending}</MT><message/>"
        f"<lastAccessDate>{escape(authorisation.depuis)}</lastAccessDate><lastUpdateDate>{escape(last)}</lastUpdateDate>"
        f"<lastAddDate>{escape(last)}</lastAddDate></patient>"
    )


def _field(message: SoapMessage, name: str) -> str:
    """The text of the first element of that name in the body, whatever its namespace prefix."""
    payload = message.payload
    if payload is None:
        return ""
    found = (child for child in payload.iter() if isinstance(child.tag, str) and local_name(child) == name)
    node = next(found, None)
    return "" if node is None else (node.text or "").strip()
