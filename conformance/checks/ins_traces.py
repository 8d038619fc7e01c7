"""The traces of calls to INSi and of accesses to the INS that the DUI gives, compared with the calls that were seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.gestures import Piece
from ..core.people import Professionnel, Usager
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.correspondances.lecture import Line, Table, read_table
from ..validation.correspondances.mapping import Correspondances
from ..validation.ins.call import InsCall
from .registry import check

RULE = "RNIV, règles 37, 39, 48 et 53 ; EXI REC 07"
MODEL = "traces-ins"
_CALLS = ("recherche", "verification")


@check("ins.traces-hold-calls", covers=("INS-14",), source=RULE, confidence="secondaire")
def every_call_is_traced(piece: Piece, known: Correspondances, calls: Sequence[InsCall], usagers: Sequence[Usager]) -> Evidence:
    """Chaque appel à INSi a sa trace, erreurs comprises."""
    table, lines = _calls_of(piece, known, usagers)
    if len(lines) < len(calls):
        raise CheckFailed(
            "Appels à INSi absents des traces",
            expected=f"{len(calls)} traces d'appel, une par appel vu",
            received=f"{len(lines)} trace(s) d'appel sur {len(table.lines)} ligne(s)",
            at=f"{piece.id}, nombre de traces",
            hint="Écrire une trace par appel, dès l'envoi : un appel sans réponse se trace aussi.",
        )
    return Evidence(at=piece.id, note=table.note, fired=len(calls))


@check("ins.traces-hold-codes", covers=("INS-14",), source=RULE, confidence="secondaire")
def every_answer_is_traced(piece: Piece, known: Correspondances, calls: Sequence[InsCall], usagers: Sequence[Usager]) -> Evidence:
    """La trace d'un appel porte le code rendu par INSi : 00, 01, 02, OK, KO ou erreur."""
    table, lines = _calls_of(piece, known, usagers)
    traced = [line.code("code") for line in lines]
    for call in calls:
        code = _code(call)
        if code not in traced:
            raise CheckFailed(
                "Code de retour d'INSi absent des traces",
                expected=f"une trace de code {code} pour l'appel {call.id}",
                received=", ".join(sorted(set(traced) - {""})) or "aucun code lisible",
                at=f"{piece.id}, colonne code",
                hint="Tracer le code tel que rendu ; correspondances.toml peut dire quels textes valent quel code.",
            )
        traced.remove(code)
    return Evidence(at=piece.id, note=table.note, fired=len(calls))


@check("ins.traces-name-user", covers=("INS-14",), source=RULE, confidence="secondaire")
def traces_name_the_user(
    piece: Piece, known: Correspondances, calls: Sequence[InsCall], usagers: Sequence[Usager], person: Professionnel
) -> Evidence:
    """La trace d'un appel nomme l'utilisateur qui l'a fait."""
    _, lines = _calls_of(piece, known, usagers)
    named = [line for line in lines if person.id_nat in line.text("utilisateur") or person.id_nat[1:] in line.text("utilisateur")]
    if len(named) < len(calls):
        others = sorted({line.text("utilisateur") or "vide" for line in lines if line not in named})
        raise CheckFailed(
            "Trace d'un appel à INSi sans son utilisateur",
            expected=f"l'identifiant national {person.id_nat}, {len(calls)} fois",
            received=f"{len(named)} fois ; sinon {', '.join(others) or 'aucune trace'}",
            at=f"{piece.id}, colonne utilisateur",
            hint="Tracer l'utilisateur de la session, pas le compte technique du DUI.",
        )
    return Evidence(at=piece.id, fired=len(named))


@check("ins.traces-dated", covers=("INS-14",), source=RULE, confidence="secondaire")
def traces_say_when_insi_was_called(
    piece: Piece, known: Correspondances, calls: Sequence[InsCall], settings: Settings
) -> Evidence:
    """La trace d'un appel en porte la date et l'heure."""
    _, lines = _calls_of(piece, known, ())
    tolerance = max(settings.services.tolerance_horloge, 60.0)
    moments = [line.instant("date") for line in lines]
    for call in calls:
        seen = call.request.received
        if seen is None:
            raise Inconclusive("heure de réception inconnue")
        if not any(m is not None and abs(m - seen.timestamp()) <= tolerance for m in moments):
            raise CheckFailed(
                "Trace d'un appel sans heure, ou à une autre heure",
                expected=f"l'heure de l'appel {call.id} à {tolerance:g} s près, avec son décalage (ISO 8601)",
                received="aucune trace à cette heure",
                at=f"{piece.id}, colonne date",
                hint="Écrire la date et l'heure avec leur décalage, ou donner le fuseau dans correspondances.toml.",
            )
    return Evidence(at=piece.id, fired=len(calls))


@check("ins.traces-hold-accesses", covers=("INS-14",), source="RNIV, règle 39 (accès à l'INS)", confidence="secondaire")
def accesses_to_the_ins_are_traced(piece: Piece, known: Correspondances, reading: Geste, settings: Settings) -> Evidence:
    """Chaque accès à l'INS d'un usager est tracé."""
    table = read_table(piece, MODEL, known)
    end: datetime | None = reading.fin
    accesses = [line for line in table.lines if line.code("nature") == "acces"]
    tolerance = max(settings.services.tolerance_horloge, 60.0)
    near = [
        m for m in (line.instant("date") for line in accesses) if m is not None and end and abs(m - end.timestamp()) <= tolerance
    ]
    if not near:
        raise CheckFailed(
            "Accès à l'INS absent des traces",
            expected="une trace d'accès (consultation) à l'heure de l'affichage de l'identité",
            received=f"{len(accesses)} trace(s) d'accès, aucune à cette heure",
            at=f"{piece.id}, accès",
            hint="Tracer l'affichage de l'INS : qui, quand, pour quel usager.",
        )
    return Evidence(at=piece.id, note=f"{len(accesses)} accès tracé(s)")


def _calls_of(piece: Piece, known: Correspondances, usagers: Sequence[Usager]) -> tuple[Table, list[Line]]:
    """The traces of calls; those of these usagers when the file says for whom a call was made."""
    table = read_table(piece, MODEL, known)
    lines = [line for line in table.lines if line.code("nature") in _CALLS]
    theirs = {u.id for u in usagers} | {u.ipp for u in usagers}
    named = [line for line in lines if line.text("usager") in theirs]
    return table, named or lines


def _code(call: InsCall) -> str:
    """What the trace of a call must say."""
    if call.response is None or call.failed or call.response.faults:
        return "erreur"
    return call.response.cr or call.response.verification
