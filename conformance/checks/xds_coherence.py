"""XDS: a submission as a whole: grammar of its fields, its associations, its dates, its people (dmp_insi §6.3, §7)."""

from __future__ import annotations

from ..core.errors import Inconclusive
from ..core.exchange import Exchange
from ..core.problem import Evidence
from ..validation.xds import coherence
from ..validation.xds import vocabulary as v
from ..validation.xds.datatypes import dtm_instant
from ..validation.xds.submission import Submission
from .dmp_requetes import judged
from .registry import check

_SAMPLE = "Exemple TD2.1 (package DMP)"


@check(
    "xds.coherence.field-syntax",
    covers=("DMP-ALIM-18",),
    source="HL7 v2.5 §2 ; IHE ITI TF-3 §4.2.3.1.7 (CX, XCN, XON, CXi)",
    confidence="vu",
)
def fields_follow_their_grammar(submission: Submission) -> Evidence:
    """Chaque champ HL7 v2 (CX, XCN, XON, CXi, triplet) suit sa grammaire : composantes, autorités, échappements."""
    return judged(coherence.syntax_problems(submission), Evidence(at=submission.at, fired=len(submission.entries) or 1))


@check("xds.coherence.associations-resolve", covers=("DMP-ALIM-18",), source=f"{_SAMPLE} ; ebRIM 3.0 §2", confidence="vu")
def associations_link_what_exists(submission: Submission) -> Evidence:
    """Les identifiants du message sont uniques ; chaque association, d'un type connu, relie deux objets qui existent."""
    found = coherence.association_problems(submission)
    return judged(found, Evidence(at=f"{submission.at}/rim:Association", fired=len(submission.associations) or 1))


@check(
    "xds.coherence.dates-in-order", covers=("DMP-ALIM-18",), source="CI-SIS, submissionTime et creationTime", confidence="infere"
)
def dates_are_in_order(exchange: Exchange, submission: Submission) -> Evidence:
    """Le lot est soumis au moment de l'appel, et ses documents sont créés avant lui."""
    if dtm_instant(submission.set.slot("submissionTime")) is None:
        raise Inconclusive("submissionTime illisible")
    found = coherence.date_problems(submission, exchange.times.logical)
    return judged(found, Evidence(at=submission.set.slot_xpath("submissionTime")))


@check("xds.coherence.structure-of-set", covers=("DMP-ALIM-18",), source="EX_2.1-1140", confidence="secondaire")
def set_comes_from_a_structure_of_its_authors(submission: Submission) -> Evidence:
    """Le lot est envoyé par la structure d'un des auteurs de chaque document."""
    return judged(coherence.people_problems(submission), Evidence(at=submission.set.code_xpath(v.SET_AUTHOR)))


@check("xds.coherence.minor-visibility", covers=("DMP-ALIM-18",), source="EX_2.1-1050", confidence="secondaire")
def only_minors_hide_from_their_representatives(submission: Submission) -> Evidence:
    """Seul le document d'un mineur peut être caché à ses représentants légaux."""
    return judged(coherence.minor_problems(submission), Evidence(at=submission.at))


@check("xds.coherence.registry-side", covers=("DMP-ALIM-18",), source=f"{_SAMPLE} ; mapping HL7 v2", confidence="infere")
def registry_side_is_left_to_the_registry(submission: Submission) -> Evidence:
    """La source ne donne pas ce que l'entrepôt et le registre donnent eux-mêmes."""
    return judged(coherence.registry_side_problems(submission), Evidence(at=submission.at, fired=len(submission.entries) or 1))
