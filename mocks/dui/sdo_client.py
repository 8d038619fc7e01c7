"""Calls to ViaTrajectoire: one token for the legal entity, kept while it lives; business calls for one establishment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import requests

from .alterations import Alterations, Couture
from .configuration import Certificat
from .horloge import Horloge
from .regles_sdo import ReglesSdo
from .transport import Transport

FHIR_JSON = "application/fhir+json"
_MARGE = timedelta(seconds=30)


class SdoIndisponible(Exception):
    """ViaTrajectoire cannot be reached, or is in trouble."""


class SdoRefus(Exception):
    """ViaTrajectoire refuses; ``statut`` is its HTTP status."""

    def __init__(self, message: str, statut: int = 0) -> None:
        super().__init__(message)
        self.statut = statut


@dataclass(frozen=True, slots=True)
class ConfigurationSdo:
    """The ``viatrajectoire`` entry of ``services.json``; ``unites`` by identifier."""

    jeton: str
    fhir: str
    client_id: str
    client_secret: str
    finess_eg: str
    nom: str
    unites: Mapping[str, Mapping[str, Any]]

    @property
    def structure(self) -> str:
        """National identifier of the establishment."""
        return f"1{self.finess_eg}"

    @classmethod
    def lire(cls, entree: Mapping[str, Any]) -> ConfigurationSdo:
        """From the entry; ``KeyError`` names what is missing."""
        textes = {nom: str(entree[nom]) for nom in ("jeton", "fhir", "client_id", "client_secret", "finess_eg", "nom")}
        return cls(**textes, unites={str(unite["id"]): unite for unite in entree["unites"]})


@dataclass(slots=True)
class AppelSdo:
    """One call before it leaves. ``requete`` holds the pairs of the query, values already encoded."""

    sorte: str
    methode: str
    url: str
    requete: list[tuple[str, str]] = field(default_factory=list)
    entetes: dict[str, str] = field(default_factory=dict)
    formulaire: dict[str, str] = field(default_factory=dict)
    corps: bytes = b""

    @property
    def adresse(self) -> str:
        """The whole address."""
        query = "&".join(f"{nom}={valeur}" for nom, valeur in self.requete)
        return f"{self.url}?{query}" if query else self.url


@dataclass(frozen=True, slots=True)
class _Jeton:
    valeur: str
    expire: datetime


class ClientSdo:
    """The calls. Those of the API raise :class:`SdoRefus` for an answer that is not a success, :class:`SdoIndisponible` else."""

    def __init__(
        self,
        configuration: ConfigurationSdo,
        transport: Transport,
        horloge: Horloge,
        regles: ReglesSdo,
        alterations: Alterations,
        certificat: Certificat,
    ) -> None:
        self.configuration = configuration
        self._transport = transport
        self._horloge = horloge
        self._regles = regles
        self._alterations = alterations
        self._certificat = certificat
        self._jeton: _Jeton | None = None

    def chercher(self, sorte: str, type_: str, criteres: Mapping[str, str]) -> list[dict[str, Any]]:
        """The resources of a search, all pages together."""
        requete = [(nom, quote(valeur, safe="")) for nom, valeur in criteres.items()]
        lot = self._json(AppelSdo(sorte, "GET", f"{self.configuration.fhir}/{type_}", requete))
        trouvees = _ressources(lot, type_)
        while (suite := _suite(lot)) and self._regles.suit_les_pages:
            lot = self._json(AppelSdo("page", "GET", suite))
            trouvees += _ressources(lot, type_)
        if not trouvees and not self._regles.accepte_le_vide:
            raise SdoRefus("La réponse de ViaTrajectoire est vide.")
        return trouvees

    def lire(self, sorte: str, type_: str, id: str) -> dict[str, Any]:
        """One resource."""
        return self._json(AppelSdo(sorte, "GET", f"{self.configuration.fhir}/{type_}/{quote(id, safe='')}"))

    def envoyer(self, sorte: str, type_: str, corps: bytes, *, methode: str = "POST") -> None:
        """Give a resource."""
        appel = AppelSdo(sorte, methode, f"{self.configuration.fhir}/{type_}", corps=corps)
        appel.entetes["Content-Type"] = FHIR_JSON
        self._appeler(appel)

    def _json(self, appel: AppelSdo) -> dict[str, Any]:
        reponse = self._appeler(appel)
        try:
            valeur = reponse.json()
        except requests.JSONDecodeError as erreur:
            raise SdoIndisponible("La réponse de ViaTrajectoire est illisible.") from erreur
        if not isinstance(valeur, dict):
            raise SdoIndisponible("La réponse de ViaTrajectoire n'est pas une ressource FHIR.")
        return valeur

    def _appeler(self, appel: AppelSdo) -> requests.Response:
        """A business call; a token that is refused is renewed, once."""
        reponse = self._tenter(appel)
        for _ in range(self._regles.renouvellements):
            if reponse.status_code != requests.codes.unauthorized:
                break
            self._jeton = None
            reponse = self._tenter(appel)
        if reponse.status_code >= 500 or reponse.status_code == requests.codes.too_many_requests:
            raise SdoIndisponible(f"ViaTrajectoire est indisponible (réponse {reponse.status_code}). {_dit(reponse)}".strip())
        if reponse.status_code >= 300:
            raise SdoRefus(f"ViaTrajectoire refuse (réponse {reponse.status_code}). {_dit(reponse)}".strip(), reponse.status_code)
        return reponse

    def _tenter(self, appel: AppelSdo) -> requests.Response:
        entetes = {
            "Accept": FHIR_JSON,
            "Authorization": f"Bearer {self._valeur()}",
            "struct_idnat": self.configuration.structure,
            **appel.entetes,
        }
        pret = AppelSdo(appel.sorte, appel.methode, appel.url, list(appel.requete), entetes, corps=appel.corps)
        pret = self._alterations.passer(Couture.SDO_APPEL, pret)
        return self._requete(pret, data=pret.corps or None)

    def _valeur(self) -> str:
        """The token, asked for when there is none or when it ends soon."""
        maintenant = self._horloge.maintenant()
        garde = self._jeton
        vivant = garde is not None and (maintenant < garde.expire or not self._regles.verifie_la_duree)
        if garde is not None and vivant and self._regles.reutilise_le_jeton:
            return garde.valeur
        formulaire = {
            "grant_type": "client_credentials",
            "client_id": self.configuration.client_id,
            "client_secret": self.configuration.client_secret,
        }
        appel = AppelSdo("jeton", "POST", self.configuration.jeton, formulaire=formulaire)
        appel = self._alterations.passer(Couture.SDO_JETON, appel)
        reponse = self._requete(appel, data=appel.formulaire)
        if reponse.status_code >= 500:
            raise SdoIndisponible(f"ViaTrajectoire est indisponible (réponse {reponse.status_code}).")
        try:
            recu = reponse.json()
        except requests.JSONDecodeError:
            recu = {}
        valeur = str(recu.get("access_token", "")) if isinstance(recu, dict) else ""
        if reponse.status_code != requests.codes.ok or not valeur:
            raise SdoRefus(f"ViaTrajectoire ne donne pas de jeton (réponse {reponse.status_code}).", reponse.status_code)
        if self._regles.exige_un_jwt and valeur.count(".") != 2:
            raise SdoRefus("Le jeton de ViaTrajectoire n'est pas un JWT.")
        duree = timedelta(seconds=int(recu.get("expires_in") or 300))
        self._jeton = _Jeton(valeur, maintenant + max(duree - _MARGE, duree / 2))
        return valeur

    def _requete(self, appel: AppelSdo, **contenu: Any) -> requests.Response:
        with self._transport.session("vt", self._certificat) as session:
            try:
                return session.request(appel.methode, appel.adresse, headers=appel.entetes, allow_redirects=False, **contenu)
            except requests.RequestException as erreur:
                raise SdoIndisponible(f"ViaTrajectoire est injoignable ({type(erreur).__name__}).") from erreur


def _ressources(lot: Mapping[str, Any], type_: str) -> list[dict[str, Any]]:
    """The resources of that type in a bundle, as they come."""
    ressources = [entree.get("resource") for entree in lot.get("entry") or () if isinstance(entree, dict)]
    return [r for r in ressources if isinstance(r, dict) and r.get("resourceType") == type_]


def _suite(lot: Mapping[str, Any]) -> str:
    liens = [lien for lien in lot.get("link") or () if isinstance(lien, dict) and lien.get("relation") == "next"]
    return str(liens[0].get("url", "")) if liens else ""


def _dit(reponse: requests.Response) -> str:
    """What an OperationOutcome says to the user."""
    try:
        valeur = reponse.json()
    except requests.JSONDecodeError:
        return ""
    if not isinstance(valeur, dict):
        return ""
    return " ".join(str(i.get("details", {}).get("text", "")) for i in valeur.get("issue", ()) if isinstance(i, dict)).strip()
