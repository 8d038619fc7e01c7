"""Defects of the signature of the VIHF, and of the certificates that sign and that open the connection."""

from __future__ import annotations

import base64
import copy
from dataclasses import replace
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
from .registre import AVERTISSEMENT
from .retouches import ecrire, retirer, trouver
from .vihf import ENONCE, EXIGENCES, valeur, vihf

defaut = partial(registre.defaut, theme="vihf")


def _designer_les_attributs(assertion: etree._Element) -> None:
    trouver(assertion, ENONCE)[0].set("ID", "attributs")


defaut(
    "vihf-signature-partielle",
    "ne signe que les attributs du VIHF",
    (Couture.VIHF, _designer_les_attributs),
    (Couture.VIHF_SIGNATAIRE, lambda signataire: replace(signataire, reference="attributs")),
    check="dmp.vihf.signature-covers-assertion",
    exigences=EXIGENCES,
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
    exigences=EXIGENCES,
)
vihf(
    "vihf-sha1",
    "signe avec SHA-1",
    "signature-algorithm",
    _signataire(signature=SignatureMethod.RSA_SHA1, condense=DigestAlgorithm.SHA1),
    couture=Couture.VIHF_SIGNATAIRE,
    effet=AVERTISSEMENT,
)
vihf(
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


vihf(
    "vihf-certificat-auto-signe",
    "signe avec un certificat qu'aucune autorité n'a délivré",
    "certificate-trusted",
    auto_signe,
    couture=Couture.VIHF_SIGNATAIRE,
)
vihf(
    "vihf-cle-d-un-autre",
    "joint un certificat qui n'est pas celui de la clé employée",
    "signature-valid",
    _autre_cle,
    couture=Couture.VIHF_SIGNATAIRE,
)


def _certificats(nom: str, description: str, check: str, **valeurs: str) -> None:
    defaut(nom, description, check=f"dmp.vihf.{check}", exigences=EXIGENCES, regles={"certificats": valeurs})


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
    ecrire(valeur("Identifiant_Structure"), unite)(assertion)


defaut(
    "vihf-etablissement",
    "agit au nom de l'établissement (FINESS EG) et non de l'entité juridique",
    (Couture.VIHF, _structure_du_certificat),
    check="dmp.vihf.structure-is-legal-entity",
    exigences=EXIGENCES,
    regles={"certificats": {"signature": "sign:eg", "tls": "auth_cli:eg"}},
)


def _en_indirecte(assertion: etree._Element) -> None:
    ecrire(valeur("Authentification_mode"), "INDIRECTE")(assertion)


defaut(
    "vihf-autorisation-sans-utilisateur",
    "demande une autorisation d'accès avec le seul certificat logiciel",
    (Couture.VIHF, _en_indirecte),
    check="dmp.vihf.mode-allows-transaction",
    exigences=EXIGENCES,
    regles={"envoi": {"demande_autorisation": True}},
)
