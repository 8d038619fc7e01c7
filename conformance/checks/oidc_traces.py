"""The traces of connections that the DUI keeps (IAM.91), compared with the connections that were seen."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.people import Professionnel
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.oauth import fingerprint
from ..validation.oidc import PscCall, TokenResponse
from ..validation.traces import ConnectionTraces, Trace
from .oidc_demande import GRID
from .registry import check

IAM = "SC.SSI/IAM.91"
HINT = "Une ligne par connexion, réussie ou refusée, et par déconnexion : date, identifiant national, nature, résultat."
_WORD = re.compile(r"[A-Za-z0-9_\-.+/=]{20,}")
_END = re.compile(r"d[ée]connexion|logout|fin de session|fermeture", re.IGNORECASE)
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}")


@check("oidc.traces-hold-logins", covers=("IAM-01",), source=f"{IAM} ; {GRID} 20", confidence="secondaire")
def every_login_is_traced(traces: ConnectionTraces, logins: Sequence[TokenResponse], people: Sequence[Professionnel]) -> Evidence:
    """Chaque connexion réussie est tracée avec l'identifiant du professionnel."""
    by_id = {person.id: person for person in people}
    known = [(login, by_id[login.persona]) for login in logins if login.persona in by_id]
    if not known:
        raise Inconclusive("aucune connexion réussie à rapprocher des traces")
    for login, person in known:
        if not any(trace.good and _is(trace, person) for trace in traces.traces):
            raise CheckFailed(
                "Connexion réussie absente des traces",
                expected=f"une trace au nom de {person.id_nat or person.id}, résultat réussi",
                received=f"{len(traces.traces)} traces, aucune à ce nom",
                at=f"{traces.id}, connexion {login.id}",
                hint=HINT,
            )
    return Evidence(at=traces.id, note=f"{len(known)} connexion(s) retrouvée(s)")


@check("oidc.traces-dated", covers=("IAM-01",), source=f"{IAM} ; {GRID} 20", confidence="secondaire")
def traces_say_when(
    traces: ConnectionTraces, logins: Sequence[TokenResponse], people: Sequence[Professionnel], settings: Settings
) -> Evidence:
    """La trace d'une connexion en porte la date et l'heure."""
    by_id = {person.id: person for person in people}
    tolerance = _tolerance(settings)
    for login in logins:
        mine = [t for t in traces.traces if login.persona in by_id and _is(t, by_id[login.persona])]
        if not mine:
            continue
        if not any(_at(t, login, tolerance) for t in mine):
            raise CheckFailed(
                "Trace d'une connexion sans date, ou à une autre heure",
                expected=f"l'heure de la connexion {login.id}, à {tolerance:g} s près, avec son décalage (ISO 8601)",
                received="date illisible" if all(t.moment is None for t in mine) else "une autre date",
                at=f"{traces.id}, ligne {mine[-1].line}",
                hint="Écrire la date du poste avec son fuseau : 2026-03-31T14:05:12+02:00.",
            )
        return Evidence(at=f"{traces.id}, ligne {mine[-1].line}")
    raise Inconclusive("aucune trace au nom des professionnels connectés")


@check("oidc.traces-hold-refusals", covers=("IAM-01",), source=f"{IAM} ; {GRID} 20", confidence="secondaire")
def refused_login_is_traced(traces: ConnectionTraces, refused: Geste, settings: Settings) -> Evidence:
    """Une connexion refusée est tracée, avec un résultat qui le dit."""
    if refused.fait or refused.fin is None:
        raise Inconclusive("la connexion n'a pas été refusée")
    end, tolerance = refused.fin.timestamp(), _tolerance(settings)
    bad = [t for t in traces.traces if not t.good and t.moment is not None and abs(t.moment - end) <= tolerance]
    if not bad:
        raise CheckFailed(
            "Connexion refusée absente des traces",
            expected="une trace dont le résultat est un échec",
            received=f"{len(traces.traces)} traces, aucune d'un échec à cette heure",
            at=traces.id,
            hint=HINT,
        )
    return Evidence(at=f"{traces.id}, ligne {bad[-1].line}")


