"""Defects of what the VIHF says. Its signature and its certificates are in :mod:`.vihf_signature`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from lxml import etree

from ..alterations import Alteration, Couture
from . import registre
from .registre import AVERTISSEMENT, NON_CONFORME
from .retouches import attribuer, doubler, ecrire, inserer, retirer, trouver

defaut = partial(registre.defaut, theme="vihf")

EXIGENCES = ("DMP-ALIM-17",)
_ASSERTION = "/saml:Assertion"
ENONCE = "saml:AttributeStatement"
_PATIENT = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
_AUTRE_PATIENT = "207058575627097^^^&1.2.250.1.213.1.4.10&ISO^NH"


def _attribut(nom: str) -> str:
    return f"{ENONCE}/saml:Attribute[@Name='{nom}']"


def valeur(nom: str) -> str:
    """The values of an attribute, by its name."""
    return f"{_attribut(nom)}/saml:AttributeValue"


def vihf(
    nom: str,
    description: str,
    check: str,
    alteration: Alteration,
    *,
    couture: Couture = Couture.VIHF,
    effet: str = NON_CONFORME,
    exigences: tuple[str, ...] = EXIGENCES,
) -> None:
    """Register a defect of one seam of the VIHF."""
    defaut(nom, description, (couture, alteration), check=f"dmp.vihf.{check}", exigences=exigences, effet=effet)


def _instant(chemin: str, nom: str, decalage: timedelta, *, utc: bool = True) -> Alteration:
    """Move an instant of the assertion."""

    def decaler(texte: str) -> str:
        moment = datetime.fromisoformat(texte.replace("Z", "+00:00")) + decalage
        if utc:
            return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        return moment.astimezone().replace(tzinfo=None).isoformat(timespec="seconds") + "+00:00"

    return attribuer(chemin, nom, decaler)


def _dn_inverse(dn: str) -> str:
    return ",".join(reversed(dn.split(",")))


vihf(
    "vihf-dn-inverse",
    "recopie le sujet du certificat dans l'ordre inverse",
    "issuer-matches-certificate",
    ecrire("saml:Issuer", _dn_inverse),
)
vihf(
    "vihf-issuer-sans-format", "ne déclare pas le format de l'émetteur", "issuer-format", attribuer("saml:Issuer", "Format", None)
)
vihf("vihf-saml-1", "déclare la version 1.1 de SAML", "version", attribuer(_ASSERTION, "Version", "1.1"))


def _identifiant_numerique(assertion: etree._Element) -> None:
    assertion.set("ID", assertion.get("ID", "").replace("_", "id", 1))


def _signature_a_la_fin(assertion: etree._Element) -> None:
    assertion.append(trouver(assertion, "ds:Signature")[0])


vihf(
    "vihf-id-sans-tiret-bas",
    "fait commencer l'identifiant de l'assertion par « id »",
    "id-form",
    _identifiant_numerique,
    effet=AVERTISSEMENT,
)
vihf(
    "vihf-signature-a-la-fin",
    "place la signature à la fin de l'assertion",
    "element-order",
    _signature_a_la_fin,
    couture=Couture.VIHF_SIGNE,
)
vihf(
    "vihf-instant-local",
    "écrit l'instant d'émission sans le Z de l'heure UTC",
    "issue-instant-utc",
    _instant(_ASSERTION, "IssueInstant", timedelta(), utc=False),
)
vihf(
    "vihf-emis-hier",
    "réemploie l'instant d'émission de la veille",
    "issue-instant-fresh",
    _instant(_ASSERTION, "IssueInstant", timedelta(hours=-2)),
    effet=AVERTISSEMENT,
)
vihf(
    "vihf-authentifie-apres",
    "date l'authentification de l'utilisateur après l'émission du VIHF",
    "authn-before-issue",
    _instant("saml:AuthnStatement", "AuthnInstant", timedelta(hours=12)),
)


def _periode_passee(assertion: etree._Element) -> None:
    fin = datetime.now(UTC) - timedelta(days=1)
    conditions = (
        f'<saml:Conditions NotBefore="{fin - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}" NotOnOrAfter="{fin:%Y-%m-%dT%H:%M:%SZ}"/>'
    )
    inserer(_ASSERTION, conditions, rang=2)(assertion)


vihf("vihf-periode-passee", "déclare une période de validité déjà passée", "conditions-hold", _periode_passee)
vihf(
    "vihf-audience",
    "restreint l'audience du VIHF",
    "audience-empty",
    inserer(
        _ASSERTION,
        "<saml:Conditions><saml:AudienceRestriction><saml:Audience>DMP</saml:Audience></saml:AudienceRestriction></saml:Conditions>",
        rang=2,
    ),
)
vihf(
    "vihf-sujet-nom",
    "désigne l'utilisateur par son nom de connexion",
    "name-id-form",
    ecrire("saml:Subject/saml:NameID", "camille"),
)
vihf(
    "vihf-contexte-inconnu",
    "déclare un contexte d'authentification de son invention",
    "authn-class-known",
    ecrire("//saml:AuthnContextClassRef", "urn:mon-dui:authentification:forte"),
    effet=AVERTISSEMENT,
)


def _directe_par_mot_de_passe(assertion: etree._Element) -> None:
    ecrire(valeur("Authentification_mode"), "DIRECTE")(assertion)
    ecrire("//saml:AuthnContextClassRef", "urn:oasis:names:tc:SAML:2.0:ac:classes:Password")(assertion)


vihf("vihf-directe-sans-carte", "se dit en mode DIRECTE sans carte", "authn-class-direct", _directe_par_mot_de_passe)


def _directe_par_la_structure(assertion: etree._Element) -> None:
    ecrire(valeur("Authentification_mode"), "DIRECTE")(assertion)
    ecrire("//saml:AuthnContextClassRef", "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI")(assertion)
    retirer("//saml:AuthnContextDecl")(assertion)


vihf(
    "vihf-directe-par-la-structure",
    "se dit en mode DIRECTE et signe avec le certificat de la structure",
    "mode-matches-signer",
    _directe_par_la_structure,
)
vihf(
    "vihf-sans-contexte-declare",
    "omet AuthnContextDecl en indirecte renforcée",
    "authn-decl",
    retirer("//saml:AuthnContextDecl"),
    effet=AVERTISSEMENT,
)
vihf(
    "vihf-attribut-mal-nomme",
    "ajoute l'attribut LPS_ID avec une autre casse",
    "attribute-names",
    inserer(ENONCE, '<saml:Attribute Name="Lps_Id"><saml:AttributeValue>01.01</saml:AttributeValue></saml:Attribute>'),
    effet=AVERTISSEMENT,
)
vihf("vihf-version-2", "déclare la version 2.0 du VIHF", "vihf-version", ecrire(valeur("VIHF_Version"), "2.0"))
vihf("vihf-mode-inconnu", "écrit « INDIRECT » pour le mode", "mode-value", ecrire(valeur("Authentification_mode"), "INDIRECT"))
vihf(
    "vihf-secteur-sans-systeme",
    "donne le secteur d'activité sans l'OID de sa nomenclature",
    "sector-activity",
    ecrire(valeur("Secteur_Activite"), lambda texte: texte.partition("^")[0]),
)
vihf("vihf-role-sans-libelle", "omet le libellé du rôle", "role-form", attribuer("//hl7:Role", "displayName", None))
vihf("vihf-role-inconnu", "code la profession par « INF »", "role-profession", attribuer("(//hl7:Role)[1]", "code", "INF"))


def _medecin_sans_specialite(assertion: etree._Element) -> None:
    attribuer("(//hl7:Role)[1]", "code", "10")(assertion)
    attribuer("(//hl7:Role)[1]", "displayName", "Médecin")(assertion)


vihf(
    "vihf-medecin-sans-specialite",
    "déclare un médecin sans sa spécialité",
    "role-speciality",
    _medecin_sans_specialite,
)
vihf(
    "vihf-sans-nom-d-utilisateur",
    "omet le nom de l'utilisateur",
    "subject-id",
    retirer(_attribut("urn:oasis:names:tc:xspa:1.0:subject:subject-id")),
)
vihf(
    "vihf-motif-mal-code",
    "code le mode d'accès dans une autre nomenclature",
    "purpose-form",
    attribuer("//hl7:PurposeOfUse", "codeSystem", "2.16.840.1.113883.3.18.7.1"),
)
vihf(
    "vihf-motif-inconnu",
    "invente un mode d'accès « soins »",
    "purpose-known",
    attribuer("//hl7:PurposeOfUse", "code", "soins"),
    effet=AVERTISSEMENT,
)
vihf("vihf-ressource-autre", "désigne une autre ressource que le DMP", "resource-urn", ecrire(valeur("Ressource_URN"), "urn:mes"))
vihf(
    "vihf-logiciel-non-homologue",
    "déclare une version qui n'est pas celle homologuée",
    "software-as-homologated",
    ecrire(valeur("LPS_Version"), "0.9-beta"),
)
vihf(
    "vihf-finess-sans-prefixe",
    "oublie le préfixe de l'identifiant de structure",
    "structure-form",
    ecrire(valeur("Identifiant_Structure"), lambda texte: texte[1:]),
)
vihf(
    "vihf-structure-autre",
    "déclare une autre structure que celle du certificat",
    "structure-matches-certificate",
    ecrire(valeur("Identifiant_Structure"), "1990000101"),
)
vihf(
    "vihf-patient-sans-autorite",
    "désigne le patient sans le type de son identifiant",
    "patient-form",
    ecrire(valeur(_PATIENT), lambda texte: texte.removesuffix("^NH")),
)
vihf(
    "vihf-cle-ins-production",
    "transmet une INS de production dont la clé est fausse",
    "patient-key",
    ecrire(valeur(_PATIENT), lambda texte: f"{texte[:13]}00^^^&1.2.250.1.213.1.4.8&ISO^NH"),
)
vihf(
    "vihf-cle-ins-test",
    "transmet une INS de test dont la clé est fausse",
    "patient-test-key",
    ecrire(valeur(_PATIENT), lambda texte: f"{texte[:13]}00{texte[15:]}"),
    effet=AVERTISSEMENT,
)
vihf(
    "vihf-autre-patient",
    "construit le VIHF pour un autre patient que celui du message",
    "patient-is-that-of-body",
    ecrire(valeur(_PATIENT), _AUTRE_PATIENT),
    effet=AVERTISSEMENT,
)
vihf(
    "vihf-en-double",
    "joint deux assertions",
    "single-assertion",
    doubler("//wsse:Security/saml:Assertion"),
    couture=Couture.TD21,
)
vihf(
    "vihf-retouche",
    "modifie l'assertion après l'avoir signée",
    "signature-valid",
    ecrire(valeur("urn:oasis:names:tc:xspa:1.0:subject:subject-id"), lambda texte: f"{texte} "),
    couture=Couture.VIHF_SIGNE,
)


def _assertion_constante(assertion: etree._Element) -> None:
    assertion.set("ID", "_6f1c1d0e-3c55-4c7a-9d27-00000000000a")


defaut(
    "vihf-id-constant",
    "donne le même identifiant à toutes ses assertions",
    (Couture.VIHF, _assertion_constante),
    check="dmp.suite.assertion-not-reused",
    exigences=EXIGENCES,
    effet=AVERTISSEMENT,
)


def _indirecte(assertion: etree._Element) -> None:
    ecrire(valeur("Authentification_mode"), "INDIRECTE")(assertion)


defaut(
    "vihf-indirecte-d-utilisateur",
    "déclare le mode INDIRECTE en gardant le contexte d'un utilisateur authentifié",
    (Couture.VIHF, _indirecte),
    check="dmp.vihf.authn-decl",
    exigences=EXIGENCES,
    effet=AVERTISSEMENT,
)
