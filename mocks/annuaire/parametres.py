"""Which search parameters each resource has, and what a value of each means. What is not here is refused, as the API does."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

Valeurs = tuple[str, ...] | tuple[tuple[str, str], ...]
"""Strings (texts, references, instants), or (system, code) pairs."""

_COMMUNS = {"_id": "id", "_lastUpdated": "date"}
_BOITE = {"mailbox-mss": "texte"}
RECHERCHES: Mapping[str, Mapping[str, str]] = {
    "Practitioner": _COMMUNS
    | _BOITE
    | {
        "active": "code",
        "data-information-system": "code",
        "family": "texte",
        "given": "texte",
        "name": "texte",
        "identifier": "code",
        "identifier-type": "code",
        "number-smartcard": "code",
        "qualification-code": "code",
    },
    "PractitionerRole": _COMMUNS
    | _BOITE
    | {
        "active": "code",
        "data-information-system": "code",
        "data-registration-authority": "code",
        "identifier": "code",
        "organization": "reference",
        "practitioner": "reference",
        "role": "code",
    },
    "Organization": _COMMUNS
    | _BOITE
    | {
        "active": "code",
        "address": "texte",
        "address-city": "texte",
        "address-postalcode": "texte",
        "data-information-system": "code",
        "identifier": "code",
        "identifier-type": "code",
        "name": "texte",
        "partof": "reference",
        "pharmacy-licence": "texte",
        "type": "code",
    },
    "HealthcareService": _COMMUNS | {"active": "code", "identifier": "code", "organization": "reference", "service-type": "code"},
    "Device": _COMMUNS | {"identifier": "code", "organization": "reference", "status": "code", "type": "code"},
}
RESULTAT = ("_count", "_include", "_revinclude", "_format")
"""The parameters that say how to answer, besides those of a search."""
INCLUSIONS = {
    "PractitionerRole:practitioner": "Practitioner",
    "PractitionerRole:organization": "Organization",
    "Organization:partof": "Organization",
    "HealthcareService:organization": "Organization",
    "Device:organization": "Organization",
}
PREFIXES = ("ge", "le", "gt", "lt", "eq", "ne")


class ParametreRefuse(ValueError):
    """A parameter, a modifier or a value that the API refuses (400), said in French."""

    def __init__(self, parametre: str, why: str) -> None:
        super().__init__(f"{parametre} : {why}")
        self.parametre = parametre


@dataclass(frozen=True, slots=True)
class Critere:
    """One parameter of a search, ready to be applied: the values of a resource → whether one of them answers it."""

    nom: str
    repond: Callable[[Valeurs], bool]


def critere(ressource: str, nom: str, valeur: str) -> Critere:
    """A criterion; raises ``ParametreRefuse``. Several values separated by commas are alternatives."""
    base, _, modificateur = nom.partition(":")
    kind = RECHERCHES[ressource].get(base)
    if kind is None:
        raise ParametreRefuse(nom, f"paramètre de recherche inconnu pour {ressource}")
    if modificateur and (kind != "texte" or modificateur not in ("exact", "contains")):
        raise ParametreRefuse(nom, f"modificateur « :{modificateur} » non pris en charge")
    wanted = [v for v in valeur.split(",") if v]
    if not wanted:
        raise ParametreRefuse(nom, "valeur absente")
    tests = [_TESTS[kind](nom, one, modificateur) for one in wanted]
    return Critere(base, lambda held: any(test(value) for test in tests for value in held))


def plie(text: str) -> str:
    """Without case nor accents, as FHIR compares strings."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def _texte(nom: str, wanted: str, modificateur: str) -> Callable[[str], bool]:
    if modificateur == "exact":
        return lambda value: value == wanted
    folded = plie(wanted)
    if modificateur == "contains":
        return lambda value: folded in plie(value)
    return lambda value: plie(value).startswith(folded)


def _code(nom: str, wanted: str, modificateur: str) -> Callable[[tuple[str, str]], bool]:
    if "|" not in wanted:
        return lambda value: value[1] == wanted
    system, _, code = wanted.partition("|")
    if not code:
        return lambda value: value[0] == system
    return lambda value: value == (system, code)


def _reference(nom: str, wanted: str, modificateur: str) -> Callable[[str], bool]:
    parts = wanted.rstrip("/").split("/")
    tail = "/".join(parts[-2:])
    return lambda value: value == tail if len(parts) > 1 else value.rpartition("/")[2] == tail


def _date(nom: str, wanted: str, modificateur: str) -> Callable[[str], bool]:
    prefix, day = (wanted[:2], wanted[2:]) if wanted[:2] in PREFIXES else ("eq", wanted)
    try:
        datetime.fromisoformat(day if len(day) > 7 else day.ljust(7, "-")[:4] + "-01-01")
    except ValueError:
        raise ParametreRefuse(nom, f"« {wanted} » n'est pas une date") from None
    compare: dict[str, Callable[[str], bool]] = {
        "ge": lambda value: value >= day,
        "gt": lambda value: value > day and not value.startswith(day),
        "le": lambda value: value <= day or value.startswith(day),
        "lt": lambda value: value < day,
        "eq": lambda value: value.startswith(day),
        "ne": lambda value: not value.startswith(day),
    }
    return compare[prefix]


def _id(nom: str, wanted: str, modificateur: str) -> Callable[[str], bool]:
    return lambda value: value == wanted


_TESTS: Mapping[str, Callable[[str, str, str], Callable[..., bool]]] = {
    "texte": _texte,
    "code": _code,
    "reference": _reference,
    "date": _date,
    "id": _id,
}
