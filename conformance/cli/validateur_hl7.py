"""``--validateur hl7``: the HL7 validator that the user has, run on the same FHIR files, its verdict beside ours."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ..core.errors import InputError
from ..core.problem import Finding, Problem
from ..core.verdict import Severity, Verdict
from ..validation.packs.official import differences, explained
from ..validation.packs.verdict import OfficialFinding, OfficialVerdict, SchemaRun
from .constats import FileVerdict
from .references import fhir_packages

NAME, LAYER = "validateur HL7", "validator_cli"
FHIR = "4.0.1"
PATIENCE = 300.0
_SEVERITIES = {"fatal": Severity.ERREUR, "error": Severity.ERREUR, "warning": Severity.AVERTISSEMENT}
_CAST = re.compile(r"/\*.*?\*/|\.ofType\([^)]*\)|\s*/\*.*$")
_VERSION = re.compile(r"[Vv]ersion\s+(\d+(?:\.\d+)+)")


@dataclass(frozen=True)
class Hl7Validator:
    """``validator_cli.jar`` of the user, without terminology server (``-tx n/a``), with the packages of the project and the
    profile asked. One run a file."""

    jar: Path
    project: str
    profile: str = ""
    java: str = "java"
    patience: float = PATIENCE

    @cached_property
    def sha256(self) -> str:
        """The hash that pins the jar."""
        return hashlib.sha256(self.jar.read_bytes()).hexdigest()

    def judge(self, file: str) -> OfficialVerdict:
        """What it says of a file; what keeps it from answering is a note, and the verdict is not concluded."""
        with tempfile.TemporaryDirectory() as folder:
            answer = Path(folder) / "resultat.json"
            try:
                ended = subprocess.run(
                    self._command(file, answer),
                    capture_output=True,
                    text=True,
                    errors="replace",
                    timeout=self.patience,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                return self._verdict(file, None, notes=(f"pas de réponse en {self.patience:.0f} s",))
            except OSError as error:
                return self._verdict(file, None, notes=(f"java n'a pas pu être lancé ({error.strerror})",))
            version = _VERSION.search(ended.stdout)
            read = _outcome(answer)
        if read is None:
            last = (ended.stderr or ended.stdout).strip().splitlines()[-1:] or ["rien"]
            return self._verdict(file, None, notes=(f"aucun résultat, code {ended.returncode} : {last[0][:200]}",))
        findings = tuple(_findings(read))
        accepted = not any(f.severity is Severity.ERREUR for f in findings)
        return self._verdict(file, accepted, findings=findings, version=version[1] if version else "")

    def _command(self, file: str, answer: Path) -> list[str]:
        packages = [each for folder, _ in fhir_packages(self.project).given for each in ("-ig", folder)]
        profile = ["-profile", self.profile] if self.profile else []
        asked = [file, "-version", FHIR, "-tx", "n/a", *packages, *profile, "-output", str(answer)]
        return [self.java, "-jar", str(self.jar), *asked]

    def _verdict(
        self,
        file: str,
        accepted: bool | None,
        *,
        findings: tuple[OfficialFinding, ...] = (),
        notes: tuple[str, ...] = (),
        version: str = "",
    ) -> OfficialVerdict:
        run = SchemaRun(LAYER, self.jar.name, fired=0 if accepted is None else 1)
        return OfficialVerdict(file, NAME, "hl7", version, self.sha256, accepted, (run,), findings, notes)


def hl7_validator(jar: Path | None, project: str, profile: str) -> Hl7Validator:
    """The validator that a command line names; raises ``InputError`` when it, or Java, is not there."""
    if jar is None:
        raise InputError(
            "--validateur hl7 : donnez votre validator_cli.jar avec --jar FICHIER (il n'est pas livré avec le banc)."
        )
    if not jar.is_file():
        raise InputError(f"--jar : {jar} n'existe pas, ou n'est pas un fichier.")
    java = shutil.which("java")
    if java is None:
        raise InputError("--validateur hl7 : java est introuvable. Installez un environnement Java (17 ou plus), puis relancez.")
    return Hl7Validator(jar.absolute(), project, profile if ":" in profile else "", java)


def beside_hl7(verdicts: Iterable[FileVerdict], validator: Hl7Validator) -> Generator[FileVerdict]:
    """The same verdicts, each FHIR file with what the HL7 validator says of it. Neither changes the other."""
    for verdict in verdicts:
        yield _with(verdict, validator.judge(verdict.file)) if verdict.kind.startswith("document.fhir") else verdict


def _with(verdict: FileVerdict, official: OfficialVerdict) -> FileVerdict:
    spoken = [f for f in verdict.findings if f.verdict in (Verdict.NON_CONFORME, Verdict.AVERTISSEMENT)]
    ours = [Finding(check=f.rule, message=f.message, at=element_of(f.at), source=f.source) for f in spoken]
    row: dict[str, Any] = {
        **official.as_dict(),
        "explication": explained(verdict.verdict is not Verdict.NON_CONFORME, official),
        "differences": [asdict(each) for each in differences(ours, official)],
    }
    return replace(verdict, officiel=(*verdict.officiel, row))


def _outcome(answer: Path) -> Mapping[str, Any] | None:
    """The OperationOutcome that it wrote, alone or first of a bundle; None for anything else."""
    try:
        content = json.loads(answer.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return None
    if isinstance(content, dict) and content.get("resourceType") == "Bundle":
        content = next((e.get("resource") for e in content.get("entry", ()) if isinstance(e, dict)), None)
    known = isinstance(content, dict) and content.get("resourceType") == "OperationOutcome"
    return content if known and isinstance(content.get("issue"), list) else None


def _findings(outcome: Mapping[str, Any]) -> Iterator[OfficialFinding]:
    for issue in outcome["issue"]:
        severity = _SEVERITIES.get(str(issue.get("severity"))) if isinstance(issue, dict) else None
        if severity is None:
            continue
        said = issue.get("details", {}).get("text") or issue.get("diagnostics") or issue.get("code", "")
        places = issue.get("expression") or issue.get("location") or ["/"]
        element = element_of(str(places[0]))
        problem = Problem(LAYER, str(said), at=_placed(element, issue))
        yield OfficialFinding(LAYER, LAYER, severity, problem, element)


def _placed(element: str, issue: Mapping[str, Any]) -> str:
    lines = [e.get("valueInteger") for e in issue.get("extension", ()) if str(e.get("url", "")).endswith("issue-line")]
    return f"{element} (ligne {lines[0]})" if lines else element


def element_of(at: str) -> str:
    """A place as both say it: without types (``/*Patient/1*/``, ``.ofType(Patient)``)."""
    return _CAST.sub("", at).strip() or "/"
