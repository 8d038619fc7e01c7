"""Defects of the use of the Annuaire Santé: key, criteria, pages, quota, and what is proposed to the user."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..alterations import Couture
from ..mss_annuaire import Demande
from . import registre
from .registre import AVERTISSEMENT, NON_CONFORME

defaut = partial(registre.defaut, theme="Annuaire Santé", exigences=("MSS-08",))


def _regle(nom: str, description: str, check: str, *, effet: str = NON_CONFORME, **valeurs: Any) -> None:
    defaut(nom, description, check=check, effet=effet, regles={"annuaire": valeurs})


_regle("annuaire-cle-dans-l-adresse", "met la clé d'API dans l'adresse", "annuaire.key-in-header", cle_en_entete=False)
_regle("annuaire-premiere-page", "ne lit que la première page de résultats", "annuaire.all-pages", suit_les_pages=False)
_regle(
    "annuaire-nom-seulement",
    "ne cherche que par le nom, quels que soient les critères saisis",
    "annuaire.criterion-sent",
    utilise_les_criteres=False,
)
_regle(
    "annuaire-parametres-inventes",
    "emploie des paramètres que l'API ne connaît pas",
    "annuaire.known-parameters",
    parametres_connus=False,
)
_regle(
    "annuaire-une-adresse",
    "ne propose que la première adresse trouvée",
    "annuaire.shows-every-address",
    montre_toutes_les_adresses=False,
)
_regle("annuaire-tout-courriel", "propose aussi les courriels hors MSSanté", "annuaire.only-mss", ignore_les_courriels=False)
_regle("annuaire-liste-rouge", "propose les boîtes en liste rouge", "annuaire.no-red-list", ignore_la_liste_rouge=False)
_regle("annuaire-inactifs", "propose les boîtes de qui n'exerce plus", "annuaire.no-inactive", ignore_les_inactifs=False)
_regle(
    "annuaire-quota-ignore", "rappelle aussitôt après un quota dépassé", "annuaire.waits-after-quota", attend_apres_quota=False
)
_regle(
    "annuaire-panne-tue",
    "montre une panne de l'annuaire comme une liste vide",
    "annuaire.outage-announced",
    annonce_la_panne=False,
)
_regle(
    "annuaire-adresse-perimee",
    "envoie à une adresse de l'annuaire sans l'y relire",
    "annuaire.checked-before-send",
    effet=AVERTISSEMENT,
    verifie_avant_envoi=False,
)


def _sans_specialite(demande: Demande) -> None:
    demande.parametres = [(nom, valeur) for nom, valeur in demande.parametres if not valeur.startswith("SM")]


defaut(
    "annuaire-specialite-oubliee",
    "ne cherche pas la spécialité saisie",
    (Couture.ANNUAIRE, _sans_specialite),
    check="annuaire.criterion-sent",
)
