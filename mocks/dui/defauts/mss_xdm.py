"""Defects of what mails carry: the archive, its metadata, the PDF beside it."""

from __future__ import annotations

import re
from email.message import EmailMessage
from functools import partial

from lxml import etree

from ..alterations import Alteration, Couture
from ..mss_xdm import LOT
from . import registre
from .chemins import classement, code, identifiant, libelle, slot, systeme, valeur
from .mss_courriels import contenu, courriel, piece, pieces
from .registre import AVERTISSEMENT, NON_CONFORME
from .retouches import attribuer, doubler, ecrire, retirer

defaut = partial(registre.defaut, theme="xdm")
FICHE = "//rim:ExtrinsicObject[@id='Document01']"
ENSEMBLE = "//rim:RegistryPackage"
MEMBRE = "//rim:Association[contains(@associationType, 'HasMember')]"
_XDM = ("MSS-09",)
_Fichiers = dict[str, bytes]


def _archive(nom: str, description: str, check: str, alteration: Alteration, *, effet: str = NON_CONFORME) -> None:
    defaut(f"mss-{nom}", description, (Couture.XDM, alteration), check=f"mss.xdm.{check}", exigences=_XDM, effet=effet)


def _ajoute(chemin: str, octets: bytes) -> Alteration:
    def ajouter(fichiers: _Fichiers) -> None:
        fichiers[chemin] = octets

    return ajouter


def _change(chemin: str, changer: Alteration) -> Alteration:
    def alterer(fichiers: _Fichiers) -> None:
        fichiers[chemin] = changer(fichiers[chemin])

    return alterer


def _sans(chemin: str) -> Alteration:
    def oublier(fichiers: _Fichiers) -> None:
        del fichiers[chemin]

    return oublier


_archive(
    "archive-qui-enfle",
    "joint un fichier qui enfle mille fois à la décompression",
    "readable",
    _ajoute(f"{LOT}/ECRAN.TIF", bytes(4 << 20)),
)
_archive("archive-qui-deborde", "range un fichier par un chemin qui remonte", "safe-paths", _ajoute("../NOTE.TXT", b"note"))
_archive("archive-sans-readme", "oublie README.TXT", "tree", _sans("README.TXT"))
_archive("archive-sans-index", "oublie INDEX.HTM", "tree", _sans("INDEX.HTM"))
_archive(
    "archive-nom-long",
    "nomme un fichier de l'archive en minuscules",
    "names",
    _ajoute(f"{LOT}/feuille-de-style.xsl", b"<x/>"),
    effet=AVERTISSEMENT,
)
_archive("archive-hors-lot", "range un fichier sous IHE_XDM, hors d'un lot", "subsets", _ajoute("IHE_XDM/NOTE.TXT", b"note"))
_archive(
    "document-sans-fiche", "ajoute au lot un document sans fiche", "described-files", _ajoute(f"{LOT}/DOC0009.DAT", b"donnees")
)
_archive("readme-vide", "laisse README.TXT vide", "readme", _change("README.TXT", lambda _: b""))
_archive(
    "index-sans-liens",
    "oublie les documents dans INDEX.HTM",
    "index",
    _change("INDEX.HTM", lambda o: re.sub(rb"<ul>.*</ul>", b"", o, flags=re.DOTALL)),
)
_archive(
    "index-lien-perdu",
    "écrit dans INDEX.HTM un lien vers le poste",
    "index-links",
    _change("INDEX.HTM", lambda o: o.replace(b"<ul>", b'<p><a href="file:///C:/DUI/AIDE.HTM">Aide</a></p><ul>')),
)
_archive(
    "document-remplace-par-du-html",
    "range une page HTML à la place du document",
    "document",
    _change(f"{LOT}/DOC0001.XML", lambda _: b"<html/>"),
)


def _metadonnees(nom: str, description: str, check: str, alteration: Alteration, *, effet: str = NON_CONFORME) -> None:
    rang = check if "." in check else f"mss.metadata.{check}"
    defaut(f"mss-{nom}", description, (Couture.METADONNEES, alteration), check=rang, exigences=_XDM, effet=effet)


