"""The VIHF: the signed SAML assertion that says who calls the DMP, from where, for whom and with which software."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from .alterations import Alterations, Couture
from .comptes import Role, Utilisateur
from .configuration import MODE_AIR, Logiciel, StructureLocale
from .dossier import Ins
from .horloge import utc_iso
from .signature import SAML, Signataire, signer

HL7 = "urn:hl7-org:v3"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SECTEURS = "1.2.250.1.71.4.2.4"
_SUJET_X509 = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"
_CONTEXTES = {
    "CARD": "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI",
    "MOBILE": "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorUnregistered",
    "LOCAL": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password",
}
ACCES_NORMAL = Role("normal", "1.2.250.1.213.1.1.4.248", "Accès normal")
BRIS_DE_GLACE = Role("bris_de_glace", "1.2.250.1.213.1.1.4.248", "Bris de glace")


@dataclass(frozen=True, slots=True)
class Authentification:
    """How the user was authenticated. ``moyen`` is CARD or MOBILE through Pro Santé Connect, LOCAL otherwise; ``acces`` is why
    he calls."""

    utilisateur: Utilisateur
    instant: datetime
    mode: str
    moyen: str = "LOCAL"
    acces: Role = ACCES_NORMAL


@dataclass(frozen=True, slots=True)
class Vihf:
    """What one assertion says. ``ins`` is the patient of the call, None for a call about none in particular."""

    authentification: Authentification
    structure: StructureLocale
    logiciel: Logiciel
    ins: Ins | None
    emis_le: datetime

    def signe(self, signataire: Signataire, alterations: Alterations) -> etree._Element:
        """The assertion, signed by the structure's signature certificate."""
        signataire = alterations.passer(Couture.VIHF_SIGNATAIRE, signataire)
        assertion = alterations.passer(Couture.VIHF, self.assertion(signataire.sujet))
        return alterations.passer(Couture.VIHF_SIGNE, signer(assertion, signataire))

    def assertion(self, emetteur: str) -> etree._Element:
        """The assertion without its signature. ``emetteur`` is the subject of the certificate that will sign it."""
        racine = etree.Element(
            _saml("Assertion"),
            {"ID": f"_{uuid.uuid4()}", "IssueInstant": utc_iso(self.emis_le), "Version": "2.0"},
            nsmap={"saml": SAML},
        )
        etree.SubElement(racine, _saml("Issuer"), {"Format": _SUJET_X509}).text = emetteur
        sujet = etree.SubElement(racine, _saml("Subject"))
        etree.SubElement(sujet, _saml("NameID")).text = self.authentification.utilisateur.id_nat
        racine.append(self._authentification())
        racine.append(self._attributs())
        return racine

    def _authentification(self) -> etree._Element:
        enonce = etree.Element(
            _saml("AuthnStatement"), {"AuthnInstant": utc_iso(self.authentification.instant)}, nsmap={"saml": SAML}
        )
        contexte = etree.SubElement(enonce, _saml("AuthnContext"))
        etree.SubElement(contexte, _saml("AuthnContextClassRef")).text = _CONTEXTES[self.authentification.moyen]
        if self.authentification.mode == MODE_AIR:
            etree.SubElement(contexte, _saml("AuthnContextDecl")).text = "APP_BROWSER_AUTH"
        return enonce

    def _attributs(self) -> etree._Element:
        utilisateur, ins = self.authentification.utilisateur, self.ins
        enonce = etree.Element(_saml("AttributeStatement"), nsmap={"saml": SAML})
        textes = {
            "VIHF_Version": "3.0",
            "Authentification_mode": self.authentification.mode,
            "Identifiant_Structure": self.structure.struct_id_nat,
            "Secteur_Activite": f"{self.structure.secteur_activite}^{SECTEURS}",
            "urn:oasis:names:tc:xacml:2.0:resource:resource-id": f"{ins.complet}^^^&{ins.oid}&ISO^NH" if ins else "",
            "Ressource_URN": "urn:dmp",
            "urn:oasis:names:tc:xspa:1.0:subject:subject-id": utilisateur.libelle,
            "LPS_Nom": self.logiciel.lps_nom,
            "LPS_Version": self.logiciel.lps_version,
            "LPS_ID_HOMOLOGATION_DMP": self.logiciel.id_homologation,
        }
        for nom, texte in textes.items():
            if texte:
                _valeur(_attribut(enonce, nom)).text = texte
        roles = _attribut(enonce, "urn:oasis:names:tc:xacml:2.0:subject:role")
        for role in utilisateur.roles:
            _code(_valeur(roles), "Role", role, "")
        motif = _attribut(enonce, "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse")
        _code(_valeur(motif), "PurposeOfUse", self.authentification.acces, "mode acces VIHF 2.0")
        return enonce


def _saml(nom: str) -> str:
    return f"{{{SAML}}}{nom}"


def _attribut(enonce: etree._Element, nom: str) -> etree._Element:
    return etree.SubElement(enonce, _saml("Attribute"), {"Name": nom})


def _valeur(attribut: etree._Element) -> etree._Element:
    return etree.SubElement(attribut, _saml("AttributeValue"))


def _code(parent: etree._Element, nom: str, role: Role, nom_systeme: str) -> None:
    code = etree.SubElement(parent, f"{{{HL7}}}{nom}", nsmap={None: HL7, "xsi": XSI})
    code.set(f"{{{XSI}}}type", "CE")
    code.set("code", role.code)
    code.set("codeSystem", role.systeme)
    if nom_systeme:
        code.set("codeSystemName", nom_systeme)
    code.set("displayName", role.libelle)
