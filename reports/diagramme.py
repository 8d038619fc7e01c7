"""The sequence diagram of a scenario: who calls whom, in order, as positions that a template draws in SVG, without script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from dui_conformance.core.journal import Event
from dui_conformance.core.verdict import Verdict

from .model import ScenarioResult
from .timeline import STATES
from .typography import SIGNS, duration, plural

PILOTE, DUI = "Pilote", "DUI"
LIMIT = 40
"""Rows drawn at most; of a longer scenario, the beginning and what is at fault."""
BEGINNING = 24
MARGIN, LANE, TOP, ROW, REPLY = 110, 230, 56, 30, 20
_PER_CHARACTER = 7.0
BAD = (Verdict.ERREUR, Verdict.NON_CONFORME)


class Etat(StrEnum):
    """How a row is drawn; a sign always says it too."""

    NORMAL = ""
    DOUTE = "doute"
    FAUX = "faux"


@dataclass(frozen=True, slots=True)
class Row:
    """An arrow (``start`` to ``end``, with the reply under it when there is one) or, when they are equal, a note on a lane."""

    start: str
    end: str
    text: str
    reply: str = ""
    href: str = ""
    verdict: Verdict | None = None
    etat: Etat = Etat.NORMAL
    back: bool = False
    lost: bool = False
    across: bool = False
    y: int = 0
    x1: int = 0
    x2: int = 0

    @property
    def sign(self) -> str:
        """The sign of its verdict, when something is to be said."""
        return SIGNS[self.verdict] if self.verdict is not None else ("✘" if self.etat is Etat.FAUX else "")

    @property
    def middle(self) -> int:
        """Where its text is centred."""
        return (self.x1 + self.x2) // 2

    @property
    def shown(self) -> str:
        """Its text, cut to the room that the arrow gives."""
        room = max(abs(self.x2 - self.x1), LANE) - 16
        longest = int(room / _PER_CHARACTER)
        return self.text if len(self.text) <= longest else f"{self.text[: longest - 1]}…"


@dataclass(frozen=True, slots=True)
class Lane:
    """A participant and its line."""

    nom: str
    x: int


@dataclass(frozen=True, slots=True)
class Diagram:
    """All that the template needs; ``told`` is the text alternative, ``cut`` the number of rows left out."""

    width: int
    height: int
    lanes: tuple[Lane, ...]
    rows: tuple[Row, ...]
    told: str
    cut: int


def diagram(result: ScenarioResult) -> Diagram | None:
    """The diagram of the attempt that counts; None when nothing was played."""
    worst = _worst(result)
    rows = list(_rows(result.evenements, worst))
    if not rows:
        return None
    told = _told(rows, worst, result)
    kept = _kept(rows)
    lanes = _lanes(kept)
    placed, y = [], TOP
    for row in kept:
        y += ROW
        placed.append(replace(row, y=y, x1=lanes[row.start], x2=lanes[row.end]))
        y += REPLY if row.reply else 0
    width = max(lanes.values()) + MARGIN
    cut = len(rows) - sum(row.across is False or row.text[:1] != "…" for row in kept)
    return Diagram(width, y + ROW, tuple(Lane(nom, x) for nom, x in lanes.items()), tuple(placed), told, cut)


def _worst(result: ScenarioResult) -> Mapping[str, Verdict]:
    """The worst thing said of each exchange and gesture, of those that call for attention."""
    found: dict[str, Verdict] = {}
    for judged in result.controles:
        if judged.verdict.rank <= Verdict.AVERTISSEMENT.rank:
            for name in judged.sujets:
                held = found.get(name, judged.verdict)
                found[name] = min(held, judged.verdict, key=lambda verdict: verdict.rank)
    return found


def _rows(events: Sequence[Event], worst: Mapping[str, Verdict]) -> Iterator[Row]:
    replies = {e.data["echange"]: e.data["statut"] for e in events if e.type == "reponse"}
    for event in events:
        row = _row(event, replies)
        if row is None:
            continue
        verdict = worst.get(event.data.get("echange", "")) or (worst.get(event.data["geste"]) if row.back else None)
        if verdict is not None:
            row = replace(row, verdict=verdict, etat=Etat.FAUX if verdict in BAD else Etat.DOUTE)
        yield row


def _row(event: Event, replies: Mapping[str, int]) -> Row | None:
    data = event.data
    service = str(data.get("service", "")).upper()
    match event.type:
        case "geste":
            return Row(PILOTE, DUI, f"{data['geste']} {data['nom'].replace('_', ' ')}")
        case "geste.fin":
            state = STATES.get(data["etat"], data["etat"])
            etat = Etat.NORMAL if data["etat"] in ("fait", "refuse") else Etat.DOUTE
            return Row(DUI, PILOTE, f"{data['geste']} : {state}", back=True, etat=etat)
        case "geste.absent":
            return Row(DUI, DUI, f"geste non offert : {data['nom'].replace('_', ' ')}", etat=Etat.DOUTE)
        case "requete":
            status = replies.get(data["echange"])
            reply = f"HTTP {status}" if status is not None else "sans réponse"
            return Row(
                DUI, service, f"{data['echange']} {data['genre']}", reply, f"#echange-{data['echange']}", lost=status is None
            )
        case "tls":
            return Row(DUI, service, f"{data['echange']} connexion sans requête", href=f"#echange-{data['echange']}", lost=True)
        case "panne":
            return Row(service, service, f"{'panne' if data['armee'] else 'fin de panne'} : {data['nom']}")
        case "ordre":
            return Row(service, service, f"ordre : {data['nom']}")
        case "horloge":
            return Row(PILOTE, DUI, f"horloge avancée de {duration(data['secondes'])}", across=True)
        case "attente" if not data["echange"]:
            return Row(service or DUI, service or DUI, "rien reçu dans le délai", etat=Etat.FAUX)
        case "fenetre":
            return Row(DUI, DUI, f"rien reçu pendant {duration(data['secondes'])}")
        case "attestation":
            return Row(PILOTE, PILOTE, "regard demandé")
    return None


def _kept(rows: Sequence[Row]) -> list[Row]:
    """The rows that are drawn; a line across says how many are left out, where they are."""
    if len(rows) <= LIMIT:
        return list(rows)
    faulty = [rank for rank, row in enumerate(rows) if rank >= BEGINNING and row.etat is not Etat.NORMAL]
    chosen = {*range(BEGINNING), *faulty[: LIMIT - BEGINNING]}
    kept: list[Row] = []
    left = 0
    for rank, row in enumerate(rows):
        if rank not in chosen:
            left += 1
            continue
        kept += _gap(left)
        left = 0
        kept.append(row)
    return [*kept, *_gap(left)]


def _gap(left: int) -> list[Row]:
    return [Row(PILOTE, DUI, f"… {plural(left, 'étape')} : voir le déroulé", across=True)] if left else []


def _lanes(rows: Iterable[Row]) -> dict[str, int]:
    names = dict.fromkeys((PILOTE, DUI, *(name for row in rows for name in (row.start, row.end))))
    return {name: MARGIN + LANE * rank for rank, name in enumerate(names)}


def _told(rows: Sequence[Row], worst: Mapping[str, Verdict], result: ScenarioResult) -> str:
    services = [name for name in _lanes(rows) if name not in (PILOTE, DUI)]
    gestures = sum(row.start == PILOTE and row.end == DUI and not row.across for row in rows)
    exchanges = plural(len(result.echanges), "échange")
    text = f"{plural(gestures, 'geste')}, {exchanges} entre le DUI et {', '.join(services) or 'aucun service'}."
    faulty = [f"{name} ({worst[name].libelle})" for name in result.echanges if name in worst]
    if faulty:
        text += f" À regarder : {', '.join(faulty[:12])}{f' et {len(faulty) - 12} autres' if len(faulty) > 12 else ''}."
    return f"{text} Le déroulé dit tout, étape par étape."
