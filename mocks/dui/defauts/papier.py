"""Defects of the paper form: what is printed is not what the record and the document say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from ..alterations import Alteration, Couture
from ..documents.pdf import Ligne, Papier
from . import registre
from .registre import AVERTISSEMENT, NON_CONFORME

defaut = partial(registre.defaut, theme="papier")

_INS, _ORDONNANCE, _COPIE = ("INS-20",), ("ON-05",), ("CDA-03",)
Changement = Callable[[str], str]


def _papier(nom: str, description: str, check: str, exigences: tuple[str, ...], alteration: Alteration, effet: str) -> None:
    defaut(f"papier-{nom}", description, (Couture.PAPIER, alteration), check=check, exigences=exigences, effet=effet)


def _lignes(lignes: tuple[Ligne, ...], libelle: str, change: Changement) -> tuple[Ligne, ...]:
    return tuple((nom, change(valeur)) if nom == libelle else (nom, valeur) for nom, valeur in lignes)


def identite(libelle: str, change: Changement) -> Alteration:
    """Change a value of the identity block."""

    def imprimer(papier: Papier) -> Papier:
        return replace(papier, identite=_lignes(papier.identite, libelle, change))

    return imprimer


def sans(*libelles: str) -> Alteration:
    """Leave lines of the identity block out."""

    def imprimer(papier: Papier) -> Papier:
        return replace(papier, identite=tuple(ligne for ligne in papier.identite if ligne[0] not in libelles))

    return imprimer


def references(change: Changement, *libelles: str) -> Alteration:
    """Change values of the block that says who wrote, when and where."""

    def imprimer(papier: Papier) -> Papier:
        for libelle in libelles:
            papier = replace(papier, references=_lignes(papier.references, libelle, change))
        return papier

    return imprimer


def datamatrix(change: Changement) -> Alteration:
    def imprimer(papier: Papier) -> Papier:
        return replace(papier, datamatrix=change(papier.datamatrix) if papier.datamatrix else "")

    return imprimer


def qr(change: Changement) -> Alteration:
    def imprimer(papier: Papier) -> Papier:
        return replace(papier, qr=change(papier.qr) if papier.qr else "")

    return imprimer


def champ(nom: str, valeur: str) -> Changement:
    """Give another value to a field of the QR code."""

    def changer(contenu: str) -> str:
        champs = (champ.partition("=") for champ in contenu.split(";"))
        return ";".join(f"{nom}={valeur}" if cle == nom else f"{cle}{egal}{reste}" for cle, egal, reste in champs)

    return changer


def _autre_jour(jour: str) -> str:
    return f"31{jour[2:]}" if jour[:2] != "31" else f"01{jour[2:]}"


_papier(
    "sans-datamatrix",
    "imprime une identité qualifiée sans son datamatrix INS",
    "ins.papier.datamatrix-present",
    _INS,
    datamatrix(lambda contenu: ""),
    NON_CONFORME,
)
_papier(
    "datamatrix-sans-oid",
    "laisse l'OID hors du datamatrix INS",
    "ins.papier.datamatrix-format",
    _INS,
    datamatrix(lambda contenu: contenu.replace("S21.2.250.1.213.1.4.10", "", 1)),
    NON_CONFORME,
)
_papier(
    "datamatrix-d-un-autre",
    "imprime le datamatrix INS d'un autre usager",
    "ins.papier.datamatrix-identity",
    _INS,
    datamatrix(lambda contenu: contenu.replace("S4", "S4AUTRE-", 1)),
    NON_CONFORME,
)
_papier(
    "sans-matricule",
    "imprime une identité qualifiée sans son matricule INS",
    "ins.papier.matricule",
    _INS,
    sans("Matricule INS"),
    NON_CONFORME,
)
_papier(
    "sans-nature",
    "imprime le matricule INS sans dire si c'est un NIR ou un NIA",
    "ins.papier.nature",
    _INS,
    sans("Nature de l'INS"),
    NON_CONFORME,
)
_papier(
    "autre-naissance",
    "imprime une autre date de naissance que celle du dossier",
    "ins.papier.date",
    _INS,
    identite("Date de naissance", _autre_jour),
    NON_CONFORME,
)
_papier(
    "sans-sexe",
    "imprime l'identité sans le sexe",
    "ins.papier.sexe",
    _INS,
    sans("Sexe"),
    NON_CONFORME,
)
_papier(
    "sans-qr",
    "imprime une ordonnance sans son QR code",
    "ordonnance.qr.present",
    _ORDONNANCE,
    qr(lambda contenu: ""),
    NON_CONFORME,
)
_papier(
    "qr-autre-rpps",
    "met dans le QR code de l'ordonnance le RPPS d'un autre médecin",
    "ordonnance.qr.contient-prescripteur",
    _ORDONNANCE,
    qr(champ("rpps", "10000000000")),
    AVERTISSEMENT,
)
_papier(
    "qr-sans-naissance",
    "laisse la date de naissance hors du QR code de l'ordonnance",
    "ordonnance.qr.contient-patient",
    _ORDONNANCE,
    qr(champ("naissance", "")),
    AVERTISSEMENT,
)
_papier(
    "autre-titre",
    "donne au PDF un autre titre que celui du document",
    "cda.pdf.title",
    _COPIE,
    lambda papier: replace(papier, titre="Document"),
    NON_CONFORME,
)
_papier(
    "autre-auteur",
    "imprime un autre auteur que celui du document",
    "cda.pdf.author",
    _COPIE,
    references(lambda auteur: "Équipe soignante", "Auteur"),
    NON_CONFORME,
)
_papier(
    "autre-date",
    "imprime d'autres dates que celles du document et de l'acte",
    "cda.pdf.document-date",
    _COPIE,
    references(lambda date: f"{date[:6]}1999", "Date du document", "Date de l'acte"),
    NON_CONFORME,
)
