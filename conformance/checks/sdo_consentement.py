"""ViaTrajectoire, flows 2 and 3: the consent of the user, then his evaluation, and never the second without the first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.sdo.call import EVALUATION, SdoCall
from ..validation.sdo.event import CONSENT, EsmsConsent
from .registry import check

IG = "SDO 4.0.7, flux 2 et 3"
VT04 = ("VT-04",)
ESSAIS = 2


@check("sdo.consentement.structure", covers=VT04, source=f"{IG}, Consent.meta.source", confidence="vu")
def consent_comes_from_the_establishment(consent: EsmsConsent, settings: Settings) -> Evidence:
    """meta.source est l'identifiant national de l'établissement."""
    known = [f"1{finess}" for finess in settings.viatrajectoire.finess_eg]
    if consent.source not in known:
        raise CheckFailed(
            "Consentement au nom d'une autre structure",
            expected=" ou ".join(known),
            received=consent.source or "absent",
            at="Consent.meta.source",
            hint="meta.source porte 1 suivi du FINESS EG, comme struct_idnat.",
        )
    return Evidence(at="Consent.meta.source")


@check("sdo.consentement.decision", covers=VT04, source=f"{IG}, identifiant official de la décision", confidence="vu")
def consent_names_the_decision(consent: EsmsConsent) -> Evidence:
    """Le consentement nomme la décision par son identifiant national (idNat_Decision)."""
    expected = consent.facts.get("id_nat_decision")
    if expected is None or consent.identifier != expected:
        raise CheckFailed(
            "Consentement qui ne nomme pas la décision",
            expected=str(expected or "l'identifiant official du DocumentReference lu"),
            received=consent.identifier or "absent",
            at="Consent.provision.data.reference.identifier.value",
            hint="Recopier l'identifiant d'usage official de la décision, non celui de la MDPH.",
        )
    return Evidence(at="Consent.provision.data.reference.identifier.value")


@check("sdo.consentement.date", covers=VT04, source=f"{IG}, Consent.dateTime", confidence="vu")
def consent_is_dated_when_given(consent: EsmsConsent) -> Evidence:
    """dateTime est l'instant où l'usager a consenti : ni dans l'avenir, ni bien avant."""
    try:
        given = datetime.fromisoformat(consent.date_time)
    except ValueError:
        raise Inconclusive("Consent.dateTime n'est pas un instant") from None
    if given.tzinfo is None:
        raise Inconclusive("Consent.dateTime n'a pas d'heure")
    gap = given - consent.moment
    if not timedelta(days=-1) <= gap <= timedelta(minutes=10):
        raise CheckFailed(
            "Date de consentement qui n'est pas celle du recueil",
            expected=f"vers {consent.moment.isoformat(timespec='seconds')}",
            received=consent.date_time,
            at="Consent.dateTime",
            hint="Dater le consentement du moment où il est enregistré, avec son fuseau.",
        )
    return Evidence(at="Consent.dateTime")


@check("sdo.evaluation.apres-consentement", covers=VT04, source=f"{IG} : le consentement précède l'évaluation", confidence="vu")
def evaluation_follows_the_consent(calls: Sequence[SdoCall]) -> Evidence:
    """L'évaluation n'est demandée qu'après un consentement que ViaTrajectoire a reçu."""
    asked = [rank for rank, c in enumerate(calls) if c.kind == EVALUATION]
    if not asked:
        raise Inconclusive("aucune évaluation n'a été demandée")
    given = [rank for rank, c in enumerate(calls) if c.kind == CONSENT and c.served]
    if not given or given[0] > asked[0]:
        raise CheckFailed(
            "Évaluation demandée avant le consentement",
            expected="POST Consent, puis la recherche de l'évaluation",
            received="aucun consentement avant la recherche" if not given else "le consentement après la recherche",
            at="recherche de l'évaluation",
            hint="Recueillir et envoyer le consentement de la personne avant de demander son évaluation.",
        )
    return Evidence(at="recherche de l'évaluation")


@check("sdo.evaluation.identifiant", covers=VT04, source=f"{IG}, identifier=idNat_Decision", confidence="vu")
def evaluation_is_asked_by_the_national_identifier(call: SdoCall) -> Evidence:
    """L'évaluation se cherche par l'identifiant national de la décision."""
    if call.kind != EVALUATION:
        raise Inconclusive("cet appel n'est pas la recherche d'une évaluation")
    if "id_nat_decision" not in call.facts:
        raise CheckFailed(
            "Évaluation cherchée par un autre identifiant",
            expected="identifier=<idNat_Decision>, identifiant official de la décision",
            received=call.query[:200],
            at="recherche de l'évaluation, identifier",
            hint="L'identifiant usual est celui de la MDPH : ViaTrajectoire ne cherche que par le national.",
        )
    return Evidence(at="recherche de l'évaluation, identifier")


@check("sdo.evaluation.montree", covers=VT04, source=f"{IG}, flux 3.2", confidence="vu")
def evaluation_is_shown(attempt: Geste, call: SdoCall) -> Evidence:
    """L'évaluation reçue s'affiche."""
    if call.kind != EVALUATION or not call.served or not call.facts.get("total"):
        raise Inconclusive("ViaTrajectoire n'a pas rendu d'évaluation")
    shown = attempt.observation("evaluation")
    if shown is None and attempt.fait:
        raise Inconclusive("le DUI ne dit pas si l'évaluation s'affiche")
    if shown is not True:
        raise CheckFailed(
            "Évaluation reçue et non montrée",
            expected="l'évaluation affichée",
            received=attempt.resultat.message if attempt.resultat else "geste non terminé",
            at=attempt.id,
            hint="Lire content.attachment.data (CDA en base64) de la ressource rendue.",
        )
    return Evidence(at=attempt.id)


@check("sdo.evaluation.refus-sans-insistance", covers=VT04, source="SDO-07 du plan d'essai", confidence="infere")
def refused_evaluation_is_not_asked_again(calls: Sequence[SdoCall]) -> Evidence:
    """Une évaluation refusée (403) n'est pas redemandée aussitôt."""
    refused = [c for c in calls if c.kind == EVALUATION and c.status == 403]
    if not refused:
        raise Inconclusive("aucune évaluation n'a été refusée")
    if len(refused) > ESSAIS:
        raise CheckFailed(
            "Évaluation refusée et redemandée sans fin",
            expected=f"{ESSAIS} essais au plus",
            received=f"{len(refused)} demandes refusées",
            at="recherche de l'évaluation",
            hint="Un 403 dit que le droit manque : s'arrêter et le dire.",
        )
    return Evidence(at="recherche de l'évaluation", note=f"{len(refused)} essai(s)")


@check("sdo.evaluation.refus-annonce", covers=VT04, source="SDO-07 du plan d'essai", confidence="infere")
def refused_evaluation_is_told(attempt: Geste, calls: Sequence[SdoCall]) -> Evidence:
    """Une évaluation refusée est dite à l'utilisateur, non montrée comme vide."""
    if not any(c.kind == EVALUATION and c.status == 403 for c in calls):
        raise Inconclusive("aucune évaluation n'a été refusée")
    if attempt.fait and not attempt.observation("alerte"):
        raise CheckFailed(
            "Évaluation refusée passée sous silence",
            expected="un geste refusé, ou une alerte montrée",
            received="geste fait, sans alerte",
            at=attempt.id,
            hint="Une évaluation refusée n'est pas une évaluation vide : dire que l'accès est refusé.",
        )
    return Evidence(at=attempt.id)
