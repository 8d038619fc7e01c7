"""The data of a nursing service at home: the CDA export of the DUI, in a transaction of one DocumentReference."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from .alterations import Alterations, Couture
from .comptes import Utilisateur
from .configuration import StructureLocale
from .documents.document import serialiser
from .documents.entete import Entete, nouvel_oid
from .documents.export_dui import TYPE
from .dossier import Dossier
from .setmin import SEXES, V2_0203, Json, transaction

PROFIL = "https://interop.esante.gouv.fr/ig/cda/tddui/StructureDefinition"
NOS = "https://mos.esante.gouv.fr/NOS"


@dataclass(frozen=True, slots=True)
class Export:
    """A version of the export of a usager: ``uid`` names it, ``serie`` all of them; ``remplace`` is the one before."""

    uid: str
    serie: str
    version: int
    remplace: str
    octets: bytes
    ecrit_le: datetime


def exporter(
    dossier: Dossier,
    structure: StructureLocale,
    auteur: Utilisateur,
    entree_le: date,
    maintenant: datetime,
    alterations: Alterations,
    *,
    precedent: Export | None = None,
) -> Export:
    """Write the export; it replaces the one that was sent before, if any."""
    uid = nouvel_oid()
    alterations = alterations.pour(TYPE.id)
    entete = Entete(
        modele=TYPE.modele,
        dossier=dossier,
        auteur=auteur,
        structure=structure,
        ecrit_le=maintenant,
        acte_le=maintenant - timedelta(minutes=15),
        sejour_depuis=datetime.combine(entree_le, time(8), UTC),
        uid=uid,
        set_id=precedent.serie if precedent is not None else nouvel_oid(),
        version=precedent.version + 1 if precedent is not None else 1,
        alterations=alterations,
        remplace=precedent.uid if precedent is not None else "",
    )
    racine = alterations.passer(Couture.CDA, TYPE.redige(entete))
    octets = alterations.passer(Couture.DOCUMENT, serialiser(racine))
    return Export(uid, entete.set_id, entete.version, entete.remplace, octets, maintenant)


def lot(export: Export, dossier: Dossier, structure: StructureLocale) -> Json:
    """The transaction that carries it."""
    titre = TYPE.modele.titre
    document: Json = {
        "resourceType": "DocumentReference",
        "id": export.uid,
        "meta": {"profile": [f"{PROFIL}/tddui-documentreference"]},
        "text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{titre}</div>'},
        "contained": [_usager(dossier, structure)],
        "masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:{export.uid}"},
        "status": "current",
        "type": _concept("TRE_A05-TypeDocComplementaire", "EXPORT_DUI"),
        "category": [_concept("TRE_A03-ClasseDocument", "95")],
        "subject": {"reference": "#usager"},
        "date": export.ecrit_le.isoformat(),
        "description": f"Données du service de soins à domicile, version {export.version}",
        "content": [{"attachment": _piece(export.octets, titre)}],
    }
    made = transaction([document])
    made["meta"] = {"profile": [f"{PROFIL}/tddui-bundle"]}
    return made


def _piece(octets: bytes, titre: str) -> Json:
    return {
        "contentType": "text/xml",
        "language": "fr",
        "data": base64.b64encode(octets).decode("ascii"),
        "size": len(octets),
        "hash": base64.b64encode(hashlib.sha1(octets, usedforsecurity=False).digest()).decode("ascii"),
        "title": titre,
    }


def _concept(nomenclature: str, code: str) -> Json:
    return {"coding": [{"system": f"{NOS}/{nomenclature}/FHIR/{nomenclature.replace('_', '-', 1)}", "code": code}]}


def _usager(dossier: Dossier, structure: StructureLocale) -> Json:
    identite = dossier.identite
    ins = identite.ins if identite.diffusable else None
    local = {
        "use": "usual",
        "type": {"coding": [{"system": V2_0203, "code": "PI"}]},
        "system": "https://identifiant-medicosocial-localusager.esante.gouv.fr",
        "value": f"3{structure.finess_eg}/{dossier.ipp}",
    }
    nirs = [{"system": f"urn:oid:{ins.oid}", "value": ins.complet}] if ins is not None else []
    nom = {"use": "official", "family": identite.traits.nom_naissance, "given": [identite.traits.prenoms[0]]}
    return {
        "resourceType": "Patient",
        "id": "usager",
        "text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{nom["family"]}</div>'},
        "identifier": [*nirs, local],
        "name": [nom],
        "gender": SEXES.get(identite.traits.sexe, "unknown"),
        "birthDate": identite.traits.date_naissance,
    }
