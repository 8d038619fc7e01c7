"""VIHF against the call that carries it: structure, certificates, transaction, patient (dmp_insi §3, §4.3, §10)."""

from __future__ import annotations

import re

from cryptography.x509.oid import NameOID

from ..core.errors import CheckFailed, Inconclusive
from ..core.exchange import Exchange
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.ins.key import OIDS, MatriculeIns, key_problem, parse_cx
from ..validation.saml.chain import SignerCertificate
from ..validation.saml.names import first_value
from ..validation.saml.vihf import DIRECTE, INDIRECTE, MODE, RESOURCE_ID, Vihf
from ..validation.soap import SoapMessage
from ..validation.tls import ClientCertificate
from ..validation.xds.patient import QUERY, BodyPatient
from .registry import check

_STRUCTURE = "Identifiant_Structure"
_STRUCT_ID = re.compile(r"0[0-9A-Z]{9}\S*|1[0-9][0-9AB][0-9]{7}|2\d{9}|3\d{14}|4\d{11,}")
_WITHOUT_PATIENT = ("dmp.td0.4", "dmp.td0.5")
_FEEDING_ONLY = {"dmp.td0.3": "TD0.3 (autorisation)", "dmp.td3.2": "TD3.2 (consultation d'un document)"}
_MATRIX = "Matrice des droits PDT-INF-526 v1.8"


@check("dmp.vihf.structure-form", covers=("DMP-ALIM-17",), source="VIHF-04 ; Struct_IdNat (CI-SIS)", confidence="vu")
def structure_identifier_is_national(vihf: Vihf) -> Evidence:
    """Identifiant_Structure est un identifiant national : préfixe de type, puis FINESS, SIREN, SIRET ou cabinet."""
    at = vihf.attribute_xpath(_STRUCTURE)
    if len(vihf.attributes.get(_STRUCTURE, ())) != 1 or _STRUCT_ID.fullmatch(vihf.structure) is None:
        raise CheckFailed(
            "Identifiant de structure mal formé",
            expected="1 suivi du FINESS (10 caractères), ou 3 suivi du SIRET (15 chiffres), une seule fois",
            received=", ".join(vihf.attributes.get(_STRUCTURE, ())) or "attribut absent",
            at=at,
            hint="Ne pas oublier le préfixe : FINESS 750000019 s'écrit 1750000019.",
        )
    return Evidence(at=at)


@check("dmp.vihf.structure-matches-certificate", covers=("DMP-ALIM-17",), source="VIHF-04 ; annexe VIHF §4.2", confidence="vu")
def structure_is_that_of_signer(vihf: Vihf, signer: SignerCertificate) -> Evidence:
    """En mode indirect, Identifiant_Structure est l'OU du certificat signataire."""
    at = vihf.attribute_xpath(_STRUCTURE)
    if not vihf.indirect:
        return Evidence(at=at, note=f"mode {vihf.mode or 'absent'} : la structure vient de la carte")
    if vihf.structure != signer.ou:
        raise CheckFailed(
            "La structure du VIHF n'est pas celle du certificat signataire",
            expected=f"OU du certificat : {signer.ou or 'absente'}",
            received=vihf.structure or "attribut absent",
            at=at,
            hint="Recopier l'OU du certificat ORG_SIGN (préfixe compris), sans le déduire d'un paramétrage à part.",
        )
    return Evidence(at=at, note=vihf.structure)


@check(
    "dmp.vihf.structure-is-legal-entity",
    covers=("DMP-ALIM-17",),
    source="Webinaire ANS du 31/03/2026 (FINESS EJ)",
    confidence="vu",
)
def structure_is_legal_entity(vihf: Vihf, settings: Settings) -> Evidence:
    """Avec un certificat logiciel, la structure du VIHF est l'entité juridique (FINESS EJ)."""
    at = vihf.attribute_xpath(_STRUCTURE)
    if not vihf.indirect:
        return Evidence(at=at, note=f"mode {vihf.mode or 'absent'} : la structure vient de la carte")
    expected = f"1{settings.structure.finess_ej}"
    if vihf.structure != expected:
        geographic = vihf.structure == f"1{settings.structure.finess_eg}"
        raise CheckFailed(
            "Le VIHF désigne l'établissement (FINESS EG)" if geographic else "Le VIHF désigne une autre structure",
            expected=f"{expected} (FINESS EJ de [structure])",
            received=vihf.structure or "attribut absent",
            at=at,
            hint="Les certificats logiciels du DMP sont ceux de l'entité juridique : utiliser son FINESS, ou corriger dui.toml.",
        )
    return Evidence(at=at, note=vihf.structure)


