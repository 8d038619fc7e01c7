"""ViaTrajectoire: polling. How far back, nothing missed, each decision read once, what a failure leaves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..validation.sdo.call import DECISION, DECISIONS, PAGE, SEARCHES, Instant, SdoCall, SdoSearch
from .registry import check

IG = "SDO 4.0.7"
VT01 = ("VT-01",)
MOIS = timedelta(days=30)
VEILLE = timedelta(days=1, hours=6)
_AT = "paramètre _lastUpdated"


def _instant(search: SdoSearch) -> Instant:
    if search.instant is None:
        raise Inconclusive("la recherche ne porte pas _lastUpdated")
    return search.instant


@check("sdo.releve.trente-jours", covers=("VT-11",), source=f"{IG}, flux 1 : première connexion, J-30 au plus", confidence="vu")
def first_poll_goes_back_a_month_at_most(search: SdoSearch) -> Evidence:
    """La première relève remonte à trente jours au plus."""
    instant = _instant(search)
    if instant.time is None:
        raise Inconclusive("_lastUpdated n'est pas un instant")
    back = search.moment - instant.time
    if back > MOIS + timedelta(minutes=10):
        raise CheckFailed(
            "Première relève qui remonte à plus de trente jours",
            expected="trente jours au plus",
            received=f"{back.days} jours",
            at=_AT,
            hint="La reprise plus ancienne se fait avec le référent ViaTrajectoire, pas par la relève.",
        )
    return Evidence(at=_AT, note=f"{back.days} jours")


@check("sdo.releve.veille", covers=VT01, source=f"{IG}, flux 1 : recherche nominale à J-1", confidence="vu")
def polls_go_back_a_day(searches: Sequence[SdoSearch]) -> Evidence:
    """Une relève courante remonte d'un jour environ avant la précédente, pas davantage."""
    former, last = _two(searches)
    assert last.instant is not None
    back = former.moment - last.instant.time if last.instant.time is not None else timedelta()
    if back > VEILLE:
        raise CheckFailed(
            "Relève courante qui remonte trop loin",
            expected="un jour avant la relève précédente",
            received=f"{back.days} jours avant",
            at=_AT,
            hint="Après la première connexion, repartir de la veille : le serveur rend sinon tout, chaque fois.",
        )
    return Evidence(at=_AT)


@check("sdo.releve.sans-trou", covers=VT01, source=f"{IG}, flux 1 : aucune décision perdue entre deux relèves", confidence="vu")
def nothing_is_missed_between_polls(searches: Sequence[SdoSearch]) -> Evidence:
    """La borne d'une relève n'est pas après le début de la dernière relève réussie : rien ne se perd entre deux."""
    ended, last = _two(searches)
    assert last.instant is not None
    if last.instant.time is None:
        raise Inconclusive("_lastUpdated n'est pas un instant")
    if last.instant.time > ended.moment + timedelta(seconds=1):
        failed = any(s.status >= 300 for s in searches if ended.moment <= s.moment <= last.moment and s.id != last.id)
        raise CheckFailed(
            "Période perdue après une relève en échec" if failed else "Période perdue entre deux relèves",
            expected=f"une borne au plus tard à {ended.moment.isoformat(timespec='seconds')}",
            received=last.instant.text,
            at=_AT,
            hint="N'avancer la borne qu'après une relève réussie, et repartir d'avant elle.",
        )
    return Evidence(at=_AT)


def _two(searches: Sequence[SdoSearch]) -> tuple[SdoSearch, SdoSearch]:
    """The last search, and the last one that succeeded before it and is of the same kind."""
    last = searches[-1] if searches else None
    if last is None or last.instant is None:
        raise Inconclusive("aucune recherche avec _lastUpdated")
    before = [s for s in searches[:-1] if s.kind == last.kind and s.status == 200]
    if not before:
        raise Inconclusive("une seule relève réussie : rien à comparer")
    return before[-1], last


def _decisions(calls: Sequence[SdoCall]) -> list[str]:
    """The identifiers given by searches of decisions and their pages."""
    found = [c for c in calls if c.kind in (DECISIONS, PAGE) and c.served]
    return list(dict.fromkeys(str(i) for c in found for i in c.facts.get("rendus", ()) if str(i).startswith("dec-")))


def _read(calls: Sequence[SdoCall]) -> list[str]:
    return [c.path.rstrip("/").rpartition("/")[2] for c in calls if c.kind == DECISION]


