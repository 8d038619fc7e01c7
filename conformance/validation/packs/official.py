"""The verdict of a pack on documents, and how it differs from ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import InputError
from ...core.problem import Finding
from ...core.verdict import Severity
from .kinds import Judging
from .kit_cda import LAYERS
from .pool import WorkerPool
from .store import Pack
from .verdict import OfficialFinding, OfficialVerdict
from .worker import Setup, Task

MEBIBYTE = 1024 * 1024
MEMORY = 3_072 * MEBIBYTE
RECYCLED_AT = 1_536 * MEBIBYTE
BOTH, OURS, THEIRS = "vu par les deux", "vu par nous seuls", "vu par le kit seul"
_LINE = re.compile(r" \(ligne \d+\)$")
_ATTRIBUTE = re.compile(r"/@[^/]+$")


def official_verdicts(
    documents: Iterable[Path | tuple[str, bytes]], pack: Pack, *, workers: int = 0, timeout: float = 60.0
) -> Iterator[OfficialVerdict]:
    """One verdict a document, in the order given: a path, or a name and bytes. ``workers`` 0: one per core.

    Documents are taken as they are needed: any number of them may be given. Raises ``InputError`` for a pack that judges
    no document.
    """
    with WorkerPool(setup_of(pack), workers, timeout) as pool:
        yield from pool.run(_task(document) for document in documents)


def setup_of(pack: Pack) -> Setup:
    """What the workers of a pack need; the pack must have been opened by its store (verified, compiled)."""
    judging = pack.load()
    if not isinstance(judging, Judging):
        raise InputError(f"le pack « {pack.name} » ({pack.kind}) ne juge pas de documents.")
    return Setup(
        name=pack.name,
        kind=pack.kind,
        version=pack.version,
        sha256=pack.sha256,
        folder=pack.folder.resolve(),
        compiled=pack.compiled.resolve(),
        judging=judging,
        memory=MEMORY,
        recycled_at=RECYCLED_AT,
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """What is said at one element, by us, by the pack, or by both."""

    seen: str
    element: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    explanation: str


def differences(ours: Sequence[Finding], official: OfficialVerdict) -> tuple[Difference, ...]:
    """Our findings beside those of a pack, element by element: what one names, the other may say of its parent or child."""
    places = _places(ours)
    left = list(official.findings)
    made = []
    for element, findings in places.items():
        same = [f for f in left if _near(element, f.element)]
        left = [f for f in left if f not in same]
        ids = tuple(dict.fromkeys(f.check for f in findings))
        if same:
            made.append(Difference(BOTH, element, ids, _messages(same), _layers(same)))
            continue
        sources = "; ".join(dict.fromkeys(f.source for f in findings if f.source))
        made.append(Difference(OURS, element, ids, (), f"source : {sources}" if sources else "le pack ne regarde pas ce point"))
    for element in dict.fromkeys(f.element for f in left):
        same = [f for f in left if f.element == element]
        made.append(Difference(THEIRS, element, (), _messages(same), _layers(same)))
    return tuple(made)


def explained(accepted: bool, official: OfficialVerdict) -> str:
    """One sentence on both verdicts: the same, or why they may differ."""
    if official.accepted is None:
        return f"{official.pack} : non concluant ({'; '.join(_obstacles(official)) or 'aucune règle ne s’est exercée'})"
    if official.accepted == accepted:
        return f"{official.pack} : même verdict ({official.word})"
    if official.accepted:
        idle = [LAYERS.get(s.layer, s.layer) for s in official.schemas if not s.fired]
        silent = f" ; sans effet ici : {', '.join(idle)}" if idle else ""
        return f"{official.pack} : accepté, que nos règles refusent{silent}"
    layers = dict.fromkeys(LAYERS.get(f.layer, f.layer) for f in official.errors)
    return f"{official.pack} : refusé par {', '.join(layers)}, que nos règles acceptent"


def _task(document: Path | tuple[str, bytes]) -> Task:
    if isinstance(document, Path):
        return Task(str(document), path=document.absolute())
    return Task(document[0], data=document[1])


def _places(ours: Sequence[Finding]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in ours:
        for at in [p.at for p in finding.problems if p.at] or [finding.at]:
            found.setdefault(_element(at), []).append(finding)
    return found


def _element(at: str) -> str:
    return _ATTRIBUTE.sub("", _LINE.sub("", at))


def _near(one: str, other: str) -> bool:
    return one == other or one.rpartition("/")[0] == other or other.rpartition("/")[0] == one


def _messages(findings: Sequence[OfficialFinding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f.problem.message for f in findings))


def _layers(findings: Sequence[OfficialFinding]) -> str:
    named = dict.fromkeys(
        LAYERS.get(f.layer, f.layer) + (" (avertissement)" if f.severity is not Severity.ERREUR else "") for f in findings
    )
    return f"pack : {', '.join(named)}"


def _obstacles(official: OfficialVerdict) -> list[str]:
    return [*official.notes, *(f"{LAYERS.get(s.layer, s.layer)} : {note}" for s in official.schemas for note in s.notes)][:5]
