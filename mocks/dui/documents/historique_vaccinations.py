"""The vaccination record (VAC 2023.01): each vaccination, its product, its lot, its rank, and what followed."""

from __future__ import annotations

from lxml import etree

from ....fixtures.medicaments import vaccins
from .dossier_medical import ATC, CIM10, CIP, CIS, EDQM, Produit
from .entete import LOINC, Code, Entete, Modele
from .medicaments import AncresVaccin, Vaccin, vaccination
from .observations import snomed
from .recit import Tableau
from .redaction import Redaction, jour_francais
from .sections import VACCINATIONS, section
from .type_document import CERTIFICAT, TypeDocument, format_ans

_INTRAMUSCULAIRE = Code("20035000", EDQM, "Voie intramusculaire")
_SOUS_CUTANEE = Code("20066000", EDQM, "Voie sous-cutanée")
_DELTOIDE_GAUCHE = snomed("16217701000119102", "deltoïde gauche")
_DELTOIDE_DROIT = snomed("16217661000119109", "deltoïde droit")


def _de_la_base(classe: str) -> Produit:
    """The vaccine of this ATC class in the drug base."""
    vaccin = next(v for v in vaccins() if v.atc == classe)
    return Produit(
        specialite=Code(vaccin.cis, CIS, vaccin.denomination),
        presentation=Code(vaccin.cip13, CIP, vaccin.denomination),
        classe=Code(vaccin.atc, ATC, vaccin.atc_libelle),
    )


_DTP, _GRIPPE, _PNEUMOCOQUE = (_de_la_base(classe) for classe in ("J07CA01", "J07BB02", "J07AL02"))

_HISTORIQUE = (
    (Vaccin(_DTP, "DTP-F-1207", 3, 400, _INTRAMUSCULAIRE, _DELTOIDE_GAUCHE, "BOOSTER"), "Rappel à l'âge prévu.", None),
    (
        Vaccin(_PNEUMOCOQUE, "PNC-F-0311", 1, 300, _INTRAMUSCULAIRE, _DELTOIDE_DROIT, "INITIMMUNIZ"),
        "Seconde injection à prévoir.",
        Code("R50.2", CIM10, "Fièvre due à des médicaments"),
    ),
    (
        Vaccin(_GRIPPE, "GRI-F-0426", 1, 60, _SOUS_CUTANEE, _DELTOIDE_GAUCHE, "IMMUNIZ"),
        "Campagne annuelle de l'établissement.",
        None,
    ),
)


def section_vaccinations(redaction: Redaction) -> etree._Element:
    """The vaccinations of the record."""
    colonnes = ("Vaccin", "Lot", "Date", "Rang", "Voie", "Région", "Réaction", "Gravité", "Commentaire")
    tableau = Tableau(redaction, "vaccin", *colonnes)
    entrees = []
    for vaccin, phrase, suite in _HISTORIQUE:
        nom, _, _, rang, voie, region, effet, degre, remarque = tableau.ligne(
            vaccin.produit.specialite.libelle,
            vaccin.lot,
            jour_francais(redaction.il_y_a(vaccin.depuis)),
            str(vaccin.rang),
            vaccin.voie.libelle,
            vaccin.site.libelle.capitalize(),
            suite.libelle if suite else "Aucune",
            "Modérée" if suite else "",
            phrase,
        )
        ancres = AncresVaccin(nom, rang, voie, region, effet, degre, remarque)
        entrees.append(vaccination(redaction, vaccin, ancres, suite))
    return section(redaction, VACCINATIONS, [tableau.element], entrees)


def historique_des_vaccinations(entete: Entete) -> etree._Element:
    """The document."""
    redaction = Redaction(entete)
    return redaction.corps([section_vaccinations(redaction)])


_CODE = Code("11369-6", LOINC, "Historique des vaccinations")

TYPE = TypeDocument(
    id="historique-vaccinations",
    modele=Modele(
        code=_CODE,
        titre="Historique des vaccinations",
        templates=(("1.3.6.1.4.1.19376.1.5.3.1.1.18.1.2", ""), ("1.2.250.1.213.1.1.1.37", "2023.01")),
    ),
    redige=historique_des_vaccinations,
    classe=CERTIFICAT,
    format=format_ans("urn:asip:ci-sis:vac:2019", "Historique des vaccinations"),
)
