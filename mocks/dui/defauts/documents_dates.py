"""Defects of dates in documents: days that do not exist, ends before beginnings, acts after the document, dates missing."""

from __future__ import annotations

from functools import partial

from lxml import etree

from .chemins import ACTE, PATIENT
from .documents import PRISE_EN_CHARGE, code, element, registre_de, section
from .registre import AVERTISSEMENT
from .retouches import attribuer, ecrire, retirer

date = registre_de("documents-dates")
averti = partial(date, effet=AVERTISSEMENT)

_PREMIERE = element("1.3.6.1.4.1.19376.1.5.3.1.4.12")
"""The first vaccination."""

date(
    "synthese-treizieme-mois",
    "synthese-medicale",
    "date le document d'un treizième mois",
    "entete.dates-of-the-calendar",
    attribuer("hl7:effectiveTime", "value", lambda instant: f"{instant[:4]}13{instant[6:]}"),
)
date(
    "certificat-naissance-impossible",
    "certificat-medical",
    "fait naître l'usager un 31 novembre",
    "entete.dates-of-the-calendar",
    attribuer(f"{PATIENT}/hl7:birthTime", "value", lambda jour: f"{jour[:4]}1131"),
)
date(
    "prescription-autres-vingt-cinquieme-heure",
    "prescription-autres",
    "signe le document à 25 heures",
    "entete.dates-of-the-calendar",
    attribuer("hl7:legalAuthenticator/hl7:time", "value", lambda instant: f"{instant[:8]}250000{instant[14:]}"),
)
date(
    "retour-auteur-sans-date",
    "fiche-retour-su",
    "ne dit pas quand l'auteur a écrit",
    "entete.auteur-date",
    attribuer("hl7:author/hl7:time", "value", None),
)
date(
    "fludr-signature-sans-date",
    "fludr",
    "ne dit pas quand le responsable a signé",
    "entete.responsable-date",
    attribuer("hl7:legalAuthenticator/hl7:time", "value", None),
)
date(
    "cr-biologie-validation-sans-date",
    "cr-biologie",
    "ne dit pas quand le biologiste a validé",
    "entete.valideur-date",
    attribuer("hl7:authenticator/hl7:time", "value", None),
)
date(
    "liaison-sortie-acte-sans-debut",
    "lettre-liaison-sortie",
    "ne dit pas quand l'acte a commencé",
    "entete.acte-dates",
    retirer(f"{ACTE}/hl7:effectiveTime/hl7:low"),
)
date(
    "environnementale-sejour-sans-debut",
    "synthese-environnementale",
    "ne donne aucune date à la prise en charge",
    "entete.prise-en-charge-dates",
    retirer(f"{PRISE_EN_CHARGE}/hl7:effectiveTime/hl7:low"),
)
averti(
    "trod-acte-fini-avant-de-commencer",
    "trod",
    "date la fin du test avant son début",
    "coherence.periods-in-order",
    attribuer(f"{ACTE}/hl7:effectiveTime/hl7:high", "value", "20200101120000+0100"),
)
averti(
    "consultation-naissance-a-venir",
    "consultation",
    "fait naître l'usager un siècle trop tard, après le document",
    "coherence.naissance-passee",
    attribuer(f"{PATIENT}/hl7:birthTime", "value", lambda jour: f"20{jour[2:]}"),
)
averti(
    "fiche-soins-acte-a-venir",
    "fiche-soins",
    "date l'acte documenté après le document",
    "coherence.acte-passe",
    attribuer(f"{ACTE}/hl7:effectiveTime/*", "value", lambda instant: f"2099{instant[4:]}"),
)
averti(
    "liaison-entree-es-probleme-impossible",
    "lettre-liaison-entree-es",
    "fait commencer un problème un 30 février",
    "coherence.body-dates",
    attribuer(f"{element('1.3.6.1.4.1.19376.1.5.3.1.4.5')}/hl7:effectiveTime/hl7:low", "value", "20240230"),
)
averti(
    "liaison-sortie-es-traitement-a-rebours",
    "lettre-liaison-sortie-es",
    "arrête un traitement avant de l'avoir commencé",
    "coherence.body-periods",
    attribuer(f"{section('1.2.250.1.213.1.1.2.145')}//hl7:effectiveTime/hl7:high[@value]", "value", "20200101"),
)
averti(
    "historique-recit-autre-date",
    "historique-vaccinations",
    "donne dans l'entrée une autre date de vaccination que dans le récit",
    "coherence.narrative-dates",
    attribuer(f"{_PREMIERE}/hl7:effectiveTime", "value", "20230102"),
)
date(
    "historique-vaccination-impossible",
    "historique-vaccinations",
    "date une vaccination d'un 32 janvier",
    "vaccination.dates-of-the-calendar",
    attribuer(f"{_PREMIERE}/hl7:effectiveTime", "value", "20240132"),
)
date(
    "historique-vaccination-sans-date",
    "historique-vaccinations",
    "ne date pas une vaccination",
    "vaccination.date",
    retirer(f"{_PREMIERE}/hl7:effectiveTime"),
)


def _vaccine_en_2099(document: etree._Element) -> None:
    attribuer(f"{_PREMIERE}/hl7:effectiveTime", "value", "20991231")(document)
    ecrire(".//*[@ID='vaccin-3']", "31/12/2099")(document)


averti(
    "dlu-ehpad-vaccination-a-venir",
    "dlu-ehpad",
    "rapporte comme faite une vaccination à venir",
    "coherence-vaccination.before-document",
    _vaccine_en_2099,
)
date(
    "synthese-traitement-sans-fin",
    "synthese-medicale",
    "ne dit ni la fin ni la durée d'un traitement",
    "entree.traitement-periode",
    retirer(f"{element('1.3.6.1.4.1.19376.1.5.3.1.4.7')}/hl7:effectiveTime[1]/hl7:high"),
)
date(
    "retour-probleme-sans-debut",
    "fiche-retour-su",
    "ne dit pas quand le diagnostic a commencé",
    "entree.probleme-date",
    retirer(f"{element('1.3.6.1.4.1.19376.1.5.3.1.4.5')}/hl7:effectiveTime/hl7:low"),
)
date(
    "transfert-constantes-sans-date",
    "fiche-transfert-su",
    "ne dit pas quand les constantes ont été prises",
    "entree.constantes-date",
    retirer(f"{element('1.3.6.1.4.1.19376.1.5.3.1.4.13.1')}/hl7:effectiveTime"),
)
date(
    "trod-resultat-sans-date",
    "trod",
    "ne dit pas quand le test a été lu",
    "trod.resultat-date",
    retirer(f"{element('1.3.6.1.4.1.19376.1.3.1.6')}/hl7:effectiveTime"),
)
date(
    "export-evenement-sans-fin",
    "export-dui",
    "ne dit pas quand une intervention a fini",
    "export-dui.evenement-dates",
    retirer(f"{element('1.2.250.1.213.1.1.3.215')}/hl7:effectiveTime/hl7:high"),
)
date(
    "prescription-produits-sans-fin",
    "prescription-produits",
    "ne dit pas jusqu'à quand la prescription vaut",
    "prescription-produits.acte-dates",
    retirer(f"{ACTE}/hl7:effectiveTime/hl7:high"),
)
date(
    "transfert-etat-sans-date",
    "fiche-transfert-su",
    "ne dit pas quand l'usager a mangé ni quand cela a été relevé",
    "entree.observation-date",
    retirer(f"{code('GEN-244')}/hl7:effectiveTime"),
)
