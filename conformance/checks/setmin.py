"""SetMinFHIR: what the minimum set of a usager must hold beside what its profiles say. Provisional: nothing is published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.people import Usager
from ..core.problem import Evidence
from ..validation.fhir.attendus import TDDUI
from ..validation.sidoba.lot import EVALUATION, EVENEMENT, INS_ROOTS, SEJOUR, USAGER, Entree, Lot, SetMin, objects
from .registry import check

SOURCE = "SetMinFHIR : profil provisoire, référentiel CNSA non publié (déduit de TDDUI 2.3.0)"
HISTORIQUE = "TDDUI, cas d'usage SSIAD : une à cinq semaines d'historique"
SEXES = {"F": "female", "M": "male"}
_LOCAUX = (USAGER, SEJOUR, EVENEMENT, EVALUATION)


@check("setmin.un-lot", covers=("SMF-01",), source=SOURCE, confidence="infere")
def one_transaction_carries_all(lots: Sequence[SetMin]) -> Evidence:
    """Les données d'un usager partent en une seule transaction, que SIDOBA prend ou rejette tout entière."""
    if len(lots) > 1:
        raise CheckFailed(
            "Données d'un usager envoyées en plusieurs lots",
            expected="une transaction par usager",
            received=f"{len(lots)} lots",
            at=lots[1].id,
            hint="Mettre toutes les ressources de l'usager dans un seul Bundle.",
        )
    return Evidence(at=lots[0].id, note=f"{len(lots[0].entries)} entrées")


@check("setmin.structure", covers=("SMF-01",), source=SOURCE, confidence="infere")
def structure_is_the_one_of_the_call(lot: SetMin) -> Evidence:
    """Le lot décrit la structure au nom de laquelle il est envoyé."""
    found = [e.identified("urn:oid:1.2.250.1.71.4.2.2") for e in lot.of("Organization")]
    if lot.structure not in found:
        raise CheckFailed(
            "Structure du lot différente de celle de l'appel",
            expected=f"une Organization d'identifiant {lot.structure}",
            received=", ".join(f or "sans idNatSt" for f in found) or "aucune Organization",
            at="Bundle.entry.resource.ofType(Organization)",
            hint="Décrire l'établissement de struct_idnat (1 et son FINESS).",
        )
    return Evidence(at="Organization", note=lot.structure)


@check(
    "setmin.identifiants",
    covers=("SMF-01",),
    source="TDDUI 2.3.0, identifiants métier (3 et FINESS, /, numéro)",
    confidence="infere",
)
def local_identifiers_are_of_the_structure(lot: SetMin) -> Evidence:
    """Les identifiants locaux commencent par 3 et le FINESS de la structure."""
    fired = 0
    for entree in lot.entries:
        for system, value in entree.identifiers:
            if system not in _LOCAUX:
                continue
            fired += 1
            if not value.startswith(f"3{lot.structure[1:]}/"):
                raise CheckFailed(
                    "Identifiant local d'une autre structure",
                    expected=f"3{lot.structure[1:]}/…",
                    received=value or "absent",
                    at=f"{entree.at}.identifier",
                    hint="Composer l'identifiant avec le FINESS géographique de l'établissement qui envoie.",
                )
    return Evidence(at="identifier", fired=fired)


@check("setmin.un-usager", covers=("SMF-01",), source=SOURCE, confidence="infere")
def usager_is_described_once(lot: SetMin) -> Evidence:
    """Chaque usager a une seule ressource Patient, et chaque ressource qui le concerne la désigne."""
    patients = lot.of("Patient")
    if not patients:
        raise Inconclusive("aucun Patient dans le lot")
    twice = [value for value, count in Counter(p.identified(USAGER) for p in patients).items() if count > 1]
    if twice:
        raise CheckFailed(
            "Usager décrit plusieurs fois",
            expected="un Patient par usager",
            received=f"{twice[0]} : {sum(p.identified(USAGER) == twice[0] for p in patients)} Patient",
            at=patients[1].at,
            hint="Ne créer qu'une ressource par usager et la référencer.",
        )
    for entree in lot.of("Encounter", "QuestionnaireResponse"):
        target = lot.target(entree.refers("subject"))
        if target is not None and target.type == "Patient" and _number(entree) != target.identified(USAGER):
            raise CheckFailed(
                "Ressource rattachée à un autre usager que celui de son identifiant",
                expected=f"l'usager {_number(entree)}",
                received=target.identified(USAGER) or "sans identifiant local",
                at=f"{entree.at}.subject",
                hint="Référencer le Patient dont l'identifiant porte le même numéro.",
            )
    return Evidence(at="Patient", fired=len(patients))


