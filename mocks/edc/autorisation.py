"""The authorization server: token exchange (RFC 8693) bound to the client certificate (RFC 8705), refresh, introspection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...core.exchange import Reply, Request
from ...validation.oauth import Params, basic_credentials, first, form
from .jetons import delivrer
from .messages import ACCES, ECHANGE, JWT, OIDC, REALM, json_reply, oauth_error
from .psc_interne import PscInjoignable
from .state import Client, Presente

if TYPE_CHECKING:
    from .app import EspaceDeConfiance


def configuration(edc: EspaceDeConfiance) -> dict[str, Any]:
    """The discovery document of the authorization server."""
    base = edc.emetteur.removesuffix(REALM) + OIDC
    return {
        "issuer": edc.emetteur,
        "token_endpoint": f"{base}/token",
        "introspection_endpoint": f"{base}/token/introspect",
        "jwks_uri": f"{base}/certs",
        "grant_types_supported": [ECHANGE, "refresh_token"],
        "token_endpoint_auth_methods_supported": ["tls_client_auth"],
        "tls_client_certificate_bound_access_tokens": True,
        "scopes_supported": sorted({portee for client in edc.registre.clients.values() for portee in client.portees}),
    }


def token(edc: EspaceDeConfiance, request: Request, now: datetime) -> Reply:
    """Answer the token endpoint; the reply says what was found of the certificate, the client and the subject token."""
    if request.method != "POST":
        return oauth_error("invalid_request", "la méthode POST est attendue", status=405)
    pairs = form(request)
    certificat = Presente.de(request.connection)
    client, facts = _client(edc, request, pairs, certificat)
    if client is None or certificat is None:
        reply = oauth_error("invalid_client", "certificat client absent, ou client inconnu de ce certificat", status=401)
        return _noted(reply, facts)
    if edc.strict and (first(pairs, "client_secret") or basic_credentials(request.header("authorization"))):
        return oauth_error("invalid_client", "aucun secret n'est attendu : le certificat authentifie", status=401, facts=facts)
    match first(pairs, "grant_type"):
        case grant if grant == ECHANGE:
            return _noted(_echanger(edc, pairs, client, certificat, facts, now), facts)
        case "refresh_token":
            return _noted(_rafraichir(edc, pairs, client, certificat, now), facts)
    return oauth_error("unsupported_grant_type", "seuls token-exchange et refresh_token sont servis", facts=facts)


def introspect(edc: EspaceDeConfiance, request: Request, now: datetime) -> Reply:
    """Answer the introspection endpoint, to a client known by its certificate."""
    if request.method != "POST":
        return oauth_error("invalid_request", "la méthode POST est attendue", status=405)
    pairs = form(request)
    client, facts = _client(edc, request, pairs, Presente.de(request.connection))
    if client is None:
        return oauth_error(
            "invalid_client", "certificat client absent, ou client inconnu de ce certificat", status=401, facts=facts
        )
    return json_reply(edc.introspection(first(pairs, "token"), now), facts=facts)


def _client(
    edc: EspaceDeConfiance, request: Request, pairs: Params, certificat: Presente | None
) -> tuple[Client | None, dict[str, Any]]:
    """The client whose certificate this is, and what to note of both."""
    client = edc.registre.clients.get(first(pairs, "client_id"))
    if certificat is None:
        etat = "absent"
    elif client is not None and certificat.structure != client.structure:
        etat = "autre-structure"
    else:
        etat = "presente"
    facts: dict[str, Any] = {"client": "connu" if client is not None else "inconnu", "certificat": etat}
    return (client if etat == "presente" else None), facts


def _sujet_de(edc: EspaceDeConfiance, pairs: Params, now: datetime) -> tuple[Mapping[str, Any] | None, dict[str, Any]]:
    """The claims of the subject token when Pro Santé Connect says that it lives, and what to note of it."""
    presente = first(pairs, "subject_token")
    if not presente:
        return None, {"sujet_etat": "absent"}
    claims = edc.psc.introspect(presente, now) if edc.psc is not None else None
    if claims is None:
        return None, {"sujet_etat": "inactif"}
    facts = {"sujet_etat": "actif", "sujet": str(claims.get("SubjectNameID", ""))}
    emis = claims.get("iat")
    return claims, facts | ({"sujet_age": now.timestamp() - emis} if isinstance(emis, int | float) else {})


def _echanger(
    edc: EspaceDeConfiance, pairs: Params, client: Client, certificat: Presente, facts: dict[str, Any], now: datetime
) -> Reply:
    portees = tuple(first(pairs, "scope").split())
    try:
        claims, sujet = _sujet_de(edc, pairs, now)
    except PscInjoignable as error:
        return oauth_error("temporarily_unavailable", str(error), status=503, facts={"sujet_etat": "non-verifie"})
    facts |= sujet
    if first(pairs, "subject_token_type") not in (ACCES, JWT):
        return oauth_error("invalid_request", "subject_token_type : access_token ou jwt")
    if not portees or not set(portees) <= set(client.portees):
        return oauth_error("invalid_scope", f"portées permises à ce client : {' '.join(client.portees)}")
    identifiant = str(claims.get("SubjectNameID", "")) if claims is not None else ""
    if not identifiant:
        return oauth_error("invalid_grant", "subject_token inconnu, expiré, révoqué, ou d'une autre sorte")
    return delivrer(edc.registre, edc.signataire, edc.emetteur, client, certificat, identifiant, portees, now)


def _rafraichir(edc: EspaceDeConfiance, pairs: Params, client: Client, certificat: Presente, now: datetime) -> Reply:
    presente = first(pairs, "refresh_token")
    trouve = edc.registre.jeton(presente, "rafraichissement")
    etat = edc.registre.etat(presente, "rafraichissement", now)
    if trouve is None or etat != "valide" or trouve.client != client or not certificat.lie(trouve.cnf):
        return oauth_error("invalid_grant", "jeton de rafraîchissement inconnu, expiré, ou lié à un autre certificat")
    trouve.revoque = True
    return delivrer(edc.registre, edc.signataire, edc.emetteur, client, certificat, trouve.sujet, trouve.portees, now)


def _noted(reply: Reply, facts: Mapping[str, Any]) -> Reply:
    return replace(reply, facts={**facts, **reply.facts})
