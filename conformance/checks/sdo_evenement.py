"""ViaTrajectoire, flow 4: what an event says, beside what the profile esms-task demands of its form."""

from __future__ import annotations

from datetime import date, timedelta

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.gestures.orientation import ChangerStatutOrientation, LireOrientation
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.sdo.codes import codes
from ..validation.sdo.event import EsmsEvent
from .registry import check

IG = "SDO 4.0.7, flux 4"
ASS = "ASS_A32 (1.2.250.1.213.3.4.217)"
VT06 = ("VT-06",)
VT08 = ("VT-08",)


@check("sdo.evenement.type-contenu", covers=VT06, source="SDO 4.0.7, CapabilityStatement (formats)", confidence="vu")
def event_says_its_type(event: EsmsEvent) -> Evidence:
    """Le corps est annoncé application/fhir+json ou application/fhir+xml."""
    kind = event.content_type.partition(";")[0].strip().lower()
    if kind not in ("application/fhir+json", "application/fhir+xml"):
        raise CheckFailed(
            "Type du corps inattendu",
            expected="application/fhir+json ou application/fhir+xml",
            received=event.content_type or "absent",
            at="en-tête Content-Type",
            hint="application/json et application/xml ne disent pas FHIR : un serveur peut répondre 415.",
        )
    return Evidence(at="en-tête Content-Type", note=kind)


@check("sdo.evenement.structure", covers=VT06, source=f"{IG}, input idNat_Struct", confidence="vu")
def event_names_the_establishment(event: EsmsEvent, settings: Settings) -> Evidence:
    """idNat_Struct est l'établissement qui parle : 1 suivi du FINESS EG, comme struct_idnat."""
    known = [f"1{finess}" for finess in settings.viatrajectoire.finess_eg]
    if event.said.structure not in known:
        raise CheckFailed(
            "Événement au nom d'une autre structure",
            expected=" ou ".join(known),
            received=event.said.structure or "absent",
            at="Task.input[idNat_Struct]",
            hint="Nommer l'établissement (EG) qui a reçu la notification, non l'entité juridique.",
        )
    return Evidence(at="Task.input[idNat_Struct]")


@check("sdo.evenement.decision", covers=VT06, source=f"{IG}, input idDecision et idNat_Decision", confidence="vu")
def event_names_the_decision(event: EsmsEvent) -> Evidence:
    """idDecision et idNat_Decision sont les identifiants de la décision lue, chacun à sa place."""
    expected = (event.facts.get("id_decision"), event.facts.get("id_nat_decision"))
    if expected == (None, None):
        raise CheckFailed(
            "Décision inconnue de ViaTrajectoire",
            expected="les identifiants usual et official du DocumentReference lu",
            received=f"idDecision={event.said.id_decision or 'absent'}, idNat_Decision={event.said.id_nat or 'absent'}",
            at="Task.input[idNat_Decision]",
            hint="Garder les deux identifiants reçus et les recopier tels quels.",
        )
    swapped = (event.said.id_nat, event.said.id_decision) == expected
    if (event.said.id_decision, event.said.id_nat) != expected:
        raise CheckFailed(
            "Identifiants de la décision échangés" if swapped else "Identifiants de la décision changés",
            expected=f"idDecision={expected[0]}, idNat_Decision={expected[1]}",
            received=f"idDecision={event.said.id_decision or 'absent'}, idNat_Decision={event.said.id_nat or 'absent'}",
            at="Task.input[idDecision]",
            hint="use=usual est idDecision (MDPH) ; use=official est idNat_Decision (ViaTrajectoire).",
        )
    return Evidence(at="Task.input[idNat_Decision]")


def _levels(event: EsmsEvent) -> list[tuple[str, str, str]]:
    """Status, reason and name of the reason, for each level that has a status."""
    said = event.said
    found = [(said.statut, said.motif, "motifESMS"), (said.statut_unite, said.motif_unite, "motifUnite")]
    return [row for row in found if row[0]]


@check("sdo.evenement.motif-present", covers=VT06, source=ASS, confidence="vu")
def reason_is_given(event: EsmsEvent) -> Evidence:
    """Un statut que l'association ASS_A32 lie à des motifs est accompagné d'un motif."""
    levels = [row for row in _levels(event) if row[0] in codes().motifs]
    if not levels:
        return Evidence(at="Task.input", note="aucun statut qui demande un motif")
    for status, reason, name in levels:
        if not reason:
            raise CheckFailed(
                "Motif absent",
                expected=f"un motif parmi {', '.join(codes().motifs[status])}",
                received=f"statut {codes().label(status)}, sans motif",
                at=f"Task.input[{name}]",
                hint="Demander le motif à l'utilisateur avant d'enregistrer ce statut.",
            )
    return Evidence(at="Task.input", fired=len(levels))


