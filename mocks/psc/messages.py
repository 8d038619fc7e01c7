"""What arrives and what leaves: addresses, kinds and keys of requests, and the building of answers."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ...core.exchange import Body, Description, Key, Reply, Request
from ...validation.oauth import Params, basic_credentials, bearer, first, form, parameters

ISSUER = "psc"
WALLET = "psc-portefeuille"
REALM = "/auth/realms/esante-wallet"
OIDC = f"{REALM}/protocol/openid-connect"
DISCOVERY = f"{REALM}/.well-known/wallet-openid-configuration"
STANDARD_DISCOVERY = f"{REALM}/.well-known/openid-configuration"
AUTHORIZE = "/auth"
LOGIN = "/auth/connexion"
APPROVAL = "/auth/telephone"
COOKIE = "PSC_SESSION"

_KINDS = {
    (ISSUER, DISCOVERY): "psc.decouverte",
    (ISSUER, STANDARD_DISCOVERY): "psc.decouverte-standard",
    (ISSUER, f"{OIDC}/auth"): "psc.autorisation",
    (ISSUER, f"{OIDC}/userinfo"): "psc.userinfo",
    (ISSUER, f"{OIDC}/certs"): "psc.jwks",
    (ISSUER, f"{OIDC}/token/introspect"): "psc.introspection",
    (ISSUER, f"{OIDC}/revoke"): "psc.revocation",
    (ISSUER, f"{OIDC}/logout"): "psc.deconnexion",
    (ISSUER, f"{OIDC}/ext/ciba/auth"): "psc.ciba",
    (ISSUER, f"{OIDC}/ext/par/request"): "psc.par",
    (WALLET, AUTHORIZE): "psc.autorisation",
    (WALLET, LOGIN): "psc.connexion",
    (WALLET, APPROVAL): "psc.approbation",
}
GRANTS = {
    "authorization_code": "code",
    "refresh_token": "rafraichissement",
    "urn:openid:params:grant-type:ciba": "ciba",
}
SUMMARIES = {
    "decouverte": "lecture de la configuration",
    "decouverte-standard": "lecture de la configuration sous le nom standard",
    "autorisation": "demande d'autorisation",
    "connexion": "choix de l'identité sur la page du simulateur",
    "approbation": "téléphone simulé : demandes de connexion à approuver",
    "par": "demande d'autorisation envoyée d'avance",
    "ciba": "demande de connexion sans navigateur",
    "jeton.code": "échange du code contre des jetons",
    "jeton.rafraichissement": "rafraîchissement des jetons",
    "jeton.ciba": "attente de la connexion sans navigateur",
    "jeton.autre": "demande de jeton d'une autre sorte",
    "userinfo": "lecture de l'identité du professionnel",
    "jwks": "lecture des clés de signature",
    "introspection": "introspection d'un jeton",
    "revocation": "révocation d'un jeton",
    "deconnexion": "fin de session",
    "inconnu": "appel non prévu",
}
_SECRET_NAMES = (
    "client_secret",
    "code",
    "code_verifier",
    "refresh_token",
    "access_token",
    "token",
    "id_token_hint",
    "client_assertion",
    "auth_req_id",
    "request_uri",
    "demande",
)


def kind_of(listener: str, request: Request) -> str:
    """The kind of a request, from the listener, the path and the grant."""
    path = request.path.rstrip("/") or "/"
    if (listener, path) == (ISSUER, f"{OIDC}/token"):
        return "psc.jeton." + GRANTS.get(first(form(request), "grant_type"), "autre")
    return _KINDS.get((listener, path), "psc.inconnu")


def all_parameters(request: Request) -> Params:
    """Query then form parameters."""
    return parameters(request.query) + form(request)


def describe(listener: str, request: Request) -> Description:
    """Kind, keys, secrets and summary; never raises on bad input."""
    return described(kind_of(listener, request), request, COOKIE)


def described(kind: str, request: Request, cookie_name: str) -> Description:
    """The description of a request to a provider, of a kind already known."""
    pairs = all_parameters(request)
    basic = basic_credentials(request.header("authorization"))
    token = bearer(request)
    secrets = [value for name, value in pairs if name in _SECRET_NAMES]
    secrets += [token, basic[1] if basic else "", cookie(request, cookie_name)]
    # The state that a client chooses is no key: one that never changed would tie every login to the first scenario.
    keys = [Key("code", first(pairs, name)) for name in ("code", "auth_req_id", "request_uri")]
    keys += [Key("jeton", first(pairs, name)) for name in ("refresh_token", "access_token", "token", "id_token_hint")]
    what = kind.partition(".")[2]
    keys += [Key("jeton", token), Key("state", first(pairs, "demande") if what == "connexion" else "")]
    keys += [Key("ps", first(pairs, "login_hint") if what == "ciba" else "")]
    return Description(
        kind=kind,
        keys=tuple(dict.fromkeys(key for key in keys if key.valeur)),
        secrets=tuple(dict.fromkeys(value for value in secrets if value)),
        summary=SUMMARIES[what],
    )


def cookie(request: Request, name: str) -> str:
    """The browser's session cookie, ``""`` when absent."""
    pairs = (part.strip().partition("=") for part in request.header("cookie").split(";"))
    return next((value for key, _, value in pairs if key == name), "")


