"""Distinguished names: comparing what a message says with the subject of a certificate (RFC 2253, RFC 4514)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import NameOID

_SHORT = {
    "CN": "2.5.4.3",
    "SURNAME": "2.5.4.4",
    "SN": "2.5.4.4",
    "SERIALNUMBER": "2.5.4.5",
    "C": "2.5.4.6",
    "L": "2.5.4.7",
    "ST": "2.5.4.8",
    "S": "2.5.4.8",
    "STREET": "2.5.4.9",
    "O": "2.5.4.10",
    "OU": "2.5.4.11",
    "T": "2.5.4.12",
    "TITLE": "2.5.4.12",
    "GIVENNAME": "2.5.4.42",
    "GN": "2.5.4.42",
    "G": "2.5.4.42",
    "INITIALS": "2.5.4.43",
    "ORGANIZATIONIDENTIFIER": "2.5.4.97",
    "UID": "0.9.2342.19200300.100.1.1",
    "DC": "0.9.2342.19200300.100.1.25",
    "E": "1.2.840.113549.1.9.1",
    "EMAILADDRESS": "1.2.840.113549.1.9.1",
}
_ATTRIBUTE = re.compile(r"\s*([A-Za-z][A-Za-z0-9-]*|(?:OID\.)?\d+(?:\.\d+)+)\s*=\s*", re.IGNORECASE)
_VALUE = re.compile(r'(?:[^\\,;+"]|\\(?:[0-9A-Fa-f]{2}|.))*', re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*', re.DOTALL)
_HEX_PAIRS = re.compile(r"(?:\\[0-9A-Fa-f]{2})+")

Rdn = frozenset[tuple[str, str]]


class NameSyntaxError(ValueError):
    """A text that is not a distinguished name."""


@dataclass(frozen=True, slots=True)
class DistinguishedName:
    """A sequence of RDNs, most specific first (the order of RFC 2253); values are compared exactly."""

    rdns: tuple[Rdn, ...]

    def reversed(self) -> DistinguishedName:
        """The same name in the order of the certificate's encoding."""
        return DistinguishedName(tuple(reversed(self.rdns)))

    def folded(self) -> DistinguishedName:
        """The same name without case or repeated spaces."""
        return DistinguishedName(tuple(frozenset((t, " ".join(v.split()).casefold()) for t, v in rdn) for rdn in self.rdns))


def parse_name(text: str) -> DistinguishedName:
    """The name that a text writes; raises ``NameSyntaxError``."""
    rdns: list[Rdn] = []
    current: list[tuple[str, str]] = []
    position = 0
    while True:
        attribute = _ATTRIBUTE.match(text, position)
        if attribute is None:
            raise NameSyntaxError(f"« attribut=valeur » attendu au caractère {position + 1}")
        value, position = _value(text, attribute.end())
        current.append((_oid(attribute.group(1)), value))
        separator = text[position : position + 1]
        position += 1
        if separator == "+":
            continue
        rdns.append(frozenset(current))
        current = []
        if not separator:
            return DistinguishedName(tuple(rdns))


def name_of(name: x509.Name) -> DistinguishedName:
    """The name of a certificate, most specific RDN first."""
    rdns = [frozenset((attribute.oid.dotted_string, str(attribute.value)) for attribute in rdn) for rdn in name.rdns]
    return DistinguishedName(tuple(reversed(rdns)))


def first_value(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    """The first value of an attribute of a name, or ``""``."""
    return next((str(attribute.value) for attribute in name.get_attributes_for_oid(oid)), "")


def organisational_units(name: x509.Name) -> tuple[str, ...]:
    """The OU values of a name."""
    return tuple(str(attribute.value) for attribute in name.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME))


def _oid(name: str) -> str:
    upper = name.upper()
    known = _SHORT.get(upper)
    if known:
        return known
    dotted = upper.removeprefix("OID.")
    if not dotted[0].isdigit():
        raise NameSyntaxError(f"attribut inconnu « {name} »")
    return dotted


def _value(text: str, position: int) -> tuple[str, int]:
    if text[position : position + 1] == "#":
        end = min((i for i in (text.find(s, position) for s in ",;+") if i >= 0), default=len(text))
        return _from_hex(text[position + 1 : end].strip()), end
    quoted = _QUOTED.match(text, position)
    if quoted is not None:
        return _unescape(quoted.group(1)), quoted.end()
    plain = _VALUE.match(text, position)
    assert plain is not None
    if plain.end() < len(text) and text[plain.end()] not in ",;+":
        raise NameSyntaxError(f"caractère inattendu « {text[plain.end()]} » au caractère {plain.end() + 1}")
    raw = plain.group()
    stripped = raw.rstrip()
    if stripped.endswith("\\") and stripped != raw:
        stripped += " "
    return _unescape(stripped), plain.end()


def _unescape(text: str) -> str:
    def decode(match: re.Match[str]) -> str:
        return bytes.fromhex(match.group().replace("\\", "")).decode("utf-8", errors="replace")

    return re.sub(r"\\(.)", r"\1", _HEX_PAIRS.sub(decode, text), flags=re.DOTALL)


def _from_hex(text: str) -> str:
    """The string in a DER value written in hexadecimal (what Java writes for attributes that it does not know)."""
    try:
        der = bytes.fromhex(text)
    except ValueError:
        raise NameSyntaxError("valeur hexadécimale illisible") from None
    if len(der) < 2 or der[1] >= 0x80 or len(der) != 2 + der[1]:
        raise NameSyntaxError("valeur hexadécimale illisible")
    encoding = {0x1E: "utf-16-be", 0x14: "latin-1"}.get(der[0], "utf-8")
    return der[2:].decode(encoding, errors="replace")
