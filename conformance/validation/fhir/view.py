"""A FHIR resource to judge, and its outcome, worked out once for all the checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...core.errors import Inconclusive
from ...core.exchange import Exchange
from ...core.providers import provider
from ..document import Document
from .attendus import BY_KIND
from .context import FhirPackages
from .engine import Outcome
from .issues import Issue, Rule
from .sniffing import resource_type


@dataclass(frozen=True, slots=True, eq=False)
class FhirResource:
    """Bytes of a resource, JSON or XML, and a name (file, or exchange). ``expected`` are the profiles that it must follow
    because of what carries it."""

    data: bytes
    name: str = ""
    expected: tuple[str, ...] = ()
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
            self.memo[key] = packages.validator.validate(self.data, (*packages.asked, *self.expected))
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
        told = dict.fromkeys(outcome.told, "contexte") | dict.fromkeys(outcome.asked, "oui")
        return tuple(
            {
                "id": url,
                "version": o.version,
                "sha256": o.sha256,
                "paquet": o.package,
                "demande": told.get(url, "non"),
            }
            for url, o in origins
        )


@provider
def _of_document(document: Document) -> FhirResource:
    if not resource_type(document.data):
        raise Inconclusive("le fichier n'est pas une ressource FHIR")
    return FhirResource(document.data, document.name)


@provider
def _of_exchange(exchange: Exchange) -> FhirResource:
    """The body of the request, when it is FHIR, or should be."""
    request = exchange.http
    expected = BY_KIND.get(exchange.kind, ())
    if not expected and "fhir" not in request.header("content-type").lower():
        raise Inconclusive("le corps de la demande n'est pas une ressource FHIR")
    return FhirResource(request.body.read(), exchange.id, expected)
