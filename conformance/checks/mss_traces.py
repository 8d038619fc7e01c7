"""The traces of mail that the DUI gives, compared with what the operator saw: who, when, what, asked and answered; no content."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.exchange import Exchange
from ..core.gestures import Piece
from ..core.people import Professionnel, Usager
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.correspondances.lecture import Line, Table, read_table
from ..validation.correspondances.mapping import Correspondances
from ..validation.mail import Mail
from .registry import check

MODEL = "traces-messagerie"
_SOURCE = "SC.MSS/CONF.17 et CONF.18 ; SC.MSS/UX.37"


def _lines(piece: Piece, known: Correspondances, action: str) -> tuple[Table, list[Line]]:
    table = read_table(piece, MODEL, known)
    return table, [line for line in table.lines if line.code("action") == action]


@check("mss.traces.sends", covers=("MSS-21",), source=_SOURCE, confidence="secondaire")
def every_send_is_traced(piece: Piece, known: Correspondances, sent: Sequence[Exchange]) -> Evidence:
    """Chaque message envoyé a sa trace d'envoi."""
    mails = [exchange.view(Mail) for exchange in sent]
    table, lines = _lines(piece, known, "envoi")
    text = " ".join(line.text("message") for line in lines)
    named = "message" in table.columns
    missing = [m.message_id for m in mails if named and m.message_id.strip("<>") not in text]
    if missing or len(lines) < len(mails):
        raise CheckFailed(
            "Envoi absent des traces",
            expected=f"{len(mails)} trace(s) d'envoi",
            received=f"{len(lines)} trace(s)" + (f" ; absent : {', '.join(missing)}" if missing else ""),
            at=f"{piece.id}, envois",
            hint="Tracer chaque envoi, avec le Message-ID, au moment où il est tenté.",
        )
    return Evidence(at=piece.id, note=table.note, fired=len(mails))


@check("mss.traces.failures", covers=("MSS-21",), source=_SOURCE, confidence="secondaire")
def failed_send_is_traced(piece: Piece, known: Correspondances, failed: Geste) -> Evidence:
    """Un envoi que l'opérateur n'a pas pris a aussi sa trace, avec ce qu'il a répondu."""
    if failed.fait:
        raise Inconclusive("l'envoi n'a pas échoué")
    _, lines = _lines(piece, known, "envoi")
    told = [line for line in lines if line.code("resultat") == "echec" and line.text("reponse")]
    if not told:
        raise CheckFailed(
            "Envoi en échec absent des traces",
            expected="une trace d'envoi en échec, avec la réponse du serveur",
            received=f"{len(lines)} trace(s) d'envoi, aucune en échec",
            at=f"{piece.id}, échecs",
            hint="Tracer la demande et la réponse même quand l'opérateur refuse ou ne répond pas.",
        )
    return Evidence(at=piece.id, note=told[-1].text("reponse"))


@check("mss.traces.deletions", covers=("MSS-21",), source=_SOURCE, confidence="secondaire")
def deletion_is_traced(piece: Piece, known: Correspondances, deletion: Geste) -> Evidence:
    """Chaque suppression de message a sa trace."""
    if not deletion.fait:
        raise Inconclusive("le message n'a pas été supprimé")
    _, lines = _lines(piece, known, "suppression")
    if not lines:
        raise CheckFailed(
            "Suppression absente des traces",
            expected="une trace de suppression",
            received="aucune",
            at=f"{piece.id}, suppressions",
            hint="Tracer au moins les envois et les suppressions.",
        )
    return Evidence(at=piece.id, note=f"{len(lines)} suppression(s)")


@check("mss.traces.user", covers=("MSS-21",), source=_SOURCE, confidence="secondaire")
def traces_name_the_user(piece: Piece, known: Correspondances, person: Professionnel) -> Evidence:
    """Chaque trace nomme l'utilisateur authentifié."""
    _, lines = _lines(piece, known, "envoi")
    if not lines:
        raise Inconclusive("aucune trace d'envoi")
    others = [line.text("utilisateur") for line in lines if person.id_nat[1:] not in line.text("utilisateur")]
    if len(others) == len(lines):
        raise CheckFailed(
            "Trace sans son utilisateur",
            expected=f"l'identifiant national {person.id_nat}",
            received=", ".join(sorted(set(others))) or "rien",
            at=f"{piece.id}, colonne utilisateur",
            hint="Tracer l'utilisateur de la session Pro Santé Connect, non le compte technique.",
        )
    return Evidence(at=piece.id, fired=len(lines))


@check("mss.traces.dated", covers=("MSS-21",), source=_SOURCE, confidence="secondaire")
def traces_say_when(piece: Piece, known: Correspondances, sent: Exchange, settings: Settings) -> Evidence:
    """Une trace porte la date et l'heure de l'opération."""
    _, lines = _lines(piece, known, "envoi")
    tolerance = max(settings.services.tolerance_horloge, 60.0)
    seen = sent.times.logical.timestamp()
    moments = [line.instant("date") for line in lines]
    if not any(m is not None and abs(m - seen) <= tolerance for m in moments):
        raise CheckFailed(
            "Trace sans heure, ou à une autre heure que l'envoi",
            expected=f"{sent.times.logical:%Y-%m-%dT%H:%M:%S%z} à {tolerance:g} s près",
            received=", ".join(line.text("date") for line in lines) or "aucune trace",
            at=f"{piece.id}, colonne date",
            hint="Écrire la date et l'heure avec leur décalage (ISO 8601).",
        )
    return Evidence(at=piece.id, fired=len(lines))


@check("mss.traces.exchange", covers=("MSS-21",), source=_SOURCE, confidence="secondaire")
def traces_hold_request_and_answer(piece: Piece, known: Correspondances) -> Evidence:
    """Une trace d'envoi porte la demande faite au serveur et sa réponse."""
    _, lines = _lines(piece, known, "envoi")
    if not lines:
        raise Inconclusive("aucune trace d'envoi")
    empty = [line for line in lines if not line.text("demande") or not line.text("reponse")]
    if empty:
        raise CheckFailed(
            "Trace sans la demande ou sans la réponse",
            expected="la demande et la réponse du serveur, à chaque trace",
            received=f"{len(empty)} trace(s) incomplète(s), ligne {empty[0].rank}",
            at=f"{piece.id}, colonnes demande et réponse",
            hint="Garder la dernière réponse du serveur (code et texte).",
        )
    return Evidence(at=piece.id, fired=len(lines))


@check("mss.traces.no-content", covers=("MSS-21",), source=_SOURCE, confidence="secondaire")
def traces_hold_no_content(piece: Piece, known: Correspondances, sent: Sequence[Exchange], usager: Usager) -> Evidence:
    """Les traces ne portent ni le contenu d'un message, ni l'identité de l'usager."""
    text = read_table(piece, MODEL, known).text
    mails = [exchange.view(Mail) for exchange in sent]
    bodies = [line.strip() for m in mails if m.body is not None for line in m.body.text.splitlines() if len(line.strip()) > 12]
    found = [line for line in bodies if line in text]
    found += [usager.nom_naissance] if usager.nom_naissance in text else []
    if found:
        raise CheckFailed(
            "Contenu de message dans les traces",
            expected="ni corps, ni objet, ni identité d'usager",
            received=f"{len(found)} extrait(s) du message",
            at=f"{piece.id}, contenu",
            hint="Tracer l'identifiant du message, jamais ce qu'il dit.",
        )
    return Evidence(at=piece.id, note="aucun contenu")
