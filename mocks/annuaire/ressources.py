"""The resources of the directory: their FHIR form, and what a search compares."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ...fixtures.annuaire import annuaire
from ...fixtures.correspondants import Boite, Correspondant, Exercice, Lieu
from .parametres import Valeurs

Visible = Callable[[Boite], bool]

RPPS = "https://rpps.esante.gouv.fr"
IDNPS = "urn:oid:1.2.250.1.71.4.2.1"
FINESS = "https://finess.esante.gouv.fr"
TYPES = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203"
EXTENSION_TYPE = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-contact-point-email-type"
EXTENSION_BOITE = "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-ext-mailbox-mss-metadata"
PROFILS = "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/"
_NOS = "https://mos.esante.gouv.fr/NOS"
PROFESSIONS = f"{_NOS}/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante"
SAVOIR_FAIRE = f"{_NOS}/TRE_R38-SpecialiteOrdinale/FHIR/TRE-R38-SpecialiteOrdinale"
SECTEURS = f"{_NOS}/TRE_R02-SecteurActivite/FHIR/TRE-R02-SecteurActivite"
CATEGORIES = f"{_NOS}/TRE_R66-CategorieEtablissement/FHIR/TRE-R66-CategorieEtablissement"
MODES = f"{_NOS}/TRE_R23-ModeExercice/FHIR/TRE-R23-ModeExercice"
TYPE_MESSAGERIE = f"{_NOS}/TRE_R256-TypeMessagerie/FHIR/TRE-R256-TypeMessagerie"
TYPE_BAL = f"{_NOS}/TRE_R257-TypeBAL/FHIR/TRE-R257-TypeBAL"
MISE_A_JOUR = "2026-09-15T04:00:00.000+02:00"


@dataclass(frozen=True, slots=True)
class Fiche:
    """One resource: what a search compares (``valeurs``), its mailboxes, the references that it makes, and how it is written."""

    type: str
    id: str
    valeurs: Mapping[str, Valeurs]
    ecrire: Callable[[Visible], dict[str, Any]]
    boites: tuple[Boite, ...] = ()

    @property
    def nom(self) -> str:
        """``Type/id``."""
        return f"{self.type}/{self.id}"

    def comparees(self, parametre: str, visible: Visible) -> Valeurs:
        """What it holds for a parameter; a mailbox that the public does not see is not there."""
        if parametre == "mailbox-mss":
            return tuple(boite.adresse for boite in self.boites if visible(boite))
        return self.valeurs.get(parametre, ())


@cache
def fiches() -> Mapping[str, Mapping[str, Fiche]]:
    """Every resource, by type then id."""
    found: dict[str, dict[str, Fiche]] = {
        name: {} for name in ("Practitioner", "PractitionerRole", "Organization", "HealthcareService", "Device")
    }
    for fiche in _toutes():
        found[fiche.type][fiche.id] = fiche
    return found


def _toutes() -> Iterator[Fiche]:
    for lieu in annuaire().lieux.values():
        yield _organisation(lieu)
        yield from _equipements(lieu)
    for ej in dict.fromkeys(lieu.finess_ej for lieu in annuaire().lieux.values() if lieu.finess_ej):
        yield _entite_juridique(ej)
    for one in annuaire().correspondants.values():
        yield _praticien(one)
        for exercice in one.exercices:
            yield _exercice(one, exercice)


def telecom(boites: Sequence[Boite], visible: Visible, courriel: str = "") -> dict[str, Any]:
    """The ``telecom`` of a resource, left out when it is empty."""
    ordinary = [{"system": "email", "value": courriel}] if courriel else []
    points = ordinary + [_point(boite) for boite in boites if visible(boite)]
    return {"telecom": points} if points else {}


def _point(boite: Boite) -> dict[str, Any]:
    inner: list[dict[str, Any]] = [
        {"url": "type", "valueCodeableConcept": {"coding": [{"system": TYPE_BAL, "code": boite.type}]}},
    ]
    inner += [
        {"url": url, "valueString": text}
        for url, text in (("description", boite.description), ("service", boite.service))
        if text
    ]
    if boite.dematerialisation is not None:
        inner.append({"url": "digitization", "valueBoolean": boite.dematerialisation})
    inner.append({"url": "listeRouge", "valueBoolean": boite.liste_rouge})
    point: dict[str, Any] = {
        "extension": [
            {"url": EXTENSION_TYPE, "valueCoding": {"system": TYPE_MESSAGERIE, "code": "MSSANTE"}},
            {"url": EXTENSION_BOITE, "extension": inner},
        ],
        "system": "email",
        "value": boite.adresse,
    }
    return point | ({"rank": boite.rang} if boite.rang else {})


def _entete(type: str, id: str, profil: str) -> dict[str, Any]:
    meta = {"versionId": "1", "lastUpdated": MISE_A_JOUR, "profile": [f"{PROFILS}{profil}"]}
    return {"resourceType": type, "id": id, "meta": meta, "language": "fr"}


def _identifiant(code: str, system: str, value: str) -> dict[str, Any]:
    return {"use": "official", "type": {"coding": [{"system": TYPES, "code": code}]}, "system": system, "value": value}


def _codes(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"coding": [{"system": system, "code": code}]} for system, code in pairs if code]


def _commun(id: str, source: str) -> dict[str, Valeurs]:
    return {"_id": (id,), "_lastUpdated": (MISE_A_JOUR,), "data-information-system": (("", source),)}


def _actif(active: bool) -> Valeurs:
    return (("", "true" if active else "false"),)


def _praticien(one: Correspondant) -> Fiche:
    prefix = "DR" if one.profession == "10" else one.civilite

    def ecrire(visible: Visible) -> dict[str, Any]:
        return {
            **_entete("Practitioner", one.id, "as-dp-practitioner"),
            "identifier": [_identifiant("RPPS", RPPS, one.rpps), _identifiant("IDNPS", IDNPS, f"8{one.rpps}")],
            "active": one.active,
            "name": [
                {"text": f"{prefix} {one.prenom} {one.nom}", "family": one.nom, "given": [one.prenom], "prefix": [one.civilite]}
            ],
            **telecom(one.boites, visible),
            "qualification": [{"code": code} for code in _codes((PROFESSIONS, one.profession), (SAVOIR_FAIRE, one.savoir_faire))],
        }

    valeurs: dict[str, Valeurs] = {
        **_commun(one.id, "RPPS"),
        "active": _actif(one.active),
        "family": (one.nom,),
        "given": (one.prenom,),
        "name": (one.nom, one.prenom, f"{one.prenom} {one.nom}"),
        "identifier": ((RPPS, one.rpps), (IDNPS, f"8{one.rpps}")),
        "identifier-type": ((TYPES, "RPPS"), (TYPES, "IDNPS")),
        "qualification-code": ((PROFESSIONS, one.profession), (SAVOIR_FAIRE, one.savoir_faire)),
    }
    return Fiche("Practitioner", one.id, valeurs, ecrire, one.boites)


def _exercice(one: Correspondant, exercice: Exercice) -> Fiche:
    def ecrire(visible: Visible) -> dict[str, Any]:
        return {
            **_entete("PractitionerRole", exercice.id, "as-dp-practitionerrole"),
            "active": exercice.active,
            "practitioner": {"reference": f"Practitioner/{one.id}"},
            "organization": {"reference": f"Organization/{exercice.lieu}"},
            "code": _codes((MODES, exercice.mode), (PROFESSIONS, one.profession)),
            **telecom(exercice.boites, visible),
        }

    valeurs: dict[str, Valeurs] = {
        **_commun(exercice.id, "RPPS"),
        "active": _actif(exercice.active),
        "organization": (f"Organization/{exercice.lieu}",),
        "practitioner": (f"Practitioner/{one.id}",),
        "role": ((MODES, exercice.mode), (PROFESSIONS, one.profession)),
    }
    return Fiche("PractitionerRole", exercice.id, valeurs, ecrire, exercice.boites)


def _organisation(lieu: Lieu) -> Fiche:
    partof = {"partOf": {"reference": f"Organization/ej-{lieu.finess_ej}"}} if lieu.finess_ej else {}
    address = {"line": ["1 RUE DES EXEMPLES"], "city": lieu.commune, "postalCode": lieu.code_postal, "country": "FR"}

    def ecrire(visible: Visible) -> dict[str, Any]:
        identifiers = {"identifier": [_identifiant("FINEG", FINESS, lieu.finess)]} if lieu.finess else {}
        return {
            **_entete("Organization", lieu.id, "as-dp-organization"),
            **identifiers,
            "active": lieu.active,
            "type": _codes((SECTEURS, lieu.secteur), (CATEGORIES, lieu.categorie)),
            "name": lieu.nom,
            **telecom(lieu.boites, visible, lieu.courriel),
            "address": [address],
            **partof,
        }

    valeurs: dict[str, Valeurs] = {
        **_commun(lieu.id, "FINESS" if lieu.finess else "RPPS"),
        "active": _actif(lieu.active),
        "address": (lieu.commune, lieu.code_postal, "1 RUE DES EXEMPLES"),
        "address-city": (lieu.commune,),
        "address-postalcode": (lieu.code_postal,),
        "identifier": ((FINESS, lieu.finess),) if lieu.finess else (),
        "identifier-type": ((TYPES, "FINEG"),) if lieu.finess else (),
        "name": (lieu.nom,),
        "partof": (f"Organization/ej-{lieu.finess_ej}",) if lieu.finess_ej else (),
        "type": ((SECTEURS, lieu.secteur), (CATEGORIES, lieu.categorie)),
    }
    return Fiche("Organization", lieu.id, valeurs, ecrire, lieu.boites)


def _entite_juridique(finess: str) -> Fiche:
    nom, name = f"ej-{finess}", f"ENTITE JURIDIQUE FICTIVE {finess}"

    def ecrire(visible: Visible) -> dict[str, Any]:
        return {
            **_entete("Organization", nom, "as-dp-organization"),
            "identifier": [_identifiant("FINEJ", FINESS, finess)],
            "active": True,
            "name": name,
        }

    valeurs: dict[str, Valeurs] = {
        **_commun(nom, "FINESS"),
        "active": _actif(active=True),
        "identifier": ((FINESS, finess),),
        "identifier-type": ((TYPES, "FINEJ"),),
        "name": (name,),
    }
    return Fiche("Organization", nom, valeurs, ecrire)


def _equipements(lieu: Lieu) -> Iterator[Fiche]:
    """A hospital has an authorised activity of care and a heavy equipment."""
    if lieu.secteur == "SA01":
        profil = "as-dp-healthcareservice-healthcare-activity"
        yield _equipement(lieu, _entete("HealthcareService", f"activite-{lieu.id}", profil) | {"active": True}, "providedBy")
        yield _equipement(lieu, _entete("Device", f"equipement-{lieu.id}", "as-dp-device") | {"status": "active"}, "owner")


def _equipement(lieu: Lieu, head: dict[str, Any], holder: str) -> Fiche:
    number = f"{lieu.finess}-1"

    def ecrire(visible: Visible) -> dict[str, Any]:
        where = {"reference": f"Organization/{lieu.id}"}
        return {**head, "identifier": [_identifiant("ARHGOS", FINESS, number)], holder: where}

    valeurs: dict[str, Valeurs] = {
        **_commun(head["id"], "ARHGOS"),
        "active": _actif(active=True),
        "status": (("", "active"),),
        "identifier": ((FINESS, number),),
        "organization": (f"Organization/{lieu.id}",),
    }
    return Fiche(head["resourceType"], head["id"], valeurs, ecrire)
