"""The statuses of an orientation, their reasons (ASS_A32) and the provisional order of statuses: data of ``codes.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

CLOSED = frozenset({"37", "46", "48", "49"})
"""Statuses after which nothing is expected from the establishment."""


@dataclass(frozen=True, slots=True)
class Codes:
    """``esms`` and ``unite``: labels by status; ``motifs``: the reasons of a status, one being mandatory where there are some.

    ``automate``, ``emetteur`` and ``paires`` are inferred: what follows a status, which an establishment may send, which
    unit status goes with which status of the establishment.
    """

    esms: Mapping[str, str]
    unite: Mapping[str, str]
    motifs: Mapping[str, tuple[str, ...]]
    automate: Mapping[str, tuple[str, ...]]
    emetteur: frozenset[str]
    paires: Mapping[str, tuple[str, ...]]
    systeme_statut: str
    systeme_motif: str
    systeme_input: str
    association: str

    def label(self, status: str) -> str:
        """``45 (Admission impossible signalée)``; the code alone when it is unknown."""
        known = self.esms.get(status) or self.unite.get(status)
        return f"{status} ({known})" if known else status


@cache
def codes() -> Codes:
    """The codes, read once."""
    content = tomllib.loads((resources.files(__package__) / "codes.toml").read_text(encoding="utf-8"))
    lists = {name: {k: tuple(v) for k, v in content[name].items()} for name in ("motifs", "automate", "paires")}
    return Codes(
        esms=content["esms"],
        unite=content["unite"],
        emetteur=frozenset(content["emetteur"]["esms"]),
        systeme_statut=content["systeme_statut"],
        systeme_motif=content["systeme_motif"],
        systeme_input=content["systeme_input"],
        association=content["association"],
        **lists,
    )
