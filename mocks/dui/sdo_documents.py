"""A DocumentReference of ViaTrajectoire and the CDA document that it carries, read into what the DUI shows."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

_ESPACES = {"v3": "urn:hl7-org:v3", "sdo": "urn:cnsaSDO"}
_OID_TEST = "1.2.250.1.213.1.4."
_PARSEUR = etree.XMLParser(resolve_entities=False, no_network=True)


class DocumentIllisible(Exception):
    """The document of a decision cannot be read."""


@dataclass(frozen=True, slots=True)
class DecisionRecue:
    """A decision as received. ``matricule`` is the INS (15 characters), ``""`` without one; dates are ISO."""

    document: str
    id_decision: str
    id_nat_decision: str
    nom_naissance: str
    date_naissance: str
    sexe: str
    matricule: str
    nature_droit: str
    ouverture: str
    echeance: str
    urgence: str
    modalite: str
    remplace: str


def lire_decision(reference: Mapping[str, Any]) -> DecisionRecue:
    """The decision of a DocumentReference; raises ``DocumentIllisible``."""
    numeros = {str(i.get("use")): str(i.get("value", "")) for i in reference.get("identifier", ()) if isinstance(i, dict)}
    racine = _cda(reference)
    ids = [(str(e.get("root")), str(e.get("extension"))) for e in racine.iterfind(".//v3:patientRole/v3:id", _ESPACES)]
    return DecisionRecue(
        document=str(reference.get("id", "")),
        id_decision=numeros.get("usual", ""),
        id_nat_decision=numeros.get("official", ""),
        nom_naissance=str(racine.findtext(".//v3:patient/v3:name/v3:family", "", _ESPACES)),
        date_naissance=_date(_attribut(racine, "v3:birthTime", "value")),
        sexe=_attribut(racine, "v3:administrativeGenderCode", "code"),
        matricule=next((extension for root, extension in ids if root.startswith(_OID_TEST)), ""),
        nature_droit=_attribut(racine, "sdo:natureDroit", "code"),
        ouverture=_date(_attribut(racine, "sdo:dateOuvertureDuDroit", "value")),
        echeance=_date(_attribut(racine, "sdo:dateEcheanceDuDroit", "value")),
        urgence=_attribut(racine, "sdo:niveau", "code"),
        modalite=_attribut(racine, "sdo:modePriseEnCharge", "code"),
        remplace=_attribut(racine, "v3:parentDocument/v3:id", "extension"),
    )


def lire_evaluation(reference: Mapping[str, Any]) -> str:
    """The text of an evaluation; raises ``DocumentIllisible``."""
    return " ; ".join(
        str(valeur.get("displayName")) for valeur in _cda(reference).iterfind(".//v3:observation/v3:value", _ESPACES)
    )


def _cda(reference: Mapping[str, Any]) -> etree._Element:
    try:
        piece = reference["content"][0]["attachment"]
        return etree.fromstring(base64.b64decode(piece["data"], validate=True), _PARSEUR)
    except (KeyError, IndexError, TypeError):
        raise DocumentIllisible("La décision est venue sans son document.") from None
    except (binascii.Error, ValueError, etree.XMLSyntaxError):
        raise DocumentIllisible("Le document de la décision est illisible.") from None


def _attribut(racine: etree._Element, chemin: str, nom: str) -> str:
    trouve = racine.find(f".//{chemin}", _ESPACES)
    return str(trouve.get(nom, "")) if trouve is not None else ""


def _date(compacte: str) -> str:
    return f"{compacte[:4]}-{compacte[4:6]}-{compacte[6:8]}" if len(compacte) >= 8 else ""
