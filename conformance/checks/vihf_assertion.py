"""VIHF: the assertion itself: issuer, instants, subject, authentication context, conditions (dmp_insi §4.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from ..core.errors import CheckFailed, Inconclusive
from ..core.exchange import Exchange
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.saml.chain import SignerCertificate
from ..validation.saml.names import NameSyntaxError, name_of, parse_name
from ..validation.saml.vihf import DIRECTE, RENFORCEE, SMARTCARD, X509_SUBJECT_NAME, Vihf, instant
from .registry import check

_UUID_ID = re.compile(r"_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_UTC = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z")
_ORDER = ("Issuer", "Signature", "Subject", "Conditions", "AuthnStatement", "AttributeStatement")
_PS_ID = re.compile(r"8\d{11}|0[0-9A-Z]{9}|[1-6][0-9A-Z]{8,20}/\S+")
_CLASSES = {
    SMARTCARD,
    "urn:oasis:names:tc:SAML:2.0:ac:classes:Password",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:TLSClient",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorUnregistered",
}
_SAMPLES = "Exemples de jeton VIHF (package DMP)"


@check("dmp.vihf.issuer-matches-certificate", covers=("DMP-ALIM-17",), source="VIHF-03 ; annexe VIHF §4.1", confidence="vu")
def vihf_issuer_matches_certificate(vihf: Vihf, signer: SignerCertificate) -> Evidence:
    """L'émetteur du VIHF est le sujet du certificat qui le signe."""
    expected = name_of(signer.x509.subject)
    hint = "Recopier le DN du certificat, attributs dans le même ordre (RFC 2253)."
    try:
        received = parse_name(vihf.issuer)
    except NameSyntaxError as error:
        received = None
        hint = f"Écrire un DN au format RFC 2253 : {error}."
    if received == expected:
        return Evidence(at=vihf.issuer_xpath, note=vihf.issuer)
    if received == expected.reversed():
        hint = "Le DN est à l'envers : la RFC 2253 commence par l'attribut le plus précis (CN) et finit par le pays (C)."
    elif received is not None and received.folded() == expected.folded():
        hint = "Seules la casse ou les espaces diffèrent : recopier les valeurs du certificat telles quelles."
    raise CheckFailed(
        "Émetteur du VIHF différent du sujet du certificat signataire",
        expected=signer.subject_rfc4514,
        received=vihf.issuer or "Issuer absent ou vide",
        at=vihf.issuer_xpath,
        hint=hint,
    )


@check("dmp.vihf.issuer-format", covers=("DMP-ALIM-17",), source=_SAMPLES, confidence="vu")
def vihf_issuer_format_is_subject_name(vihf: Vihf) -> Evidence:
    """L'émetteur du VIHF déclare le format X509SubjectName."""
    at = f"{vihf.issuer_xpath}/@Format"
    if vihf.issuer_format != X509_SUBJECT_NAME:
        raise CheckFailed(
            "Format de l'émetteur du VIHF inattendu",
            expected=X509_SUBJECT_NAME,
            received=vihf.issuer_format or "attribut Format absent",
            at=at,
            hint="L'émetteur est un nom de sujet X.509 : déclarer ce format.",
        )
    return Evidence(at=at)


@check("dmp.vihf.version", covers=("DMP-ALIM-17",), source=_SAMPLES, confidence="vu")
def vihf_is_saml_2(vihf: Vihf) -> Evidence:
    """L'assertion déclare la version 2.0 de SAML."""
    if vihf.version != "2.0":
        raise CheckFailed(
            "Version de l'assertion inattendue",
            expected="2.0",
            received=vihf.version or "attribut Version absent",
            at=f"{vihf.at}/@Version",
            hint="Il s'agit de la version de SAML ; la version du VIHF va dans l'attribut VIHF_Version.",
        )
    return Evidence(at=f"{vihf.at}/@Version")


