"""Feeding the DMP over time: automatic, deferred, once, and surviving outages without duplicate."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.exchange import Exchange
from ..core.gestures.dmp import AnnulerEnvoi
from ..core.gestures.documents import ValiderDocument
from ..core.problem import Evidence
from ..core.providers import provide
from ..core.settings import Settings
from ..validation.xds.submission import Submission
from ..validation.xds.vocabulary import TYPE_CODE
from .registry import check
from .types_documents import TYPES

_LEAVING = ("programme", "envoye", "en attente")
DUPLICATE = "XDSDuplicateUniqueIdInRegistry"
TRIES_PER_MINUTE = 40
SPACING = timedelta(milliseconds=100)
_MINUTE = timedelta(minutes=1)


@check("dmp.alimentation.stored", covers=("DMP-ALIM-04",), source="IHE ITI-41 ; réponse du simulateur", confidence="vu")
def deposit_is_stored(deposit: Exchange) -> Evidence:
    """Le dépôt est accepté et enregistré par le DMP."""
    status, codes = str(deposit.facts.get("statut", "")), [str(c) for c in deposit.facts.get("codes", ())]
    if not status:
        raise Inconclusive("le DMP n'a pas répondu à ce dépôt")
    if not deposit.facts.get("stocke"):
        raise CheckFailed(
            "Dépôt refusé par le DMP",
            expected="RegistryResponse Success, document enregistré",
            received=f"{status} {', '.join(codes)}".strip(),
            at=f"réponse de {deposit.id}",
            hint=str(deposit.facts.get("motif", "")) or "Le code et le codeContext de chaque RegistryError disent ce qui manque.",
        )
    return Evidence(at=f"réponse de {deposit.id}", note=f"{deposit.facts.get('uniqueIds', 1)} document(s) enregistré(s)")


@check("dmp.alimentation.automatic", covers=("DMP-ALIM-04",), source="webinaire ANS du 31/03/2026, alimentation", confidence="vu")
def validation_is_enough_to_deposit(validation: Geste, deposit: Exchange) -> Evidence:
    """La validation suffit : le DUI annonce l'envoi comme programmé et le document part sans autre geste."""
    if not isinstance(validation.gesture, ValiderDocument) or validation.resultat is None:
        raise Inconclusive("aucune validation de document terminée")
    state = validation.observation("etat_envoi")
    if not validation.fait or state not in (None, *_LEAVING):
        raise CheckFailed(
            "Le DUI n'annonce pas l'envoi du document qu'il vient de valider",
            expected=f"geste fait, envoi {', '.join(_LEAVING)}",
            received=f"geste {validation.resultat.etat}, envoi {state or 'non annoncé'}",
            at=validation.id,
            hint="L'alimentation est systématique : la validation programme l'envoi, sans confirmation à donner.",
        )
    return Evidence(at=deposit.id, note=f"après {validation.id}, sans autre geste")


@check("dmp.alimentation.type-of-gesture", covers=("DMP-ALIM-04",), source="programme §1.4bis", confidence="vu")
def deposited_type_is_that_of_the_gesture(gesture: Geste, submission: Submission) -> Evidence:
    """Le lot contient un document, du type validé par l'utilisateur (typeCode)."""
    wanted = TYPES.get(str(gesture.gesture.arguments().get("type", "")))
    if wanted is None:
        raise Inconclusive("le geste ne nomme pas un type de document connu")
    found = [code.code for entry in submission.clinical_entries if (code := entry.code(TYPE_CODE)) is not None]
    if len(found) != 1 or found[0] not in wanted.codes:
        raise CheckFailed(
            "Le document déposé n'est pas celui qui vient d'être validé",
            expected=f"un document, typeCode {' ou '.join(wanted.codes)}",
            received=", ".join(found) or "aucun typeCode",
            at=submission.at,
            hint="Un lot par document validé, avec le typeCode de son type.",
        )
    return Evidence(at=submission.at, note=found[0])


