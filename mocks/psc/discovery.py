"""The configuration document: what the mock discovery of the ANS sample proxy says, useless values included."""

from __future__ import annotations

from typing import Any

from .messages import OIDC


def configuration(issuer: str, base: str, wallet: str) -> dict[str, Any]:
    """The document. ``acr_values_supported`` is as useless as the real one, and ping as advertised as there, on purpose."""
    endpoints = f"{base}{OIDC}"
    return {
        "issuer": issuer,
        "authorization_endpoint": wallet,
        "token_endpoint": f"{endpoints}/token",
        "userinfo_endpoint": f"{endpoints}/userinfo",
        "introspection_endpoint": f"{endpoints}/token/introspect",
        "revocation_endpoint": f"{endpoints}/revoke",
        "end_session_endpoint": f"{endpoints}/logout",
        "jwks_uri": f"{endpoints}/certs",
        "backchannel_authentication_endpoint": f"{endpoints}/ext/ciba/auth",
        "pushed_authorization_request_endpoint": f"{endpoints}/ext/par/request",
        "backchannel_token_delivery_modes_supported": ["poll", "ping"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": [
            "authorization_code",
            "refresh_token",
            "client_credentials",
            "urn:openid:params:grant-type:ciba",
        ],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": [
            "private_key_jwt",
            "client_secret_basic",
            "client_secret_post",
            "tls_client_auth",
            "client_secret_jwt",
        ],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "PS256", "ES256", "HS256"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "scopes_supported": ["openid", "scope_all", "identity", "rpps", "referentiel", "acr", "profile"],
        "acr_values_supported": ["0", "0"],
        "id_token_signing_alg_values_supported": ["RS256", "PS256", "ES256", "HS256"],
        "userinfo_signing_alg_values_supported": ["RS256"],
        "userinfo_encryption_alg_values_supported": ["RSA-OAEP"],
        "userinfo_encryption_enc_values_supported": ["A256GCM"],
        "tls_client_certificate_bound_access_tokens": True,
        "mtls_endpoint_aliases": {},
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "authorization_response_iss_parameter_supported": True,
    }