@check(
    "dmp.vihf.mode-matches-signer",
    covers=("DMP-ALIM-17",),
    source="Modes d'authentification du DMP (package DMP ; PDT-INF-526) ; gammes de l'IGC-Santé",
    confidence="vu",
)
def mode_is_that_of_signer(vihf: Vihf, signer: SignerCertificate) -> Evidence:
    """En mode DIRECTE, la carte du professionnel signe le VIHF ; en mode indirect, c'est le certificat de la structure."""
    family = first_value(signer.x509.issuer, NameOID.COMMON_NAME).upper()
    if vihf.mode == DIRECTE and "ORGANISATIONS" in family:
        raise CheckFailed(
            "VIHF en mode DIRECTE signé par le certificat d'une organisation",
            expected="la signature de la carte du professionnel (CPS)",
            received=f"{signer.subject_rfc4514}, émis par {signer.x509.issuer.rfc4514_string()}",
            at=signer.at,
            hint="Sans carte, déclarer INDIRECTE_RENFORCEE (utilisateur authentifié) ou INDIRECTE.",
        )
    if vihf.indirect and "PERSONNES" in family:
        raise CheckFailed(
            f"VIHF en mode {vihf.mode} signé par la carte d'un professionnel",
            expected="la signature du certificat ORG_SIGN de la structure",
            received=f"{signer.subject_rfc4514}, émis par {signer.x509.issuer.rfc4514_string()}",
            at=signer.at,
            hint="Avec une carte, déclarer le mode DIRECTE ; en mode indirect, signer avec ORG_SIGN.",
        )
    return Evidence(at=signer.at, note=f"mode {vihf.mode or 'absent'}, émetteur {family or 'sans nom'}")


@check("dmp.vihf.tls-same-structure", covers=("DMP-ALIM-17",), source="VIHF-05 ; EX_GEN-1450", confidence="secondaire")
def tls_and_signer_are_same_structure(vihf: Vihf, signer: SignerCertificate, client: ClientCertificate) -> Evidence:
    """Le certificat client TLS et le certificat signataire du VIHF ont le même titulaire (structure, ou porteur de carte)."""
    if vihf.mode == DIRECTE:
        expected, received, what = signer.cn, client.cn, "CN"
    else:
        expected, received, what = signer.ou, client.ou, "OU"
    if not expected or expected != received:
        raise CheckFailed(
            "Le certificat TLS et le certificat signataire ne sont pas du même titulaire",
            expected=f"{what} du certificat signataire : {expected or 'absente'}",
            received=f"{what} du certificat TLS : {received or 'absente'} ({client.subject_rfc4514})",
            at="certificat client TLS",
            hint="Prendre les deux certificats (ORG_AUTH_CLI et ORG_SIGN) de la même entité juridique.",
        )
    return Evidence(at="certificat client TLS", note=f"{what} {expected}")


@check("dmp.vihf.tls-distinct-certificate", covers=("DMP-ALIM-17",), source="VIHF-05 ; EX_GEN-1450", confidence="secondaire")
def tls_and_signer_are_two_certificates(signer: SignerCertificate, client: ClientCertificate) -> Evidence:
    """Le VIHF est signé par un autre certificat que celui de la connexion TLS."""
    if signer.x509.public_key() == client.x509.public_key():
        raise CheckFailed(
            "Le même certificat sert à la connexion TLS et à la signature du VIHF",
            expected="ORG_AUTH_CLI pour TLS, ORG_SIGN pour le VIHF (deux clés)",
            received=f"la même clé dans les deux : {client.subject_rfc4514}",
            at=signer.at,
            hint="Configurer le certificat « sign » de services.json pour signer, « auth_cli » pour la connexion.",
        )
    return Evidence(at=signer.at)


@check("dmp.vihf.mode-allows-transaction", covers=("DMP-ALIM-17",), source="VIHF-10 ; " + _MATRIX, confidence="vu")
def mode_allows_transaction(exchange: Exchange, vihf: Vihf, message: SoapMessage) -> Evidence:
    """Le mode d'authentification déclaré donne droit à la transaction appelée."""
    at = vihf.attribute_xpath(MODE)
    if vihf.mode != INDIRECTE:
        return Evidence(at=at, note=f"{vihf.mode or 'mode absent'} : toutes les transactions d'un utilisateur authentifié")
    refused = _FEEDING_ONLY.get(exchange.kind, "")
    response = message.body.find(f".//{{{QUERY}}}ResponseOption")
    if exchange.kind == "dmp.td3.1" and response is not None and response.get("returnType") == "LeafClass":
        refused = "TD3.1 (métadonnées)"
    if refused:
        raise CheckFailed(
            "Transaction interdite au certificat logiciel seul",
            expected="INDIRECTE_RENFORCEE ou DIRECTE, avec un utilisateur authentifié",
            received=f"{INDIRECTE} pour {refused}",
            at=at,
            hint="Le mode INDIRECTE ne sert qu'à alimenter : TD0.2, TD0.4, TD2.1, recherche de référence, suppression.",
        )
    return Evidence(at=at, note=f"INDIRECTE pour {exchange.kind}")