@check(
    "dmp.alimentation.delay-respected",
    covers=("DMP-ALIM-06",),
    source="webinaire ANS du 31/03/2026, envoi différé",
    confidence="vu",
)
def deposit_waits_for_the_delay(gesture: Geste, deposit: Exchange, settings: Settings) -> Evidence:
    """L'envoi est différé : il part après le délai programmé qui suit la validation."""
    delay = settings.delais.envoi_differe
    if gesture.fin is None:
        raise Inconclusive("la fin du geste de validation n'est pas connue")
    if delay <= 0:
        raise Inconclusive("aucun délai d'envoi n'est réglé ([delais] envoi_differe)")
    waited = (deposit.times.logical - gesture.fin).total_seconds()
    # The driver may learn of the end of the gesture a little after the DUI; never so late that any delay would do.
    if waited < delay - min(max(5.0, delay / 10), delay / 2):
        raise CheckFailed(
            "Dépôt envoyé avant la fin du délai",
            expected=f"{delay:g} s après la validation",
            received=f"{max(waited, 0):.0f} s",
            at=deposit.id,
            hint="La validation programme l'ordre d'envoi ; il n'est exécuté qu'au terme du délai, pour pouvoir être annulé.",
        )
    return Evidence(at=deposit.id, note=f"{waited:.0f} s après la validation")


@check(
    "dmp.alimentation.cancellable", covers=("DMP-ALIM-06",), source="webinaire ANS du 31/03/2026, envoi différé", confidence="vu"
)
def cancellation_is_accepted_in_time(cancellation: Geste) -> Evidence:
    """L'envoi programmé peut être annulé pendant le délai."""
    if not isinstance(cancellation.gesture, AnnulerEnvoi) or cancellation.resultat is None:
        raise Inconclusive("aucune annulation d'envoi terminée")
    if not cancellation.fait:
        raise CheckFailed(
            "L'annulation demandée pendant le délai a été refusée",
            expected="annulation faite",
            received=f"geste {cancellation.resultat.etat} : {cancellation.resultat.message}",
            at=cancellation.id,
            hint="Tant que le délai court, l'ordre d'envoi programmé reste annulable.",
        )
    return Evidence(at=cancellation.id, note="annulation faite avant la fin du délai")


@check("dmp.suite.one-deposit", covers=("DMP-ALIM-09",), source="programme §1.4 (SC.DMP/ALI/PROG.07)", confidence="vu")
def each_document_is_stored_once(deposits: Sequence[Exchange]) -> Evidence:
    """Chaque document validé n'est enregistré qu'une fois dans le DMP."""
    stored = [e for e in _deposits(deposits) if e.facts.get("stocke")]
    if not stored:
        raise Inconclusive("aucun dépôt enregistré parmi ceux observés")
    if len(stored) > 1:
        raise CheckFailed(
            "Plusieurs dépôts enregistrés pour un seul document validé",
            expected="un dépôt enregistré",
            received=f"{len(stored)} : {', '.join(e.id for e in stored)}",
            at=stored[1].id,
            hint="Un nouvel essai reprend le même uniqueId ; un envoi accepté est définitivement retiré de la file.",
        )
    return Evidence(at=stored[0].id, note=f"{len(_deposits(deposits))} essai(s), un enregistrement")


@check("dmp.suite.same-document-on-retry", covers=("DMP-ALIM-09",), source="programme §1.4 (SC.DMP/ALI/PROG.07)", confidence="vu")
def retries_resend_the_same_document(deposits: Sequence[Exchange]) -> Evidence:
    """Un nouvel essai renvoie le même document, octet pour octet, sous le même uniqueId."""
    attempts = [(e, _documents(e)) for e in _deposits(deposits)]
    if len(attempts) < 2:
        raise Inconclusive("un seul essai d'envoi : rien à comparer")
    first, expected = attempts[0]
    for attempt, received in attempts[1:]:
        if received.keys() != expected.keys():
            raise CheckFailed(
                "uniqueId différent d'un essai à l'autre",
                expected=", ".join(expected),
                received=", ".join(received) or "aucun uniqueId",
                at=f"{attempt.id}, après {first.id}",
                hint="Garder dans la file le document et ses identifiants, fixés à la validation.",
            )
        changed = [uid for uid in expected if expected[uid] != received[uid]]
        if changed:
            raise CheckFailed(
                "Document modifié d'un essai à l'autre sous le même uniqueId",
                expected=f"SHA-256 {expected[changed[0]][:16]}…",
                received=f"SHA-256 {received[changed[0]][:16]}…",
                at=f"{attempt.id}, document {changed[0]}",
                hint="Le document est produit une fois, à la validation ; l'envoi ne le régénère pas.",
            )
    return Evidence(at=first.id, note=f"{len(attempts)} essais identiques", fired=len(attempts))


