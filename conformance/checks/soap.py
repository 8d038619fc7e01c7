"""The SOAP envelope and WS-Addressing headers of calls to the DMP."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from lxml import etree

from ..core.errors import CheckFailed, Inconclusive
from ..core.exchange import Exchange
from ..core.problem import Evidence
from ..validation.soap import ANONYMOUS, SAML, SOAP11, SOAP12, WSA, WSSE, SoapError, SoapMessage, parse_soap
from ..validation.xml import local_name, place_of, qualified_name
from .registry import check

HEADER = "/soap:Envelope/soap:Header"
_PKG = "exemples officiels de messages DMP 02.05.00"
_URN_UUID = re.compile(r"urn:uuid:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TRUE = ("true", "1")


@check("soap.message-readable", covers=("DMP-ALIM-04",), source="SOAP 1.2 partie 1 ; MTOM", confidence="vu")
def message_is_readable(exchange: Exchange) -> Evidence:
    """L'appel est un message SOAP lisible : XML bien formé sans DOCTYPE, multipart complet, UTF-8."""
    request = exchange.http
    try:
        message = parse_soap(request)
    except SoapError as error:
        raise CheckFailed(
            "Message SOAP illisible",
            expected="enveloppe SOAP 1.2 en UTF-8, seule ou racine d'un multipart/related complet",
            received=error.message,
            at=f"{request.method} {request.path}",
            hint="Comparer les octets envoyés au Content-Type : délimiteurs, partie racine (start), encodage.",
        ) from error
    return Evidence(at="/soap:Envelope", note=f"SOAP {message.version}, {request.body.size} octets")


@check(
    "soap.version-1-2",
    covers=("DMP-ALIM-04",),
    source=f"{_PKG} (l'exemple de dépôt y déroge)",
    confidence="infere",
)
def envelope_is_soap12(message: SoapMessage) -> Evidence:
    """L'enveloppe est en SOAP 1.2."""
    if message.version != "1.2":
        raise CheckFailed(
            "Enveloppe SOAP d'une autre version que 1.2",
            expected=SOAP12,
            received=f"SOAP {message.version}",
            at="/soap:Envelope",
            hint="Choisir la liaison SOAP 1.2 du client : SOAP 1.1 ne se trouve que dans un exemple de dépôt, sans doute fautif.",
        )
    return Evidence(at="/soap:Envelope")


@check("soap.content-type-coherent", covers=("DMP-ALIM-04",), source="RFC 3902 ; SOAP 1.2 partie 2 §7", confidence="vu")
def content_type_announces_soap12(message: SoapMessage) -> Evidence:
    """Un appel sans pièce jointe s'annonce application/soap+xml, en UTF-8 (charset est facultatif)."""
    if message.multipart is not None:
        return Evidence(at="Content-Type", note="message multipart, jugé par les règles MTOM")
    kind = message.content_type
    if kind.media != "application/soap+xml" or kind.get("charset").lower() not in ("", "utf-8"):
        raise CheckFailed(
            "Content-Type qui n'annonce pas SOAP 1.2 en UTF-8",
            expected="application/soap+xml; charset=UTF-8",
            received=f"{kind.media or 'absent'}; charset={kind.get('charset') or 'absent'}",
            at="en-tête HTTP Content-Type",
            hint="text/xml est le type de SOAP 1.1 ; SOAP 1.2 demande application/soap+xml.",
        )
    return Evidence(at="en-tête HTTP Content-Type")


@check("soap.action-unique", covers=("DMP-ALIM-04",), source="WS-Addressing 1.0 Core §3.2", confidence="vu")
def action_appears_once(message: SoapMessage) -> Evidence:
    """L'en-tête SOAP contient un seul wsa:Action, qui n'est pas vide."""
    found = [(node.text or "").strip() for node in message.headers(WSA, "Action")]
    if len(found) != 1 or not found[0]:
        raise CheckFailed(
            "wsa:Action absent, vide ou répété",
            expected="un wsa:Action",
            received=f"{len(found)} wsa:Action : {', '.join(a or 'vide' for a in found)}" if found else "aucun",
            at=f"{HEADER}/wsa:Action",
            hint="Le DMP aiguille sur wsa:Action : vérifier l'espace de noms WS-Addressing 2005/08.",
        )
    return Evidence(at=f"{HEADER}/wsa:Action", note=found[0])


