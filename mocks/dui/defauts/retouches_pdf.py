"""Ways to touch up a PDF: each makes an alteration that gives other bytes. Objects are written in PDF syntax."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..alterations import Alteration

if TYPE_CHECKING:
    from pikepdf import Pdf


def retoucher(change: Callable[[Pdf], object], **options: Any) -> Alteration:
    """Change the objects of the file; ``options`` are those of pikepdf when it writes."""

    def alterer(octets: bytes) -> bytes:
        import pikepdf

        ecrit = io.BytesIO()
        with pikepdf.open(io.BytesIO(octets)) as pdf:
            change(pdf)
            clair: Any = pikepdf.ObjectStreamMode.disable
            pdf.save(ecrit, **({"object_stream_mode": clair, "fix_metadata_version": False, "static_id": True} | options))
        return ecrit.getvalue()

    return alterer


def remplacer(ancien: bytes, nouveau: bytes) -> Alteration:
    """Change bytes of the file, once."""
    return lambda octets: octets.replace(ancien, nouveau, 1)


def lu(objet: str) -> Any:
    """An object from PDF syntax."""
    import pikepdf

    return pikepdf.Object.parse(objet.encode("latin-1"))


def flux(pdf: Pdf, octets: bytes, cles: str = "") -> Any:
    """A stream of the file with these keys, in PDF syntax."""
    import pikepdf

    ajoute = pikepdf.Stream(pdf, octets)
    for cle, valeur in lu(f"<< {cles} >>").items():
        ajoute[cle] = valeur
    return pdf.make_indirect(ajoute)


def ressource(pdf: Pdf, sorte: str, objet: Any) -> None:
    """Give the first page a resource of this sort."""
    ressources = pdf.pages[0].Resources
    if f"/{sorte}" not in ressources:
        ressources[f"/{sorte}"] = lu("<< >>")
    ressources[f"/{sorte}"]["/Essai"] = objet


def catalogue(cle: str, valeur: str) -> Alteration:
    """Give the catalogue an entry."""
    return retoucher(lambda pdf: pdf.Root.__setitem__(f"/{cle}", lu(valeur)))


def contenu(operateurs: bytes) -> Alteration:
    """Add operators to the first page."""
    return retoucher(lambda pdf: pdf.pages[0].contents_add(flux(pdf, operateurs)))


def metadonnees(ancien: bytes, nouveau: bytes) -> Alteration:
    """Change the XMP packet."""
    return retoucher(lambda pdf: pdf.Root.Metadata.write(pdf.Root.Metadata.read_bytes().replace(ancien, nouveau)))


def etat(cles: str) -> Alteration:
    """Give the first page a graphics state."""
    return retoucher(lambda pdf: ressource(pdf, "ExtGState", lu(f"<< /Type /ExtGState {cles} >>")))


def dessin(cles: str) -> Alteration:
    """Give the first page one XObject that nothing draws."""
    return retoucher(lambda pdf: ressource(pdf, "XObject", flux(pdf, b"", cles)))


def lien(cles: str) -> Alteration:
    """Put one annotation on the first page."""

    def changer(pdf: Pdf) -> None:
        pdf.pages[0]["/Annots"] = lu(f"[ << /Type /Annot /Rect [10 10 50 20] {cles} >> ]")

    return retoucher(changer)


def police(cles: str) -> Alteration:
    """Write a word in one more font."""

    def changer(pdf: Pdf) -> None:
        ressource(pdf, "Font", lu(f"<< /Type /Font {cles} >>"))
        pdf.pages[0].contents_add(flux(pdf, b"BT /Essai 12 Tf ( !) Tj ET"))

    return retoucher(changer)


def polices(change: Callable[[Any], object]) -> Alteration:
    """Change every font of the first page."""

    def changer(pdf: Pdf) -> None:
        for police in pdf.pages[0].Resources.Font.values():
            change(police)

    return retoucher(changer)


def filtre(nom: str) -> Alteration:
    """Add a stream under this filter."""

    def changer(pdf: Pdf) -> None:
        ajoute = flux(pdf, b"")
        ajoute.write(b"\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01", filter=lu(f"/{nom}"))
        pdf.Root["/Piece"] = ajoute

    return retoucher(changer, compress_streams=False)