@check("dmp.vihf.id-form", covers=("DMP-ALIM-17",), source=_SAMPLES, confidence="vu")
def vihf_id_is_underscore_uuid(vihf: Vihf) -> Evidence:
    """L'identifiant de l'assertion est un tiret bas suivi d'un UUID."""
    if _UUID_ID.fullmatch(vihf.id) is None:
        raise CheckFailed(
            "Identifiant d'assertion inattendu",
            expected="_ suivi d'un UUID, par exemple _5f0c6ab1-93c1-4f0e-9d5c-0a3b7ad1c2e4",
            received=vihf.id or "attribut ID absent",
            at=f"{vihf.at}/@ID",
            hint="Un xs:ID ne commence pas par un chiffre : mettre le tiret bas devant un UUID neuf à chaque appel.",
        )
    return Evidence(at=f"{vihf.at}/@ID")


@check("dmp.vihf.element-order", covers=("DMP-ALIM-17",), source=_SAMPLES + " ; schéma SAML 2.0", confidence="vu")
def vihf_children_follow_schema_order(vihf: Vihf) -> Evidence:
    """Les éléments de l'assertion sont présents une fois chacun, dans l'ordre du schéma SAML (déclarations en ordre libre)."""
    wanted = tuple(name for name in _ORDER if name != "Conditions" or vihf.has_conditions)
    if vihf.children not in (wanted, (*wanted[:-2], wanted[-1], wanted[-2])):
        raise CheckFailed(
            "Éléments de l'assertion manquants, en trop ou mal ordonnés",
            expected=", ".join(wanted),
            received=", ".join(vihf.children) or "assertion vide",
            at=vihf.at,
            hint="La signature se place juste après Issuer ; Conditions est facultatif, entre Subject et AuthnStatement.",
        )
    return Evidence(at=vihf.at)


@check("dmp.vihf.issue-instant-utc", covers=("DMP-ALIM-17",), source=_SAMPLES, confidence="vu")
def vihf_issue_instant_is_utc(vihf: Vihf) -> Evidence:
    """L'instant d'émission du VIHF est une date et heure UTC, terminée par Z."""
    if _UTC.fullmatch(vihf.issue_instant) is None or instant(vihf.issue_instant) is None:
        raise CheckFailed(
            "Instant d'émission du VIHF mal formé",
            expected="aaaa-mm-jjThh:mm:ssZ (UTC)",
            received=vihf.issue_instant or "attribut IssueInstant absent",
            at=f"{vihf.at}/@IssueInstant",
            hint="Convertir l'heure locale en UTC et l'écrire avec le suffixe Z.",
        )
    return Evidence(at=f"{vihf.at}/@IssueInstant")


@check("dmp.vihf.issue-instant-fresh", covers=("DMP-ALIM-17",), source="VIHF-06 (tolérance de 5 min)", confidence="infere")
def vihf_is_fresh(exchange: Exchange, vihf: Vihf, settings: Settings) -> Evidence:
    """Le VIHF est émis au moment de l'appel, à la tolérance d'horloge près."""
    issued = instant(vihf.issue_instant)
    if issued is None:
        raise Inconclusive("IssueInstant illisible")
    gap = (exchange.times.logical - issued).total_seconds()
    if abs(gap) > settings.services.tolerance_horloge:
        raise CheckFailed(
            "VIHF émis longtemps avant l'appel" if gap > 0 else "VIHF daté dans le futur",
            expected=f"moins de {settings.services.tolerance_horloge:.0f} s d'écart avec la réception",
            received=f"{vihf.issue_instant}, soit {abs(gap):.0f} s {'avant' if gap > 0 else 'après'} la réception",
            at=f"{vihf.at}/@IssueInstant",
            hint="Émettre un VIHF par appel et synchroniser l'horloge (NTP) ; la tolérance est [services] tolerance_horloge.",
        )
    return Evidence(at=f"{vihf.at}/@IssueInstant", note=f"écart inférieur à {settings.services.tolerance_horloge:.0f} s")


