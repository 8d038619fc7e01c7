"""Defects of identities in documents: the INS and its traits, the place of birth, the numbers of people and structures."""

from __future__ import annotations

from functools import partial

from lxml import etree

from .chemins import AUTEUR, PATIENT, USAGER
from .documents import EXECUTANT, SIGNATAIRE, registre_de, section
from .registre import AVERTISSEMENT, INFORMATION
from .retouches import attribuer, ecrire, fragment, inserer, retirer, trouver

identite = registre_de("documents-identite")
averti = partial(identite, effet=AVERTISSEMENT)
signale = partial(identite, effet=INFORMATION)

_INS = f"{USAGER}/hl7:id[@root='1.2.250.1.213.1.4.10']"
_PRODUCTION = "1.2.250.1.213.1.4.8"
_BR = "[@qualifier='BR']"

identite(
    "trod-sans-prenoms",
    "trod",
    "n'écrit pas la liste des prénoms de naissance",
    "entete.ins-prenoms",
    retirer(f"{PATIENT}/hl7:name/hl7:given[not(@qualifier)]"),
    exigences=("INS-03",),
)
identite(
    "liaison-entree-sans-naissance",
    "lettre-liaison-entree",
    "n'écrit pas la date de naissance de l'usager",
    "entete.ins-naissance",
    retirer(f"{PATIENT}/hl7:birthTime"),
    exigences=("INS-03",),
)
identite(
    "dlu-ehpad-sans-sexe",
    "dlu-ehpad",
    "n'écrit pas le sexe de l'usager",
    "entete.ins-sexe",
    retirer(f"{PATIENT}/hl7:administrativeGenderCode"),
    exigences=("INS-03",),
)
identite(
    "liaison-sortie-nom-utilise-seul",
    "lettre-liaison-sortie",
    "écrit le nom de naissance comme un nom utilisé",
    "entete.ins-nom",
    attribuer(f"{PATIENT}/hl7:name/hl7:family{_BR}", "qualifier", "CL"),
    exigences=("INS-03",),
)
identite(
    "consultation-ipp-sans-numero",
    "consultation",
    "écrit le domaine de l'IPP sans son numéro",
    "entete.usager-identifiant-forme",
    attribuer(f"{USAGER}/hl7:id[not(starts-with(@root, '1.2.250.1.213.1.4.'))]", "extension", None),
)
identite(
    "fludr-nom-sans-qualificatif",
    "fludr",
    "ajoute un nom utilisé sans dire que c'en est un",
    "entete.usager-family",
    inserer(f"{PATIENT}/hl7:name", "<hl7:family>ESSAI</hl7:family>"),
)
identite(
    "fludt-prenom-initiale",
    "fludt",
    "ajoute un prénom réduit à son initiale",
    "entete.usager-given",
    inserer(f"{PATIENT}/hl7:name", '<hl7:given qualifier="IN">C.</hl7:given>'),
)
identite(
    "transfert-tuteur-anonyme",
    "fiche-transfert-su",
    "ne nomme pas le représentant de l'usager",
    "entete.representant-nom",
    retirer(f"{PATIENT}/hl7:guardian/hl7:guardianPerson/hl7:name"),
)


def _production_courte(document: etree._Element) -> None:
    identifiant = trouver(document, _INS)[0]
    identifiant.set("root", _PRODUCTION)
    identifiant.set("extension", identifiant.get("extension", "")[:12])


identite(
    "synthese-ins-tronquee",
    "synthese-medicale",
    "tronque le matricule d'une INS de production",
    "entete.ins-key",
    _production_courte,
    exigences=("INS-03",),
)
averti(
    "prescription-produits-ins-sans-cle",
    "prescription-produits",
    "écrit le matricule de l'INS sans sa clé",
    "coherence.test-ins-key",
    attribuer(_INS, "extension", lambda matricule: matricule[:13]),
    exigences=("INS-03",),
)
averti(
    "fiche-soins-ins-calculee",
    "fiche-soins",
    "garde, à côté de l'INS, l'INS calculée d'un ancien dossier",
    "identite.ins-oid",
    inserer(USAGER, '<hl7:id root="1.2.250.1.213.1.4.2" extension="1809540072643852415642"/>', rang=1),
    exigences=("INS-03",),
)


def _ins_dans_le_recit(document: etree._Element) -> None:
    """An identity that is not qualified sends no INS; this DUI leaves it in the text."""
    identifiant = trouver(document, _INS)[0]
    recit = trouver(document, f"{section('1.2.250.1.213.1.1.2.73')}/hl7:text")[0]
    recit.append(fragment(f"<hl7:paragraph>NIR : {identifiant.get('extension')}</hl7:paragraph>"))
    retirer(_INS)(document)


