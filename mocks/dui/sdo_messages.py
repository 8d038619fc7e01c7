"""What the DUI sends to ViaTrajectoire: instants, the event of a status (Task), the consent of a user (Consent)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .horloge import FUSEAU
from .sdo_client import ConfigurationSdo
from .sdo_codes import CATEGORIE, INPUT, LIBELLES, MODE, MOTIF, PROFIL, STATUT, TEMPORALITE


@dataclass(frozen=True, slots=True)
class Changement:
    """A change of status, as the user enters it; ``unite`` is an identifier of the ROR."""

    statut: str
    motif: str = ""
    unite: str = ""
    statut_unite: str = ""
    motif_unite: str = ""


def depuis(instant: datetime) -> str:
    """``gt`` and an instant, to the millisecond, with its zone."""
    return f"gt{instant_complet(instant)}"


def instant_complet(instant: datetime) -> str:
    """An instant to the millisecond, with its zone."""
    return instant.astimezone(FUSEAU).isoformat(timespec="milliseconds")


def tache(
    configuration: ConfigurationSdo, id_decision: str, id_nat: str, changement: Changement, maintenant: datetime
) -> dict[str, Any]:
    """The Task of an event."""
    jour = maintenant.astimezone(FUSEAU).date().isoformat()
    saisies = [
        _saisie("idNat_Struct", valueIdentifier={"value": configuration.structure}),
        _saisie("nomESMS", valueString=configuration.nom),
        _code("statutESMS", STATUT, changement.statut, LIBELLES.get(changement.statut, "")),
        _saisie("dateStatutESMS", valueDate=jour),
    ]
    if changement.motif:
        saisies.append(_code("motifESMS", MOTIF, changement.motif))
    if changement.unite:
        saisies += _unite(configuration.unites.get(changement.unite, {"id": changement.unite}))
    if changement.statut_unite:
        saisies += [_code("statutUnite", STATUT, changement.statut_unite), _saisie("dateStatutUnite", valueDate=jour)]
    if changement.motif_unite:
        saisies.append(_code("motifUnite", MOTIF, changement.motif_unite))
    saisies += [
        _saisie("idDecision", valueIdentifier={"value": id_decision}),
        _saisie("idNat_Decision", valueIdentifier={"value": id_nat}),
    ]
    return {
        "resourceType": "Task",
        "meta": {"lastUpdated": instant_complet(maintenant), "profile": [f"{PROFIL}/esms-task"]},
        "status": "completed",
        "intent": "plan",
        "input": saisies,
    }


def _unite(unite: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        _saisie("idUnite", valueIdentifier={"value": str(unite["id"])}),
        _saisie("nomUnite", valueString=str(unite.get("nom", unite["id"]))),
        _code("categorieOrganisation", CATEGORIE, str(unite.get("categorie", "01"))),
        _code("temporaliteAccueil", TEMPORALITE, str(unite.get("temporalite", "01"))),
        _saisie("accueilSequentiel", valueBoolean=bool(unite.get("sequentiel"))),
        _code("modePriseCharge", MODE, str(unite.get("mode", "46"))),
    ]


def consentement(configuration: ConfigurationSdo, id_nat: str, maintenant: datetime) -> dict[str, Any]:
    """The Consent of a user to the reading of his evaluation."""
    return {
        "resourceType": "Consent",
        "meta": {"source": configuration.structure, "profile": [f"{PROFIL}/esms-consent"]},
        "status": "active",
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "dateTime": instant_complet(maintenant),
        "policyRule": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "OPTIN"}]},
        "provision": {"data": [{"meaning": "related", "reference": {"identifier": {"use": "official", "value": id_nat}}}]},
    }


def lire_evenement(tache: Mapping[str, Any]) -> dict[str, str]:
    """What an event received says: ``id``, ``modifie``, ``id_nat``, ``statut``, ``structure``."""
    saisies = {
        coding.get("code"): saisie
        for saisie in tache.get("input", ())
        for coding in saisie.get("type", {}).get("coding", ())
        if coding.get("system") == INPUT
    }

    def code(nom: str) -> str:
        codings = saisies.get(nom, {}).get("valueCodeableConcept", {}).get("coding", [{}])
        return str(codings[0].get("code", ""))

    def identifiant(nom: str) -> str:
        return str(saisies.get(nom, {}).get("valueIdentifier", {}).get("value", ""))

    return {
        "id": str(tache.get("id", "")),
        "modifie": str(tache.get("meta", {}).get("lastUpdated", "")),
        "id_nat": identifiant("idNat_Decision"),
        "statut": code("statutESMS"),
        "structure": identifiant("idNat_Struct"),
    }


def _saisie(nom: str, **valeur: Any) -> dict[str, Any]:
    return {"type": {"coding": [{"system": INPUT, "code": nom}]}, **valeur}


def _code(nom: str, systeme: str, code: str, libelle: str = "") -> dict[str, Any]:
    coding = {"system": systeme, "code": code} | ({"display": libelle} if libelle else {})
    return _saisie(nom, valueCodeableConcept={"coding": [coding]})