@check(
    "dmp.vihf.authn-before-issue", covers=("DMP-ALIM-17",), source="VIHF-12 ; AuthnStatement (Devbox)", confidence="secondaire"
)
def vihf_authentication_precedes_issue(vihf: Vihf) -> Evidence:
    """L'utilisateur s'est authentifié avant l'émission du VIHF, à un instant lisible."""
    at = f"{vihf.at}/saml2:AuthnStatement/@AuthnInstant"
    authenticated, issued = instant(vihf.authn_instant), instant(vihf.issue_instant)
    if authenticated is None:
        raise CheckFailed(
            "Instant d'authentification absent ou mal formé",
            expected="aaaa-mm-jjThh:mm:ssZ (UTC)",
            received=vihf.authn_instant or "absent",
            at=at,
            hint="AuthnInstant est l'instant de connexion de l'utilisateur au DUI.",
        )
    if issued is None:
        raise Inconclusive("IssueInstant illisible")
    # Senders cut one instant or the other to the second.
    if authenticated.replace(microsecond=0) > issued:
        raise CheckFailed(
            "L'authentification est postérieure à l'émission du VIHF",
            expected=f"au plus tard {vihf.issue_instant}",
            received=vihf.authn_instant,
            at=at,
            hint="Y mettre l'instant de connexion de l'utilisateur, pas celui du message ni une heure locale notée Z.",
        )
    return Evidence(at=at)


@check(
    "dmp.vihf.conditions-hold",
    covers=("DMP-ALIM-17",),
    source="SAML 2.0 core §2.5.1 ; Conditions (Devbox)",
    confidence="secondaire",
)
def vihf_conditions_hold(exchange: Exchange, vihf: Vihf, settings: Settings) -> Evidence:
    """Quand le VIHF porte une période de validité, l'appel se fait dans cette période."""
    tolerance = timedelta(seconds=settings.services.tolerance_horloge)
    now = exchange.times.logical
    for name, text, sign in (("NotBefore", vihf.not_before, 1), ("NotOnOrAfter", vihf.not_on_or_after, -1)):
        if not text:
            continue
        bound = instant(text)
        if bound is None or (bound - now) * sign > tolerance:
            raise CheckFailed(
                "VIHF reçu hors de sa période de validité" if bound else f"{name} illisible",
                expected="un appel entre NotBefore et NotOnOrAfter (dates UTC)",
                received=f"{name} = {text}",
                at=f"{vihf.at}/saml2:Conditions/@{name}",
                hint="Ces deux dates sont facultatives ; si elles sont présentes, les calculer à chaque appel, en UTC.",
            )
    return Evidence(at=f"{vihf.at}/saml2:Conditions", note="" if vihf.has_conditions else "Conditions absent (facultatif)")


@check("dmp.vihf.audience-empty", covers=("DMP-ALIM-17",), source="Conditions du VIHF (Devbox)", confidence="secondaire")
def vihf_audience_is_empty(vihf: Vihf) -> Evidence:
    """Le VIHF ne restreint pas son audience."""
    named = [audience for audience in vihf.audiences if audience]
    if named:
        raise CheckFailed(
            "Le VIHF désigne une audience",
            expected="AudienceRestriction vide ou absent",
            received=", ".join(named),
            at=f"{vihf.at}/saml2:Conditions/saml2:AudienceRestriction",
            hint="Laisser AudienceRestriction vide, ou ne pas émettre Conditions.",
        )
    return Evidence(at=f"{vihf.at}/saml2:Conditions")


@check("dmp.vihf.name-id-form", covers=("DMP-ALIM-17",), source=_SAMPLES + " ; PS_IdNat", confidence="vu")
def vihf_name_id_is_national(vihf: Vihf) -> Evidence:
    """Le sujet du VIHF est un identifiant national, ou un identifiant interne précédé de celui de la structure."""
    at = f"{vihf.at}/saml2:Subject/saml2:NameID"
    if _PS_ID.fullmatch(vihf.name_id) is None:
        raise CheckFailed(
            "Identifiant de l'utilisateur mal formé",
            expected="8 suivi du RPPS (12 chiffres), ou Struct_IdNat/identifiant interne",
            received=vihf.name_id or "NameID absent ou vide",
            at=at,
            hint="Reprendre SubjectNameID de Pro Santé Connect ; sans RPPS : Struct_IdNat, barre oblique, identifiant interne.",
        )
    return Evidence(at=at)


