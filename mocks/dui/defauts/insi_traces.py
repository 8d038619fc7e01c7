"""Defects of the traces of calls to INSi and of accesses to the INS."""

from __future__ import annotations

from functools import partial
from typing import Any

from . import registre

defaut = partial(registre.defaut, theme="insi-traces")


def _regle(nom: str, description: str, check: str, **valeurs: Any) -> None:
    """A defect of behaviour."""
    defaut(nom, description, check=check, exigences=("INS-14",), regles={"ins": valeurs})


_regle(
    "insi-traces-sans-les-echecs",
    "ne trace pas les appels auxquels INSi répond une erreur",
    "ins.traces-hold-calls",
    trace_les_echecs=False,
)
_regle("insi-traces-sans-code", "trace les appels à INSi sans le code rendu", "ins.traces-hold-codes", trace_le_code=False)
_regle(
    "insi-traces-sans-utilisateur",
    "trace les appels à INSi au nom du logiciel",
    "ins.traces-name-user",
    trace_l_utilisateur=False,
)
_regle("insi-traces-sans-heure", "trace la date des appels à INSi, sans l'heure", "ins.traces-dated", trace_a_l_heure=False)
_regle("insi-traces-sans-acces", "ne trace pas les accès à l'INS", "ins.traces-hold-accesses", trace_les_acces=False)
