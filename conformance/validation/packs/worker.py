"""A worker process: it compiles the schemas of one pack with Saxon, once, and judges one document after the other.

It reads what it is given and writes nothing: no file (the system refuses it), no network, no extension function. Saxon is
imported here and nowhere else.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType
from typing import Any

from lxml import etree

from ...core.plateforme import confine, resident_memory
from ...core.problem import Problem
from ...core.verdict import Severity
from ..xml import XmlError, parse, place_of, xpath_of
from .compiled import Assertion, Compiled, cache_key
from .folder import PackFolder, folded
from .kinds import Judging, SchemaRef
from .verdict import OfficialFinding, OfficialVerdict, SchemaRun

HL7_DOCUMENT = "{urn:hl7-org:v3}ClinicalDocument"
MAX_FINDINGS = 500
FEATURES = {
    "http://saxon.sf.net/feature/allow-external-functions": "false",
    "http://saxon.sf.net/feature/allowedProtocols": "",
    "http://saxon.sf.net/feature/disableXslEvaluate": "true",
}
ROLES = {
    "": Severity.ERREUR,
    "warning": Severity.AVERTISSEMENT,
    "warn": Severity.AVERTISSEMENT,
    "info": Severity.INFORMATION,
    "information": Severity.INFORMATION,
    "hint": Severity.INFORMATION,
}


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker needs: the pack, its compiled schemas, the memory beyond which it asks to be replaced."""

    name: str
    kind: str
    version: str
    sha256: str
    folder: Path
    compiled: Path
    judging: Judging
    memory: int
    recycled_at: int


@dataclass(frozen=True, slots=True)
class Task:
    """A document: its bytes, or the file to read."""

    name: str
    data: bytes = b""
    path: Path | None = None

    def read(self) -> bytes:
        """The bytes."""
        return self.path.read_bytes() if self.path is not None else self.data


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker sends back; ``worn`` asks to be replaced, its memory having grown."""

    verdict: OfficialVerdict
    worn: bool = False


def work(connection: Connection, setup: Setup) -> None:
    """Entry point of the process: answer each task until ``None`` comes or the pipe closes."""
    with tempfile.TemporaryDirectory(prefix="dui-pack-") as empty:
        os.chdir(empty)
        _silence()
        confine(setup.memory)
        judge = _Judge(setup)
        try:
            while (task := connection.recv()) is not None:
                connection.send(Answer(judge.verdict(task), resident_memory() > setup.recycled_at))
        except (EOFError, BrokenPipeError):
            connection.close()
        os.chdir(Path(empty).anchor)


def _silence() -> None:
    """Saxon writes its warnings on the error output, one a node: they say nothing that the verdict does not."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


@dataclass
class _Loaded:
    """A schema compiled by Saxon in this process."""

    compiled: Compiled
    executable: Any


