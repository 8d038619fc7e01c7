"""Ce que partagent les scénarios de MSSanté : les boîtes, l'envoi d'un document, la remise de messages d'un autre logiciel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.campaign import Campaign, Geste
from ..core.exchange import Exchange
from ..core.gestures.connexion import SeConnecter
from ..core.gestures.messagerie import EnvoyerMessage, ReleverBoite
from ..core.matcher import kind
from ..core.people import Usager

MEDECIN = "medecin-multi"
BOITE = "paul.testeur-multi@pro.formation.mssante.fr"
CORRESPONDANT = "eloi.testeur-cabinet@pro.formation.mssante.fr"
EXPEDITEUR, LIBELLE = CORRESPONDANT, "Dr_Eloi_TESTEUR-CABINET_Cabinet_Fictif"
DOCUMENT = "consultation"
ENVOI = kind("mss.smtp.envoi", label="un message soumis à l'opérateur MSSanté")
TENTATIVE = kind("mss.smtp", label="une session de soumission à l'opérateur MSSanté")
RELEVE = kind("mss.imap.session", label="une session de lecture de la boîte MSSanté")


def connecte(c: Campaign) -> None:
    """Le médecin ouvre une session ; sa boîte est vide."""
    c.mss.command("vider", boite=BOITE)
    c.do(SeConnecter(c.professionnel(MEDECIN).id))


def envoie(c: Campaign, usager: Usager, a: str = CORRESPONDANT, type: str = DOCUMENT, **options: Any) -> tuple[Geste, Exchange]:
    """Un document part ; le message soumis."""
    geste = c.start(EnvoyerMessage(usager.id, a, type, **options))
    soumis = c.mss.wait_for(ENVOI.of(usager), after=geste, pour=("MSS-09",))
    c.finish(geste)
    return geste, soumis


def recoit(
    c: Campaign, usager: Usager, variante: str, nombre: int = 1, *, de: str = EXPEDITEUR, original: str = ""
) -> tuple[str, ...]:
    """Les messages d'une variante arrivent dans la boîte du médecin ; leurs identifiants, dans l'ordre."""
    identifiants = tuple(f"<{usager.id}-{variante}-{rang}@{de.rpartition('@')[2]}>" for rang in range(1, nombre + 1))
    c.mss.command(
        "courriel",
        boite=BOITE,
        variante=variante,
        usager=usager.as_dict(),
        de=de,
        libelle=LIBELLE,
        identifiants=list(identifiants),
        graine=f"{usager.id}/{variante}",
        original=original,
    )
    return identifiants


def releve(c: Campaign, identifiants: Sequence[str] = ()) -> tuple[Geste, list[dict[str, Any]]]:
    """Le DUI relève la boîte ; ce qu'il montre des messages qui portent ces identifiants."""
    geste = c.do(ReleverBoite())
    observe = geste.observation("messages")
    montres = observe if isinstance(observe, list) else []
    return geste, [m for i in identifiants for m in montres if m.get("message_id") == i]