@check("oidc.traces-hold-logouts", covers=("IAM-01",), source=f"{IAM} ; {GRID} 20", confidence="secondaire")
def logout_is_traced(traces: ConnectionTraces, logouts: Sequence[PscCall], settings: Settings) -> Evidence:
    """Une déconnexion est tracée."""
    logout = next((call for call in reversed(logouts) if call.kind == "psc.deconnexion"), None)
    if logout is None:
        raise Inconclusive("aucune déconnexion n'a été vue")
    near = [t for t in traces.traces if t.moment is not None and abs(t.moment - logout.moment) <= _tolerance(settings)]
    ends = [t for t in near if _END.search(t.nature)]
    if not ends:
        raise CheckFailed(
            "Déconnexion absente des traces",
            expected="une trace de nature « déconnexion »",
            received=", ".join(sorted({t.nature for t in near})) or "aucune trace à cette heure",
            at=f"{traces.id}, déconnexion {logout.id}",
            hint=HINT,
        )
    return Evidence(at=f"{traces.id}, ligne {ends[-1].line}")


@check("oidc.traces-say-level", covers=("IAM-01",), source=f"{GRID} 20", confidence="secondaire")
def traces_say_how_the_user_proved_himself(
    traces: ConnectionTraces, logins: Sequence[TokenResponse], people: Sequence[Professionnel], settings: Settings
) -> Evidence:
    """La trace d'une connexion par Pro Santé Connect porte le niveau (acr) et le moyen (authMode) de l'authentification."""
    by_id, tolerance = {person.id: person for person in people}, _tolerance(settings)
    known = [(login, by_id[login.persona]) for login in logins if login.persona in by_id]
    seen = [t for login, person in known for t in traces.traces if t.good and _is(t, person) and _at(t, login, tolerance)]
    silent = next((t for t in seen if not t.acr or not t.auth_mode), None)
    if not seen:
        raise Inconclusive("aucune connexion réussie dans les traces")
    if silent is not None:
        raise CheckFailed(
            "Trace d'une connexion sans acr ou authMode",
            expected="acr (eidas1…) et authMode (CARD ou MOBILE)",
            received=f"acr « {silent.acr or 'vide'} », authMode « {silent.auth_mode or 'vide'} »",
            at=f"{traces.id}, colonnes acr et auth_mode",
            hint="Les deux sont dans l'id_token ou le jeton d'accès : recopier ces valeurs, jamais le jeton.",
        )
    return Evidence(at=traces.id)


@check("oidc.traces-hold-no-token", covers=("IAM-01",), source=f"{GRID} 12, 20", confidence="secondaire")
def traces_hold_no_token(traces: ConnectionTraces, calls: Sequence[PscCall]) -> Evidence:
    """Aucun jeton, code ou secret ne figure dans les traces."""
    issued = frozenset[str]().union(*(call.issues for call in calls))
    for line, text in enumerate(traces.text.splitlines(), 1):
        if _JWT.search(text) or any(fingerprint(word) in issued for word in _WORD.findall(text)):
            raise CheckFailed(
                "Jeton dans les traces",
                expected="qui, quand, quoi, résultat ; jamais la valeur d'un jeton",
                received="un jeton (valeur masquée)",
                at=f"{traces.id}, valeur d'un jeton",
                hint=f"Ligne {line} : une trace se lit et se copie, un jeton ouvre une session.",
            )
    return Evidence(at=traces.id, note=f"{len(traces.traces)} trace(s)")


def _tolerance(settings: Settings) -> float:
    """Seconds."""
    return max(settings.services.tolerance_horloge, 60.0)


def _at(trace: Trace, login: TokenResponse, tolerance: float) -> bool:
    return trace.moment is not None and abs(trace.moment - login.moment) <= tolerance


def _is(trace: Trace, person: Professionnel) -> bool:
    """True when the user column holds the national identifier, with or without its leading digit."""
    named = person.id_nat or person.id
    return named in trace.user or (bool(person.id_nat) and person.id_nat[1:] in trace.user)