def _autre_racine(racine: etree._Element) -> None:
    racine.tag = "{urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0}SubmitObjectsRequest"


_metadonnees("metadonnees-d-une-autre-forme", "écrit METADATA.XML dans un autre espace de noms", "readable", _autre_racine)
_metadonnees("fiche-double", "écrit deux fois la fiche du document", "entry-per-document", doubler(FICHE))
_metadonnees("uri-fausse", "donne dans la fiche un autre nom de fichier", "uri", ecrire(valeur(FICHE, "URI"), "DOCUMENT1.XML"))
_metadonnees(
    "empreinte-d-un-autre", "calcule l'empreinte d'une autre version du document", "hash", ecrire(valeur(FICHE, "hash"), "a" * 40)
)
_metadonnees(
    "taille-en-ko", "écrit la taille en kilo-octets", "size", ecrire(valeur(FICHE, "size"), lambda t: str(int(t) // 1024))
)
_metadonnees(
    "identifiant-local",
    "donne au document un identifiant local dans la fiche",
    "unique-id",
    attribuer(identifiant(FICHE, "uniqueId"), "value", "1.2.250.1.999.1.1.4"),
)
_metadonnees(
    "patient-sans-type",
    "écrit le patientId sans son type NH",
    "patient-id",
    attribuer(identifiant(FICHE, "patientId"), "value", lambda v: v.removesuffix("^NH")),
)
_metadonnees(
    "lot-d-un-autre",
    "met dans le lot le patient du message précédent",
    "set-patient",
    attribuer(identifiant(ENSEMBLE, "patientId"), "value", "150025513968816^^^&1.2.250.1.213.1.4.10&ISO^NH"),
)
_metadonnees(
    "fiche-a-la-demande",
    "déclare le document comme fait à la demande",
    "object",
    attribuer(FICHE, "objectType", "urn:uuid:34268e47-fdf5-41a6-ba33-82133c465248"),
)
_metadonnees("fiche-hors-lot", "oublie de rattacher la fiche au lot", "association", retirer(MEMBRE))
_metadonnees(
    "rattachement-sans-statut",
    "rattache la fiche au lot sans statut",
    "association",
    retirer(slot(MEMBRE, "SubmissionSetStatus")),
)
_metadonnees("lot-sans-auteur", "oublie l'auteur du lot", "xds.submission.author", retirer(classement(ENSEMBLE, "author")))
_metadonnees(
    "titre-de-la-fiche",
    "donne à la fiche un autre titre que celui du document",
    "xds.cda.title",
    attribuer(libelle(FICHE), "value", "Document"),
)
_metadonnees(
    "type-sans-systeme",
    "donne le type du document sous un système local",
    "xds.entry.type-code",
    systeme(FICHE, "typeCode", "1.2.250.1.999.7"),
)
_metadonnees("classe-autre", "classe le document autrement que son type", "xds.cda.class-code", code(FICHE, "classCode", "44"))
_metadonnees(
    "confidentialite-autre",
    "écrit une autre confidentialité que celle du document",
    "xds.cda.confidentiality",
    code(FICHE, "confidentialityCode", "R"),
)
_metadonnees(
    "creation-locale",
    "écrit la date de création en heure locale décalée",
    "xds.cda.creation-time",
    ecrire(valeur(FICHE, "creationTime"), "20200101000000"),
)
_metadonnees(
    "fiche-sans-responsable",
    "oublie le responsable du document dans la fiche",
    "xds.entry.legal-authenticator",
    retirer(slot(FICHE, "legalAuthenticator")),
)


def _joint(nom: str, description: str, check: str, alteration: Alteration, *, effet: str = NON_CONFORME) -> None:
    defaut(f"mss-{nom}", description, (Couture.COURRIEL, alteration), check=f"mss.pieces.{check}", exigences=_XDM, effet=effet)


def _renommer(nom: str) -> Alteration:
    def renommer(partie: EmailMessage) -> None:
        del partie["Content-Disposition"]
        partie.add_header("Content-Disposition", "attachment", filename=nom)

    return renommer


def _sans_pdf(parties: list[EmailMessage]) -> list[EmailMessage]:
    return [p for p in parties if not (p.get_filename() or "").endswith(".pdf")]


_joint("deux-archives", "joint deux fois l'archive", "archive", pieces(lambda p: [*p, p[1]]))
_joint("archive-mal-nommee", "nomme l'archive à sa façon", "archive-form", piece("IHE_XDM.ZIP", _renommer("DOCUMENTS.ZIP")))
_joint("pdf-oublie", "ne joint pas le PDF du document", "pdf-twin", pieces(_sans_pdf))
_joint(
    "pdf-en-octets",
    "joint le PDF comme un fichier quelconque",
    "pdf-type",
    piece(".pdf", lambda p: p.replace_header("Content-Type", "application/octet-stream")),
)
_joint(
    "pdf-pas-a1",
    "joint un PDF qui n'est pas déclaré PDF/A-1",
    "pdf-a1",
    contenu(".pdf", lambda o: re.sub(rb"pdfaid:part>1<", b"pdfaid:part>2<", re.sub(rb'pdfaid:part="1"', b'pdfaid:part="2"', o))),
)
_joint("pdf-nomme-document", "nomme le PDF document.pdf", "pdf-name", piece(".pdf", _renommer("document.pdf")))
_joint(
    "pdf-date-du-jour",
    "date le nom du PDF du jour de l'envoi",
    "pdf-name-values",
    piece(".pdf", lambda p: _renommer("19990101" + (p.get_filename() or "")[8:])(p)),
)
_joint(
    "pdf-refait",
    "refait le PDF au lieu de joindre celui du document",
    "pdf-same-bytes",
    contenu(".pdf", lambda o: o.replace(b"%PDF-1.4\n", b"%PDF-1.4\r\n"[:-2] + b"\n%\n"[:-2], 1) + b"\n"),
)


def _second_usager(fichiers: _Fichiers) -> None:
    """The second document of the archive becomes someone else's."""
    nom = f"{LOT}/DOC0002.XML"
    if nom in fichiers:
        fichiers[nom] = re.sub(
            rb'(root="1\.2\.250\.1\.213\.1\.4\.10" extension=)"[0-9AB]{15}"', rb'\1"150025513968816"', fichiers[nom]
        )


defaut(
    "mss-deux-usagers",
    "joint le document d'un autre usager",
    (Couture.XDM, _second_usager),
    check="mss.pieces.one-patient",
    exigences=_XDM,
)

_USAGER = ("MSS-10",)
defaut(
    "mss-usager-adresse-sans-cle",
    "écrit l'adresse de l'usager sans la clé de son matricule",
    (Couture.COURRIEL, courriel(lambda m: _vers(m, lambda a: a[:13]))),
    check="mss.usager.address",
    exigences=_USAGER,
)
defaut(
    "mss-usager-autre-adresse",
    "écrit au patient du dossier précédent",
    (Couture.COURRIEL, courriel(lambda m: _vers(m, lambda _: "150025513968816"))),
    check="mss.usager.same-patient",
    exigences=_USAGER,
)
defaut(
    "mss-deux-usagers-destinataires",
    "écrit à deux usagers dans un message",
    (
        Couture.COURRIEL,
        courriel(lambda m: m.add_header("Cc", "150025513968816@patient.mssante.fr") if "@patient." in m["To"] else None),
    ),
    check="mss.usager.alone",
    exigences=_USAGER,
    effet=AVERTISSEMENT,
)


def _vers(message: EmailMessage, changer: Alteration) -> None:
    local, _, domaine = str(message["To"]).partition("@")
    if domaine.startswith("patient."):
        message.replace_header("To", f"{changer(local)}@{domaine}")
