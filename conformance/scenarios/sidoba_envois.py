"""What the scenarios of SIDOBA share: what is waited for, and how each begins."""

from __future__ import annotations

from ..core.campaign import Campaign, Geste
from ..core.exchange import Exchange
from ..core.gestures import Gesture
from ..core.matcher import Matcher, kind
from ..core.people import Usager

JETON = kind("sidoba.jeton", label="demande de jeton à SIDOBA")
SETMIN = kind("sidoba.setmin", label="lot SetMinFHIR")
SSIAD = kind("sidoba.ssiad", label="lot de documents SSIAD")
RAMA = kind("sidoba.rama", label="dépôt du RAMA par l'API")
ACCUSE = kind("sidoba.accuse", label="lecture de l'accusé d'un dépôt")
APPELS = kind("sidoba.setmin", "sidoba.ssiad", "sidoba.rama", "sidoba.accuse", label="appel à SIDOBA")


def commencer(c: Campaign, profil: str = "qualifie") -> Usager:
    """SIDOBA knows nothing yet: neither deposit nor token; a usager of that profile."""
    c.sidoba.command("remise-a-zero")
    return c.usager(profil)


def envoyer(c: Campaign, geste: Gesture, attendu: Matcher, pour: tuple[str, ...]) -> tuple[Geste, Exchange]:
    """Have the DUI send, and wait for what it sends."""
    fait = c.do(geste)
    return fait, c.sidoba.wait_for(attendu, after=fait, pour=pour)
