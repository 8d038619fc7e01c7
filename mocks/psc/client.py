"""The registered client: what is known of it, and every way in which it proves who it is (RFC 6749, 7523, 8705)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, unquote_plus

from cryptography import x509
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey, RSAKey

from ...core.errors import InputError
from ...core.exchange import Reply, Request
from ...core.plateforme import write_private
from ...validation.oauth import Params, fingerprint, first, raw_basic
from .messages import oauth_error
from .state import remember

if TYPE_CHECKING:
    from .provider import Provider

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASYMMETRIC = ("RS256", "PS256", "ES256")
TOLERANCE = timedelta(minutes=5)
REFUSED = ("aucune", "invalide")


class ClientKeys:
    """The keys of the client, made at run time and kept in a private file when one is given (its path is in ``services.json``):
    one signs assertions (``use`` sig), the other decrypts userinfo (``use`` enc, RSA-OAEP)."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file

    @cached_property
    def keys(self) -> KeySet:
        """Both keys, made when first needed."""
        if self._file is not None and self._file.exists():
            return KeySet.import_key_set(json.loads(self._file.read_text(encoding="utf-8")))
        made = KeySet(
            [
                RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True),
                RSAKey.generate_key(2048, {"use": "enc", "alg": "RSA-OAEP"}, auto_kid=True),
            ]
        )
        if self._file is not None:
            write_private(self._file, json.dumps(made.as_dict(private=True)).encode())
        return made

    def make(self) -> None:
        """Make the file now, when it does not exist."""
        if self._file is not None and not self._file.exists():
            assert self.keys

    @property
    def encryption(self) -> RSAKey:
        """The key to which userinfo is encrypted."""
        found = next(key for key in self.keys.keys if key.as_dict(private=False).get("use") == "enc")
        assert isinstance(found, RSAKey)
        return found


@dataclass(frozen=True, slots=True)
class Client:
    """The one registered client. ``dn`` is the subject of its certificate (RFC 4514); ``""``: no certificate proves it."""

    id: str
    secret: str = field(repr=False)
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    dn: str = ""
    keys: ClientKeys = field(default_factory=ClientKeys, repr=False)

    def __post_init__(self) -> None:
        if self.dn:
            _name(self.dn)

    def bears(self, certificate: bytes | None) -> bool:
        """True when the certificate's subject is the registered one."""
        if not self.dn or certificate is None:
            return False
        return _subject(certificate) == _name(self.dn)


@dataclass(frozen=True, slots=True)
class Proof:
    """How the client proved who it is: the name of an OAuth method, ``aucune``, or ``invalide`` with why."""

    method: str
    why: str = ""

    @property
    def accepted(self) -> bool:
        """True when the client is authenticated."""
        return self.method not in REFUSED


def authenticate(provider: Provider, request: Request, pairs: Params, now: datetime) -> Proof:
    """How this request authenticates the client, every signature verified."""
    basic = raw_basic(request.header("authorization"))
    client_id, secret = first(pairs, "client_id"), first(pairs, "client_secret")
    if basic is not None:
        return _secret(provider, "client_secret_basic", _spellings(*basic))
    if secret:
        return _secret(provider, "client_secret_post", [(client_id, secret)])
    if first(pairs, "client_assertion_type") == JWT_BEARER:
        return _assertion(provider, first(pairs, "client_assertion"), now)
    certificate = request.connection.client_der
    if certificate is None:
        return Proof("aucune", "ni secret, ni assertion signée, ni certificat client TLS")
    if client_id != provider.client.id:
        return Proof("invalide", f"client_id absent ou inconnu à côté du certificat ({client_id or 'absent'})")
    if not provider.client.bears(certificate):
        return Proof(
            "invalide", f"le sujet du certificat ({subject_of(certificate)}) n'est pas celui du client ({provider.client.dn})"
        )
    return Proof("tls_client_auth")


def refused(proof: Proof, facts: dict[str, Any]) -> Reply:
    """The answer to a client that did not prove who it is."""
    return oauth_error("invalid_client", f"authentification du client : {proof.why}", status=401, facts=facts)


