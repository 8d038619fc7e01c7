"""Spellings that other software uses: each is taken by the DMP, and told."""

from __future__ import annotations

from functools import partial

from lxml import etree

from ..alterations import Alteration, Couture
from . import registre, soap, vihf_signature, xds, xds_remplacement
from .registre import FAULTS, INFORMATION
from .retouches import ESPACES, attribuer, ecrire, retirer, trouver
from .vihf import valeur

_EXIGENCES = ("DMP-ALIM-17",)
_MEMES = {
    "soap-1.1": ("soap-1-1", "envoie une enveloppe SOAP 1.1, comme un exemple officiel"),
    "signature-sha-1": ("vihf-sha1", "signe le VIHF en rsa-sha1, comme d'anciens exemples"),
    "patient-suffixe": ("xds-patient-avec-date", "fait suivre l'INS d'une date, comme d'anciens exemples"),
    "identifiant-autre-casse": (
        "depot-identifiant-autre-casse",
        "change la casse d'un identifiant, comme un exemple officiel",
    ),
}
"""Spellings that a defect of one of ``_AUTRES`` writes too: there, a rule is broken."""
_AUTRES = (soap, vihf_signature, xds)

defaut = partial(registre.defaut, theme="tolerances", effet=INFORMATION, exigences=_EXIGENCES)

for _graphie, (_autre, _description) in _MEMES.items():
    defaut(
        f"graphie-{_graphie.replace('.', '-')}",
        _description,
        *FAULTS[_autre].alterations,
        check=f"dmp.tolerance.{_graphie}",
    )


def _graphie_de(nom: str, description: str, couture: Couture, alteration: Alteration) -> None:
    defaut(f"graphie-{nom.replace('.', '-')}", description, (couture, alteration), check=f"dmp.tolerance.{nom}")


def _sans_prefixe(enveloppe: etree._Element) -> None:
    for action in trouver(enveloppe, "//wsa:Action"):
        texte = action.attrib.pop(f"{{{ESPACES['soap']}}}mustUnderstand", "true")
        action.set("mustUnderstand", texte)


def _invisible_rep_legaux(racine: etree._Element) -> None:
    xds_remplacement.invisible_aux_representants(racine)
    codes = "//rim:Classification[@nodeRepresentation='INVISIBLE_REPRESENTANTS_LEGAUX']"
    attribuer(codes, "nodeRepresentation", "INVISIBLE_REP_LEGAUX")(racine)


_graphie_de("must-understand-sans-prefixe", "écrit mustUnderstand sans préfixe, comme les exemples", Couture.TD21, _sans_prefixe)
_graphie_de("action-http-seule", "ne donne l'action que dans le Content-Type", Couture.TD21, retirer("//wsa:Action"))
_graphie_de(
    "mode-autre-casse",
    "écrit Authentification_Mode, comme certains textes",
    Couture.VIHF,
    attribuer("//saml:Attribute[@Name='Authentification_mode']", "Name", "Authentification_Mode"),
)
_graphie_de("vihf-4.0", "se dit de la version 4.0 du VIHF", Couture.VIHF, ecrire(valeur("VIHF_Version"), "4.0"))
_graphie_de(
    "acces-autre-graphie",
    "écrit « Normal » le mode d'accès normal",
    Couture.VIHF,
    attribuer("//hl7:PurposeOfUse", "code", "Normal"),
)
_graphie_de(
    "acces-autre-nomenclature",
    "nomme « mode acces VIHF 1.0 » la nomenclature des modes d'accès",
    Couture.VIHF,
    attribuer("//hl7:PurposeOfUse", "codeSystemName", "mode acces VIHF 1.0"),
)
_graphie_de(
    "contexte-declare-autrement",
    "répète la classe SmartcardPKI dans AuthnContextDecl, comme un exemple officiel",
    Couture.VIHF,
    ecrire("//saml:AuthnContextDecl", "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI"),
)
_graphie_de(
    "invisible-rep-legaux",
    "écrit INVISIBLE_REP_LEGAUX, comme les tables HL7 v2",
    Couture.XDS,
    _invisible_rep_legaux,
)
_graphie_de(
    "xslt-auto-presentable",
    "annonce application/xslt+xml pour un document auto-présentable",
    Couture.XDS,
    attribuer("//rim:ExtrinsicObject[@id='Doc01']", "mimeType", "application/xslt+xml"),
)
_graphie_de(
    "patient-entre-parentheses",
    "écrit entre parenthèses le patient d'une recherche",
    Couture.TD31,
    ecrire("//rim:Slot[@name='$XDSDocumentEntryPatientId']//rim:Value", lambda texte: f"({texte})"),
)
defaut(
    "graphie-fiche-ancienne-version",
    "garde l'entryUUID reçu juste après le dépôt, même quand les métadonnées ont changé",
    check="dmp.tolerance.fiche-ancienne-version",
    regles={"alimentation": {"vise": "retenue"}},
)
