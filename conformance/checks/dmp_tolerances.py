"""Spellings that real software uses and that the DMP takes: each is told as an information, and refused nowhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ..core.check import Check
from ..core.errors import CheckFailed
from ..core.exchange import Exchange
from ..core.problem import Evidence
from .registry import check


class Graphie(NamedTuple):
    """A spelling: the rule that it bends, what is regular, what was received, where, the source that shows it."""

    regle: str
    attendu: str
    recu: str
    ou: str
    source: str


_ENVELOPPE = "/soap:Envelope/soap:Header"
_VIHF = f"{_ENVELOPPE}/wsse:Security/saml2:Assertion"
_CORPS = "/soap:Envelope/soap:Body"

GRAPHIES: dict[str, Graphie] = {
    "soap-1.1": Graphie(
        "L'enveloppe est en SOAP 1.2.",
        "SOAP 1.2",
        "SOAP 1.1",
        "/soap:Envelope",
        "exemple TD2.1 du package DMP (erreur de l'exemple)",
    ),
    "must-understand-sans-prefixe": Graphie(
        "mustUnderstand porte le préfixe de l'espace de noms SOAP.",
        'soap:mustUnderstand="true"',
        'mustUnderstand="true"',
        _ENVELOPPE,
        "exemples du package DMP",
    ),
    "action-http-seule": Graphie(
        "L'action est dans wsa:Action, et reprise dans le Content-Type.",
        "wsa:Action et le paramètre action",
        "le paramètre action seul",
        f"{_ENVELOPPE}/wsa:Action",
        "WS-Addressing ; exemples du package DMP",
    ),
    "mode-autre-casse": Graphie(
        "L'attribut du mode se nomme Authentification_mode.",
        "Authentification_mode",
        "Authentification_Mode",
        f"{_VIHF}/saml2:AttributeStatement",
        "certains textes de l'annexe VIHF",
    ),
    "vihf-4.0": Graphie(
        "VIHF_Version vaut 3.0.", "3.0", "4.0", f"{_VIHF}/saml2:AttributeStatement", "mapping HL7 v2 récent (VIHF 4.0)"
    ),
    "signature-sha-1": Graphie(
        "Le VIHF est signé en rsa-sha256.", "rsa-sha256", "rsa-sha1", f"{_VIHF}/ds:Signature", "exemples de 2019 et 2020"
    ),
    "acces-autre-graphie": Graphie(
        "Le mode d'accès s'écrit normal, bris_de_glace ou centre_15.",
        "normal, bris_de_glace ou centre_15",
        "une autre graphie",
        f"{_VIHF}//PurposeOfUse/@code",
        "logiciels vus (brisDeGlace, urgence)",
    ),
    "acces-autre-nomenclature": Graphie(
        "La nomenclature du mode d'accès se nomme « mode acces VIHF 2.0 ».",
        "mode acces VIHF 2.0",
        "un autre codeSystemName",
        f"{_VIHF}//PurposeOfUse/@codeSystemName",
        "exemples du package DMP (1.0) ; DRIMbox",
    ),
    "contexte-declare-autrement": Graphie(
        "AuthnContextDecl vaut APP_BROWSER_AUTH.",
        "APP_BROWSER_AUTH",
        "une autre valeur",
        f"{_VIHF}//saml2:AuthnContextDecl",
        "exemple AIR du package DMP, qui répète la classe SmartcardPKI",
    ),
    "patient-suffixe": Graphie(
        "L'identifiant du patient s'arrête à son type (NH).",
        "INS15^^^&OID&ISO^NH",
        "des composantes après NH",
        _CORPS,
        "anciens exemples du package DMP",
    ),
    "patient-entre-parentheses": Graphie(
        "Le patient d'une recherche s'écrit entre apostrophes, sans parenthèses.",
        "'INS15^^^&OID&ISO^NH'",
        "('INS15^^^&OID&ISO^NH')",
        f"{_CORPS}//rim:AdhocQuery/rim:Slot",
        "requêtes stockées IHE vues",
    ),
    "identifiant-autre-casse": Graphie(
        "Document et ExtrinsicObject portent le même identifiant, casse comprise.",
        "le même identifiant",
        "une autre casse",
        f"{_CORPS}//xds:Document/@id",
        "exemple TD2.1 du package DMP",
    ),
    "invisible-rep-legaux": Graphie(
        "Le code de visibilité s'écrit INVISIBLE_REPRESENTANTS_LEGAUX.",
        "INVISIBLE_REPRESENTANTS_LEGAUX",
        "INVISIBLE_REP_LEGAUX",
        f"{_CORPS}//rim:Classification",
        "tables HL7 v2 de l'ANS",
    ),
    "xslt-auto-presentable": Graphie(
        "Le type MIME d'un CDA est text/xml.",
        "text/xml",
        "application/xslt+xml",
        f"{_CORPS}//rim:ExtrinsicObject/@mimeType",
        "EX_2.1-1115 (document auto-présentable)",
    ),
    "fiche-ancienne-version": Graphie(
        "Une fiche est désignée par l'entryUUID de ses métadonnées actuelles.",
        "l'entryUUID actuel",
        "celui d'une version précédente",
        f"{_CORPS}//rim:Association/@targetObject",
        "IHE ITI TF-3 (logicalID) ; choix du simulateur",
    ),
}
"""By the name that the service gives it in the fact ``tolerances`` of its answer."""


def _rule(nom: str, graphie: Graphie) -> Check:
    def spelling_is_regular(exchange: Exchange) -> Evidence:
        if nom in exchange.facts.get("tolerances", ()):
            raise CheckFailed(
                f"Graphie admise : {graphie.recu}",
                expected=graphie.attendu,
                received=graphie.recu,
                at=graphie.ou,
                hint="Le DMP l'admet, comme d'autres logiciels l'emploient ; préférer la graphie régulière.",
            )
        return Evidence(at=graphie.ou)

    spelling_is_regular.__doc__ = graphie.regle
    decorate: Callable[[Callable[..., Evidence]], Check] = check(
        f"dmp.tolerance.{nom}", covers=("DMP-ALIM-17",), source=graphie.source, confidence="vu"
    )
    return decorate(spelling_is_regular)


TOLERANCES = {nom: _rule(nom, graphie) for nom, graphie in GRAPHIES.items()}
"""The check of each spelling."""
