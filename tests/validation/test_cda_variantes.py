"""Good documents written otherwise stay good: what the header allows, whatever the type, and what XML allows.

Each variant is a small change within the rules, made to the documents that the reference DUI writes, to those of the tests
and, where they are on the machine, to the official samples.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from dui_conformance.checks.registry import all_profiles, run_profile
from dui_conformance.core.profile import best_for
from dui_conformance.core.providers import provide
from dui_conformance.core.verdict import Verdict
from dui_conformance.fixtures.people import usager
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.mocks.dui.exemples import document, structure_de, types
from dui_conformance.validation.cda import CdaDocument
from dui_conformance.validation.document import Document
from dui_conformance.validation.xml import local_name, parse
from lxml import etree
from samples.cda_variantes import CHANGES, WRITINGS
from samples.cda_variantes.ecritures import in_its_own_style_sheet
from samples.cda_variantes.outils import add, found

DATA = Path(__file__).parent.parent / "data" / "cda"
SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"
OFFICIAL = sorted((SHARED / "cda" / "samples").glob("*.xml"))
DAY = date(2026, 11, 22)


RIGID = {
    "EXPORT_DUI": {  # its volet says who the authors are, and what they have
        "software_is_author_too",
        "author_of_unknown_profession",
        "second_author_without_structure",
        "organizations_without_name",
        "custodian_hosts_what_the_usager_writes",
        "signer_without_name_nor_structure",
        "orders",
    }
}


@cache
def green(name: str) -> bytes:
    if name.startswith("officiel "):
        return next(path for path in OFFICIAL if path.stem == name[9:]).read_bytes()
    if name in types():
        return document(name, usager("qualifie", "1").as_dict(), professionals()["infirmiere-ehpad"], structure_de(None)).octets
    return (DATA / f"{name}.xml").read_bytes()


NAMES = (*types(), *(path.stem for path in sorted(DATA.glob("*.xml"))), *(f"officiel {path.stem}" for path in OFFICIAL))


def refused(data: bytes) -> list[str]:
    """The rules that make the document *non conforme*, and where."""
    given = Document(data, "variante.xml")
    cda = provide(CdaDocument, given)
    profile = best_for(cda.kind, tuple(all_profiles().values()), DAY)
    assert profile is not None
    applied = run_profile(profile, [given], day=DAY)
    return [
        f"{finding.check} {finding.at} {finding.received}"
        for each in applied
        if each.verdict is Verdict.NON_CONFORME
        for finding in (each.finding,)
        if finding
    ]


def altered(root: etree._Element, names: Iterable[str]) -> bytes:
    variant = copy.deepcopy(root)
    for name in names:
        CHANGES[name](variant)
    return etree.tostring(variant, encoding="UTF-8", xml_declaration=True)


@pytest.mark.parametrize("name", NAMES)
def test_variants_of_a_good_document_are_good(name: str) -> None:
    """Several changes at once, to go fast; where they are refused, one by one, to say which."""
    root = parse(green(name))
    wanted = [each for each in CHANGES if each not in RIGID.get(found(root, "h:code")[0].get("code", ""), ())]
    broken = {}
    for together in (wanted[start::9] for start in range(9)):
        if wrong := refused(altered(root, together)):
            alone = {each: refused(altered(root, [each])) for each in together}
            broken.update({each: said for each, said in alone.items() if said} or {" + ".join(together): wrong})
    for each, write in WRITINGS.items():
        if wrong := refused(write(root)):
            broken[each] = wrong
    assert broken == {}


OUTSIDE = (
    ("34874-8", "1.2.250.1.213.1.1.1.99"),
    ("34874-8", "1.2.250.1.213.1.1.1.42"),
    ("11490-0", "1.2.250.1.213.1.1.1.5.2"),
    ("60591-5", "1.2.250.1.213.1.1.1.13"),
    ("SYNTH", "1.2.250.1.213.1.1.1.13"),
    ("60593-1", "1.2.250.1.213.1.1.1.54"),
)


@pytest.mark.parametrize(("code", "model"), OUTSIDE)
def test_document_outside_the_programme_is_judged_by_what_all_share(code: str, model: str) -> None:
    root = parse(green("synthese-medicale"))
    for template in found(root, "h:templateId[last() > 2][position() > 2]"):
        root.remove(template)
    add(root, f'<templateId root="{model}"/>')
    found(root, "h:code")[0].set("code", code)
    for component in found(root, "h:component/h:structuredBody/h:component")[3:]:
        component.getparent().remove(component)
    assert refused(etree.tostring(root)) == []
    found(root, "h:title")[0].text = ""
    assert [each.split()[0] for each in refused(etree.tostring(root))] == ["cda.entete.titre"]


def test_official_samples_are_there() -> None:
    if not OFFICIAL:
        pytest.skip("documents d'exemple officiels absents de cette machine")
    assert len(OFFICIAL) >= 8


def test_self_presenting_document_is_judged_where_it_is() -> None:
    root = parse(green("note_vaccination"))
    found(root, "h:title")[0].text = ""
    data = in_its_own_style_sheet(root)
    assert any(re.search(r"entete\.titre /ClinicalDocument/title \(ligne \d+\)", each) for each in refused(data))


def test_style_sheet_that_holds_no_document_is_not_one() -> None:
    sheet = Document(b'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"/>', "a.xsl")
    assert local_name(sheet.root) == "stylesheet"