@check("soap.action-same-in-http", covers=("DMP-ALIM-04",), source="SOAP 1.2 partie 2 §6.5", confidence="vu")
def http_action_equals_wsa_action(message: SoapMessage) -> Evidence:
    """Le paramètre action du Content-Type, quand il est présent, est égal à wsa:Action."""
    announced = message.content_type.get("action")
    if announced and announced != message.action:
        raise CheckFailed(
            "Paramètre action du Content-Type différent de wsa:Action",
            expected=message.action,
            received=announced,
            at="en-tête HTTP Content-Type, paramètre action",
            hint="Les deux viennent de l'opération appelée : ne pas garder l'action d'un autre appel.",
        )
    return Evidence(at="en-tête HTTP Content-Type", note=announced or "paramètre action absent (facultatif)")


@check("soap.message-id-urn-uuid", covers=("DMP-ALIM-04",), source=_PKG, confidence="vu")
def message_id_is_urn_uuid(message: SoapMessage) -> Evidence:
    """wsa:MessageID est unique dans l'en-tête, de la forme urn:uuid:…."""
    found = message.headers(WSA, "MessageID")
    if len(found) != 1 or not _URN_UUID.fullmatch(message.message_id):
        raise CheckFailed(
            "wsa:MessageID absent, répété ou mal formé",
            expected="urn:uuid: suivi d'un UUID",
            received=message.message_id or f"{len(found)} wsa:MessageID",
            at=f"{HEADER}/wsa:MessageID",
            hint="Produire un UUID par message et l'écrire avec le préfixe urn:uuid:.",
        )
    return Evidence(at=f"{HEADER}/wsa:MessageID")


@check("dmp.suite.message-id-fresh", covers=("DMP-ALIM-09",), source="WS-Addressing 1.0 Core §3.2", confidence="vu")
def message_ids_are_never_reused(messages: Sequence[SoapMessage]) -> Evidence:
    """Chaque message, même renvoyé après un échec, porte un nouveau wsa:MessageID."""
    counts = Counter(m.message_id for m in messages if m.message_id)
    if sum(counts.values()) < 2:
        raise Inconclusive("moins de deux messages à comparer")
    repeated = [f"{value} ({count} fois)" for value, count in counts.items() if count > 1]
    if repeated:
        raise CheckFailed(
            "wsa:MessageID réutilisé",
            expected="un identifiant différent par message",
            received=", ".join(repeated),
            at=f"{HEADER}/wsa:MessageID",
            hint="À chaque nouvel essai, refaire l'enveloppe (MessageID, VIHF) autour du même document.",
        )
    return Evidence(at=f"{HEADER}/wsa:MessageID", note=f"{len(counts)} messages", fired=len(counts))


@check("soap.to-present", covers=("DMP-ALIM-04",), source=_PKG, confidence="vu")
def to_header_is_present(message: SoapMessage) -> Evidence:
    """L'en-tête contient un wsa:To, qui peut être vide."""
    found = message.headers(WSA, "To")
    if len(found) != 1:
        raise CheckFailed(
            "wsa:To absent ou répété",
            expected="un wsa:To",
            received=f"{len(found)} wsa:To",
            at=f"{HEADER}/wsa:To",
            hint="Ajouter <wsa:To/>, vide ou portant l'adresse du service.",
        )
    return Evidence(at=f"{HEADER}/wsa:To")


@check("soap.reply-to-anonymous", covers=("DMP-ALIM-04",), source=f"{_PKG} ; WS-Addressing 1.0 Core §3.2", confidence="vu")
def reply_to_is_anonymous(message: SoapMessage) -> Evidence:
    """wsa:ReplyTo, quand il est présent, demande la réponse sur la même connexion (adresse anonyme)."""
    found = message.headers(WSA, "ReplyTo")
    if len(found) > 1 or (found and message.reply_to != ANONYMOUS):
        raise CheckFailed(
            "wsa:ReplyTo non anonyme ou répété",
            expected=ANONYMOUS,
            received=f"{len(found)} wsa:ReplyTo" if len(found) > 1 else message.reply_to or "adresse vide",
            at=f"{HEADER}/wsa:ReplyTo/wsa:Address",
            hint="Activer WS-Addressing 1.0 en mode synchrone dans le client SOAP.",
        )
    return Evidence(at=f"{HEADER}/wsa:ReplyTo", note="" if found else "ReplyTo absent : vaut l'adresse anonyme")


