"""The editor's own proxy e-Santé, met by the harness in the place of the DUI: sessions, relay, traces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..validation.edc_proxy import CONNECT, DISCONNECT, SEND, OwnProxyCall, ProxyTraces, instant
from .edc_proxy import CONTRAT
from .registry import check

TRACES = f"{CONTRAT}, GET /traces"
TOUJOURS = ("type", "IdRPPS", "ipAddress", "ports", "timestamp")
SESSION = ("clientId", "proxy_id_session", "session_state")
API = ("nomApiPsc", "methode", "path")
TYPES = ("CONNECT_SUCCESS", "CONNECT_REPLAY", "CONNECT_FAILURE", "SEND", "DISCONNECT")


@check("edc.own-proxy.connect-opens", covers=("PSC-10",), source=f"{CONTRAT}, POST /connect", confidence="vu")
def connection_opens_a_session(call: OwnProxyCall) -> Evidence:
    """La connexion ouvre une session : réponse 200 avec proxy_session_id et session_state, et le cookie de session."""
    _only(call, CONNECT)
    lacking = [name for name in ("proxy_session_id", "session_state") if not call.answer.get(name)]
    lacking += [] if call.opened else ["cookie proxy_session_id"]
    if call.status != 200 or lacking:
        raise CheckFailed(
            "La connexion au proxy n'ouvre pas de session",
            expected="200, proxy_session_id, session_state et Set-Cookie: proxy_session_id",
            received=f"{call.status}" + (f", sans {', '.join(lacking)}" if lacking else ""),
            at="POST /connect, réponse",
            hint="Vérifier l'appel CIBA du proxy à Pro Santé Connect (login_hint = nationalId), puis sa réponse.",
        )
    return Evidence(at=call.id)


@check("edc.own-proxy.replay", covers=("PSC-09",), source=f"{CONTRAT}, 304 session déjà active", confidence="vu")
def second_connection_finds_the_session(first: OwnProxyCall, second: OwnProxyCall) -> Evidence:
    """Une seconde connexion du même utilisateur, avec son cookie, répond 304 : la session est déjà active."""
    _only(second, CONNECT)
    if first.status != 200 or second.cookie != first.opened:
        raise Inconclusive("la première connexion n'a pas ouvert de session")
    if second.status != 304:
        raise CheckFailed(
            "Seconde connexion non reconnue",
            expected="304, sans nouvel appel à Pro Santé Connect",
            received=str(second.status),
            at="POST /connect, seconde réponse",
            hint="Chercher la session du cookie avant d'appeler Pro Santé Connect.",
        )
    return Evidence(at=second.id)


@check("edc.own-proxy.session-required", covers=("PSC-10",), source=f"{CONTRAT}, 401 sans session", confidence="vu")
def call_without_session_is_refused(call: OwnProxyCall) -> Evidence:
    """Un appel sans cookie de session est refusé (401)."""
    _only(call, SEND)
    if call.cookie:
        raise Inconclusive("cet appel portait un cookie")
    if call.status != 401:
        raise CheckFailed(
            "Appel sans session accepté par le proxy",
            expected="401",
            received=str(call.status),
            at="/send, sans cookie",
            hint="Un appel sans cookie n'est de personne : ne jamais le servir avec la session d'un autre.",
        )
    return Evidence(at=call.id)


@check("edc.own-proxy.relays", covers=("PSC-10",), source=f"{CONTRAT}, /send", confidence="vu")
def call_is_relayed(call: OwnProxyCall) -> Evidence:
    """Un appel avec session est relayé à l'API, et sa réponse revient telle quelle."""
    _only(call, SEND)
    if not call.cookie:
        raise Inconclusive("cet appel ne portait pas de cookie")
    if call.status != 200 or not call.answer.get("signature") or call.answer.get("nationalId") != call.asked.get("nationalId"):
        raise CheckFailed(
            "Réponse de l'API perdue ou changée par le proxy",
            expected="200, les champs envoyés et leur signature",
            received=f"{call.status}" + ("" if call.answer.get("signature") else ", sans signature"),
            at="/send, réponse",
            hint="Le proxy rend le statut et le corps de l'API sans les changer.",
        )
    return Evidence(at=call.id)


@check("edc.own-proxy.disconnect", covers=("PSC-04",), source=f"{CONTRAT}, DELETE /disconnect", confidence="vu")
def disconnection_ends_the_session(end: OwnProxyCall, after: OwnProxyCall) -> Evidence:
    """Après la déconnexion, le cookie ne vaut plus rien : un appel qui le porte est refusé (401)."""
    _only(end, DISCONNECT)
    _only(after, SEND)
    if end.status != 200 or after.status != 401:
        raise CheckFailed(
            "Session encore ouverte après la déconnexion",
            expected="200 à DELETE /disconnect, puis 401 à /send",
            received=f"{end.status}, puis {after.status}",
            at="/send, après la déconnexion",
            hint="Oublier session, jetons et cookie à la déconnexion, et fermer la session Pro Santé Connect.",
        )
    return Evidence(at=after.id)


