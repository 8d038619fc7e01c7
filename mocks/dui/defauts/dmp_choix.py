"""Defects of what the user chooses and sees: visibility, deposits by hand, history, failures."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..alterations import Couture
from . import registre
from .registre import AVERTISSEMENT
from .retouches import retirer, si_present

_VISIBILITE, _MANUEL, _HISTORIQUE = ("DMP-ALIM-10",), ("DMP-ALIM-11",), ("DMP-ALIM-12",)
_DEJA, _ECHEC = ("DMP-ALIM-09",), ("DMP-ALIM-19",)
_AUTEUR = "//rim:Classification[@classifiedObject='Doc01'][rim:Slot[@name='authorPerson']//rim:Value[starts-with(., '3')]]"

defaut = partial(registre.defaut, theme="alimentation")


def _choix(nom: str, description: str, check: str, exigences: tuple[str, ...], **valeurs: Any) -> None:
    defaut(nom, description, check=check, exigences=exigences, regles={"alimentation": valeurs})


_choix(
    "choix-visibilite-oubliee",
    "dépose visible un document que l'utilisateur a voulu cacher",
    "dmp.alimentation.visibility",
    _VISIBILITE,
    reporte_la_visibilite=False,
)
_choix(
    "choix-visibilite-confondue",
    "masque aux professionnels ce qui devait être invisible à l'usager",
    "dmp.alimentation.visibility",
    _VISIBILITE,
    masque_au_lieu_de_cacher=True,
)
_choix(
    "choix-visibilite-repetee",
    "répète pour les documents suivants la visibilité choisie pour un seul",
    "dmp.alimentation.visibility",
    _VISIBILITE,
    repete_la_visibilite=True,
)
_choix(
    "choix-envoi-manuel-sans-effet",
    "n'envoie pas un document que l'utilisateur demande d'envoyer",
    "attendu.dmp",
    _MANUEL,
    envoi_manuel=False,
)
_choix(
    "choix-historique-date-du-jour",
    "date de son envoi un document de l'historique",
    "dmp.alimentation.dated-of-act",
    _HISTORIQUE,
    date_de_l_acte=False,
)
defaut(
    "choix-auteur-sans-structure",
    "ne complète pas par sa structure un auteur sans numéro RPPS",
    (Couture.XDS, si_present(_AUTEUR, retirer(f"{_AUTEUR}/rim:Slot[@name='authorInstitution']"))),
    check="dmp.alimentation.author-completed",
    exigences=_HISTORIQUE,
)
_choix("choix-renvoi-du-depose", "renvoie au DMP un document qui y est déjà", "absent.dmp", _DEJA, renvoie_le_depose=True)
defaut(
    "choix-refus-retente",
    "renvoie tel quel un dépôt que le DMP a refusé",
    check="dmp.suite.refusal-not-retried",
    exigences=_ECHEC,
    effet=AVERTISSEMENT,
    regles={"envoi": {"retente_un_refus": True}},
)
_choix(
    "choix-echec-cache", "montre comme déposé un document refusé", "dmp.alimentation.failure-shown", _ECHEC, montre_l_echec=False
)
_choix(
    "choix-echec-non-compte",
    "ne compte pas les échecs du DMP dans le choix montré",
    "dmp.alimentation.failure-counted",
    _ECHEC,
    compte_les_echecs=False,
)
defaut(
    "choix-sans-dmp-montre-depose",
    "montre comme déposé le document d'un usager qui n'a pas de DMP",
    check="dmp.alimentation.no-false-success",
    exigences=_ECHEC,
    regles={"envoi": {"sans_dmp_vaut_succes": True}},
)
