"""The minimum set of a usager in FHIR (TDDUI): usager, structure, stay; for a service at home, who came, when, and an evaluation.

Each object has a business identifier that never changes: sent again, it replaces, and is not counted twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from .comptes import Utilisateur
from .configuration import StructureLocale
from .dossier import Dossier, Ins
from .horloge import FUSEAU

TDDUI = "https://interop.esante.gouv.fr/ig/fhir/tddui"
FRCORE = "https://hl7.fr/ig/fhir/core"
V2_0203 = "http://terminology.hl7.org/CodeSystem/v2-0203"
CISIS = "https://smt.esante.gouv.fr/terminologie-cisis"
ACTES = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
LOCAL = "https://identifiant-medicosocial-{}.esante.gouv.fr"
COMMUNES = "https://mos.esante.gouv.fr/NOS/TRE_R13-CommuneOM/FHIR/TRE-R13-CommuneOM"
SEXES = {"F": "female", "M": "male"}
VISITES = (28, 14, 1)
"""Days before the sending of the events of a service at home: between one and five weeks of history."""
_NATURES = {"8": ("INS-NIR", "official"), "9": ("INS-NIA", "temp"), "10": ("INS-NIR-TEST", "official")}
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Situation:
    """What is told of a usager: his record, where he is followed and since when, by whom, at which moment. ``numero`` is that of
    his stay."""

    dossier: Dossier
    structure: StructureLocale
    auteur: Utilisateur
    entree_le: date
    maintenant: datetime
    domicile: bool = False
    ins: Ins | None = None
    numero: int = 1

    @property
    def usager(self) -> str:
        """The local number of the usager: ``3``, FINESS, ``/``, number."""
        return f"3{self.structure.finess_eg}/{self.dossier.ipp}"


def lot(situation: Situation) -> Json:
    """The transaction."""
    return transaction(list(_ressources(situation)))


def transaction(ressources: list[Json]) -> Json:
    """A Bundle whose entries each create a resource. The references of these name each other by the same rule (:func:`urn`)."""
    entrees = [
        {
            "fullUrl": urn(str(ressource["id"])),
            "resource": {nom: valeur for nom, valeur in ressource.items() if nom != "id"},
            "request": {"method": "POST", "url": ressource["resourceType"]},
        }
        for ressource in ressources
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entrees}


def urn(nom: str) -> str:
    """The name of an entry in its bundle."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, nom)}"


def _ressources(s: Situation) -> Iterator[Json]:
    yield _patient(s)
    yield _structure(s)
    yield _sejour(s)
    if not s.domicile:
        return
    yield _professionnel(s)
    for rang, jours in enumerate(VISITES, start=1):
        yield _evenement(s, rang, jours)
    yield _evaluation(s)


def _ressource(type_: str, nom: str, profil: str, recit: str, **elements: Any) -> Json:
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">{recit}</div>'
    return {
        "resourceType": type_,
        "id": nom,
        "meta": {"profile": [f"{TDDUI}/StructureDefinition/{profil}"]},
        "text": {"status": "generated", "div": div},
        **{cle: valeur for cle, valeur in elements.items() if valeur is not None},
    }


