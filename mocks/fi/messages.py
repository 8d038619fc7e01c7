"""Addresses, kinds and configuration of the ordinary provider."""

from __future__ import annotations

from typing import Any

from ...core.exchange import Description, Request
from ...validation.oauth import first, form
from ..psc.messages import GRANTS, described

ISSUER = "fi"
COOKIE = "FI_SESSION"
DISCOVERY = "/.well-known/openid-configuration"
AUTHORIZE = "/authorize"
LOGIN = "/authorize/connexion"
SCOPE = "openid profile email"

_KINDS = {
    DISCOVERY: "fi.decouverte",
    AUTHORIZE: "fi.autorisation",
    LOGIN: "fi.connexion",
    "/userinfo": "fi.userinfo",
    "/jwks": "fi.jwks",
    "/logout": "fi.deconnexion",
}
_SERVED = ("authorization_code", "refresh_token")


def kind_of(request: Request) -> str:
    """The kind of a request, from its path and its grant."""
    path = request.path.rstrip("/") or "/"
    if path != "/token":
        return _KINDS.get(path, "fi.inconnu")
    grant = first(form(request), "grant_type")
    return "fi.jeton." + (GRANTS[grant] if grant in _SERVED else "autre")


def describe(request: Request) -> Description:
    """Kind, keys, secrets and summary; never raises on bad input."""
    return described(kind_of(request), request, COOKIE)


def configuration(issuer: str) -> dict[str, Any]:
    """The configuration document, as the standard has it and without any surprise."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}{AUTHORIZE}",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "end_session_endpoint": f"{issuer}/logout",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": list(_SERVED),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256", "plain"],
        "scopes_supported": ["openid", "profile", "email"],
        "claims_supported": ["sub", "name", "family_name", "given_name", "preferred_username", "email", "rpps"],
        "authorization_response_iss_parameter_supported": True,
    }