@check("soap.reply-to-present", covers=("DMP-ALIM-04",), source=_PKG, confidence="vu")
def reply_to_is_present(message: SoapMessage) -> Evidence:
    """L'en-tête contient wsa:ReplyTo, comme dans les messages officiels."""
    if not message.headers(WSA, "ReplyTo"):
        raise CheckFailed(
            "wsa:ReplyTo absent",
            expected=f"wsa:ReplyTo/wsa:Address = {ANONYMOUS}",
            received="absent",
            at=f"{HEADER}/wsa:ReplyTo",
            hint="WS-Addressing permet de l'omettre, mais tous les messages officiels le portent : l'ajouter par prudence.",
        )
    return Evidence(at=f"{HEADER}/wsa:ReplyTo")


@check("soap.addressing-must-understand", covers=("DMP-ALIM-04",), source=_PKG, confidence="vu")
def addressing_headers_must_be_understood(message: SoapMessage) -> Evidence:
    """wsa:Action et wsa:ReplyTo portent mustUnderstand="true", préfixé ou non."""
    for name in ("Action", "ReplyTo"):
        for node in message.headers(WSA, name):
            if _must_understand(node):
                continue
            raise CheckFailed(
                f"wsa:{name} sans mustUnderstand",
                expected='mustUnderstand="true"',
                received="attribut absent ou faux",
                at=place_of(node),
                hint="Les messages officiels posent mustUnderstand sur ces deux en-têtes.",
            )
    return Evidence(at=HEADER)


@check("soap.security-nothing-else", covers=("DMP-ALIM-17",), source=_PKG, confidence="vu")
def security_holds_nothing_but_assertions(message: SoapMessage) -> Evidence:
    """wsse:Security ne contient ni Timestamp ni BinarySecurityToken, seulement l'assertion."""
    blocks = message.headers(WSSE, "Security")
    if not blocks:
        raise Inconclusive("aucun en-tête wsse:Security")
    for child in blocks[0]:
        if isinstance(child.tag, str) and child.tag != f"{{{SAML}}}Assertion":
            raise CheckFailed(
                f"wsse:Security contient {local_name(child)}",
                expected="l'assertion SAML seule",
                received=qualified_name(child),
                at=place_of(child),
                hint="Désactiver WS-Policy dans le client (Timestamp, signature de message) : seul le VIHF est attendu.",
            )
    return Evidence(at=f"{HEADER}/wsse:Security")


@check(
    "soap.security-not-must-understand",
    covers=("DMP-ALIM-17",),
    source="Dehempe (plateforme de test DMP)",
    confidence="secondaire",
)
def security_is_not_must_understand(message: SoapMessage) -> Evidence:
    """wsse:Security ne porte pas mustUnderstand."""
    blocks = message.headers(WSSE, "Security")
    if not blocks:
        raise Inconclusive("aucun en-tête wsse:Security")
    for block in blocks:
        if _must_understand(block):
            raise CheckFailed(
                "wsse:Security porte mustUnderstand",
                expected="pas d'attribut mustUnderstand",
                received='mustUnderstand="true"',
                at=place_of(block),
                hint="Le DMP rejette l'appel : désactiver mustUnderstand dans l'en-tête de sécurité du client.",
            )
    return Evidence(at=f"{HEADER}/wsse:Security")


def _must_understand(node: etree._Element) -> bool:
    """True in whichever way it is written: SOAP 1.2, SOAP 1.1, or without prefix as in the official samples."""
    names = (f"{{{SOAP12}}}mustUnderstand", f"{{{SOAP11}}}mustUnderstand", "mustUnderstand")
    return any(node.get(name, "").strip().lower() in _TRUE for name in names)
