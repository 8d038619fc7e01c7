"""FHIR R4 resources: one check a sort of rule; the engine judges once, each check says what is its own."""

from __future__ import annotations

from ..core.errors import CheckFailed, Inconclusive, NotTested
from ..core.problem import Evidence, Problem
from ..validation.fhir.context import FhirPackages
from ..validation.fhir.issues import Issue, Rule
from ..validation.fhir.view import FhirResource
from .registry import check

R4 = "FHIR R4 (4.0.1)"
STRUCTURE = f"{R4}, StructureDefinition du type et des profils"
PROFILES = f"{R4}, §5.1 Profiling"


def _judge(resource: FhirResource, packages: FhirPackages, rule: Rule) -> Evidence:
    outcome = resource.outcome(packages)
    issues = resource.broken(packages, rule)
    if issues:
        raise _failure(issues)
    if not outcome.resource and rule is not Rule.LECTURE:
        raise Inconclusive("la ressource n'a pas pu être lue")
    return Evidence(at=outcome.resource, note=f"{outcome.invariants} invariants évalués" if rule is Rule.INVARIANT else "")


def _failure(issues: tuple[Issue, ...]) -> CheckFailed:
    first = issues[0]
    failure = CheckFailed(first.message, expected=first.expected, received=first.received, at=first.at, hint=first.hint)
    failure.problems = tuple(_problem(issue) for issue in issues)  # type: ignore[attr-defined]
    return failure


def _problem(issue: Issue) -> Problem:
    hint = f"{issue.hint} (règle : {issue.source})" if issue.source else issue.hint
    return Problem(issue.rule.value, issue.message, issue.at, issue.expected, issue.received, hint.strip())


def _untold(resource: FhirResource, packages: FhirPackages, rule: Rule, what: str) -> Evidence:
    """What could not be decided: *non testé*, with what was wanted and why."""
    issues = resource.broken(packages, rule)
    if not issues:
        return _judge(resource, packages, rule)
    said = dict.fromkeys(f"{i.expected} ({i.received})" if rule is Rule.PROFIL_ABSENT else i.expected for i in issues)
    places = "" if rule is Rule.PROFIL_ABSENT else f" à {len(issues)} endroit(s), le premier : {issues[0].at}"
    raise NotTested(f"{what} : {' ; '.join(said)}{places}")


