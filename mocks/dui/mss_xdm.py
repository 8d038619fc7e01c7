"""The IHE_XDM archive: documents, their metadata read from their own headers, and what a person who opens it reads."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape

from lxml import etree

from .alterations import Alterations, Couture
from .comptes import Utilisateur
from .configuration import Logiciel, StructureLocale
from .documents.document import Document
from .documents.entete import nouvel_oid
from .ebrim import RIM, association, slot
from .xds import Fiche, entree, fiche_de, paquet
from .xml import Espace

LOT = "IHE_XDM/SUBSET01"
_MEMBRE = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
_REMPLACE = "urn:ihe:iti:2007:AssociationType:RPLC"
_APPROUVE = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
lcm = Espace("urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0")


@dataclass(frozen=True, slots=True)
class Emetteur:
    """Who makes the archive, with which software."""

    utilisateur: Utilisateur
    structure: StructureLocale
    logiciel: Logiciel


def archive(
    documents: Sequence[Document], emetteur: Emetteur, le: datetime, alterations: Alterations, *, remplace: str = ""
) -> bytes:
    """The zip. ``remplace`` is the uniqueId of the version that the first document replaces."""
    noms = [f"DOC{rang:04d}.XML" for rang in range(1, len(documents) + 1)]
    metadonnees = alterations.passer(Couture.METADONNEES, _metadonnees(documents, noms, le, remplace))
    etree.cleanup_namespaces(metadonnees)
    fichiers = {
        "README.TXT": _lisez_moi(emetteur, noms).encode(),
        "INDEX.HTM": _index(documents, noms).encode(),
        f"{LOT}/METADATA.XML": etree.tostring(metadonnees, encoding="UTF-8", xml_declaration=True),
        **{f"{LOT}/{nom}": document.octets for nom, document in zip(noms, documents, strict=True)},
    }
    return empaqueter(alterations.passer(Couture.XDM, fichiers), le)


def empaqueter(fichiers: dict[str, bytes], le: datetime) -> bytes:
    """A zip of these files, all dated alike."""
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as zip_:
        for chemin, octets in fichiers.items():
            info = zipfile.ZipInfo(chemin, le.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            zip_.writestr(info, octets)
    return tampon.getvalue()


def _metadonnees(documents: Sequence[Document], noms: Sequence[str], le: datetime, remplace: str) -> etree._Element:
    fiches = [_designee(fiche_de(document, f"Document{rang:02d}")) for rang, document in enumerate(documents, 1)]
    objets = []
    for fiche, document, nom in zip(fiches, documents, noms, strict=True):
        objet = entree(replace(fiche, id=fiche.id))
        objet.set("status", _APPROUVE)
        condense = hashlib.sha1(document.octets, usedforsecurity=False).hexdigest()
        fichier = (slot("hash", condense), slot("size", str(len(document.octets))), slot("URI", nom))
        _apres_les_slots(objet, fichier)
        objets.append(objet)
    liens = [association(f"association-{rang}", _MEMBRE, "SubmissionSet01", fiche.id) for rang, fiche in enumerate(fiches, 1)]
    if remplace:
        liens.append(association("association-remplace", _REMPLACE, fiches[0].id, f"urn:oid:{remplace}"))
    liste = etree.Element(f"{{{RIM}}}RegistryObjectList", nsmap={"rim": RIM})
    liste.extend([*objets, paquet(nouvel_oid(), le, fiches[0]), *liens])
    return lcm("SubmitObjectsRequest", None, liste)


def _designee(fiche: Fiche) -> Fiche:
    """The patient by his INS; by his local number when his identity is not qualified."""
    return replace(fiche, patient=fiche.patient or fiche.patient_local)


def _apres_les_slots(objet: etree._Element, ajoutes: Sequence[etree._Element]) -> None:
    rang = len(objet.findall(f"{{{RIM}}}Slot"))
    for decalage, un in enumerate(ajoutes):
        objet.insert(rang + decalage, un)


def _lisez_moi(emetteur: Emetteur, noms: Sequence[str]) -> str:
    qui, logiciel = emetteur.utilisateur, emetteur.logiciel
    lignes = (
        "Emetteur :",
        f" . {emetteur.structure.nom}, FINESS {emetteur.structure.finess_eg}",
        f" . {qui.prenom} {qui.nom}",
        " . 1 rue des Exemples, 99130 VALMONT-SUR-TEST",
        " . Telephone : +33 1 99 00 00 01",
        "",
        "Application de l'emetteur :",
        f" . Nom : {logiciel.nom}",
        f" . Version : {logiciel.version}",
        " . Editeur : Editeur fictif",
        "",
        "Instructions :",
        " . Ouvrez le fichier INDEX.HTM par un navigateur pour consulter les documents.",
        "",
        "Arborescence :",
        " README.TXT",
        " INDEX.HTM",
        " IHE_XDM",
        "  SUBSET01",
        "   METADATA.XML",
        *(f"   {nom}" for nom in noms),
        "",
    )
    return "\r\n".join(lignes)


def _index(documents: Sequence[Document], noms: Sequence[str]) -> str:
    liens = "".join(
        f'<li><a href="{LOT}/{nom}">{escape(document.type.modele.titre)}</a></li>\n'
        for nom, document in zip(noms, documents, strict=True)
    )
    return (
        '<!DOCTYPE html>\n<html lang="fr">\n<head><meta charset="utf-8"><title>Documents de sante</title></head>\n<body>\n'
        f'<h1>Documents de santé</h1>\n<p><a href="README.TXT">README.TXT</a></p>\n<ul>\n{liens}</ul>\n</body>\n</html>\n'
    )
