"""What arrives and what leaves: addresses, kinds and keys of requests, and the building of answers."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
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
    (WALLET, AUTHORIZE): "psc.autorisation",
    (WALLET, LOGIN): "psc.connexion",
}
_GRANTS = {"authorization_code": "psc.jeton.code", "refresh_token": "psc.jeton.rafraichissement"}
_SUMMARIES = {
    "psc.decouverte": "lecture de la configuration du portefeuille",
    "psc.decouverte-standard": "lecture de la configuration sous le nom standard",
    "psc.autorisation": "demande d'autorisation",
    "psc.connexion": "choix de l'identité sur la page du simulateur",
    "psc.jeton.code": "échange du code contre des jetons",
    "psc.jeton.rafraichissement": "rafraîchissement des jetons",
    "psc.jeton.autre": "demande de jeton d'une autre sorte",
    "psc.userinfo": "lecture de l'identité du professionnel",
    "psc.jwks": "lecture des clés de signature",
    "psc.introspection": "introspection d'un jeton",
    "psc.revocation": "révocation d'un jeton",
    "psc.deconnexion": "fin de session",
    "psc.inconnu": "appel non prévu",
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
)


def kind_of(listener: str, request: Request) -> str:
    """The kind of a request, from the listener, the path and the grant."""
    path = request.path.rstrip("/") or "/"
    if (listener, path) == (ISSUER, f"{OIDC}/token"):
        return _GRANTS.get(first(form(request), "grant_type"), "psc.jeton.autre")
    return _KINDS.get((listener, path), "psc.inconnu")


def all_parameters(request: Request) -> Params:
    """Query then form parameters."""
    return parameters(request.query) + form(request)


def describe(listener: str, request: Request) -> Description:
    """Kind, keys, secrets and summary; never raises on bad input."""
    kind = kind_of(listener, request)
    pairs = all_parameters(request)
    basic = basic_credentials(request.header("authorization"))
    token = bearer(request)
    secrets = [value for name, value in pairs if name in _SECRET_NAMES] + [token, basic[1] if basic else "", cookie(request)]
    # The state that a client chooses is no key: one that never changed would tie every login to the first scenario.
    keys = [Key("code", first(pairs, "code"))]
    keys += [Key("jeton", first(pairs, name)) for name in ("refresh_token", "access_token", "token", "id_token_hint")]
    keys += [Key("jeton", token), Key("state", first(pairs, "demande") if kind == "psc.connexion" else "")]
    return Description(
        kind=kind,
        keys=tuple(dict.fromkeys(key for key in keys if key.valeur)),
        secrets=tuple(dict.fromkeys(s for s in secrets if s)),
        summary=_SUMMARIES[kind],
    )


def cookie(request: Request) -> str:
    """The browser's session cookie at the wallet, ``""`` when absent."""
    pairs = (part.strip().partition("=") for part in request.header("cookie").split(";"))
    return next((value for name, _, value in pairs if name == COOKIE), "")


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
    added = urlencode({name: value for name, value in parameters.items() if value}, errors="replace")
    location = f"{address}{'&' if '?' in address else '?'}{added}" if added else address
    return Reply(status=302, headers=(("Location", location), ("Cache-Control", "no-store")), facts=facts)


def page(title: str, content: str, *, status: int = 200, facts: Mapping[str, Any] | None = None) -> Reply:
    """An HTML page of the simulator; ``content`` is already escaped."""
    text = _PAGE.replace("{{titre}}", html.escape(title)).replace("{{contenu}}", content)
    headers = (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
        ("Referrer-Policy", "no-referrer"),
    )
    return Reply(status=status, headers=headers, body=Body(text.encode()), facts=facts or {})


def error_page(message: str, hint: str, *, facts: Mapping[str, Any]) -> Reply:
    """The page shown when the browser must not be sent back to the client."""
    content = f'<p class="alerte">{html.escape(message)}</p><p>{html.escape(hint)}</p>'
    return page("Demande refusée", content, status=400, facts=facts)


def with_headers(reply: Reply, *headers: tuple[str, str]) -> Reply:
    """The same reply with more headers."""
    return Reply(
        status=reply.status,
        headers=(*reply.headers, *headers),
        body=reply.body,
        delivery=reply.delivery,
        facts=reply.facts,
        keys=reply.keys,
        secrets=reply.secrets,
    )


_PAGE = """<!DOCTYPE html>
<html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{titre}} – simulateur</title>
<style>
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;margin:0;background:#f3f5fa;color:#1c2340}
header{background:#1c2f6b;color:#fff;padding:.75rem 1.5rem}
header strong{display:block;font-size:1.1rem}
.bandeau{background:#ffd666;color:#3d2e00;padding:.5rem 1.5rem;font-weight:600}
main{max-width:44rem;margin:1.5rem auto;padding:0 1rem}
h1{font-size:1.4rem}
form{margin:0}
ul{list-style:none;padding:0;display:grid;gap:.6rem}
button{width:100%;text-align:left;font:inherit;padding:.7rem 1rem;border:1px solid #9aa5cc}
button{border-radius:.5rem;background:#fff;color:inherit;cursor:pointer}
button:hover,button:focus{border-color:#1c2f6b;outline:3px solid #b8c4f0}
button strong{display:block}
button small{color:#4a5272}
.refus button{background:none;border-style:dashed}
.alerte{border-left:.3rem solid #b3261e;padding:.5rem 1rem;background:#fdecea;color:#5c1410}
code{font-size:.9em}
@media (prefers-color-scheme:dark){body{background:#12162a;color:#e8ebf7}button{background:#1e2440}button small{color:#b4bddb}}
</style></head><body>
<header><strong>Pro Santé Connect</strong>simulateur de conformité</header>
<div class="bandeau">Simulateur : identités fictives, aucune valeur officielle.</div>
<main><h1>{{titre}}</h1>{{contenu}}</main>
</body></html>
"""
