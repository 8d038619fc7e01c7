"""XDS: versions and replacement: RPLC, setId, versionNumber, what is sent again (dmp_insi §6.4)."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.errors import Inconclusive
from ..core.problem import Evidence
from ..validation.xds import versions
from ..validation.xds import vocabulary as v
from ..validation.xds.submission import DepositedDocument, Submission
from .dmp_requetes import judged
from .registry import check

_CI_SIS = "CI-SIS Structuration minimale, setId et versionNumber"
_RPLC = "IHE ITI TF-3 §4.2.2.2.3 (RPLC) ; package DMP"
_UPDATE = ("DMP-ALIM-15",)


@check("xds.version.number", covers=("DMP-ALIM-18",), source=_CI_SIS, confidence="vu")
def version_number_says_what_is_replaced(submission: Submission) -> Evidence:
    """La première version porte le numéro 1 et ne remplace rien ; les suivantes remplacent, dans le CDA et dans le lot."""
    return judged(versions.version_problems(submission), Evidence(at=submission.at, fired=len(submission.clinical_entries) or 1))


@check("xds.version.association", covers=("DMP-ALIM-18",), source=_RPLC, confidence="vu")
def replacement_goes_from_an_entry_to_an_entry(submission: Submission) -> Evidence:
    """Un remplacement part d'une fiche du lot et vise l'entryUUID d'une fiche, une seule fois."""
    return judged(versions.association_problems(submission), Evidence(at=f"{submission.at}/rim:Association"))


@check("xds.suite.replacement", covers=_UPDATE, source=_RPLC, confidence="vu")
def modification_is_a_replacement(before: Submission, after: Submission) -> Evidence:
    """Un document modifié part au DMP comme le remplacement de l'ancien (association RPLC), pas comme un document de plus."""
    found = versions.replacement_problems(_document(before), after)
    return judged(found, Evidence(at=f"{after.at}/rim:Association", note=_document(before).id))


@check("xds.suite.replaced-known", covers=_UPDATE, source=_RPLC, confidence="vu")
def replaced_entry_is_that_of_the_version_before(before: Submission, after: Submission) -> Evidence:
    """La fiche que le lot remplace est, dans le DMP, celle de la version précédente du document."""
    if not after.associated(v.RPLC):
        raise Inconclusive("le lot ne remplace aucune fiche")
    return judged(versions.known_problems(_document(before), after), Evidence(at=f"{after.at}/rim:Association"))


@check("xds.suite.succession", covers=_UPDATE, source=_CI_SIS, confidence="vu")
def version_follows_the_one_before(before: DepositedDocument, after: DepositedDocument) -> Evidence:
    """La nouvelle version garde setId, usager et type, prend le numéro suivant et un nouvel id, et nomme la précédente."""
    return judged(versions.succession_problems(before, after), Evidence(at=after.at, fired=6))


@check("xds.suite.changed", covers=_UPDATE, source="EX_GEN-1060 (document inchangé), comparaison du harnais", confidence="infere")
def new_version_says_something_new(before: DepositedDocument, after: DepositedDocument) -> Evidence:
    """Une nouvelle version n'est envoyée que si le document a changé."""
    return judged(versions.changed_problems(before, after), Evidence(at=after.at))


@check("xds.suite.repeat", covers=("DMP-ALIM-09",), source=f"EX_GEN-1060 ; {_CI_SIS}", confidence="secondaire")
def documents_are_told_apart(submissions: Sequence[Submission]) -> Evidence:
    """D'un dépôt à l'autre, un uniqueId désigne un seul contenu, et un setId n'a qu'un document de chaque version."""
    if len(submissions) < 2:
        raise Inconclusive("il faut au moins deux dépôts")
    return judged(versions.repeat_problems(submissions), Evidence(at=submissions[-1].at, fired=len(submissions)))


def _document(submission: Submission) -> DepositedDocument:
    if not submission.clinical_documents:
        raise Inconclusive("aucun document lisible dans le dépôt précédent")
    return submission.clinical_documents[0]
