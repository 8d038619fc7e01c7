"""What the user chooses for a document, and what he is told of it: visibility, deposit by hand, failures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.exchange import Exchange
from ..core.gestures.alimentation import ConsulterEnvois, DeposerDocument
from ..core.problem import Evidence
from ..core.providers import provide
from ..validation.xds import vocabulary as v
from ..validation.xds.datatypes import dtm_instant, parse_xcn, parse_xon
from ..validation.xds.submission import Submission
from .registry import check

_HISTORY = "programme §1.4 (SC.DMP/HISTO.03, HISTO.04)"
_FAILURE = "programme §1.4 (TBB/va1.05)"
_CODES = {
    "invisible-patient": ("INVISIBLE_PATIENT",),
    "masque-ps": ("MASQUE_PS",),
    "invisible-representants": ("INVISIBLE_REPRESENTANTS_LEGAUX", "INVISIBLE_REP_LEGAUX"),
}
_FINAL = frozenset(
    {
        "XDSRegistryMetadataError",
        "XDSRepositoryMetadataError",
        "XDSMissingDocument",
        "XDSMissingDocumentMetadata",
        "XDSUnknownPatientId",
        "XDSPatientIdDoesNotMatch",
        "XDSNonIdenticalHash",
        "XDSRegistryDeprecatedDocumentError",
        "InvalidDocumentContent",
        "DMPAccessDeniedByRightsService",
        "Sender",
    }
)
_PARIS = ZoneInfo("Europe/Paris")


@check("dmp.alimentation.visibility", covers=("DMP-ALIM-10",), source="EX_2.1-1050 ; JDV_J08", confidence="secondaire")
def visibility_is_the_chosen_one(gesture: Geste, submission: Submission) -> Evidence:
    """La confidentialité de la fiche dit la visibilité que l'utilisateur a choisie pour ce document, et rien d'autre."""
    chosen = str(gesture.gesture.arguments().get("visibilite", ""))
    entry = submission.judged_entries()[0]
    hidden = [c.code for c in entry.codes.get(v.CONFIDENTIALITY, ())][1:]
    wanted = _CODES.get(chosen, ())
    if (not wanted and not hidden) or (len(hidden) == 1 and hidden[0] in wanted):
        return Evidence(at=entry.code_xpath(v.CONFIDENTIALITY), note=chosen or "visible de tous")
    if not wanted:
        message = "Document caché sans que l'utilisateur l'ait choisi"
    else:
        message = "Autre visibilité que celle choisie" if hidden else "Visibilité choisie non reportée"
    raise CheckFailed(
        message,
        expected=f"la confidentialité du document, puis {wanted[0]}" if wanted else "la confidentialité du document seule",
        received=", ".join(hidden) or "aucun code de visibilité",
        at=entry.code_xpath(v.CONFIDENTIALITY),
        hint="Reporter le choix fait pour ce document, et pour lui seul, dans confidentialityCode.",
    )


@check("dmp.alimentation.dated-of-act", covers=("DMP-ALIM-12",), source=_HISTORY, confidence="secondaire")
def historical_document_is_dated_of_its_act(gesture: Geste, submission: Submission) -> Evidence:
    """Un document de l'historique est daté de l'acte qu'il rapporte, pas de son envoi."""
    if not isinstance(gesture.gesture, DeposerDocument) or not gesture.gesture.date:
        raise Inconclusive("le geste ne donne pas la date d'un document de l'historique")
    wanted = date.fromisoformat(gesture.gesture.date)
    entry = submission.judged_entries()[0]
    started = dtm_instant(entry.slot("serviceStartTime"))
    if started is None:
        raise Inconclusive("serviceStartTime illisible")
    if started.astimezone(_PARIS).date() != wanted:
        raise CheckFailed(
            "Document de l'historique daté d'un autre jour que son acte",
            expected=f"serviceStartTime le {wanted:%d/%m/%Y}",
            received=entry.slot("serviceStartTime"),
            at=entry.slot_xpath("serviceStartTime"),
            hint="Reprendre la date de l'acte du dossier, dans le CDA (documentationOf) et dans la fiche.",
        )
    return Evidence(at=entry.slot_xpath("serviceStartTime"), note=f"{wanted:%d/%m/%Y}")


@check("dmp.alimentation.author-completed", covers=("DMP-ALIM-12",), source=_HISTORY, confidence="secondaire")
def author_without_rpps_is_completed(submission: Submission) -> Evidence:
    """Un auteur sans numéro RPPS est complété par la personne morale : sa structure, avec son identifiant national."""
    entry = submission.judged_entries()[0]
    at = entry.code_xpath(v.ENTRY_AUTHOR)
    unknown = [a for a in entry.authors if a.persons and not parse_xcn(a.persons[0]).id.startswith("8")]
    if not unknown:
        raise Inconclusive("tous les auteurs ont un numéro RPPS")
    for author in unknown:
        structures = [parse_xon(value) for value in author.institutions]
        if not any(s.name and s.id for s in structures):
            raise CheckFailed(
                "Auteur sans numéro RPPS et sans structure",
                expected="authorInstitution : nom et identifiant national de la personne morale",
                received=", ".join(author.institutions) or "absent",
                at=f"{at}/rim:Slot[@name='authorInstitution']",
                hint="Quand l'auteur n'est pas au RPPS, la structure répond du document : la nommer et l'identifier.",
            )
    return Evidence(at=at, note=unknown[0].persons[0].partition("^")[0])


