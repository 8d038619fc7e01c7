"""Defects of whom mails are sent to: identities, oppositions, addresses typed."""

from __future__ import annotations

from functools import partial
from typing import Any

from . import registre

defaut = partial(registre.defaut, theme="MSSanté : usagers et oppositions", check="absent.mss")


def _regle(nom: str, description: str, exigence: str, **valeurs: Any) -> None:
    defaut(f"mss-usager-{nom}", description, exigences=(exigence,), regles={"mss": valeurs})


_regle("non-qualifie", "écrit à un usager dont l'INS n'est pas qualifiée", "MSS-10", exige_ins_qualifiee=False)
_regle("oppose", "écrit à un usager qui s'y oppose", "MSS-10", respecte_opposition_usager=False)
_regle(
    "opposition-pro",
    "envoie à un professionnel malgré l'opposition de l'usager",
    "MSS-11",
    respecte_opposition_professionnel=False,
)
_regle("saisi-a-la-main", "envoie les documents d'un usager à l'adresse d'un autre", "MSS-10", usager_de_la_base=False)
