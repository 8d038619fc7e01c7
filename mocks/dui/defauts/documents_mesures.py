"""Defects of entries in structured documents: measures, observations, vaccinations, tests, evaluations, files."""

from __future__ import annotations

from lxml import etree

from .documents import code, element, registre_de, section
from .retouches import attribuer, doubler, fragment, retirer, trouver

entree = registre_de("documents-entrees")

_VACCINATION = element("1.3.6.1.4.1.19376.1.5.3.1.4.12")
_CONSTANTES = element("1.3.6.1.4.1.19376.1.5.3.1.4.13.1")
_PIECE = element("1.2.250.1.213.1.1.3.18")


entree(
    "transfert-constantes-mal-codees",
    "fiche-transfert-su",
    "code le groupe des constantes comme une seule constante",
    "entree.constantes-code",
    attribuer(f"{_CONSTANTES}/hl7:code", "code", "8867-4"),
)
entree(
    "fludt-constantes-sans-identifiant",
    "fludt",
    "n'identifie pas le groupe des constantes",
    "entree.constantes-identifiant",
    retirer(f"{_CONSTANTES}/hl7:id"),
)
entree(
    "transfert-observation-en-cours",
    "fiche-transfert-su",
    "laisse en cours l'observation du dernier repas",
    "entree.observation-statut",
    attribuer(f"{code('GEN-244')}/hl7:statusCode", "code", "active"),
)
entree(
    "fludt-observation-sans-identifiant",
    "fludt",
    "n'identifie pas l'observation des circonstances",
    "entree.observation-identifiant",
    retirer(f"{code('57277-6')}/hl7:id"),
)
entree(
    "dlu-ehpad-directive-en-cours",
    "dlu-ehpad",
    "laisse en cours une directive anticipée",
    "entree.directive-statut",
    attribuer(f"{element('1.3.6.1.4.1.19376.1.5.3.1.4.13.7')}/hl7:statusCode", "code", "active"),
)
entree(
    "synthese-mode-de-vie-interprete",
    "synthese-medicale",
    "interprète une habitude de vie",
    "entree.mode-de-vie-interdits",
    lambda document: _interpreter(document),
)


def _interpreter(document: etree._Element) -> None:
    habitude = trouver(document, element("1.3.6.1.4.1.19376.1.5.3.1.4.13.4"))[0]
    interprete = '<hl7:interpretationCode code="A" codeSystem="2.16.840.1.113883.5.83"/>'
    trouver(habitude, "hl7:value")[-1].addnext(fragment(interprete))


entree(
    "dlu-ehpad-piece-sans-fichier",
    "dlu-ehpad",
    "joint un document sans dire comment il est encodé",
    "entree.document-joint-fichier",
    attribuer(f"{_PIECE}//hl7:observationMedia/hl7:value", "representation", "TXT"),
)
entree(
    "fludr-piece-sans-type",
    "fludr",
    "joint un document sans dire de quelle sorte il est",
    "entree.document-joint-type",
    retirer(f"{_PIECE}/hl7:component[hl7:observation]"),
)
entree(
    "historique-vaccination-sans-identifiant",
    "historique-vaccinations",
    "n'identifie pas une vaccination",
    "vaccination.identifiant",
    retirer(f"{_VACCINATION}/hl7:id"),
)
entree(
    "historique-vaccination-en-cours",
    "historique-vaccinations",
    "laisse en cours une vaccination faite",
    "vaccination.statut",
    attribuer(f"{_VACCINATION}/hl7:statusCode", "code", "active"),
)
entree(
    "dlu-ehpad-deux-rangs",
    "dlu-ehpad",
    "donne deux rangs à une même dose de vaccin",
    "vaccination.rang",
    doubler(f"{_VACCINATION}/hl7:entryRelationship[hl7:observation/hl7:code/@code='30973-2']"),
)
entree(
    "synthese-rang-mal-code",
    "synthese-medicale",
    "code le rang de la dose par un code local",
    "vaccination.rang-code",
    attribuer(f"{element('2.16.840.1.113883.10.20.1.46')}/hl7:code", "code", "RANG"),
)
entree(
    "trod-sans-dispositif",
    "trod",
    "ne dit pas avec quel dispositif le test a été fait",
    "trod.dispositif",
    retirer(".//hl7:participant[@typeCode='DEV']"),
)
entree(
    "trod-dispositif-local",
    "trod",
    "identifie le dispositif par un numéro d'inventaire",
    "trod.dispositif-identifiant",
    attribuer(".//hl7:participant[@typeCode='DEV']/hl7:participantRole/hl7:id", "root", "1.2.250.1.999.1.1"),
)
entree(
    "trod-resultat-en-clair",
    "trod",
    "écrit le résultat du test en texte libre",
    "trod.resultat-valeur",
    lambda document: _en_clair(document),
)


def _en_clair(document: etree._Element) -> None:
    valeur = trouver(document, f"{code('78012-2')}/hl7:value")[0]
    valeur.attrib.clear()
    valeur.set("{http://www.w3.org/2001/XMLSchema-instance}type", "ST")
    for enfant in list(valeur):
        valeur.remove(enfant)
    valeur.text = "négatif"


entree(
    "trod-commentaire-mal-relie",
    "trod",
    "relie le commentaire au résultat comme un composant",
    "trod.resultat-relations",
    attribuer(f"{code('78012-2')}/hl7:entryRelationship", "typeCode", "COMP"),
)
entree(
    "cr-biologie-statut-invente",
    "cr-biologie",
    "donne à un résultat un statut qui n'existe pas",
    "entree.resultat-statut",
    attribuer(f"{code('1988-5')}/hl7:statusCode", "code", "new"),
)
entree(
    "prescription-produits-sans-ald",
    "prescription-produits",
    "ne dit pas si un médicament est en rapport avec une affection de longue durée",
    "prescription-produits.medicament-ald",
    retirer(f"{element('1.2.250.1.213.1.1.3.48.13')}/parent::hl7:entryRelationship"),
)
entree(
    "export-evaluation-incomplete",
    "export-dui",
    "oublie un des dix critères de l'évaluation AGGIR",
    "export-dui.aggir-ph-items",
    retirer(f"({section('1.2.250.1.213.1.1.2.246')}//hl7:observation[hl7:code/@code='d550'])[1]/parent::hl7:entryRelationship"),
)
entree(
    "export-adverbe-oublie",
    "export-dui",
    "oublie un des quatre adverbes d'un critère de l'évaluation AGGIR",
    "export-dui.aggir-criteres",
    retirer("(.//hl7:observation[hl7:code/@code='MED-1310'])[1]/parent::hl7:entryRelationship"),
)
entree(
    "export-sejour-sans-structure",
    "export-dui",
    "ne dit pas dans quelle structure l'usager a séjourné",
    "export-dui.admission-structure",
    retirer(f"{element('1.2.250.1.213.1.1.3.218')}/hl7:participant"),
)
