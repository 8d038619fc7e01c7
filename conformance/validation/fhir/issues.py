"""What the engine reports: one issue a rule broken at a place, in French, with its FHIRPath-like path and its source."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from ...core.verdict import Severity

if TYPE_CHECKING:
    from .items import Item

Pointer = tuple[str | int, ...]


class Rule(StrEnum):
    """The sorts of rules; each is a check of ``checks/fhir.py``."""

    LECTURE = "fhir.lecture.lisible"
    INCONNU = "fhir.structure.element-connu"
    FORME = "fhir.structure.forme"
    CARDINALITE = "fhir.structure.cardinalite"
    TYPE = "fhir.structure.type"
    LEXIQUE = "fhir.valeur.lexique"
    FIXE = "fhir.valeur.imposee"
    DECOUPAGE = "fhir.decoupage.tranche"
    CODE = "fhir.terminologie.obligatoire"
    CODE_CONSEILLE = "fhir.terminologie.extensible"
    CODE_NON_VERIFIE = "fhir.terminologie.verifiable"
    INVARIANT = "fhir.invariant.respecte"
    INVARIANT_CONSEILLE = "fhir.invariant.conseil"
    BONNE_PRATIQUE = "fhir.invariant.bonne-pratique"
    INVARIANT_NON_EVALUE = "fhir.invariant.evaluable"
    REFERENCE = "fhir.reference.cible"
    REFERENCE_RESOLUE = "fhir.reference.resolue"
    REFERENCE_CONSEILLEE = "fhir.reference.resolue-conseil"
    EXTENSION = "fhir.extension.admise"
    EXTENSION_INCONNUE = "fhir.extension.connue"
    LOT = "fhir.bundle.coherent"
    LOT_CONSEILLE = "fhir.bundle.conseil"
    RECIT = "fhir.recit.xhtml"
    PROFIL_ABSENT = "fhir.profil.disponible"
    PROVISOIRE = "fhir.profil.provisoire"
    ATTENDU = "fhir.profil.elements-attendus"

    @property
    def severity(self) -> Severity:
        """How hard it strikes: an error unless said otherwise."""
        return _SEVERITIES.get(self, Severity.ERREUR)


_SEVERITIES = {
    Rule.CODE_CONSEILLE: Severity.AVERTISSEMENT,
    Rule.INVARIANT_CONSEILLE: Severity.AVERTISSEMENT,
    Rule.REFERENCE_CONSEILLEE: Severity.AVERTISSEMENT,
    Rule.EXTENSION_INCONNUE: Severity.AVERTISSEMENT,
    Rule.LOT_CONSEILLE: Severity.AVERTISSEMENT,
    Rule.PROVISOIRE: Severity.AVERTISSEMENT,
    Rule.CODE_NON_VERIFIE: Severity.INFORMATION,
    Rule.BONNE_PRATIQUE: Severity.INFORMATION,
    Rule.INVARIANT_NON_EVALUE: Severity.INFORMATION,
    Rule.PROFIL_ABSENT: Severity.INFORMATION,
    Rule.ATTENDU: Severity.INFORMATION,
}


@dataclass(frozen=True, slots=True)
class Issue:
    """A rule broken (or not decided) at one place. ``source`` is ``profile|version#element``; ``line`` 0 when unknown."""

    rule: Rule
    message: str
    path: str
    expected: str = ""
    received: str = ""
    hint: str = ""
    source: str = ""
    key: str = ""
    line: int = 0
    pointer: Pointer = field(default=(), compare=False)

    @property
    def severity(self) -> Severity:
        """That of its rule."""
        return self.rule.severity

    @property
    def at(self) -> str:
        """Path and line, as checks say a place."""
        return f"{self.path} (ligne {self.line})" if self.line else self.path


class Sink:
    """Where issues go during a run; ``failed`` as soon as one is an error."""

    def __init__(self) -> None:
        self.issues: list[Issue] = []
        self.failed = False

    def add(
        self,
        rule: Rule,
        message: str,
        item: Item,
        *,
        child: str = "",
        prop: str = "",
        expected: str = "",
        received: str = "",
        hint: str = "",
        source: str = "",
        key: str = "",
    ) -> None:
        """Report at an item, or at a child of it that has no item of its own (``prop``: its JSON name, when it is there)."""
        if rule.severity is Severity.ERREUR:
            self.failed = True
        path = f"{item.path}.{child}" if child else item.path
        pointer = (*item.pointer, prop) if prop else item.pointer
        self.issues.append(Issue(rule, message, path, expected, received, hint, source, key, pointer=pointer))


def shown(value: object, limit: int = 80) -> str:
    """A value as messages show it, cut when long."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, dict):
        text = "un objet {…}"
    elif isinstance(value, list):
        text = f"un tableau de {len(value)}"
    else:
        text = "null" if value is None else str(value)
    return text if len(text) <= limit else f"{text[:limit]}…"
