"""Defects of the note de vaccination: its model, its section, what it says of the vaccination."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from lxml import etree

from ..alterations import Alteration, Couture
from . import registre
from .chemins import PRODUIT, RANG, SECTION, VACCINATION
from .registre import AVERTISSEMENT, NON_CONFORME
from .retouches import attribuer, doubler, retirer, trouver

defaut = partial(registre.defaut, theme="vaccination", document="note-vaccination")

_NOTE = ("VAC-01",)


def _note(nom: str, description: str, check: str, alteration: Alteration, *, effet: str = NON_CONFORME) -> None:
    defaut(nom, description, (Couture.CDA, alteration), check=f"cda.{check}", exigences=_NOTE, effet=effet)


def _plus_tard(jour: str) -> str:
    return (datetime.strptime(jour, "%Y%m%d") + timedelta(days=3)).strftime("%Y%m%d")


_note(
    "vaccination-date-impossible",
    "date la vaccination d'un 30 février",
    "vaccination.dates-of-the-calendar",
    attribuer(f"{VACCINATION}/hl7:effectiveTime", "value", lambda jour: f"{jour[:4]}0230"),
)
_note(
    "vaccination-a-venir",
    "date la vaccination de trois jours après la note",
    "coherence-vaccination.before-document",
    attribuer(f"{VACCINATION}/hl7:effectiveTime", "value", _plus_tard),
    effet=AVERTISSEMENT,
)
_note(
    "vaccination-section-mal-codee",
    "code la section des vaccinations comme le document",
    "section.vaccinations-code",
    attribuer(f"{SECTION}/hl7:code", "code", "87273-9"),
)
_note(
    "vaccination-sans-negation",
    "ne dit pas si la vaccination a eu lieu (negationInd)",
    "vaccination.negation",
    attribuer(VACCINATION, "negationInd", None),
)
_note(
    "vaccination-voie-en-clair",
    "code la voie d'administration par « IM »",
    "vaccination.voie",
    attribuer(f"{VACCINATION}/hl7:routeCode", "code", "IM"),
)
_note(
    "vaccination-site-inconnu",
    "code la région d'injection par « BRAS »",
    "vaccination.site",
    attribuer(f"{VACCINATION}/hl7:approachSiteCode", "code", "BRAS"),
)
_note(
    "vaccination-acte-inconnu",
    "code l'acte de vaccination par « VACCIN »",
    "vaccination.acte",
    attribuer(f"{VACCINATION}/hl7:code", "code", "VACCIN"),
)
_note(
    "vaccination-modele-ancien",
    "déclare une ancienne version du modèle de la note de vaccination",
    "vac-note.modele",
    attribuer("hl7:templateId[@root='1.2.250.1.213.1.1.1.46']", "extension", "2021.06"),
)
_note(
    "vaccination-non-faite",
    "produit une note pour une vaccination qui n'a pas été faite",
    "vac-note.faite",
    attribuer(VACCINATION, "negationInd", "true"),
)
_note(
    "vaccination-annee-seule",
    "ne donne que l'année de la vaccination",
    "vac-note.date",
    attribuer(f"{VACCINATION}/hl7:effectiveTime", "value", lambda jour: jour[:4]),
)
_note(
    "vaccination-deux-dans-une-note",
    "rapporte deux vaccinations dans la même note",
    "vac-note.une-vaccination",
    doubler(f"{SECTION}/hl7:entry"),
)
_note(
    "vaccination-code-maison",
    "désigne le vaccin par un code de son propre livret",
    "entree.produit-cis",
    attribuer(f"{PRODUIT}/hl7:code", "codeSystem", "1.2.250.1.999.1.1.8121.9"),
)


def _sans_code(document: etree._Element) -> None:
    code = trouver(document, f"{PRODUIT}/hl7:code")[0]
    code.attrib.clear()
    code.set("nullFlavor", "UNK")


_note("vaccination-vaccin-sans-code", "n'écrit pas le code CIS du vaccin", "vac-note.vaccin-cis", _sans_code)
_note(
    "vaccination-sans-code-atc",
    "n'écrit pas le code ATC du vaccin",
    "vac-note.vaccin-atc",
    retirer(f"{PRODUIT}/hl7:code/hl7:translation"),
)
_note(
    "vaccination-sans-lot",
    "n'écrit pas le numéro de lot du vaccin",
    "vac-note.lot",
    retirer(f"{PRODUIT}/hl7:lotNumberText"),
)
_note(
    "vaccination-rang-en-cours",
    "laisse en cours l'observation du rang de la dose",
    "vac-note.rang",
    attribuer(f"{RANG}/hl7:statusCode", "code", "active"),
)
_note(
    "vaccination-vaccin-sans-libelle",
    "n'écrit pas le libellé du vaccin à côté de son code",
    "vac-note.libelle-vaccin",
    attribuer(f"{PRODUIT}/hl7:code", "displayName", None),
)
