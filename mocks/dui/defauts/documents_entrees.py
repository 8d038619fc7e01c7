"""Defects of entries in structured documents: problems, allergies, treatments, acts, transfers."""

from __future__ import annotations

from lxml import etree

from .documents import element, registre_de
from .retouches import attribuer, doubler, retirer, trouver

entree = registre_de("documents-entrees")

_LISTE = element("1.3.6.1.4.1.19376.1.5.3.1.4.5.1")
_PROBLEME = element("1.3.6.1.4.1.19376.1.5.3.1.4.5")
_ALLERGIE = element("1.3.6.1.4.1.19376.1.5.3.1.4.6")
_TRAITEMENT = element("1.3.6.1.4.1.19376.1.5.3.1.4.7")
_PRODUIT = element("1.3.6.1.4.1.19376.1.5.3.1.4.7.2")
_ACTE = element("1.2.250.1.213.1.1.3.62")
_STATUT = element("1.3.6.1.4.1.19376.1.5.3.1.4.1.1")
_TRANSFERT = element("1.2.250.1.213.1.1.3.28")


def _modele(de: str, modele: str) -> str:
    """The declaration of one model by an element found by its path."""
    return f"{de}/hl7:templateId[@root='{modele}']"


entree(
    "synthese-probleme-sans-modele",
    "synthese-medicale",
    "ne déclare pas le modèle HL7 d'une liste de problèmes",
    "entree.liste-modele",
    retirer(_modele(_LISTE, "2.16.840.1.113883.10.20.1.27")),
)
entree(
    "synthese-probleme-classe",
    "synthese-medicale",
    "code une liste de problèmes, qui ne doit pas l'être",
    "entree.liste-code",
    lambda document: _coder_la_liste(document),
)


def _coder_la_liste(document: etree._Element) -> None:
    liste = trouver(document, f"{_LISTE}/hl7:code")[0]
    liste.attrib.clear()
    liste.set("code", "11450-4")
    liste.set("codeSystem", "2.16.840.1.113883.6.1")


