"""The paper form of a document: a PDF/A-1b that says for whom, by whom, when and what, as its CDA form does."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources

import typst
from lxml import etree

from ..alterations import Couture
from ..horloge import FUSEAU
from . import codes_2d, datamatrix_ins, qr_ordonnance
from .entete import Entete

OID_NIA = "1.2.250.1.213.1.4.9"
HL7 = {"h": "urn:hl7-org:v3"}
_SEXES = {"F": "Féminin", "M": "Masculin"}
_RECIT = {nom: f"{{urn:hl7-org:v3}}{nom}" for nom in ("table", "tr", "th", "td", "list", "item", "paragraph")}
_SANS_GLYPHE = re.compile(
    "[^\n -~\u00a0-\u00ac\u00ae-\u024f\u0391-\u03a1\u03a3-\u03ff\u0400-\u04ff\u1e00-\u1eff\u2010-\u2027\u202f-\u2040\u20ac"
    "\u2190-\u2193\u2260-\u2265]"
)
"""What the fonts carried by typst cannot draw: PDF/A refuses a document that holds one."""

Ligne = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bloc:
    """A titled part of a document: paragraphs (text) and tables (lines of cells), in their order."""

    titre: str
    parties: tuple[str | tuple[Ligne, ...], ...]


@dataclass(frozen=True, slots=True)
class Papier:
    """All that is printed. ``identite`` and ``references`` are lines of a label and a value; ``datamatrix`` and ``qr`` are
    the characters of the codes, empty when there is none; ``mention`` is what is printed under the first."""

    titre: str
    type: str
    auteur: str
    ecrit_le: datetime
    identite: tuple[Ligne, ...]
    references: tuple[Ligne, ...]
    blocs: tuple[Bloc, ...]
    datamatrix: str = ""
    qr: str = ""
    mention: str = "INS à scanner"


def imprimer(entete: Entete, blocs: Sequence[Bloc], *, ordonnance: bool = False) -> bytes:
    """The PDF/A-1b of this header and these parts; an ordonnance bears its QR code. The same content gives the same bytes."""
    papier = Papier(
        titre=entete.modele.titre,
        type=entete.modele.code.libelle,
        auteur=_nom_auteur(entete),
        ecrit_le=entete.ecrit_le,
        identite=_identite(entete),
        references=_references(entete),
        blocs=tuple(blocs),
        datamatrix=_datamatrix(entete),
        qr=qr_ordonnance.contenu(entete) if ordonnance else "",
    )
    retouche = entete.alterations.passer(Couture.PAPIER, papier)
    return entete.alterations.passer(Couture.PDF, composer(retouche))


def composer(papier: Papier) -> bytes:
    """Typeset; raises ``ValueError`` when the page cannot be made."""
    jour = papier.ecrit_le.astimezone(FUSEAU)
    contenu = asdict(papier) | {
        "date": [jour.year, jour.month, jour.day],
        "ecrit_le": "",
        "pied": f"{papier.titre} - {papier.identite[0][1]}",
        "datamatrix": codes_2d.datamatrix(papier.datamatrix) if papier.datamatrix else "",
        "qr": codes_2d.qr(papier.qr) if papier.qr else "",
    }
    texte = _SANS_GLYPHE.sub("?", json.dumps(contenu, ensure_ascii=False))
    fait = typst.compile(
        _gabarit(),
        format="pdf",
        sys_inputs={"contenu": texte},
        pdf_standards="a-1b",
        ignore_system_fonts=True,
        timestamp=int(papier.ecrit_le.timestamp()),
    )
    if not isinstance(fait, bytes):
        raise ValueError("le PDF n'a pas pu être composé")
    return fait


def blocs_du_recit(racine: etree._Element) -> tuple[Bloc, ...]:
    """The titled narrative of each section of a structured document (or of a part of one), as the reader sees it."""
    return tuple(
        Bloc(section.findtext("h:title", "", HL7), _parties(section.find("h:text", HL7)))
        for section in racine.iter("{urn:hl7-org:v3}section")
    )


@cache
def _gabarit() -> bytes:
    return (resources.files(__package__) / "gabarits" / "papier.typ").read_bytes()


def _nom_auteur(entete: Entete) -> str:
    return f"{entete.auteur.prenom} {entete.auteur.nom}".strip()


def _identite(entete: Entete) -> tuple[Ligne, ...]:
    """The traits of the INS, and the INS itself with its nature when it may be diffused."""
    identite, traits = entete.dossier.identite, entete.dossier.identite.traits
    lignes = [
        ("Nom de naissance", traits.nom_naissance),
        ("Premier prénom de naissance", traits.prenoms[0]),
        ("Prénoms de naissance", " ".join(traits.prenoms)),
        ("Date de naissance", _jour(traits.date_naissance)),
        ("Sexe", _SEXES.get(traits.sexe, "Inconnu")),
        ("Lieu de naissance (code COG)", traits.lieu_naissance),
    ]
    if entete.dossier.nom_utilise:
        lignes.insert(3, ("Nom utilisé", entete.dossier.nom_utilise))
    if identite.diffusable and identite.ins:
        nature = "INS-NIA" if identite.ins.oid == OID_NIA else "INS-NIR"
        lignes += [("Matricule INS", identite.ins.complet), ("Nature de l'INS", nature)]
    return tuple(lignes)


def _references(entete: Entete) -> tuple[Ligne, ...]:
    auteur = entete.auteur
    return (
        ("Date du document", _instant(entete.ecrit_le)),
        ("Date de l'acte", _instant(entete.acte_le)),
        ("Auteur", f"{_nom_auteur(entete)}, {auteur.libelle_profession}"),
        ("RPPS", auteur.id_nat.removeprefix("8")),
        ("Structure", f"{entete.structure.nom} (FINESS {entete.structure.finess_ej})"),
        ("Identifiant du document", entete.uid),
    )


def _datamatrix(entete: Entete) -> str:
    identite = entete.dossier.identite
    return datamatrix_ins.contenu(identite.ins, identite.traits) if identite.diffusable and identite.ins else ""


def _jour(iso: str) -> str:
    """``15/05/1960``; a date with unknown parts keeps them."""
    annee, mois, jour = iso.split("-")
    return f"{jour}/{mois}/{annee}"


def _instant(instant: datetime | date) -> str:
    if isinstance(instant, datetime):
        return instant.astimezone(FUSEAU).strftime("%d/%m/%Y %H:%M")
    return instant.strftime("%d/%m/%Y")


def _parties(texte: etree._Element | None) -> tuple[str | tuple[Ligne, ...], ...]:
    if texte is None:
        return ()
    parties: list[str | tuple[Ligne, ...]] = [_mots(texte.text)] if _mots(texte.text) else []
    for enfant in texte:
        if enfant.tag == _RECIT["table"]:
            parties.append(_lignes(enfant))
        elif enfant.tag == _RECIT["list"]:
            parties += [f"- {_tout(element)}" for element in enfant.iter(_RECIT["item"])]
        elif _tout(enfant):
            parties.append(_tout(enfant))
        if _mots(enfant.tail):
            parties.append(_mots(enfant.tail))
    return tuple(partie for partie in parties if partie)


def _lignes(table: etree._Element) -> tuple[Ligne, ...]:
    return tuple(
        tuple(_tout(cellule) for cellule in ligne if cellule.tag in (_RECIT["th"], _RECIT["td"]))
        for ligne in table.iter(_RECIT["tr"])
    )


def _tout(element: etree._Element) -> str:
    return _mots(" ".join(str(morceau) for morceau in element.itertext()))


def _mots(texte: str | None) -> str:
    return " ".join((texte or "").split())
