"""What OAuth 2.0 puts on the wire, read without judging: parameters, client credentials, bearer tokens."""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
import re
import string
from urllib.parse import parse_qsl, unquote

from ..core.exchange import Request

Params = tuple[tuple[str, str], ...]

MAX_FORM = 1 << 20
_UUID4 = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}", re.IGNORECASE)
_ALPHABETS = ("0123456789", "0123456789abcdef", "0123456789ABCDEF", string.ascii_lowercase + string.digits)


def fingerprint(value: str) -> str:
    """What stands for a token or a code in facts and in comparisons: enough to tell two apart, nothing to replay."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def parameters(text: str) -> Params:
    """The pairs of a query string or of a form, in order, empty values kept; never raises."""
    return tuple(parse_qsl(text, keep_blank_values=True, max_num_fields=1000)) if text.count("&") < 1000 else ()


def form(request: Request) -> Params:
    """The pairs of an ``application/x-www-form-urlencoded`` body, read once; empty for another type or an oversized body."""
    if "form" not in request.memo:
        request.memo["form"] = _read_form(request)
    pairs: Params = request.memo["form"]
    return pairs


def _read_form(request: Request) -> Params:
    if not request.header("content-type").lower().startswith("application/x-www-form-urlencoded"):
        return ()
    if request.body.size > MAX_FORM:
        return ()
    return parameters(request.body.read().decode("utf-8", "replace"))


def first(pairs: Params, name: str) -> str:
    """The first value of a parameter, ``""`` when absent."""
    return next((value for key, value in pairs if key == name), "")


def basic_credentials(header: str) -> tuple[str, str] | None:
    """Client id and secret of an ``Authorization: Basic`` header (RFC 6749 §2.3.1: both form-encoded); None otherwise."""
    raw = raw_basic(header)
    return (unquote(raw[0]), unquote(raw[1])) if raw is not None else None


def raw_basic(header: str) -> tuple[str, str] | None:
    """The same, as sent: whether a ``+`` or a ``%`` is meant literally is for who knows the secret."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(value.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    user, _, secret = text.partition(":")
    return user, secret


def bearer(request: Request) -> str:
    """The token of an ``Authorization: Bearer`` header, ``""`` when absent."""
    scheme, _, value = request.header("authorization").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def entropy_bits(value: str) -> float:
    """An upper bound of the randomness of an opaque value, from its length and the smallest usual alphabet that holds it."""
    if _UUID4.fullmatch(value):
        return 122.0
    letters = set(value)
    if len(letters) < 6:
        return len(value) * math.log2(max(len(letters), 1))
    size = next((len(a) for a in _ALPHABETS if letters <= set(a)), 64)
    return len(value) * math.log2(size)
