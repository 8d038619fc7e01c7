"""HL7 v2 data types of XDS slots: CX, CXi, XCN, XON, coded triplets, times (IHE ITI TF-3 §4.2.3.1.7)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..ins.key import OIDS as INS_OIDS

OID_PATTERN = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
PS_AUTHORITY = "1.2.250.1.71.4.2.1"
STRUCTURE_AUTHORITY = "1.2.250.1.71.4.2.2"

_ESCAPES = {"\\F\\": "|", "\\S\\": "^", "\\T\\": "&", "\\R\\": "~", "\\E\\": "\\"}
_ESCAPE = re.compile(r"\\[FSTRE]\\")
_DTM = re.compile(r"(\d{4}(?:\d{2}){0,5})(?:\.\d+)?([+-]\d{4})?")


def is_oid(text: str) -> bool:
    """True for a dotted OID without leading zeros, of at most 128 characters."""
    return len(text) <= 128 and OID_PATTERN.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Authority:
    """An assigning authority ``&OID&ISO``."""

    oid: str
    type: str


@dataclass(frozen=True, slots=True)
class Cx:
    """A patient identifier ``id^^^&OID&ISO^code``; ``extra`` holds what follows the code (older samples append a date)."""

    id: str
    authority: Authority
    code: str
    extra: tuple[str, ...]
    raw: str

    @property
    def is_ins(self) -> bool:
        """True when the authority is that of the INS."""
        return self.authority.oid in INS_OIDS

    @property
    def identity(self) -> tuple[str, str]:
        """Identifier and authority, what is compared between messages."""
        return self.id, self.authority.oid


@dataclass(frozen=True, slots=True)
class Xcn:
    """A person or a device ``id^nom^prénom^^^^^^&OID&ISO^D^^^IDNPS``."""

    id: str
    family: str
    given: str
    authority: Authority
    name_type: str
    id_type: str
    raw: str


@dataclass(frozen=True, slots=True)
class Xon:
    """An organisation ``nom^^^^^&OID&ISO^IDNST^^^identifiant``."""

    name: str
    authority: Authority
    id_type: str
    id: str
    raw: str


@dataclass(frozen=True, slots=True)
class Triplet:
    """A coded slot value ``code^libellé^système``."""

    code: str
    label: str
    system: str
    raw: str


def parse_cx(raw: str) -> Cx:
    """A CX; missing components are empty."""
    parts = _components(raw, 5)
    return Cx(parts[0], _authority(parts[3]), parts[4], tuple(p for p in parts[5:] if p), raw)


def parse_xcn(raw: str) -> Xcn:
    """An XCN; missing components are empty."""
    parts = _components(raw, 13)
    return Xcn(parts[0], parts[1], parts[2], _authority(parts[8]), parts[9], parts[12], raw)


def parse_xon(raw: str) -> Xon:
    """An XON; missing components are empty."""
    parts = _components(raw, 10)
    return Xon(parts[0], _authority(parts[5]), parts[6], parts[9], raw)


def parse_triplet(raw: str) -> Triplet:
    """A ``code^libellé^système``; missing components are empty."""
    parts = _components(raw, 3)
    return Triplet(parts[0], parts[1], parts[2], raw)


def parse_pid(values: tuple[str, ...]) -> dict[str, list[str]]:
    """``sourcePatientInfo``: field (``PID-5``) to its values."""
    fields: dict[str, list[str]] = {}
    for value in values:
        name, separator, rest = value.partition("|")
        if separator:
            fields.setdefault(name.strip(), []).extend(rest.split("~"))
    return fields


def components(raw: str) -> list[str]:
    """The ``^`` components of a value, unescaped."""
    return [_unescape(part) for part in raw.split("^")]


def _components(raw: str, count: int) -> list[str]:
    parts = components(raw)
    return parts + [""] * (count - len(parts))


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPES[match.group()], text)


def _authority(text: str) -> Authority:
    parts = text.split("&")
    if len(parts) < 2:
        return Authority("", "")
    return Authority(parts[1], parts[2] if len(parts) > 2 else "")


def is_dtm(text: str, *lengths: int) -> bool:
    """True for a calendar date-time ``yyyyMMddHHmmss`` cut at one of these lengths (any even cut from the year by default)."""
    if not text.isascii() or not text.isdigit() or len(text) not in (lengths or (4, 6, 8, 10, 12, 14)):
        return False
    return _naive(text) is not None


def utc_candidates(value: str) -> tuple[str, ...]:
    """What an HL7 ``TS`` may become as an XDS time in UTC, best first; empty when it is not a time.

    With an offset the answer is one instant, to the second, and its cut to the precision of the value. Without one,
    the value is taken as is, or as French legal time (UTC+1 or UTC+2); a bare date may also stay a date.
    """
    match = _DTM.fullmatch(value)
    if match is None:
        return ()
    digits, offset = match.groups()
    moment = _naive(digits)
    if moment is None:
        return ()
    if offset and len(digits) > 8:
        sign = -1 if offset[0] == "-" else 1
        shift = sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[3:5]))
        found = [moment - shift]
    else:
        found = [moment, moment - timedelta(hours=1), moment - timedelta(hours=2)]
    texts = [text for at in found for text in (f"{at:%Y%m%d%H%M%S}", f"{at:%Y%m%d%H%M%S}"[: len(digits)])]
    if len(digits) <= 8:
        texts = [digits, *(f"{at:%Y%m%d%H%M%S}" for at in found)]
    return tuple(dict.fromkeys(texts))


def dtm_instant(text: str) -> datetime | None:
    """The instant of an XDS time (UTC), None when it is not one."""
    moment = _naive(text) if is_dtm(text) else None
    return None if moment is None else moment.replace(tzinfo=UTC)


def _naive(digits: str) -> datetime | None:
    padded = digits + "00000101000000"[len(digits) :]
    try:
        return datetime.strptime(padded, "%Y%m%d%H%M%S")
    except ValueError:
        return None
