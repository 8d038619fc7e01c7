"""The harness in the place of a DUI, in front of the editor's own proxy e-Santé: orders become recorded HTTP exchanges.

It is a service without ports: its orders call the proxy, and each call is recorded as any exchange. So it has a lock of its
own, and the proxy may call the other services back while it answers.
"""

from __future__ import annotations

import hashlib
import json
import ssl
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3
from urllib3.util import Timeout

from ...core.clock import Clock
from ...core.errors import HarnessError, Inconclusive
from ...core.exchange import Body, Connection, Description, Key, Reply, Request
from ...core.service import Listener, Recorder
from ...validation.edc import COOKIE, cookie_of, json_object
from ..service import BaseService
from .messages import SIGNATURE

DELAI = 20.0
LIMIT = 1 << 20
MINUTE = timedelta(minutes=1)
BACKEND = "signsessiondata"
KINDS = {"connect": "connect", "send": "send", "disconnect": "disconnect", "traces": "traces"}
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class ProxyEditeur(BaseService):
    """Orders: ``adresse`` (url), ``connecter`` and ``envoyer`` (session, identifiant), ``deconnecter`` (session), ``traces``
    (since the address was given). ``session`` is our name for a browser: its cookie is kept under it; ``""`` has none.

    ``attach`` must be called with the recorder, the trusted authority and our client certificate before the first order.
    """

    nom = "proxy-editeur"
    listeners: Sequence[Listener] = ()

    def __init__(self, client_id: str, *, seed: int = 0) -> None:
        super().__init__()
        self.pannes = MappingProxyType({})
        self._client_id = client_id
        self._seed = seed
        self._adresse = ""
        self._sessions: dict[str, dict[str, str]] = {}
        self._rank = 0

    def attach(self, recorder: Recorder, clock: Clock, *, ac: Path, certificate: Path, key: Path) -> None:
        """Where exchanges are recorded, the campaign's clock, the authority trusted besides the system's, our certificate."""
        self._recorder = recorder
        self._clock = clock
        context = ssl.create_default_context()
        context.load_verify_locations(str(ac))
        context.load_cert_chain(str(certificate), str(key))
        self._http = urllib3.PoolManager(ssl_context=context, retries=False, timeout=Timeout(total=DELAI))

    def describe(self, listener: str, request: Request) -> Description:
        """Kind by path; the cookie is a secret and a key."""
        word = request.path.strip("/").rpartition("/")[2] if "/send/" not in request.path else "send"
        cookie = cookie_of(request.header("cookie"), COOKIE)
        named = str(json_object(request.body).get("nationalId", ""))
        keys = tuple(key for key in (Key("jeton", cookie), Key("ps", named)) if key.valeur)
        return Description(
            f"edc.proxy-editeur.{KINDS.get(word, 'inconnu')}", keys, (cookie,) if cookie else (), "appel au proxy de l'éditeur"
        )

    def answer(self, listener: str, request: Request, now: datetime) -> Reply:
        """Nothing calls this service: it has no port."""
        raise HarnessError("le client du proxy de l'éditeur ne sert aucune adresse")

    def command(self, nom: str, arguments: Mapping[str, Any]) -> None:
        """Execute an order; raises ``Inconclusive`` when the proxy does not answer."""
        values = {name: str(value) for name, value in arguments.items()}
        session = values.get("session", "")
        if nom != "adresse" and not self._adresse:
            raise HarnessError("ordre au proxy de l'éditeur avant son adresse")
        match nom:
            case "adresse":
                self._adresse = _checked(values.get("url", "")).rstrip("/")
                self._sessions.clear()
                self._debut = self._clock.now()
            case "connecter":
                self._connect(session, values.get("identifiant", ""))
            case "envoyer":
                self._send(session, values.get("identifiant", ""))
            case "deconnecter":
                self._call("DELETE", "/disconnect", session)
            case "traces":
                bounds = {"start": self._debut.isoformat(), "end": (self._clock.now() + MINUTE).isoformat()}
                self._call("GET", f"/traces?{urlencode(bounds)}", "")
            case _:
                super().command(nom, arguments)

    def _connect(self, session: str, identifiant: str) -> None:
        self._rank += 1
        digest = hashlib.sha256(f"{self._seed}|{self._rank}|{session}".encode()).digest()
        body = {
            "nationalId": identifiant,
            "bindingMessage": f"{digest[0] % 100:02d}",
            "clientId": self._client_id,
            "channel": "MOBILE",
        }
        reply = self._call("POST", "/connect", session, body)
        opened = next((cookie_of(v) for k, v in reply.headers if k.lower() == "set-cookie" and cookie_of(v)), "")
        if opened:
            answer = json_object(reply.body)
            self._sessions[session] = {"cookie": opened, "session_state": str(answer.get("session_state", ""))}

    def _send(self, session: str, identifiant: str) -> None:
        known = self._sessions.get(session, {})
        body = {
            "nationalId": identifiant,
            "clientID": self._client_id,
            "proxy_session_id": known.get("cookie", ""),
            "session_state": known.get("session_state", ""),
        }
        self._call("POST", f"/send/{BACKEND}{SIGNATURE}", session, body)

    def _call(self, method: str, target: str, session: str, body: Mapping[str, str] | None = None) -> Reply:
        """One recorded exchange. The request is recorded before it leaves, the answer as it came."""
        cookie = self._sessions.get(session, {}).get("cookie", "")
        headers = {"Host": urlsplit(self._adresse).netloc, "Accept": "application/json"}
        headers |= {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}
        data = json.dumps(body).encode() if body is not None else b""
        headers |= {"Content-Type": "application/json"} if body is not None else {}
        connection = Connection(id=f"proxy-editeur-{session or 'sans-session'}", exercised=False)
        prefix = urlsplit(self._adresse).path
        request = Request(method, prefix + target, tuple(headers.items()), Body(data), connection)
        name = self._recorder.received(self, "proxy-editeur", request)
        try:
            answer = self._http.request(
                method, self._adresse + target, body=data or None, headers=headers, redirect=False, preload_content=False
            )
            content = answer.read(LIMIT, decode_content=True)
            answer.release_conn()
        except urllib3.exceptions.HTTPError as error:
            self._recorder.answered(name, Reply(0, facts={"injoignable": type(error).__name__}))
            raise Inconclusive(f"le proxy de l'éditeur ({self._adresse}) n'a pas répondu : {type(error).__name__}") from error
        given = tuple((str(k), str(v)) for k, v in answer.headers.items())
        opened = next((cookie_of(v) for k, v in given if k.lower() == "set-cookie" and cookie_of(v)), "")
        keys, hidden = ((Key("jeton", opened),), (opened,)) if opened else ((), ())
        reply = Reply(answer.status, given, Body(content), keys=keys, secrets=hidden)
        self._recorder.answered(name, reply)
        return reply


def _checked(url: str) -> str:
    """An address that may be called: HTTPS, or HTTP on this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url
    if parts.scheme == "http" and parts.hostname in LOOPBACK:
        return url
    raise Inconclusive(f"[edc] proxy : une adresse https:// est attendue (http:// seulement sur cette machine), pas « {url} »")
