"""How many wrong documents are seen: one change in a right document of each type. ``python benchmarks/mutation.py [--ecrire]``

Every element and attribute that says something is changed in the ways a wrong DUI would: removed, repeated, moved, garbled,
given another code or OID, dated otherwise, its references broken. ``PER_TYPE`` of these mutants are drawn for each type, with
a seed. One is seen when a finding appears that the right document does not have. Those that no rule can see (an optional
element removed, a free text) are in the score too: it is compared with itself, and may not drop. ``--ecrire`` writes
``mutation.toml`` (the scores) and ``mutation_survivants.txt`` (the survivors that matter: identifiers, codes, dates, references).
"""

from __future__ import annotations

import copy
import random
import re
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dui_conformance.cli.constats import FileVerdict
from dui_conformance.cli.jugement import Options, judge_bytes
from dui_conformance.core.verdict import Verdict
from dui_conformance.fixtures.people import usager
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.mocks.dui.exemples import document, structure_de, types
from lxml import etree

HERE = Path(__file__).parent
SCORES, SURVIVORS = HERE / "mutation.toml", HERE / "mutation_survivants.txt"
OPTIONS = Options(date(2026, 11, 20))
SEED, PER_TYPE, BOUNDED = 20261120, 400, 30
HL7 = "{urn:hl7-org:v3}"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
CODES = {"code": ("X999", "0"), "codeSystem": ("1.2.3.4.5", "2.16.840.1.113883.6.1"), "nullFlavor": ("XX",)}
KINDS = {"classCode": ("OBS", "ZZZ"), "moodCode": ("RQO", "ZZZ"), "typeCode": ("SUBJ", "ZZZ"), XSI_TYPE: ("ST", "CD")}
KNOWN_ROOTS = re.compile(r"1\.2\.250\.1\.(213\.1\.4\.|71\.4\.2\.)")
DATE = re.compile(r"\d{8}(\d{4,6}([+-]\d{4})?)?")
LISTED = 6

Change = Callable[[etree._Element], None]


@dataclass(frozen=True)
class Mutant:
    """A change at one place: ``rank`` is the element's, in document order; ``matters`` when a rule should see it."""

    operation: str
    rank: int
    place: str
    change: Change
    matters: bool


@dataclass(frozen=True)
class Score:
    """What was seen among the mutants of a type."""

    mutants: int
    seen: int
    survivors: tuple[Mutant, ...]

    @property
    def rate(self) -> float:
        """Share seen."""
        return self.seen / self.mutants


def green(name: str) -> bytes:
    """The document of that type that the reference DUI writes."""
    return document(name, usager("qualifie", "1").as_dict(), professionals()["infirmiere-ehpad"], structure_de(None)).octets


def mutants(root: etree._Element) -> Iterator[Mutant]:
    """Every mutant of a document."""
    for rank, element in enumerate(root.iter(etree.Element)):
        place = "/".join(etree.QName(e).localname for e in reversed([element, *element.iterancestors()]))
        if element.getparent() is not None:
            yield Mutant("retirer", rank, place, _drop, matters=False)
            yield Mutant("doubler", rank, place, _repeat, matters=False)
            yield Mutant("déplacer", rank, place, _move, matters=False)
        for name, value in element.attrib.items():
            for operation, new, matters in _values(element, str(name), str(value)):
                yield Mutant(operation, rank, f"{place}/@{etree.QName(name).localname}", _setting(str(name), new), matters)


def _values(element: etree._Element, name: str, value: str) -> Iterator[tuple[str, str, bool]]:
    tag = etree.QName(element).localname
    if name in CODES:
        yield from (("échanger un code", new, True) for new in CODES[name] if new != value)
    elif name in KINDS:
        yield from (("échanger un type", new, True) for new in KINDS[name] if new != value)
    elif name == "root":
        yield "abîmer un OID", f"{value}..x", True
        yield "échanger un OID", "1.2.3.4.5", tag in ("templateId", "typeId") or bool(KNOWN_ROOTS.match(value))
    elif name == "extension" and KNOWN_ROOTS.match(element.get("root", "")):
        yield "abîmer un identifiant", f"X{value[1:]}", True
        yield "abîmer un identifiant", value[:-1] + ("1" if value[-1:] != "1" else "2"), True
    elif name == "value" and DATE.fullmatch(value):
        yield "décaler une date", f"2999{value[4:]}", True
        yield "décaler une date", f"{value[:4]}13{value[6:]}", True
        yield "décaler une date", f"1799{value[4:]}", False
    elif name == "value" and value.startswith("#"):
        yield "casser une référence", "#absent", True
    elif name == "ID":
        yield "casser une référence", f"{value}-absent", False
    elif name in ("unit", "mediaType", "representation", "use", "qualifier", "language"):
        yield "abîmer une valeur", "zz zz", True