def certificate_fact(provider: Provider, request: Request) -> str:
    """What certificate came with a call: ``absent``, ``enregistre`` or ``autre``."""
    der = request.connection.client_der
    if der is None:
        return "absent"
    return "enregistre" if provider.client.bears(der) else "autre"


def thumbprint(der: bytes) -> str:
    """``x5t#S256`` of a certificate (RFC 8705 §3.1)."""
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()


def subject_of(der: bytes) -> str:
    """The subject of a certificate (RFC 4514), or why it cannot be told."""
    try:
        return x509.load_der_x509_certificate(der).subject.rfc4514_string()
    except ValueError:
        return "certificat illisible"


def _secret(provider: Provider, method: str, spellings: Sequence[tuple[str, str]]) -> Proof:
    client = provider.client
    for name, secret in spellings:
        same = hmac.compare_digest(secret.encode("utf-8", "surrogatepass"), client.secret.encode())
        if client.secret and name == client.id and same:
            return Proof(method)
    return Proof("invalide", "client_id ou secret inconnu")


def _spellings(name: str, secret: str) -> list[tuple[str, str]]:
    """RFC 6749 §2.3.1 form-encodes both before Base64; many clients do not, or only in part."""
    return [(read(name), read(secret)) for read in (str, unquote, unquote_plus)]


def _assertion(provider: Provider, assertion: str, now: datetime) -> Proof:
    """RFC 7523: signed by the client's secret or by one of its keys, for us, in its name, alive, and used once."""
    claims, method = _verified(provider, assertion)
    if claims is None:
        return Proof("invalide", "assertion illisible, ou signée par une autre clé ou un autre secret que ceux du client")
    audience = claims.get("aud")
    heard = {provider.issuer, provider.token_url} & set(audience if isinstance(audience, list) else [str(audience)])
    if claims.get("iss") != provider.client.id or claims.get("sub") != provider.client.id or not heard:
        return Proof("invalide", "assertion d'un autre client (iss, sub) ou pour un autre serveur (aud)")
    ends = claims.get("exp")
    if not isinstance(ends, int | float) or ends <= (now - TOLERANCE).timestamp():
        return Proof("invalide", "assertion sans fin de validité, ou expirée (exp)")
    seen = fingerprint(assertion)
    if seen in provider.store.assertions:
        return Proof("invalide", "assertion déjà employée (jti)")
    remember(provider.store.assertions, seen, now)
    return Proof(method)


def _verified(provider: Provider, assertion: str) -> tuple[dict[str, Any] | None, str]:
    """The claims of an assertion and its method; a client may leave its key unnamed (kid), so each is tried."""
    client = provider.client
    trials: list[tuple[Any, tuple[str, ...], str]] = []
    if client.secret:
        trials.append((OctKey.import_key(client.secret), ("HS256", "HS384", "HS512"), "client_secret_jwt"))
    signing = (key for key in client.keys.keys.keys if key.as_dict(private=False).get("use") != "enc")
    trials += [(key, ASYMMETRIC, "private_key_jwt") for key in signing]
    for key, algorithms, method in trials:
        try:
            return dict(jwt.decode(assertion, key, algorithms=list(algorithms)).claims), method
        except (JoseError, ValueError, TypeError):
            continue
    return None, ""


@lru_cache(maxsize=16)
def _name(text: str) -> tuple[frozenset[tuple[str, str]], ...]:
    try:
        return _normal(x509.Name.from_rfc4514_string(text))
    except ValueError as error:
        raise InputError(f"[psc] certificat_dn : « {text} » n'est pas un nom RFC 4514 (CN=…,OU=…,O=…,C=FR) : {error}") from error


@lru_cache(maxsize=64)
def _subject(der: bytes) -> tuple[frozenset[tuple[str, str]], ...]:
    try:
        return _normal(x509.load_der_x509_certificate(der).subject)
    except ValueError:
        return ()


def _normal(name: x509.Name) -> tuple[frozenset[tuple[str, str]], ...]:
    """For distinguishedNameMatch: values compared without case, runs of spaces as one."""
    return tuple(frozenset((a.oid.dotted_string, " ".join(str(a.value).split()).casefold()) for a in rdn) for rdn in name.rdns)
