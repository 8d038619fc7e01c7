"""IHE_XDM.ZIP: README.TXT, INDEX.HTM, one subset with METADATA.XML and the documents (IHE ITI TF-2 §3.32, CI-SIS)."""

from __future__ import annotations

import html
import io
import zipfile
from collections.abc import Mapping, Sequence

from .metadonnees import Fiche, metadata

SUBSET = "IHE_XDM/SUBSET01"
_README = """Emetteur : {emetteur}
Adresse : 1 rue de l'Essai, 75000 PARIS
Telephone : 0100000000

Application : Cabinet Temoin, version 3.2, editeur Editeur fictif voisin

Utilisation : ouvrir INDEX.HTM dans un navigateur.

Arborescence :
README.TXT           ce fichier
INDEX.HTM            page d'accueil
IHE_XDM/SUBSET01/    METADATA.XML et les documents
"""


def arborescence(fiches: Sequence[Fiche], *, emetteur: str, lot: str, soumis_le: str) -> dict[str, bytes]:
    """The files of the archive by path, in their order."""
    liens = "".join(f'<li><a href="{SUBSET}/{fiche.fichier}">{html.escape(fiche.entete.title)}</a></li>\n' for fiche in fiches)
    index = (
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML Basic 1.1//EN" "http://www.w3.org/TR/xhtml-basic/xhtml-basic11.dtd">\n'
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Documents</title></head><body>\n'
        f'<p>{html.escape(emetteur)}</p>\n<ul>\n{liens}</ul>\n<p><a href="README.TXT">README.TXT</a></p>\n</body></html>\n'
    )
    return {
        "README.TXT": _README.format(emetteur=emetteur).encode(),
        "INDEX.HTM": index.encode(),
        f"{SUBSET}/METADATA.XML": metadata(fiches, lot=lot, soumis_le=soumis_le),
        **{f"{SUBSET}/{fiche.fichier}": fiche.octets for fiche in fiches},
    }


def zipper(fichiers: Mapping[str, bytes]) -> bytes:
    """The archive of these files."""
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as archive:
        for chemin, octets in fichiers.items():
            archive.writestr(zipfile.ZipInfo(chemin, (2026, 1, 2, 3, 4, 6)), octets, zipfile.ZIP_DEFLATED)
    return tampon.getvalue()
