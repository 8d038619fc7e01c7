"""Mails with one thing wrong: in the archive, in its metadata, in the attachments, in the form of the message, or hostile."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable
from datetime import UTC

from lxml import etree

from ....validation.xds import vocabulary as v
from .archive import SUBSET, zipper
from .courriel import Correspondance, Joint, attacher_archive, avec_documents, fiches_de, fichiers_de, octets, simple
from .metadonnees import metadata

Faute = Callable[[Correspondance, Joint], bytes]
METADATA = f"{SUBSET}/METADATA.XML"
DOCUMENT = f"{SUBSET}/DOC0001.XML"
_EICAR = ("X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD", "ANTIVIRUS-TEST", "FILE!$H+H*")


def eicar() -> bytes:
    """The harmless string that every antivirus recognises, assembled here so that no file of this product holds it."""
    return (_EICAR[0] + "-".join(_EICAR[1:])).encode("ascii")


def sans_entete(c: Correspondance, joint: Joint, nom: str) -> bytes:
    """Without a header."""
    mail = avec_documents(c, [joint])
    del mail[nom]
    return octets(mail)


def avec_entete(c: Correspondance, joint: Joint, nom: str, valeur: str) -> bytes:
    """With another value of a header."""
    mail = avec_documents(c, [joint])
    mail.replace_header(nom, valeur)
    return octets(mail)


def remplace(c: Correspondance, joint: Joint) -> bytes:
    """The subject says that it replaces what came before."""
    mail = avec_documents(c, [joint])
    mail.replace_header("Subject", f"[Annule et remplace] {mail['Subject']}")
    return octets(mail)


def supprime(c: Correspondance, joint: Joint) -> bytes:
    """The entry is deprecated: the document must no more be used."""
    fichiers = fichiers_de(c, [joint])
    fichiers[METADATA] = fichiers[METADATA].replace(b"StatusType:Approved", b"StatusType:Deprecated")
    return _avec_archive(c, joint, zipper(fichiers))


def metadonnees_d_un_autre(c: Correspondance, joint: Joint, autre: Joint) -> bytes:
    """The metadata name the other person."""
    fichiers = fichiers_de(c, [joint])
    wrong, right = fiches_de([autre])[0].patient, fiches_de([joint])[0].patient
    fichiers[METADATA] = fichiers[METADATA].replace(_xml(right), _xml(wrong))
    return _avec_archive(c, joint, zipper(fichiers))


def deux_usagers(c: Correspondance, joint: Joint, autre: Joint) -> bytes:
    """Documents of two persons."""
    return octets(avec_documents(c, [joint, autre]))


def _xml(texte: str) -> bytes:
    return texte.replace("&", "&amp;").encode()


def _avec_archive(c: Correspondance, joint: Joint, archive: bytes) -> bytes:
    """The mail of a document, around another archive."""
    mail = avec_documents(c, [joint])
    for part in mail.iter_attachments():
        if part.get_filename() == "IHE_XDM.ZIP":
            part.set_content(archive, maintype="application", subtype="zip", filename="IHE_XDM.ZIP")
    return octets(mail)


def _fichiers(changer: Callable[[dict[str, bytes]], None]) -> Faute:
    """A change of the files of the archive."""

    def faute(c: Correspondance, joint: Joint) -> bytes:
        fichiers = fichiers_de(c, [joint])
        changer(fichiers)
        return _avec_archive(c, joint, zipper(fichiers))

    return faute


def _metadonnees(changer: Callable[[etree._Element], None]) -> Faute:
    """A change of METADATA.XML."""

    def change(fichiers: dict[str, bytes]) -> None:
        racine = etree.fromstring(fichiers[METADATA])
        changer(racine)
        fichiers[METADATA] = etree.tostring(racine, xml_declaration=True, encoding="UTF-8")

    return _fichiers(change)


def _valeur(slot: str, texte: str) -> Faute:
    def change(racine: etree._Element) -> None:
        chemin = f".//{{{v.RIM}}}ExtrinsicObject/{{{v.RIM}}}Slot[@name='{slot}']//{{{v.RIM}}}Value"
        for element in racine.iterfind(chemin):
            element.text = texte

    return _metadonnees(change)


def _archive(fabriquer: Callable[[bytes], bytes]) -> Faute:
    """A change of the bytes of the archive."""
    return lambda c, joint: _avec_archive(c, joint, fabriquer(zipper(fichiers_de(c, [joint]))))


def _ajoute(archive: bytes, nom: str, contenu: bytes, *, attributs: int = 0) -> bytes:
    tampon = io.BytesIO(archive)
    with zipfile.ZipFile(tampon, "a", zipfile.ZIP_DEFLATED) as ouverte:
        info = zipfile.ZipInfo(nom, (2026, 1, 2, 3, 4, 6))
        info.external_attr, info.compress_type = attributs, zipfile.ZIP_DEFLATED
        ouverte.writestr(info, contenu)
    return tampon.getvalue()


def _bombe(archive: bytes) -> bytes:
    """8 MiB of zeros in 8 kB: a thousand times its size, and yet light to make."""
    return _ajoute(archive, f"{SUBSET}/DOC0002.XML", bytes(8 * 1024 * 1024))


def _sans_pdf(c: Correspondance, joint: Joint) -> bytes:
    return octets(avec_documents(c, [Joint(joint.cda)]))


def pdf_d_un_autre(c: Correspondance, joint: Joint, autre: Joint) -> bytes:
    """The paper form of another document."""
    return octets(avec_documents(c, [Joint(joint.cda, autre.pdf)]))


def _sans_archive(c: Correspondance, joint: Joint) -> bytes:
    mail = avec_documents(c, [joint])
    parts = [p for p in mail.get_payload() if p.get_filename() != "IHE_XDM.ZIP"]  # type: ignore[union-attr]
    mail.set_payload(parts)
    return octets(mail)


def _deux_archives(c: Correspondance, joint: Joint) -> bytes:
    mail = avec_documents(c, [joint])
    attacher_archive(mail, zipper(fichiers_de(c, [joint])))
    return octets(mail)


def _eicar_joint(c: Correspondance, joint: Joint) -> bytes:
    mail = simple(c, "Resultat", "Bonjour,\n\nVoici la pièce demandée.\n")
    mail.add_attachment(eicar(), maintype="application", subtype="octet-stream", filename="eicar.com")
    return octets(mail)


def _imbrique(c: Correspondance, joint: Joint) -> bytes:
    lignes = [b"Content-Type: text/plain", b"", b"fond", b""]
    for niveau in range(60):
        marque = b"n%d" % niveau
        lignes = [
            b'Content-Type: multipart/mixed; boundary="' + marque + b'"',
            b"",
            b"--" + marque,
            *lignes,
            b"--" + marque + b"--",
            b"",
        ]
    tete = octets(simple(c, "Question", "")).partition(b"Content-Type:")[0]
    return tete + b"\r\n".join(lignes)


def _sans_fin(c: Correspondance, joint: Joint) -> bytes:
    data = octets(avec_documents(c, [joint])).rstrip()
    return data[: data.rindex(b"\r\n")] + b"\r\n"


def _base64_abime(c: Correspondance, joint: Joint) -> bytes:
    data = octets(avec_documents(c, [joint]))
    debut = data.index(b"UEsD")
    return data[:debut] + data[debut:].replace(b"\r\n", b"!\r\n", 1)


def _latin1(c: Correspondance, joint: Joint) -> bytes:
    data = octets(simple(c, "Question", "ICI"))
    corps = b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n"
    corps += b"\r\nD\xe9j\xe0 re\xe7u ?\r\n"
    return data.partition(b"Content-Type:")[0] + corps


def _injection(c: Correspondance, joint: Joint) -> bytes:
    data = octets(simple(c, "Question", "Bonjour,\n\nUne question.\n"))
    return data.replace(b"Subject: Question", b"Subject: Question\rBcc: <autre@ailleurs.fr>", 1)


def _retire(chemin: str) -> Callable[[dict[str, bytes]], None]:
    def change(fichiers: dict[str, bytes]) -> None:
        del fichiers[chemin]

    return change


def _tronque(fichiers: dict[str, bytes]) -> None:
    fichiers[METADATA] = fichiers[METADATA][: len(fichiers[METADATA]) // 2]


def _document_change(fichiers: dict[str, bytes]) -> None:
    fichiers[DOCUMENT] += b"\n"


def _lot_refait(c: Correspondance, joint: Joint) -> bytes:
    """Metadata of a document that the archive does not hold, beside that which it holds."""
    fichiers = fichiers_de(c, [joint])
    soumis = f"{c.le.astimezone(UTC):%Y%m%d%H%M%S}"
    fichiers[METADATA] = metadata(fiches_de([joint, joint]), lot=c.oid("lot"), soumis_le=soumis)
    return _avec_archive(c, joint, zipper(fichiers))


FAUTES: tuple[tuple[str, str, Faute], ...] = (
    ("empreinte-fausse", "une empreinte qui n'est pas celle du document", _valeur("hash", "0" * 40)),
    ("taille-fausse", "une taille qui n'est pas celle du document", _valeur("size", "12")),
    ("document-change", "un document modifié après le calcul de son empreinte", _fichiers(_document_change)),
    ("uri-perdue", "une fiche dont l'URI ne mène à aucun fichier", _valeur("URI", "DOC0009.XML")),
    ("fiche-en-trop", "une fiche pour un document absent de l'archive", _lot_refait),
    ("metadata-absente", "une archive sans METADATA.XML", _fichiers(_retire(METADATA))),
    ("metadata-tronquee", "un METADATA.XML coupé au milieu", _fichiers(_tronque)),
    ("document-absent", "une archive sans le document", _fichiers(_retire(DOCUMENT))),
    ("sans-readme", "une archive sans README.TXT", _fichiers(_retire("README.TXT"))),
    ("archive-tronquee", "une archive coupée au milieu", _archive(lambda octets: octets[: len(octets) // 2])),
    ("archive-vide", "une archive sans aucun fichier", lambda c, joint: _avec_archive(c, joint, zipper({}))),
    ("pas-une-archive", "un texte sous le nom de l'archive", _archive(lambda octets: b"ceci n'est pas une archive")),
    ("zip-slip", "un chemin qui remonte au-dessus du dossier", _archive(lambda o: _ajoute(o, "../../autre/dehors.txt", b"x"))),
    ("chemin-absolu", "un chemin absolu dans l'archive", _archive(lambda o: _ajoute(o, "/etc/dehors.txt", b"x"))),
    ("chemin-windows", "un chemin Windows dans l'archive", _archive(lambda o: _ajoute(o, "C:\\dehors.txt", b"x"))),
    (
        "lien-symbolique",
        "un lien symbolique dans l'archive",
        _archive(lambda o: _ajoute(o, f"{SUBSET}/LIEN.TXT", b"/etc/passwd", attributs=(stat.S_IFLNK | 0o777) << 16)),
    ),
    ("bombe-zip", "un fichier de l'archive qui enfle mille fois", _archive(_bombe)),
    (
        "trop-de-fichiers",
        "plus de mille fichiers dans l'archive",
        lambda c, j: _avec_archive(c, j, zipper({f"F{n}": b"" for n in range(1500)})),
    ),
    ("pdf-absent", "l'archive sans le PDF du document", _sans_pdf),
    ("sans-archive", "l'objet d'un message à document, sans archive", _sans_archive),
    ("deux-archives", "deux archives IHE_XDM.ZIP dans un message", _deux_archives),
    ("eicar", "la chaîne d'essai des antivirus en pièce jointe (sans danger)", _eicar_joint),
    (
        "eicar-archive",
        "la chaîne d'essai des antivirus dans l'archive",
        _archive(lambda o: _ajoute(o, f"{SUBSET}/EICAR.COM", eicar())),
    ),
    ("imbrication", "soixante parties MIME emboîtées", _imbrique),
    ("frontiere-absente", "un message coupé avant sa dernière frontière", _sans_fin),
    ("base64-abime", "une pièce jointe dont le base64 est abîmé", _base64_abime),
    ("latin-1", "un corps en ISO-8859-1", _latin1),
    ("entete-injecte", "un retour chariot caché dans un en-tête", _injection),
)
