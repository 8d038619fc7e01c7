"""What is wrong in a search of the DMP (TD3.1): the rules of dmp_insi §6.5, each a pure function of the stored query."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from ...core.problem import Problem
from ..xds.datatypes import is_dtm
from .recherche_valeurs import coded_values, identifiers_fit, patient_is_ins, statuses_known, times_are_utc, value_syntax
from .regle import Regle
from .requete import (
    APPROVED,
    AT,
    ENTRY,
    PREFIX,
    QUERIES,
    SINGLE,
    StoredQuery,
)

BATCH = 20
FIRST_SEARCH = timedelta(days=2 * 366)
_IHE = "IHE ITI TF-2 §3.18 ; exemples TD3.1 (package DMP)"
_STRATEGY = "Exemples d'usage PDSM ; EX_3.1-1020, -1030"


def query_known(query: StoredQuery) -> Iterator[Problem]:
    """The identifier is that of a stored query that the DMP serves."""
    if query.definition is None or not query.id.startswith(PREFIX):
        yield Problem(
            "dmp.td31.query-known",
            "Requête enregistrée inconnue du DMP",
            f"{AT}/rim:AdhocQuery/@id",
            expected=", ".join(f"{PREFIX}{uuid} ({q.name})" for uuid, q in QUERIES.items()),
            received=query.id or "absent",
            hint="L'identifiant d'une requête enregistrée est fixe : urn:uuid: suivi de l'UUID d'IHE.",
        )


def response_option(query: StoredQuery) -> Iterator[Problem]:
    """Composed objects are asked for, as LeafClass or ObjectRef."""
    at = f"{AT}/query:ResponseOption"
    if not query.has_option or query.return_type not in ("LeafClass", "ObjectRef"):
        yield Problem(
            "dmp.td31.response-option",
            "Forme de réponse absente ou inconnue",
            f"{at}/@returnType",
            expected="LeafClass (métadonnées) ou ObjectRef (références)",
            received=query.return_type or "absent",
            hint="ObjectRef suffit pour retrouver l'entryUUID d'un document que l'on a déposé.",
        )
    elif query.composed not in ("true", "1"):
        yield Problem(
            "dmp.td31.response-option",
            "returnComposedObjects différent de true",
            f"{at}/@returnComposedObjects",
            expected="true",
            received=query.composed or "absent",
            hint="Sans lui, classifications et identifiants externes ne sont pas rendus.",
        )


def parameters_known(query: StoredQuery) -> Iterator[Problem]:
    """Each parameter is one of those of the query."""
    definition = query.definition
    if definition is None:
        return
    for parameter in query.parameters:
        if not definition.takes(parameter.name):
            yield Problem(
                "dmp.td31.parameters-known",
                f"Paramètre étranger à la requête {definition.name}",
                parameter.at,
                expected=", ".join((*definition.required, *definition.one_of, *sorted(definition.others))),
                received=parameter.name or "Slot sans nom",
                hint="Un paramètre inconnu est ignoré : la recherche rend plus de documents que demandé.",
            )


def parameters_required(query: StoredQuery) -> Iterator[Problem]:
    """The required parameters are there; of a group, exactly one; one that takes a single value has one."""
    definition = query.definition
    if definition is None:
        return
    for name in definition.required:
        if not query.literals(name):
            yield _missing(definition.name, name, f"{AT}/rim:AdhocQuery")
    if definition.one_of:
        given = [name for name in definition.one_of if query.literals(name)]
        if len(given) != 1:
            expected = f"un seul de {', '.join(definition.one_of)}"
            yield _missing(definition.name, expected, f"{AT}/rim:AdhocQuery", received=", ".join(given) or "aucun")
    for name in sorted(SINGLE):
        found = query.literals(name)
        if len(found) > 1:
            yield Problem(
                "dmp.td31.parameters-required",
                f"Paramètre répété : {name}",
                query.named(name)[0].at,
                expected="une valeur",
                received=f"{len(found)} valeurs",
                hint="Une recherche porte sur un seul patient, et sur un seul intervalle par date.",
            )


def _missing(query: str, name: str, at: str, *, received: str = "absent") -> Problem:
    return Problem(
        "dmp.td31.parameters-required",
        f"Paramètre obligatoire de {query} absent",
        at,
        expected=name,
        received=received,
        hint="Le DMP refuse la recherche (XDSStoredQueryMissingParam).",
    )


def batches_bounded(query: StoredQuery) -> Iterator[Problem]:
    """Documents are asked for by batches of 20 at most."""
    for name in (f"{ENTRY}EntryUUID", f"{ENTRY}UniqueId"):
        found = query.literals(name)
        if len(found) > BATCH:
            yield Problem(
                "dmp.td31.batches-bounded",
                "Trop d'objets demandés d'un coup",
                query.named(name)[0].at,
                expected=f"{BATCH} au plus",
                received=str(len(found)),
                hint="Découper la demande en lots.",
            )


def first_search_problems(query: StoredQuery, now: datetime) -> Iterator[Problem]:
    """A first, automatic search looks back two years at most, at active documents only. ``now`` is when it was received."""
    if query.definition is None or query.definition.name != "FindDocuments":
        return
    others = [status for status in query.literals(f"{ENTRY}Status") if status != APPROVED]
    if others:
        yield Problem(
            "dmp.td31.first-search",
            "Première recherche au-delà des documents actifs",
            f"{AT}/rim:AdhocQuery/rim:Slot[@name='{ENTRY}Status']",
            expected=APPROVED,
            received=", ".join(others),
            hint="Archivés et obsolètes ne se cherchent que sur un filtre choisi par l'utilisateur.",
        )
    starts = [text for name in ("CreationTimeFrom", "ServiceStartTimeFrom") for text in query.literals(f"{ENTRY}{name}")]
    oldest = (now.astimezone(UTC) - FIRST_SEARCH).strftime("%Y%m%d%H%M%S")
    if not any(is_dtm(text) and text.ljust(14, "0") >= oldest for text in starts):
        yield Problem(
            "dmp.td31.first-search",
            "Première recherche sans limite de deux ans",
            f"{AT}/rim:AdhocQuery",
            expected=f"{ENTRY}CreationTimeFrom ou ServiceStartTimeFrom, pas avant {oldest}",
            received=", ".join(starts) or "aucune date de début",
            hint="La première recherche automatique se limite à deux ans ; l'utilisateur élargit s'il le veut.",
        )


_CONS16 = ("DMP-CONS-16",)
REGLES = (
    Regle(
        "dmp.td31.query-known",
        "La recherche est une requête enregistrée que le DMP sert.",
        _CONS16,
        _IHE,
        "vu",
        StoredQuery,
        query_known,
    ),
    Regle(
        "dmp.td31.response-option",
        "La recherche demande des objets complets, en LeafClass ou ObjectRef.",
        _CONS16,
        _IHE,
        "vu",
        StoredQuery,
        response_option,
    ),
    Regle(
        "dmp.td31.parameters-known",
        "Chaque paramètre de la recherche est un de ceux de sa requête.",
        _CONS16,
        _IHE,
        "secondaire",
        StoredQuery,
        parameters_known,
    ),
    Regle(
        "dmp.td31.parameters-required",
        "La recherche porte tous les paramètres que sa requête exige, et pas plus d'une valeur là où une seule est admise.",
        _CONS16,
        _IHE,
        "vu",
        StoredQuery,
        parameters_required,
    ),
    Regle(
        "dmp.td31.value-syntax",
        "Chaque valeur de la recherche est écrite sous sa forme : chaîne, liste ou nombre.",
        _CONS16,
        _IHE,
        "vu",
        StoredQuery,
        value_syntax,
    ),
    Regle(
        "dmp.td31.patient-is-ins",
        "La recherche désigne le patient par son INS, sous la forme CX, sans rien après NH.",
        _CONS16,
        _IHE + " ; EX_3.1-1055",
        "vu",
        StoredQuery,
        patient_is_ins,
    ),
    Regle(
        "dmp.td31.coded-values",
        "Chaque code de la recherche s'écrit « CODE^^OID ».",
        _CONS16,
        _IHE,
        "vu",
        StoredQuery,
        coded_values,
    ),
    Regle(
        "dmp.td31.statuses-known",
        "La recherche ne demande que des statuts du DMP.",
        _CONS16,
        _IHE,
        "vu",
        StoredQuery,
        statuses_known,
    ),
    Regle(
        "dmp.td31.times-are-utc",
        "Chaque date de la recherche est une date en UTC, et chaque intervalle est dans l'ordre.",
        _CONS16,
        _IHE,
        "secondaire",
        StoredQuery,
        times_are_utc,
    ),
    Regle(
        "dmp.td31.identifiers-fit",
        "La recherche nomme une fiche par son entryUUID ou son uniqueId, chacun à sa place.",
        _CONS16,
        _IHE,
        "secondaire",
        StoredQuery,
        identifiers_fit,
    ),
    Regle(
        "dmp.td31.batches-bounded",
        f"Les fiches sont demandées par lots de {BATCH} au plus.",
        ("DMP-CONS-21",),
        _STRATEGY,
        "secondaire",
        StoredQuery,
        batches_bounded,
    ),
)
"""The rules of a search taken alone; :func:`first_search_problems` needs to know that it is the first."""
