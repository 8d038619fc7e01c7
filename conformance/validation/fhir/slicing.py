"""Slices: to which slice of its element does an item belong?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from .base import PREFIX
from .items import Item
from .matching import covers, extract, same
from .profile_tree import Discriminator, Node, Profile

if TYPE_CHECKING:
    from .walk import Walk

Test = Callable[["Walk", Item], "bool | None"]
"""Does an item belong? None when it cannot be told."""


def slice_of(walk: Walk, node: Node, item: Item) -> Node | None:
    """The first slice of the element that the item belongs to."""
    candidates = _indexed(walk, node, item)
    for each in node.slices.values() if candidates is None else candidates:
        if belongs(walk, node, each, item):
            return each
    return None


def belongs(walk: Walk, node: Node, slice_: Node, item: Item) -> bool:
    """True when every discriminator of the element says so."""
    tests: list[Test] | None = slice_.memo.get("tests")
    if tests is None:
        held = node.slicing.discriminators if node.slicing is not None else ()
        tests = [_test(walk, slice_, d) for d in held] or [_conforming(slice_, [])]
        slice_.memo["tests"] = tests
    return all(test(walk, item) is True for test in tests)


def _test(walk: Walk, slice_: Node, discriminator: Discriminator) -> Test:
    steps = _steps(discriminator.path)
    if discriminator.kind in ("value", "pattern"):
        return _by_value(walk, slice_, steps)
    if discriminator.kind == "exists":
        return _by_presence(slice_, steps)
    if discriminator.kind == "type":
        return _by_type(slice_, steps)
    return _by_profile(slice_, steps)


def _steps(path: str) -> list[str]:
    """``code.coding`` as names; ``resolve()``, ``ofType(X)`` and ``extension('u')`` are kept as steps of their own."""
    found: list[str] = []
    depth, step = 0, ""
    for sign in path:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "." and depth == 0:
            found.append(step)
            step = ""
        else:
            step += sign
    return [s.removesuffix("[x]") for s in (*found, step) if s not in ("", "$this")]


def _nodes(slice_: Node, steps: Sequence[str]) -> list[Node]:
    """The nodes of the profile at the end of names, sub-slices included."""
    found = [slice_]
    for step in steps:
        if step.startswith("ofType(") or step == "resolve()":
            continue
        if step.startswith("extension("):
            url = step[10:-1].strip("'\"")
            below = [n.children["extension"] for n in found if "extension" in n.children]
            found = [s for n in below for s in n.slices.values() if url in _urls(s)]
            continue
        below = [n.children[step] for n in found if step in n.children]
        found = [n for b in below for n in (b, *b.slices.values())]
    return found


def _urls(node: Node) -> tuple[str, ...]:
    held = node.children.get("url")
    fixed = (str(held.fixed or held.pattern),) if held is not None and (held.fixed or held.pattern) else ()
    return (*fixed, *(p.partition("|")[0] for t in node.types or () for p in t.profiles))


def items_at(walk: Walk, item: Item, steps: Sequence[str]) -> list[Item]:
    """The items at the end of the path of a discriminator."""
    found = [item]
    for step in steps:
        if step == "resolve()":
            found = [r for i in found if (r := walk.references.resolve(i)) is not None]
        elif step.startswith("ofType("):
            found = [i for i in found if i.type.is_a(step[7:-1])]
        elif step.startswith("extension("):
            url = step[10:-1].strip("'\"")
            found = [e for i in found for e in i.kids.get("extension", ()) if e.first("url") == url]
        else:
            found = [k for i in found for k in i.kids.get(step, ())]
    return found


def wanted_values(slice_: Node, steps: Sequence[str]) -> Iterator[tuple[Any, bool]]:
    """What a slice imposes at the end of names: a value, and whether it is a pattern."""
    plain = [s for s in steps if not s.startswith("ofType(") and s != "resolve()"]
    for rank in range(len(plain) + 1):
        for node in _nodes(slice_, plain[:rank]):
            if node.fixed is not None:
                yield from ((v, False) for v in extract(node.fixed, plain[rank:]))
            if node.pattern is not None:
                yield from ((v, True) for v in extract(node.pattern, plain[rank:]))


def _by_value(walk: Walk, slice_: Node, steps: list[str]) -> Test:
    wanted = list(wanted_values(slice_, steps))
    if not wanted and steps == ["url"]:
        wanted = [(url, False) for url in _extension_urls(walk, slice_)]
    if wanted:
        return lambda walk, item: any(
            covers(value, held.value) if pattern else same(value, held.value)
            for held in items_at(walk, item, steps)
            for value, pattern in wanted
        )
    bound = next((n.binding for n in _nodes(slice_, steps) if n.binding is not None and n.binding.strength == "required"), None)
    if bound is not None and not any(n.children for n in _nodes(slice_, steps)):
        url = bound.value_set
        return lambda walk, item: any(walk.bindings.member_of(_held(i), url) for i in items_at(walk, item, steps))
    return _conforming(slice_, steps)


def _held(item: Item) -> Any:
    return item.value if item.type.primitive else item


def _extension_urls(walk: Walk, slice_: Node) -> list[str]:
    found: list[str] = []
    for canonical in (p for t in slice_.types or () for p in t.profiles):
        profile = walk.profiles.get(canonical)
        found.append(profile.fixed_url if profile is not None and profile.fixed_url else canonical.partition("|")[0])
    return found or [slice_.slice]


def _conforming(slice_: Node, steps: list[str]) -> Test:
    """Belonging by conforming: no constraint of the slice at that place is broken."""
    nodes = _nodes(slice_, steps)[:1]
    if not nodes or nodes[0].idle:
        return lambda walk, item: None
    node = nodes[0]
    return lambda walk, item: any(walk.conforms(node, held) for held in items_at(walk, item, steps))


def _by_presence(slice_: Node, steps: list[str]) -> Test:
    nodes = _nodes(slice_, steps)
    absent = any(n.max == 0 for n in nodes)
    return lambda walk, item: bool(items_at(walk, item, steps)) is not absent


def _by_type(slice_: Node, steps: list[str]) -> Test:
    nodes = _nodes(slice_, steps)
    refs = [t for n in nodes for t in n.types or ()]
    if "resolve()" in steps:
        names = {t.rpartition("/")[2].partition("|")[0] for r in refs for t in r.targets}
        before = steps[: steps.index("resolve()")]
        return lambda walk, item: any(walk.references.target_type(i) in names for i in items_at(walk, item, before))
    codes = {r.code for r in refs}
    if not codes and slice_.slice.startswith(slice_.name) and not steps:
        codes = {
            slice_.slice[len(slice_.name) :],
            slice_.slice[len(slice_.name) :][:1].lower() + slice_.slice[len(slice_.name) + 1 :],
        }
    return lambda walk, item: any(i.type.code in codes for i in items_at(walk, item, steps))


def _by_profile(slice_: Node, steps: list[str]) -> Test:
    refs = [t for n in _nodes(slice_, steps) for t in n.types or ()]
    resolving = "resolve()" in steps
    wanted = [p for r in refs for p in (r.targets if resolving else r.profiles)]

    def test(walk: Walk, item: Item) -> bool | None:
        return any(_is_of(walk, held, canonical) for held in items_at(walk, item, steps) for canonical in wanted)

    return test


def _is_of(walk: Walk, item: Item, canonical: str) -> bool:
    """A resource that says the profile is of it; one that says none of ours is of it when it conforms."""
    if canonical.startswith(PREFIX) and walk.profiles.get(canonical) is None:
        return item.type.is_a(canonical.removeprefix(PREFIX).partition("|")[0])
    if canonical.partition("|")[0] in {d.partition("|")[0] for d in declared(item)}:
        return True
    profile: Profile | None = walk.profiles.get(canonical)
    if profile is None or not item.type.is_a(profile.type):
        return False
    return not declared(item) and walk.conforms(profile.root, item)


def declared(item: Item) -> list[str]:
    """The profiles that a resource says it follows."""
    meta = item.value.get("meta") if isinstance(item.value, dict) else None
    held = meta.get("profile") if isinstance(meta, dict) else None
    return [p for p in held if isinstance(p, str)] if isinstance(held, list) else []


def _indexed(walk: Walk, node: Node, item: Item) -> list[Node] | None:
    """The slices that an item may belong to, found by a key of its first discriminator; None when there is no such key."""
    if "index" not in node.memo:
        node.memo["index"] = _make_index(walk, node)
    index: dict[Any, list[Node]] | None = node.memo["index"]
    if index is None:
        return None
    assert node.slicing is not None
    found: list[Node] = []
    for held in items_at(walk, item, node.memo["steps"]):
        for key in _keys(held.value):
            found += [n for n in index.get(key, ()) if n not in found]
    return found


def _make_index(walk: Walk, node: Node) -> dict[Any, list[Node]] | None:
    held = node.slicing.discriminators if node.slicing is not None else ()
    if not held or held[0].kind not in ("value", "pattern") or len(node.slices) < 4:
        return None
    steps = node.memo["steps"] = _steps(held[0].path)
    index: dict[Any, list[Node]] = {}
    for slice_ in node.slices.values():
        wanted = [v for v, _ in wanted_values(slice_, steps)] or (_extension_urls(walk, slice_) if steps == ["url"] else [])
        keys = [key for value in wanted for key in _keys(value)[:1]]
        if not keys or any(isinstance(key, tuple) and key[0] is None for key in keys):
            return None
        for key in keys:
            index.setdefault(key, []).append(slice_)
    return index


def _keys(value: Any) -> list[Any]:
    """What a value can be looked up by: itself, or its codes."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, dict):
        return []
    if isinstance(value.get("coding"), list):
        return [k for c in value["coding"] for k in _keys(c)]
    system, code = value.get("system"), value.get("code")
    return [(system, code)] if isinstance(code, str) and isinstance(system, str | None) else []