def json_reply(
    value: Any, *, status: int = 200, facts: Mapping[str, Any] | None = None, media: str = "application/json"
) -> Reply:
    """A JSON answer that must not be cached."""
    body = Body(json.dumps(value, ensure_ascii=False).encode())
    headers = (("Content-Type", media), ("Cache-Control", "no-store"), ("Pragma", "no-cache"))
    return Reply(status=status, headers=headers, body=body, facts=facts or {})


def oauth_error(error: str, description: str, *, status: int = 400, facts: Mapping[str, Any] | None = None) -> Reply:
    """An OAuth error (RFC 6749 §5.2)."""
    reply = json_reply(
        {"error": error, "error_description": description}, status=status, facts={"erreur": error, **(facts or {})}
    )
    if status != 401:
        return reply
    return with_headers(reply, ("WWW-Authenticate", 'Basic realm="esante-wallet"'))


def bearer_error(description: str, facts: Mapping[str, Any]) -> Reply:
    """The refusal of a protected resource (RFC 6750 §3)."""
    reply = json_reply(
        {"error": "invalid_token", "error_description": description}, status=401, facts={"erreur": "invalid_token", **facts}
    )
    return with_headers(reply, ("WWW-Authenticate", f'Bearer error="invalid_token", error_description="{description}"'))


def redirect(address: str, parameters: Mapping[str, str], *, facts: Mapping[str, Any]) -> Reply:
    """A 302 to an address, with these parameters added to its query."""
    added = encoded(parameters)
    location = f"{address}{'&' if '?' in address else '?'}{added}" if added else address
    return Reply(status=302, headers=(("Location", location), ("Cache-Control", "no-store")), facts=facts)


def encoded(parameters: Mapping[str, str]) -> str:
    """Parameters as a query string or a fragment, empty ones left out."""
    return urlencode({name: value for name, value in parameters.items() if value}, errors="replace")


def page(
    heading: str, content: str, *, status: int = 200, facts: Mapping[str, Any] | None = None, title: str = "Pro Santé Connect"
) -> Reply:
    """An HTML page of the simulator named ``title``; ``content`` is already escaped."""
    text = sheet().replace("{{fournisseur}}", html.escape(title)).replace("{{titre}}", html.escape(heading))
    text = text.replace("{{contenu}}", content)
    headers = (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
    )
    return Reply(status=status, headers=headers, body=Body(text.encode()), facts=facts or {})


def error_page(message: str, hint: str, *, facts: Mapping[str, Any]) -> Reply:
    """The page shown when the browser must not be sent back to the client."""
    content = f'<p class="alerte">{html.escape(message)}</p><p>{html.escape(hint)}</p>'
    return page("Demande refusée", content, status=400, facts=facts)


def with_headers(reply: Reply, *headers: tuple[str, str]) -> Reply:
    """The same reply with more headers."""
    return replace(reply, headers=(*reply.headers, *headers))


def with_keys(reply: Reply, *keys: Key, secrets: tuple[str, ...] = ()) -> Reply:
    """The same reply, with what it minted."""
    return replace(reply, keys=(*reply.keys, *keys), secrets=(*reply.secrets, *secrets))


@cache
def sheet() -> str:
    """The frame of every page."""
    return (Path(__file__).parent / "page.html").read_text(encoding="utf-8")
