"""Defects of who calls the DMP: roles, names, modes, reasons, sessions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from lxml import etree

from ..alterations import Alteration, Couture
from . import registre
from .registre import AVERTISSEMENT, NON_CONFORME
from .retouches import attribuer, doubler, ecrire, inserer, retirer, si_present, trouver
from .vihf import ENONCE, valeur

_EXIGENCES = ("DMP-ALIM-17",)
_CHACUN = ("DMP-ALIM-17", "DMP-CONS-10")
_NON_PS = "1.2.250.1.213.1.1.4.6"
_AUTHENTIFICATION = "saml:AuthnStatement"
_CONFIDENTIALITE = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"
_NOM = "urn:oasis:names:tc:xspa:1.0:subject:subject-id"
_SUJET = "saml:Subject/saml:NameID"

defaut = partial(registre.defaut, theme="vihf-roles")


def _vihf(
    nom: str,
    description: str,
    check: str,
    *alterations: Alteration,
    effet: str = NON_CONFORME,
    exigences: tuple[str, ...] = _EXIGENCES,
) -> None:
    defaut(
        nom,
        description,
        *((Couture.VIHF, alteration) for alteration in alterations),
        check=f"dmp.{check}",
        exigences=exigences,
        effet=effet,
    )


def _role(code: str, systeme: str, libelle: str) -> Alteration:
    """Replace the profession."""

    def changer(assertion: etree._Element) -> None:
        for nom, texte in (("code", code), ("codeSystem", systeme), ("displayName", libelle)):
            attribuer("(//hl7:Role)[1]", nom, texte)(assertion)

    return changer


def _second_role(code: str, systeme: str, libelle: str) -> Alteration:
    """Add a role after the profession."""
    xml = (
        '<saml:AttributeValue><hl7:Role xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CE" '
        f'code="{code}" codeSystem="{systeme}" displayName="{libelle}"/></saml:AttributeValue>'
    )
    return inserer("//saml:Attribute[.//hl7:Role]", xml)


_vihf(
    "roles-automate",
    "déclare tous ses appels comme ceux d'un automate, en gardant le mode d'un utilisateur",
    "roles.role-fits-mode",
    _role("AUTOMATE", _NON_PS, "Automate"),
)
_vihf(
    "roles-secretariat",
    "déclare une secrétaire dans le mode renforcé",
    "roles.role-fits-mode",
    _role("SECRETARIAT_MEDICAL", _NON_PS, "Secrétariat médical"),
)
_vihf(
    "roles-espace-du-patient",
    "se présente comme l'expression du patient",
    "roles.role-fits-mode",
    _role("EXP_PATIENT", _NON_PS, "Expression du patient"),
)
_vihf(
    "roles-autre-profession-sans-role",
    "déclare un acteur caractérisé par son rôle, sans le rôle",
    "vihf.role-speciality",
    _role("99", "1.2.250.1.213.1.6.1.140", "Acteur caractérisé par rôle"),
)
_vihf(
    "roles-autre-profession-locale",
    "code un acteur caractérisé par son rôle dans la nomenclature des professions de santé",
    "vihf.role-profession",
    _role("99", "1.2.250.1.71.1.2.7", "Acteur caractérisé par rôle"),
)
_vihf(
    "roles-pharmacien-sans-section",
    "déclare un pharmacien sans sa section",
    "vihf.role-speciality",
    _role("21", "1.2.250.1.71.1.2.7", "Pharmacien"),
)
_vihf("roles-en-double", "donne deux fois la profession", "roles.list", doubler("//saml:AttributeValue[hl7:Role]"))
_vihf(
    "roles-savoir-faire-en-clair",
    "écrit le savoir-faire en toutes lettres",
    "roles.list",
    _second_role("médecine générale", "1.2.250.1.71.4.2.5", "Médecine générale"),
)
_vihf(
    "roles-section-inconnue",
    "donne à un pharmacien une section qui n'existe pas",
    "roles.list",
    _second_role("Z", "1.2.250.1.71.4.2.6", "Section Z"),
)
_vihf(
    "roles-acces-d-urgence-pour-deposer",
    "alimente en bris de glace",
    "roles.reason-fits-transaction",
    attribuer("//hl7:PurposeOfUse", "code", "bris_de_glace"),
)
_vihf(
    "roles-mot-de-passe",
    "annonce le mode renforcé pour un utilisateur connecté par mot de passe",
    "roles.strong-authentication",
    ecrire("//saml:AuthnContextClassRef", "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"),
)
_vihf(
    "roles-numero-adeli",
    "nomme l'utilisateur par un ancien numéro ADELI",
    "roles.name-fits-mode",
    ecrire(_SUJET, "0919900017"),
)
_vihf(
    "roles-compte-d-une-autre-structure",
    "nomme l'utilisateur par le compte d'une autre structure",
    "roles.name-fits-mode",
    ecrire(_SUJET, "3990000101/compte-12"),
)
_vihf("roles-compte-partage", "affiche le nom d'un compte partagé", "roles.user-not-generic", ecrire(valeur(_NOM), "COMPTE DUI"))
_vihf(
    "roles-connexion-secrete",
    "demande une connexion secrète, que seul un patient peut demander",
    "roles.no-secret-connection",
    inserer(
        ENONCE,
        f'<saml:Attribute Name="{_CONFIDENTIALITE}"><saml:AttributeValue>N</saml:AttributeValue></saml:Attribute>',
    ),
)
_vihf(
    "roles-secteur-hospitalier",
    "déclare le secteur d'activité d'un hôpital",
    "roles.sector-of-structure",
    ecrire(valeur("Secteur_Activite"), "SA01^1.2.250.1.71.4.2.4"),
    effet=AVERTISSEMENT,
)
_vihf(
    "roles-deux-modes",
    "écrit le mode deux fois, sous deux graphies, avec deux valeurs",
    "vihf.mode-value",
    inserer(
        ENONCE,
        '<saml:Attribute Name="Authentification_Mode"><saml:AttributeValue>INDIRECTE</saml:AttributeValue></saml:Attribute>',
    ),
)
_vihf(
    "roles-logiciel-autre-nom",
    "se nomme autrement que ce qui est homologué",
    "vihf.software-as-homologated",
    ecrire(valeur("LPS_Nom"), "DUI Temoin Plus"),
)
_vihf(
    "roles-sans-homologation",
    "omet le numéro d'homologation",
    "vihf.software-as-homologated",
    retirer(f"{ENONCE}/saml:Attribute[@Name='LPS_ID_HOMOLOGATION_DMP']"),
)
_vihf(
    "roles-emis-demain",
    "émet ses jetons deux heures en avance sur l'heure réelle",
    "vihf.issue-instant-fresh",
    attribuer("/saml:Assertion", "IssueInstant", lambda texte: _decale(texte, timedelta(hours=2))),
    effet=AVERTISSEMENT,
)


def _periode_a_venir(assertion: etree._Element) -> None:
    debut = _decale(assertion.get("IssueInstant", ""), timedelta(hours=1))
    inserer("/saml:Assertion", f'<saml:Conditions NotBefore="{debut}"/>', rang=2)(assertion)


def _decale(texte: str, de: timedelta) -> str:
    return (datetime.fromisoformat(texte) + de).strftime("%Y-%m-%dT%H:%M:%SZ")


_vihf(
    "roles-periode-a-venir",
    "déclare une période de validité qui n'a pas commencé",
    "vihf.conditions-hold",
    _periode_a_venir,
)


def _pour_medecin(alteration: Alteration) -> Alteration:
    return si_present("//hl7:Role[@code='10']", alteration)


_vihf(
    "roles-identifiant-par-defaut",
    "nomme toujours le responsable du service, quel que soit l'utilisateur",
    "session.user",
    ecrire(_SUJET, "899700000099"),
    exigences=_CHACUN,
)
_vihf(
    "roles-profession-par-defaut",
    "déclare la même profession quel que soit l'utilisateur",
    "session.profession",
    _role("70", "1.2.250.1.71.1.2.7", "Masseur-kinésithérapeute"),
)
_vihf(
    "roles-savoir-faire-par-defaut",
    "déclare le même savoir-faire pour tous les médecins",
    "session.speciality",
    _pour_medecin(attribuer("(//hl7:Role)[2]", "code", "SM54")),
)
_vihf(
    "roles-nom-d-un-autre", "affiche le nom du responsable du service", "session.name", ecrire(valeur(_NOM), "PAUL TESTEUR-MULTI")
)


def _instant(lire: Callable[[etree._Element], str]) -> Alteration:
    def ecrire_instant(assertion: etree._Element) -> None:
        trouver(assertion, _AUTHENTIFICATION)[0].set("AuthnInstant", lire(assertion))

    return ecrire_instant


_vihf(
    "roles-authentifie-a-l-envoi",
    "date l'authentification de l'utilisateur du moment de chaque message",
    "session.instant",
    _instant(lambda assertion: assertion.get("IssueInstant", "")),
)
_numero = count(1)
_vihf(
    "roles-authentification-mobile",
    "date l'authentification du dernier rafraîchissement de la session",
    "session.one-instant",
    attribuer(_AUTHENTIFICATION, "AuthnInstant", lambda texte: _decale(texte, timedelta(seconds=next(_numero) % 60))),
)
defaut(
    "roles-par-carte",
    "alimente par la carte du professionnel un DMP pour lequel il se déclare en mode renforcé",
    check="dmp.roles.declared-mode",
    exigences=_EXIGENCES,
    effet=AVERTISSEMENT,
    regles={"alimentation": {"par_carte": True}},
)
