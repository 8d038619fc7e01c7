"""FHIR R4 resources: one check a sort of rule; the engine judges once, each check says what is its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..core.check import make_check
from ..core.errors import CheckFailed, Inconclusive, NotTested
from ..core.problem import Evidence, Problem
from ..validation.fhir.context import FhirPackages
from ..validation.fhir.issues import Issue, Rule
from ..validation.fhir.view import FhirResource
from .registry import add

R4 = "FHIR R4 (4.0.1)"
STRUCTURE = f"{R4}, StructureDefinition du type et des profils"
PROFILES = f"{R4}, §5.1 Profiling"
CODES = f"{R4}, §4.1 Using Codes"
CONSTRAINTS = f"{R4}, §5.1.0.13 Constraints"
RESOLVING = f"{R4}, Bundle, Resolving references"
EXTENSIBILITY = f"{R4}, §2.4 Extensibility"


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of rules: its sentence and source. ``untold`` begins what is said of issues that are not settled: a set, a profile
    that nobody has, an invariant that nobody evaluates (*non testé*)."""

    rule: Rule
    sentence: str
    source: str
    confidence: str = "vu"
    untold: str = ""


SORTS = (
    Sort(Rule.LECTURE, "La ressource est du JSON ou du XML bien formé, et d'un type de FHIR R4.", f"{R4}, formats JSON et XML"),
    Sort(Rule.INCONNU, "Chaque élément est défini par son type.", STRUCTURE),
    Sort(
        Rule.FORME,
        "Objets, tableaux et valeurs ont la forme de leur élément, et rien n'est vide.",
        f"{R4}, §2.6.2 JSON et §2.6.1 XML",
    ),
    Sort(
        Rule.CARDINALITE,
        "Les éléments obligatoires sont là, et aucun n'est répété plus que permis, dans le type comme dans les profils.",
        STRUCTURE,
    ),
    Sort(Rule.TYPE, "Chaque valeur est d'un type que l'élément admet, et suit le profil de ce type.", STRUCTURE),
    Sort(
        Rule.LEXIQUE,
        "Dates, codes, identifiants et autres valeurs simples s'écrivent comme leur type le demande.",
        f"{R4}, §2.24 Data Types",
    ),
    Sort(Rule.FIXE, "Les valeurs et les bornes qu'un profil impose sont respectées.", PROFILES),
    Sort(
        Rule.DECOUPAGE,
        "Chaque élément d'un découpage fermé ou ordonné entre dans une tranche, à son rang.",
        f"{R4}, §5.1.0.15 Slicing",
    ),
    Sort(Rule.CODE, "Les codes sont dans les jeux de valeurs obligatoires.", CODES),
    Sort(
        Rule.CODE_CONSEILLE,
        "Les codes sont dans les jeux de valeurs extensibles quand un de leurs codes convient, et connus de leur système.",
        CODES,
    ),
    Sort(
        Rule.CODE_NON_VERIFIE,
        "Les jeux de valeurs obligatoires des éléments présents sont connus ici.",
        "jeux de valeurs des paquets chargés",
        untold="codes non vérifiés, jeu de valeurs inconnu ici",
    ),
    Sort(Rule.INVARIANT, "Les invariants du type et des profils sont vrais.", CONSTRAINTS),
    Sort(Rule.INVARIANT_CONSEILLE, "Les invariants de sévérité avertissement sont vrais.", CONSTRAINTS),
    Sort(
        Rule.BONNE_PRATIQUE,
        "Les bonnes pratiques de FHIR (dont un récit lisible) sont suivies.",
        f"{R4}, invariants de bonne pratique",
    ),
    Sort(
        Rule.INVARIANT_NON_EVALUE,
        "Tous les invariants ont pu être évalués.",
        "moteurs FHIRPath du banc",
        untold="invariants non évalués",
    ),
    Sort(Rule.REFERENCE, "Chaque référence mène à une ressource du type et du profil attendus.", f"{R4}, §2.3 References"),
    Sort(Rule.REFERENCE_RESOLUE, "Dans un lot, chaque référence urn:uuid ou urn:oid mène à une entrée.", RESOLVING),
    Sort(Rule.REFERENCE_CONSEILLEE, "Dans un document ou un message, les ressources référencées sont dans le lot.", RESOLVING),
    Sort(
        Rule.EXTENSION,
        "Les extensions ont une valeur ou des extensions, sont à leur place, et toute extension modificatrice est connue.",
        EXTENSIBILITY,
    ),
    Sort(Rule.EXTENSION_INCONNUE, "Les extensions sont définies dans un paquet chargé.", EXTENSIBILITY),
    Sort(Rule.LOT, "Dans un lot, fullUrl, verbes, ressources et statuts vont ensemble.", f"{R4}, Bundle"),
    Sort(
        Rule.LOT_CONSEILLE,
        "Dans un lot, request.url et fullUrl sont ceux que le type et l'identifiant de la ressource font attendre.",
        f"{R4}, Bundle",
    ),
    Sort(Rule.RECIT, "Le récit est du XHTML restreint, et il dit quelque chose.", f"{R4}, Narrative (txt-1, txt-2)"),
    Sort(
        Rule.PROFIL_ABSENT,
        "Les profils et les paquets demandés sont chargés.",
        "paquets FHIR chargés",
        untold="profil absent, ce qu'il demande n'est pas vérifié",
    ),
    Sort(
        Rule.PROVISOIRE,
        "Les profils provisoires, déduits faute de texte publié ou lu, sont suivis.",
        "profils récrits, provisoires",
        confidence="infere",
    ),
    Sort(
        Rule.ATTENDU,
        "Les éléments que le profil demande de savoir traiter (mustSupport) sont renseignés.",
        f"{R4}, §5.1.0.9 mustSupport",
    ),
)
"""In the order in which they are applied."""


