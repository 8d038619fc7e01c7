"""IHE_XDM archives: zip, tree, README, INDEX, files (Référentiel MSSanté #2, 2.1; IHE ITI TF-2 §3.32)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from ..core.errors import Inconclusive
from ..core.problem import Problem
from ..core.providers import provide
from ..validation.cda.view import CdaDocument
from ..validation.document import Document
from ..validation.xdm import Xdm, XdmError, XdmFile
from ..validation.xdm.media import INDEX, METADATA, README, ROOT
from .mss_rule import problem, rule

MSS = ("MSS-09",)
_IHE = "IHE ITI TF-2 §3.32.4 (XDM) ; Référentiel MSSanté #2, 2.1.1"
_SHORT = re.compile(r"[A-Z0-9_]{1,8}(?:\.[A-Z0-9_]{1,3})?")
_SUBSET = re.compile(r"SUBSET[0-9A-Z_]{2}")
_LINK = re.compile(rb"<a\b[^>]*?\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_SHEETS = (".XSL", ".XSLT", ".CSS", ".PDF", ".HTM", ".JPG", ".PNG", ".GIF", ".TIF", ".TXT")


@rule("mss.xdm.readable", covers=MSS, source="PKZIP ; limites du banc", confidence="vu")
def archive_is_readable(file: XdmFile) -> Iterator[Problem]:
    """L'archive est un zip entier, en clair, de taille raisonnable une fois décompressé."""
    try:
        assert file.xdm
    except XdmError as error:
        yield problem(
            error.message,
            file.name,
            error.expected,
            error.received,
            "Refaire l'archive avec une bibliothèque zip, sans chiffrement.",
        )


@rule("mss.xdm.safe-paths", covers=MSS, source="IHE ITI TF-2 §3.32 ; extraction sans danger", confidence="vu")
def paths_stay_inside(xdm: Xdm) -> Iterator[Problem]:
    """Les chemins de l'archive sont relatifs, uniques, sans remontée ni lien : l'extraire n'écrit rien ailleurs."""
    yield from xdm.archive.unsafe


@rule("mss.xdm.tree", covers=MSS, source=_IHE)
def tree_is_that_of_xdm(xdm: Xdm) -> Iterator[Problem]:
    """L'archive contient README.TXT, INDEX.HTM et IHE_XDM/SUBSET01/METADATA.XML."""
    for path in (README, INDEX):
        if xdm.archive.member(path) is None:
            yield problem(
                f"{path} absent de l'archive",
                xdm.name,
                f"{path} à la racine",
                _shown(xdm),
                "Ajouter le fichier à la racine de l'archive.",
            )
    if not xdm.lots:
        yield problem(
            "Dossier IHE_XDM/SUBSET01 absent",
            xdm.name,
            f"{ROOT}/SUBSET01/{METADATA}",
            _shown(xdm),
            "Ranger les documents sous IHE_XDM/SUBSET01.",
        )
    for lot in xdm.lots:
        if lot.metadata is None:
            received = ", ".join(m.name for m in lot.files)
            yield problem(
                f"{METADATA} absent d'un lot",
                lot.folder,
                f"{lot.folder}/{METADATA}",
                received,
                "Décrire chaque lot par son METADATA.XML.",
            )


@rule("mss.xdm.names", covers=MSS, source="ISO 9660 niveau 1, demandé par IHE ITI TF-2 §3.32.4")
def names_are_short_and_upper_case(xdm: Xdm) -> Iterator[Problem]:
    """Les noms de fichiers et de dossiers sont au format 8.3, en capitales, chiffres et tiret bas."""
    seen, unsafe = set(), {p.received for p in xdm.archive.unsafe}
    for path in (*xdm.archive.folders, *(m.path for m in xdm.archive.members)):
        if path in unsafe:
            continue
        for name in path.split("/"):
            if name not in seen and _SHORT.fullmatch(name) is None:
                seen.add(name)
                yield problem(
                    "Nom de fichier ou de dossier hors du format 8.3",
                    path,
                    "8 caractères, un point, 3 caractères : A-Z 0-9 _",
                    name,
                    "DOC0001.XML, par exemple.",
                )


@rule("mss.xdm.subsets", covers=MSS, source=_IHE)
def only_subsets_are_under_the_root(xdm: Xdm) -> Iterator[Problem]:
    """Sous IHE_XDM il n'y a que des dossiers SUBSETxx ; à côté, que README.TXT, INDEX.HTM et leurs ressources."""
    for member in xdm.archive.members:
        parts = member.path.split("/")
        if parts[0].upper() == ROOT and (len(parts) < 3 or _SUBSET.fullmatch(parts[1].upper()) is None):
            yield problem(
                "Fichier hors d'un dossier SUBSETxx",
                member.path,
                f"{ROOT}/SUBSET01/{parts[-1]}",
                member.path,
                "Ranger chaque document dans un lot.",
            )
        if parts[0].upper() != ROOT and member.path.upper() not in (README, INDEX) and not member.name.upper().endswith(_SHEETS):
            yield problem(
                "Fichier étranger à la racine de l'archive",
                member.path,
                f"{README}, {INDEX}, {ROOT}",
                member.path,
                "Le retirer de l'archive.",
            )


