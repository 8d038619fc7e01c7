"""Defects of the PDF of a document as a file: what PDF/A-1 refuses, and what cannot be read."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ..alterations import Couture
from .documents import registre_de
from .registre import AVERTISSEMENT
from .retouches_pdf import (
    catalogue,
    contenu,
    dessin,
    etat,
    filtre,
    flux,
    lien,
    lu,
    metadonnees,
    police,
    polices,
    remplacer,
    ressource,
    retoucher,
)

if TYPE_CHECKING:
    from pikepdf import Pdf

fichier = partial(registre_de("documents-pdf"), couture=Couture.PDF, exigences=("CDA-02", "CDA-03"))
averti = partial(fichier, effet=AVERTISSEMENT)

_ENTREE, _PRODUITS = "lettre-liaison-entree", "prescription-produits"


def _profil_icc(version: bytes, espace: bytes) -> bytes:
    """The 128 bytes that begin a colour profile."""
    return bytes(8) + version + bytes(3) + b"mntr" + espace + bytes(16) + b"acsp" + bytes(88)


def _intention_recente(pdf: Pdf) -> None:
    """An output intent whose colour profile is of version 4."""
    pdf.Root.OutputIntents[0]["/DestOutputProfile"] = flux(pdf, _profil_icc(b"\x04", b"RGB "), "/N 3")


def _composantes(pdf: Pdf) -> None:
    """Greys under a profile that says three components."""
    espace = lu("[ /ICCBased ]")
    espace.append(flux(pdf, _profil_icc(b"\x02", b"GRAY"), "/N 3"))
    ressource(pdf, "ColorSpace", espace)


def _protege(octets: bytes) -> Any:
    from pikepdf import Encryption

    return retoucher(lambda pdf: None, encryption=Encryption(owner="secret", user="", R=4), static_id=False)(octets)


def _compresse(octets: bytes) -> Any:
    from pikepdf import ObjectStreamMode

    return retoucher(lambda pdf: None, object_stream_mode=ObjectStreamMode.generate)(octets)


def _niveau_a(pdf: Pdf) -> None:
    paquet = pdf.Root.Metadata.read_bytes()
    pdf.Root.Metadata.write(paquet.replace(b"conformance>B<", b"conformance>A<"))
    for cle in ("/StructTreeRoot", "/MarkInfo"):
        if cle in pdf.Root:
            del pdf.Root[cle]


fichier(
    "liaison-entree-pdf-tronque",
    _ENTREE,
    "encapsule un PDF tronqué en chemin",
    "pdf.readable",
    lambda octets: octets[: len(octets) // 2],
)
averti(
    "liaison-entree-pdf-2",
    _ENTREE,
    "écrit un PDF de version 2.0",
    "pdf.a1.header",
    remplacer(b"%PDF-1.4", b"%PDF-2.0"),
)
averti(
    "liaison-entree-pdf-sans-binaire",
    _ENTREE,
    "n'écrit pas la ligne d'octets binaires qui suit l'en-tête du PDF",
    "pdf.a1.binary-comment",
    remplacer(b"%\x80\x80\x80\x80", b"%abcd"),
)
averti(
    "prescription-produits-pdf-sans-identifiant",
    _PRODUITS,
    "écrit un PDF sans identifiant de fichier",
    "pdf.a1.trailer-id",
    remplacer(b"/ID", b"/IE"),
)
averti(
    "consultation-pdf-protege",
    "consultation",
    "protège le PDF contre la modification",
    "pdf.a1.not-encrypted",
    _protege,
)
averti(
    "fiche-soins-pdf-suivi",
    "fiche-soins",
    "ajoute une trace après la fin du PDF",
    "pdf.a1.nothing-after-eof",
    lambda octets: octets + b"\nimprime par le DUI",
)
averti(
    "liaison-sortie-pdf-compresse",
    "lettre-liaison-sortie",
    "compresse la table des objets du PDF",
    "pdf.a1.plain-xref",
    _compresse,
)
averti("cr-biologie-pdf-lzw", "cr-biologie", "compresse une partie du PDF en LZW", "pdf.a1.no-lzw", filtre("LZWDecode"))
averti(
    "cr-biologie-pdf-jpeg-2000",
    "cr-biologie",
    "joint au PDF une image en JPEG 2000",
    "pdf.a1.known-filters",
    filtre("JPXDecode"),
)
averti(
    "certificat-pdf-image-ailleurs",
    "certificat-medical",
    "laisse hors du PDF une image que la page emploie",
    "pdf.a1.no-external-streams",
    dessin("/Subtype /Image /F (signature.jpg)"),
)
averti(
    "attestation-pdf-piece-jointe",
    "attestation-identite",
    "joint un fichier au PDF",
    "pdf.a1.no-embedded-files",
    retoucher(lambda pdf: pdf.attachments.__setitem__("identite.txt", b"copie")),
)
averti(
    "liaison-entree-pdf-imbrique",
    _ENTREE,
    "imbrique trente états graphiques",
    "pdf.a1.limits",
    contenu(b"q " * 30 + b"Q " * 30),
)
averti(
    "liaison-entree-pdf-calques",
    _ENTREE,
    "range le contenu du PDF dans des calques",
    "pdf.a1.no-optional-content",
    catalogue("OCProperties", "<< >>"),
)


def _sans_metadonnees(pdf: Pdf) -> None:
    del pdf.Root["/Metadata"]


averti(
    "prescription-produits-pdf-sans-metadonnees",
    _PRODUITS,
    "écrit un PDF sans métadonnées XMP",
    "pdf.a1.xmp-present",
    retoucher(_sans_metadonnees),
)
averti(
    "prescription-autres-pdf-metadonnees-coupees",
    "prescription-autres",
    "écrit des métadonnées XMP mal formées",
    "pdf.a1.xmp-well-formed",
    metadonnees(b"</rdf:RDF>", b""),
)
averti(
    "prescription-actes-pdf-a-2",
    "prescription-actes",
    "écrit un PDF/A-2 au lieu d'un PDF/A-1",
    "pdf.a1.identification",
    metadonnees(b"part>1<", b"part>2<"),
)
averti(
    "liaison-sortie-pdf-deux-titres",
    "lettre-liaison-sortie",
    "donne au PDF un titre dans ses propriétés et un autre dans ses métadonnées",
    "pdf.a1.info-matches-xmp",
    retoucher(lambda pdf: pdf.docinfo.__setitem__("/Title", "Sans titre")),
)
averti(
    "liaison-entree-pdf-icc-recent",
    _ENTREE,
    "joint au PDF un profil de couleurs trop récent pour PDF/A-1",
    "pdf.a1.output-intent",
    retoucher(_intention_recente),
)
averti(
    "liaison-entree-pdf-composantes",
    _ENTREE,
    "annonce pour des gris un profil de trois composantes",
    "pdf.a1.icc-profiles",
    retoucher(_composantes),
)
averti(
    "liaison-entree-pdf-cmjn",
    _ENTREE,
    "écrit en couleurs d'imprimeur dans un PDF prévu pour l'écran",
    "pdf.a1.device-colours",
    contenu(b"0 0 0 1 k"),
)
averti(
    "consultation-pdf-image-lissee",
    "consultation",
    "demande au lecteur de lisser une image",
    "pdf.a1.images",
    dessin("/Subtype /Image /Interpolate true"),
)
averti(
    "fiche-soins-pdf-postscript",
    "fiche-soins",
    "joint au PDF un programme PostScript",
    "pdf.a1.no-postscript",
    dessin("/Subtype /PS"),
)
averti(
    "liaison-entree-pdf-transfert",
    _ENTREE,
    "corrige les couleurs par une fonction de transfert",
    "pdf.a1.graphics-state",
    etat("/TR /Identity"),
)
averti(
    "liaison-entree-pdf-rendu-invente",
    _ENTREE,
    "demande un mode de rendu qui n'existe pas",
    "pdf.a1.rendering-intents",
    contenu(b"/Brillant ri"),
)
averti(
    "liaison-entree-pdf-operateur-invente",
    _ENTREE,
    "emploie dans la page un opérateur qui n'existe pas",
    "pdf.a1.operators",
    contenu(b"1 0 0 tampon"),
)
averti(
    "prescription-produits-pdf-police-inconnue",
    _PRODUITS,
    "écrit avec une police d'une sorte inconnue",
    "pdf.a1.font-dictionaries",
    police("/Subtype /Type9 /BaseFont /Helvetica"),
)
averti(
    "prescription-produits-pdf-encodage-japonais",
    _PRODUITS,
    "écrit avec une police composite sans joindre sa table de caractères",
    "pdf.a1.composite-fonts",
    polices(lambda police: police.__setitem__("/Encoding", lu("/UniJIS-UCS2-H"))),
)
averti(
    "prescription-actes-pdf-police-absente",
    "prescription-actes",
    "écrit avec une police qui n'est pas jointe au PDF",
    "pdf.a1.fonts-embedded",
    police("/Subtype /Type1 /BaseFont /Helvetica"),
)
averti(
    "prescription-autres-pdf-sous-ensemble",
    "prescription-autres",
    "joint un sous-ensemble de police sans dire quels caractères il tient",
    "pdf.a1.font-subsets",
    polices(lambda police: police.DescendantFonts[0].FontDescriptor.__delitem__("/CIDSet")),
)


def _sans_encodage(pdf: Pdf) -> None:
    """A TrueType font, embedded, whose encoding is not said."""
    police = lu("<< /Type /Font /Subtype /TrueType /BaseFont /Arial /FirstChar 32 /LastChar 33 /Widths [1 2] >>")
    police["/FontDescriptor"] = lu("<< /Type /FontDescriptor /FontName /Arial /Flags 32 /FontBBox [0 0 1 1] >>")
    police.FontDescriptor["/FontFile2"] = flux(pdf, b"\x00\x01\x00\x00")
    ressource(pdf, "Font", police)
    pdf.pages[0].contents_add(flux(pdf, b"BT /Essai 12 Tf ( !) Tj ET"))


averti(
    "attestation-pdf-encodage-tu",
    "attestation-identite",
    "ne dit pas l'encodage d'une police TrueType",
    "pdf.a1.font-encodings",
    retoucher(_sans_encodage),
)
averti(
    "certificat-pdf-filigrane",
    "certificat-medical",
    "imprime un filigrane translucide",
    "pdf.a1.no-transparency",
    etat("/ca 0.5"),
)
averti(
    "liaison-entree-pdf-film",
    _ENTREE,
    "joint un film au PDF",
    "pdf.a1.annotation-types",
    lien("/Subtype /Movie /F 4"),
)
averti(
    "liaison-entree-pdf-lien-non-imprime",
    _ENTREE,
    "pose sur la page un lien qui ne s'imprime pas",
    "pdf.a1.annotation-flags",
    lien("/Subtype /Link"),
)
averti(
    "liaison-entree-pdf-programme",
    _ENTREE,
    "lance un programme depuis un lien du PDF",
    "pdf.a1.actions",
    lien("/Subtype /Link /F 4 /A << /S /Launch /F (dui.exe) >>"),
)
averti(
    "liaison-entree-pdf-declencheur",
    _ENTREE,
    "déclenche des actions à l'ouverture et à l'impression du PDF",
    "pdf.a1.no-additional-actions",
    catalogue("AA", "<< >>"),
)
averti(
    "synthese-environnementale-pdf-niveau-a",
    "synthese-environnementale",
    "annonce un PDF/A-1a dont le contenu n'est pas balisé",
    "pdf.a1.tagged",
    retoucher(_niveau_a),
)
averti(
    "prescription-produits-n1-pdf-formulaire",
    "prescription-produits-n1",
    "laisse au lecteur le soin de dessiner les champs d'un formulaire",
    "pdf.a1.forms",
    catalogue("AcroForm", "<< /NeedAppearances true /Fields [] >>"),
)