@check("sdo.evenement.motif-admis", covers=VT06, source=ASS, confidence="vu")
def reason_is_allowed(event: EsmsEvent) -> Evidence:
    """Le motif est un de ceux que l'association ASS_A32 permet avec ce statut."""
    levels = [row for row in _levels(event) if row[1] and row[0] in codes().motifs]
    if not levels:
        return Evidence(at="Task.input", note="aucun motif à comparer")
    for status, reason, name in levels:
        if reason not in codes().motifs[status]:
            raise CheckFailed(
                "Motif qui n'est pas permis avec ce statut",
                expected=f"avec {codes().label(status)} : {', '.join(codes().motifs[status])}",
                received=reason,
                at=f"Task.input[{name}]",
                hint="Proposer pour chaque statut les motifs de la table d'association, et eux seuls.",
            )
    return Evidence(at="Task.input", fired=len(levels))


@check("sdo.evenement.motif-sans-objet", covers=VT06, source=ASS, confidence="vu")
def no_reason_where_none_is_allowed(event: EsmsEvent) -> Evidence:
    """Un statut sans motif dans l'association ASS_A32 n'en porte pas."""
    levels = [row for row in _levels(event) if row[0] not in codes().motifs]
    if not levels:
        return Evidence(at="Task.input", note="chaque statut demande un motif")
    for status, reason, name in levels:
        if reason:
            raise CheckFailed(
                "Motif avec un statut qui n'en a pas",
                expected=f"{codes().label(status)}, sans motif",
                received=reason,
                at=f"Task.input[{name}]",
                hint="Effacer le motif resté du statut précédent.",
            )
    return Evidence(at="Task.input", fired=len(levels))


@check("sdo.evenement.date-statut", covers=VT06, source=f"{IG}, input dateStatutESMS (0..1 dans le profil)", confidence="infere")
def status_has_its_date(event: EsmsEvent) -> Evidence:
    """Un statut est accompagné de sa date."""
    said = event.said
    for status, day, name in (
        (said.statut, said.date_statut, "dateStatutESMS"),
        (said.statut_unite, said.date_statut_unite, "dateStatutUnite"),
    ):
        if status and not day:
            raise CheckFailed(
                "Statut sans date",
                expected=f"{name} avec le statut {status}",
                received="aucune date",
                at=f"Task.input[{name}]",
                hint="Le profil ne l'impose pas pour l'établissement, mais un statut sans date ne se range pas dans l'ordre.",
            )
    return Evidence(at="Task.input")


@check("sdo.evenement.date-passee", covers=VT06, source="SDO 4.0.5 : sens de la date de statut", confidence="infere")
def date_of_status_is_not_in_the_future(event: EsmsEvent) -> Evidence:
    """La date d'un statut n'est pas dans l'avenir."""
    limit = (event.moment + timedelta(days=1)).date()
    dates = (("dateStatutESMS", event.said.date_statut), ("dateStatutUnite", event.said.date_statut_unite))
    found = [(name, text) for name, text in dates if text]
    if not found:
        return Evidence(at="Task.input", note="aucune date de statut")
    for name, text in found:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise Inconclusive(f"{name} n'est pas une date") from None
        if day > limit:
            raise CheckFailed(
                "Date de statut dans l'avenir",
                expected=f"au plus tard le {limit.isoformat()}",
                received=text,
                at=f"Task.input[{name}]",
                hint="La date est celle du fait (entrée, contact…), qui a eu lieu quand l'événement part.",
            )
    return Evidence(at="Task.input", fired=len(found))


@check("sdo.evenement.emetteur", covers=VT08, source="sens des statuts ; aucune table publique", confidence="infere")
def status_is_one_of_the_establishment(event: EsmsEvent) -> Evidence:
    """Le statut est de ceux qu'un établissement émet : 37, 39, 46 et 49 viennent d'ailleurs."""
    if not event.said.statut:
        return Evidence(at="Task.input[statutESMS]", note="aucun statut d'établissement")
    if event.said.statut not in codes().emetteur:
        raise CheckFailed(
            "Statut qui n'est pas celui d'un établissement",
            expected=", ".join(sorted(codes().emetteur, key=int)),
            received=codes().label(event.said.statut),
            at="Task.input[statutESMS]",
            hint="L'établissement signale (45) ; la MDPH entérine (46), annule (37, 49) et envoie (39). Règle provisoire.",
        )
    return Evidence(at="Task.input[statutESMS]", note=codes().label(event.said.statut))


