"""Defects of the VIHF: what the assertion says, how it is signed, and by which certificate."""

from __future__ import annotations

import base64
import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod

from ..alterations import Alteration, Couture
from ..signature import Signataire
from . import registre
from .registre import AVERTISSEMENT, NON_CONFORME
from .retouches import attribuer, doubler, ecrire, inserer, retirer, trouver

defaut = partial(registre.defaut, theme="vihf")

_VIHF = ("DMP-ALIM-17",)
_ASSERTION = "/saml:Assertion"
_ENONCE = "saml:AttributeStatement"
_ROLE = "urn:oasis:names:tc:xacml:2.0:subject:role"
_BUT = "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse"
_PATIENT = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
_AUTRE_PATIENT = "207058575627097^^^&1.2.250.1.213.1.4.10&ISO^NH"


def _attribut(nom: str) -> str:
    return f"{_ENONCE}/saml:Attribute[@Name='{nom}']"


def _valeur(nom: str) -> str:
    return f"{_attribut(nom)}/saml:AttributeValue"


def _vihf(
    nom: str,
    description: str,
    check: str,
    alteration: Alteration,
    *,
    couture: Couture = Couture.VIHF,
    effet: str = NON_CONFORME,
    exigences: tuple[str, ...] = _VIHF,
) -> None:
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


_vihf(
    "vihf-dn-inverse",
    "recopie le sujet du certificat dans l'ordre inverse",
    "issuer-matches-certificate",
    ecrire("saml:Issuer", _dn_inverse),
)
_vihf(
    "vihf-issuer-sans-format", "ne déclare pas le format de l'émetteur", "issuer-format", attribuer("saml:Issuer", "Format", None)
)
_vihf("vihf-saml-1", "déclare la version 1.1 de SAML", "version", attribuer(_ASSERTION, "Version", "1.1"))


def _identifiant_numerique(assertion: etree._Element) -> None:
    assertion.set("ID", assertion.get("ID", "").replace("_", "id", 1))


def _signature_a_la_fin(assertion: etree._Element) -> None:
    assertion.append(trouver(assertion, "ds:Signature")[0])