@check("sdo.releve.tout-lire", covers=VT01, source=f"{IG}, flux 1.3 : un GET par identifiant (SDO-04)", confidence="vu")
def each_decision_found_is_read(calls: Sequence[SdoCall]) -> Evidence:
    """Chaque décision que la recherche rend est lue."""
    found, read = _decisions(calls), set(_read(calls))
    if not found:
        raise Inconclusive("la recherche n'a rendu aucune décision")
    missing = [i for i in found if i not in read]
    if missing:
        raise CheckFailed(
            "Décisions trouvées et jamais lues",
            expected=f"{len(found)} lectures",
            received=f"{len(found) - len(missing)} lecture(s)",
            at="lectures de décisions",
            hint="La recherche ne rend que des identifiants : lire chacun par GET DocumentReference/[id].",
        )
    return Evidence(at="lectures de décisions", fired=len(found))


@check("sdo.releve.lire-une-fois", covers=VT01, source=f"{IG}, flux 1.3 : un GET par identifiant (SDO-04)", confidence="vu")
def each_decision_is_read_once(calls: Sequence[SdoCall]) -> Evidence:
    """Une décision se lit une fois, non plusieurs."""
    read = _read([c for c in calls if c.served])
    if not read:
        raise Inconclusive("aucune décision n'a été lue")
    repeated = {i: read.count(i) for i in read if read.count(i) > 1}
    if repeated:
        raise CheckFailed(
            "Décision lue plusieurs fois",
            expected="une lecture par décision",
            received=f"{max(repeated.values())} lectures de la même décision",
            at="lectures de décisions",
            hint="Retenir les décisions déjà lues : la recherche de la veille les rend encore.",
        )
    return Evidence(at="lectures de décisions", fired=len(read))


@check("sdo.releve.pages", covers=VT01, source="FHIR R4, §3.1.1.4 Paging ; le guide n'en dit rien", confidence="infere")
def pages_are_followed(calls: Sequence[SdoCall]) -> Evidence:
    """Un résultat en plusieurs pages est lu jusqu'à la dernière (lien next)."""
    searches = [c for c in calls if c.kind in (*SEARCHES, PAGE) and c.served]
    if not any(c.facts.get("suite") for c in searches):
        raise Inconclusive("aucun résultat ne tenait sur plusieurs pages")
    if searches[-1].facts.get("suite") or not any(c.kind == PAGE for c in searches):
        raise CheckFailed(
            "Pages suivantes ignorées",
            expected="le lien next suivi jusqu'au bout",
            received="la première page seule",
            at="résultat de recherche, lien next",
            hint="Suivre Bundle.link de relation next tant qu'il y en a un.",
        )
    return Evidence(at="résultat de recherche, lien next")


@check("sdo.releve.vide", covers=VT01, source=f"{IG}, flux 1.2 et 5.2 : zéro ressource est un résultat (SDO-13)", confidence="vu")
def empty_result_is_no_error(attempt: Geste, calls: Sequence[SdoCall]) -> Evidence:
    """Un résultat vide n'est pas une erreur : la relève aboutit."""
    empty = [c for c in calls if c.kind in SEARCHES and c.served and c.facts.get("total") == 0]
    if not empty:
        raise Inconclusive("aucune recherche n'a rendu un résultat vide")
    if not attempt.fait:
        raise CheckFailed(
            "Résultat vide pris pour une erreur",
            expected="une relève aboutie, sans nouveauté",
            received=attempt.resultat.message if attempt.resultat else "geste non terminé",
            at=attempt.id,
            hint="Un Bundle searchset sans entry est la réponse ordinaire quand il n'y a rien de neuf.",
        )
    return Evidence(at=attempt.id)


@check("sdo.releve.panne-annoncee", covers=VT01, source="SDO-12 du plan d'essai : la panne est montrée", confidence="infere")
def failure_is_told(attempt: Geste, calls: Sequence[SdoCall]) -> Evidence:
    """Une relève en échec est montrée comme telle, et le DUI reste utilisable."""
    if all(c.served and not c.panne for c in calls):
        raise Inconclusive("aucun appel n'a échoué")
    if attempt.fait and not attempt.observation("alerte"):
        raise CheckFailed(
            "Relève en échec annoncée comme réussie",
            expected="un geste refusé, ou une alerte montrée",
            received="geste fait, sans alerte",
            at=attempt.id,
            hint="Ne pas confondre l'absence de réponse et l'absence de nouveauté.",
        )
    return Evidence(at=attempt.id)
