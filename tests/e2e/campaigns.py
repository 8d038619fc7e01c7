"""What a campaign folder says, in the form that tests compare."""

from __future__ import annotations

from pathlib import Path

from dui_conformance.reports.model import load_campaign

Verdicts = dict[str, tuple[str, tuple[tuple[str, str], ...]]]
ONCE = frozenset({"oidc.discovery-wallet-name"})
"""Judged in the scenario where the DUI happens to read the discovery document: once in the life of its process."""


def verdicts(folder: Path) -> Verdicts:
    """Scenario → its verdict and those of its checks."""
    return {
        s.id: (s.verdict.value, tuple((j.controle, j.verdict.value) for j in s.controles if j.controle not in ONCE))
        for s in load_campaign(folder).scenarios
    }


def gestures(folder: Path) -> set[str]:
    """Names of the gestures that were asked for."""
    return {e.data["nom"] for e in load_campaign(folder).archive.of_type("geste")}
