"""The DUI's own proxy e-Santé, offered on loopback in the form of the ANS example, so that it can be tested as such."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from .alterations import Alterations, Couture
from .edc import ClientEdc
from .edc_psc import ConnexionPscRefusee, PscServeur
from .edc_session import ApiIndisponible, ApiRefusee, ReponseProxy
from .horloge import FUSEAU, Horloge
from .psc_session import PscIndisponible
from .regles import ReglesEdc

COOKIE = "proxy_session_id"
DUREE = timedelta(seconds=14_400)
LIMITE = 1 << 20
_MARGE = timedelta(seconds=5)

Sortie = tuple[int, dict[str, str], Any]


@dataclass(slots=True)
class SessionLocale:
    """A user's session: a bearer whose tokens come from a login without browser (CIBA)."""

    id: str
    identifiant: str
    client: str
    psc: PscServeur
    jetons: Mapping[str, Any]
    expire: datetime
    ouverte: datetime
    horloge: Horloge

    @property
    def session_state(self) -> str:
        """That of Pro Santé Connect."""
        return str(self.jetons.get("session_state", ""))

    @property
    def id_token(self) -> str:
        """The ID token of the login."""
        return str(self.jetons.get("id_token", ""))

    def acces(self, *, frais: bool) -> str:
        """The access token, refreshed when it is about to expire."""
        if frais and self.expire - _MARGE <= self.horloge.maintenant():
            self.jetons = self.psc.rafraichir(str(self.jetons["refresh_token"]))
            self.expire = self.horloge.maintenant() + timedelta(seconds=int(self.jetons["expires_in"]))
        return str(self.jetons["access_token"])

    def noms(self) -> dict[str, str]:
        """What the traces say of it."""
        return {"clientId": self.client, "proxy_id_session": self.id, "session_state": self.session_state}


@dataclass(slots=True)
class ProxyLocal:
    """Sessions by cookie, relay of calls, traces; an HTTP server once :meth:`adresse` was asked."""

    psc: PscServeur
    edc: ClientEdc
    client_id: str
    horloge: Horloge
    regles: ReglesEdc
    alterations: Alterations
    sessions: dict[str, SessionLocale] = field(default_factory=dict)
    traces: list[dict[str, Any]] = field(default_factory=list)
    verrou: threading.Lock = field(default_factory=threading.Lock)
    _serveur: ThreadingHTTPServer | None = None

    @property
    def adresse(self) -> str:
        """Where it listens; started when first asked."""
        if self._serveur is None:
            self._serveur = ThreadingHTTPServer(("127.0.0.1", 0), type("Guichet", (_Guichet,), {"proxy": self}))
            fil = threading.Thread(target=self._serveur.serve_forever, args=(0.05,), name="proxy-local", daemon=True)
            fil.start()
        return f"http://127.0.0.1:{self._serveur.server_address[1]}"

    def fermer(self) -> None:
        """Stop listening."""
        if self._serveur is not None:
            self._serveur.shutdown()
            self._serveur.server_close()
            self._serveur = None

    def repondre(self, methode: str, cible: str, cookie: str, corps: dict[str, Any], client: tuple[str, int]) -> Sortie:
        """Status, headers and JSON body."""
        with self.verrou:
            chemin = urlsplit(cible).path
            session = self._active(cookie)
            try:
                if (methode, chemin) == ("POST", "/connect"):
                    return self._connecter(corps, session, client)
                if chemin.startswith("/send/"):
                    return self._envoyer(methode, chemin, session, corps, client)
                if (methode, chemin) == ("DELETE", "/disconnect"):
                    return self._deconnecter(session, client)
                if (methode, chemin) == ("GET", "/traces"):
                    return 200, {}, self._periode(urlsplit(cible).query)
            except (PscIndisponible, ApiIndisponible) as erreur:
                return 503, {}, _erreur(503, str(erreur), corps)
            return 404, {}, _erreur(404, "adresse inconnue", corps)

    def _active(self, cookie: str) -> SessionLocale | None:
        trouvee = self.sessions.get(cookie)
        if trouvee is None and cookie == "" and not self.regles.proxy_exige_session:
            trouvee = next(reversed(self.sessions.values()), None)
        return trouvee if trouvee is not None and self.horloge.maintenant() - trouvee.ouverte < DUREE else None

    def _connecter(self, corps: dict[str, Any], session: SessionLocale | None, client: tuple[str, int]) -> Sortie:
        identifiant = str(corps.get("nationalId", ""))
        nombre, canal = str(corps.get("bindingMessage", "")), str(corps.get("channel", ""))
        if not identifiant or corps.get("clientId") != self.client_id or not (nombre.isdigit() and len(nombre) == 2):
            self._tracer("CONNECT_FAILURE", identifiant, client)
            return 400, {}, _erreur(400, "demande incomplète", corps)
        if session is not None and session.identifiant == identifiant and self.regles.proxy_reprend:
            self._tracer("CONNECT_REPLAY", identifiant, client, session)
            return 304, {}, None
        try:
            jetons = self.psc.connecter(identifiant, nombre, canal)
        except ConnexionPscRefusee as erreur:
            self._tracer("CONNECT_FAILURE", identifiant, client)
            return 404, {}, _erreur(404, str(erreur), corps)
        maintenant = self.horloge.maintenant()
        expire = maintenant + timedelta(seconds=int(jetons["expires_in"]))
        ouverte = SessionLocale(
            secrets.token_hex(32), identifiant, self.client_id, self.psc, jetons, expire, maintenant, self.horloge
        )
        self.sessions[ouverte.id] = ouverte
        self._tracer("CONNECT_SUCCESS", identifiant, client, ouverte)
        entetes = {"Set-Cookie": f"{COOKIE}={ouverte.id}; Path=/; HttpOnly"}
        return 200, entetes, {"proxy_session_id": ouverte.id, "session_state": ouverte.session_state}

    def _envoyer(
        self, methode: str, chemin: str, session: SessionLocale | None, corps: dict[str, Any], client: tuple[str, int]
    ) -> Sortie:
        if session is None:
            return 401, {}, _erreur(401, "aucune session active", corps)
        _, _, api, suite = (chemin + "/").split("/", 3)
        appel = {"nomApiPsc": api, "methode": methode, "path": "/" + suite.rstrip("/")}
        self._tracer("SEND", session.identifiant, client, session, appel)
        try:
            reponse = self.edc.signer(session, corps)
        except (ApiRefusee, ConnexionPscRefusee) as erreur:
            return 500, {}, _erreur(500, str(erreur), corps)
        return reponse.statut, {}, reponse.corps

    def _deconnecter(self, session: SessionLocale | None, client: tuple[str, int]) -> Sortie:
        if session is None:
            return 401, {}, _erreur(401, "aucune session active", {})
        self._tracer("DISCONNECT", session.identifiant, client, session)
        if self.regles.proxy_ferme:
            del self.sessions[session.id]
            self.psc.deconnecter(session.id_token)
        self.edc.oublier(session.identifiant)
        return 200, {}, {}

    def _tracer(
        self,
        type: str,
        identifiant: str,
        client: tuple[str, int],
        session: SessionLocale | None = None,
        appel: dict[str, str] | None = None,
    ) -> None:
        trace: dict[str, Any] = {
            "type": type,
            "IdRPPS": identifiant,
            "ipAddress": client[0],
            "ports": [client[1]],
            "timestamp": self.horloge.maintenant().astimezone(FUSEAU).isoformat(),
            "dn": "",
        }
        trace |= (session.noms() if session is not None else {}) | ({"apiRequest": appel} if appel is not None else {})
        self.traces.append(self.alterations.passer(Couture.EDC_TRACE, trace))

    def _periode(self, requete: str) -> list[dict[str, Any]]:
        bornes = {nom: datetime.fromisoformat(v[0]) for nom, v in parse_qs(requete).items() if nom in ("start", "end")}
        debut, fin = bornes.get("start"), bornes.get("end")
        garde = [t for t in self.traces if t]
        return [t for t in garde if _dans(t, debut, fin)]