@check("edc.trace.types", covers=("PSC-10",), source=TRACES, confidence="vu")
def every_action_is_traced(traces: ProxyTraces, calls: Sequence[OwnProxyCall]) -> Evidence:
    """Chaque connexion, reprise, échec, appel et déconnexion laisse une trace de son type."""
    unknown = sorted({str(r.get("type", "absent")) for r in traces.records} - set(TYPES))
    if traces.status != 200 or unknown:
        raise CheckFailed(
            "Traces illisibles" if traces.status != 200 else "Type de trace inconnu",
            expected=f"200 et un tableau JSON de types {', '.join(TYPES)}",
            received=", ".join(unknown) or str(traces.status),
            at="GET /traces",
        )
    for wanted, expected in _expected(calls).items():
        found = len(traces.of(wanted))
        if found < expected:
            raise CheckFailed(
                f"Traces {wanted} manquantes",
                expected=f"{expected} au moins",
                received=str(found),
                at=f"GET /traces, {wanted}",
                hint="Tracer chaque action, réussie ou non, au moment où elle a lieu.",
            )
    return Evidence(at=traces.id, note=f"{len(traces.records)} traces")


@check("edc.trace.fields", covers=("PSC-10",), source=TRACES, confidence="vu")
def trace_has_the_fields_of_its_type(traces: ProxyTraces) -> Evidence:
    """Chaque trace porte les champs de son type : qui, d'où, quand, sa session sauf un échec, l'appel pour un SEND."""
    if not traces.records:
        raise Inconclusive("aucune trace")
    for record in traces.records:
        lacking = _lacking(record)
        if lacking:
            raise CheckFailed(
                f"Trace {record.get('type', 'sans type')} incomplète",
                expected=", ".join(_mandatory(record)),
                received=f"sans {', '.join(lacking)}",
                at=f"GET /traces, {record.get('type', '')}, {lacking[0]}",
                hint="clientId, proxy_id_session et session_state manquent seulement à CONNECT_FAILURE ; apiRequest est à SEND.",
            )
        if record.get("type") != "SEND" and record.get("apiRequest"):
            raise CheckFailed(
                "apiRequest dans une trace qui n'est pas un appel",
                expected="apiRequest pour SEND seulement",
                received=str(record.get("type")),
                at=f"GET /traces, {record.get('type')}, apiRequest",
            )
    return Evidence(at=traces.id, note=f"{len(traces.records)} traces", fired=len(traces.records))


@check("edc.trace.timestamp", covers=("PSC-10",), source=TRACES, confidence="vu")
def trace_time_has_its_offset(traces: ProxyTraces) -> Evidence:
    """L'instant de chaque trace est une date et heure ISO 8601 avec son décalage horaire."""
    if not traces.records:
        raise Inconclusive("aucune trace")
    for record in traces.records:
        if instant(record.get("timestamp")) is None:
            raise CheckFailed(
                "Instant de trace sans décalage horaire",
                expected="2026-03-31T14:05:12.000+02:00",
                received=str(record.get("timestamp", "absent")),
                at="GET /traces, timestamp",
                hint="Sans décalage, deux serveurs de fuseaux différents ne peuvent être rapprochés.",
            )
    return Evidence(at=traces.id, fired=len(traces.records))


def _expected(calls: Sequence[OwnProxyCall]) -> dict[str, int]:
    def count(kind: str, *statuses: int) -> int:
        return sum(1 for c in calls if c.kind == kind and c.status in statuses)

    failures = sum(1 for c in calls if c.kind == CONNECT and c.status >= 400)
    sent = sum(1 for c in calls if c.kind == SEND and c.status == 200)
    counts = (count(CONNECT, 200), count(CONNECT, 304), failures, sent, count(DISCONNECT, 200))
    return dict(zip(TYPES, counts, strict=True))


def _mandatory(record: Mapping[str, Any]) -> tuple[str, ...]:
    kind = record.get("type")
    session = () if kind == "CONNECT_FAILURE" else SESSION
    return (*TOUJOURS, *session, *(("apiRequest",) if kind == "SEND" else ()))


def _lacking(record: Mapping[str, Any]) -> list[str]:
    lacking = [name for name in _mandatory(record) if not record.get(name)]
    call = record.get("apiRequest")
    if record.get("type") == "SEND" and isinstance(call, Mapping):
        lacking += [f"apiRequest.{name}" for name in API if not call.get(name)]
    return lacking


def _only(call: OwnProxyCall, kind: str) -> None:
    if call.kind != kind:
        raise Inconclusive(f"l'échange {call.id} n'est pas de la sorte {kind}")
