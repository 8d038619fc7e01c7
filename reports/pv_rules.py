"""The rules PV-01 to PV-11: controls shown on the PV. They never turn an unknown into a success."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib import resources
from itertools import pairwise

from dui_conformance.core.verdict import Basis, Verdict

from .model import CampaignModel, ExigenceResult
from .pv_data import Indicateurs, PvData
from .pv_finess import FINESS, BaseFiness, fictional
from .typography import day

REGIMES = ("V2", "V1+V2")


class Etat(StrEnum):
    """What a control says."""

    OK = "respectée"
    A_COMPLETER = "à compléter"
    REFUSE = "refusée"


@dataclass(frozen=True, slots=True)
class Control:
    """One rule of the PV, its state, and why."""

    id: str
    rule: str
    etat: Etat
    detail: str


@dataclass(frozen=True, slots=True)
class Tranche:
    """A band of the price list: name, smallest number of ESMS, unit price by regime."""

    nom: str
    minimum: int
    prix: dict[str, Decimal]


@cache
def tranches() -> tuple[Tranche, ...]:
    """The price list, smallest band first."""
    rows = tomllib.loads((resources.files(__package__) / "bareme.toml").read_text(encoding="utf-8"))["tranche"]
    return tuple(Tranche(r["nom"], r["esms_min"], {k: Decimal(r[k]) for k in REGIMES}) for r in rows)


def tranche_for(count: int) -> Tranche:
    """The band of an order of ``count`` ESMS (1 or more)."""
    return next(t for t in reversed(tranches()) if count >= t.minimum)


def controls(model: CampaignModel, data: PvData, finess: BaseFiness | None = None) -> tuple[Control, ...]:
    """The eleven controls, in order; ``finess`` is the extract that the user loaded."""
    applicable = [e for e in model.exigences if e.verdict is not Verdict.SANS_OBJET]
    made = (
        ("PV-01", "FINESS EJ et EG valides, chaque EG rattaché à cet EJ dans la base de référence", _finess(data, finess)),
        ("PV-02", "Secteur de chaque EG parmi les profils référencés de la solution", _sectors(data)),
        ("PV-03", "DMP : indicateur supérieur à zéro, et échanges observés ou extrait joint", _dmp(data, applicable)),
        ("PV-04", "MSSanté : cas 1 ou cas 2, jamais les deux", _case(data)),
        ("PV-05", "Le cas 2 crée une réserve suivie", _case_reserve(data)),
        (
            "PV-06",
            "Aucune exigence en échec ; une exigence non testée n'est jamais rendue comme conforme",
            _exigences(applicable),
        ),
        ("PV-07", "Dates ordonnées : BDC, installation, formation, MOM, signature ; BDC dans la fenêtre", _dates(data)),
        ("PV-08", "Trois PV : OG distincts, même solution et même version majeure, tous favorables", _pilots(model, data)),
        ("PV-09", "Montant égal au barème ; reste à charge nul", _amount(data)),
        ("PV-10", "Données fictives : filigrane, document non signable", _fictional(model, data)),
        (
            "PV-11",
            "Ce qui est vu sur un service simulé est marqué « simulateur »",
            (Etat.OK, "marqué ligne par ligne ci-dessous"),
        ),
    )
    return tuple(Control(name, rule, etat, detail) for name, rule, (etat, detail) in made)


RECOUPED: Mapping[str, tuple[str, ...]] = {
    "GEN-01": ("PV-02",),
    "SONS-01": ("PV-01",),
    "SONS-02": ("PV-02",),
    "SONS-03": ("PV-09",),
    "SONS-04": ("PV-01", "PV-07", "PV-09"),
    "SONS-08": ("PV-07",),
    "SONS-09": ("PV-08",),
    "SONS-10": ("PV-09",),
}
"""Attested exigences of which a rule recomputes a part: its state stands on their line."""


def draft_reasons(model: CampaignModel, held: Iterable[Control]) -> tuple[str, ...]:
    """Why the document is a draft: each rule that is not met, and data that are fictional. Empty: it can be signed."""
    reasons = [f"{control.id} {control.etat.value}" for control in held if control.etat is not Etat.OK]
    if not model.finished:
        reasons.append("campagne inachevée")
    return tuple(reasons)


def _fictional(model: CampaignModel, data: PvData) -> tuple[Etat, str]:
    """Fictional data forbid a signature: our own structures, or the reference DUI."""
    numbers = [data.client.finess_ej, *(row.finess_eg for row in data.esms)]
    named = [number for number in numbers if fictional(number)]
    if named:
        return Etat.REFUSE, f"FINESS fictif : {', '.join(named)} ; filigrane posé, document non signable"
    if model.opening["pilote"] == "temoin":
        return Etat.REFUSE, "campagne du DUI témoin ; filigrane posé, document non signable"
    if not any(numbers):
        return Etat.A_COMPLETER, "client à saisir ; filigrane posé, document non signable"
    return Etat.OK, "aucune donnée fictive reconnue"


def _finess(data: PvData, finess: BaseFiness | None) -> tuple[Etat, str]:
    numbers = [data.client.finess_ej, *(e.finess_eg for e in data.esms)]
    wrong = [n for n in numbers if n and not FINESS.fullmatch(n)]
    if wrong:
        return Etat.REFUSE, f"pas un FINESS (9 caractères) : {', '.join(wrong)}"
    if not data.client.finess_ej or not data.esms or not all(numbers):
        return Etat.A_COMPLETER, "FINESS EJ et FINESS EG à saisir"
    if finess is None:
        return Etat.A_COMPLETER, "forme correcte ; rattachement à vérifier dans la base FINESS, non chargée (--finess)"
    refusal = finess.refusal(data.client.finess_ej, (e.finess_eg for e in data.esms if not e.hors_perimetre))
    return (Etat.REFUSE, refusal) if refusal else (Etat.OK, f"rattachement vérifié dans {finess.nom}")


def _sectors(data: PvData) -> tuple[Etat, str]:
    kept = [e for e in data.esms if not e.hors_perimetre]
    if not kept or not data.solution.profils or not all(e.secteur for e in kept):
        return Etat.A_COMPLETER, "secteur de chaque EG et profils référencés à saisir"
    outside = [f"{e.finess_eg} ({e.secteur})" for e in kept if e.secteur not in data.solution.profils]
    if outside:
        return Etat.REFUSE, f"hors des profils référencés : {', '.join(outside)}"
    return Etat.OK, f"{len(kept)} EG"


def _dmp(data: PvData, applicable: Iterable[ExigenceResult]) -> tuple[Etat, str]:
    value = data.indicateurs.dmp_valeur
    if value is not None and value <= 0:
        return Etat.REFUSE, f"indicateur DMP = {value}"
    fed = any(e.id == "DMP-ALIM-04" and e.verdict is Verdict.CONFORME for e in applicable)
    seen = "alimentation observée sur simulateur" if fed else "aucune alimentation conforme observée"
    if value is None:
        return Etat.A_COMPLETER, f"indicateur DMP à saisir ; {seen}"
    if not fed and not data.indicateurs.dmp_extrait:
        return Etat.A_COMPLETER, f"indicateur DMP = {value}, mais extrait à joindre : {seen}"
    return Etat.OK, f"indicateur DMP = {value} ; {seen}{' ; extrait joint' if data.indicateurs.dmp_extrait else ''}"


def _case(data: PvData) -> tuple[Etat, str]:
    held = data.indicateurs
    if held.cas is None:
        return Etat.A_COMPLETER, "cas 1 ou cas 2 à choisir"
    if held.cas == 1:
        return _case_one(held)
    if held.cas != 2:
        return Etat.REFUSE, f"cas {held.cas} : seuls 1 et 2 existent"
    if not held.motif_cas_2 or not held.engagement_cas_2:
        return Etat.A_COMPLETER, "le cas 2 exige son motif et l'engagement de corrections ultérieures"
    return Etat.OK, "cas 2"


def _case_one(held: Indicateurs) -> tuple[Etat, str]:
    figures = [n for n in (held.mss_professionnel, held.mss_usager) if n is not None]
    if held.motif_cas_2 or held.engagement_cas_2:
        return Etat.REFUSE, "cas 1 déclaré avec un motif ou un engagement du cas 2"
    if not figures:
        return Etat.A_COMPLETER, "cas 1 : indicateur MSSanté à saisir"
    if sum(figures) <= 0 or held.verification_possible is False:
        return Etat.REFUSE, "le cas 1 exige un indicateur MSSanté supérieur à zéro, que le client a pu vérifier"
    if held.verification_possible is None:
        return Etat.A_COMPLETER, "cas 1 : « j'ai pu la vérifier » à confirmer"
    return Etat.OK, "cas 1"


def _case_reserve(data: PvData) -> tuple[Etat, str]:
    if data.indicateurs.cas is None:
        return Etat.A_COMPLETER, "dépend du cas choisi"
    if data.indicateurs.cas != 2:
        return Etat.OK, "sans objet hors du cas 2"
    followed = any("mss" in r.objet.casefold() and r.echeance is not None for r in data.reserves)
    return (Etat.OK, "réserve inscrite") if followed else (Etat.A_COMPLETER, "réserve MSSanté à inscrire, avec son échéance")


def _exigences(applicable: Sequence[ExigenceResult]) -> tuple[Etat, str]:
    failed = [e.id for e in applicable if e.verdict is Verdict.NON_CONFORME]
    if failed:
        return Etat.REFUSE, f"non conforme : {', '.join(failed)}"
    # Attested parts count here although they never change the automatic verdict of a line.
    denied = [e.id for e in applicable if Verdict.NON_CONFORME in e.parties.values()]
    if denied:
        return Etat.REFUSE, f"non conforme d'après une attestation : {', '.join(denied)}"
    open_ones = [e for e in applicable if e.verdict not in (Verdict.CONFORME, Verdict.AVERTISSEMENT)]
    if open_ones:
        said = f"{len(open_ones)} exigences sur {len(applicable)} sans verdict favorable, listées comme telles"
        forms = [e.id for e in open_ones if set(e.parties) == {Basis.ATTESTE}]
        return Etat.A_COMPLETER, f"{said} ; à attester : {', '.join(forms)}" if forms else said
    return Etat.OK, f"{len(applicable)} exigences"


def _dates(data: PvData) -> tuple[Etat, str]:
    held = data.dates
    ordered: list[tuple[str, date | None]] = [
        ("BDC", data.commande.date_bdc),
        ("installation", held.installation),
        ("formation", held.formation),
        ("MOM", held.mom),
        ("signature", held.signature),
    ]
    known = [(name, when) for name, when in ordered if when is not None]
    for (name, when), (after, later) in pairwise(known):
        if later < when:
            return Etat.REFUSE, f"{after} ({day(later.isoformat())}) avant {name} ({day(when.isoformat())})"
    begin, end, order = data.commande.fenetre_debut, data.commande.fenetre_fin, data.commande.date_bdc
    if order is not None and ((begin is not None and order < begin) or (end is not None and order > end)):
        return Etat.REFUSE, f"BDC du {day(order.isoformat())} hors de la fenêtre de commande"
    missing = [name for name, when in ordered if when is None] + (["fenêtre de commande"] if begin is None or end is None else [])
    return (Etat.A_COMPLETER, f"à saisir : {', '.join(missing)}") if missing else (Etat.OK, "dates ordonnées")


def _pilots(model: CampaignModel, data: PvData) -> tuple[Etat, str]:
    product = model.opening["produit"]
    others = data.pilote.autres
    clients = [data.client.finess_ej, *(o.finess_ej for o in others)]
    known = [c for c in clients if c]
    if len(set(known)) < len(known):
        return Etat.REFUSE, "le même OG figure deux fois"
    if any(o.solution != product["nom"] or _major(o.version) != _major(product["version"]) for o in others):
        return Etat.REFUSE, "un PV porte sur une autre solution ou une autre version majeure"
    if any(avis == "non favorable" for avis in (data.pilote.avis, *(o.avis for o in others))):
        return Etat.REFUSE, "un avis n'est pas favorable"
    if len(others) < 2 or not data.pilote.avis or not all(o.avis for o in others) or len(known) < 3:
        return Etat.A_COMPLETER, f"autres PV déclarés : {len(others)} sur 2 ; avis à rendre"
    return Etat.OK, "trois pilotes favorables"


def _major(version: str) -> str:
    return version.partition(".")[0]


def _amount(data: PvData) -> tuple[Etat, str]:
    order, count = data.commande, sum(not e.hors_perimetre for e in data.esms)
    if order.regime and order.regime not in REGIMES:
        return Etat.REFUSE, f"régime « {order.regime} » : V2 ou V1+V2 attendu"
    if not order.regime or not count:
        return Etat.A_COMPLETER, "régime et liste des EG à saisir"
    band = tranche_for(count)
    price = band.prix[order.regime]
    expected = f"barème : {count} × {price} = {count * price} € HT (tranche {band.nom})"
    if order.total_ht is None:
        return Etat.A_COMPLETER, f"total à saisir ; {expected}"
    if order.total_ht != count * price or (order.prix_unitaire is not None and order.prix_unitaire != price):
        return Etat.REFUSE, f"saisi {order.total_ht} € ; {expected}"
    if order.reste_a_charge:
        return Etat.REFUSE, f"reste à charge de {order.reste_a_charge} €"
    return (
        (Etat.OK, expected) if order.reste_a_charge is not None else (Etat.A_COMPLETER, f"reste à charge à saisir ; {expected}")
    )
