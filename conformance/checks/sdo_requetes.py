"""ViaTrajectoire: the requests of flows 1, 3 and 5, as they are on the wire."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..validation.sdo.call import DECISION, DECISIONS, EVALUATION, NOTIFICATIONS, Instant, SdoCall, SdoSearch
from .registry import check

IG = "SDO 4.0.7"
VT01 = ("VT-01",)
_AT = "paramètre _lastUpdated"
_ACCEPTED = ("application/fhir+json", "application/fhir+xml")


def _instant(search: SdoSearch) -> Instant:
    if search.instant is None:
        raise Inconclusive("la recherche ne porte pas _lastUpdated")
    return search.instant


@check("sdo.requete.instant-encode", covers=VT01, source=f"{IG}, flux 1 et 5 (depuis 4.0.3) : + s'écrit %2B", confidence="vu")
def plus_of_the_zone_is_encoded(search: SdoSearch) -> Evidence:
    """Le + du fuseau d'un instant s'écrit %2B dans l'adresse : nu, il se lit comme une espace."""
    instant = _instant(search)
    if instant.bare_plus:
        raise CheckFailed(
            "+ non encodé dans un instant",
            expected=instant.raw.replace("+", "%2B"),
            received=f"{instant.raw}, lu « {instant.decoded} » par le serveur",
            at=f"{search.kind.rpartition('.')[2]}, {_AT}",
            hint="Encoder la valeur entière du paramètre (percent-encoding), ou dater en UTC avec Z.",
        )
    return Evidence(at=_AT, note=instant.raw)


@check("sdo.requete.instant-complet", covers=VT01, source=f"{IG}, flux 1 et 5 (depuis 4.0.3) : instant complet", confidence="vu")
def instant_has_time_and_zone(search: SdoSearch) -> Evidence:
    """_lastUpdated porte une date, une heure jusqu'à la seconde et un fuseau."""
    instant = _instant(search)
    if instant.bare_plus:
        raise Inconclusive("l'instant est illisible : son + n'est pas encodé")
    if instant.time is None:
        missing = "Fuseau absent de l'instant" if "T" in instant.text else "Heure absente de l'instant"
        raise CheckFailed(
            missing,
            expected="gtAAAA-MM-JJThh:mm:ss.sss%2Bhh:mm",
            received=instant.decoded,
            at=f"{search.kind.rpartition('.')[2]}, {_AT}",
            hint="Donner l'instant complet ; sans fuseau, deux serveurs le comprendraient différemment.",
        )
    return Evidence(at=_AT, note=instant.text)


@check("sdo.requete.prefixe", covers=VT01, source=f"{IG}, flux 1 et 5 : préfixe gt", confidence="vu")
def prefix_is_gt(search: SdoSearch) -> Evidence:
    """_lastUpdated porte le préfixe gt."""
    instant = _instant(search)
    if instant.prefix != "gt":
        raise CheckFailed(
            "Préfixe de _lastUpdated inattendu",
            expected="gt devant l'instant",
            received=instant.decoded,
            at=f"{search.kind.rpartition('.')[2]}, {_AT}",
            hint="Le guide demande gt (strictement après) pour les flux 1.1 et 5.1.",
        )
    return Evidence(at=_AT)


@check("sdo.requete.decisions", covers=VT01, source=f"{IG}, flux 1.1 : type, _lastUpdated, _elements", confidence="vu")
def decisions_are_searched_as_told(search: SdoSearch) -> Evidence:
    """La recherche de décisions porte trois paramètres : type=57830-2, _lastUpdated et _elements=id."""
    _only(search, DECISIONS)
    return _parameters(search, {"type": "57830-2", "_lastUpdated": "", "_elements": "id"})


@check("sdo.requete.notifications", covers=("VT-07",), source=f"{IG}, flux 5.1 : _lastUpdated seul", confidence="vu")
def notifications_are_searched_as_told(search: SdoSearch) -> Evidence:
    """La recherche de notifications porte un seul paramètre, _lastUpdated."""
    _only(search, NOTIFICATIONS)
    return _parameters(search, {"_lastUpdated": ""})


