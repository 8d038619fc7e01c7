"""Damaged deposits: whatever is removed, repeated or replaced, every rule answers with a verdict and none crashes."""

from __future__ import annotations

import copy
import random
from collections import Counter

import pytest
from dui_conformance.checks.registry import all_checks
from dui_conformance.core.check import apply
from dui_conformance.core.settings import Settings
from dui_conformance.core.verdict import Verdict
from dui_conformance.validation.mtom import build_mtom
from lxml import etree
from samples.dmp import ITI41, envelope, exchange, post
from samples.vihf import anchors, signed
from samples.xds import BODY, CDA, lot_signature

CONTEXT = (Settings(), anchors())
CHECKS = [c for c in all_checks().values() if c.id.startswith(("dmp.vihf.", "xds."))]
VALUES = ("", "x", "^^^&&", "^^^^^^^^^^^^^^", "urn:uuid:", "\\T\\", "#", "9" * 50, "20261301", "é", "PID-5|")


def damaged(text: str, draw: random.Random) -> str:
    """The XML text with one to four random changes."""
    root = etree.fromstring(text.encode())
    for _ in range(draw.randint(1, 4)):
        element = draw.choice([e for e in root.iter() if isinstance(e.tag, str)])
        parent = element.getparent()
        what = draw.choice(("remove", "repeat", "attribute", "text", "name"))
        if what == "remove" and parent is not None:
            parent.remove(element)
        elif what == "repeat" and parent is not None:
            parent.append(copy.deepcopy(element))
        elif what == "attribute" and element.attrib:
            element.set(draw.choice(sorted(element.attrib)), draw.choice(VALUES))
        elif what == "text":
            element.text = draw.choice(VALUES)
        elif what == "name":
            element.tag = draw.choice(("autre", "{urn:x}autre"))
    return etree.tostring(root, encoding="unicode")


def judge_damaged(seed: int) -> Counter[Verdict]:
    """The verdicts of all the rules on a deposit whose VIHF, metadata, document or signature is damaged."""
    draw = random.Random(seed)
    texts = {"vihf": signed(), "body": BODY, "cda": CDA, "lot": lot_signature(CDA.encode()).decode()}
    target = sorted(texts)[seed % 4]
    texts[target] = damaged(texts[target], draw)
    parts = [("doc01", "text/xml", texts["cda"].encode()), ("sig01", "text/xml", texts["lot"].encode())]
    xml = envelope(ITI41, texts["body"], vihf=texts["vihf"]).encode()
    kind, raw = build_mtom(xml, parts, boundary="limite-dui", action=ITI41, root_id="root")
    received = exchange(post("/repository", raw, kind))
    return Counter(apply(check, [received], context=CONTEXT).verdict for check in CHECKS)


@pytest.mark.parametrize("first", range(0, 80, 20))
def test_damaged_deposits_never_crash_a_rule(first: int) -> None:
    found: Counter[Verdict] = Counter()
    for seed in range(first, first + 20):
        found += judge_damaged(seed)
    assert sum(found.values()) == 20 * len(CHECKS)
    assert found[Verdict.NON_CONFORME] > 0


@pytest.mark.long
def test_many_damaged_deposits_never_crash_a_rule() -> None:
    for seed in range(1000, 11000):
        judge_damaged(seed)
