"""A FHIR resource to judge, and its outcome, worked out once for all the checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...core.errors import Inconclusive
from ...core.providers import provider
from ..document import Document
from .context import FhirPackages
from .engine import Outcome
from .issues import Issue, Rule
from .sniffing import resource_type


@dataclass(frozen=True, slots=True, eq=False)
class FhirResource:
    """Bytes of a resource, JSON or XML, and a name (file, or message)."""

    data: bytes
    name: str = ""
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """What findings call it."""
        return self.name

    @property
    def kind(self) -> str:
        """``document.fhir.<Type>``; ``document.fhir`` when its type cannot be told."""
        found = resource_type(self.data)
        return f"document.fhir.{found}" if found else "document.fhir"

    def outcome(self, packages: FhirPackages) -> Outcome:
        """What the engine says of it, with those packages and the profiles that they ask."""
        key = ("outcome", packages)
        if key not in self.memo:
            self.memo[key] = packages.validator.validate(self.data, packages.asked)
            self.memo["last"] = self.memo[key]
        found: Outcome = self.memo[key]
        return found

    def broken(self, packages: FhirPackages, rule: Rule) -> tuple[Issue, ...]:
        """The issues of one rule."""
        return tuple(i for i in self.outcome(packages).issues if i.rule is rule)

    @property
    def rule_sets(self) -> tuple[dict[str, str], ...]:
        """What judged it last: base definitions and profiles, with version and hash of their packages, and the profile asked."""
        outcome: Outcome | None = self.memo.get("last")
        if outcome is None:
            return ()
        origins = [("FHIR R4", outcome.base)] if outcome.base is not None else []
        origins += [(named.partition("|")[0], origin) for named, origin in outcome.profiles]
        asked = frozenset(outcome.asked)
        return tuple(
            {
                "id": url,
                "version": o.version,
                "sha256": o.sha256,
                "paquet": o.package,
                "demande": "oui" if url in asked else "non",
            }
            for url, o in origins
        )


@provider
def _of_document(document: Document) -> FhirResource:
    if not resource_type(document.data):
        raise Inconclusive("le fichier n'est pas une ressource FHIR")
    return FhirResource(document.data, document.name)
