"""What arrives at the espace de confiance and what leaves: addresses, kinds and keys of requests, building of answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...core.exchange import Body, Description, Key, Reply, Request
from ...validation.edc import cookie_of, json_object
from ...validation.oauth import bearer, first, form, parameters

AS = "edc-as"
API = "edc-api"
PROXY = "edc-proxy"
REALM = "/realms/signsessiondata"
OIDC = f"{REALM}/protocol/openid-connect"
ECHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCES = "urn:ietf:params:oauth:token-type:access_token"
JWT = "urn:ietf:params:oauth:token-type:jwt"
SIGNATURE = "/signsessiondata"
COOKIE = "proxy_session_id"

_AS_KINDS = {
    f"{OIDC}/token/introspect": "edc.introspection",
    f"{OIDC}/certs": "edc.jwks",
    f"{REALM}/.well-known/openid-configuration": "edc.decouverte",
}
_GRANTS = {ECHANGE: "edc.echange", "refresh_token": "edc.jeton.rafraichissement"}
_PROXY_KINDS = {
    "/connect": "edc.proxy.connect",
    "/disconnect": "edc.proxy.disconnect",
    "/traces": "edc.proxy.traces",
}
_SUMMARIES = {
    "edc.echange": "échange de jeton au serveur d'autorisation",
    "edc.jeton.rafraichissement": "rafraîchissement du jeton d'API",
    "edc.jeton.autre": "demande de jeton d'une autre sorte",
    "edc.introspection": "introspection d'un jeton d'API",
    "edc.jwks": "lecture des clés du serveur d'autorisation",
    "edc.decouverte": "lecture de la configuration du serveur d'autorisation",
    "edc.api.signature": "appel de l'API d'essai",
    "edc.proxy.connect": "ouverture d'une session du proxy e-Santé",
    "edc.proxy.send": "appel d'API par le proxy e-Santé",
    "edc.proxy.disconnect": "fin de session du proxy e-Santé",
    "edc.proxy.traces": "lecture des traces du proxy e-Santé",
    "edc.inconnu": "appel non prévu",
}
_SECRETS = ("subject_token", "actor_token", "refresh_token", "token", "access_token", "client_secret", "client_assertion")


def kind_of(listener: str, request: Request) -> str:
    """The kind of a request, from the listener, the path and the grant."""
    path = request.path.rstrip("/")
    if listener == AS and path == f"{OIDC}/token":
        return _GRANTS.get(first(form(request), "grant_type"), "edc.jeton.autre")
    if listener == AS:
        return _AS_KINDS.get(path, "edc.inconnu")
    if listener == API:
        return "edc.api.signature" if path == SIGNATURE else "edc.inconnu"
    return "edc.proxy.send" if path.startswith("/send/") else _PROXY_KINDS.get(path, "edc.inconnu")


def describe(listener: str, request: Request) -> Description:
    """Kind, keys, secrets and summary; never raises on bad input."""
    kind = kind_of(listener, request)
    pairs = form(request) + parameters(request.query)
    values = [value for name, value in pairs if name in _SECRETS] + [bearer(request), cookie_of(request.header("cookie"), COOKIE)]
    named = json_object(request.body).get("nationalId", "") if kind in ("edc.api.signature", "edc.proxy.connect") else ""
    tokens = tuple(dict.fromkeys(v for v in values if v))
    # A browser that reconnects may still show the cookie of a session long over: who connects is named in the body.
    keys = [Key("jeton", v) for v in tokens if kind != "edc.proxy.connect"] + [Key("ps", str(named))] * bool(named)
    return Description(kind, tuple(keys), tokens, _SUMMARIES[kind])


def json_reply(value: Any, *, status: int = 200, facts: Mapping[str, Any] | None = None) -> Reply:
    """A JSON answer that must not be cached."""
    headers = (("Content-Type", "application/json"), ("Cache-Control", "no-store"))
    return Reply(status, headers, Body(json.dumps(value, ensure_ascii=False).encode()), facts=facts or {})


def oauth_error(error: str, description: str, *, status: int = 400, facts: Mapping[str, Any] | None = None) -> Reply:
    """An OAuth error (RFC 6749 §5.2)."""
    body = {"error": error, "error_description": description}
    return json_reply(body, status=status, facts={"erreur": error, **(facts or {})})


def bearer_error(error: str, description: str, *, status: int, facts: Mapping[str, Any]) -> Reply:
    """The refusal of a protected resource (RFC 6750 §3)."""
    reply = oauth_error(error, description, status=status, facts=facts)
    challenge = f'Bearer realm="signsessiondata", error="{error}", error_description="{description}"'
    return replace(reply, headers=(*reply.headers, ("WWW-Authenticate", challenge)))


def proxy_error(status: int, message: str, asked: Mapping[str, Any], *, facts: Mapping[str, Any] | None = None) -> Reply:
    """An error in the form of the example proxy: code, message, and what the client said of itself."""
    metadata = {name: str(asked.get(name, "")) for name in ("nationalId", "clientId")}
    body = {"code": str(status), "message": message, "metadata": metadata}
    return json_reply(body, status=status, facts={"erreur": message, **(facts or {})})
