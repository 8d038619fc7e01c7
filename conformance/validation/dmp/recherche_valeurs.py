"""How the values of a search of the DMP (TD3.1) are written: syntax, patient, codes, statuses, dates, identifiers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...core.problem import Problem
from ..xds.datatypes import is_dtm, is_oid, parse_cx
from ..xds.hl7v2 import cx_faults
from .requete import (
    CODED,
    NUMBERS,
    PATIENTS,
    SINGLE,
    STATUS_NAMES,
    STATUSES,
    TIMES,
    UNIQUE_IDS,
    UUIDS,
    Parameter,
    StoredQuery,
    is_uuid,
    literals,
)

_LIST = re.compile(r"\(\s*'(?:[^']|'')*'(?:\s*,\s*'(?:[^']|'')*')*\s*\)")
_STRING = re.compile(r"'(?:[^']|'')*'")
_NUMBER = re.compile(r"\d+")


def value_syntax(query: StoredQuery) -> Iterator[Problem]:
    """A single value is quoted without parentheses, a list is in parentheses, a time is a bare number."""
    for parameter in query.parameters:
        for value in parameter.values or ("",):
            expected = _expected_form(parameter.name, value)
            if expected:
                yield Problem(
                    "dmp.td31.value-syntax",
                    f"Valeur mal écrite : {parameter.name}",
                    f"{parameter.at}/rim:ValueList/rim:Value",
                    expected=expected,
                    received=value or "vide",
                    hint="Chaque chaîne est entre apostrophes (une apostrophe s'y double) ; une liste est entre parenthèses.",
                )


def _expected_form(name: str, value: str) -> str:
    """What the value should look like, ``""`` when it does."""
    if name in NUMBERS:
        return "" if _NUMBER.fullmatch(value) else "des chiffres, sans apostrophes"
    if name in SINGLE:
        return "" if _STRING.fullmatch(value) else "'valeur', sans parenthèses"
    return "" if _LIST.fullmatch(value) else "('valeur'), ou ('valeur1','valeur2')"


def patient_is_ins(query: StoredQuery) -> Iterator[Problem]:
    """The patient is a CX of an INS, and nothing follows its type."""
    for name in sorted(PATIENTS):
        for parameter in query.named(name):
            for text in query.literals(name):
                cx = parse_cx(text)
                good = cx.is_ins and cx.code == "NH" and re.fullmatch(r"[0-9AB]{15}", cx.id) and not cx_faults(text)
                if not good or cx.extra:
                    yield Problem(
                        "dmp.td31.patient-is-ins",
                        "Patient de la recherche mal désigné",
                        parameter.at,
                        expected="'INS15^^^&OID&ISO^NH'",
                        received=text,
                        hint="Matricule et clé accolés, OID rendu par INSi, puis ISO et NH ; l'esperluette s'écrit &amp; en XML.",
                    )


def coded_values(query: StoredQuery) -> Iterator[Problem]:
    """Each coded value is ``CODE^^OID``."""
    for parameter, text in _each(query, CODED):
        parts = text.split("^")
        if len(parts) != 3 or not parts[0] or parts[1] or not (is_oid(parts[2]) or parts[2].startswith("urn:")):
            yield Problem(
                "dmp.td31.coded-values",
                f"Code mal écrit : {parameter.name}",
                parameter.at,
                expected="CODE^^OID de la nomenclature",
                received=text,
                hint="Exemple : ('11488-4^^2.16.840.1.113883.6.1').",
            )


def statuses_known(query: StoredQuery) -> Iterator[Problem]:
    """Each status is one of ebXML or of the CI-SIS."""
    for parameter, text in _each(query, STATUS_NAMES):
        if text not in STATUSES:
            yield Problem(
                "dmp.td31.statuses-known",
                "Statut inconnu dans la recherche",
                parameter.at,
                expected=", ".join(STATUSES),
                received=text,
                hint="Archivé et supprimé sont des statuts du CI-SIS, pas d'ebXML.",
            )


def times_are_utc(query: StoredQuery) -> Iterator[Problem]:
    """Each time is a date of the calendar, and an interval is not upside down."""
    for parameter, text in _each(query, TIMES):
        if not is_dtm(text):
            yield _bad_time(parameter, text, "aaaammjjhhmmss en UTC, ou une date plus courte")
    for name in sorted(TIMES):
        if name.endswith("From"):
            start, end = query.literals(name), query.literals(f"{name.removesuffix('From')}To")
            if start and end and end[0].ljust(14, "0") < start[0].ljust(14, "0"):
                yield _bad_time(query.named(name)[0], f"de {start[0]} à {end[0]}", "un début qui précède la fin")


def _bad_time(parameter: Parameter, received: str, expected: str) -> Problem:
    return Problem(
        "dmp.td31.times-are-utc",
        f"Date de recherche mal écrite : {parameter.name}",
        parameter.at,
        expected=expected,
        received=received,
        hint="Toutes les dates du DMP sont en UTC, sans fuseau ni séparateur.",
    )


def identifiers_fit(query: StoredQuery) -> Iterator[Problem]:
    """An entryUUID is a ``urn:uuid:``; a uniqueId is an OID."""
    for parameter, text in _each(query, UUIDS):
        if not is_uuid(text):
            yield _bad_identifier(parameter, text, "urn:uuid: suivi d'un UUID (entryUUID)")
    for parameter, text in _each(query, UNIQUE_IDS):
        if not is_oid(text.partition("^")[0]):
            yield _bad_identifier(parameter, text, "un OID (uniqueId)")


def _bad_identifier(parameter: Parameter, received: str, expected: str) -> Problem:
    return Problem(
        "dmp.td31.identifiers-fit",
        f"Identifiant d'une autre sorte : {parameter.name}",
        parameter.at,
        expected=expected,
        received=received,
        hint="entryUUID et uniqueId sont deux identifiants : le premier vient du registre, le second du document.",
    )


def _each(query: StoredQuery, names: frozenset[str]) -> Iterator[tuple[Parameter, str]]:
    for parameter in query.parameters:
        if parameter.name in names:
            for value in parameter.values:
                for text in literals(value):
                    yield parameter, text
