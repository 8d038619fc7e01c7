"""Schematron to XSLT: our own compiler, for the schemas of a pack (queryBinding xslt2), run by Saxon.

What differs from the well-known ISO skeleton, for speed, without changing what is judged:

* a rule context becomes one selection from the root instead of a walk of the whole tree for each pattern; a context whose
  predicate may raise an error is still matched node by node, since an error there means that the node does not match;
* "the first matching rule of a pattern wins" is a set difference, made only between rules that may match the same node;
* an abstract rule is compiled once and called, unless the rules that extend it use its variables;
* ``document()`` and ``doc()`` give the files of the pack, whatever the case of their names, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from . import xpath
from .compiled import BASE, Assertion, Compiled
from .folder import OutsideError, PackFolder, folded, resolved
from .source import SCH, XSL, Pattern, Schema, SchemaError, read_schema


def compile_schema(folder: PackFolder, path: str) -> Compiled:
    """The compiled form of a schema; raises ``SchemaError`` (unusable) or ``SchemaRefused`` (dangerous)."""
    schema = read_schema(folder, path)
    return _Compiler(schema, folder).compiled()


@dataclass
class _Compiler:
    schema: Schema
    folder: PackFolder
    assertions: list[Assertion] = field(default_factory=list)
    called: dict[str, str] = field(default_factory=dict)
    pending: list[str] = field(default_factory=list)
    globals_: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def compiled(self) -> Compiled:
        self.notes += [f"fichier inclus absent : {href}" for href in self.schema.missing]
        sheet = self._sheet()
        main = _sub(sheet, "template", match="/")
        report = etree.SubElement(main, "r")
        for number, pattern in enumerate(self.schema.patterns):
            self._guarded_call(report, f"motif{number}", pattern.id)
        for number, pattern in enumerate(self.schema.patterns):
            self._pattern(sheet, number, pattern)
        while self.pending:
            self._abstract(sheet, self.pending.pop())
        return Compiled(
            path=self.schema.path,
            title=self.schema.title,
            xslt=etree.tostring(sheet, encoding="unicode"),
            assertions=tuple(self.assertions),
            files=tuple(sorted(self.files)),
            notes=tuple(dict.fromkeys(self.notes)),
        )

    def _sheet(self) -> etree._Element:
        model = etree.fromstring(BASE.strip())
        for prefix in ("xsl", "dui", "map", "err"):
            if self.schema.namespaces.get(prefix, model.nsmap[prefix]) != model.nsmap[prefix]:
                raise SchemaError(f"{self.schema.path} : le préfixe « {prefix} » est réservé")
        spaces: dict[str | None, str] = dict(model.nsmap)
        spaces.update(self.schema.namespaces)
        sheet = etree.Element(f"{XSL}stylesheet", nsmap=spaces, version="3.0")
        base = self.schema.path.rpartition("/")[0]
        _sub(sheet, "variable", name="dui:base", select=f"'{base.replace(chr(39), chr(39) * 2)}{'/' if base else ''}'")
        sheet.extend(list(model))
        for declaration in self.schema.declarations:
            self._declaration(sheet, declaration)
        for let in self.schema.lets:
            name = let.get("name", "")
            if name not in self.globals_:
                self.globals_.add(name)
                self._let(sheet, let)
        return sheet

    def _declaration(self, sheet: etree._Element, declaration: etree._Element) -> None:
        for element in declaration.iter(f"{XSL}*"):
            for key in ("select", "test", "use", "match", "group-by"):
                if element.get(key):
                    element.set(key, self._expression(element.get(key, "")))
        sheet.append(declaration)

    def _guarded_call(self, parent: etree._Element, template: str, pattern: str) -> None:
        guard = _sub(parent, "try")
        _sub(guard, "call-template", name=template)
        caught = _sub(guard, "catch")
        _sub(etree.SubElement(caught, "e", p=pattern), "value-of", select="$err:description")

    def _pattern(self, sheet: etree._Element, number: int, pattern: Pattern) -> None:
        template = _sub(sheet, "template", name=f"motif{number}")
        rules = [r for r in pattern.element.iterchildren(f"{SCH}rule") if r.get("abstract") != "true" and r.get("context")]
        contexts = [self._expression(r.get("context", "")) for r in rules]
        names = [self._names(context) for context in contexts]
        for rank, (rule, context) in enumerate(zip(rules, contexts, strict=True)):
            name = f"m{number}r{rank}"
            self._selected(sheet, name, context)
            earlier = [f"$dui:m{number}r{k}" for k in range(rank) if _may_meet(names[k], names[rank])]
            chosen = f"$dui:{name} except ({' | '.join(earlier)})" if earlier else f"$dui:{name}"
            _sub(template, "call-template", name=name)
            applied = _sub(sheet, "template", name=name)
            _sub(applied, "variable", name="dui:matched", select=chosen)
            _sub(etree.SubElement(applied, "x"), "value-of", select="count($dui:matched)")
            self._rule(_sub(applied, "for-each", select="$dui:matched"), rule, pattern.id, rule.get("role", ""))

    def _selected(self, sheet: etree._Element, name: str, context: str) -> None:
        """A global variable for each rule: Saxon compiles many small parts far sooner than a long template."""
        variable = _sub(sheet, "variable", {"as": "node()*"}, name=f"dui:{name}")
        selection = xpath.selection(context)
        if selection is not None:
            variable.set("select", selection)
            return
        nodes = "/ | //node() | //@*" if xpath.sees_attributes(context) else "/ | //node()"
        _sub(variable, "apply-templates", select=nodes, mode=name)
        _sub(sheet, "mode", {"on-no-match": "deep-skip"}, name=name)
        match = _sub(sheet, "template", match=context, mode=name)
        _sub(match, "sequence", select=".")

    def _names(self, context: str) -> tuple[str | None, ...]:
        found = xpath.last_names(context)
        return tuple(self._expanded(name) for name in found)

    def _expanded(self, name: str | None) -> str | None:
        if name is None or ":" not in name:
            return name
        prefix, _, local = name.lstrip("@").partition(":")
        return f"{'@' if name.startswith('@') else ''}{{{self.schema.namespaces.get(prefix, prefix)}}}{local}"

    def _rule(self, parent: etree._Element, rule: etree._Element, pattern: str, role: str) -> None:
        for child in rule.iterchildren(etree.Element):
            if child.tag == f"{SCH}let":
                self._let(parent, child)
            elif child.tag in (f"{SCH}assert", f"{SCH}report"):
                self._assertion(parent, child, pattern, role)
            elif child.tag == f"{SCH}extends":
                self._extends(parent, rule, child.get("rule", ""), pattern, role)

    def _extends(self, parent: etree._Element, rule: etree._Element, wanted: str, pattern: str, role: str) -> None:
        model = self.schema.abstract_rules.get(wanted)
        if model is None:
            raise SchemaError(f"{self.schema.path} : règle abstraite « {wanted} » absente")
        if model is rule or wanted in (e.get("rule") for e in model.iterchildren(f"{SCH}extends")):
            raise SchemaError(f"{self.schema.path} : la règle abstraite « {wanted} » s'étend elle-même")
        if self._must_be_inlined(rule, model):
            self._rule(parent, model, pattern, role)
            return
        if wanted not in self.called:
            self.called[wanted] = f"abstraite{len(self.called)}"
            self.pending.append(wanted)
        _sub(parent, "call-template", name=self.called[wanted])

    def _abstract(self, sheet: etree._Element, wanted: str) -> None:
        template = _sub(sheet, "template", name=self.called[wanted])
        model = self.schema.abstract_rules[wanted]
        self._rule(template, model, wanted, model.get("role", ""))

    def _must_be_inlined(self, rule: etree._Element, model: etree._Element) -> bool:
        given = self._declared(model, 0)
        own = {let.get("name", "") for let in rule.iterchildren(f"{SCH}let")}
        return bool((_used(rule) & given) - own) or bool(_used(model) - given - self.globals_)

    def _declared(self, rule: etree._Element, depth: int) -> set[str]:
        names = {let.get("name", "") for let in rule.iterchildren(f"{SCH}let")}
        if depth > 20:
            raise SchemaError(f"{self.schema.path} : règles abstraites en boucle")
        for extends in rule.iterchildren(f"{SCH}extends"):
            model = self.schema.abstract_rules.get(extends.get("rule", ""))
            if model is not None:
                names |= self._declared(model, depth + 1)
        return names

    def _assertion(self, parent: etree._Element, element: etree._Element, pattern: str, role: str) -> None:
        kind = etree.QName(element).localname
        test = self._expression(element.get("test", ""))
        broken = f"not(({test}))" if kind == "assert" else f"({test})"
        rank = len(self.assertions)
        self.assertions.append(
            Assertion(
                kind=kind,
                role=element.get("role", "") or element.get("flag", "") or role,
                test=xpath.shown(element.get("test", ""), 240),
                id=element.get("id", ""),
                see=element.get("see", ""),
                pattern=pattern,
            )
        )
        place = parent
        if "dui:doc" in test:
            guard = _sub(parent, "try")
            place = guard
        found = _sub(place, "if", test=broken)
        failed = etree.SubElement(found, "f", n=str(rank))
        _sub(_sub(failed, "attribute", name="l"), "value-of", select="dui:place(.)")
        self._text(failed, element)
        for name in element.get("diagnostics", "").split():
            if name in self.schema.diagnostics:
                self._text(etree.SubElement(failed, "d"), self.schema.diagnostics[name])
        if place is not parent:
            caught = _sub(place, "catch")
            _sub(etree.SubElement(caught, "e", p=pattern), "value-of", select="$err:description")

    def _text(self, parent: etree._Element, element: etree._Element) -> None:
        _say(parent, element.text)
        for child in element:
            if isinstance(child.tag, str):
                name = etree.QName(child).localname
                if name == "value-of":
                    _sub(parent, "value-of", select=self._expression(child.get("select", "''")))
                elif name == "name":
                    _sub(parent, "value-of", select=self._expression(f"name({child.get('path', '.')})"))
                else:
                    self._text(parent, child)
            _say(parent, child.tail)

    def _let(self, parent: etree._Element, let: etree._Element) -> None:
        variable = _sub(parent, "variable", name=let.get("name", ""))
        if let.get("value") is not None:
            variable.set("select", self._expression(let.get("value", "")))
        else:
            variable.text = "".join(str(t) for t in let.itertext())

    def _expression(self, expression: str) -> str:
        for token in xpath.tokens(expression):
            if token.kind == "text":
                self._address(xpath.literal(token.text))
        return xpath.confined(expression, "dui")

    def _address(self, text: str) -> None:
        """Any literal that names a file of the pack, or ends the name of one, says a file that the schema may read."""
        if "." not in text or len(text) > 300:
            return
        try:
            path = resolved(self.schema.path, text)
        except OutsideError:
            return
        real = self.folder.files.get(folded(path), "")
        if real:
            self.files.add(real)
        elif text.lower().endswith(".xml"):
            name = "/" + folded(text).rpartition("/")[2]
            self.files.update(other for key, other in self.folder.files.items() if key.endswith(name))


def _used(rule: etree._Element) -> set[str]:
    return {
        name
        for element in rule.iter(etree.Element)
        for key in ("test", "select", "value", "path")
        for name in (xpath.variables(element.get(key, "")) if "$" in element.get(key, "") else ())
    }


def _may_meet(earlier: tuple[str | None, ...], later: tuple[str | None, ...]) -> bool:
    return None in earlier or None in later or not set(earlier).isdisjoint(later)


def _sub(parent: etree._Element, tag: str, /, attrib: dict[str, str] | None = None, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{XSL}{tag}", attrib, None, **attributes)


def _say(parent: etree._Element, text: str | None) -> None:
    if text and text.strip():
        _sub(parent, "text").text = text
    elif text:
        _sub(parent, "text").text = " "
