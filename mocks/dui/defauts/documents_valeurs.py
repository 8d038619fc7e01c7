"""Defects of coded values in documents: codes outside their value set, wrong code systems, labels and units of something else."""

from __future__ import annotations

from functools import partial

from .chemins import ACTE
from .documents import PARTICIPANT, code, element, registre_de
from .registre import AVERTISSEMENT
from .retouches import attribuer

valeur = registre_de("documents-valeurs")
averti = partial(valeur, effet=AVERTISSEMENT)

_ALLERGIE = element("1.3.6.1.4.1.19376.1.5.3.1.4.6")
_PROBLEME = element("1.3.6.1.4.1.19376.1.5.3.1.4.5")
_STATUT = element("1.3.6.1.4.1.19376.1.5.3.1.4.1.1")
_STATUT_USAGER = element("1.3.6.1.4.1.19376.1.5.3.1.4.1.2")
_MODE_DE_VIE = element("1.3.6.1.4.1.19376.1.5.3.1.4.13.4")

valeur(
    "synthese-allergie-inventee",
    "synthese-medicale",
    "code la nature d'une allergie par « ALLERGIE »",
    "entree.allergie-code",
    attribuer(f"{_ALLERGIE}/hl7:code", "code", "ALLERGIE"),
)
valeur(
    "synthese-probleme-invente",
    "synthese-medicale",
    "code la nature d'un problème par « DIAG »",
    "entree.probleme-code",
    attribuer(f"{_PROBLEME}/hl7:code", "code", "DIAG"),
)
valeur(
    "retour-statut-clinique-invente",
    "fiche-retour-su",
    "code le statut clinique d'un problème par « EN_COURS »",
    "entree.statut-clinique-valeur",
    attribuer(f"{_STATUT}/hl7:value", "code", "EN_COURS"),
)
valeur(
    "synthese-statut-patient-autre-systeme",
    "synthese-medicale",
    "code l'état de l'usager dans la CIM-10",
    "entree.statut-patient-valeur",
    attribuer(f"{_STATUT_USAGER}/hl7:value", "codeSystem", "2.16.840.1.113883.6.3"),
)
valeur(
    "transfert-constante-inventee",
    "fiche-transfert-su",
    "code une constante par un code local",
    "entree.constante-code",
    attribuer(f"{code('20564-1')}/hl7:code", "code", "SPO2"),
)
valeur(
    "fludt-frequence-sans-unite",
    "fludt",
    "donne la fréquence cardiaque en battements",
    "entree.constante-unite-frequence",
    attribuer(f"{code('8867-4')}/hl7:value", "unit", "bpm"),
)
valeur(
    "transfert-tension-en-centimetres",
    "fiche-transfert-su",
    "donne la pression artérielle en centimètres de mercure",
    "entree.constante-unite-pression",
    attribuer(f"{code('8480-6')}/hl7:value", "unit", "cm[Hg]"),
)
valeur(
    "synthese-temperature-en-degres",
    "synthese-medicale",
    "écrit « °C » comme unité de température",
    "entree.constante-unite-temperature",
    attribuer(f"{code('8310-5')}/hl7:value", "unit", "°C"),
)
valeur(
    "liaison-entree-es-poids-en-kilos",
    "lettre-liaison-entree-es",
    "écrit « kilos » comme unité de poids",
    "entree.constante-unite-poids",
    attribuer(f"{code('29463-7')}/hl7:value", "unit", "kilos"),
)
valeur(
    "fludt-imc-sans-unite",
    "fludt",
    "ne donne pas l'unité de l'indice de masse corporelle",
    "entree.constante-unite-imc",
    attribuer(f"{code('39156-5')}/hl7:value", "unit", None),
)
valeur(
    "synthese-mode-de-vie-invente",
    "synthese-medicale",
    "code une habitude de vie par « TABAC »",
    "entree.mode-de-vie-code",
    attribuer(f"{_MODE_DE_VIE}/hl7:code", "code", "TABAC"),
)
valeur(
    "dlu-ehpad-directive-inventee",
    "dlu-ehpad",
    "code une directive anticipée par « REANIMATION »",
    "entree.directive-code",
    attribuer(f"{code('75779-9')}/hl7:code", "code", "REANIMATION"),
)
valeur(
    "transfert-objet-invente",
    "fiche-transfert-su",
    "code les lunettes par un code de son propre livret",
    "fiche-transfert-su.prothese-jdv",
    attribuer(f"{code('Q021003')}/hl7:code", "code", "LUNETTES"),
)
valeur(
    "transfert-prise-en-charge-programmee",
    "fiche-transfert-su",
    "code la prise en charge comme une hospitalisation et non un passage aux urgences",
    "fiche-transfert-su.prise-en-charge",
    attribuer("hl7:componentOf/hl7:encompassingEncounter/hl7:code", "code", "IMP"),
)
valeur(
    "trod-streptocoque-normal",
    "trod",
    "rend pour la recherche du streptocoque un résultat qu'un autre test attend (« normal »)",
    "trod.resultat-streptocoque",
    attribuer(f"{code('78012-2')}/hl7:value", "code", "17621005"),
)
valeur(
    "trod-cadre-de-soins",
    "trod",
    "place le test dans le cadre d'un établissement médico-social et non du dépistage",
    "trod.cadre",
    attribuer(f"{ACTE}//hl7:standardIndustryClassCode", "code", "ESSMS"),
)
valeur(
    "cr-biologie-interpretation-en-clair",
    "cr-biologie",
    "code l'interprétation d'un résultat par « HAUT »",
    "cr-biologie.interpretation",
    attribuer(f"{code('1988-5')}/hl7:interpretationCode", "code", "HAUT"),
)
valeur(
    "dlu-ehpad-piece-inventee",
    "dlu-ehpad",
    "code un document joint par un code de son propre classement",
    "dlu-ehpad.pieces",
    attribuer(f"{element('1.2.250.1.213.1.1.3.48.18')}/hl7:value", "code", "PJ-1"),
)
valeur(
    "dlu-ehpad-etat-invente",
    "dlu-ehpad",
    "code la désorientation de l'usager par un code local",
    "dlu-ehpad.etat-patient",
    attribuer(f"{code('62476001')}/hl7:code", "code", "DESORIENTE"),
)
valeur(
    "fludr-piece-d-un-autre-volet",
    "fludr",
    "joint une pièce que la fiche de retour ne prévoit pas",
    "fludr.pieces",
    attribuer(f"{element('1.2.250.1.213.1.1.3.48.18')}/hl7:value", "code", "DLU_001"),
)
valeur(
    "fludr-evenement-d-un-autre-volet",
    "fludr",
    "code le passage aux urgences comme les circonstances d'un transfert",
    "fludr.evenements-jdv",
    attribuer(f"{code('15515-0')}/hl7:code", "code", "57277-6"),
)
valeur(
    "synthese-etat-psychique-invente",
    "synthese-medicale",
    "code l'état psychique par un code local",
    "synthese-medicale.etat-psychique",
    attribuer(f"{code('62476001')}/hl7:code", "code", "ERRATIQUE"),
)
valeur(
    "synthese-risque-autre-systeme",
    "synthese-medicale",
    "code le risque d'escarre dans la nomenclature locale et non dans SNOMED CT",
    "synthese-medicale.autre-risque",
    attribuer(f"{code('285304000')}/hl7:code", "codeSystem", "1.2.250.1.213.1.1.4.322"),
)
valeur(
    "liaison-sortie-es-entree-inventee",
    "lettre-liaison-sortie-es",
    "code la modalité d'entrée par « PROGRAMMEE »",
    "lettre-liaison-sortie-es.modalite-entree",
    attribuer(f"{code('ORG-070')}/hl7:value", "code", "PROGRAMMEE"),
)
valeur(
    "export-statut-invente",
    "export-dui",
    "code le statut d'un événement par « FAIT »",
    "export-dui.statut",
    attribuer(f"{code('106199-3')}/hl7:value", "code", "FAIT"),
)
valeur(
    "export-gir-invente",
    "export-dui",
    "code le groupe iso-ressources par « GIR4 »",
    "export-dui.aggir-gir",
    attribuer("(.//hl7:observation[hl7:code/@code='MED-1292'])[1]/hl7:value", "code", "GIR4"),
)
valeur(
    "historique-voie-en-clair",
    "historique-vaccinations",
    "code la voie d'administration d'un vaccin par « SC »",
    "vaccination.voie",
    attribuer("(.//hl7:substanceAdministration)[last()]/hl7:routeCode", "code", "SC"),
)
valeur(
    "synthese-medecin-traitant-autrement-dit",
    "synthese-medicale",
    "nomme autrement la fonction de médecin traitant",
    "synthese-medicale.medecin-traitant",
    attribuer("hl7:participant/hl7:functionCode", "displayName", "Médecin de famille"),
)
averti(
    "historique-libelle-d-un-autre-code",
    "historique-vaccinations",
    "écrit « deltoïde droit » à côté du code du deltoïde gauche",
    "coherence.label-matches-code",
    attribuer("(.//hl7:approachSiteCode)[1]", "displayName", "deltoïde droit"),
)
averti(
    "transfert-parente-autre-systeme",
    "fiche-transfert-su",
    "code le lien de parenté de l'informateur dans une autre terminologie que celle de HL7",
    "coherence.lien-systeme",
    attribuer("hl7:informant/hl7:relatedEntity/hl7:code", "codeSystem", "1.2.250.1.213.1.1.4.12"),
)
averti(
    "synthese-fonction-autre-systeme",
    "synthese-medicale",
    "code la fonction de médecin traitant dans une nomenclature locale",
    "coherence.fonction-systeme",
    attribuer("hl7:participant/hl7:functionCode", "codeSystem", "1.2.250.1.213.1.1.4.12"),
)
averti(
    "attestation-participant-autre-systeme",
    "attestation-identite",
    "code la profession du préleveur dans la nomenclature des savoir-faire",
    "coherence.profession-systeme",
    attribuer(f"{PARTICIPANT}/hl7:code", "codeSystem", "1.2.250.1.71.4.2.5"),
)
averti(
    "trod-conclusion-sans-systeme",
    "trod",
    "code l'examen pratiqué sans dire dans quelle terminologie",
    "coherence.type-code-systeme",
    attribuer(f"{code('78012-2')}/hl7:code", "codeSystem", None),
)
averti(
    "cr-biologie-mesure-sans-valeur",
    "cr-biologie",
    "rend une mesure sans son chiffre",
    "coherence.type-mesure",
    attribuer(f"{code('2951-2')}/hl7:value", "value", None),
)
averti(
    "prescription-produits-modele-ancien",
    "prescription-produits",
    "déclare une version du modèle qui n'a jamais été publiée",
    "modele.version-prescription-produits",
    attribuer("hl7:templateId[@root='1.2.250.1.213.1.1.1.39']", "extension", "2019.01"),
)
averti(
    "fiche-retour-modele-ancien",
    "fiche-retour-su",
    "déclare une version du modèle de la fiche de retour qui n'est plus en vigueur",
    "modele.version-fiche-retour-su",
    attribuer("hl7:templateId[@root='1.2.250.1.213.1.1.1.62']", "extension", "2021.01"),
)