_vihf(
    "vihf-id-sans-tiret-bas",
    "fait commencer l'identifiant de l'assertion par « id »",
    "id-form",
    _identifiant_numerique,
    effet=AVERTISSEMENT,
)
_vihf(
    "vihf-signature-a-la-fin",
    "place la signature à la fin de l'assertion",
    "element-order",
    _signature_a_la_fin,
    couture=Couture.VIHF_SIGNE,
)
_vihf(
    "vihf-instant-local",
    "écrit l'instant d'émission sans le Z de l'heure UTC",
    "issue-instant-utc",
    _instant(_ASSERTION, "IssueInstant", timedelta(), utc=False),
)
_vihf(
    "vihf-emis-hier",
    "réemploie l'instant d'émission de la veille",
    "issue-instant-fresh",
    _instant(_ASSERTION, "IssueInstant", timedelta(hours=-2)),
    effet=AVERTISSEMENT,
)
_vihf(
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


_vihf("vihf-periode-passee", "déclare une période de validité déjà passée", "conditions-hold", _periode_passee)
_vihf(
    "vihf-audience",
    "restreint l'audience du VIHF",
    "audience-empty",
    inserer(
        _ASSERTION,
        "<saml:Conditions><saml:AudienceRestriction><saml:Audience>DMP</saml:Audience></saml:AudienceRestriction></saml:Conditions>",
        rang=2,
    ),
)
_vihf(
    "vihf-sujet-nom",
    "désigne l'utilisateur par son nom de connexion",
    "name-id-form",
    ecrire("saml:Subject/saml:NameID", "camille"),
)
_vihf(
    "vihf-contexte-inconnu",
    "déclare un contexte d'authentification de son invention",
    "authn-class-known",
    ecrire("//saml:AuthnContextClassRef", "urn:mon-dui:authentification:forte"),
    effet=AVERTISSEMENT,
)


def _directe_par_mot_de_passe(assertion: etree._Element) -> None:
    ecrire(_valeur("Authentification_mode"), "DIRECTE")(assertion)
    ecrire("//saml:AuthnContextClassRef", "urn:oasis:names:tc:SAML:2.0:ac:classes:Password")(assertion)


_vihf("vihf-directe-sans-carte", "se dit en mode DIRECTE sans carte", "authn-class-direct", _directe_par_mot_de_passe)
_vihf(
    "vihf-sans-contexte-declare",
    "omet AuthnContextDecl en indirecte renforcée",
    "authn-decl",
    retirer("//saml:AuthnContextDecl"),
    effet=AVERTISSEMENT,
)
_vihf(
    "vihf-attribut-mal-nomme",
    "ajoute l'attribut LPS_ID avec une autre casse",
    "attribute-names",
    inserer(_ENONCE, '<saml:Attribute Name="Lps_Id"><saml:AttributeValue>01.01</saml:AttributeValue></saml:Attribute>'),
    effet=AVERTISSEMENT,
)
_vihf("vihf-version-2", "déclare la version 2.0 du VIHF", "vihf-version", ecrire(_valeur("VIHF_Version"), "2.0"))
_vihf("vihf-mode-inconnu", "écrit « INDIRECT » pour le mode", "mode-value", ecrire(_valeur("Authentification_mode"), "INDIRECT"))
_vihf(
    "vihf-secteur-sans-systeme",
    "donne le secteur d'activité sans l'OID de sa nomenclature",
    "sector-activity",
    ecrire(_valeur("Secteur_Activite"), lambda texte: texte.partition("^")[0]),
)
_vihf("vihf-role-sans-libelle", "omet le libellé du rôle", "role-form", attribuer("//hl7:Role", "displayName", None))
_vihf("vihf-role-inconnu", "code la profession par « INF »", "role-profession", attribuer("(//hl7:Role)[1]", "code", "INF"))


def _medecin_sans_specialite(assertion: etree._Element) -> None:
    attribuer("(//hl7:Role)[1]", "code", "10")(assertion)
    attribuer("(//hl7:Role)[1]", "displayName", "Médecin")(assertion)


_vihf(
    "vihf-medecin-sans-specialite",
    "déclare un médecin sans sa spécialité",
    "role-speciality",
    _medecin_sans_specialite,
)
_vihf(
    "vihf-sans-nom-d-utilisateur",
    "omet le nom de l'utilisateur",
    "subject-id",
    retirer(_attribut("urn:oasis:names:tc:xspa:1.0:subject:subject-id")),
)
_vihf(
    "vihf-motif-mal-code",
    "code le mode d'accès dans une autre nomenclature",
    "purpose-form",
    attribuer("//hl7:PurposeOfUse", "codeSystem", "2.16.840.1.113883.3.18.7.1"),
)
_vihf(
    "vihf-motif-inconnu",
    "invente un mode d'accès « soins »",
    "purpose-known",
    attribuer("//hl7:PurposeOfUse", "code", "soins"),
    effet=AVERTISSEMENT,
)
_vihf(
    "vihf-ressource-autre", "désigne une autre ressource que le DMP", "resource-urn", ecrire(_valeur("Ressource_URN"), "urn:mes")
)
_vihf(
    "vihf-logiciel-non-homologue",
    "déclare une version qui n'est pas celle homologuée",
    "software-as-homologated",
    ecrire(_valeur("LPS_Version"), "0.9-beta"),
)
_vihf(
    "vihf-finess-sans-prefixe",
    "oublie le préfixe de l'identifiant de structure",
    "structure-form",
    ecrire(_valeur("Identifiant_Structure"), lambda texte: texte[1:]),
)
_vihf(
    "vihf-structure-autre",
    "déclare une autre structure que celle du certificat",
    "structure-matches-certificate",
    ecrire(_valeur("Identifiant_Structure"), "1990000101"),
)
_vihf(
    "vihf-patient-sans-autorite",
    "désigne le patient sans le type de son identifiant",
    "patient-form",
    ecrire(_valeur(_PATIENT), lambda texte: texte.removesuffix("^NH")),
)
_vihf(
    "vihf-cle-ins-production",
    "transmet une INS de production dont la clé est fausse",
    "patient-key",
    ecrire(_valeur(_PATIENT), lambda texte: f"{texte[:13]}00^^^&1.2.250.1.213.1.4.8&ISO^NH"),
)
_vihf(
    "vihf-cle-ins-test",
    "transmet une INS de test dont la clé est fausse",
    "patient-test-key",
    ecrire(_valeur(_PATIENT), lambda texte: f"{texte[:13]}00{texte[15:]}"),
    effet=AVERTISSEMENT,
)
_vihf(
    "vihf-autre-patient",
    "construit le VIHF pour un autre patient que celui du message",
    "patient-is-that-of-body",
    ecrire(_valeur(_PATIENT), _AUTRE_PATIENT),
    effet=AVERTISSEMENT,
)
_vihf(
    "vihf-en-double",
    "joint deux assertions",
    "single-assertion",
    doubler("//wsse:Security/saml:Assertion"),
    couture=Couture.TD21,
)
_vihf(
    "vihf-retouche",
    "modifie l'assertion après l'avoir signée",
    "signature-valid",
    ecrire(_valeur("urn:oasis:names:tc:xspa:1.0:subject:subject-id"), lambda texte: f"{texte} "),
    couture=Couture.VIHF_SIGNE,
)


def _designer_les_attributs(assertion: etree._Element) -> None:
    trouver(assertion, _ENONCE)[0].set("ID", "attributs")


defaut(
    "vihf-signature-partielle",
    "ne signe que les attributs du VIHF",
    (Couture.VIHF, _designer_les_attributs),
    (Couture.VIHF_SIGNATAIRE, lambda signataire: replace(signataire, reference="attributs")),
    check="dmp.vihf.signature-covers-assertion",
    exigences=_VIHF,
)


def _signataire(**valeurs: Any) -> Alteration:
    def alterer(signataire: Signataire) -> Signataire:
        return replace(signataire, **valeurs)

    return alterer


class _TransformationsInversees:
    """Declares the transforms in the other order, then signs SignedInfo again so that the signature still verifies."""

    def retenir(self, signataire: Signataire) -> None:
        """Remember the key for what follows."""
        self._cle = signataire.cle

    def inverser(self, assertion: etree._Element) -> None:
        """Exchange both transforms."""
        transformations = trouver(assertion, ".//ds:Transforms")[0]
        transformations.append(transformations[0])
        signe = etree.tostring(copy.deepcopy(trouver(assertion, ".//ds:SignedInfo")[0]), method="c14n", exclusive=True)
        valeur = self._cle.sign(signe, padding.PKCS1v15(), hashes.SHA256())
        ecrire(".//ds:SignatureValue", base64.b64encode(valeur).decode())(assertion)


_INVERSION = _TransformationsInversees()
defaut(
    "vihf-transformations-inversees",
    "déclare la canonisation avant le retrait de la signature",
    (Couture.VIHF_SIGNATAIRE, _INVERSION.retenir),
    (Couture.VIHF_SIGNE, _INVERSION.inverser),
    check="dmp.vihf.signature-transforms",
    exigences=_VIHF,
)
_vihf(
    "vihf-sha1",
    "signe avec SHA-1",
    "signature-algorithm",
    _signataire(signature=SignatureMethod.RSA_SHA1, condense=DigestAlgorithm.SHA1),
    couture=Couture.VIHF_SIGNATAIRE,
    effet=AVERTISSEMENT,
)
_vihf(
    "vihf-sans-certificat",
    "ne joint pas le certificat signataire",
    "certificate-embedded",
    retirer(".//ds:KeyInfo"),
    couture=Couture.VIHF_SIGNE,
)


def auto_signe(signataire: Signataire) -> Signataire:
    """The same subject and key, in a certificate that no authority signed."""
    ancien = signataire.certificat
    certificat = (
        x509.CertificateBuilder()
        .subject_name(ancien.subject)
        .issuer_name(ancien.subject)
        .public_key(ancien.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ancien.not_valid_before_utc)
        .not_valid_after(ancien.not_valid_after_utc)
        .add_extension(ancien.extensions.get_extension_for_class(x509.KeyUsage).value, critical=True)
        .sign(signataire.cle, hashes.SHA256())
    )
    return replace(signataire, certificat=certificat)


def _autre_cle(signataire: Signataire) -> Signataire:
    return replace(signataire, cle=rsa.generate_private_key(public_exponent=65537, key_size=2048))


_vihf(
    "vihf-certificat-auto-signe",
    "signe avec un certificat qu'aucune autorité n'a délivré",
    "certificate-trusted",
    auto_signe,
    couture=Couture.VIHF_SIGNATAIRE,
)
_vihf(
    "vihf-cle-d-un-autre",
    "joint un certificat qui n'est pas celui de la clé employée",
    "signature-valid",
    _autre_cle,
    couture=Couture.VIHF_SIGNATAIRE,
)


def _certificats(nom: str, description: str, check: str, **valeurs: str) -> None:
    defaut(nom, description, check=f"dmp.vihf.{check}", exigences=_VIHF, regles={"certificats": valeurs})


_certificats(
    "vihf-un-seul-certificat",
    "signe le VIHF avec le certificat de la connexion TLS",
    "tls-distinct-certificate",
    signature="auth_cli",
)
_certificats("vihf-certificat-expire", "signe avec un certificat expiré", "certificate-valid-at-issue", signature="sign:expire")
_certificats(
    "vihf-certificat-de-chiffrement",
    "signe avec un certificat de chiffrement",
    "certificate-key-usage",
    signature="sign:chiffrement",
)
_certificats(
    "vihf-deux-structures",
    "ouvre la connexion TLS avec le certificat d'une autre structure que celle qui signe",
    "tls-same-structure",
    tls="auth_cli:eg",
)


def _structure_du_certificat(assertion: etree._Element) -> None:
    sujet = trouver(assertion, "saml:Issuer")[0].text or ""
    unite = next(partie[3:] for partie in sujet.split(",") if partie.startswith("OU="))
    ecrire(_valeur("Identifiant_Structure"), unite)(assertion)


defaut(
    "vihf-etablissement",
    "agit au nom de l'établissement (FINESS EG) et non de l'entité juridique",
    (Couture.VIHF, _structure_du_certificat),
    check="dmp.vihf.structure-is-legal-entity",
    exigences=_VIHF,
    regles={"certificats": {"signature": "sign:eg", "tls": "auth_cli:eg"}},
)


def _assertion_constante(assertion: etree._Element) -> None:
    assertion.set("ID", "_6f1c1d0e-3c55-4c7a-9d27-00000000000a")


defaut(
    "vihf-id-constant",
    "donne le même identifiant à toutes ses assertions",
    (Couture.VIHF, _assertion_constante),
    check="dmp.suite.assertion-not-reused",
    exigences=_VIHF,
    effet=AVERTISSEMENT,
)


def _indirecte(assertion: etree._Element) -> None:
    ecrire(_valeur("Authentification_mode"), "INDIRECTE")(assertion)


defaut(
    "vihf-indirecte-d-utilisateur",
    "déclare le mode INDIRECTE en gardant le contexte d'un utilisateur authentifié",
    (Couture.VIHF, _indirecte),
    check="dmp.vihf.authn-decl",
    exigences=_VIHF,
    effet=AVERTISSEMENT,
)