@check(
    "dmp.suite.refusal-not-retried", covers=("DMP-ALIM-19",), source="IHE ITI TF-3 §4.2.4 ; choix du harnais", confidence="infere"
)
def a_final_refusal_is_not_retried(deposits: Sequence[Exchange]) -> Evidence:
    """Un dépôt que le DMP refuse définitivement n'est pas renvoyé tel quel."""
    refused: dict[str, str] = {}
    for deposit in deposits:
        for entry in provide(Submission, deposit).clinical_entries:
            if entry.unique_id in refused:
                raise CheckFailed(
                    "Dépôt refusé renvoyé tel quel",
                    expected=f"plus aucun envoi de ce document après {refused[entry.unique_id]}",
                    received=f"nouvel envoi de {entry.unique_id}",
                    at=deposit.id,
                    hint="Un refus de métadonnées ou de droits ne passera pas mieux plus tard : le montrer à l'utilisateur.",
                )
            if _FINAL.intersection(str(c) for c in deposit.facts.get("codes", ())):
                refused[entry.unique_id] = deposit.id
    if not refused:
        raise Inconclusive("aucun refus définitif parmi les dépôts observés")
    return Evidence(at=deposits[-1].id, note=f"{len(refused)} refus, aucun nouvel envoi")


@check("dmp.alimentation.failure-shown", covers=("DMP-ALIM-19",), source=_FAILURE, confidence="vu")
def failure_is_shown(view: Geste, deposits: Sequence[Exchange]) -> Evidence:
    """L'échec d'un dépôt est visible dans le DUI : son état, et le motif."""
    _require_failure(view, deposits)
    state, reason = view.observation("etat_envoi"), view.observation("motif")
    if state is None:
        raise Inconclusive("le DUI ne déclare pas l'état de ses envois : à constater à l'écran")
    if state != "echec" or not reason:
        raise CheckFailed(
            "Échec d'alimentation que le DUI ne montre pas",
            expected="etat_envoi « echec », avec un motif",
            received=f"etat_envoi « {state} », motif « {reason or ''} »",
            at=view.id,
            hint="Distinguer ce qui attend, ce qui est déposé et ce qui a échoué, avec la raison donnée par le DMP.",
        )
    return Evidence(at=view.id, note=str(reason)[:80])


@check("dmp.alimentation.failure-counted", covers=("DMP-ALIM-19",), source=_FAILURE, confidence="vu")
def failures_are_counted(view: Geste, deposits: Sequence[Exchange]) -> Evidence:
    """Les échecs d'alimentation sont comptés."""
    expected = _require_failure(view, deposits)
    count = view.observation("echecs")
    if count is None:
        raise Inconclusive("le DUI ne déclare pas le nombre de ses échecs : à constater à l'écran")
    if str(count).strip() != str(expected):
        raise CheckFailed(
            "Nombre d'échecs d'alimentation inexact",
            expected=str(expected),
            received=str(count),
            at=view.id,
            hint="Compter un échec par document que le DMP a refusé (tableau de bord de l'alimentation).",
        )
    return Evidence(at=view.id, note=f"{count} échec(s)")


@check(
    "dmp.alimentation.no-false-success",
    covers=("DMP-ALIM-19",),
    source=f"{_FAILURE} ; §11 (XDSUnknownPatientId)",
    confidence="vu",
)
def nothing_stored_is_not_sent(view: Geste, validation: Geste) -> Evidence:
    """Un document que le DMP n'a pas enregistré n'est pas montré comme déposé."""
    if not isinstance(view.gesture, ConsulterEnvois):
        raise Inconclusive("l'état des envois n'a pas été affiché")
    state = view.observation("etat_envoi")
    if state is None:
        raise Inconclusive("le DUI ne déclare pas l'état de ses envois : à constater à l'écran")
    if state == "envoye":
        raise CheckFailed(
            "Document montré comme déposé alors que le DMP ne l'a pas",
            expected="echec, en attente ou bloque, avec le motif",
            received="envoye",
            at=view.id,
            hint="Sans DMP ouvert, rien ne peut être déposé : le dire à l'utilisateur.",
        )
    return Evidence(at=view.id, note=f"{state}, après {validation.id}")


def _require_failure(view: Geste, deposits: Sequence[Exchange]) -> int:
    """How many documents were finally refused; refuses what shows nothing."""
    if not isinstance(view.gesture, ConsulterEnvois):
        raise Inconclusive("l'état des envois n'a pas été affiché")
    refused = [d for d in deposits if _FINAL.intersection(str(c) for c in d.facts.get("codes", ()))]
    if not refused:
        raise Inconclusive("aucun dépôt refusé par le DMP")
    return len({e.unique_id for d in refused for e in provide(Submission, d).clinical_entries})
