"""The DUI's own web pages: home with the Pro Santé Connect button, callback, page of the logged-in user, logout.

Tokens never reach the browser: it holds an opaque cookie, and the session lives here. Plain HTTP on loopback, for a simulator.
"""

from __future__ import annotations

import html
import secrets
import threading
from collections import OrderedDict
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from .comptes import Utilisateur
from .psc_session import ConnexionRefusee, Demande

TEMOIN = "dui"
RETOUR, FIN = "/psc/retour", "/psc/fin"
OUVERTES = 100
CORPS_MAX = 1 << 16


class Pages(Protocol):
    """What the pages ask of the DUI."""

    def commencer_connexion(self, redirect_uri: str) -> tuple[Demande, str]:
        """A demand, and where the browser goes with it; raises ``ConnexionRefusee``."""

    def finir_connexion(self, demande: Demande, retour: str) -> tuple[bool, str]:
        """True when a session is open; and what the user is told."""

    def utilisateur_connecte(self) -> Utilisateur | None:
        """Who is logged in."""

    def choisir_situation(self, rang: int) -> None:
        """The work situation that the user picked."""

    def finir_session(self, retour: str) -> str:
        """Close the session; gives where the browser goes to close it at the provider, and come back to ``retour``, or ``""``."""


class ServeurWeb:
    """Serves the pages of one DUI on loopback until :meth:`close`. ``adresse`` is where the browser opens them, and the
    address by which it comes back must be registered at the provider."""

    def __init__(self, pages: Pages, port: int = 0) -> None:
        self._serveur = ThreadingHTTPServer(("127.0.0.1", port), type("Page", (_Page,), {"pages": pages, "web": self}))
        self.adresse = f"http://127.0.0.1:{self._serveur.server_address[1]}"
        self.demandes: OrderedDict[str, Demande] = OrderedDict()
        self.connectes: set[str] = set()

    def start(self) -> None:
        """Serve in a background thread."""
        threading.Thread(target=self._serveur.serve_forever, kwargs={"poll_interval": 0.05}, name="pages", daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._serveur.shutdown()
        self._serveur.server_close()

    def retenir(self, demande: Demande) -> str:
        """A new cookie for a browser that leaves with this demand."""
        cookie = secrets.token_urlsafe(24)
        self.demandes[cookie] = demande
        while len(self.demandes) > OUVERTES:
            self.demandes.popitem(last=False)
        return cookie


class _Page(BaseHTTPRequestHandler):
    pages: Pages
    web: ServeurWeb
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The pages, and the two returns from Pro Santé Connect."""
        chemin = urlsplit(self.path).path
        if chemin == RETOUR:
            self._retour()
        elif chemin in ("/", FIN):
            self._accueil("Vous êtes déconnecté." if chemin == FIN else "")
        else:
            self._page("Page inconnue", "<p><a href='/'>Accueil</a></p>", statut=404)

    def do_POST(self) -> None:
        """What the user asks by a button."""
        longueur = self.headers.get("Content-Length") or "0"
        corps = self.rfile.read(min(int(longueur), CORPS_MAX)) if longueur.isdigit() else b""
        champs = {nom: valeurs[0] for nom, valeurs in parse_qs(corps.decode("utf-8", "replace")).items()}
        connecte = self._cookie() in self.web.connectes
        match urlsplit(self.path).path:
            case "/connexion":
                self._connexion()
            case "/situation" if connecte and champs.get("rang", "").isdigit():
                self.pages.choisir_situation(int(champs["rang"]))
                self._vers("/")
            case "/deconnexion" if connecte:
                self.web.connectes.discard(self._cookie())
                self._vers(self.pages.finir_session(self.web.adresse + FIN) or FIN)
            case _:
                self._vers("/")

    def _accueil(self, message: str) -> None:
        utilisateur = self.pages.utilisateur_connecte() if self._cookie() in self.web.connectes else None
        if utilisateur is not None:
            self._page(f"Bienvenue {utilisateur.libelle}", _connecte(utilisateur))
            return
        alerte = f'<p class="alerte">{html.escape(message)}</p>' if message else ""
        bouton = '<button class="psc">S’identifier avec Pro Santé Connect</button>'
        self._page("DUI Témoin", f'{alerte}<form method="post" action="/connexion">{bouton}</form>')

    def _connexion(self) -> None:
        try:
            demande, adresse = self.pages.commencer_connexion(self.web.adresse + RETOUR)
        except ConnexionRefusee as erreur:
            self._accueil(str(erreur))
            return
        self._vers(adresse, cookie=self.web.retenir(demande))

    def _retour(self) -> None:
        """A return without our cookie is not that of a demand of this browser: no code is exchanged."""
        cookie = self._cookie()
        demande = self.web.demandes.pop(cookie, None)
        if demande is None:
            self._accueil("Connexion refusée : ce retour ne répond à aucune demande de ce navigateur.")
            return
        ouverte, message = self.pages.finir_connexion(demande, self.web.adresse + self.path)
        if not ouverte:
            self._accueil(message)
            return
        neuf = secrets.token_urlsafe(24)
        self.web.connectes = {neuf}
        self._vers("/", cookie=neuf)

    def _cookie(self) -> str:
        try:
            trouve = SimpleCookie(self.headers.get("Cookie", "")).get(TEMOIN)
        except CookieError:
            return ""
        return trouve.value if trouve is not None else ""

    def _vers(self, adresse: str, *, cookie: str = "") -> None:
        self.send_response(303)
        self.send_header("Location", adresse)
        if cookie:
            self.send_header("Set-Cookie", f"{TEMOIN}={cookie}; Path=/; HttpOnly; SameSite=Lax")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _page(self, titre: str, contenu: str, *, statut: int = 200) -> None:
        donnees = _CADRE.format(titre=html.escape(titre), contenu=contenu).encode()
        self.send_response(statut)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Content-Length", str(len(donnees)))
        self.end_headers()
        self.wfile.write(donnees)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: addresses of returns hold codes."""


def _connecte(utilisateur: Utilisateur) -> str:
    situations = "".join(
        f'<button name="rang" value="{rang}">{html.escape(une.libelle)}</button>'
        for rang, une in enumerate(utilisateur.situations)
    )
    choix = (
        f'<form method="post" action="/situation"><p>Vous exercez comme :</p>{situations}</form>'
        if len(utilisateur.situations) > 1
        else ""
    )
    exercice = f"{utilisateur.libelle_profession or 'sans profession enregistrée'}, secteur {utilisateur.secteur}"
    return (
        f"<p>Compte <code>{html.escape(utilisateur.compte)}</code>, {html.escape(exercice)}.</p>{choix}"
        '<form method="post" action="/deconnexion"><button>Se déconnecter</button></form>'
    )


_CADRE = """<!DOCTYPE html>
<html lang="fr"><head><meta charset="utf-8"><title>{titre}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:1rem/1.5 sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}}
button{{font:inherit;padding:.6rem 1rem;margin:.2rem;cursor:pointer}}.psc{{background:#000091;color:#fff;border:0}}
.alerte{{border-left:.3rem solid #c9191e;padding-left:.8rem}}</style></head>
<body><h1>{titre}</h1>{contenu}<p><small>DUI témoin de dui-conformance : logiciel d’essai, aucune donnée réelle.</small></p>
</body></html>
"""
