"""The INS datamatrix: 26 header characters, then blocks ``S1`` to ``S7`` in any order.

``S1`` (15), ``S5`` (1), ``S6`` (10) and ``S7`` (5) have a fixed length; ``S2`` (20), ``S3`` and ``S4`` (100) end with GS
(ASCII 29) unless they are full or last. Source: ANS datamatrix INS v2.2 as cited by published code; the order is not fixed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...core.errors import Inconclusive
from ...core.problem import Problem
from ...core.providers import provider
from ..codes_barres import Barcodes
from .key import OIDS, MatriculeIns, shape_problem
from .traits import first_name_fault, is_cog, name_fault

HEADER = "IS01" + "0" * 22
SEPARATOR = "\x1d"
FIXED = {"S1": 15, "S5": 1, "S6": 10, "S7": 5}
LONGEST = {"S2": 20, "S3": 100, "S4": 100}
NAMES = {
    "S1": "matricule et clé",
    "S2": "OID",
    "S3": "prénoms de naissance",
    "S4": "nom de naissance",
    "S5": "sexe",
    "S6": "date de naissance",
    "S7": "lieu de naissance",
}
REQUIRED = ("S1", "S2", "S3", "S4", "S5", "S6")
RULE = "ins.papier.datamatrix-format"

_BLOCK = re.compile(r"S[1-7]")
"""No OID nor name holds these two characters: inside one, a separator was forgotten."""
_DATE = re.compile(r"([0-9]{2})-([0-9]{2})-([0-9]{4})")


@dataclass(frozen=True, slots=True, eq=False)
class InsDatamatrix:
    """The blocks of a datamatrix (``S1``…), and what is wrong with how it is written."""

    blocks: Mapping[str, str]
    faults: tuple[Problem, ...]
    at: str = "datamatrix"
    page: int = 1
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """What findings call it."""
        return self.at

    def value(self, block: str) -> str:
        """A block, ``""`` when absent."""
        return self.blocks.get(block, "")

    @property
    def ins(self) -> MatriculeIns:
        """The matricule, its key and its OID."""
        text = self.value("S1")
        return MatriculeIns(text[:13], text[13:], self.value("S2"), at=f"{self.at}, S1")

    @property
    def date(self) -> str:
        """The birth date as ``AAAA-MM-JJ``, ``""`` when it is not written JJ-MM-AAAA."""
        match = _DATE.fullmatch(self.value("S6"))
        return f"{match[3]}-{match[2]}-{match[1]}" if match else ""


def read_datamatrix(content: bytes, *, at: str = "datamatrix", page: int = 1) -> InsDatamatrix:
    """The blocks of an INS datamatrix and its faults; never raises, whatever the bytes."""
    reader = _Reader(content.decode("latin-1"), at)
    reader.run()
    return InsDatamatrix(dict(reader.blocks), (*reader.faults, *_value_faults(reader.blocks, at)), at, page)


class _Reader:
    """Cuts the characters into blocks."""

    def __init__(self, text: str, at: str) -> None:
        self.text, self.at = text, at
        self.blocks: dict[str, str] = {}
        self.faults: list[Problem] = []

    def run(self) -> None:
        position = len(HEADER)
        if not self.text.startswith(HEADER):
            self._fault("L'en-tête n'est pas celui d'un datamatrix INS", f"{HEADER} (26 caractères)", self.text[:26], "en-tête")
            position = self._first_block()
        while position < len(self.text):
            position = self._block(position)
        missing = [b for b in REQUIRED if b not in self.blocks]
        if missing:
            expected = ", ".join(f"{b} ({NAMES[b]})" for b in REQUIRED)
            self._fault("Des blocs manquent au datamatrix INS", expected, f"manque {', '.join(missing)}", "blocs")

    def _first_block(self) -> int:
        match = re.search(r"S1[0-9AB]{15}", self.text)
        return match.start() if match else len(self.text)

    def _block(self, position: int) -> int:
        name = self.text[position : position + 2]
        if name not in NAMES:
            self._fault(
                "Bloc inconnu dans le datamatrix INS",
                "S1 à S7",
                repr(self.text[position : position + 12]),
                f"caractère {position + 1}",
            )
            return len(self.text)
        if name in self.blocks:
            self._fault("Bloc répété dans le datamatrix INS", f"{name} une seule fois", name, f"caractère {position + 1}")
        start = position + 2
        if name in FIXED:
            end = min(start + FIXED[name], len(self.text))
            self.blocks[name] = self.text[start:end]
            return self._after(name, end)
        limit = start + LONGEST[name]
        found = self.text.find(SEPARATOR, start, limit + 1)
        end = found if found >= 0 else min(limit, len(self.text))
        swallowed = _BLOCK.search(self.text, start, end)
        if swallowed is not None:
            end, found = swallowed.start(), -1
            self._fault(
                f"Séparateur absent après {name}",
                f"le caractère GS (29) entre {name} et {swallowed[0]}",
                self.text[start : swallowed.end()][:60],
                name,
            )
        self.blocks[name] = self.text[start:end]
        if found == limit:
            return self._after(name, end)
        return end + 1 if found >= 0 else end

    def _after(self, name: str, end: int) -> int:
        if self.text[end : end + 1] != SEPARATOR:
            return end
        self._fault(f"Séparateur superflu après {name}", f"aucun GS après {name} (longueur pleine)", "GS", name)
        return end + 1

    def _fault(self, message: str, expected: str, received: str, where: str) -> None:
        hint = (
            "Suivre la spécification ANS du datamatrix INS : en-tête de 26 caractères, blocs S1 à S7, GS après un bloc variable."
        )
        self.faults.append(Problem(RULE, message, f"{self.at}, {where}", expected, received or "rien", hint))


def _value_faults(blocks: Mapping[str, str], at: str) -> tuple[Problem, ...]:
    hint = "Écrire les traits tels qu'INSi les a rendus."
    faults: list[Problem] = []

    def fault(block: str, expected: str) -> None:
        message = f"{NAMES[block][0].upper()}{NAMES[block][1:]} mal formé dans le datamatrix INS"
        faults.append(Problem(RULE, message, f"{at}, {block}", expected, blocks[block] or "vide", hint))

    if "S1" in blocks and shape_problem(MatriculeIns(blocks["S1"][:13], blocks["S1"][13:], "")) is not None:
        fault("S1", "15 caractères : matricule puis clé")
    if "S2" in blocks and blocks["S2"] not in OIDS:
        fault("S2", " ou ".join(OIDS))
    if "S3" in blocks and any(first_name_fault(p) for p in blocks["S3"].split(" ") or [""]):
        fault("S3", "prénoms en capitales sans accent, séparés par une espace")
    if "S4" in blocks and name_fault(blocks["S4"]) is not None:
        fault("S4", "nom en capitales sans accent")
    if "S5" in blocks and blocks["S5"] not in {"M", "F"}:
        fault("S5", "M ou F")
    if "S6" in blocks and not _DATE.fullmatch(blocks["S6"]):
        fault("S6", "JJ-MM-AAAA")
    if "S7" in blocks and not is_cog(blocks["S7"]):
        fault("S7", "code COG de 5 caractères")
    return tuple(faults)


@provider
def _datamatrix_of(codes: Barcodes) -> InsDatamatrix:
    for code in codes.of_kind("DataMatrix"):
        if code.content.startswith(b"IS"):
            return read_datamatrix(code.content, at=code.at, page=code.page)
    raise Inconclusive("aucun datamatrix INS lu sur le document")