def _number(entree: Entree) -> str:
    """The local number of the usager, from the identifier of one of his objects."""
    value = entree.identified(SEJOUR, EVENEMENT, EVALUATION)
    for mark in ("-SEJOUR-", "-EVN-", "-EVAL-"):
        value = value.partition(mark)[0]
    return value


@check(
    "setmin.evenements", covers=("SMF-01",), source="TDDUI 2.3.0, tddui-encounter-evenement (partOf, period)", confidence="infere"
)
def events_belong_to_their_stay(lot: SetMin) -> Evidence:
    """Chaque événement est rattaché à un séjour de l'usager, qui avait commencé."""
    events = lot.evenements()
    if not events:
        raise Inconclusive("aucun événement dans le lot")
    for event in events:
        stay = lot.target(event.refers("partOf"))
        begun = _day(stay, "start") if stay is not None else None
        happened = _day(event, "start")
        if stay is None or not stay.identified(SEJOUR) or (begun and happened and happened < begun):
            raise CheckFailed(
                "Événement hors d'un séjour" if stay is None or not stay.identified(SEJOUR) else "Événement antérieur au séjour",
                expected="partOf : un séjour du lot, commencé avant l'événement",
                received=f"{event.refers('partOf') or 'sans partOf'}, {happened} (séjour depuis {begun})",
                at=f"{event.at}.partOf",
                hint="Rattacher l'événement au séjour pendant lequel il a eu lieu.",
            )
    return Evidence(at="Encounter.partOf", fired=len(events))


@check("setmin.historique", covers=("SMF-01",), source=HISTORIQUE, confidence="secondaire")
def history_is_of_one_to_five_weeks(lot: SetMin) -> Evidence:
    """Pour un service de soins à domicile, les événements couvrent une à cinq semaines."""
    days = [day for event in lot.evenements() if (day := _day(event, "start")) is not None]
    if not days:
        raise Inconclusive("aucun événement daté dans le lot")
    span = max(days) - min(days)
    if not timedelta(days=7) <= span <= timedelta(days=35):
        raise CheckFailed(
            "Historique trop court ou trop long",
            expected="7 à 35 jours entre le premier et le dernier événement",
            received=f"{span.days} jours",
            at="Encounter.period",
            hint="Envoyer les événements des cinq dernières semaines, une au moins.",
        )
    return Evidence(at="Encounter.period", note=f"{span.days} jours")


@check("setmin.domicile", covers=("SMF-01",), source=SOURCE, confidence="infere")
def home_service_tells_events_and_evaluation(lot: SetMin) -> Evidence:
    """Pour un service de soins à domicile, le lot porte des événements et une évaluation."""
    missing = [
        name for name, held in (("événement", lot.evenements()), ("évaluation", lot.of("QuestionnaireResponse"))) if not held
    ]
    if missing:
        raise CheckFailed(
            "Contenu du domicile incomplet",
            expected="au moins un événement et une évaluation",
            received=f"sans {' ni '.join(missing)}",
            at="Bundle.entry",
            hint="Joindre les interventions et la dernière évaluation de l'usager.",
        )
    return Evidence(at="Bundle.entry", fired=2)


@check("setmin.profils-declares", covers=("SMF-01",), source="TDDUI 2.3.0, tddui-bundle", confidence="infere")
def resources_declare_their_profile(lot: SetMin) -> Evidence:
    """Chaque ressource déclare dans meta.profile un profil de TDDUI."""
    for entree in lot.entries:
        meta = next(objects(entree.resource.get("meta")), {})
        declared = meta.get("profile")
        if not isinstance(declared, list) or not any(str(p).startswith(TDDUI) for p in declared):
            raise CheckFailed(
                "Profil non déclaré",
                expected=f"meta.profile : {TDDUI}…",
                received=str(declared or "absent")[:120],
                at=f"{entree.at}.meta.profile",
                hint="Déclarer le profil de TDDUI que suit la ressource.",
            )
    return Evidence(at="meta.profile", fired=max(1, len(lot.entries)))