@check(Rule.LECTURE.value, covers=(), source=f"{R4}, formats JSON et XML", confidence="vu")
def fhir_resource_is_readable(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """La ressource est du JSON ou du XML bien formé, et d'un type de FHIR R4."""
    return _judge(resource, packages, Rule.LECTURE)


@check(Rule.INCONNU.value, covers=(), source=STRUCTURE, confidence="vu")
def every_element_is_defined(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Chaque élément est défini par son type."""
    return _judge(resource, packages, Rule.INCONNU)


@check(Rule.FORME.value, covers=(), source=f"{R4}, §2.6.2 JSON et §2.6.1 XML", confidence="vu")
def elements_have_their_form(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Objets, tableaux et valeurs ont la forme de leur élément, et rien n'est vide."""
    return _judge(resource, packages, Rule.FORME)


@check(Rule.CARDINALITE.value, covers=(), source=STRUCTURE, confidence="vu")
def elements_are_as_many_as_wanted(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Les éléments obligatoires sont là, et aucun n'est répété plus que permis, dans le type comme dans les profils."""
    return _judge(resource, packages, Rule.CARDINALITE)


@check(Rule.TYPE.value, covers=(), source=STRUCTURE, confidence="vu")
def elements_have_an_allowed_type(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Chaque valeur est d'un type que l'élément admet, et suit le profil de ce type."""
    return _judge(resource, packages, Rule.TYPE)


@check(Rule.LEXIQUE.value, covers=(), source=f"{R4}, §2.24 Data Types", confidence="vu")
def simple_values_are_well_written(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Dates, codes, identifiants et autres valeurs simples s'écrivent comme leur type le demande."""
    return _judge(resource, packages, Rule.LEXIQUE)


@check(Rule.FIXE.value, covers=(), source=PROFILES, confidence="vu")
def imposed_values_are_kept(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Les valeurs et les bornes qu'un profil impose sont respectées."""
    return _judge(resource, packages, Rule.FIXE)


@check(Rule.DECOUPAGE.value, covers=(), source=f"{R4}, §5.1.0.15 Slicing", confidence="vu")
def slices_are_kept(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Chaque élément d'un découpage fermé ou ordonné entre dans une tranche, à son rang."""
    return _judge(resource, packages, Rule.DECOUPAGE)


@check(Rule.CODE.value, covers=(), source=f"{R4}, §4.1 Using Codes", confidence="vu")
def codes_are_in_required_sets(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Les codes sont dans les jeux de valeurs obligatoires."""
    return _judge(resource, packages, Rule.CODE)


@check(Rule.CODE_CONSEILLE.value, covers=(), source=f"{R4}, §4.1 Using Codes", confidence="vu")
def codes_are_in_extensible_sets(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Les codes sont dans les jeux de valeurs extensibles quand un de leurs codes convient, et connus de leur système."""
    return _judge(resource, packages, Rule.CODE_CONSEILLE)


@check(Rule.CODE_NON_VERIFIE.value, covers=(), source="jeux de valeurs des paquets chargés", confidence="vu")
def codes_can_be_verified(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Les jeux de valeurs obligatoires des éléments présents sont connus ici."""
    return _untold(resource, packages, Rule.CODE_NON_VERIFIE, "codes non vérifiés, jeu de valeurs inconnu ici")


@check(Rule.INVARIANT.value, covers=(), source=f"{R4}, §5.1.0.13 Constraints", confidence="vu")
def invariants_hold(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Les invariants du type et des profils sont vrais."""
    return _judge(resource, packages, Rule.INVARIANT)


@check(Rule.INVARIANT_CONSEILLE.value, covers=(), source=f"{R4}, §5.1.0.13 Constraints", confidence="vu")
def advised_invariants_hold(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Les invariants de sévérité avertissement sont vrais."""
    return _judge(resource, packages, Rule.INVARIANT_CONSEILLE)


@check(Rule.BONNE_PRATIQUE.value, covers=(), source=f"{R4}, invariants de bonne pratique", confidence="vu")
def best_practices_hold(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Les bonnes pratiques de FHIR (dont un récit lisible) sont suivies."""
    return _judge(resource, packages, Rule.BONNE_PRATIQUE)


@check(Rule.INVARIANT_NON_EVALUE.value, covers=(), source="moteurs FHIRPath du banc", confidence="vu")
def invariants_can_be_evaluated(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Tous les invariants ont pu être évalués."""
    return _untold(resource, packages, Rule.INVARIANT_NON_EVALUE, "invariants non évalués")


@check(Rule.REFERENCE.value, covers=(), source=f"{R4}, §2.3 References", confidence="vu")
def references_have_an_allowed_target(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Chaque référence mène à une ressource du type et du profil attendus."""
    return _judge(resource, packages, Rule.REFERENCE)


@check(Rule.REFERENCE_RESOLUE.value, covers=(), source=f"{R4}, Bundle, Resolving references", confidence="vu")
def bundle_references_are_answered(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Dans un lot, chaque référence urn:uuid ou urn:oid mène à une entrée."""
    return _judge(resource, packages, Rule.REFERENCE_RESOLUE)


@check(Rule.REFERENCE_CONSEILLEE.value, covers=(), source=f"{R4}, Bundle, Resolving references", confidence="vu")
def document_references_are_inside(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Dans un document ou un message, les ressources référencées sont dans le lot."""
    return _judge(resource, packages, Rule.REFERENCE_CONSEILLEE)


@check(Rule.EXTENSION.value, covers=(), source=f"{R4}, §2.4 Extensibility", confidence="vu")
def extensions_are_allowed(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Les extensions ont une valeur ou des extensions, sont à leur place, et toute extension modificatrice est connue."""
    return _judge(resource, packages, Rule.EXTENSION)


@check(Rule.EXTENSION_INCONNUE.value, covers=(), source=f"{R4}, §2.4 Extensibility", confidence="vu")
def extensions_are_known(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Les extensions sont définies dans un paquet chargé."""
    return _judge(resource, packages, Rule.EXTENSION_INCONNUE)


@check(Rule.LOT.value, covers=(), source=f"{R4}, Bundle", confidence="vu")
def bundle_is_coherent(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Dans un lot, fullUrl, verbes, ressources et statuts vont ensemble."""
    return _judge(resource, packages, Rule.LOT)


@check(Rule.LOT_CONSEILLE.value, covers=(), source=f"{R4}, Bundle", confidence="vu")
def bundle_addresses_are_usual(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Dans un lot, request.url et fullUrl sont ceux que le type et l'identifiant de la ressource font attendre."""
    return _judge(resource, packages, Rule.LOT_CONSEILLE)


@check(Rule.RECIT.value, covers=(), source=f"{R4}, Narrative (txt-1, txt-2)", confidence="vu")
def narrative_is_allowed_xhtml(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Le récit est du XHTML restreint, et il dit quelque chose."""
    return _judge(resource, packages, Rule.RECIT)


@check(Rule.PROFIL_ABSENT.value, covers=(), source="paquets FHIR chargés", confidence="vu")
def profiles_are_available(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Les profils et les paquets demandés sont chargés."""
    return _untold(resource, packages, Rule.PROFIL_ABSENT, "profil absent, ce qu'il demande n'est pas vérifié")


@check(Rule.PROVISOIRE.value, covers=(), source="profils récrits, provisoires", confidence="infere")
def provisional_profiles_are_followed(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Les profils provisoires, déduits faute de texte publié ou lu, sont suivis."""
    return _judge(resource, packages, Rule.PROVISOIRE)


@check(Rule.ATTENDU.value, covers=(), source=f"{R4}, §5.1.0.9 mustSupport", confidence="vu")
def must_support_elements_are_filled(resource: FhirResource, packages: FhirPackages) -> Evidence:
    """Les éléments que le profil demande de savoir traiter (mustSupport) sont renseignés."""
    return _judge(resource, packages, Rule.ATTENDU)
