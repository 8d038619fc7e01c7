"""Verdicts as FHIR R4 ``OperationOutcome``: one for a file, a ``Bundle`` (collection) of them for several."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any, TextIO

from ..core.verdict import Verdict
from .constats import FileFinding, FileVerdict
from .sorties import Tally

_SEVERITIES = {
    Verdict.ERREUR: ("fatal", "exception"),
    Verdict.NON_CONFORME: ("error", "business-rule"),
    Verdict.NON_CONCLUANT: ("warning", "incomplete"),
    Verdict.A_EXAMINER: ("warning", "informational"),
    Verdict.AVERTISSEMENT: ("warning", "business-rule"),
    Verdict.NON_TESTE: ("information", "not-supported"),
}
_CODES = {"cda.structure.readable": "structure", "cda.structure.schema": "structure", "fichier.format": "not-supported"}


class OperationOutcomes:
    """Writes resources one by one; the bundle is never held."""

    def __init__(self, stream: TextIO, tally: Tally, total: int) -> None:
        self._stream, self._single, self._written = stream, total == 1, 0
        if not self._single:
            self._stream.write('{"resourceType": "Bundle", "type": "collection", "entry": [')

    def write(self, verdict: FileVerdict) -> None:
        """One resource."""
        resource = outcome(verdict)
        if self._single:
            self._stream.write(json.dumps(resource, ensure_ascii=False, indent=2) + "\n")
            return
        self._stream.write((",\n" if self._written else "\n") + json.dumps({"resource": resource}, ensure_ascii=False))
        self._written += 1

    def close(self) -> None:
        """End the bundle."""
        if not self._single:
            self._stream.write("\n]}\n")
        self._stream.flush()


def outcome(verdict: FileVerdict) -> dict[str, Any]:
    """The resource of a file: what judged it first, then an issue a finding."""
    about = f"{verdict.file} : {verdict.verdict.libelle}. dui-conformance {version('dui-conformance')}"
    about += f", profil {verdict.profil}" if verdict.profil else ""
    about += f", règles en vigueur au {verdict.regles['jour']}" if verdict.regles else ""
    sets = ", ".join(f"{s['id']} {s['version']} ({s['sha256'][:12]})" for s in verdict.regles.get("jeux", ()))
    head: dict[str, Any] = {"severity": "information", "code": "informational", "details": {"text": about}}
    if sets:
        head["diagnostics"] = f"Jeux de règles : {sets}"
    return {"resourceType": "OperationOutcome", "issue": [head, *(_issue(f) for f in verdict.findings)]}


def _issue(finding: FileFinding) -> dict[str, Any]:
    severity, code = _SEVERITIES.get(Verdict(finding.verdict), ("information", "informational"))
    said = (("Attendu", finding.expected), ("Reçu", finding.received), ("Conseil", finding.hint), ("Source", finding.source))
    row: dict[str, Any] = {
        "severity": severity,
        "code": _CODES.get(finding.rule, code),
        "details": {"coding": [{"code": finding.rule, "display": finding.message}], "text": finding.message},
        "diagnostics": " ; ".join(f"{name} : {value}" for name, value in said if value),
    }
    member = f"{finding.membre} : " if finding.membre else ""
    if finding.line:
        row["location"] = [f"{member}ligne {finding.line}"]
    if finding.at:
        row["expression"] = [finding.at]
    return row
