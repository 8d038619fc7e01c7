"""Defects of references in documents: entries and files that point to nothing, names given twice, texts left out."""

from __future__ import annotations

from functools import partial

from lxml import etree

from .documents import code, element, registre_de, section
from .registre import AVERTISSEMENT
from .retouches import attribuer, doubler, ecrire, retirer, trouver

lien = registre_de("documents-references")
averti = partial(lien, effet=AVERTISSEMENT)

_PROBLEME = element("1.3.6.1.4.1.19376.1.5.3.1.4.5")

averti(
    "synthese-allergie-renvoi-vide",
    "synthese-medicale",
    "renvoie depuis une allergie à un texte qui n'existe pas",
    "coherence.references-resolve",
    attribuer(f"{element('1.3.6.1.4.1.19376.1.5.3.1.4.6')}/hl7:value//hl7:reference", "value", "#allergie-0"),
)
averti(
    "cr-biologie-resultat-renvoi-vide",
    "cr-biologie",
    "renvoie depuis un résultat à un texte qui n'existe pas",
    "coherence.references-resolve",
    attribuer(f"{code('2823-3')}/hl7:code//hl7:reference", "value", "#bio-0"),
)
averti(
    "prescription-produits-renvoi-vide",
    "prescription-produits",
    "renvoie depuis un médicament à un texte qui n'existe pas",
    "coherence.references-resolve",
    attribuer(f"{element('1.3.6.1.4.1.19376.1.5.3.1.4.7')}/hl7:text/hl7:reference", "value", "#med-0"),
)


def _ancre_en_double(document: etree._Element) -> None:
    """A text that nothing cites takes the name of another, so that every reference still resolves."""
    nommes = trouver(document, ".//hl7:section/hl7:text//*[@ID]")
    cites = {r.get("value", "")[1:] for r in trouver(document, ".//hl7:reference[@value]")}
    libre = next(each for each in nommes if each.get("ID") not in cites)
    libre.set("ID", next(each.get("ID", "") for each in nommes if each.get("ID") in cites))


lien(
    "fludt-ancre-en-double",
    "fludt",
    "donne le même identifiant à deux textes du récit",
    "structure.schema",
    _ancre_en_double,
    exigences=("CDA-01",),
)
averti(
    "retour-recit-vide",
    "fiche-retour-su",
    "code les documents remis sans rien en dire au lecteur",
    "coherence.narrative-present",
    lambda document: _vider(document),
)


def _vider(document: etree._Element) -> None:
    """The places that the entries cite stay, without a word."""
    for morceau in trouver(document, f"{section('1.2.250.1.213.1.1.2.253')}/hl7:text//*"):
        morceau.text = morceau.tail = None


averti(
    "transfert-recit-autre-cote",
    "fiche-transfert-su",
    "dit à droite, dans le récit, la douleur qu'il code à gauche",
    "coherence.narrative-side",
    ecrire(".//*[@ID='etat-6']", "Cuisse droite"),
)
averti(
    "liaison-entree-es-identifiant-en-double",
    "lettre-liaison-entree-es",
    "écrit deux fois l'identifiant d'un traitement",
    "coherence.body-identifiers",
    doubler(f"{element('1.3.6.1.4.1.19376.1.5.3.1.4.4.1')}/hl7:id"),
)
lien(
    "fludr-probleme-sans-texte",
    "fludr",
    "ne relie pas le diagnostic au texte que lit le professionnel",
    "entree.probleme-texte",
    retirer(f"{_PROBLEME}/hl7:text/hl7:reference"),
)
lien(
    "dlu-ehpad-directive-sans-texte",
    "dlu-ehpad",
    "ne relie pas une directive anticipée à son texte",
    "entree.directive-texte",
    retirer(f"{element('1.3.6.1.4.1.19376.1.5.3.1.4.13.7')}/hl7:text"),
)
lien(
    "dlu-ehpad-directive-sans-document",
    "dlu-ehpad",
    "cite une directive anticipée sans dire dans quel document elle est",
    "entree.directive-document",
    retirer(f"{element('1.3.6.1.4.1.19376.1.5.3.1.4.13.7')}/hl7:reference/hl7:templateId"),
)
lien(
    "synthese-commentaire-sans-texte",
    "synthese-medicale",
    "écrit un commentaire sans renvoyer à son texte",
    "entree.commentaire-texte",
    retirer(f"{element('1.3.6.1.4.1.19376.1.5.3.1.4.2')}/hl7:text"),
)
lien(
    "liaison-sortie-es-traitement-sans-texte",
    "lettre-liaison-sortie-es",
    "ne relie pas un traitement au texte que lit le professionnel",
    "entree.traitement-texte",
    retirer(f"{element('1.3.6.1.4.1.19376.1.5.3.1.4.7')}/hl7:text"),
)
lien(
    "synthese-acte-sans-texte",
    "synthese-medicale",
    "ne relie pas un acte au texte que lit le professionnel",
    "entree.acte-texte",
    retirer(f"{element('1.2.250.1.213.1.1.3.62')}/hl7:text"),
)
lien(
    "prescription-produits-produit-sans-texte",
    "prescription-produits",
    "ne relie pas le code d'un médicament à son texte",
    "entree.produit-texte",
    retirer(f"{element('1.3.6.1.4.1.19376.1.5.3.1.4.7.2')}//hl7:code/hl7:originalText"),
)
lien(
    "historique-vaccination-sans-texte",
    "historique-vaccinations",
    "ne relie pas une vaccination à sa ligne du récit",
    "vaccination.texte",
    retirer(f"{element('1.3.6.1.4.1.19376.1.5.3.1.4.12')}/hl7:text"),
)
lien(
    "trod-dispositif-sans-texte",
    "trod",
    "ne relie pas le dispositif du test à son texte",
    "trod.dispositif-code",
    retirer(".//hl7:playingDevice/hl7:code/hl7:originalText/hl7:reference"),
)
lien(
    "transfert-observation-sans-texte",
    "fiche-transfert-su",
    "ne relie pas l'heure du dernier traitement à son texte",
    "entree.observation-texte",
    retirer(f"{code('GEN-370')}/hl7:text"),
)
