"""What a pack says of a document, and how it differs from what our own rules say."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...core.problem import Problem
from ...core.verdict import Severity


@dataclass(frozen=True, slots=True)
class OfficialFinding:
    """One message of a pack. ``element`` is the XPath of the element, without line; ``layer`` says which part spoke."""

    layer: str
    schema: str
    severity: Severity
    problem: Problem
    element: str
    test: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class SchemaRun:
    """One schema applied: how many nodes its rules looked at, and what kept it from saying everything."""

    layer: str
    path: str
    title: str = ""
    fired: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OfficialVerdict:
    """What one pack says of one document. ``accepted`` is None when it could not be run whole and found no error."""

    file: str
    pack: str
    kind: str
    version: str
    sha256: str
    accepted: bool | None
    schemas: tuple[SchemaRun, ...] = ()
    findings: tuple[OfficialFinding, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def errors(self) -> tuple[OfficialFinding, ...]:
        """The findings that reject the document."""
        return tuple(f for f in self.findings if f.severity is Severity.ERREUR)

    @property
    def word(self) -> str:
        """« accepté », « refusé » or « non concluant »."""
        return {True: "accepté", False: "refusé", None: "non concluant"}[self.accepted]

    def as_dict(self) -> dict[str, object]:
        """A JSON object, stable for the same document and pack."""
        return {
            "pack": self.pack,
            "sorte": self.kind,
            "version": self.version,
            "sha256": self.sha256,
            "verdict": self.word,
            "schemas": [{"couche": s.layer, "chemin": s.path, "noeuds": s.fired, "notes": list(s.notes)} for s in self.schemas],
            "constats": [
                {
                    "couche": f.layer,
                    "gravite": f.severity.value,
                    "message": f.problem.message,
                    "at": f.problem.at,
                    "test": f.test,
                    "source": f.source,
                }
                for f in self.findings
            ],
            "notes": list(self.notes),
        }
