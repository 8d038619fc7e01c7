"""Pushed authorization requests (RFC 9126): the server of the DUI sends its demand ahead, the browser carries its number."""

from __future__ import annotations

from datetime import datetime

from ...core.exchange import Key, Reply, Request
from ...validation.oauth import Params, first, form
from .client import authenticate, certificate_fact, refused
from .messages import json_reply, oauth_error, with_keys
from .provider import Provider
from .state import PUSHED, remember

REQUEST_URI = "urn:ietf:params:oauth:request_uri:"
_OF_THE_CLIENT = ("client_secret", "client_assertion", "client_assertion_type")


def push(provider: Provider, request: Request, now: datetime) -> Reply:
    """Keep a demand for 90 seconds of logical time."""
    if request.method != "POST":
        return oauth_error("invalid_request", "la méthode POST est attendue", status=405)
    pairs = form(request)
    proof = authenticate(provider, request, pairs, now)
    facts = {"client_auth": proof.method, "certificat": certificate_fact(provider, request)}
    if not proof.accepted:
        return refused(proof, facts)
    if first(pairs, "request_uri"):
        return oauth_error("invalid_request", "request_uri est donné par cet appel, pas reçu", facts=facts)
    if first(pairs, "client_id") not in ("", provider.client.id):
        return oauth_error("invalid_request", "client_id différent de celui qui est authentifié", facts=facts)
    if first(pairs, "redirect_uri") not in provider.client.redirect_uris:
        return oauth_error("invalid_request", "redirect_uri non enregistré", facts=facts)
    number = REQUEST_URI + provider.store.opaque(now, "par")[:40]
    kept = tuple(pair for pair in pairs if pair[0] not in _OF_THE_CLIENT)
    remember(provider.store.pushed, number, (now, kept))
    reply = json_reply({"request_uri": number, "expires_in": int(PUSHED.total_seconds())}, status=201, facts=facts)
    return with_keys(reply, Key("code", number), secrets=(number,))


def taken(provider: Provider, number: str, now: datetime) -> Params | None:
    """The demand pushed under this number, once; ``()`` when no number of ours was given, None when it is unknown or too old."""
    if not number.startswith(REQUEST_URI):
        return ()
    issued, pairs = provider.store.pushed.pop(number, (None, ()))
    return pairs if issued is not None and now - issued < PUSHED and pairs else None
