"""Defects of the requests to ViaTrajectoire and of its polling."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from urllib.parse import quote, unquote

from ..alterations import Alteration, Couture
from ..sdo_client import AppelSdo
from . import registre
from .registre import AVERTISSEMENT

_VT01 = ("VT-01",)
defaut = partial(registre.defaut, theme="sdo-releve")


def _regle(nom: str, description: str, check: str, effet: str = registre.NON_CONFORME, **valeurs: object) -> None:
    exigences = ("VT-11",) if check == "sdo.releve.trente-jours" else _VT01
    defaut(nom, description, check=check, exigences=exigences, effet=effet, regles={"sdo": valeurs})


def _requete(nom: str, description: str, check: str, alteration: Alteration, exigences: tuple[str, ...] = _VT01) -> None:
    defaut(nom, description, (Couture.SDO_APPEL, alteration), check=check, exigences=exigences)


def _instant(change: Callable[[str], str]) -> Alteration:
    """Change ``_lastUpdated``, from its readable form to what is sent."""

    def alterer(appel: AppelSdo) -> None:
        appel.requete = [(n, change(unquote(v)) if n == "_lastUpdated" else v) for n, v in appel.requete]

    return alterer


def _parametre(sorte: str, nom: str, valeur: str | None) -> Alteration:
    """Set a parameter of the calls of one flow, or take it away (None)."""

    def alterer(appel: AppelSdo) -> None:
        if appel.sorte != sorte:
            return
        appel.requete = [(n, v) for n, v in appel.requete if n != nom]
        if valeur is not None:
            appel.requete.append((nom, valeur))

    return alterer


def _accepte_tout(appel: AppelSdo) -> None:
    appel.entetes["Accept"] = "text/html"


for _nom, _dit, _check, _change in (
    ("vt-plus-nu", "laisse le + du fuseau sans l'encoder", "sdo.requete.instant-encode", lambda t: t),
    ("vt-instant-sans-fuseau", "date la relève sans fuseau", "sdo.requete.instant-complet", lambda t: quote(t[: t.rindex("+")])),
    ("vt-instant-sans-heure", "date la relève du jour seul", "sdo.requete.instant-complet", lambda t: t[: t.index("T")]),
    ("vt-prefixe-ge", "emploie le préfixe ge", "sdo.requete.prefixe", lambda t: quote(f"ge{t[2:]}", safe="")),
):
    _requete(_nom, _dit, _check, _instant(_change))

for _nom, _dit, _check, _sorte, _parametre_change, _valeur, _exigences in (
    ("vt-decisions-sans-type", "cherche les décisions sans type", "sdo.requete.decisions", "decisions", "type", None, _VT01),
    (
        "vt-decisions-sans-borne",
        "cherche les décisions sans borne",
        "sdo.requete.decisions",
        "decisions",
        "_lastUpdated",
        None,
        _VT01,
    ),
    (
        "vt-decisions-entieres",
        "cherche les décisions sans _elements=id",
        "sdo.requete.decisions",
        "decisions",
        "_elements",
        None,
        _VT01,
    ),
    ("vt-decisions-comptees", "ajoute _count à la recherche", "sdo.requete.decisions", "decisions", "_count", "10", _VT01),
    (
        "vt-notifications-filtrees",
        "filtre les notifications par statut",
        "sdo.requete.notifications",
        "notifications",
        "status",
        "completed",
        ("VT-07",),
    ),
    ("vt-lecture-partielle", "lit la décision avec _elements", "sdo.requete.lecture", "decision", "_elements", "id", ("VT-02",)),
):
    _requete(_nom, _dit, _check, _parametre(_sorte, _parametre_change, _valeur), _exigences)
_requete("vt-accept-html", "demande du HTML à ViaTrajectoire", "sdo.requete.accept", _accepte_tout)


def _par_post(appel: AppelSdo) -> None:
    if appel.sorte == "notifications":
        appel.methode, appel.url = "POST", f"{appel.url}/_search"


_requete(
    "vt-recherche-par-post",
    "cherche les notifications par POST _search",
    "sdo.requete.operation-prevue",
    _par_post,
    ("VT-07",),
)
_regle(
    "vt-premiere-releve-de-deux-mois",
    "remonte à deux mois à la première relève",
    "sdo.releve.trente-jours",
    recul_initial=timedelta(days=60),
)
_regle(
    "vt-releve-de-quinze-jours",
    "remonte à quinze jours à chaque relève",
    "sdo.releve.veille",
    AVERTISSEMENT,
    recul=timedelta(days=15),
)
_regle("vt-releve-a-trous", "repart de maintenant à chaque relève", "sdo.releve.sans-trou", repart_de_maintenant=True)
_regle(
    "vt-panne-qui-avance",
    "avance la borne malgré une relève en échec",
    "sdo.releve.sans-trou",
    avance_malgre_la_panne=True,
)
_regle("vt-premiere-decision-seule", "ne lit que la première décision trouvée", "sdo.releve.tout-lire", lit_tout=False)
_regle("vt-decision-lue-deux-fois", "lit deux fois chaque décision", "sdo.releve.lire-une-fois", lectures=2)
_regle("vt-sans-evenements", "ne relève jamais les événements", "attendu.viatrajectoire", releve_les_evenements=False)
_regle("vt-premiere-page-seule", "ne lit que la première page", "sdo.releve.pages", AVERTISSEMENT, suit_les_pages=False)
_regle("vt-vide-en-erreur", "prend un résultat vide pour une erreur", "sdo.releve.vide", accepte_le_vide=False)
_regle(
    "vt-panne-tue",
    "annonce comme réussie une relève en échec",
    "sdo.releve.panne-annoncee",
    AVERTISSEMENT,
    annonce_les_pannes=False,
)
