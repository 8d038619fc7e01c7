"""The sequence of searches by traits: what is sent for an identity, in which order, when it stops."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.errors import CheckFailed, Inconclusive
from ..core.people import Usager
from ..core.problem import Evidence
from ..validation.ins.call import InsCall
from ..validation.ins.request import RECHERCHE_TRAITS, InsRequest
from ..validation.ins.traits import folded
from .registry import check


@check("insi.traits-of-the-identity", covers=("INS-01",), source="INS-01 ; WS_INS2", confidence="vu")
def search_sends_the_traits_of_the_identity(request: InsRequest, usager: Usager) -> Evidence:
    """La recherche transmet les traits de l'identité locale : nom, prénoms entiers, sexe, date et lieu de naissance."""
    known = [folded(p) for p in usager.prenoms]
    whole = " ".join(known)
    pairs = [
        ("NomNaissance", folded(usager.nom_naissance), folded(request.nom)),
        ("Sexe", usager.sexe, request.sexe),
        ("DateNaissance", usager.date_naissance, request.date),
    ]
    if request.lieu:
        pairs.append(("LieuNaissance", usager.lieu_naissance, request.lieu))
    for name, expected, received in pairs:
        if expected != received:
            raise _other_trait(name, expected, received, request)
    for prenom in map(folded, request.prenoms):
        if prenom == whole and prenom not in known:
            raise CheckFailed(
                "Tous les prénoms dans un seul élément Prenom",
                expected=f"{len(known)} éléments Prenom",
                received=prenom,
                at=request.trait_at("Prenom"),
                hint="Écrire un élément <Prenom> par prénom : une espace y ferait lire un prénom composé.",
            )
        if prenom not in known:
            raise _other_trait("Prenom", " ou ".join(known), prenom, request)
    return Evidence(at=request.at, fired=len(pairs) + len(request.prenoms))


@check("insi.search-order", covers=("INS-01",), source="ordre des prénoms (guide d'intégration INSi)", confidence="vu")
def first_names_are_searched_in_order(usager: Usager, calls: Sequence[InsCall]) -> Evidence:
    """La recherche essaie chaque prénom seul, dans l'ordre de l'état civil, puis la liste entière."""
    searches = _searches(calls)
    names = tuple(folded(p) for p in usager.prenoms)
    steps = list(dict.fromkeys([*((p,) for p in names), names]))
    rank, previous = 0, None
    for call in searches:
        asked = " ".join(folded(p) for p in call.request.prenoms)
        if previous is not None and _refines(previous, call):
            previous = call
            continue
        if rank >= len(steps) or asked != " ".join(steps[rank]):
            expected = " + ".join(steps[rank]) if rank < len(steps) else "aucun autre appel"
            raise CheckFailed(
                f"Prénoms cherchés dans un autre ordre (appel {searches.index(call) + 1})",
                expected=expected,
                received=" + ".join(map(folded, call.request.prenoms)) or "aucun prénom",
                at=call.request.trait_at("Prenom"),
                hint="Chercher avec le premier prénom seul, puis chacun des suivants seul, puis tous les prénoms.",
            )
        rank, previous = rank + 1, call
    return Evidence(note=f"{len(searches)} recherche(s), dans l'ordre", fired=len(searches))


@check("insi.search-exhausted", covers=("INS-01",), source="ordre des prénoms (guide d'intégration INSi)", confidence="vu")
def every_first_name_is_tried_before_giving_up(usager: Usager, calls: Sequence[InsCall]) -> Evidence:
    """Tant qu'INSi répond le code 01, la recherche continue avec les autres prénoms puis la liste."""
    searches = _searches(calls)
    if any(call.response is None or call.response.cr != "01" for call in searches):
        raise Inconclusive("INSi n'a pas répondu le code 01 à tous les appels")
    names = tuple(folded(p) for p in usager.prenoms)
    wanted = set(dict.fromkeys([*((p,) for p in names), names]))
    tried = {" ".join(folded(p) for p in call.request.prenoms) for call in searches}
    missing = {step for step in wanted if " ".join(step) not in tried}
    if missing:
        raise CheckFailed(
            "Recherche abandonnée avant d'avoir essayé tous les prénoms",
            expected=f"{len(wanted)} recherches",
            received=f"{len(searches)} ; jamais essayé : {', '.join(' + '.join(m) for m in sorted(missing))}",
            at="suite des appels",
            hint="Sur le code 01, essayer chaque prénom seul puis la liste avant de conclure que l'identité est inconnue.",
        )
    return Evidence(note="tous les prénoms essayés", fired=len(searches))


