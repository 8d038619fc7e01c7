"""Defects of the RAMA: keys, values, envelope, retries, corrections, acknowledgement."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ..alterations import Alteration, Couture
from ..transport import Envoi
from . import registre
from .registre import AVERTISSEMENT, NON_CONFORME

defaut = partial(registre.defaut, theme="rama")
Lignes = list[list[str]]


def _corps(changer: Callable[[dict[str, Any]], Any]) -> Alteration:
    def alterer(corps: dict[str, Any]) -> None:
        changer(corps)

    return alterer


def _depot(nom: str, description: str, check: str, changer: Callable[[dict[str, Any]], Any], exigence: str = "RAMA-03") -> None:
    defaut(nom, description, (Couture.RAMA, _corps(changer)), check=check, exigences=(exigence,), effet=AVERTISSEMENT)


def _fichier(
    nom: str, description: str, check: str, changer: Alteration, effet: str = NON_CONFORME, exigence: str = "RAMA-02"
) -> None:
    defaut(nom, description, (Couture.RAMA_FICHIER, changer), check=check, exigences=(exigence,), effet=effet)


def _regle(nom: str, description: str, check: str, **valeurs: Any) -> None:
    defaut(nom, description, check=check, exigences=("RAMA-03",), effet=AVERTISSEMENT, regles={"sidoba": valeurs})


def _ligne(cle: str, valeur: str) -> Alteration:
    """Another value for a key of the file."""

    def alterer(lignes: Lignes) -> Lignes:
        return [[nom, valeur] if nom == cle else [nom, ancienne] for nom, ancienne in lignes]

    return alterer


def _sans_en_tete(lignes: Lignes) -> Lignes:
    return lignes[1:]


def _sans_obligatoire(lignes: Lignes) -> Lignes:
    return [ligne for ligne in lignes if ligne[0] != "EXEMPLE.SOIN.GMP"]


def _en_minuscules(lignes: Lignes) -> Lignes:
    return [[ligne[0].lower() if ligne[0] == "EXEMPLE.QUAL.EVALUATION" else ligne[0], ligne[1]] for ligne in lignes]


def _repetee(lignes: Lignes) -> Lignes:
    return [*lignes, lignes[1]]


def _en_objet(corps: dict[str, Any]) -> None:
    corps["donnees"] = {str(donnee["cle"]): donnee["valeur"] for donnee in corps["donnees"]}


def _autre_capacite(corps: dict[str, Any]) -> None:
    corps["donnees"][0]["valeur"] = "83"


def _sans_cle(envoi: Envoi) -> None:
    envoi.entetes.pop("Idempotency-Key", None)


_fichier(
    "rama-sans-en-tete",
    "écrit le fichier du RAMA sans sa première ligne",
    "rama.fichier",
    _sans_en_tete,
    AVERTISSEMENT,
    "RAMA-01",
)
_fichier("rama-cle-repetee", "donne deux fois une clé du RAMA", "rama.cles-uniques", _repetee, exigence="RAMA-01")
_fichier("rama-cle-inconnue", "écrit une clé du RAMA en minuscules", "rama.cles-connues", _en_minuscules)
_fichier("rama-cle-manquante", "oublie une clé obligatoire du RAMA", "rama.cles-obligatoires", _sans_obligatoire)
_fichier(
    "rama-virgule-decimale",
    "écrit un nombre du RAMA avec une virgule",
    "rama.valeurs",
    _ligne("EXEMPLE.RES.AGE_MOYEN", "86,4"),
    AVERTISSEMENT,
)
_fichier(
    "rama-total-faux",
    "compte les résidents ailleurs que dans la somme des femmes et des hommes",
    "rama.regles",
    _ligne("EXEMPLE.RES.NB", "80"),
    AVERTISSEMENT,
)
_depot("rama-sans-emetteur", "ne dit pas quel logiciel envoie le RAMA", "rama.enveloppe", lambda corps: corps.pop("emetteur"))
_depot("rama-en-objet", "écrit les données du RAMA comme un objet et non des couples", "rama.cle-valeur", _en_objet, "RAMA-01")
_depot(
    "rama-autre-structure",
    "nomme dans le RAMA un autre établissement que celui de l'appel",
    "rama.structure",
    lambda corps: corps.update(finessEG="990000036"),
)
_depot("rama-exercice-en-texte", "écrit l'exercice comme un texte", "rama.exercice", lambda corps: corps.update(exercice="2025"))
_depot("rama-api-autre-valeur", "envoie par l'API une autre capacité que celle du fichier", "rama.memes-donnees", _autre_capacite)
defaut(
    "rama-sans-idempotence",
    "dépose le RAMA sans clé d'idempotence",
    (Couture.SIDOBA_ENVOI, _sans_cle),
    check="rama.idempotence",
    exigences=("RAMA-03",),
    effet=AVERTISSEMENT,
)
_regle("rama-double-essai", "change de clé d'idempotence à chaque essai", "rama.renvoi", meme_cle_au_renvoi=False)
_regle("rama-correction-initiale", "envoie une correction du RAMA comme un premier dépôt", "rama.rectificatif", rectifie=False)
_regle(
    "rama-correction-meme-cle",
    "envoie une correction du RAMA sous la clé du dépôt corrigé",
    "rama.rectificatif",
    nouvelle_cle_a_la_correction=False,
)
_regle("rama-correction-oubliee", "renvoie le RAMA sans la valeur corrigée", "rama.correction", corrige=False)
_regle("rama-accuse-ignore", "tient le RAMA pour accepté sans lire l'accusé", "rama.accuse-lu", lit_l_accuse=False)
_regle("rama-accuse-harcele", "relit cinquante fois de suite un accusé qui tarde", "rama.accuse-borne", lectures_max=50)