@check("dmp.suite.nothing-after-success", covers=("DMP-ALIM-09",), source="IHE ITI-41 ; EX_GEN-1060", confidence="secondaire")
def nothing_is_resent_once_stored(deposits: Sequence[Exchange]) -> Evidence:
    """Un document dont le DMP a confirmé l'enregistrement, ou répondu qu'il l'a déjà, n'est plus renvoyé."""
    done: dict[str, str] = {}
    judged = _deposits(deposits)
    for deposit in judged:
        for uid in _documents(deposit):
            if uid in done:
                raise CheckFailed(
                    "Document renvoyé après la confirmation du DMP",
                    expected=f"plus aucun envoi après {done[uid]}",
                    received=f"nouvel envoi de {uid}",
                    at=deposit.id,
                    hint=f"Success et {DUPLICATE} disent tous deux que le document est dans le DMP.",
                )
            if _confirmed(deposit):
                done[uid] = deposit.id
    if not done:
        raise Inconclusive("aucune confirmation d'enregistrement parmi les dépôts observés")
    return Evidence(at=judged[-1].id, note=f"{len(judged)} dépôt(s) examiné(s)", fired=len(judged))


@check("dmp.suite.paced-retries", covers=("DMP-ALIM-08",), source="choix du harnais", confidence="infere")
def retries_are_paced(deposits: Sequence[Exchange]) -> Evidence:
    """Pendant une panne, les nouveaux essais sont espacés (40 par minute au plus, pas de rafale)."""
    times = sorted(e.times.wall for e in _deposits(deposits))
    if len(times) < 2:
        raise Inconclusive("un seul essai d'envoi : aucun rythme à mesurer")
    worst = max(_within_a_minute(times, start) for start in times)
    closest = min(later - sooner for sooner, later in pairwise(times))
    if worst > TRIES_PER_MINUTE or closest < SPACING:
        raise CheckFailed(
            "Rafale d'essais pendant la panne",
            expected=f"{TRIES_PER_MINUTE} essais par minute au plus, espacés de {SPACING.total_seconds():g} s au moins",
            received=f"{worst} essais en une minute, dont deux à {closest.total_seconds():.2f} s l'un de l'autre",
            at=f"{deposits[0].id} et suivants",
            hint="Espacer les essais de plus en plus (attente doublée à chaque échec).",
        )
    return Evidence(at=deposits[0].id, note=f"{len(times)} essais, {worst} au plus en une minute", fired=len(times))


@check(
    "dmp.suite.wrong-answer-confirms-nothing", covers=("DMP-ALIM-09",), source="WS-Addressing 1.0 Core §3.4", confidence="infere"
)
def wrong_answer_confirms_nothing(deposits: Sequence[Exchange]) -> Evidence:
    """Une réponse dont RelatesTo désigne un autre message ne vaut pas confirmation : le dépôt est refait."""
    judged = _deposits(deposits)
    spoilt = next((rank for rank, e in enumerate(judged) if e.facts.get("panne") == "relatesto-faux"), None)
    if spoilt is None:
        raise Inconclusive("aucune réponse reliée à un autre message parmi les dépôts observés")
    if spoilt == len(judged) - 1:
        raise CheckFailed(
            "Réponse à un autre message prise pour la confirmation du dépôt",
            expected="un nouvel essai du même document",
            received="aucun envoi après cette réponse",
            at=f"réponse de {judged[spoilt].id}, wsa:RelatesTo",
            hint="Comparer RelatesTo au MessageID envoyé avant de croire une réponse.",
        )
    return Evidence(at=judged[spoilt + 1].id, note="dépôt refait")


def _deposits(exchanges: Sequence[Exchange]) -> list[Exchange]:
    return [e for e in exchanges if e.kind == "dmp.td2.1"]


def _documents(deposit: Exchange) -> dict[str, str]:
    """SHA-256 of each clinical document by uniqueId."""
    submission = provide(Submission, deposit)
    return {d.entry.unique_id: hashlib.sha256(d.content).hexdigest() for d in submission.clinical_documents}


def _confirmed(deposit: Exchange) -> bool:
    """True when the DUI received that the document is in the DMP (a lost or spoilt answer confirms nothing)."""
    if deposit.facts.get("panne"):
        return False
    return bool(deposit.facts.get("stocke")) or DUPLICATE in deposit.facts.get("codes", ())


def _within_a_minute(times: Sequence[datetime], start: datetime) -> int:
    return sum(1 for t in times if start <= t < start + _MINUTE)