@check("dmp.vihf.authn-class-known", covers=("DMP-ALIM-17",), source="EX_0.1-1020 ; contextes vus", confidence="secondaire")
def vihf_authentication_class_is_known(vihf: Vihf) -> Evidence:
    """Le contexte d'authentification du VIHF est une classe SAML connue du DMP."""
    at = f"{vihf.at}/saml2:AuthnStatement/saml2:AuthnContext/saml2:AuthnContextClassRef"
    if vihf.class_ref not in _CLASSES:
        raise CheckFailed(
            "Contexte d'authentification inconnu",
            expected=" ou ".join(sorted(_CLASSES)),
            received=vihf.class_ref or "AuthnContextClassRef absent",
            at=at,
            hint="Décrire la vraie authentification locale : carte, e-CPS par Pro Santé Connect, mot de passe…",
        )
    return Evidence(at=at, note=vihf.class_ref)


@check("dmp.vihf.authn-class-direct", covers=("DMP-ALIM-17",), source=_SAMPLES, confidence="vu")
def vihf_direct_mode_means_smartcard(vihf: Vihf) -> Evidence:
    """En mode DIRECTE, l'authentification déclarée est celle d'une carte (SmartcardPKI)."""
    at = f"{vihf.at}/saml2:AuthnStatement/saml2:AuthnContext/saml2:AuthnContextClassRef"
    if vihf.mode != DIRECTE:
        return Evidence(at=at, note=f"mode {vihf.mode or 'absent'} : règle sans effet")
    if vihf.class_ref != SMARTCARD:
        raise CheckFailed(
            "Mode DIRECTE sans authentification par carte",
            expected=SMARTCARD,
            received=vihf.class_ref or "AuthnContextClassRef absent",
            at=at,
            hint="Le mode DIRECTE suppose une CPS ; sans carte, utiliser INDIRECTE_RENFORCEE.",
        )
    return Evidence(at=at)


@check("dmp.vihf.authn-decl", covers=("DMP-ALIM-17",), source=_SAMPLES, confidence="vu")
def vihf_declares_local_authentication(vihf: Vihf) -> Evidence:
    """AuthnContextDecl est présent en authentification indirecte renforcée, et seulement là."""
    at = f"{vihf.at}/saml2:AuthnStatement/saml2:AuthnContext/saml2:AuthnContextDecl"
    if vihf.mode == RENFORCEE and not vihf.decl:
        raise CheckFailed(
            "AuthnContextDecl manque en authentification indirecte renforcée",
            expected="une valeur, par exemple APP_BROWSER_AUTH",
            received="absent" if vihf.decl is None else "vide",
            at=at,
            hint="Ajouter AuthnContextDecl après AuthnContextClassRef.",
        )
    if vihf.mode != RENFORCEE and vihf.decl is not None:
        raise CheckFailed(
            "AuthnContextDecl hors du mode INDIRECTE_RENFORCEE",
            expected="élément absent",
            received=vihf.decl or "élément vide",
            at=at,
            hint="Retirer AuthnContextDecl, ou déclarer le mode INDIRECTE_RENFORCEE.",
        )
    return Evidence(at=at)


@check("dmp.suite.assertion-not-reused", covers=("DMP-ALIM-17",), source="VIHF-06 ; SAML 2.0 core §1.3.4", confidence="infere")
def vihf_is_used_once(assertions: Sequence[Vihf]) -> Evidence:
    """Chaque appel porte une assertion neuve : aucun identifiant d'assertion ne sert deux fois."""
    seen: set[str] = set()
    for vihf in assertions:
        if vihf.id in seen:
            raise CheckFailed(
                "Un VIHF a servi à plusieurs appels",
                expected="un identifiant d'assertion différent à chaque appel",
                received=f"ID « {vihf.id} » reçu plusieurs fois",
                at=f"{vihf.at}/@ID",
                hint="Construire et signer un VIHF par appel ; ne pas le garder en cache.",
            )
        seen.add(vihf.id)
    if len(seen) < 2:
        raise Inconclusive("il faut au moins deux appels pour juger la réutilisation")
    return Evidence(note=f"{len(seen)} assertions, toutes différentes", fired=len(seen))
