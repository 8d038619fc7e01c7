"""Who may call: the certificate of the legal entity, the token that its client gets, the establishment that a call names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from joserfc import jwt
from joserfc.jwk import ECKey

from ...core.errors import Inconclusive
from ...core.exchange import Reply, Request
from ...validation.oauth import bearer, fingerprint, first, form, raw_basic
from ...validation.tls import ClientCertificate
from .messages import json_reply, oauth_error, outcome
from .state import Jeton

if TYPE_CHECKING:
    from .app import ServiceViaTrajectoire

BON, ABSENT, ILLISIBLE, AUTRE = "bon", "absent", "illisible", "autre-structure"


class Signataire:
    """One key, made when first needed."""

    @cached_property
    def _key(self) -> ECKey:
        return ECKey.generate_key("P-256", auto_kid=True)

    def jeton(self, claims: dict[str, Any]) -> str:
        """A compact ES256 JWT."""
        return jwt.encode({"alg": "ES256", "kid": str(self._key.kid), "typ": "at+jwt"}, claims, self._key, algorithms=["ES256"])


@dataclass(frozen=True, slots=True)
class Appelant:
    """Who calls a business address: his token, and the establishments whose decisions he may see."""

    jeton: Jeton
    facts: Mapping[str, Any]

    @property
    def etablissements(self) -> tuple[str, ...]:
        """FINESS EG."""
        return self.jeton.finess_eg


def certificate_state(request: Request, finess_ej: str) -> str:
    """What the client certificate is worth: ``bon``, ``absent``, ``illisible`` or ``autre-structure``."""
    der = request.connection.client_der
    if der is None:
        return ABSENT
    try:
        certificate = ClientCertificate.from_der(der)
    except Inconclusive:
        return ILLISIBLE
    return BON if certificate.ou == f"1{finess_ej}" else AUTRE


def token(service: ServiceViaTrajectoire, request: Request, now: datetime) -> Reply:
    """The token endpoint: ``client_credentials`` over mutual TLS. Address, form and life of tokens are provisional."""
    settings, options = service.settings, service.options
    certificate = certificate_state(request, service.finess_ej)
    facts: dict[str, Any] = {"certificat": certificate}
    if request.method != "POST":
        return oauth_error("invalid_request", "POST attendu", status=405, facts=facts)
    asked = form(request)
    if certificate != BON:
        return oauth_error("invalid_client", f"certificat client : {certificate}", status=401, facts=facts)
    if not _is_client(request, settings.client_id, settings.client_secret):
        return oauth_error("invalid_client", "client_id ou client_secret inconnu", status=401, facts=facts)
    if first(asked, "grant_type") != "client_credentials":
        return oauth_error("unsupported_grant_type", "client_credentials attendu", status=400, facts=facts)
    life = timedelta(seconds=options.duree.total_seconds())
    jeton = Jeton(settings.client_id, service.finess_ej, settings.finess_eg, now + life)
    value = _value(service, jeton, now)
    service.registre.jetons[fingerprint(value)] = jeton
    answer: dict[str, Any] = {"access_token": value, "token_type": "Bearer", "expires_in": int(life.total_seconds())}
    facts |= {"jeton_emis": fingerprint(value), "expire": jeton.expire.timestamp()}
    return json_reply(answer, facts=facts, secrets=(value,))


def _value(service: ServiceViaTrajectoire, jeton: Jeton, now: datetime) -> str:
    if service.options.forme == "opaque":
        return service.registre.opaque("jeton")
    claims = {
        "iss": service.adresse,
        "sub": jeton.client_id,
        "client_id": jeton.client_id,
        "finess_ej": jeton.finess_ej,
        "finess_eg": list(jeton.finess_eg),
        "iat": int(now.timestamp()),
        "exp": int(jeton.expire.timestamp()),
        "jti": service.registre.opaque("jti")[:32],
    }
    return service.signataire.jeton(claims)


def _is_client(request: Request, client_id: str, secret: str) -> bool:
    """True for the right client, in the form or in Basic (encoded or not: both are seen)."""
    asked = form(request)
    if (first(asked, "client_id"), first(asked, "client_secret")) == (client_id, secret):
        return True
    raw = raw_basic(request.header("authorization"))
    return raw is not None and (client_id, secret) in (raw, (unquote_plus(raw[0]), unquote_plus(raw[1])))


def caller(service: ServiceViaTrajectoire, request: Request, now: datetime) -> Appelant | Reply:
    """Who makes a business call; the refusal of a call that may not pass."""
    certificate = certificate_state(request, service.finess_ej)
    value = bearer(request)
    jeton = service.registre.jeton(value)
    state = _token_state(value, jeton, now)
    struct = request.header("struct_idnat")
    facts: dict[str, Any] = {"certificat": certificate, "jeton_etat": state, "mode": service.options.mode}
    if certificate in (ABSENT, ILLISIBLE):
        return outcome(request, 401, "login", f"certificat client {certificate}", facts=facts)
    if state != "valide" or jeton is None:
        challenge = ("WWW-Authenticate", 'Bearer realm="sdo", error="invalid_token"')
        return outcome(request, 401, "login", f"jeton {state}", facts=facts, headers=(challenge,))
    if certificate == AUTRE:
        return outcome(request, 403, "forbidden", "le certificat n'est pas celui de l'entité juridique du jeton", facts=facts)
    if not struct:
        return outcome(request, 400, "required", "en-tête struct_idnat absent", facts=facts)
    if struct.removeprefix("1") not in jeton.finess_eg or len(struct) != 10:
        return outcome(request, 403, "forbidden", "struct_idnat n'est pas un établissement du jeton", facts=facts)
    if service.options.mode == "ferme":
        return outcome(request, 403, "forbidden", "le référent n'a ouvert ni le mode initial ni le mode permanent", facts=facts)
    return Appelant(jeton, facts)


def _token_state(value: str, jeton: Jeton | None, now: datetime) -> str:
    if not value:
        return "absent"
    if jeton is None:
        return "inconnu"
    return "valide" if now < jeton.expire else "expire"
