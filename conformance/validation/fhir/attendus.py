"""Which profiles a resource must follow when it does not say it: by the exchange that carries it, or by what it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

SDO = "https://interop.esante.gouv.fr/ig/fhir/sdo/StructureDefinition/"
TDDUI = "https://interop.esante.gouv.fr/ig/fhir/tddui/StructureDefinition/"
TDDUI_CDA = "https://interop.esante.gouv.fr/ig/cda/tddui/StructureDefinition/"
SETMIN = "urn:dui-conformance:profil:setmin-fhir"

BY_KIND: Mapping[str, tuple[str, ...]] = {
    "viatrajectoire.evenement": (f"{SDO}esms-task",),
    "viatrajectoire.consentement": (f"{SDO}esms-consent",),
    "sidoba.setmin": (SETMIN,),
    "sidoba.ssiad": (f"{TDDUI_CDA}tddui-bundle",),
}
"""By the kind of an exchange: the profiles that the body of its request must follow."""

_LOCAL = "https://identifiant-medicosocial-{}.esante.gouv.fr"
_SYSTEMS = {
    _LOCAL.format("sejour"): f"{TDDUI}tddui-encounter-sejour",
    _LOCAL.format("evenement"): f"{TDDUI}tddui-encounter-evenement",
    _LOCAL.format("evaluation"): f"{TDDUI}tddui-questionnaire-response",
}
_INS = "urn:oid:1.2.250.1.213.1.4."
_INPUTS = "https://interop.esante.gouv.fr/ig/fhir/sdo/CodeSystem/input-task-sdo-codesystem"
_LOINC = "http://loinc.org"


def by_content(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """The profile that a resource without ``meta.profile`` must follow, told by its codes and identifiers; () for none."""
    meta = resource.get("meta")
    if isinstance(meta, Mapping) and meta.get("profile"):
        return ()
    detect = _BY_TYPE.get(str(resource.get("resourceType")))
    found = detect(resource) if detect is not None else ""
    return (found,) if found else ()


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, Mapping):
            yield each


def _systems(resource: Mapping[str, Any]) -> set[str]:
    return {str(each.get("system")) for each in _objects(resource.get("identifier"))}


def _codes(concepts: Any) -> set[tuple[str, str]]:
    return {
        (str(coding.get("system")), str(coding.get("code")))
        for concept in _objects(concepts)
        for coding in _objects(concept.get("coding"))
    }


def _identified(resource: Mapping[str, Any]) -> str:
    return next((profile for system, profile in _SYSTEMS.items() if system in _systems(resource)), "")


def _patient(resource: Mapping[str, Any]) -> str:
    systems = _systems(resource)
    if _LOCAL.format("localusager") not in systems:
        return ""
    return f"{TDDUI}tddui-patient-ins" if any(s.startswith(_INS) for s in systems) else f"{TDDUI}tddui-patient"


def _task(resource: Mapping[str, Any]) -> str:
    types = {system for given in _objects(resource.get("input")) for system, _ in _codes(given.get("type"))}
    return f"{SDO}esms-task" if _INPUTS in types else ""


def _document(resource: Mapping[str, Any]) -> str:
    codes = _codes(resource.get("type"))
    if any(code == "EXPORT_DUI" for _, code in codes):
        return f"{TDDUI_CDA}tddui-documentreference"
    return f"{SDO}esms-document-reference" if codes & {(_LOINC, "57830-2"), (_LOINC, "51848-0")} else ""


def _consent(resource: Mapping[str, Any]) -> str:
    meta = resource.get("meta")
    ours = isinstance(meta, Mapping) and meta.get("source") and (_LOINC, "59284-0") in _codes(resource.get("category"))
    return f"{SDO}esms-consent" if ours else ""


def _bundle(resource: Mapping[str, Any]) -> str:
    held = [each for entry in _objects(resource.get("entry")) for each in _objects(entry.get("resource"))]
    if resource.get("type") == "searchset":
        ours = f"{SDO}esms-bundle-resultat-recherche-notification-esms"
        return ours if held and all(r.get("resourceType") == "Task" and _task(r) for r in held) else ""
    if resource.get("type") != "transaction":
        return ""
    if any(r.get("resourceType") == "DocumentReference" and _document(r).startswith(TDDUI_CDA) for r in held):
        return f"{TDDUI_CDA}tddui-bundle"
    return f"{TDDUI}tddui-bundle" if any(_stated(r) or _told(r) for r in held) else ""


def _stated(resource: Mapping[str, Any]) -> bool:
    meta = resource.get("meta")
    profiles = meta.get("profile") if isinstance(meta, Mapping) else None
    return isinstance(profiles, list) and any(isinstance(p, str) and p.startswith(TDDUI) for p in profiles)


def _told(resource: Mapping[str, Any]) -> bool:
    return any(profile.startswith(TDDUI) for profile in by_content(resource))


_BY_TYPE: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "Bundle": _bundle,
    "Consent": _consent,
    "DocumentReference": _document,
    "Encounter": _identified,
    "Patient": _patient,
    "QuestionnaireResponse": _identified,
    "Task": _task,
}
