"""What a stored query asks, and whether an entry or a submission set answers it.

Several slots of one name must all hold, the values of one slot are alternatives; author names take the SQL wildcards ``%``
and ``_``; times are half-open, as ITI-18 says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from ...validation.soap import SoapMessage
from .answers import QUERY
from .messages import RIM
from .state import Entry, Lot

_LITERAL = re.compile(r"'((?:[^']|'')*)'|([^\s(),']+)")
_CODES = (
    "ClassCode",
    "TypeCode",
    "FormatCode",
    "ConfidentialityCode",
    "HealthcareFacilityTypeCode",
    "PracticeSettingCode",
    "EventCodeList",
)
_TIMES = ("creationTime", "serviceStartTime", "serviceStopTime")


@dataclass(frozen=True, slots=True)
class Asked:
    """A stored query as received. ``slots`` holds one list of values per Slot of a name (the name without ``$``)."""

    id: str
    leaf: bool
    slots: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)

    def values(self, name: str) -> tuple[str, ...]:
        """Every value of a parameter."""
        return tuple(value for one in self.slots.get(name, ()) for value in one)

    def first(self, name: str) -> str:
        """The first value of a parameter, or ``""``."""
        return next(iter(self.values(name)), "")


def read_query(message: SoapMessage) -> Asked:
    """The stored query of a message; its id is ``""`` when there is none."""
    request = f"{{{QUERY}}}AdhocQueryRequest"
    query = message.body.find(f"{request}/{{{RIM}}}AdhocQuery")
    option = message.body.find(f"{request}/{{{QUERY}}}ResponseOption")
    leaf = option is None or option.get("returnType") != "ObjectRef"
    return Asked("", leaf) if query is None else Asked(query.get("id", ""), leaf, _slots(query))


def _slots(query: etree._Element) -> dict[str, tuple[tuple[str, ...], ...]]:
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for slot in query.iterfind(f"{{{RIM}}}Slot"):
        name = slot.get("name", "").removeprefix("$")
        texts = (value.text or "" for value in slot.iter(f"{{{RIM}}}Value"))
        values = tuple(quoted.replace("''", "'") or bare for text in texts for quoted, bare in _LITERAL.findall(text))
        found[name] = (*found.get(name, ()), values)
    return found


def entry_matches(entry: Entry, asked: Asked) -> bool:
    attributes = entry.attributes
    coded = all(
        set(one).intersection(attributes.codes.get(name, ()))
        for name in _CODES
        for one in asked.slots.get(f"XDSDocumentEntry{name}", ())
    )
    return (
        coded
        and all(_within(attributes.times.get(name, ""), asked, f"XDSDocumentEntry{name[0].upper()}{name[1:]}") for name in _TIMES)
        and _like(attributes.persons, asked.slots.get("XDSDocumentEntryAuthorPerson", ()))
    )


def lot_matches(lot: Lot, asked: Asked) -> bool:
    sources, types = asked.values("XDSSubmissionSetSourceId"), asked.values("XDSSubmissionSetContentType")
    return (
        (not sources or lot.source in sources)
        and (not types or lot.content_type in types)
        and _within(lot.time, asked, "XDSSubmissionSetSubmissionTime")
        and _like(lot.persons, asked.slots.get("XDSSubmissionSetAuthorPerson", ()))
    )


def _within(value: str, asked: Asked, name: str) -> bool:
    """``From <= value < To``; what is shorter is completed by zeros. An absent time is out of any bound."""
    start, end = asked.first(f"{name}From"), asked.first(f"{name}To")
    if not start and not end:
        return True
    moment = value.ljust(14, "0")
    return bool(value) and (not start or start.ljust(14, "0") <= moment) and (not end or moment < end.ljust(14, "0"))


def _like(values: Sequence[str], wanted: Iterable[tuple[str, ...]]) -> bool:
    return all(any(like(text, value) for text in one for value in values) for one in wanted)


def like(pattern: str, value: str) -> bool:
    """SQL ``LIKE``: ``%`` any text, ``_`` one character. Never worse than the product of the two lengths."""
    at = place = 0
    star = resumed = -1
    while place < len(value):
        if at < len(pattern) and pattern[at] == "%":
            star, resumed = at, place
            at += 1
        elif at < len(pattern) and pattern[at] in ("_", value[place]):
            at += 1
            place += 1
        elif star >= 0:
            resumed += 1
            at, place = star + 1, resumed
        else:
            return False
    return not pattern[at:].strip("%")
