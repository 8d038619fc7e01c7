"""The dependency rule of the architecture, read in the imports: who may use whom, and where the platform is called."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "dui_conformance"
FOLDERS = {"": "conformance", "mocks": "mocks", "reports": "reports", "fixtures": "fixtures"}
JOINING = {"cli", "plugin", "inprocess"}
"""Rooms that join the others: the command line, the pytest plugin, the in-process mounting."""

ALLOWED = {
    "core": {"core"},
    "fixtures": {"core", "fixtures"},
    "catalogue": {"core", "catalogue"},
    "validation": {"core", "validation"},
    "checks": {"core", "catalogue", "validation", "checks"},
    "scenarios": {"core", "checks", "catalogue", "validation", "scenarios"},
    "drivers": {"core", "drivers"},
    "mocks": {"core", "validation", "fixtures", "mocks"},
    "mocks.dui": {"core.gestures", "core.people", "fixtures", "mocks.dui"},
    "reports": {"core", "catalogue", "validation", "reports"},
}
PLATFORM_CALLS = {
    ("sys", "platform"),
    ("os", "name"),
    ("os", "chmod"),
    ("os", "fork"),
    ("os", "kill"),
    ("os", "getuid"),
    ("os", "umask"),
    ("platform", "system"),
    ("signal", "SIGKILL"),
}
PLATFORM_MODULES = {"fcntl", "msvcrt", "winreg", "pwd", "grp", "termios"}


def sources() -> Iterator[tuple[str, Path]]:
    """Every module of the product with its dotted name under the package."""
    for prefix, folder in FOLDERS.items():
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = [p for p in (prefix, *path.relative_to(ROOT / folder).with_suffix("").parts) if p]
            yield ".".join(parts), path


MODULES = dict(sources())


def imported(module: str, path: Path) -> Iterator[str]:
    """Dotted names under the package that a module imports, at any depth of its code."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    parents = package.removesuffix("__init__").rstrip(".").split(".") if package else []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (a.name.removeprefix(f"{PACKAGE}.") for a in node.names if a.name.startswith(f"{PACKAGE}."))
        elif isinstance(node, ast.ImportFrom):
            yield from _from(node, parents)


def _from(node: ast.ImportFrom, parents: list[str]) -> Iterator[str]:
    if node.level == 0:
        if node.module != PACKAGE and not (node.module or "").startswith(f"{PACKAGE}."):
            return
        base = (node.module or "").removeprefix(PACKAGE).removeprefix(".")
    else:
        base = ".".join([*parents[: len(parents) - node.level + 1], *([node.module] if node.module else [])])
    for alias in node.names:
        inside = ".".join(p for p in (base, alias.name) if p)
        yield inside if inside in MODULES or f"{inside}.__init__" in MODULES else base


def room(module: str) -> str:
    """The room of a module; the reference DUI is a room of its own."""
    return "mocks.dui" if f"{module}.".startswith("mocks.dui.") else module.partition(".")[0]


def allowed(wanted: str, rules: set[str]) -> bool:
    """True when one of the rules names the module or a package that holds it."""
    return any(f"{wanted}.".startswith(f"{rule}.") for rule in rules)


@pytest.mark.parametrize("module", [m for m in MODULES if room(m) in ALLOWED])
def test_a_module_imports_only_what_its_room_may_use(module: str) -> None:
    rules = ALLOWED[room(module)]
    refused = sorted({wanted for wanted in imported(module, MODULES[module]) if wanted and not allowed(wanted, rules)})
    assert not refused, f"{module} importe {', '.join(refused)} (permis : {', '.join(sorted(rules))})"


def test_services_do_not_know_the_reference_dui() -> None:
    guilty = [
        module
        for module, path in MODULES.items()
        if room(module) == "mocks" and any(room(wanted) == "mocks.dui" for wanted in imported(module, path))
    ]
    assert guilty == []


def test_every_room_has_its_rule() -> None:
    rooms = {room(module) for module in MODULES} - {"__init__", "__main__"}
    assert rooms - ALLOWED.keys() - JOINING == set()


def test_relative_imports_are_followed() -> None:
    found = set(imported("mocks.dui.poste", MODULES["mocks.dui.poste"]))
    assert {"core.gestures", "fixtures.professionals", "mocks.dui.psc"} <= found


@pytest.mark.parametrize("module", [m for m in MODULES if m != "core.plateforme"])
def test_platform_is_called_in_one_place(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    calls = {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and (node.value.id, node.attr) in PLATFORM_CALLS
    }
    modules = {
        a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names if a.name in PLATFORM_MODULES
    }
    assert not calls | modules, f"{module} : {', '.join(sorted(calls | modules))} est à appeler dans core/plateforme.py"
