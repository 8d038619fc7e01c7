"""Address lists of headers (RFC 5322 §3.4): display name, local part, domain."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .headers import decode_words

MOST_ADDRESSES = 1_000
CITIZEN_DOMAIN = "patient.mssante.fr"
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*|\"[^\"\\\x00-\x1f]+\"")
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9][A-Za-z0-9-]{0,62})+")
_COMMENT = re.compile(r"\([^()]*\)")
_CITIZEN = re.compile(r"[0-9AB]{15}")


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox. ``name`` is decoded; ``raw`` as written."""

    name: str
    local: str
    domain: str
    raw: str

    @property
    def address(self) -> str:
        """``local@domain``, domain in lower case."""
        return f"{self.local}@{self.domain.lower()}" if self.domain else self.local

    @property
    def valid(self) -> bool:
        """True when both sides have their shape."""
        return is_address(f"{self.local}@{self.domain}")

    @property
    def is_citizen(self) -> bool:
        """True for an address of the domain of citizens, well formed or not."""
        return is_citizen(self.address)

    def same(self, other: str) -> bool:
        """True for the same mailbox, whatever the case."""
        return self.address.lower() == other.strip("<> ").lower()


def is_address(text: str) -> bool:
    """True for ``local@domaine`` with the usual characters."""
    local, at, domain = text.rpartition("@")
    return bool(at) and len(text) <= 320 and bool(_LOCAL.fullmatch(local)) and bool(_DOMAIN.fullmatch(domain))


def is_citizen(address: str) -> bool:
    """True for an address of the domain of citizens."""
    return address.lower().endswith("@" + CITIZEN_DOMAIN)


def citizen_matricule(address: str) -> str:
    """The 15 characters of a citizen's address, ``""`` when it has not this form."""
    local = address.rpartition("@")[0].upper()
    return local if is_citizen(address) and _CITIZEN.fullmatch(local) else ""


def parse_addresses(text: str) -> tuple[Address, ...]:
    """The mailboxes of an unfolded header, in order; groups are opened; never raises."""
    return tuple(_address(item) for item in _items(text)[:MOST_ADDRESSES])


def _items(text: str) -> list[str]:
    """Cut at commas (and group marks) outside quotes, comments and angle brackets."""
    items, start, quoted, angle, depth, rank = [], 0, False, False, 0, 0
    while rank < len(text):
        char = text[rank]
        if char == "\\" and (quoted or depth):
            rank += 1
        elif char == '"' and not depth:
            quoted = not quoted
        elif not quoted and char == "(":
            depth += 1
        elif not quoted and char == ")" and depth:
            depth -= 1
        elif not quoted and not depth:
            if char in "<>":
                angle = char == "<"
            elif char in ",;" and not angle:
                items.append(text[start:rank])
                start = rank + 1
            elif char == ":" and not angle:
                start = rank + 1
        rank += 1
    items.append(text[start:])
    return [item.strip() for item in items if item.strip()]


def _address(raw: str) -> Address:
    before, bracket, after = raw.rpartition("<")
    spec = after.partition(">")[0].strip() if bracket else _COMMENT.sub("", raw).strip()
    name = before.strip() if bracket else ""
    if len(name) >= 2 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    local, domain = spec.rsplit("@", 1) if "@" in spec else (spec, "")
    return Address(decode_words(name)[0].strip(), local, domain, raw)