def _code(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def _vers(nom: str) -> Json:
    return {"reference": urn(nom)}


def _patient(s: Situation) -> Json:
    traits, ins = s.dossier.identite.traits, s.ins
    nom: Json = {"use": "official", "family": traits.nom_naissance, "given": [traits.prenoms[0]]}
    prenoms = {
        "url": f"{FRCORE}/StructureDefinition/fr-core-patient-birth-list-given-name",
        "valueString": " ".join(traits.prenoms),
    }
    local = {
        "use": "usual",
        "type": _code(V2_0203, "PI"),
        "system": LOCAL.format("localusager"),
        "value": s.usager,
    }
    commun: Json = {
        "recit": f"{traits.nom_naissance} {traits.prenoms[0]}",
        "gender": SEXES.get(traits.sexe, "unknown"),
        "birthDate": traits.date_naissance,
    }
    if ins is None:
        rang = {"extension": [{"url": f"{TDDUI}/StructureDefinition/tddui-birth-order", "valuePositiveInt": 1}]}
        return _ressource(
            "Patient", f"{s.usager}/patient", "tddui-patient", identifier=[local], name=[nom], **commun, _birthDate=rang
        )
    nom["extension"] = [prenoms]
    return _ressource(
        "Patient",
        f"{s.usager}/patient",
        "tddui-patient-ins",
        extension=[_fiabilite(), _lieu(traits.lieu_naissance)],
        identifier=[_matricule(ins), local],
        name=[nom],
        **commun,
    )


def _matricule(ins: Ins) -> Json:
    nature, usage = _NATURES.get(ins.oid.rpartition(".")[2], ("INS-NIR-DEMO", "official"))
    return {
        "use": usage,
        "type": _code(f"{FRCORE}/CodeSystem/fr-core-cs-v2-0203", nature),
        "system": f"urn:oid:{ins.oid}",
        "value": ins.complet,
    }


def _fiabilite() -> Json:
    statut = {"system": f"{FRCORE}/CodeSystem/fr-core-cs-fiabilite-identite", "code": "VALI"}
    return {
        "url": f"{FRCORE}/StructureDefinition/fr-core-identity-reliability",
        "extension": [{"url": "identityStatus", "valueCoding": statut}],
    }


def _lieu(code: str) -> Json:
    insee = {
        "url": f"{FRCORE}/StructureDefinition/fr-core-address-insee-code",
        "valueCoding": {"system": COMMUNES, "code": code},
    }
    return {"url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace", "valueAddress": {"extension": [insee]}}


def _structure(s: Situation) -> Json:
    idnat = {
        "use": "official",
        "type": _code(f"{FRCORE}/CodeSystem/fr-core-cs-v2-0203", "IDNST"),
        "system": "urn:oid:1.2.250.1.71.4.2.2",
        "value": f"1{s.structure.finess_eg}",
    }
    nom = s.structure.nom
    return _ressource("Organization", f"{s.usager}/structure", "tddui-organization", nom, identifier=[idnat], name=nom)


def _sejour(s: Situation) -> Json:
    numero = {
        "type": _code(f"{TDDUI}/CodeSystem/tddui-encounter-identifier", "SEJ"),
        "system": LOCAL.format("sejour"),
        "value": f"{s.usager}-SEJOUR-{s.numero}",
    }
    return _ressource(
        "Encounter",
        f"{s.usager}/sejour",
        "tddui-encounter-sejour",
        f"Séjour depuis le {s.entree_le:%d/%m/%Y}",
        identifier=[numero],
        status="in-progress",
        **{"class": {"system": ACTES, "code": "HH" if s.domicile else "IMP"}},
        subject=_vers(f"{s.usager}/patient"),
        period={"start": s.entree_le.isoformat()},
        serviceProvider=_vers(f"{s.usager}/structure"),
    )


def _professionnel(s: Situation) -> Json:
    idnat = {
        "use": "official",
        "type": _code(f"{FRCORE}/CodeSystem/fr-core-cs-v2-0203", "IDNPS"),
        "system": "urn:oid:1.2.250.1.71.4.2.1",
        "value": s.auteur.id_nat or f"3{s.structure.finess_eg}/{s.auteur.compte}",
    }
    nom = {"family": s.auteur.nom, "given": [s.auteur.prenom]}
    return _ressource(
        "Practitioner",
        f"{s.usager}/professionnel",
        "tddui-practitioner",
        s.auteur.libelle,
        identifier=[idnat],
        name=[nom],
    )


def _evenement(s: Situation, rang: int, jours: int) -> Json:
    debut = (s.maintenant - timedelta(days=jours)).astimezone(FUSEAU).replace(hour=9, minute=0, second=0, microsecond=0)
    return _ressource(
        "Encounter",
        f"{s.usager}/evenement/{rang}",
        "tddui-encounter-evenement",
        f"Soins à domicile du {debut:%d/%m/%Y}",
        identifier=[{"system": LOCAL.format("evenement"), "value": f"{s.usager}-EVN-{rang}"}],
        status="finished",
        **{"class": {"system": ACTES, "code": "HH"}},
        type=[_code(CISIS, "MED-1298")],
        subject=_vers(f"{s.usager}/patient"),
        participant=[{"individual": _vers(f"{s.usager}/professionnel")}],
        period={"start": debut.isoformat(), "end": (debut + timedelta(minutes=30)).isoformat()},
        partOf=_vers(f"{s.usager}/sejour"),
        serviceProvider=_vers(f"{s.usager}/structure"),
    )


def _evaluation(s: Situation) -> Json:
    return _ressource(
        "QuestionnaireResponse",
        f"{s.usager}/evaluation",
        "tddui-questionnaire-response",
        "Évaluation de la situation",
        identifier={"system": LOCAL.format("evaluation"), "value": f"{s.usager}-EVAL-1"},
        questionnaire=f"{TDDUI}/Questionnaire/tddui-questionnaire-situation-ssiad",
        status="completed",
        subject=_vers(f"{s.usager}/patient"),
        encounter=_vers(f"{s.usager}/evenement/{len(VISITES)}"),
        author=_vers(f"{s.usager}/professionnel"),
        item=[{"linkId": "MED-1294", "text": "Plaies chroniques", "answer": [{"valueBoolean": True}]}],
    )


def en_lots(lot_: Mapping[str, Any]) -> list[Json]:
    """The same, one bundle a resource: what a DUI must not do, since what fails half-way is then half sent."""
    return [{**lot_, "entry": [entree]} for entree in lot_["entry"]]
