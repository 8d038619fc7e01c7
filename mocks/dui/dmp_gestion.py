"""TD3.3: the metadata updates that the DUI sends. Visibility is changed by the whole entry, status by an association."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from enum import StrEnum

from lxml import etree

from .dmp_recherche import APPROUVE, ARCHIVE, HAS_MEMBER, SUPPRIME, Fiche
from .documents.entete import OID_DUI, Code, nouvel_oid
from .dossier import Ins
from .ebrim import SCHEMAS_FICHE, SCHEMAS_LOT, Auteur, association, classement, classement_auteur, identifiant, rim, slot
from .horloge import utc_compact
from .xml import Espace

lcm = Espace("urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0", "lcm")
_STATUT = "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus"
_NOEUD_LOT = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
_HEBERGEMENT = Code("11", "1.2.250.1.213.2.2", "Hébergement complet ou internat")
_MASQUE = Code("MASQUE_PS", "1.2.250.1.213.1.1.4.13", "Document masqué aux professionnels de santé")
LOT, DOCUMENT = "SubmissionSet01", "Document01"


class Action(StrEnum):
    """What the user does to a document of the DMP."""

    MASQUER = "masquer"
    DEMASQUER = "demasquer"
    RENDRE_VISIBLE = "rendre_visible"
    ARCHIVER = "archiver"
    DESARCHIVER = "desarchiver"
    SUPPRIMER = "supprimer"


_STATUTS = {Action.ARCHIVER: ARCHIVE, Action.DESARCHIVER: APPROUVE, Action.SUPPRIMER: SUPPRIME}
_INVISIBLES = frozenset({"INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX"})


def modification(fiche: Fiche, action: Action, ins: Ins, le: datetime, auteur: Auteur) -> etree._Element:
    """The SubmitObjectsRequest of an action; ``auteur`` is who does it."""
    nouveau = _STATUTS.get(action)
    if nouveau is not None:
        objets = [_lot(ins, le, auteur), _changement(fiche.uuid, fiche.statut, nouveau)]
    else:
        objets = [_lot(ins, le, auteur), _revisee(fiche, action), _membre(fiche)]
    return lcm("SubmitObjectsRequest", None, rim("RegistryObjectList", None, *objets))


def suppression(uuid: str, ins: Ins, le: datetime, auteur: Auteur) -> etree._Element:
    """The SubmitObjectsRequest that deletes an active document, of which only the entryUUID is known."""
    changement = _changement(uuid, APPROUVE, SUPPRIME)
    return lcm("SubmitObjectsRequest", None, rim("RegistryObjectList", None, _lot(ins, le, auteur), changement))


def _lot(ins: Ins, le: datetime, auteur: Auteur) -> etree._Element:
    patient = f"{ins.complet}^^^&{ins.oid}&ISO^NH"
    return rim(
        "RegistryPackage",
        {"id": LOT, "objectType": "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:RegistryPackage"},
        slot("submissionTime", utc_compact(le)),
        classement_auteur(LOT, SCHEMAS_LOT["author"], auteur),
        classement(LOT, SCHEMAS_LOT["contentTypeCode"], _HEBERGEMENT),
        rim("Classification", {"id": f"{LOT}-noeud", "classifiedObject": LOT, "classificationNode": _NOEUD_LOT}),
        identifiant(LOT, SCHEMAS_LOT["patientId"], "XDSSubmissionSet.patientId", patient),
        identifiant(LOT, SCHEMAS_LOT["sourceId"], "XDSSubmissionSet.sourceId", OID_DUI),
        identifiant(LOT, SCHEMAS_LOT["uniqueId"], "XDSSubmissionSet.uniqueId", nouvel_oid()),
    )


def _changement(uuid: str, ancien: str, nouveau: str) -> etree._Element:
    lien = association("Changement01", _STATUT, LOT, uuid)
    lien.extend([slot("OriginalStatus", ancien), slot("NewStatus", nouveau)])
    return lien


def _membre(fiche: Fiche) -> etree._Element:
    lien = association("Membre01", HAS_MEMBER, LOT, DOCUMENT)
    lien.append(slot("PreviousVersion", fiche.version))
    return lien


def _revisee(fiche: Fiche, action: Action) -> etree._Element:
    """The entry as the registry gave it, under a local identifier, with its new confidentiality."""
    noeud = deepcopy(fiche.noeud)
    noeud.set("id", DOCUMENT)
    noeud.set("status", APPROUVE)
    for enfant in noeud:
        for attribut in ("classifiedObject", "registryObject"):
            if enfant.get(attribut):
                enfant.set(attribut, DOCUMENT)
    schema = SCHEMAS_FICHE["confidentialityCode"]
    codes = noeud.findall(f"{rim.nom('Classification')}[@classificationScheme='{schema}']")
    if action is Action.MASQUER:
        codes[-1].addnext(classement(DOCUMENT, schema, _MASQUE))
        return noeud
    retires = _INVISIBLES if action is Action.RENDRE_VISIBLE else frozenset({"MASQUE_PS"})
    for code in codes:
        if code.get("nodeRepresentation") in retires:
            noeud.remove(code)
    return noeud
