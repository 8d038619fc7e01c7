"""The client of SIDOBA: a token, then deposits. Nothing leaves twice under two names, and what fails is told to the user."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import requests

from .alterations import Alterations, Couture
from .configuration import Certificat, ConfigurationSidoba
from .edc import objet
from .horloge import Horloge
from .psc_session import Appel
from .regles_sidoba import ReglesSidoba
from .transport import Envoi, Transport

CIBLE, CIBLE_JETON = "sidoba", "sidoba-jeton"
EN_PANNE = frozenset({500, 502, 504})
PLUS_TARD = frozenset({429, 503})
FHIR, JSON = "application/fhir+json", "application/json"


class SidobaIndisponible(Exception):
    """SIDOBA could not be reached, or is in trouble; nothing says that it has taken anything."""


class SidobaRefuse(Exception):
    """SIDOBA refuses who calls, or what is sent. The text is what the user is told."""


@dataclass(slots=True)
class Reponse:
    """An answer: status, JSON object ({} for anything else), headers."""

    statut: int
    corps: Mapping[str, Any]
    entetes: Mapping[str, str] = field(default_factory=dict)

    @property
    def recue(self) -> bool:
        """True for what was taken."""
        return self.statut in (requests.codes.ok, requests.codes.created)

    @property
    def motifs(self) -> str:
        """What an OperationOutcome says is wrong, and where."""
        lus = [issue for issue in self.corps.get("issue", ()) if issue.get("severity") in ("error", "fatal")]
        return " ; ".join(_motif(issue) for issue in lus) or f"réponse {self.statut}"


def _motif(issue: Mapping[str, Any]) -> str:
    lieu = ", ".join(issue.get("expression", ()))
    texte = str(issue.get("diagnostics") or issue.get("code") or "motif non dit")
    return f"{lieu} : {texte}" if lieu else texte


@dataclass(frozen=True, slots=True)
class Contenu:
    """What is sent. ``octets`` are the same at each try: the later ones are what a faulty DUI writes for its next tries. ``cle``
    is the key of idempotence, ``""`` for a channel that has none."""

    chemin: str
    type: str
    structure: str
    octets: tuple[bytes, ...]
    cle: str = ""


class ClientSidoba:
    """One token for all channels, kept until it expires."""

    def __init__(
        self,
        configuration: ConfigurationSidoba,
        transport: Transport,
        horloge: Horloge,
        regles: ReglesSidoba,
        alterations: Alterations,
        certificat: Certificat,
    ) -> None:
        self._configuration = configuration
        self._transport = transport
        self._horloge = horloge
        self._regles = regles
        self._alterations = alterations
        self._certificat = certificat
        self._jeton: tuple[str, datetime] | None = None

    def deposer(self, contenu: Contenu) -> Reponse:
        """Send; raises ``SidobaIndisponible`` or, when who calls is refused, ``SidobaRefuse``."""
        return self._appeler(lambda essai: self._envoi(contenu, essai))

    def lire(self, chemin: str, structure: str) -> Reponse:
        """Read an acknowledgement; the same errors."""
        return self._appeler(lambda essai: Envoi(self._configuration.base + chemin, self._entetes(structure), b""), "GET")

    def _appeler(self, preparer: Callable[[int], Envoi], methode: str = "POST") -> Reponse:
        reponse = self._essayer(methode, preparer)
        for _ in range(self._regles.renouvellements if self._regles.renouvelle_le_jeton else 0):
            if reponse.statut != requests.codes.unauthorized:
                break
            self._jeton = None
            reponse = self._essayer(methode, preparer)
        if reponse.statut in (requests.codes.unauthorized, requests.codes.forbidden):
            raise SidobaRefuse(f"SIDOBA refuse l'accès : {reponse.motifs}.")
        return reponse

    def _essayer(self, methode: str, preparer: Callable[[int], Envoi]) -> Reponse:
        """A few tries, no more; one who asks to wait is obeyed."""
        for essai in range(1, self._regles.essais_en_panne + 1):
            dernier = essai == self._regles.essais_en_panne
            try:
                reponse = self._envoyer(methode, preparer(essai))
            except requests.RequestException as erreur:
                if dernier:
                    raise SidobaIndisponible(f"SIDOBA est injoignable ({type(erreur).__name__}).") from erreur
                continue
            if reponse.statut in PLUS_TARD and (self._regles.respecte_l_attente or dernier):
                attente = reponse.entetes.get("Retry-After", "")
                raise SidobaIndisponible(f"SIDOBA demande d'attendre {attente} s." if attente else "SIDOBA demande d'attendre.")
            if reponse.statut not in EN_PANNE | PLUS_TARD:
                return reponse
        raise SidobaIndisponible(f"SIDOBA répond {reponse.statut} : réessayez plus tard.")

    def _envoyer(self, methode: str, envoi: Envoi) -> Reponse:
        with self._transport.session(CIBLE, self._certificat) as session:
            recu = session.request(methode, envoi.url, headers=envoi.entetes, data=envoi.contenu, allow_redirects=False)
        return Reponse(recu.status_code, objet(recu), recu.headers)

    def _envoi(self, contenu: Contenu, essai: int) -> Envoi:
        entetes = self._entetes(contenu.structure) | {"Content-Type": contenu.type}
        if contenu.cle:
            stable = contenu.cle if self._regles.meme_cle_au_renvoi else str(uuid.uuid4())
            entetes["Idempotency-Key"] = stable
        octets = contenu.octets[min(essai, len(contenu.octets)) - 1]
        envoi = Envoi(self._configuration.base + contenu.chemin, entetes, octets)
        return self._alterations.passer(Couture.SIDOBA_ENVOI, envoi)

    def _entetes(self, structure: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._valeur_du_jeton()}", "struct_idnat": f"1{structure}"}

    def _valeur_du_jeton(self) -> str:
        if self._jeton is None or self._jeton[1] <= self._horloge.maintenant() or not self._regles.garde_le_jeton:
            self._jeton = self._demander_un_jeton()
        return self._jeton[0]

    def _demander_un_jeton(self) -> tuple[str, datetime]:
        identite = {"client_id": self._configuration.client_id, "client_secret": self._configuration.client_secret}
        appel = Appel("POST", self._configuration.jeton, {}, {"grant_type": "client_credentials"} | identite)
        appel = self._alterations.passer(Couture.SIDOBA_JETON, appel)
        with self._transport.session(CIBLE_JETON, self._certificat) as session:
            recu = session.post(appel.url, headers=appel.entetes, data=appel.formulaire, allow_redirects=False)
        corps = objet(recu)
        if recu.status_code != requests.codes.ok or "access_token" not in corps:
            raise SidobaRefuse(f"SIDOBA ne donne pas de jeton ({corps.get('error', f'réponse {recu.status_code}')}).")
        expire = self._horloge.maintenant() + timedelta(seconds=int(corps.get("expires_in", 60)))
        return str(corps["access_token"]), expire