@check("dmp.vihf.patient-form", covers=("DMP-ALIM-17",), source="Exemples de jeton VIHF (package DMP)", confidence="vu")
def patient_is_an_ins(exchange: Exchange, vihf: Vihf) -> Evidence:
    """Le VIHF désigne le patient par son INS, sous la forme CX « matricule et clé^^^&OID&ISO^NH »."""
    at = vihf.attribute_xpath(RESOURCE_ID)
    values = vihf.attributes.get(RESOURCE_ID, ())
    if not values and exchange.kind in _WITHOUT_PATIENT:
        return Evidence(at=at, note="transaction sans patient")
    cx = parse_cx(values[0]) if len(values) == 1 else None
    well_formed = cx is not None and cx.type == "NH" and cx.authority_type == "ISO"
    if cx is None or not well_formed or cx.oid not in OIDS or re.fullmatch(r"[0-9AB]{15}", cx.id) is None:
        raise CheckFailed(
            "Identifiant du patient mal formé dans le VIHF",
            expected="15 caractères du matricule et de sa clé, puis ^^^&OID de l'INS&ISO^NH",
            received=", ".join(values) or "attribut absent",
            at=at,
            hint="Exemple : 279035121518989^^^&1.2.250.1.213.1.4.10&ISO^NH (l'esperluette s'écrit &amp; en XML).",
        )
    return Evidence(at=at, note=OIDS[cx.oid])


@check("dmp.vihf.patient-key", covers=("DMP-ALIM-17",), source="Clé du matricule INS (NIR)", confidence="vu")
def patient_key_matches(vihf: Vihf) -> Evidence:
    """La clé de l'INS du VIHF correspond à son matricule (OID de production)."""
    return _key(vihf, blocking=True)


@check("dmp.vihf.patient-test-key", covers=("DMP-ALIM-17",), source="Clé du matricule INS (NIR)", confidence="infere")
def patient_test_key_matches(vihf: Vihf) -> Evidence:
    """La clé de l'INS du VIHF correspond à son matricule (OID de test)."""
    return _key(vihf, blocking=False)


@check("dmp.vihf.patient-is-that-of-body", covers=("DMP-ALIM-17",), source="VIHF-08", confidence="infere")
def patient_is_that_of_body(vihf: Vihf, body: BodyPatient) -> Evidence:
    """Quand le message désigne un patient, c'est celui du VIHF, sous le même OID."""
    at = vihf.attribute_xpath(RESOURCE_ID)
    if not body.named:
        return Evidence(at=at, note="le corps du message ne désigne pas de patient")
    cx = parse_cx(vihf.patient)
    if cx is None:
        raise Inconclusive("le VIHF ne porte pas d'INS lisible")
    if (cx.id, cx.oid) != (body.id, body.oid):
        raise CheckFailed(
            "Le VIHF et le message désignent deux patients différents",
            expected=f"{body.id} sous {body.oid or 'aucun OID'} ({body.at})",
            received=f"{cx.id} sous {cx.oid}",
            at=at,
            hint="Construire le VIHF pour l'usager de l'appel ; vérifier aussi l'OID (production, test).",
        )
    return Evidence(at=at)


def _key(vihf: Vihf, *, blocking: bool) -> Evidence:
    at = vihf.attribute_xpath(RESOURCE_ID)
    cx = parse_cx(vihf.patient) if vihf.patient else None
    if cx is None:
        return Evidence(at=at, note="pas d'INS lisible : forme jugée à part")
    ins: MatriculeIns = cx.matricule(at=at)
    problem = key_problem(ins)
    if problem is None or ins.key_is_blocking is not blocking:
        return Evidence(at=at, note="clé vérifiée" if problem is None else "clé jugée à part pour cet OID")
    raise CheckFailed(problem.message, expected=problem.expected, received=problem.received, at=at, hint=problem.hint)
