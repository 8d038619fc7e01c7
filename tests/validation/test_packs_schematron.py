"""Our Schematron compiler against what ISO Schematron says, on schemas made by hand, run by Saxon in a worker."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from dui_conformance.core.errors import InputError
from dui_conformance.core.verdict import Severity
from dui_conformance.validation.packs import xpath
from dui_conformance.validation.packs.compiler import compile_schema
from dui_conformance.validation.packs.folder import OutsideError, PackFolder, resolved
from dui_conformance.validation.packs.official import official_verdicts
from dui_conformance.validation.packs.store import PackStore
from dui_conformance.validation.packs.verdict import OfficialVerdict
from validation.kit_factice import ISO, SVS, always, pattern, schema

NOW = datetime(2026, 4, 1, tzinfo=UTC)
SVS_NS = f'<ns prefix="svs" uri="{SVS}"/>'
DOCUMENT = b"""<ClinicalDocument xmlns="urn:hl7-org:v3"><title n="5">Un</title>
<title n="deux" interdit="1">Deux</title>
<code code="A"/><code code="Z"/></ClinicalDocument>"""


def judged(folder: Path, files: dict[str, str], document: bytes = DOCUMENT) -> OfficialVerdict:
    """The verdict of a pack whose only schema is ``s/essai.sch``."""
    source = folder / "source"
    for name, text in ({"pack.toml": '[pack]\nnom = "essai"\n[[schema]]\nfichier = "s/essai.sch"\n'} | files).items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    store = PackStore(folder / "packs")
    store.add(source, now=NOW)
    return next(iter(official_verdicts([("doc.xml", document)], store.open("essai"), workers=1)))


def said(verdict: OfficialVerdict) -> list[str]:
    """The messages, in order."""
    return [f.problem.message for f in verdict.findings]


def test_all_semantics_in_one_schema(tmp_path: Path) -> None:
    body = f"""{SVS_NS}
      <let name="global" value="count(//cda:title)"/>
      <include href="../INC/Abstraits.sch"/>
      <phase id="ph"><active pattern="premiere"/><active pattern="jeu"/>
        <active pattern="attributs"/><active pattern="racine"/></phase>
      <pattern id="premiere">
        <rule abstract="true" id="base"><let name="nom" value="name()"/>
          <report test="@interdit" role="warning"
            see="https://source.invalid">interdit sur <value-of select="$nom"/> {{x}}</report></rule>
        <rule context="cda:title[@n &gt; 3]"><assert test="false()" id="A1" diagnostics="aide">premier <name/></assert></rule>
        <rule context="cda:title"><extends rule="base"/>
          <assert test="false()" role="info">second, $global = <value-of select="$global"/></assert></rule>
        <rule context="*[@n]"><assert test="false()">jamais : une règle plus haut a pris ces nœuds</assert></rule>
      </pattern>
      <pattern id="jeu" is-a="dans-jeu"><param name="ou" value="cda:code"/>
        <param name="jeu" value="'../jeux/LETTRES.xml'"/></pattern>
      <pattern id="attributs"><rule context="@code"><assert test=". = 'A'">attribut <name/></assert></rule></pattern>
      <pattern id="racine"><rule context="/"><assert test="cda:Autre">racine</assert></rule></pattern>
      <pattern id="inactive"><rule context="cda:*"><assert test="false()">hors phase</assert></rule></pattern>
      <diagnostics><diagnostic id="aide">Aide : <value-of select="@n"/></diagnostic></diagnostics>"""
    verdict = judged(
        tmp_path,
        {
            "s/essai.sch": schema(body, 'queryBinding="xslt2" defaultPhase="ph"'),
            "inc/abstraits.sch": f'<pattern {ISO} abstract="true" id="dans-jeu"><rule context="$ou">'
            '<let name="c" value="@code"/><assert test="document($jeu)//svs:Concept[@code = $c]">'
            'hors du jeu : <value-of select="$c"/></assert></rule></pattern>',
            "jeux/lettres.xml": f'<r xmlns="{SVS}"><Concept code="A"/></r>',
        },
    )
    assert sorted(said(verdict)) == [
        "attribut code",
        "hors du jeu : Z",
        "interdit sur title {x}",
        "premier title",
        "racine",
        "second, $global = 2",
    ]
    by_message = {f.problem.message: f for f in verdict.findings}
    assert by_message["premier title"].problem.at == "/ClinicalDocument/title[1] (ligne 1)"
    assert by_message["premier title"].problem.hint == "Aide : 5"
    assert by_message["premier title"].problem.rule_id == "essai.schematron.A1"
    assert by_message["hors du jeu : Z"].element == "/ClinicalDocument/code[2]"
    assert by_message["attribut code"].problem.at == "/ClinicalDocument/code[2]/@code (ligne 3)"
    assert by_message["interdit sur title {x}"].severity is Severity.AVERTISSEMENT
    assert by_message["interdit sur title {x}"].source == "https://source.invalid"
    assert by_message["second, $global = 2"].severity is Severity.INFORMATION
    assert by_message["racine"].severity is Severity.ERREUR
    assert verdict.accepted is False


def test_variable_of_an_abstract_rule_is_seen_by_the_rule_that_extends_it(tmp_path: Path) -> None:
    body = """<pattern id="p"><rule abstract="true" id="a"><let name="v" value="'de la règle abstraite'"/></rule>
      <rule context="cda:code[@code='A']"><extends rule="a"/>
        <assert test="false()"><value-of select="$v"/></assert></rule></pattern>"""
    assert said(judged(tmp_path, {"s/essai.sch": schema(body)})) == ["de la règle abstraite"]


def test_missing_value_set_leaves_the_verdict_open_and_the_other_rules_speak(tmp_path: Path) -> None:
    body = pattern("cda:code", "<assert test=\"document('absent.xml')//x\">jamais</assert>", '<assert test="@code">code</assert>')
    verdict = judged(tmp_path, {"s/essai.sch": schema(body)})
    assert verdict.accepted is None
    assert any("absent" in note for run in verdict.schemas for note in run.notes)


def test_value_set_named_by_parts_is_read(tmp_path: Path) -> None:
    body = pattern(
        "cda:code", "<assert test=\"document(concat('../jeux/', 'A.xml'))//* = @code\"><value-of select=\"@code\"/></assert>"
    )
    assert said(judged(tmp_path, {"s/essai.sch": schema(body), "jeux/a.xml": "<r>A</r>"})) == ["Z"]


def test_missing_inclusion_is_said_and_leaves_the_verdict_open(tmp_path: Path) -> None:
    verdict = judged(
        tmp_path, {"s/essai.sch": schema('<include href="parti.sch"/>' + pattern("/", '<assert test="true()">x</assert>'))}
    )
    assert verdict.accepted is None
    assert verdict.schemas[0].notes == ("fichier inclus absent : parti.sch",)


def test_rules_that_look_at_nothing_accept_nothing(tmp_path: Path) -> None:
    assert judged(tmp_path, {"s/essai.sch": schema(pattern("cda:absent", always("x")))}).accepted is None


def test_unusable_schema_is_kept_out_and_said(tmp_path: Path) -> None:
    verdict = judged(tmp_path, {"s/essai.sch": schema('<pattern id="x" is-a="inconnu"/>')})
    assert verdict.accepted is None
    assert "inconnu" in verdict.schemas[0].notes[0]


def test_error_while_running_is_said(tmp_path: Path) -> None:
    verdict = judged(
        tmp_path,
        {
            "s/essai.sch": schema(
                pattern("cda:title", '<assert test="xs:integer(@n) = 5">x</assert>').replace(
                    "<pattern", '<ns prefix="xs" uri="http://www.w3.org/2001/XMLSchema"/><pattern', 1
                )
            )
        },
    )
    assert verdict.accepted is None
    assert "interrompu" in verdict.schemas[0].notes[0]


@pytest.mark.parametrize(
    ("name", "test"),
    [
        ("unparsed-text", "unparsed-text('x.txt')"),
        ("collection", "collection('.')"),
        ("fonction d'extension", "java:exec('x')"),
        ("fonction d'extension", "saxon:evaluate('x')"),
        ("sort du pack", "document('../../../etc/passwd')"),
        ("sort du pack", "doc('file:///etc/passwd')"),
        ("sort du pack", "doc('http://exemple.invalid/x.xml')"),
        ("environment-variable", "environment-variable('HOME')"),
        ("accolades", "Q{http://www.w3.org/2005/xpath-functions}doc('x')"),
        ("référence", "doc#1('x')"),
        ("transform", "transform(map{})"),
    ],
)
def test_schema_that_reaches_out_is_refused_when_added(tmp_path: Path, name: str, test: str) -> None:
    spaces = '<ns prefix="java" uri="java:java.lang.Runtime"/><ns prefix="saxon" uri="http://saxon.sf.net/"/>'
    with pytest.raises(InputError, match=name):
        judged(tmp_path, {"s/essai.sch": schema(pattern("/", f'<assert test="{test}">x</assert>'), namespaces=spaces)})
    assert list((tmp_path / "packs").iterdir()) == []


@pytest.mark.parametrize("instruction", ["result-document", "import", "include", "evaluate", "source-document", "message"])
def test_foreign_instruction_is_refused(tmp_path: Path, instruction: str) -> None:
    element = f'<xsl:{instruction} xmlns:xsl="http://www.w3.org/1999/XSL/Transform" href="x"/>'
    with pytest.raises(InputError, match=instruction):
        judged(tmp_path, {"s/essai.sch": schema(element + pattern("/", always("x")))})


def test_function_written_in_the_schema_is_accepted(tmp_path: Path) -> None:
    body = """<ns prefix="f" uri="urn:f"/>
        <xsl:function xmlns:xsl="http://www.w3.org/1999/XSL/Transform" name="f:double" xmlns:f="urn:f">
      <xsl:param name="n"/><xsl:sequence select="$n * 2"/></xsl:function>""" + pattern(
        "/", '<assert test="f:double(2) = 5">quatre</assert>'
    )
    assert said(judged(tmp_path, {"s/essai.sch": schema(body)})) == ["quatre"]


def test_doctype_in_a_schema_is_not_read(tmp_path: Path) -> None:
    hostile = '<!DOCTYPE schema [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + schema(pattern("/", always("x")))
    verdict = judged(tmp_path, {"s/essai.sch": hostile})
    assert verdict.accepted is None
    assert "DOCTYPE" in verdict.schemas[0].notes[0]


def test_document_with_a_doctype_is_refused_without_being_run(tmp_path: Path) -> None:
    verdict = judged(tmp_path, {"s/essai.sch": schema(pattern("/", always("x")))}, b"<!DOCTYPE a><a/>")
    assert verdict.accepted is False
    assert "DOCTYPE" in verdict.notes[0]


@pytest.mark.parametrize(
    ("context", "selected"),
    [
        ("cda:a/cda:b[1]", "//cda:a/cda:b[1]"),
        ("/", "/"),
        ("//cda:a | cda:b['|']", "//cda:a | //cda:b['|']"),
        ("*[contains(@code, 'x') and not(cda:id)]", "//*[contains(@code, 'x') and not(cda:id)]"),
        ("*[count(cda:id) > 2]", "//*[count(cda:id) > 2]"),
        ("cda:a[@n > 3]", None),
        ("cda:a[contains(cda:b/@code, 'x')]", None),
        ("cda:a[. = current()/cda:b]", None),
        ("cda:a[xs:integer(@n) = 1]", None),
        ("key('k', 'v')", None),
        ("(: rien :) cda:a", "//cda:a"),
    ],
)
def test_context_is_selected_only_when_that_cannot_fail(context: str, selected: str | None) -> None:
    found = xpath.selection(context)
    assert (found and " ".join(found.split())) == selected


def test_variables_bound_by_the_expression_are_not_its_own() -> None:
    assert xpath.variables("every $e in $liste satisfies $e = $autre") == {"liste", "autre"}


@pytest.mark.parametrize("text", ["'non refermée", "(: non refermé", '"'])
def test_unclosed_expression_is_an_error(text: str) -> None:
    with pytest.raises(xpath.XPathError):
        xpath.tokens(text)


@pytest.mark.parametrize("href", ["/etc/passwd", "../../x", "C:\\x", "file:x", "a/%2e%2e/%2e%2e/x"])
def test_address_out_of_the_pack_is_refused(href: str) -> None:
    with pytest.raises(OutsideError):
        resolved("schematrons/a.sch", href)


def test_inclusions_in_a_loop_end(tmp_path: Path) -> None:
    (tmp_path / "a.sch").write_text(f'<schema {ISO}><include href="b.sch"/></schema>')
    (tmp_path / "b.sch").write_text(f'<pattern {ISO} id="p"><include href="b.sch"/></pattern>')
    with pytest.raises(ValueError, match="boucle"):
        compile_schema(PackFolder(tmp_path), "a.sch")
