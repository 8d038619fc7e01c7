"""A DUI in front of a proxy e-Santé of another: how it opens, uses and ends its users' sessions there."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.people import Professionnel
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.edc import ProxyCall
from .registry import check

CONTRAT = "proxy e-Santé d'exemple de l'ANS (contrat OpenAPI)"
CONNECT, SEND, DISCONNECT = "edc.proxy.connect", "edc.proxy.send", "edc.proxy.disconnect"


@check("edc.proxy.connect-request", covers=("PSC-10",), source=f"{CONTRAT}, POST /connect", confidence="vu")
def connection_request_is_complete(call: ProxyCall, settings: Settings) -> Evidence:
    """La connexion au proxy donne le clientId, deux chiffres à montrer (bindingMessage) et le canal CARD ou MOBILE."""
    _only(call, CONNECT)
    values = {name: str(call.body.get(name, "")) for name in ("clientId", "bindingMessage", "channel")}
    wrong = {
        "clientId": values["clientId"] != settings.psc.client_id,
        "bindingMessage": re.fullmatch("[0-9]{2}", values["bindingMessage"]) is None,
        "channel": values["channel"] not in ("CARD", "MOBILE"),
    }
    name = next((name for name, is_wrong in wrong.items() if is_wrong), "")
    if name:
        expected = {"clientId": settings.psc.client_id, "bindingMessage": "deux chiffres, 00 à 99", "channel": "CARD ou MOBILE"}
        raise CheckFailed(
            f"{name} absent ou invalide à la connexion au proxy",
            expected=expected[name],
            received=values[name] or "absent",
            at=f"POST /connect, {name}",
            hint="Les quatre champs sont obligatoires ; les deux chiffres sont tirés au sort et montrés à l'utilisateur.",
        )
    return Evidence(at="POST /connect")


@check("edc.proxy.connect-names-user", covers=("PSC-09",), source=f"{CONTRAT}, POST /connect", confidence="vu")
def connection_names_the_user(call: ProxyCall, person: Professionnel) -> Evidence:
    """La connexion au proxy nomme l'utilisateur connecté au DUI (nationalId)."""
    _only(call, CONNECT)
    named = str(call.body.get("nationalId", ""))
    if named != person.id_nat:
        raise CheckFailed(
            "Connexion au proxy pour une autre personne",
            expected=person.id_nat,
            received=named or "absent",
            at="POST /connect, nationalId",
            hint="Recopier l'identifiant national du compte ouvert dans le DUI.",
        )
    return Evidence(at="POST /connect, nationalId")


@check("edc.proxy.send-has-session", covers=("PSC-10",), source=f"{CONTRAT}, cookie proxy_session_id", confidence="vu")
def call_carries_the_session_cookie(call: ProxyCall) -> Evidence:
    """Un appel par le proxy porte le cookie de session reçu à la connexion."""
    _only(call, SEND)
    if not call.cookie:
        raise CheckFailed(
            "Appel par le proxy sans cookie de session",
            expected="Cookie: proxy_session_id=…",
            received="aucun cookie",
            at="/send, en-tête Cookie",
            hint="Garder le cookie de la réponse de /connect, par utilisateur, et le présenter à chaque appel.",
        )
    return Evidence(at="/send, en-tête Cookie")


@check("edc.proxy.replay-handled", covers=("PSC-09",), source=f"{CONTRAT}, 304 session déjà active", confidence="vu")
def active_session_is_used_again(attempt: Geste, calls: Sequence[ProxyCall]) -> Evidence:
    """La réponse 304 (session déjà active) est un succès : le DUI continue avec la même session."""
    rank = next((r for r, c in enumerate(calls) if c.kind == CONNECT and c.status == 304), None)
    if rank is None:
        raise Inconclusive("le proxy n'a pas répondu 304")
    if not any(c.kind == SEND and c.cookie == calls[rank].cookie for c in calls[rank + 1 :]):
        raise CheckFailed(
            "Session active du proxy non réemployée",
            expected="/send avec le cookie de la session active",
            received="aucun appel après la réponse 304",
            at="POST /connect, réponse 304",
            hint="304 n'est pas une erreur et n'a pas de corps : garder le cookie déjà reçu.",
        )
    return Evidence(at=calls[rank].id, note=f"geste {attempt.id}")


@check("edc.proxy.sessions-apart", covers=("PSC-09",), source=f"{CONTRAT}, une session par utilisateur", confidence="vu")
def session_of_the_proxy_is_that_of_the_user(call: ProxyCall, person: Professionnel) -> Evidence:
    """Un appel par le proxy emploie la session de l'utilisateur connecté, jamais celle d'un autre."""
    _only(call, SEND)
    holder = str(call.facts.get("identifiant", ""))
    if not holder:
        raise Inconclusive("la session présentée n'a pas de titulaire connu")
    if holder != person.id_nat:
        raise CheckFailed(
            "Session du proxy d'un autre utilisateur",
            expected=f"la session de {person.id_nat}",
            received=f"celle de {holder}",
            at="/send, titulaire de la session",
            hint="Ranger le cookie du proxy par utilisateur ; à la déconnexion, fermer la session et l'oublier.",
        )
    return Evidence(at="/send, titulaire de la session")


@check("edc.proxy.disconnect-at-logout", covers=("PSC-04",), source=f"{CONTRAT}, DELETE /disconnect", confidence="vu")
def logout_ends_the_session_of_the_proxy(logout: Geste, calls: Sequence[ProxyCall]) -> Evidence:
    """La déconnexion du DUI ferme la session du proxy (DELETE /disconnect, avec son cookie)."""
    opened = [c for c in calls if c.kind == CONNECT and c.opened]
    if not opened or not logout.fait:
        raise Inconclusive("aucune session du proxy n'était ouverte, ou la déconnexion n'est pas confirmée")
    closed = {c.cookie for c in calls if c.kind == DISCONNECT and c.status == 200}
    left = next((c for c in opened if c.opened not in closed), None)
    if left is not None:
        raise CheckFailed(
            "Session du proxy laissée ouverte après la déconnexion",
            expected="DELETE /disconnect avec le cookie de la session",
            received="aucun appel qui la ferme",
            at="déconnexion du DUI",
            hint="Le proxy garde 4 h des jetons au nom de l'utilisateur : fermer sa session en même temps que celle du DUI.",
        )
    return Evidence(at=opened[-1].id)


def _only(call: ProxyCall, kind: str) -> None:
    if call.kind != kind:
        raise Inconclusive(f"l'échange {call.id} n'est pas de la sorte {kind}")
