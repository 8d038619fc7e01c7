"""Received archives, opened with caution: what they hold, what their metadata say of each document."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from dataclasses import dataclass, field

from lxml import etree

from .ebrim import RIM, SCHEMAS_FICHE

LE_PLUS_GROS = 64 * 1024 * 1024
LE_PLUS_NOMBREUX = 500
_SIGNATURE = ("EICAR-STANDARD", "ANTIVIRUS-TEST", "FILE")
_NS = {"r": RIM}


class ArchiveRefusee(ValueError):
    """An archive that is not opened, or whose content is not what it says."""


@dataclass(frozen=True, slots=True)
class Annonce:
    """What metadata say of a document. ``patient`` is the CX of patientId; ``obsolete`` when the sender deprecates it."""

    uri: str
    empreinte: str
    patient: str
    unique_id: str
    obsolete: bool
    octets: bytes = field(repr=False)

    @property
    def matricule(self) -> str:
        """The 15 characters of the INS."""
        return self.patient.partition("^")[0]

    @property
    def intacte(self) -> bool:
        """True when the document has the announced hash."""
        return hashlib.sha1(self.octets, usedforsecurity=False).hexdigest() == self.empreinte.lower()


def contaminee(octets: bytes) -> bool:
    """True when an antivirus would raise the alarm."""
    return "-".join(_SIGNATURE).encode() in octets


def fichiers(archive: bytes, *, prudent: bool = True) -> dict[str, bytes]:
    """The files of a zip by path; raises ``ArchiveRefusee``. ``prudent`` refuses paths that lead outside, and zips that swell."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as zip_:
            infos = [info for info in zip_.infolist() if not info.is_dir()]
            if prudent:
                _verifier(infos)
            return {info.filename.replace("\\", "/"): zip_.read(info) for info in infos}
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as erreur:
        raise ArchiveRefusee("l'archive est illisible") from erreur


def annonces(contenu: dict[str, bytes]) -> list[Annonce]:
    """The documents that the metadata announce; raises ``ArchiveRefusee``."""
    chemin = next((c for c in contenu if c.upper().endswith("/METADATA.XML")), "")
    if not chemin:
        raise ArchiveRefusee("l'archive n'a pas de métadonnées")
    try:
        racine = etree.fromstring(contenu[chemin], etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except etree.XMLSyntaxError as erreur:
        raise ArchiveRefusee("les métadonnées sont illisibles") from erreur
    dossier = chemin.rpartition("/")[0]
    par_nom = {c.upper(): octets for c, octets in contenu.items()}
    trouvees = []
    for objet in racine.iterfind(".//r:ExtrinsicObject", _NS):
        uri = _slot(objet, "URI")
        octets = par_nom.get(f"{dossier}/{uri}".upper())
        if octets is None:
            raise ArchiveRefusee(f"le document {uri or 'annoncé'} manque dans l'archive")
        trouvees.append(
            Annonce(
                uri,
                _slot(objet, "hash"),
                _identifiant(objet, "patientId"),
                _identifiant(objet, "uniqueId"),
                str(objet.get("status", "")).endswith("Deprecated"),
                octets,
            )
        )
    if not trouvees:
        raise ArchiveRefusee("les métadonnées n'annoncent aucun document")
    return trouvees


def _verifier(infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > LE_PLUS_NOMBREUX or sum(info.file_size for info in infos) > LE_PLUS_GROS:
        raise ArchiveRefusee("l'archive enfle trop à l'ouverture")
    for info in infos:
        nom = info.orig_filename.replace("\\", "/")
        if nom.startswith("/") or ".." in nom.split("/") or nom[1:2] == ":" or (info.external_attr >> 16) & 0o170000 == 0o120000:
            raise ArchiveRefusee("l'archive contient un chemin dangereux")
        if info.file_size > 1024 * 1024 and info.file_size > 200 * max(info.compress_size, 1):
            raise ArchiveRefusee("l'archive enfle trop à l'ouverture")


def _slot(objet: etree._Element, nom: str) -> str:
    return str(objet.findtext(f"r:Slot[@name='{nom}']/r:ValueList/r:Value", "", _NS)).strip()


def _identifiant(objet: etree._Element, nom: str) -> str:
    trouve = objet.find(f"r:ExternalIdentifier[@identificationScheme='{SCHEMAS_FICHE[nom]}']", _NS)
    return str(trouve.get("value", "")) if trouve is not None else ""
