"""Login without browser (CIBA): the request, the polls, and the simulated telephone on which a tester approves.

Only polling is offered, whatever the configuration advertises. By default a request is approved at once; the order ``ciba``
(``decision``, ``apres``, ``intervalle``) changes that, also for requests already made.
"""

from __future__ import annotations

import html
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...core.exchange import Key, Reply, Request
from ...fixtures.professionals import professionals
from ...validation.oauth import Params, fingerprint, first, form
from .client import authenticate, certificate_fact, refused
from .grants import Facts, give
from .messages import APPROVAL, all_parameters, json_reply, oauth_error, page, with_keys
from .provider import Provider
from .state import CIBA, CibaDemand, Decision, remember

if TYPE_CHECKING:
    from .app import ProSanteConnect

GRANT = "urn:openid:params:grant-type:ciba"
CHANNELS = ("CARD", "MOBILE")
TOLERANCE = 0.25
"""Two polls sent five seconds apart may arrive a little closer."""
_TWO_DIGITS = re.compile(r"[0-9]{2}")


def backchannel(psc: ProSanteConnect, request: Request, now: datetime) -> Reply:
    """Answer a request to log someone in (CIBA Core §7)."""
    if request.method != "POST":
        return oauth_error("invalid_request", "la méthode POST est attendue", status=405)
    pairs = form(request)
    proof = authenticate(psc, request, pairs, now)
    facts: Facts = {"client_auth": proof.method, "certificat": certificate_fact(psc, request), **_looks(pairs)}
    if not proof.accepted:
        return refused(proof, facts)
    person = psc.person(first(pairs, "login_hint"))
    error, why = _refusal(psc, pairs, facts, known=person is not None)
    if error or person is None:
        return oauth_error(error, why, facts=facts)
    channel = first(pairs, "channel") if facts["canal"] == "conforme" else "MOBILE"
    number = psc.store.opaque(now, "ciba")
    interval = psc.store.options.ciba_interval
    message = first(pairs, "binding_message")[:40]
    remember(psc.store.ciba, fingerprint(number), CibaDemand(person.id, first(pairs, "scope"), channel, message, now, interval))
    seconds = int(CIBA.total_seconds())
    reply = json_reply(
        {"auth_req_id": number, "expires_in": seconds, "interval": interval}, facts={**facts, "persona": person.id}
    )
    return with_keys(reply, Key("code", number), Key("ps", person.id_nat or person.id), secrets=(number,))


def ciba_grant(provider: Provider, pairs: Params, facts: Facts, now: datetime) -> Reply:
    """Answer a poll (CIBA Core §11)."""
    number = first(pairs, "auth_req_id")
    demand = provider.store.ciba.get(fingerprint(number))
    state, decision = ("absent" if not number else "inconnu"), provider.store.options.ciba
    if demand is not None:
        wait = (now - demand.polled).total_seconds() if demand.polled is not None else None
        facts |= {"attente": wait, "intervalle": demand.interval, "persona": demand.persona}
        state = _state(demand, demand.decision or decision, provider.store.options.ciba_after, now)
        demand.polled = now
    facts["ciba_etat"] = state
    if demand is None or state != "approuve":
        return _not_yet(demand, state, facts)
    demand.used = True
    session = provider.store.open_session(demand.persona, now, mode=demand.channel)
    session.scope = demand.scope
    return give(provider, session, facts, now)


def telephone(psc: ProSanteConnect, request: Request, now: datetime) -> Reply:
    """The page that stands for the professional's telephone: requests waiting, to approve or refuse."""
    pairs = all_parameters(request)
    demand = psc.store.ciba.get(first(pairs, "demande"))
    facts: dict[str, Any] = {"issue": "page"}
    choice: Decision | None = {"approuver": "approuve", "refuser": "refuse"}.get(first(pairs, "choix"))  # type: ignore[assignment]
    if request.method == "POST" and demand is not None and choice is not None:
        demand.decision = choice
        facts |= {"issue": choice, "persona": demand.persona}
    waiting = [(k, d) for k, d in psc.store.ciba.items() if _open(d, now)]
    cards = "".join(_card(key, demand) for key, demand in waiting)
    content = cards or "<p>Aucune demande de connexion n’attend.</p>"
    again = f'<p><a class="bouton" href="{APPROVAL}">Actualiser</a></p>'
    return page("Demandes de connexion", content + again, facts=facts)