@check("setmin.socle-extensible", covers=("SMF-02",), source=SOURCE, confidence="infere")
def each_object_has_a_business_identifier(lot: SetMin) -> Evidence:
    """Chaque objet du socle a un identifiant métier, auquel d'autres données (PATHOS, SERAFIN-PH…) pourront se rattacher."""
    for entree in lot.entries:
        if not any(value for _, value in entree.identifiers):
            raise CheckFailed(
                "Objet sans identifiant métier",
                expected="un identifier avec system et value",
                received="aucun",
                at=entree.at,
                hint="Donner à chaque objet un identifiant stable : c'est par lui que le socle s'étend.",
            )
    return Evidence(at="identifier", fired=max(1, len(lot.entries)))


@check("setmin.ins", covers=("SMF-01",), source="RNIV ; fr-core-patient-ins", confidence="infere")
def matricule_is_that_of_the_usager(lot: SetMin, usager: Usager) -> Evidence:
    """L'usager qualifié est nommé par son INS, et celui qui ne l'est pas part sans matricule."""
    held = [value for p in lot.of("Patient") for system, value in p.identifiers if system in INS_ROOTS]
    wanted = [usager.ins] if usager.statut == "qualifiee" and usager.ins else []
    if held != wanted:
        raise CheckFailed(
            "Matricule absent, ou d'un autre" if wanted else "Matricule d'une identité non qualifiée",
            expected=wanted[0] if wanted else "aucun matricule",
            received=", ".join(held) or "aucun",
            at="Patient.identifier",
            hint="Le matricule ne quitte le DUI que si l'identité est qualifiée, et tel qu'INSi l'a donné.",
        )
    return Evidence(at="Patient.identifier")


@check("setmin.traits", covers=("SMF-01",), source="RNIV ; fr-core-patient-ins", confidence="infere")
def traits_are_those_of_the_usager(lot: SetMin, usager: Usager) -> Evidence:
    """Nom de naissance, sexe et date de naissance sont ceux de l'identité."""
    patients = lot.of("Patient")
    if not patients:
        raise Inconclusive("aucun Patient dans le lot")
    held = patients[0].resource
    names = [str(n.get("family", "")) for n in objects(held.get("name")) if n.get("use") == "official"]
    rows = (
        ("name", usager.nom_naissance, names[0] if names else ""),
        ("gender", SEXES.get(usager.sexe, "unknown"), str(held.get("gender", ""))),
        ("birthDate", usager.date_naissance, str(held.get("birthDate", ""))),
    )
    for name, wanted, found in rows:
        if wanted != found:
            raise CheckFailed(
                "Trait différent de l'identité de l'usager",
                expected=wanted,
                received=found or "absent",
                at=f"{patients[0].at}.{name}",
                hint="Reprendre les traits de l'identité, sans les transformer.",
            )
    return Evidence(at="Patient", fired=len(rows))


@check("setmin.renvoi", covers=("SMF-01",), source=SOURCE, confidence="infere")
def objects_sent_again_keep_their_identifiers(lots: Sequence[SetMin]) -> Evidence:
    """Renvoyés, les objets d'un usager gardent leurs identifiants : ils remplacent, et ne sont pas comptés deux fois."""
    if len(lots) < 2:
        raise Inconclusive("un seul lot : rien n'a été renvoyé")
    new = lots[-1].identifiers - lots[0].identifiers
    if new:
        kind, _, value = sorted(new)[0]
        raise CheckFailed(
            "Objet renvoyé sous un autre identifiant",
            expected="les identifiants du premier envoi",
            received=f"{kind} {value}",
            at=lots[-1].id,
            hint="Garder l'identifiant d'un objet pendant toute sa vie.",
        )
    return Evidence(at=lots[-1].id, fired=max(1, len(lots[-1].identifiers)))


@check("setmin.correction", covers=("SMF-01",), source=SOURCE, confidence="infere")
def corrected_stay_is_sent(geste: Geste, lots: Sequence[SetMin]) -> Evidence:
    """Le renvoi porte la date d'entrée corrigée."""
    wanted = str(geste.gesture.arguments().get("valeur"))
    held = _begins(lots[-1])
    if wanted not in held:
        raise CheckFailed(
            "Donnée corrigée absente du renvoi",
            expected=f"period.start {wanted}",
            received=", ".join(held) or "aucun séjour",
            at="Encounter.period.start",
            hint="Relire le dossier au moment du renvoi.",
        )
    return Evidence(at=lots[-1].id)


def _begins(lot: Lot) -> list[str]:
    return [str(next(objects(s.resource.get("period")), {}).get("start", "")) for s in lot.sejours()]


def _day(entree: Entree, name: str) -> date | None:
    text = str(next(objects(entree.resource.get("period")), {}).get(name, ""))
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None