averti(
    "transfert-ins-dans-le-recit",
    "fiche-transfert-su",
    "laisse dans le récit le matricule d'un usager dont l'identité n'est pas qualifiée",
    "identite.ins-not-leaked",
    _ins_dans_le_recit,
    exigences=("INS-13",),
)


def _ins_du_representant(document: etree._Element) -> None:
    identifiant = trouver(document, _INS)[0]
    identifiant.getparent().remove(identifiant)  # type: ignore[union-attr]
    trouver(document, f"{PATIENT}/hl7:guardian")[0].insert(0, identifiant)


averti(
    "transfert-ins-chez-le-tuteur",
    "fiche-transfert-su",
    "range le matricule de l'usager, dont l'identité n'est pas qualifiée, chez son représentant",
    "identite.ins-not-leaked",
    _ins_du_representant,
    exigences=("INS-13",),
)


def _adresse_d_un_autre(document: etree._Element) -> None:
    coordonnee = trouver(document, f"{USAGER}/hl7:telecom")[0]
    coordonnee.attrib.clear()
    coordonnee.set("value", "mailto:255069999999934@patient.mssante.fr")


averti(
    "consultation-mes-d-un-autre",
    "consultation",
    "écrit l'adresse Mon espace santé d'une autre personne",
    "identite.mail-matches-ins",
    _adresse_d_un_autre,
    exigences=("INS-03",),
)


def _autre_sexe(document: etree._Element) -> None:
    sexe = trouver(document, f"{PATIENT}/hl7:administrativeGenderCode")[0]
    code, libelle = ("F", "Féminin") if sexe.get("code") == "M" else ("M", "Masculin")
    sexe.set("code", code)
    sexe.set("displayName", libelle)


averti(
    "certificat-sexe-d-un-autre",
    "certificat-medical",
    "écrit un sexe qui n'est pas celui que dit le matricule de l'usager",
    "identite.ins-matches-traits",
    _autre_sexe,
    exigences=("INS-03",),
)
averti(
    "historique-naissance-d-un-autre",
    "historique-vaccinations",
    "code comme lieu de naissance une commune qui n'a jamais existé",
    "identite.cog-exists",
    ecrire(f"{PATIENT}/hl7:birthplace/hl7:place/hl7:addr/hl7:county", "55999"),
    exigences=("INS-18",),
)
averti(
    "liaison-sortie-es-pays-tronque",
    "lettre-liaison-sortie-es",
    "perd un chiffre du code du pays de naissance",
    "coherence.cog",
    ecrire(f"{PATIENT}/hl7:birthplace/hl7:place/hl7:addr/hl7:county", "9912"),
    exigences=("INS-18",),
)
averti(
    "fludt-premier-prenom-usuel",
    "fludt",
    "écrit le prénom usuel à la place du premier prénom de naissance",
    "coherence.premier-prenom",
    ecrire(f"{PATIENT}/hl7:name/hl7:given{_BR}", "ZENON"),
    exigences=("INS-03",),
)
averti(
    "trod-rpps-sans-prefixe",
    "trod",
    "oublie le préfixe 8 du numéro RPPS de l'auteur",
    "coherence.professionnel-identifiant",
    attribuer(f"{AUTEUR}/hl7:id", "extension", lambda numero: numero[1:]),
)
averti(
    "retour-rpps-tronque",
    "fiche-retour-su",
    "perd le dernier chiffre du numéro RPPS de l'exécutant",
    "coherence.professionnel-identifiant",
    attribuer(f"{EXECUTANT}/hl7:assignedEntity/hl7:id", "extension", lambda numero: numero[:-1]),
)
averti(
    "fiche-soins-finess-tronque",
    "fiche-soins",
    "perd un chiffre du numéro FINESS de la structure de l'auteur",
    "coherence.structure-identifiant",
    attribuer(f"{AUTEUR}/hl7:representedOrganization/hl7:id", "extension", lambda numero: numero[:-1]),
)
averti(
    "liaison-entree-es-finess-en-lettres",
    "lettre-liaison-entree-es",
    "écrit le sigle de la structure du signataire à la place de son numéro FINESS",
    "coherence.structure-identifiant",
    attribuer(f"{SIGNATAIRE}/hl7:representedOrganization/hl7:id", "extension", "1EHPAD-TIL"),
)
signale(
    "environnementale-ins-de-production",
    "synthese-environnementale",
    "range une INS de test sous l'OID de production",
    "information.ins-production",
    attribuer(_INS, "root", _PRODUCTION),
    exigences=("INS-03",),
)
signale(
    "export-finess-faux",
    "export-dui",
    "écrit un numéro FINESS dont la clé est fausse",
    "information.finess-key",
    attribuer("hl7:custodian//hl7:id", "extension", "1750803448"),
)
