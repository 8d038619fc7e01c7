"""The calls to the espace de confiance that scenarios look for, and the call of the API with which many begin."""

from __future__ import annotations

from ..core.campaign import Campaign, Geste
from ..core.exchange import Exchange
from ..core.gestures.connexion import AppelerApi
from ..core.matcher import kind
from ..core.people import Professionnel
from .psc_appels import connecter

ECHANGE = kind("edc.echange", "edc.jeton", label="demande de jeton au serveur d'autorisation")
API = kind("edc.api", label="appel de l'API d'essai")
DIRECT = kind("edc.echange", "edc.jeton", "edc.api", label="appel du serveur d'autorisation ou de l'API")
PROXY = kind("edc.proxy", label="appel du proxy d'exemple")
CONNEXION = kind("edc.proxy.connect", label="connexion au proxy d'exemple")
ENVOI = kind("edc.proxy.send", label="appel par le proxy d'exemple")
EXEMPLE = "exemple"


def utilisateur(c: Campaign, nom: str = "infirmiere-ehpad") -> Professionnel:
    """A professional, logged in through Pro Santé Connect; API tokens that the DUI may hold from a former login are dead."""
    c.edc.command("oublier")
    person = c.professionnel(nom)
    connecter(c, person)
    return person


def appeler(c: Campaign, pour: tuple[str, ...]) -> tuple[Geste, Exchange]:
    """A call of the API by the DUI's own proxy, and its last exchange."""
    geste = c.do(AppelerApi())
    c.edc.wait_for(API, after=geste, pour=pour)
    return geste, c.edc.seen(API)[-1]
