"""Defects of the note de vaccination filled from the drug base: what is not taken from it."""

from __future__ import annotations

from functools import partial

from . import registre

defaut = partial(registre.defaut, theme="base-medicaments")


def _vaccin(nom: str, description: str, regle: str) -> None:
    defaut(
        f"base-medicaments-{nom}",
        description,
        check="vaccination.filled-from-drug-base",
        exigences=("VAC-03",),
        regles={"vaccin": {regle: False}},
    )


_vaccin("autre-cis", "écrit dans la note le code CIS d'un autre vaccin que celui dont le code CIP a été choisi", "lit_le_cis")
_vaccin("autre-nom", "écrit dans la note le nom de la classe du vaccin choisi au lieu de sa dénomination", "lit_le_nom")
_vaccin("classe-large", "écrit dans la note la classe ATC de tous les vaccins au lieu de celle du vaccin choisi", "lit_la_classe")
_vaccin("lot-perdu", "oublie le numéro de lot saisi pour le vaccin choisi", "garde_le_lot")