entree(
    "fludr-probleme-termine-a-demi",
    "fludr",
    "donne à une liste de problèmes un statut qui n'existe pas",
    "entree.liste-statut",
    attribuer(f"{_LISTE}/hl7:statusCode", "code", "new"),
)
entree(
    "dlu-ehpad-auteur-sans-adresse",
    "dlu-ehpad",
    "n'écrit pas l'adresse de l'auteur d'une liste de problèmes",
    "entree.liste-auteur",
    retirer(f"{_LISTE}/hl7:author/hl7:assignedAuthor/hl7:addr"),
)
entree(
    "liaison-entree-es-probleme-sans-identifiant",
    "lettre-liaison-entree-es",
    "n'identifie pas un problème",
    "entree.probleme-identifiant",
    retirer(f"{_PROBLEME}/hl7:id"),
)
entree(
    "retour-diagnostic-en-cours",
    "fiche-retour-su",
    "laisse en cours l'observation du diagnostic",
    "entree.probleme-statut",
    attribuer(f"{_PROBLEME}/hl7:statusCode", "code", "active"),
)
entree(
    "fludr-diagnostic-sans-texte-d-origine",
    "fludr",
    "code le diagnostic sans le texte d'origine",
    "entree.probleme-valeur",
    retirer(f"{_PROBLEME}/hl7:value/hl7:originalText"),
)
entree(
    "synthese-deux-statuts",
    "synthese-medicale",
    "donne deux statuts cliniques à un problème",
    "entree.probleme-parties",
    doubler(f"{_STATUT}/parent::hl7:entryRelationship"),
)
entree(
    "fludr-statut-mal-code",
    "fludr",
    "code le statut clinique d'un problème comme une sévérité",
    "entree.statut-clinique-code",
    attribuer(f"{_STATUT}/hl7:code", "code", "SEV"),
)
entree(
    "retour-gravite-detachee",
    "fiche-retour-su",
    "ne rattache pas la sévérité à son problème dans le bon sens",
    "entree.gravite-relation",
    attribuer(f"{element('1.3.6.1.4.1.19376.1.5.3.1.4.1')}/parent::hl7:entryRelationship", "inversionInd", "false"),
)
entree(
    "synthese-allergie-sans-modele",
    "synthese-medicale",
    "ne déclare pas le modèle HL7 d'une allergie",
    "entree.allergie-modele",
    retirer(_modele(_ALLERGIE, "2.16.840.1.113883.10.20.1.18")),
)
entree(
    "dlu-ehpad-allergie-en-cours",
    "dlu-ehpad",
    "laisse en cours l'observation d'une allergie",
    "entree.allergie-statut",
    attribuer(f"{_ALLERGIE}/hl7:statusCode", "code", "active"),
)
entree(
    "liaison-entree-es-allergene-sans-texte",
    "lettre-liaison-entree-es",
    "ne relie pas l'allergène au récit",
    "entree.allergie-agent",
    retirer(f"{_ALLERGIE}//hl7:playingEntity/hl7:code/hl7:originalText"),
)
entree(
    "synthese-traitement-sans-modele",
    "synthese-medicale",
    "ne déclare pas le modèle HL7 d'un traitement",
    "entree.traitement-modele",
    retirer(_modele(_TRAITEMENT, "2.16.840.1.113883.10.20.1.24")),
)
entree(
    "liaison-sortie-es-dosage-tu",
    "lettre-liaison-sortie-es",
    "ne dit pas de quelle sorte est le dosage d'un traitement",
    "entree.traitement-dosage",
    retirer(_modele(_TRAITEMENT, "1.3.6.1.4.1.19376.1.5.3.1.4.7.1")),
)
entree(
    "dlu-ehpad-traitement-sans-identifiant",
    "dlu-ehpad",
    "n'identifie pas un traitement",
    "entree.traitement-identifiant",
    retirer(f"{_TRAITEMENT}/hl7:id"),
)
entree(
    "fludr-traitement-en-cours",
    "fludr",
    "laisse en cours l'administration d'un traitement",
    "entree.traitement-statut",
    attribuer(f"{_TRAITEMENT}/hl7:statusCode", "code", "active"),
)
entree(
    "liaison-entree-es-frequence-seule",
    "lettre-liaison-entree-es",
    "n'ajoute pas la fréquence d'un traitement à sa période",
    "entree.traitement-frequence",
    attribuer(f"{_TRAITEMENT}/hl7:effectiveTime[2]", "operator", None),
)
entree(
    "prescription-produits-dose-sans-borne",
    "prescription-produits",
    "ne donne pas la borne haute d'une dose",
    "entree.traitement-dose",
    retirer(f"{_TRAITEMENT}/hl7:doseQuantity/hl7:high"),
)
entree(
    "prescription-produits-produit-sans-nom",
    "prescription-produits",
    "n'écrit pas le nom d'un médicament",
    "entree.produit-nom",
    retirer(f"{_PRODUIT}//hl7:name"),
)
entree(
    "liaison-sortie-es-produit-du-livret",
    "lettre-liaison-sortie-es",
    "code un médicament par un code de son livret",
    "entree.produit-cis",
    attribuer(f"{_PRODUIT}//hl7:code", "codeSystem", "1.2.250.1.999.1.1.8121.9"),
)
entree(
    "synthese-acte-non-realise",
    "synthese-medicale",
    "présente un acte passé comme prévu",
    "entree.acte-modele",
    attribuer(_ACTE, "moodCode", "INT"),
)
entree(
    "retour-acte-statut-invente",
    "fiche-retour-su",
    "donne à un acte prévu un statut qui n'existe pas",
    "entree.acte-statut",
    attribuer(f"{_ACTE}/hl7:statusCode", "code", "new"),
)
entree(
    "retour-rencontre-sans-identifiant",
    "fiche-retour-su",
    "n'identifie pas le rendez-vous prévu",
    "entree.rencontre-identifiant",
    retirer(f"{element('1.2.250.1.213.1.1.3.58')}/hl7:id"),
)
entree(
    "retour-transfert-sans-arrivee",
    "fiche-retour-su",
    "ne dit pas quand un transfert terminé a fini",
    "entree.transfert-periode",
    retirer(f"{_TRANSFERT}/hl7:effectiveTime/hl7:high"),
)
entree(
    "retour-transfert-sans-lieu",
    "fiche-retour-su",
    "ne code pas la destination d'un transfert",
    "entree.transfert-destination",
    retirer(f"{_TRANSFERT}/hl7:participant/hl7:participantRole/hl7:code"),
)