@rule("mss.xdm.described-files", covers=MSS, source=_IHE)
def files_are_described(xdm: Xdm) -> Iterator[Problem]:
    """Chaque document d'un lot a sa fiche dans METADATA.XML ; le reste n'est que feuilles de style et ressources."""
    for lot in xdm.lots:
        if lot.submission is None or lot.missing:
            continue
        known = {d.at.upper() for d in lot.documents}
        for file in lot.files:
            extra = file in lot.cdas or not file.name.upper().endswith(_SHEETS)
            if file.path.upper() not in known and extra:
                hint = "Une fiche (ExtrinsicObject) dont le slot URI est le nom du fichier, ou retirer le fichier."
                yield problem(
                    "Fichier du lot sans fiche de métadonnées", file.path, f"une fiche d'URI {file.name}", "aucune", hint
                )


@rule("mss.xdm.document", covers=MSS, source=_IHE)
def archive_holds_a_document(xdm: Xdm) -> Iterator[Problem]:
    """L'archive contient au moins un document CDA lisible."""
    if not any(can_read(document) for document in xdm.cdas):
        expected = f"{ROOT}/SUBSET01/DOC0001.XML, un document CDA"
        yield problem(
            "Aucun document CDA lisible dans l'archive", xdm.name, expected, _shown(xdm), "Joindre le document lui-même."
        )


def can_read(document: Document) -> bool:
    """True for a CDA whose tree can be read."""
    try:
        provide(CdaDocument, document)
    except Inconclusive:
        return False
    return True


@rule("mss.xdm.readme", covers=MSS, source="README.TXT d'un exportateur XDM publié ; IHE ITI TF-2 §3.32.4.1.2")
def readme_presents_the_sender(xdm: Xdm) -> Iterator[Problem]:
    """README.TXT dit en texte qui envoie, avec quelle application et quelle version, et comment lire l'archive."""
    member = xdm.archive.member(README)
    if member is None:
        return
    text = member.data.decode("utf-8", "replace")
    words = text.upper()
    wanted = {
        "l'émetteur": ("METTEUR", "ÉMETTEUR", "EXPEDITEUR", "EXPÉDITEUR"),
        "l'application": ("APPLICATION", "LOGICIEL"),
        "sa version": ("VERSION",),
        INDEX: (INDEX,),
    }
    for what, forms in wanted.items():
        if not any(form in words for form in forms):
            yield problem(
                f"README.TXT ne dit pas {what}",
                member.path,
                "émetteur, application, version, mode d'emploi, arborescence",
                text.strip()[:120],
                "Compléter le fichier : le destinataire sans logiciel le lit.",
            )


@rule("mss.xdm.index", covers=MSS, source=_IHE)
def index_leads_to_the_documents(xdm: Xdm) -> Iterator[Problem]:
    """INDEX.HTM mène, par des liens relatifs, à README.TXT et à chaque document."""
    member = xdm.archive.member(INDEX)
    if member is None:
        return
    links = {_resolved(href) for href in index_links(member.data)}
    wanted = [README, *(d.at for d in xdm.documents)]
    for path in wanted:
        if path.upper() not in links:
            yield problem(
                "INDEX.HTM ne mène pas à un fichier",
                member.path,
                f'<a href="{path}">',
                f"{len(links)} lien(s) vers d'autres fichiers",
                "Un lien relatif par document, et un vers README.TXT.",
            )


@rule("mss.xdm.index-links", covers=MSS, source=_IHE)
def links_of_index_stay_inside(xdm: Xdm) -> Iterator[Problem]:
    """Les liens d'INDEX.HTM mènent à des fichiers de l'archive."""
    member = xdm.archive.member(INDEX)
    for href in index_links(member.data) if member is not None else ():
        resolved = _resolved(href)
        if href.startswith("#") or resolved in (README, INDEX):
            continue
        if urlsplit(href).scheme or xdm.archive.member(resolved) is None:
            yield problem(
                "Lien d'INDEX.HTM qui ne mène à rien dans l'archive",
                INDEX,
                "un chemin relatif d'un fichier de l'archive",
                href[:120],
                "Vérifier le nom, en capitales.",
            )


def index_links(data: bytes) -> list[str]:
    """The targets of the links of a page, at most a thousand."""
    return [(one or two).decode("utf-8", "replace") for one, two in _LINK.findall(data[: 1024 * 1024])[:1000]]


def _resolved(href: str) -> str:
    return posixpath.normpath(unquote(href.partition("#")[0])).upper()


def _shown(xdm: Xdm) -> str:
    return ", ".join(m.path for m in xdm.archive.members[:8])