def _looks(pairs: Params) -> Facts:
    message, channel = first(pairs, "binding_message"), first(pairs, "channel")
    return {
        "binding_message": ("conforme" if _TWO_DIGITS.fullmatch(message) else "malforme") if message else "absent",
        "canal": ("conforme" if channel in CHANNELS else "inconnu") if channel else "absent",
        "notification": bool(first(pairs, "client_notification_token")),
    }


def _refusal(psc: ProSanteConnect, pairs: Params, facts: Facts, *, known: bool) -> tuple[str, str]:
    """An error of CIBA Core §13 and why; what is only badly made is refused by a strict service, else noted."""
    hints = [name for name in ("login_hint", "login_hint_token", "id_token_hint") if first(pairs, name)]
    if hints != ["login_hint"]:
        return "invalid_request", "login_hint seul est attendu : l'identifiant national du professionnel"
    if not known:
        return "unknown_user_id", "aucun professionnel fictif ne porte cet identifiant (login_hint)"
    if "openid" not in first(pairs, "scope").split():
        return "invalid_scope", "scope doit contenir openid"
    if not psc.strict:
        return "", ""
    if facts["binding_message"] != "conforme":
        return "invalid_binding_message", "binding_message est fait de deux chiffres, de 00 à 99"
    if facts["canal"] != "conforme":
        return "invalid_request", "channel vaut CARD ou MOBILE"
    return ("", "") if first(pairs, "acr_values") == "eidas1" else ("invalid_request", "acr_values vaut eidas1")


def _state(demand: CibaDemand, decision: Decision, after: int, now: datetime) -> str:
    if demand.used:
        return "deja-utilise"
    if now - demand.issued >= CIBA:
        return "expire"
    if demand.polled is not None and (now - demand.polled).total_seconds() < demand.interval - TOLERANCE:
        demand.interval += 5
        return "trop-vite"
    demand.polls += 1
    if decision in ("jamais", "page") or (demand.polls <= after and demand.decision is None):
        return "en-attente"
    return decision


def _not_yet(demand: CibaDemand | None, state: str, facts: Facts) -> Reply:
    errors = {
        "en-attente": ("authorization_pending", "le professionnel n'a pas encore répondu"),
        "trop-vite": ("slow_down", f"attendre {demand.interval if demand else 5} secondes entre deux demandes"),
        "expire": ("expired_token", "la demande a plus de 120 secondes"),
        "refuse": ("access_denied", "le professionnel a refusé"),
        "absent": ("invalid_request", "auth_req_id absent"),
    }
    error, why = errors.get(state, ("invalid_grant", "auth_req_id inconnu ou déjà utilisé"))
    return oauth_error(error, why, facts=facts)


def _open(demand: CibaDemand, now: datetime) -> bool:
    return not demand.used and demand.decision is None and now - demand.issued < CIBA


def _card(key: str, demand: CibaDemand) -> str:
    person = professionals()[demand.persona]
    how = "carte CPx" if demand.channel == "CARD" else "e-CPS"
    return (
        f'<form method="post" action="{APPROVAL}" class="demande"><input type="hidden" name="demande" value="{key}">'
        f"<h2>{html.escape(person.prenom)} {html.escape(person.nom)}</h2><p>Connexion demandée par {how}. Le logiciel doit "
        f'afficher le même nombre :</p><p class="nombre">{html.escape(demand.message) or "aucun nombre reçu"}</p>'
        '<p class="choix"><button name="choix" value="approuver" class="bouton">Approuver</button> '
        '<button name="choix" value="refuser" class="bouton secondaire">Refuser</button></p></form>'
    )