def _judged(sort: Sort) -> Callable[[FhirResource, FhirPackages], Evidence]:
    def judged(resource: FhirResource, packages: FhirPackages) -> Evidence:
        outcome = resource.outcome(packages)
        issues = resource.broken(packages, sort.rule)
        if issues and sort.untold:
            raise NotTested(_untold(issues, sort))
        if issues:
            raise _failure(issues)
        if not outcome.resource and sort.rule is not Rule.LECTURE:
            raise Inconclusive("la ressource n'a pas pu être lue")
        return Evidence(
            at=outcome.resource, note=f"{outcome.invariants} invariants évalués" if sort.rule is Rule.INVARIANT else ""
        )

    judged.__doc__ = sort.sentence
    return judged


def _failure(issues: tuple[Issue, ...]) -> CheckFailed:
    first = issues[0]
    failure = CheckFailed(first.message, expected=first.expected, received=first.received, at=first.at, hint=first.hint)
    failure.problems = tuple(_problem(issue) for issue in issues)  # type: ignore[attr-defined]
    return failure


def _problem(issue: Issue) -> Problem:
    hint = f"{issue.hint} (règle : {issue.source})" if issue.source else issue.hint
    return Problem(issue.rule.value, issue.message, issue.at, issue.expected, issue.received, hint.strip())


def _untold(issues: tuple[Issue, ...], sort: Sort) -> str:
    """What could not be decided: what was wanted, and why or where."""
    absent = sort.rule is Rule.PROFIL_ABSENT
    said = dict.fromkeys(f"{i.expected} ({i.received})" if absent else i.expected for i in issues)
    places = "" if absent else f" à {len(issues)} endroit(s), le premier : {issues[0].at}"
    return f"{sort.untold} : {' ; '.join(said)}{places}"


for _sort in SORTS:
    add(make_check(_judged(_sort), id=_sort.rule.value, covers=(), source=_sort.source, confidence=_sort.confidence))
