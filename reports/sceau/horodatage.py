"""RFC 3161 timestamps of a seal: asked of an authority that the user names, and read back (extra ``signature``)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests
from dui_conformance.core.errors import InputError

_TYPE = "application/timestamp-query"
_TIMEOUT = 30
EXTRA = "installez l'extra « signature » (pip install dui-conformance[signature])"


@dataclass(frozen=True, slots=True)
class Timestamp:
    """What a token says: when, by which authority (``""``: not told), and whether of these bytes."""

    le: datetime
    autorite: str
    de_cette_signature: bool


def ask(url: str, signature: bytes) -> bytes:
    """A token for this signature (DER response of the authority); raises ``InputError``."""
    rfc3161 = _library()
    query = rfc3161.TimestampRequestBuilder().data(signature).build()
    try:
        answer = requests.post(url, data=query.as_bytes(), headers={"Content-Type": _TYPE}, timeout=_TIMEOUT)
        answer.raise_for_status()
        rfc3161.decode_timestamp_response(answer.content)
    except (requests.RequestException, ValueError) as error:
        raise InputError(f"{url} : cette autorité n'a pas donné d'horodatage ({error}).") from None
    return answer.content


def read(token: bytes, signature: bytes) -> Timestamp:
    """What a token says; raises ``InputError`` when it cannot be read here. The authority's chain is not verified."""
    try:
        response = _library().decode_timestamp_response(token)
    except ValueError:
        raise InputError("jeton d'horodatage illisible") from None
    info = response.tst_info
    algorithm = info.message_imprint.hash_algorithm.dotted_string
    digests = {"2.16.840.1.101.3.4.2.1": hashlib.sha256, "2.16.840.1.101.3.4.2.3": hashlib.sha512}
    same = algorithm in digests and digests[algorithm](signature).digest() == info.message_imprint.message
    name = info.name.rfc4514_string() if info.name is not None and hasattr(info.name, "rfc4514_string") else ""
    return Timestamp(info.gen_time, name, same)


def _library() -> Any:
    try:
        import rfc3161_client
    except ImportError:
        raise InputError(f"l'horodatage demande une bibliothèque de plus : {EXTRA}.") from None
    return rfc3161_client
