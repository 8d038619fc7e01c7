"""Defects of the data of a nursing service at home: the DocumentReference, its document, corrections, retries."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ..alterations import Alteration, Couture
from . import registre
from .registre import AVERTISSEMENT, INFORMATION, NON_CONFORME
from .retouches import attribuer

defaut = partial(registre.defaut, theme="ssiad")
Json = dict[str, Any]


def _fiche(changer: Callable[[Json], Any]) -> Alteration:
    """Change the DocumentReference."""

    def alterer(lot: Json) -> None:
        changer(lot["entry"][0]["resource"])

    return alterer


def _lot(
    nom: str, description: str, check: str, changer: Callable[[Json], Any], effet: str = AVERTISSEMENT, exigence: str = "SSIAD-01"
) -> None:
    defaut(nom, description, (Couture.SSIAD, _fiche(changer)), check=check, exigences=(exigence,), effet=effet)


def _piece(**valeurs: Any) -> Callable[[Json], None]:
    return lambda fiche: fiche["content"][0]["attachment"].update(valeurs)


def _autre_usager(fiche: Json) -> None:
    fiche["contained"][0]["identifier"][0]["value"] = "255069999999934"


def _autre_type(fiche: Json) -> None:
    fiche["type"]["coding"][0]["code"] = "SYNTH"


def _regle(nom: str, description: str, check: str, effet: str, **valeurs: Any) -> None:
    defaut(nom, description, check=check, exigences=("SSIAD-03",), effet=effet, regles={"sidoba": valeurs})


_lot("ssiad-en-texte", "annonce l'export d'un SSIAD en text/plain", "ssiad.document-joint", _piece(contentType="text/plain"))
_lot("ssiad-taille-fausse", "annonce la taille du base64 et non du document", "ssiad.empreinte", _piece(size=1))
_lot(
    "ssiad-empreinte-sha256",
    "annonce une empreinte SHA-256 au lieu de SHA-1",
    "ssiad.empreinte",
    _piece(hash="47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
)
_lot(
    "ssiad-autre-identifiant",
    "donne à la fiche un autre identifiant que celui du document",
    "ssiad.identifiant",
    lambda fiche: fiche["masterIdentifier"].update(value="urn:oid:2.25.1"),
    exigence="SSIAD-02",
)
_lot(
    "ssiad-autre-usager",
    "nomme un autre usager dans la fiche que dans le document",
    "ssiad.usager",
    _autre_usager,
    NON_CONFORME,
    "SSIAD-02",
)
_lot(
    "ssiad-sans-identifiant",
    "envoie la fiche d'un document sans masterIdentifier",
    "fhir.structure.cardinalite",
    lambda fiche: fiche.pop("masterIdentifier"),
)
_lot(
    "ssiad-doc-status",
    "ajoute docStatus à la fiche, que le profil interdit",
    "fhir.structure.cardinalite",
    lambda fiche: fiche.update(docStatus="final"),
)
_lot(
    "ssiad-remplacee",
    "envoie la fiche d'un document comme remplacée",
    "fhir.valeur.imposee",
    lambda fiche: fiche.update(status="superseded"),
)
_lot("ssiad-autre-type", "donne à la fiche un autre type que l'export du DUI", "fhir.invariant.conseil", _autre_type)
_lot(
    "ssiad-sans-date",
    "ne date pas la fiche d'un document",
    "fhir.profil.elements-attendus",
    lambda fiche: fiche.pop("date"),
    INFORMATION,
)
defaut(
    "ssiad-autre-service",
    "numérote l'usager dans un autre service que celui qui envoie",
    (
        Couture.CDA,
        attribuer(
            "/hl7:ClinicalDocument/hl7:recordTarget/hl7:patientRole/hl7:id[starts-with(@extension, '3')]",
            "extension",
            lambda ancien: "3990000036/" + ancien.partition("/")[2],
        ),
    ),
    check="ssiad.structure",
    exigences=("SSIAD-02",),
    effet=AVERTISSEMENT,
    document="export-dui",
)
_regle(
    "ssiad-correction-nouvelle",
    "renvoie un document corrigé comme un nouveau document",
    "ssiad.remplacement",
    NON_CONFORME,
    remplace_le_document=False,
)
_regle(
    "ssiad-autre-document",
    "récrit le document avant de le renvoyer",
    "ssiad.renvoi",
    AVERTISSEMENT,
    meme_document_au_renvoi=False,
)
_regle(
    "ssiad-correction-oubliee", "renvoie le document sans la donnée corrigée", "ssiad.correction", AVERTISSEMENT, corrige=False
)
