"""An ISO Schematron schema read from a pack: inclusions, abstract patterns, phase. What a pack may not say is refused here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from ..xml import XmlError, parse
from . import xpath
from .folder import OutsideError, PackFolder, resolved

ISO = "http://purl.oclc.org/dsdl/schematron"
XSLT = "http://www.w3.org/1999/XSL/Transform"
SCH = f"{{{ISO}}}"
XSL = f"{{{XSLT}}}"
BINDINGS = ("", "xslt", "xslt2", "xslt3", "xpath2", "xpath3")
KNOWN_FUNCTIONS = frozenset(
    {
        "http://www.w3.org/2005/xpath-functions",
        "http://www.w3.org/2005/xpath-functions/math",
        "http://www.w3.org/2005/xpath-functions/map",
        "http://www.w3.org/2005/xpath-functions/array",
        "http://www.w3.org/2001/XMLSchema",
    }
)
MAX_INCLUSIONS = 5_000
MAX_DEPTH = 30
_EXPRESSIONS = ("test", "context", "select", "value", "path", "use", "match", "subject", "group-by")
_INSTRUCTIONS = frozenset(
    {
        "key",
        "function",
        "param",
        "variable",
        "sequence",
        "choose",
        "when",
        "otherwise",
        "if",
        "value-of",
        "for-each",
        "for-each-group",
        "text",
        "copy-of",
        "sort",
        "perform-sort",
        "with-param",
    }
)


class SchemaError(ValueError):
    """A schema that cannot be used: the pack stays, this schema is left out. French message."""


class SchemaRefused(ValueError):
    """A schema that tries to reach out of the pack: the whole pack is refused. French message."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One active pattern: its rules with a context, in order."""

    id: str
    element: etree._Element


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema ready to be compiled. ``missing`` names the inclusions that were not found."""

    path: str
    title: str
    namespaces: Mapping[str, str]
    lets: tuple[etree._Element, ...]
    declarations: tuple[etree._Element, ...]
    patterns: tuple[Pattern, ...]
    abstract_rules: Mapping[str, etree._Element]
    diagnostics: Mapping[str, etree._Element]
    missing: tuple[str, ...]


def read_schema(folder: PackFolder, path: str) -> Schema:
    """The schema at ``path`` with all that it includes; raises :class:`SchemaError` or :class:`SchemaRefused`."""
    reader = _Reader(folder, path)
    root = reader.load(path)
    if root.tag != f"{SCH}schema":
        raise SchemaError(f"{path} : la racine n'est pas <schema> d'ISO Schematron")
    binding = root.get("queryBinding", "")
    if binding.lower() not in BINDINGS:
        raise SchemaError(f"{path} : langage de requête « {binding} » non pris en charge (xslt2 attendu)")
    reader.include_all(root, path, 0)
    namespaces = _namespaces(root)
    _vet(root, namespaces, path)
    patterns = _instantiated(root, path)
    active = _active(root, patterns, path)
    return Schema(
        path=path,
        title=" ".join("".join(root.findtext(f"{SCH}title") or "").split()),
        namespaces=namespaces,
        lets=tuple(root.iterchildren(f"{SCH}let"))
        + tuple(let for phase in _default_phase(root) for let in phase.iterchildren(f"{SCH}let"))
        + _pattern_lets(active, patterns),
        declarations=tuple(root.iterchildren(f"{XSL}key", f"{XSL}function")),
        patterns=tuple(Pattern(p.get("id", f"motif-{n}"), p) for n, p in enumerate(active, 1)),
        abstract_rules={r.get("id", ""): r for r in root.iter(f"{SCH}rule") if r.get("abstract") == "true"},
        diagnostics={d.get("id", ""): d for d in root.iter(f"{SCH}diagnostic")},
        missing=tuple(reader.missing),
    )


class _Reader:
    def __init__(self, folder: PackFolder, top: str) -> None:
        self.folder = folder
        self.top = top
        self.missing: list[str] = []
        self.count = 0

    def load(self, path: str) -> etree._Element:
        try:
            return parse(self.folder.read(path))
        except XmlError as error:
            raise SchemaError(f"{path} : {error}") from error

    def include_all(self, element: etree._Element, path: str, depth: int) -> None:
        for node in [n for n in element.iter(f"{SCH}include", f"{SCH}extends") if n.get("href")]:
            self._include(node, path, depth)

    def _include(self, node: etree._Element, path: str, depth: int) -> None:
        parent = node.getparent()
        assert parent is not None
        self.count += 1
        if depth > MAX_DEPTH or self.count > MAX_INCLUSIONS:
            raise SchemaError(f"{self.top} : inclusions trop nombreuses ou en boucle ({node.get('href')})")
        href, _, fragment = (node.get("href") or "").partition("#")
        try:
            found = self.folder.find(path, href) or self.folder.find(self.top, href)
        except OutsideError as error:
            raise SchemaRefused(f"{path} : {error}") from error
        if not found:
            self.missing.append(href)
            parent.remove(node)
            return
        root = self.load(found)
        wanted = next((e for e in root.iter() if e.get("id") == fragment), None) if fragment else root
        if wanted is None:
            self.missing.append(f"{href}#{fragment}")
            parent.remove(node)
            return
        self.include_all(wanted, found, depth + 1)
        whole = wanted.tag != f"{SCH}schema" and node.tag == f"{SCH}include"
        place = parent.index(node)
        parent[place : place + 1] = [wanted] if whole else list(wanted)


def _namespaces(root: etree._Element) -> dict[str, str]:
    own = {prefix: uri for prefix, uri in root.nsmap.items() if prefix and uri not in (ISO, XSLT)}
    return own | {ns.get("prefix", ""): ns.get("uri", "") for ns in root.iter(f"{SCH}ns") if ns.get("prefix") not in ("", "xml")}


def _vet(root: etree._Element, namespaces: Mapping[str, str], path: str) -> None:
    written = {f.get("name", "").partition(":")[0] for f in root.iterchildren(f"{XSL}function")}
    allowed = {p for p, uri in namespaces.items() if uri in KNOWN_FUNCTIONS} | written | {"fn", "xs"}
    for element in root.iter(f"{SCH}*", f"{XSL}*"):
        name = etree.QName(element)
        if name.namespace == XSLT and name.localname not in _INSTRUCTIONS:
            raise SchemaRefused(f"{path} : instruction <xsl:{name.localname}> interdite dans un pack")
        for key in _EXPRESSIONS:
            if element.get(key):
                _vet_expression(element.get(key, ""), allowed, path)
        if name.localname == "let":
            _vet_address(element.get("value", ""), path)


def _vet_expression(expression: str, allowed: set[str], path: str) -> None:
    try:
        xpath.check(expression, allowed)
        for address in xpath.documents(expression):
            resolved(path, address)
    except (xpath.XPathError, OutsideError) as error:
        raise SchemaRefused(f"{path} : {error}") from error


def _vet_address(value: str, path: str) -> None:
    text = value.strip()
    if re.fullmatch(r"'(?:file|https?|jar|ftp):[^']*'", text):
        raise SchemaRefused(f"{path} : l'adresse {text} sort du pack")


def _instantiated(root: etree._Element, path: str) -> list[etree._Element]:
    abstracts = {p.get("id", ""): p for p in root.iter(f"{SCH}pattern") if p.get("abstract") == "true"}
    made = []
    for pattern in root.iter(f"{SCH}pattern"):
        if pattern.get("abstract") == "true":
            continue
        model = pattern.get("is-a")
        if model is None:
            made.append(pattern)
        elif model in abstracts:
            made.append(_instance(abstracts[model], pattern))
        else:
            raise SchemaError(f"{path} : le motif « {pattern.get('id', '')} » dérive de « {model} », absent")
    return made


def _instance(model: etree._Element, pattern: etree._Element) -> etree._Element:
    made = deepcopy(model)
    for attribute in ("abstract", "is-a"):
        made.attrib.pop(attribute, None)
    values = {p.get("name", ""): p.get("value", "") for p in pattern.iterchildren(f"{SCH}param")}
    if values:
        names = "|".join(re.escape(name) for name in sorted(values, key=len, reverse=True))
        wanted = re.compile(rf"\$({names})(?![\w\-])")
        for element in made.iter(etree.Element):
            for key, value in element.attrib.items():
                if "$" in value:
                    element.set(key, wanted.sub(lambda m: values[m[1]], value))
    made.set("id", pattern.get("id", ""))
    return made


def _default_phase(root: etree._Element) -> Iterator[etree._Element]:
    wanted = root.get("defaultPhase", "#ALL")
    if wanted != "#ALL":
        yield from (p for p in root.iterchildren(f"{SCH}phase") if p.get("id") == wanted)


def _active(root: etree._Element, patterns: list[etree._Element], path: str) -> list[etree._Element]:
    wanted = root.get("defaultPhase", "#ALL")
    if wanted == "#ALL":
        return patterns
    phases = list(_default_phase(root))
    if not phases:
        raise SchemaError(f"{path} : la phase par défaut « {wanted} » n'est pas déclarée")
    names = {a.get("pattern") for a in phases[0].iterchildren(f"{SCH}active")}
    return [p for p in patterns if p.get("id") in names]


def _pattern_lets(active: list[etree._Element], patterns: list[etree._Element]) -> tuple[etree._Element, ...]:
    """Variables of patterns, seen by all, as the reference implementation does; those of active patterns first."""
    ordered = active + [p for p in patterns if p not in active]
    return tuple(let for pattern in ordered for let in pattern.iterchildren(f"{SCH}let"))