@check("sdo.evenement.paire", covers=VT08, source="correspondance déduite des libellés J252 et J253", confidence="infere")
def unit_status_goes_with_that_of_the_establishment(event: EsmsEvent) -> Evidence:
    """Le statut d'unité va avec celui de l'établissement (186 avec 47, 188 avec 48…)."""
    said = event.said
    if not said.statut or not said.statut_unite:
        return Evidence(at="Task.input[statutUnite]", note="l'événement ne porte pas les deux statuts")
    expected = codes().paires.get(said.statut_unite, ())
    if said.statut not in expected:
        raise CheckFailed(
            "Statuts d'unité et d'établissement qui ne vont pas ensemble",
            expected=f"{codes().label(said.statut_unite)} avec {', '.join(expected) or 'aucun statut connu'}",
            received=codes().label(said.statut),
            at="Task.input[statutUnite]",
            hint="Déduire un statut de l'autre, ou les faire choisir ensemble. Règle provisoire.",
        )
    return Evidence(at="Task.input[statutUnite]")


@check(
    "sdo.evenement.unite-ror", covers=("VT-10",), source="webinaire ANS Vague 2 : unités décrites dans le ROR", confidence="vu"
)
def unit_is_one_of_the_ror(event: EsmsEvent, settings: Settings) -> Evidence:
    """L'unité nommée est une de celles que le ROR décrit pour l'établissement."""
    if not event.said.unite:
        return Evidence(at="Task.input[idUnite]", note="l'événement ne nomme pas d'unité")
    if event.said.unite not in settings.viatrajectoire.unites:
        raise CheckFailed(
            "Unité inconnue du ROR",
            expected=" ou ".join(settings.viatrajectoire.unites),
            received=event.said.unite,
            at="Task.input[idUnite]",
            hint="Lire les unités et leurs identifiants dans le ROR ; ceux du DUI ne sont connus de personne d'autre.",
        )
    return Evidence(at="Task.input[idUnite]")


def _asked(attempt: Geste) -> ChangerStatutOrientation:
    """What the user entered; to open a notification is to enter that it is read."""
    if isinstance(attempt.gesture, LireOrientation):
        return ChangerStatutOrientation(attempt.gesture.usager, statut="40")
    if not isinstance(attempt.gesture, ChangerStatutOrientation):
        raise Inconclusive("ce geste ne change pas un statut")
    return attempt.gesture


@check("sdo.evenement.statut-saisi", covers=("VT-06", "VT-08"), source=IG, confidence="vu")
def event_says_the_status_entered(attempt: Geste, event: EsmsEvent) -> Evidence:
    """L'événement porte le statut que l'utilisateur a enregistré."""
    asked = _asked(attempt)
    for name, wanted, sent in (
        ("statutESMS", asked.statut, event.said.statut),
        ("statutUnite", asked.statut_unite, event.said.statut_unite),
    ):
        if wanted != sent:
            raise CheckFailed(
                "Statut envoyé différent du statut enregistré",
                expected=codes().label(wanted) if wanted else "aucun",
                received=codes().label(sent) if sent else "absent",
                at=f"Task.input[{name}]",
                hint="Faire correspondre chaque statut du DUI à un code de la terminologie, un pour un.",
            )
    return Evidence(at="Task.input[statutESMS]", note=codes().label(asked.statut))


@check("sdo.evenement.motif-saisi", covers=VT06, source=IG, confidence="vu")
def event_says_the_reason_entered(attempt: Geste, event: EsmsEvent) -> Evidence:
    """L'événement porte le motif et l'unité que l'utilisateur a enregistrés."""
    asked = _asked(attempt)
    for name, wanted, sent in (
        ("motifESMS", asked.motif, event.said.motif),
        ("motifUnite", asked.motif_unite, event.said.motif_unite),
        ("idUnite", asked.unite, event.said.unite),
    ):
        if wanted != sent:
            raise CheckFailed(
                "Saisie de l'utilisateur changée en chemin",
                expected=wanted or "aucun",
                received=sent or "absent",
                at=f"Task.input[{name}]",
                hint="Envoyer le code choisi par l'utilisateur, sans le remplacer par une valeur par défaut.",
            )
    return Evidence(at="Task.input[motifESMS]")
