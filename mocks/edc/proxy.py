"""The example proxy e-Santé (contract of the ANS example): sessions by cookie, relay of calls, traces.

It is what a DUI without a proxy of its own is tested against. For its users it is a client of Pro Santé Connect (CIBA), of the
authorization server and of the API, in process.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ...core.exchange import Body, Key, Reply, Request
from ...validation.edc import cookie_of, json_object
from ...validation.oauth import fingerprint, first, parameters
from .jetons import delivrer
from .messages import COOKIE, SIGNATURE, json_reply, proxy_error
from .psc_interne import ConnexionRefusee, Jetons, PscInjoignable
from .state import PORTEE_API, Client, Presente
from .traces import Traces

if TYPE_CHECKING:
    from .app import EspaceDeConfiance

DUREE = timedelta(seconds=14_400)
KEPT = 1_000
MARGE = timedelta(seconds=5)
BACKENDS = ("api-essai", PORTEE_API)
METHODES = ("GET", "POST", "PUT", "PATCH", "DELETE")
CANAUX = ("CARD", "MOBILE")
CLIENT = Client("proxy-exemple", "proxy-exemple", (PORTEE_API,))
CERTIFICAT = Presente(b"certificat-du-proxy-d-exemple-..", CLIENT.structure, "CN=proxy-exemple")
"""The proxy calls in process: the certificate to which its tokens are bound has no file."""


@dataclass(slots=True)
class SessionProxy:
    """A user's session at the proxy."""

    id: str
    identifiant: str
    client: str
    psc: Jetons
    ouverte: datetime
    jeton: str = ""
    expire: datetime | None = None

    def noms(self) -> dict[str, str]:
        """What the traces say of it."""
        return {"clientId": self.client, "proxy_id_session": self.id, "session_state": self.psc.session_state}