@dataclass
class _Judge:
    setup: Setup
    loaded: dict[str, _Loaded | str] = field(default_factory=dict)
    parsed: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def engine(self) -> ModuleType:
        return import_module("saxonche")

    @cached_property
    def saxon(self) -> Any:
        processor = self.engine.PySaxonProcessor(license=False)
        for feature, value in FEATURES.items():
            processor.set_configuration_property(feature, value)
        return processor

    @cached_property
    def failure(self) -> type[Exception]:
        error: type[Exception] = self.engine.PySaxonApiError
        return error

    @cached_property
    def files(self) -> PackFolder:
        return PackFolder(self.setup.folder)

    @cached_property
    def xsds(self) -> dict[str, etree.XMLSchema]:
        return {}

    def verdict(self, task: Task) -> OfficialVerdict:
        """Judge one document; never raises for what a document or a schema may hold."""
        try:
            root = _document(parse(task.read()))
        except (XmlError, OSError) as error:
            return self._said(task, accepted=False, notes=(f"document illisible : {error}",))
        plan = self.setup.judging.plan(root)
        runs: list[SchemaRun] = []
        findings: list[OfficialFinding] = []
        if plan.xsd:
            run, found = self._structure(plan.xsd, root)
            runs.append(run)
            findings += found
        node = self.saxon.parse_xml(xml_text=etree.tostring(root, encoding="unicode", with_tail=False)) if plan.schemas else None
        for ref in plan.schemas:
            run, found = self._schema(ref, node, root)
            runs.append(run)
            findings += found
        refused = any(f.severity is Severity.ERREUR for f in findings)
        whole = bool(runs) and all(not run.notes for run in runs) and any(run.fired for run in runs)
        accepted = False if refused else (True if whole else None)
        return self._said(task, accepted=accepted, runs=tuple(runs), findings=tuple(findings), notes=plan.notes)

    def _said(
        self,
        task: Task,
        *,
        accepted: bool | None,
        runs: tuple[SchemaRun, ...] = (),
        findings: tuple[OfficialFinding, ...] = (),
        notes: tuple[str, ...] = (),
    ) -> OfficialVerdict:
        setup = self.setup
        return OfficialVerdict(
            task.name, setup.name, setup.kind, setup.version, setup.sha256, accepted, runs, findings, tuple(notes)
        )

    def _structure(self, path: str, root: etree._Element) -> tuple[SchemaRun, list[OfficialFinding]]:
        try:
            if path not in self.xsds:
                self.xsds[path] = etree.XMLSchema(file=str(self.setup.folder / path))
            schema = self.xsds[path]
        except (etree.XMLSchemaParseError, etree.XMLSyntaxError) as error:
            return SchemaRun("xsd", path, notes=(f"schéma XML inutilisable : {error}",)), []
        if schema.validate(root):
            return SchemaRun("xsd", path, fired=1), []
        lines: dict[int | None, etree._Element] = {}
        for element in root.iter(etree.Element):
            lines.setdefault(element.sourceline, element)
        found = []
        for entry in list(schema.error_log)[:MAX_FINDINGS]:
            element = _named(root, entry.path) if entry.path else lines.get(entry.line, root)
            problem = Problem(f"{self.setup.name}.xsd", entry.message, at=place_of(element))
            found.append(OfficialFinding("xsd", path, Severity.ERREUR, problem, xpath_of(element)))
        return SchemaRun("xsd", path, fired=1), found

    def _schema(self, ref: SchemaRef, node: Any, root: etree._Element) -> tuple[SchemaRun, list[OfficialFinding]]:
        loaded = self._load(ref.path)
        if isinstance(loaded, str):
            return SchemaRun(ref.layer, ref.path, notes=(loaded,)), []
        try:
            value = loaded.executable.transform_to_string(xdm_node=node)
        except self.failure as error:
            return SchemaRun(ref.layer, ref.path, loaded.compiled.title, notes=(f"exécution arrêtée : {_line(error)}",)), []
        report = parse(str(value).encode("utf-8"))
        findings = [
            _finding(self.setup.name, ref, loaded.compiled.assertions[int(f.get("n", "0"))], f, root) for f in report.iter("f")
        ]
        stopped = dict.fromkeys(f"motif {e.get('p')} interrompu : {' '.join((e.text or '').split())}" for e in report.iter("e"))
        notes = (*loaded.compiled.notes, *list(stopped)[:20])
        fired = sum(int(x.text or 0) for x in report.iter("x"))
        return SchemaRun(ref.layer, ref.path, loaded.compiled.title, fired, notes), findings[:MAX_FINDINGS]

    def _load(self, path: str) -> _Loaded | str:
        if path not in self.loaded:
            self.loaded[path] = self._compiled(path)
        return self.loaded[path]

    def _compiled(self, path: str) -> _Loaded | str:
        kept = self.setup.compiled / f"{cache_key(self.setup.sha256, path)}.json"
        content = kept.read_text(encoding="utf-8")
        if content.startswith("!"):
            return content[1:]
        compiled = Compiled.from_json(content)
        try:
            processor = self.saxon.new_xslt30_processor()
            executable = processor.compile_stylesheet(stylesheet_text=compiled.xslt)
            executable.set_parameter("{urn:dui-conformance:pack}files", self._map(compiled.files))
        except self.failure as error:
            return f"schéma refusé par Saxon : {_line(error)}"
        return _Loaded(compiled, executable)

    def _map(self, files: tuple[str, ...]) -> Any:
        pairs = {}
        for name in files:
            if name not in self.parsed:
                self.parsed[name] = self._value_set(name)
            if self.parsed[name] is not None:
                pairs[self.saxon.make_string_value(folded(name))] = self.parsed[name]
        return self.saxon.make_map(pairs)

    def _value_set(self, name: str) -> Any:
        try:
            text = etree.tostring(parse(self.files.read(name)), encoding="unicode")
        except (XmlError, OSError):
            return None
        return self.saxon.parse_xml(xml_text=text)


def _document(root: etree._Element) -> etree._Element:
    """The clinical document of a self-presenting one (a stylesheet around it), else the root."""
    if str(root.tag).endswith("}stylesheet"):
        inner = next(root.iter(HL7_DOCUMENT), None)
        return inner if inner is not None else root
    return root


def _finding(pack: str, ref: SchemaRef, assertion: Assertion, failed: etree._Element, root: etree._Element) -> OfficialFinding:
    element, attribute = _placed(root, failed.get("l", ""))
    details = " ".join(" ".join(d.itertext()) for d in failed.iter("d"))
    for detail in list(failed.iter("d")):
        failed.remove(detail)
    message = " ".join("".join(failed.itertext()).split())
    at = place_of(element)
    if attribute:
        path, _, line = at.partition(" (")
        at = f"{path}/{attribute}" + (f" ({line}" if line else "")
    rule = assertion.id or assertion.pattern
    problem = Problem(f"{pack}.{ref.layer}.{rule}", message, at=at, hint=" ".join(details.split()))
    severity = ROLES.get(assertion.role.strip().lower(), Severity.ERREUR)
    return OfficialFinding(ref.layer, ref.path, severity, problem, xpath_of(element), assertion.test, assertion.see)


def _placed(root: etree._Element, location: str) -> tuple[etree._Element, str]:
    """The element at a path of ranks among elements ("0/2/1"), and the attribute that ends it, if any."""
    steps = [s for s in location.split("/") if s]
    attribute = steps.pop() if steps and steps[-1].startswith("@") else ""
    element = root
    for step in steps[1:]:
        element = list(_elements(element))[int(step)]
    return element, attribute


def _elements(element: etree._Element) -> Iterator[etree._Element]:
    return element.iterchildren(etree.Element)


def _named(root: etree._Element, path: str) -> etree._Element:
    found = root.getroottree().xpath(path)
    return found[0] if isinstance(found, list) and found and isinstance(found[0], etree._Element) else root


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
