"""A relying party made of Python's authlib, for complete logins at the simulated providers.

authlib carries the requests, the state, PKCE and the client's authentication, and states the rules of the id_token
(``CodeIDToken``, ``UserInfo``); the signature is verified with joserfc, to which authlib itself hands it over.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from dui_conformance.mocks.psc.client import Client
from joserfc import jwe, jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, KeySet

CIBA = "urn:openid:params:grant-type:ciba"


class Refused(Exception):
    """The relying party refuses what it received."""


class Authlib:
    """A relying party. Its answers have the shape of those of the Node client."""

    nom = "authlib"

    def __init__(self, discovery: str, client: Client, ac: Path, *, certificate: tuple[str, str] | None = None) -> None:
        self._client = client
        self._ac = str(ac)
        self._certificate = certificate
        self._places = self._session("client_secret_basic").get(discovery, withhold_token=True).json()

    def login(self, auth: str = "basic", userinfo: str = "") -> Mapping[str, Any]:
        """The web flow, whole."""
        try:
            return self._login(auth, userinfo)
        except (Refused, OAuthError, OAuth2Error, JoseError, ValueError, KeyError) as error:
            return {"refused": getattr(error, "error", "") or str(error) or type(error).__name__}

    def ciba(self, hint: str, channel: str) -> Mapping[str, Any]:
        """The flow without browser: authlib has no call for it, its session carries ours."""
        session = self._session("client_secret_basic")
        asked = {"scope": "openid scope_all", "acr_values": "eidas1", "login_hint": hint, "binding_message": "42"}
        auth = session.client_auth("client_secret_basic")
        started = session.post(
            self._places["backchannel_authentication_endpoint"], asked | {"channel": channel}, withhold_token=True, auth=auth
        ).json()
        if "error" in started:
            return {"refused": started["error"]}
        while True:
            form = {"grant_type": CIBA, "auth_req_id": started["auth_req_id"]}
            tokens = session.post(self._places["token_endpoint"], form, withhold_token=True, auth=auth).json()
            if tokens.get("error") not in ("authorization_pending", "slow_down"):
                break
            time.sleep(started["interval"])
        if "error" in tokens:
            return {"refused": tokens["error"]}
        session.token = tokens
        return self._use(session, self._claims(tokens, ""), "")

    def _session(self, method: str) -> OAuth2Session:
        session = OAuth2Session(
            self._client.id,
            self._client.secret,
            scope="openid scope_all",
            redirect_uri=next(iter(self._client.redirect_uris)),
            token_endpoint_auth_method=method,
            code_challenge_method="S256",
        )
        session.verify, session.trust_env, session.cert = self._ac, False, self._certificate
        return session

    def _authenticated(self, auth: str) -> OAuth2Session:
        if auth == "tls":
            return self._session("none")
        session = self._session({"post": "client_secret_post"}.get(auth, "client_secret_basic"))
        if auth.startswith("jwt"):
            made = ClientSecretJWT if auth == "jwt-secret" else PrivateKeyJWT
            session.register_client_auth_method(made(self._places["token_endpoint"]))
            session.token_endpoint_auth_method = made.name
            if auth == "jwt-cle":
                session.client_secret = self._client.keys.keys.keys[0]
        return session

    def _login(self, auth: str, userinfo: str) -> Mapping[str, Any]:
        session = self._authenticated(auth)
        nonce, verifier = generate_token(40), generate_token(48)
        url, state = session.create_authorization_url(
            self._places["authorization_endpoint"], nonce=nonce, acr_values="eidas1", code_verifier=verifier
        )
        session.state = state
        location = session.get(url, allow_redirects=False, withhold_token=True).headers["Location"]
        tokens = session.fetch_token(
            self._places["token_endpoint"], authorization_response=location, state=state, code_verifier=verifier
        )
        return self._use(session, self._claims(tokens, nonce), userinfo)

    def _claims(self, tokens: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        keys = self._session("client_secret_basic").get(self._places["jwks_uri"], withhold_token=True).json()["keys"]
        self._keys = KeySet([JWKRegistry.import_key(key) for key in keys if key["kty"] == "RSA"])
        decoded = jwt.decode(tokens["id_token"], self._keys, algorithms=["RS256"])
        exact = {
            "iss": {"essential": True, "value": self._places["issuer"]},
            "aud": {"essential": True, "value": self._client.id},
        }
        asked = {"client_id": self._client.id} | ({"nonce": nonce} if nonce else {})
        claims = CodeIDToken(decoded.claims, decoded.header, options=exact, params=asked)
        claims.validate(leeway=30)
        return dict(claims)

    def _use(self, session: OAuth2Session, claims: Mapping[str, Any], userinfo: str) -> Mapping[str, Any]:
        who = self._userinfo(session, userinfo)
        if who.get("sub") != claims["sub"]:
            raise Refused("userinfo of another subject")
        renewed = session.refresh_token(self._places["token_endpoint"], refresh_token=session.token["refresh_token"])
        if self._claims(renewed, "")["sub"] != claims["sub"]:
            raise Refused("another subject after the refresh")
        end = {
            "id_token_hint": renewed["id_token"],
            "post_logout_redirect_uri": self._client.post_logout_redirect_uris[0],
            "state": "fin",
        }
        left = session.get(self._places["end_session_endpoint"], params=end, allow_redirects=False, withhold_token=True)
        after = "still alive"
        try:
            session.refresh_token(self._places["token_endpoint"], refresh_token=renewed["refresh_token"])
        except OAuthError as error:
            after = error.error
        return {"claims": claims, "userinfo": who, "logout": left.headers["Location"], "after": after}

    def _userinfo(self, session: OAuth2Session, form: str) -> Mapping[str, Any]:
        answer = session.get(self._places["userinfo_endpoint"])
        if not form:
            found: Mapping[str, Any] = answer.json()
            return found
        token = answer.text
        if form == "jwe":
            opened = jwe.decrypt_compact(token, self._client.keys.encryption, algorithms=["RSA-OAEP", "A256GCM"])
            assert opened.plaintext is not None
            token = opened.plaintext.decode()
        claims = dict(jwt.decode(token, self._keys, algorithms=["RS256"]).claims)
        if claims["aud"] != self._client.id or claims["iss"] != self._places["issuer"]:
            raise Refused("userinfo for another client, or of another issuer")
        return claims