@dataclass(slots=True)
class Proxy:
    """Sessions and traces of the example proxy."""

    sessions: OrderedDict[str, SessionProxy] = field(default_factory=OrderedDict)
    traces: Traces = field(default_factory=Traces)

    def session(self, request: Request, now: datetime) -> SessionProxy | None:
        """The live session of the request's cookie."""
        found = self.sessions.get(cookie_of(request.header("cookie"), COOKIE))
        return found if found is not None and now - found.ouverte < DUREE else None

    def answer(self, edc: EspaceDeConfiance, kind: str, request: Request, now: datetime) -> Reply:
        """Route; an internal dependency that does not answer gives 503, as the contract says."""
        try:
            match (kind, request.method):
                case ("edc.proxy.connect", "POST"):
                    return self._connect(edc, request, now)
                case ("edc.proxy.send", method) if method in METHODES:
                    return self._send(edc, request, now)
                case ("edc.proxy.disconnect", "DELETE"):
                    return self._disconnect(edc, request, now)
                case ("edc.proxy.traces", "GET"):
                    return self._traces(request)
        except PscInjoignable as error:
            return proxy_error(503, str(error), json_object(request.body))
        return proxy_error(404, "aucune ressource pour cette adresse et cette méthode", {})

    def _connect(self, edc: EspaceDeConfiance, request: Request, now: datetime) -> Reply:
        asked = json_object(request.body)
        identifiant, client = str(asked.get("nationalId", "")), str(asked.get("clientId", ""))
        facts = {"identifiant": identifiant}
        wrong = _wrong(asked)
        if wrong:
            self.traces.noter("CONNECT_FAILURE", request, now, identifiant)
            return proxy_error(400, f"champs absents ou invalides : {', '.join(wrong)}", asked, facts=facts)
        if client != edc.client_psc.client_id:
            self.traces.noter("CONNECT_FAILURE", request, now, identifiant)
            return proxy_error(404, "clientId inconnu", asked, facts=facts)
        active = self.session(request, now)
        if active is not None and (active.identifiant, active.client) == (identifiant, client):
            self.traces.noter("CONNECT_REPLAY", request, now, identifiant, session=active.noms())
            return Reply(304, facts={**facts, "session": fingerprint(active.id), "reprise": True})
        return self._open(edc, request, asked, now)

    def _open(self, edc: EspaceDeConfiance, request: Request, asked: dict[str, Any], now: datetime) -> Reply:
        identifiant, facts = str(asked["nationalId"]), {"identifiant": str(asked["nationalId"])}
        if edc.psc is None:
            raise PscInjoignable("aucun Pro Santé Connect n'est joint à ce proxy")
        try:
            jetons = edc.psc.connecter(identifiant, str(asked["bindingMessage"]), str(asked["channel"]), now)
        except (ConnexionRefusee, PscInjoignable) as error:
            self.traces.noter("CONNECT_FAILURE", request, now, identifiant)
            if isinstance(error, PscInjoignable):
                raise
            status = 404 if str(error) in ("unknown_user_id", "unknown_user") else 400
            return proxy_error(status, f"connexion refusée par Pro Santé Connect : {error}", asked, facts=facts)
        session = SessionProxy(edc.registre.opaque("session-proxy"), identifiant, str(asked["clientId"]), jetons, now)
        self.sessions[session.id] = session
        while len(self.sessions) > KEPT:
            self.sessions.popitem(last=False)
        self.traces.noter("CONNECT_SUCCESS", request, now, identifiant, session=session.noms())
        value = {"proxy_session_id": session.id, "session_state": jetons.session_state}
        reply = json_reply(value, facts={**facts, "session": fingerprint(session.id)})
        cookie = ("Set-Cookie", f"{COOKIE}={session.id}; Path=/; Secure; HttpOnly")
        keys = (Key("jeton", session.id), Key("ps", identifiant))
        return replace(reply, headers=(*reply.headers, cookie), keys=keys, secrets=(session.id,))

    def _send(self, edc: EspaceDeConfiance, request: Request, now: datetime) -> Reply:
        session = self.session(request, now)
        if session is None:
            return proxy_error(401, "aucune session active : POST /connect d'abord", {}, facts={"session": ""})
        facts = {"session": fingerprint(session.id), "identifiant": session.identifiant}
        _, _, backend, endpoint = (request.path + "/").split("/", 3)
        path = "/" + endpoint.rstrip("/")
        if backend not in BACKENDS:
            return proxy_error(502, f"API inconnue du proxy : {backend}", {}, facts=facts)
        api = {"nomApiPsc": backend, "methode": request.method, "path": path}
        self.traces.noter("SEND", request, now, session.identifiant, session=session.noms(), api=api)
        if path != SIGNATURE:
            return proxy_error(404, f"ressource inconnue de l'API : {path}", {}, facts=facts)
        try:
            answered = self._relay(edc, session, request, now)
        except ConnexionRefusee as error:
            self.sessions.pop(session.id, None)
            return proxy_error(401, f"session Pro Santé Connect terminée : {error}", {}, facts=facts)
        return replace(answered, facts={**answered.facts, **facts})

    def _relay(self, edc: EspaceDeConfiance, session: SessionProxy, request: Request, now: datetime) -> Reply:
        """Call the API with the session's own token, exchanged again once when it is refused."""
        fresh = session.expire is None or session.expire <= now
        if fresh:
            self._exchange(edc, session, now)
        answered = edc.appeler_api(_with_token(request, session.jeton), CERTIFICAT, now)
        if answered.status == 401 and not fresh:
            self._exchange(edc, session, now)
            answered = edc.appeler_api(_with_token(request, session.jeton), CERTIFICAT, now)
        return answered

    def _exchange(self, edc: EspaceDeConfiance, session: SessionProxy, now: datetime) -> None:
        """An API token for this user, from an access token that still lives."""
        assert edc.psc is not None
        if session.psc.expire - MARGE <= now:
            session.psc = edc.psc.rafraichir(session.psc, now)
        claims = edc.psc.introspect(session.psc.acces, now)
        if claims is None or claims.get("SubjectNameID") != session.identifiant:
            raise ConnexionRefusee("jeton d'accès inactif")
        made = delivrer(edc.registre, edc.signataire, edc.emetteur, CLIENT, CERTIFICAT, session.identifiant, CLIENT.portees, now)
        session.jeton = made.secrets[0]
        session.expire = now + edc.registre.options.acces

    def _disconnect(self, edc: EspaceDeConfiance, request: Request, now: datetime) -> Reply:
        session = self.session(request, now)
        if session is None:
            return proxy_error(401, "aucune session active", {}, facts={"session": ""})
        del self.sessions[session.id]
        self.traces.noter("DISCONNECT", request, now, session.identifiant, session=session.noms())
        if edc.psc is not None:
            edc.psc.deconnecter(session.psc, now)
        facts = {"session": fingerprint(session.id), "identifiant": session.identifiant}
        gone = ("Set-Cookie", f"{COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly")
        return Reply(200, (gone, ("Cache-Control", "no-store")), Body(b""), facts=facts)

    def _traces(self, request: Request) -> Reply:
        pairs = parameters(request.query)
        bounds = []
        for name in ("start", "end"):
            text = first(pairs, name).replace(" ", "+")
            try:
                bounds.append(datetime.fromisoformat(text) if text else None)
            except ValueError:
                return proxy_error(400, f"{name} : une date et heure ISO 8601 est attendue", {})
        if any(bound is not None and bound.tzinfo is None for bound in bounds):
            return proxy_error(400, "start et end : le décalage horaire est attendu", {})
        return json_reply(self.traces.entre(*bounds))


def _wrong(asked: dict[str, Any]) -> list[str]:
    """The fields of a connection request that cannot be accepted."""
    good = {
        "nationalId": isinstance(asked.get("nationalId"), str) and bool(asked["nationalId"].strip()),
        "bindingMessage": isinstance(asked.get("bindingMessage"), str)
        and re.fullmatch("[0-9]{2}", asked["bindingMessage"]) is not None,
        "clientId": isinstance(asked.get("clientId"), str) and bool(asked["clientId"]),
        "channel": asked.get("channel") in CANAUX,
    }
    return [name for name, fine in good.items() if not fine]


def _with_token(request: Request, token: str) -> Request:
    kept = tuple(h for h in request.headers if h[0].lower() not in ("authorization", "cookie"))
    return replace(request, headers=(*kept, ("Authorization", f"Bearer {token}")))