@check("sdo.requete.evaluation", covers=("VT-04",), source=f"{IG}, flux 3.1 : identifier et type", confidence="vu")
def evaluation_is_searched_as_told(search: SdoSearch) -> Evidence:
    """La recherche de l'évaluation porte l'identifiant national de la décision et type=51848-0, sans _elements."""
    _only(search, EVALUATION)
    return _parameters(search, {"identifier": "", "type": "51848-0"})


def _only(search: SdoSearch, kind: str) -> None:
    if search.kind != kind:
        raise Inconclusive(f"cette recherche n'est pas de la sorte {kind}")


def _parameters(search: SdoSearch, wanted: dict[str, str]) -> Evidence:
    """Each wanted parameter, with its value where one is fixed (a token may name its system), and no other."""
    what = search.kind.rpartition(".")[2]
    for name, value in wanted.items():
        received = search[name]
        if name not in search.names or (value and received.rpartition("|")[2] != value) or not received:
            raise CheckFailed(
                "Paramètre absent ou inattendu",
                expected=f"{name}={value or '…'}",
                received=f"{name}={received}" if name in search.names else "absent",
                at=f"{what}, paramètre {name}",
                hint="Les paramètres de chaque flux sont tous obligatoires : reprendre ceux du guide.",
            )
    for name in sorted(search.names - set(wanted) - {"_format"}):
        raise CheckFailed(
            "Paramètre de trop",
            expected=", ".join(wanted),
            received=f"{name}={search[name]}",
            at=f"{what}, paramètre {name}",
            hint="Le guide n'en prévoit pas d'autre : le serveur peut refuser la recherche.",
        )
    return Evidence(at=f"{what}, paramètres", fired=len(wanted))


@check("sdo.requete.lecture", covers=("VT-02",), source=f"{IG}, flux 1.3 : lecture sans paramètre", confidence="vu")
def decision_is_read_whole(call: SdoCall) -> Evidence:
    """La décision se lit entière : GET DocumentReference/[id], sans paramètre."""
    if call.kind != DECISION:
        raise Inconclusive("cet appel n'est pas la lecture d'une décision")
    if call.query:
        raise CheckFailed(
            "Lecture d'une décision avec des paramètres",
            expected="aucun paramètre",
            received=call.query[:200],
            at="lecture d'une décision, adresse",
            hint="_elements n'est que pour la recherche : la lecture doit rendre le document avec sa pièce jointe.",
        )
    return Evidence(at="lecture d'une décision, adresse")


@check("sdo.requete.accept", covers=VT01, source=f"{IG}, formats fhir+json et fhir+xml", confidence="vu")
def fhir_is_accepted(call: SdoCall) -> Evidence:
    """L'en-tête Accept demande application/fhir+json ou application/fhir+xml."""
    if not any(kind in call.accept.lower() for kind in _ACCEPTED):
        raise CheckFailed(
            "Format FHIR non demandé",
            expected=" ou ".join(_ACCEPTED),
            received=call.accept or "en-tête Accept absent",
            at="appel, en-tête Accept",
            hint="Dire le format FHIR attendu dans Accept ; */* laisse le serveur choisir.",
        )
    return Evidence(at="appel, en-tête Accept", note=call.accept)


@check(
    "sdo.requete.operation-prevue", covers=("VT-06", "VT-07", "VT-10"), source=f"{IG}, CapabilityStatement ESMS", confidence="vu"
)
def only_the_flows_are_called(calls: Sequence[SdoCall]) -> Evidence:
    """Le DUI n'appelle que les cinq flux : lire, chercher, créer ; jamais modifier ni supprimer."""
    for call in calls:
        if call.kind.endswith(".inconnu"):
            raise CheckFailed(
                f"Appel hors des cinq flux : {call.method}",
                expected="GET DocumentReference, GET Task, POST Consent, POST Task",
                received=f"{call.method} {call.path[:120]}",
                at=f"{call.method}, appel",
                hint="Un événement ne se modifie pas : chaque changement de statut est un nouveau Task, par POST.",
            )
    return Evidence(at="appels", fired=len(calls))