def _drop(element: etree._Element) -> None:
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)


def _repeat(element: etree._Element) -> None:
    element.addnext(copy.deepcopy(element))


def _move(element: etree._Element) -> None:
    parent = element.getparent()
    assert parent is not None
    parent.append(element)
    if parent[0] is element:
        parent.getroottree().getroot().append(element)


def _setting(name: str, value: str) -> Change:
    def change(element: etree._Element) -> None:
        element.set(name, value)

    return change


def drawn(name: str, data: bytes, count: int) -> list[Mutant]:
    """``count`` mutants of a type, the same for the same document and seed; as many of each operation as there can be."""
    draw = random.Random(SEED ^ zlib.crc32(name.encode()))
    grouped: dict[str, list[Mutant]] = {}
    for mutant in mutants(etree.fromstring(data)):
        grouped.setdefault(mutant.operation, []).append(mutant)
    for found in grouped.values():
        draw.shuffle(found)
    chosen: list[Mutant] = []
    while len(chosen) < count and any(grouped.values()):
        chosen += [found.pop() for found in grouped.values() if found]
    return chosen[:count]


def changed(data: bytes, mutant: Mutant) -> bytes:
    """The document with the change."""
    root = etree.fromstring(data)
    element = next(e for rank, e in enumerate(root.iter(etree.Element)) if rank == mutant.rank)
    mutant.change(element)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def said(verdict: FileVerdict) -> Counter[str]:
    """The rules that a document breaks, and how many times."""
    return Counter(f.rule for f in verdict.findings if f.verdict in (Verdict.NON_CONFORME, Verdict.AVERTISSEMENT))


def score(name: str, count: int) -> Score:
    """The mutants of a type, judged."""
    data = green(name)
    usual = said(judge_bytes(data, name, OPTIONS))
    chosen = drawn(name, data, count)
    survivors = tuple(m for m in chosen if not said(judge_bytes(changed(data, m), name, OPTIONS)) - usual)
    return Score(len(chosen), len(chosen) - len(survivors), survivors)


def _written(scores: dict[str, Score], bounded: dict[str, Score]) -> str:
    head = "# Part des documents faux qui sont vus, par type (benchmarks/mutation.py --ecrire). Ne baisse pas.\n"
    rows = [
        f'\n[type."{name}"]\nmutants = {found.mutants}\nvus = {found.seen}\nplancher = {int(bounded[name].rate * 100) / 100:.2f}'
        for name, found in scores.items()
    ]
    return head + "\n".join(rows) + "\n"


def _listed(scores: dict[str, Score]) -> str:
    lines = [
        "Documents faux que rien ne voit, et qui comptent : identifiants, codes, dates, références. Par type et par place.",
        "",
    ]
    for name, found in scores.items():
        counts = Counter((m.operation, m.place) for m in found.survivors if m.matters)
        lines += [f"{name} : {counts.total()} sur {found.mutants}"]
        lines += [f"  {n:>3} × {operation} : {place}" for (operation, place), n in sorted(counts.items())]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> None:
    """Print the scores; ``--ecrire`` keeps them."""
    scores = {}
    print(f"{'type':<28}{'mutants':>9}{'vus':>7}{'part':>8}  survivants qui comptent")
    for name in types():
        found = scores[name] = score(name, PER_TYPE)
        matter = Counter(m.operation for m in found.survivors if m.matters)
        told = ", ".join(f"{n} {operation}" for operation, n in matter.most_common(LISTED))
        print(f"{name:<28}{found.mutants:>9}{found.seen:>7}{found.rate:>8.1%}  {told}", flush=True)
    total, seen = sum(s.mutants for s in scores.values()), sum(s.seen for s in scores.values())
    print(f"{'ensemble':<28}{total:>9}{seen:>7}{seen / total:>8.1%}")
    if "--ecrire" in arguments:
        SCORES.write_text(_written(scores, {name: score(name, BOUNDED) for name in scores}), encoding="utf-8")
        SURVIVORS.write_text(_listed(scores), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
