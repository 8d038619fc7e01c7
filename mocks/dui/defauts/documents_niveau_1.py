"""Defects of the level 1 documents: the file that they hold, what each of them must say in its header."""

from __future__ import annotations

from functools import partial

from lxml import etree

from .chemins import AUTEUR
from .documents import EXECUTANT, FICHIER, registre_de
from .registre import AVERTISSEMENT, INFORMATION
from .retouches import attribuer, ecrire, inserer, retirer, trouver

niveau_1 = registre_de("documents-niveau-1")
averti = partial(niveau_1, effet=AVERTISSEMENT)
signale = partial(niveau_1, effet=INFORMATION)

_INS = "hl7:recordTarget/hl7:patientRole/hl7:id[@root='1.2.250.1.213.1.4.10']"

averti(
    "consultation-pdf-non-encode",
    "consultation",
    "écrit dans le document le PDF tel quel, sans l'encoder en base64",
    "fichier.is-base64",
    ecrire(FICHIER, "%PDF-1.4 (illisible)"),
)
averti(
    "certificat-fichier-texte",
    "certificat-medical",
    "annonce un PDF et encapsule un texte",
    "fichier.is-base64",
    ecrire(FICHIER, "Q2VydGlmaWNhdCBtw6lkaWNhbA=="),
)


def _fichier_vide(document: etree._Element) -> None:
    texte = trouver(document, FICHIER)[0]
    texte.text = ""
    texte.set("mediaType", "text/plain")


niveau_1(
    "liaison-entree-fichier-vide",
    "lettre-liaison-entree",
    "encapsule un fichier vide",
    "niveau-1.fichier",
    _fichier_vide,
)


averti(
    "liaison-sortie-en-word",
    "lettre-liaison-sortie",
    "encapsule un fichier de traitement de texte",
    "niveau-1.format",
    attribuer(FICHIER, "mediaType", "application/msword"),
)
averti(
    "prescription-actes-en-image",
    "prescription-actes",
    "encapsule la prescription numérisée en JPEG et non en PDF",
    "niveau-1.pdf",
    attribuer(FICHIER, "mediaType", "image/jpeg"),
)
averti(
    "prescription-produits-n1-format-tu",
    "prescription-produits-n1",
    "ne dit pas le format du fichier encapsulé",
    "coherence.fichier-format",
    attribuer(FICHIER, "mediaType", None),
)
averti(
    "fiche-soins-type-structure",
    "fiche-soins",
    "enregistre en PDF un document dont le type demande une forme structurée",
    "niveau-1.type-structure",
    attribuer("hl7:code", "code", "96173-0"),
)


averti(
    "trod-non-structure",
    "trod",
    "se dit non structuré et porte un corps structuré",
    "modele.niveau-1",
    inserer(".", '<hl7:templateId root="1.3.6.1.4.1.19376.1.2.20"/>', rang=3),
)
averti(
    "liaison-entree-cadre-hospitalier",
    "lettre-liaison-entree",
    "place la lettre dans le cadre d'un établissement de santé",
    "lettre-liaison-sociale.cadre",
    attribuer(f"{EXECUTANT}//hl7:standardIndustryClassCode", "code", "ETABLISSEMENT"),
)
averti(
    "liaison-entree-type-autre-systeme",
    "lettre-liaison-entree",
    "code le type de la lettre dans la nomenclature des types locaux",
    "lettre-liaison-sociale.type",
    attribuer("hl7:code", "codeSystem", "1.2.250.1.213.1.1.4.12"),
)
averti(
    "environnementale-type-autre-systeme",
    "synthese-environnementale",
    "code le type de la synthèse dans la nomenclature des types locaux",
    "synthese-environnementale.type",
    attribuer("hl7:code", "codeSystem", "1.2.250.1.213.1.1.4.12"),
)
signale(
    "environnementale-titre-vague",
    "synthese-environnementale",
    "intitule la synthèse environnementale « Dossier de liaison »",
    "synthese-environnementale.titre",
    ecrire("hl7:title", "Dossier de liaison"),
)
averti(
    "prescription-actes-prescripteur-local",
    "prescription-actes",
    "identifie le prescripteur par un numéro local",
    "prescription-n1.prescripteur",
    attribuer(f"{AUTEUR}/hl7:id", "root", "1.2.250.1.999.1.1"),
)
averti(
    "prescription-autres-prescripteur-sans-profession",
    "prescription-autres",
    "ne dit pas la profession du prescripteur",
    "prescription-n1.prescripteur-profession",
    retirer(f"{AUTEUR}/hl7:code"),
)
averti(
    "certificat-signe-par-un-infirmier",
    "certificat-medical",
    "fait signer le certificat médical par un infirmier",
    "certificat-medical.auteur",
    attribuer(f"{AUTEUR}/hl7:code", "code", "G15_60"),
)
averti(
    "attestation-sans-ins",
    "attestation-identite",
    "atteste d'une identité qualifiée sans en donner l'INS",
    "attestation-identite.ins",
    retirer(_INS),
)


def _preleveur_local(document: etree._Element) -> None:
    attribuer(".//hl7:id[@root='1.2.250.1.71.4.2.1']", "root", "1.2.250.1.999.1.1")(document)


averti(
    "attestation-preleveur-local",
    "attestation-identite",
    "identifie le préleveur par un numéro local",
    "attestation-identite.preleveur",
    _preleveur_local,
)
