"""HL7 v2 fields in XDS slots, parsed by their grammar: components ``^``, subcomponents ``&``, escapes ``\\…\\``.

:mod:`datatypes` reads what is there; this module says what the grammar forbids. Facts: HL7 v2.5 chapter 2 (delimiters,
escape sequences), IHE ITI TF-3 §4.2.3.1.7 (CX, XCN, XON, CXi in metadata), CI-SIS (components 10 and 13 of XCN, 7 and 10 of XON).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .datatypes import is_oid

_ESCAPE = re.compile(r"\\(?:[FSTRE]|X(?:[0-9A-F]{2})+|\.br)\\")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_URN = re.compile(r"urn:ihe:iti:xds:20\d\d:[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of one repetition: components, each a tuple of subcomponents, still escaped."""

    raw: str
    components: tuple[tuple[str, ...], ...]

    def component(self, rank: int) -> str:
        """The component of that rank (from 1), subcomponents joined; ``""`` past the last."""
        return "&".join(self.components[rank - 1]) if rank <= len(self.components) else ""

    def subcomponents(self, rank: int) -> tuple[str, ...]:
        """The subcomponents of a component."""
        return self.components[rank - 1] if rank <= len(self.components) else ("",)


def parse_field(raw: str) -> Field:
    """The field, whatever is wrong in it."""
    return Field(raw, tuple(tuple(component.split("&")) for component in raw.split("^")))


def syntax_faults(raw: str) -> Iterator[str]:
    """What the grammar of any field forbids, in French."""
    if not raw:
        yield "valeur vide"
        return
    if _CONTROL.search(raw):
        yield "caractère de contrôle"
    if raw != raw.strip():
        yield "espace au début ou à la fin"
    bare = _ESCAPE.sub("", raw)
    if "\\" in bare:
        yield "séquence d'échappement inconnue ou non fermée (\\F\\, \\S\\, \\T\\, \\R\\, \\E\\ sont permises)"
    if "~" in bare:
        yield "répétition « ~ » dans une valeur : une valeur de slot par répétition"
    if "|" in bare:
        yield "séparateur de champ « | » non échappé (\\F\\)"


def cx_faults(raw: str) -> tuple[str, ...]:
    """CX: ``id^^^&OID&ISO^type``."""
    field = parse_field(raw)
    return (
        *syntax_faults(raw),
        *_only(field, {1, 4, 5}),
        *_simple(field, {1, 5}),
        *_authority(field, 4),
        *_filled(field, {1: "identifiant"}),
    )


def cxi_faults(raw: str) -> tuple[str, ...]:
    """CXi of a referenceIdList: ``id^^^&OID&ISO^urn:ihe:iti:xds:2013:type``; the authority may be missing for a global one."""
    field = parse_field(raw)
    faults = [*syntax_faults(raw), *_only(field, {1, 4, 5, 6}), *_simple(field, {1, 5}), *_filled(field, {1: "identifiant"})]
    if field.component(4):
        faults += _authority(field, 4)
    if _URN.fullmatch(field.component(5)) is None:
        faults.append("5e composante : urn:ihe:iti:xds:20xx:type attendu")
    return tuple(faults)


def xcn_faults(raw: str) -> tuple[str, ...]:
    """XCN: ``id^nom^prénom^…^&OID&ISO^D^^^IDNPS``; components 4 to 6 (other names) are allowed."""
    field = parse_field(raw)
    wanted = {1: "identifiant", 2: "nom", 10: "type de nom", 13: "type d'identifiant"}
    return (
        *syntax_faults(raw),
        *_only(field, {1, 2, 3, 4, 5, 6, 9, 10, 13}),
        *_simple(field, {1, 2, 3, 4, 5, 6, 10, 13}),
        *_authority(field, 9),
        *_filled(field, wanted),
    )


def xon_faults(raw: str) -> tuple[str, ...]:
    """XON: ``nom^^^^^&OID&ISO^IDNST^^^identifiant``."""
    field = parse_field(raw)
    wanted = {1: "nom", 7: "type d'identifiant", 10: "identifiant"}
    return (
        *syntax_faults(raw),
        *_only(field, {1, 6, 7, 10}),
        *_simple(field, {1, 7, 10}),
        *_authority(field, 6),
        *_filled(field, wanted),
    )


def triplet_faults(raw: str) -> tuple[str, ...]:
    """A code with its label: ``code^libellé^OID``."""
    field = parse_field(raw)
    faults = [
        *syntax_faults(raw),
        *_only(field, {1, 2, 3}),
        *_simple(field, {1, 2, 3}),
        *_filled(field, {1: "code", 2: "libellé"}),
    ]
    if not is_oid(field.component(3)):
        faults.append("3e composante : OID de la nomenclature attendu")
    return tuple(faults)


def _only(field: Field, used: set[int]) -> Iterator[str]:
    """Components that the type leaves empty."""
    for rank in range(1, len(field.components) + 1):
        if rank not in used and field.component(rank):
            yield f"{_rank(rank)} composante : « {field.component(rank)} » là où rien n'est attendu"


def _simple(field: Field, ranks: set[int]) -> Iterator[str]:
    """Components without subcomponents."""
    for rank in sorted(ranks):
        if len(field.subcomponents(rank)) > 1:
            yield f"{_rank(rank)} composante : « & » non échappé (\\T\\)"


def _filled(field: Field, wanted: dict[int, str]) -> Iterator[str]:
    for rank, what in wanted.items():
        if not field.component(rank).strip():
            yield f"{_rank(rank)} composante : {what} absent"


def _authority(field: Field, rank: int) -> Iterator[str]:
    """An assigning authority is ``&OID&ISO``."""
    parts = field.subcomponents(rank)
    if len(parts) != 3 or parts[0] or parts[2] != "ISO" or not is_oid(parts[1]):
        yield f"{_rank(rank)} composante : autorité « {field.component(rank) or 'absente'} », &OID&ISO attendu"


def _rank(rank: int) -> str:
    return "1re" if rank == 1 else f"{rank}e"
