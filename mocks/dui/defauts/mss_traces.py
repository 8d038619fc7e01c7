"""Defects of the traces of mail: what is missing from them, what should not be there."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..alterations import Couture
from ..mss_traces import TraceMss
from . import registre

defaut = partial(registre.defaut, theme="MSSanté : traces", exigences=("MSS-21",))


def _regle(nom: str, description: str, check: str, **valeurs: Any) -> None:
    defaut(f"traces-mss-{nom}", description, check=f"mss.traces.{check}", regles={"mss": valeurs})


def _efface(*noms: str) -> Any:
    def alterer(trace: TraceMss) -> None:
        for nom in noms:
            setattr(trace, nom, "")

    return alterer


def _compte_technique(trace: TraceMss) -> None:
    trace.utilisateur = "service-messagerie"


_regle("aucune", "ne trace pas la messagerie", "sends", trace=False)
_regle("sans-echec", "ne trace que les envois réussis", "failures", trace_les_echecs=False)
_regle("sans-suppression", "ne trace pas les suppressions", "deletions", trace_les_suppressions=False)
_regle("avec-contenu", "écrit le corps du message dans la trace", "no-content", trace_le_contenu=True)
for _nom, _description, _check, _alteration in (
    ("compte-technique", "trace le compte technique au lieu de l'utilisateur", "user", _compte_technique),
    ("sans-date", "n'écrit pas la date dans la trace", "dated", _efface("date")),
    ("sans-reponse", "n'écrit pas la réponse du serveur dans la trace", "exchange", _efface("demande")),
):
    defaut(f"traces-mss-{_nom}", _description, (Couture.MSS_TRACE, _alteration), check=f"mss.traces.{_check}")
