"""Defects of the dashboard: what it leaves out, or counts wrongly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ..alterations import Couture
from . import registre

defaut = partial(registre.defaut, theme="tableau de bord")
Lignes = list[list[str]]


def _regle(nom: str, description: str, check: str, *exigences: str, **regles: Any) -> None:
    valeurs: Mapping[str, Any] = regles
    defaut(f"tableau-{nom}", description, check=f"tableau.{check}", exigences=exigences, regles={"tableau": valeurs})


def _lignes(nom: str, description: str, check: str, changer: Callable[[Lignes], Lignes], *exigences: str) -> None:
    defaut(f"tableau-{nom}", description, (Couture.TABLEAU, changer), check=f"tableau.{check}", exigences=exigences)


_regle("sans-annee-precedente", "ne montre pas l'année précédente", "periods", "TBB-01", annee_precedente=False)
_regle("sans-type", "ne distingue pas les types de document", "axes", "TBB-02", donne_le_type=False)
_regle("sans-finess", "n'écrit pas le FINESS de l'établissement", "axes", "TBB-02", donne_le_finess=False)
_regle("sans-ins", "compte toutes les identités comme qualifiées", "identities", "TBB-02", separe_les_ins=False)
_regle("envois-doubles", "compte deux fois chaque envoi", "same-as-observed", "TBB-04", double_les_envois=True)
_regle("sans-echecs", "ne compte pas les échecs", "same-as-observed", "TBB-03", compte_les_echecs=False)
_regle(
    "usager-confondu",
    "compte les messages aux usagers avec ceux aux professionnels",
    "same-as-observed",
    "TBB-04",
    separe_l_usager=False,
)


def _par_envoi(changer: Callable[[list[str]], list[str]]) -> Callable[[Lignes], Lignes]:
    """Change the lines of the layout of one line a send."""
    return lambda lignes: [lignes[0], *map(changer, lignes[1:])] if lignes[0][0] == "Date" else lignes


def _par_mois(changer: Callable[[list[str]], list[str]]) -> Callable[[Lignes], Lignes]:
    """Change the lines of the layout of one column a month."""
    return lambda lignes: lignes if lignes[0][0] == "Date" else [*lignes[:2], *map(changer, lignes[2:])]


_lignes(
    "finess-court", "écrit le FINESS sans son zéro de tête", "finess", _par_envoi(lambda r: [r[0], r[1][1:], *r[2:]]), "TBB-02"
)
_lignes(
    "mois-decale",
    "ne compte pas les envois du mois courant dans le tableau mensuel",
    "same-as-observed",
    _par_mois(lambda r: [r[0], *("0" if rang == len(r) - 4 else v for rang, v in enumerate(r[1:]))]),
    "TBB-04",
)
_lignes(
    "dmp-toujours-en-echec",
    "écrit « échec » pour chaque envoi au DMP",
    "dmp-not-null",
    _par_envoi(lambda r: [*r[:5], "échec" if r[3] == "DMP" else r[5], *r[6:]]),
    "TBB-06",
)
_lignes(
    "mss-toujours-en-echec",
    "écrit « échec » pour chaque message",
    "mss-not-null",
    _par_envoi(lambda r: [*r[:5], r[5] if r[3] == "DMP" else "échec", *r[6:]]),
    "TBB-07",
)
_lignes(
    "indicateur-oublie",
    "oublie l'indicateur des échecs du DMP",
    "axes",
    lambda lignes: [r for r in lignes if r[0] != "DMP : échecs"],
    "TBB-02",
)