@check("insi.refined-after-02", covers=("INS-01",), source="guide d'intégration INSi (plusieurs identités)", confidence="vu")
def ambiguous_search_is_made_precise(calls: Sequence[InsCall]) -> Evidence:
    """Sur le code 02, la recherche est précisée par tous les prénoms, puis par le lieu de naissance."""
    searches = _searches(calls)
    ambiguous = next((i for i, c in enumerate(searches) if c.response is not None and c.response.cr == "02"), None)
    if ambiguous is None:
        raise Inconclusive("aucun code 02 dans cette suite d'appels")
    if searches[-1].response is not None and searches[-1].response.cr == "02" and not searches[-1].request.lieu:
        raise CheckFailed(
            "Recherche abandonnée sur le code 02 sans être précisée",
            expected="une recherche avec tous les prénoms, puis avec le lieu de naissance",
            received=f"{len(searches)} recherche(s), aucune avec LieuNaissance",
            at="suite des appels",
            hint="Sur le code 02, ajouter les autres prénoms, puis le code du lieu de naissance.",
        )
    return Evidence(note=f"{len(searches) - ambiguous - 1} précision(s) après le code 02", fired=len(searches))


@check("insi.stop-after-00", covers=("INS-01",), source="ordre des prénoms (guide d'intégration INSi)", confidence="vu")
def search_stops_once_found(calls: Sequence[InsCall]) -> Evidence:
    """La recherche s'arrête au premier code 00."""
    searches = _searches(calls)
    found = next((i for i, call in enumerate(searches) if call.found), None)
    if found is None:
        raise Inconclusive("aucun code 00 dans cette suite d'appels")
    if found + 1 < len(searches):
        raise CheckFailed(
            "Recherche poursuivie après le code 00",
            expected=f"{found + 1} recherche(s)",
            received=f"{len(searches)} recherches",
            at="suite des appels",
            hint="Garder l'identité rendue par le premier code 00 et ne plus appeler.",
        )
    return Evidence(note=f"arrêt au code 00, {found + 1} recherche(s)", fired=len(searches))


@check("insi.stop-on-fault", covers=("INS-01",), source="ordre des prénoms (guide d'intégration INSi)", confidence="vu")
def search_stops_on_a_technical_fault(calls: Sequence[InsCall]) -> Evidence:
    """La recherche s'arrête sur une erreur technique, sans passer au prénom suivant."""
    searches = _searches(calls)
    failed = next((i for i, call in enumerate(searches) if call.failed), None)
    if failed is None:
        raise Inconclusive("aucune erreur technique dans cette suite d'appels")
    asked = searches[failed].request.prenoms
    other = next((call for call in searches[failed + 1 :] if call.request.prenoms != asked), None)
    if other is not None:
        raise CheckFailed(
            "Recherche poursuivie avec un autre prénom après une erreur technique",
            expected="arrêt, puis nouvel essai de la même recherche à la demande",
            received=f"recherche suivante avec {' + '.join(other.request.prenoms)}",
            at=other.request.trait_at("Prenom"),
            hint="Une erreur technique n'est pas un code 01 : montrer le motif et proposer de réessayer.",
        )
    return Evidence(note="arrêt sur l'erreur technique", fired=len(searches))


def _other_trait(name: str, expected: str, received: str, request: InsRequest) -> CheckFailed:
    return CheckFailed(
        f"{name} différent de l'identité de l'usager",
        expected=expected,
        received=received or "absent",
        at=request.trait_at(name),
        hint="Transmettre les traits de l'identité locale, sans troncature ni inversion.",
    )


def _searches(calls: Sequence[InsCall]) -> list[InsCall]:
    searches = [call for call in calls if call.request.operation == RECHERCHE_TRAITS]
    if not searches:
        raise Inconclusive("aucune recherche par traits dans cette suite d'appels")
    return searches


def _refines(previous: InsCall, call: InsCall) -> bool:
    """True for a retry after a failure, for the same first names with the place of birth added or left out (it is optional),
    or for a search made more precise after code 02."""
    before, after = previous.request.prenoms, call.request.prenoms
    if after == before and (previous.failed or bool(call.request.lieu) != bool(previous.request.lieu)):
        return True
    if previous.failed:
        return False
    if previous.response is None or previous.response.cr != "02":
        return False
    return after[: len(before)] == before and (len(after) > len(before) or bool(call.request.lieu and not previous.request.lieu))
