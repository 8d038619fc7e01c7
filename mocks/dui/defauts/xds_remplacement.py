"""Defects of updates: new versions, what they replace, the coherence of a submission as a whole."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from lxml import etree

from ..alterations import Alteration, Couture
from . import registre
from .registre import AVERTISSEMENT, NON_CONFORME
from .retouches import attribuer, doubler, ecrire, inserer, si_present, trouver

_MISE_A_JOUR = ("DMP-ALIM-15",)
_METADONNEES = ("DMP-ALIM-18",)
_RPLC = "//rim:Association[contains(@associationType, 'RPLC')]"
_LISTE = "//rim:RegistryObjectList"
_AUTEUR_DU_LOT = "//rim:RegistryPackage/rim:Classification[@classificationScheme='urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d']"
_TYPE = "//rim:Classification[@classificationScheme='urn:uuid:f0306f51-975f-434e-a61c-c59651d33983'][@classifiedObject='Doc01']"
_CONFIDENTIALITE = (
    "//rim:Classification[@classificationScheme='urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f'][@classifiedObject='Doc01']"
)
_PATIENT = (
    "//rim:ExternalIdentifier[@identificationScheme='urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427'][@registryObject='Doc01']"
)
_AJOUT = "urn:ihe:iti:2007:AssociationType:APND"
_MEMBRE = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"

defaut = partial(registre.defaut, theme="xds-remplacement")


def _version(nom: str, description: str, check: str, *, effet: str = NON_CONFORME, **valeurs: Any) -> None:
    """A defect of what the DUI does of a document that changes."""
    defaut(nom, description, check=check, exigences=_MISE_A_JOUR, effet=effet, regles={"alimentation": valeurs})


def _lot(
    nom: str,
    description: str,
    check: str,
    alteration: Alteration,
    *,
    couture: Couture = Couture.XDS,
    exigences: tuple[str, ...] = _METADONNEES,
    effet: str = NON_CONFORME,
) -> None:
    """A defect of what the DUI writes."""
    defaut(nom, description, (couture, alteration), check=f"xds.{check}", exigences=exigences, effet=effet)


_version("remplacement-oublie", "dépose un document modifié sans remplacer l'ancien", "xds.suite.replacement", remplace=False)
_version(
    "remplacement-non-dit",
    "remplace l'ancien document sans que le nouveau le dise",
    "xds.suite.succession",
    cite_l_ancien=False,
)
_version("remplacement-autre-ensemble", "change le setId à chaque version", "xds.suite.succession", garde_le_set_id=False)
_version("remplacement-meme-numero", "garde le numéro de version d'un document modifié", "xds.suite.succession", pas=0)
_version(
    "remplacement-meme-identifiant",
    "garde l'identifiant d'un document modifié",
    "xds.suite.succession",
    renouvelle_l_id=False,
)
_version("remplacement-du-document", "vise l'uniqueId au lieu de l'entryUUID", "xds.version.association", vise="document")
_version("remplacement-d-un-inconnu", "vise une fiche que le DMP n'a pas", "xds.suite.replaced-known", vise="inconnue")
_version(
    "remplacement-de-la-premiere-version",
    "vise toujours la première version du document",
    "xds.suite.replaced-known",
    vise="premiere",
)
_version(
    "remplacement-sans-changement",
    "envoie une nouvelle version sans les changements de l'utilisateur",
    "xds.suite.changed",
    effet=AVERTISSEMENT,
    reporte_le_changement=False,
)
_version(
    "remplacement-avant-l-envoi",
    "dépose aussi la version que l'utilisateur a changée avant l'envoi",
    "absent.dmp",
    retire_l_envoi_depasse=False,
)


def _au_remplacement(alteration: Alteration) -> Alteration:
    return si_present(_RPLC, alteration)


_lot(
    "remplacement-en-double",
    "répète l'association de remplacement",
    "version.association",
    _au_remplacement(doubler(_RPLC)),
    exigences=_MISE_A_JOUR,
)
_lot(
    "remplacement-par-le-lot",
    "fait partir le remplacement du lot, et non de la fiche",
    "version.association",
    _au_remplacement(attribuer(_RPLC, "sourceObject", "SubmissionSet01")),
    exigences=_MISE_A_JOUR,
)
_lot(
    "remplacement-en-complement",
    "relie la nouvelle version comme un complément de l'ancienne",
    "suite.replacement",
    _au_remplacement(attribuer(_RPLC, "associationType", _AJOUT)),
    exigences=_MISE_A_JOUR,
)
_lot(
    "remplacement-autre-type",
    "change le type du document d'une version à l'autre",
    "suite.succession",
    _au_remplacement(attribuer(_TYPE, "nodeRepresentation", "11369-6")),
    exigences=_MISE_A_JOUR,
)
_lot(
    "remplacement-autre-patient",
    "range la nouvelle version chez un autre patient",
    "suite.succession",
    _au_remplacement(attribuer(_PATIENT, "value", "207058575627097^^^&1.2.250.1.213.1.4.10&ISO^NH")),
    exigences=_MISE_A_JOUR,
)


def _champ(slot: str, changer: Callable[[str], str]) -> Alteration:
    return ecrire(f"{_AUTEUR_DU_LOT}/rim:Slot[@name='{slot}']//rim:Value", changer)


def _nom_de_structure(nom: str) -> Alteration:
    return _champ("authorInstitution", lambda texte: f"{nom}^{texte.partition('^')[2]}")


for _nom, _description, _alteration in (
    ("champ-esperluette", "n'échappe pas l'esperluette d'un nom", _nom_de_structure("LES TILLEULS & FILS")),
    ("champ-barre", "n'échappe pas la barre verticale d'un nom", _nom_de_structure("LES TILLEULS | SUD")),
    ("champ-echappement", "échappe un caractère à sa manière", _nom_de_structure("LES TILLEULS \\Z\\ SUD")),
    (
        "champ-civilite",
        "glisse la civilité de l'auteur dans une composante qui ne sert pas",
        _champ("authorPerson", lambda texte: texte.replace("^^^^^^&", "^^^^DR^^&", 1)),
    ),
    (
        "champ-repetition",
        "met deux auteurs dans une même valeur",
        _champ("authorPerson", lambda texte: f"{texte}~{texte}"),
    ),
    (
        "champ-sans-type-de-nom",
        "omet le type de nom de l'auteur du lot",
        _champ("authorPerson", lambda texte: texte.replace("&ISO^D^", "&ISO^^")),
    ),
    (
        "champ-autorite-incomplete",
        "omet ISO dans l'autorité de la structure",
        _champ("authorInstitution", lambda texte: texte.replace("&ISO", "")),
    ),
    (
        "champ-specialite-sans-systeme",
        "omet le système de la spécialité de l'auteur du lot",
        _champ("authorSpecialty", lambda texte: texte.rpartition("^")[0]),
    ),
):
    _lot(_nom, _description, "coherence.field-syntax", _alteration)


def _association(nom: str, sorte: str, source: str, cible: str) -> Alteration:
    attributs = f'id="{nom}" associationType="{sorte}" sourceObject="{source}" targetObject="{cible}"'
    slot = '<rim:Slot name="SubmissionSetStatus"><rim:ValueList><rim:Value>Original</rim:Value></rim:ValueList></rim:Slot>'
    return inserer(_LISTE, f"<rim:Association {attributs}>{slot}</rim:Association>")


_lot(
    "lot-association-inconnue",
    "relie la signature au document par une association que le DMP n'emploie pas",
    "coherence.associations-resolve",
    _association("association-9", "urn:ihe:iti:2007:AssociationType:XFRM", "Signature01", "Doc01"),
)
_lot(
    "lot-association-vers-rien",
    "rattache au lot un objet qui n'y est pas",
    "coherence.associations-resolve",
    _association("association-9", _MEMBRE, "SubmissionSet01", "Doc02"),
)
_lot(
    "lot-membre-d-un-document",
    "rattache la signature au document comme s'il était un lot",
    "coherence.associations-resolve",
    _association("association-9", _MEMBRE, "Doc01", "Signature01"),
)


def _identifiants_repetes(racine: etree._Element) -> None:
    for association in trouver(racine, "//rim:Association"):
        association.set("id", "association")


_lot(
    "lot-identifiants-repetes",
    "donne le même identifiant à toutes les associations",
    "coherence.associations-resolve",
    _identifiants_repetes,
)
_lot(
    "lot-soumis-hier",
    "date la soumission de la veille",
    "coherence.dates-in-order",
    ecrire(
        "//rim:RegistryPackage/rim:Slot[@name='submissionTime']//rim:Value",
        lambda texte: f"{int(texte[:4]) - 1}{texte[4:]}",
    ),
    effet=AVERTISSEMENT,
)
_lot(
    "lot-d-une-autre-structure",
    "soumet au nom d'une structure qui n'est celle d'aucun auteur",
    "coherence.structure-of-set",
    _champ("authorInstitution", lambda texte: texte[:-10] + "1990000101"),
)


def invisible_aux_representants(racine: etree._Element) -> None:
    """Hide the document from the legal representatives of the patient."""
    doubler(_CONFIDENTIALITE)(racine)
    ajoute = trouver(racine, _CONFIDENTIALITE)[-1]
    ajoute.set("nodeRepresentation", "INVISIBLE_REPRESENTANTS_LEGAUX")
    ecrire(".//rim:Value", "1.2.250.1.213.1.1.4.13")(ajoute)


_lot(
    "lot-cache-aux-representants-d-un-majeur",
    "cache tous les documents aux représentants légaux",
    "coherence.minor-visibility",
    invisible_aux_representants,
)
_lot(
    "lot-entrepot-donne",
    "donne l'identifiant de l'entrepôt dans le dépôt",
    "coherence.registry-side",
    inserer(
        "//rim:ExtrinsicObject[@id='Doc01']",
        '<rim:Slot name="repositoryUniqueId"><rim:ValueList><rim:Value>1.2.3.4</rim:Value></rim:ValueList></rim:Slot>',
        rang=0,
    ),
    effet=AVERTISSEMENT,
)
_lot(
    "version-zero",
    "compte les versions à partir de 0",
    "version.number",
    attribuer("//hl7:versionNumber", "value", "0"),
    couture=Couture.CDA,
)
_lot(
    "version-deux-d-emblee",
    "donne le numéro 2 à un document neuf",
    "version.number",
    attribuer("//hl7:versionNumber", "value", "2"),
    couture=Couture.CDA,
)
_lot(
    "version-ensemble-commun",
    "donne le même setId à tous les documents",
    "suite.repeat",
    attribuer("//hl7:setId", "root", "2.25.8121"),
    couture=Couture.CDA,
    exigences=_MISE_A_JOUR,
)