def _dans(trace: Mapping[str, Any], debut: datetime | None, fin: datetime | None) -> bool:
    instant = datetime.fromisoformat(trace["timestamp"])
    if instant.tzinfo is None:
        return True
    return (debut is None or debut <= instant) and (fin is None or instant <= fin)


def _erreur(code: int, message: str, corps: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {nom: str(corps.get(nom, "")) for nom in ("nationalId", "clientId")}
    return {"code": str(code), "message": message, "metadata": metadata}


class _Guichet(BaseHTTPRequestHandler):
    proxy: ProxyLocal
    protocol_version = "HTTP/1.1"

    def _servir(self) -> None:
        longueur = self.headers.get("Content-Length") or "0"
        octets = self.rfile.read(min(int(longueur), LIMITE)) if longueur.isdigit() else b""
        try:
            corps = json.loads(octets or b"{}")
        except ValueError:
            corps = {}
        cookies = dict(part.strip().partition("=")[::2] for part in self.headers.get("Cookie", "").split(";"))
        adresse = (str(self.client_address[0]), int(self.client_address[1]))
        statut, entetes, valeur = self.proxy.repondre(
            self.command, self.path, cookies.get(COOKIE, ""), corps if isinstance(corps, dict) else {}, adresse
        )
        reponse = ReponseProxy(urlsplit(self.path).path, statut, entetes, valeur)
        reponse = self.proxy.alterations.passer(Couture.EDC_REPONSE, reponse)
        statut, entetes, valeur = reponse.statut, reponse.entetes, reponse.corps
        contenu = b"" if statut == requests.codes.not_modified else json.dumps(valeur).encode()
        self.send_response(statut)
        for nom, texte in {**entetes, "Content-Type": "application/json"}.items():
            self.send_header(nom, texte)
        if statut != requests.codes.not_modified:
            self.send_header("Content-Length", str(len(contenu)))
        self.end_headers()
        self.wfile.write(contenu)

    def do_GET(self) -> None:
        """Traces, or a call to relay."""
        self._servir()

    def do_POST(self) -> None:
        """A connection, or a call to relay."""
        self._servir()

    def do_DELETE(self) -> None:
        """The end of a session, or a call to relay."""
        self._servir()

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""
