"""The espace de confiance: the DUI's own proxy part. Token exchange, bound to the structure's certificate, then the API call."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests

from .alterations import Alterations, Couture
from .configuration import Certificat, ConfigurationEdc
from .edc_session import ApiIndisponible, ApiRefusee, AppelApi, JetonApi, Porteur, ReponseApi
from .horloge import Horloge
from .jetons import lire_sans_verifier
from .psc import ClientPsc
from .psc_session import Appel
from .regles import ReglesEdc
from .transport import Transport

ECHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCES = "urn:ietf:params:oauth:token-type:access_token"
EN_PANNE = (500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class PorteurPsc:
    """The user logged in here."""

    psc: ClientPsc

    @property
    def identifiant(self) -> str:
        """National identifier of the user."""
        return self.psc.active().utilisateur.id_nat

    @property
    def session_state(self) -> str:
        """That of Pro Santé Connect, read in the access token."""
        return str(lire_sans_verifier(self.psc.active().acces).get("session_state", ""))

    @property
    def id_token(self) -> str:
        """The ID token of the login."""
        return self.psc.active().id_token

    def acces(self, *, frais: bool) -> str:
        """The access token of the session."""
        return self.psc.acces_frais() if frais else self.psc.active().acces


class ClientEdc:
    """Exchanges tokens and calls the API. One API token per session, kept until it expires or the user logs out."""

    def __init__(
        self,
        configuration: ConfigurationEdc,
        transport: Transport,
        horloge: Horloge,
        regles: ReglesEdc,
        alterations: Alterations,
        certificats: tuple[Certificat, Certificat],
    ) -> None:
        self._configuration = configuration
        self._transport = transport
        self._horloge = horloge
        self._regles = regles
        self._alterations = alterations
        self._certificat, self._certificat_api = certificats
        self._jetons: dict[str, JetonApi] = {}
        self._session_proxy: dict[str, str] = {}

    def signer(self, porteur: Porteur, corps: Mapping[str, Any] | None = None) -> ReponseApi:
        """Have the test API sign the data of the session; a token that it refuses is exchanged again, once."""
        demande = dict(corps) if corps is not None else self._corps(porteur)
        jeton = self._jeton(porteur)
        reponse = self._appeler_api(jeton, demande)
        for _ in range(self._regles.renouvellements):
            if reponse.statut != requests.codes.unauthorized:
                break
            self._jetons.pop(self._cle(porteur), None)
            jeton = self._jeton(porteur)
            reponse = self._appeler_api(jeton, demande)
        return reponse

    def oublier(self, identifiant: str) -> None:
        """The user logged out: his API token serves no more."""
        if self._regles.oublie_a_la_deconnexion:
            self._jetons = {cle: jeton for cle, jeton in self._jetons.items() if not cle.startswith(f"{identifiant}|")}
            self._session_proxy.pop(identifiant, None)

    def _cle(self, porteur: Porteur) -> str:
        """A token serves the session for which it was exchanged, and no other."""
        return f"{porteur.identifiant}|{porteur.session_state}" if self._regles.jeton_par_utilisateur else ""

    def _corps(self, porteur: Porteur) -> dict[str, Any]:
        session = self._session_proxy.setdefault(porteur.identifiant, str(uuid.uuid4()))
        return {
            "nationalId": porteur.identifiant,
            "clientID": self._configuration.client_id_psc,
            "proxy_session_id": session,
            "session_state": porteur.session_state,
        }

    def _jeton(self, porteur: Porteur) -> str:
        cle, garde = self._cle(porteur), self._jetons.get(self._cle(porteur))
        if garde is not None and garde.expire > self._horloge.maintenant() and self._regles.reutilise_le_jeton:
            return garde.valeur
        if not self._regles.echange:
            return porteur.acces(frais=True)
        recu = self._echanger(porteur)
        expire = self._horloge.maintenant() + timedelta(seconds=int(recu.get("expires_in", 60)))
        self._jetons[cle] = JetonApi(str(recu["access_token"]), expire)
        return self._jetons[cle].valeur

    def _echanger(self, porteur: Porteur) -> Mapping[str, Any]:
        sujet = porteur.id_token if self._regles.presente_l_id_token else porteur.acces(frais=self._regles.sujet_frais)
        formulaire = {
            "grant_type": ECHANGE,
            "subject_token": sujet,
            "subject_token_type": ACCES,
            "scope": " ".join(self._configuration.portees),
            "client_id": self._configuration.client_id_as,
            "subject_issuer": "psc",
        }
        appel = Appel("POST", f"{self._configuration.autorisation}/protocol/openid-connect/token", {}, formulaire)
        appel = self._alterations.passer(Couture.EDC_ECHANGE, appel)
        reponse = self._envoyer("edc-as", self._certificat, appel.methode, appel.url, appel.entetes, data=appel.formulaire)
        if reponse.statut != requests.codes.ok or "access_token" not in reponse.corps:
            motif = reponse.corps.get("error", f"réponse {reponse.statut}")
            raise ApiRefusee(f"Le serveur d'autorisation refuse de donner un jeton ({motif}).")
        return reponse.corps

    def _appeler_api(self, jeton: str, corps: dict[str, Any]) -> ReponseApi:
        entetes = {"Authorization": f"Bearer {jeton}"}
        appel = AppelApi("POST", f"{self._configuration.api}/signsessiondata", entetes, dict(corps))
        appel = self._alterations.passer(Couture.EDC_API, appel)
        return self._envoyer("edc-api", self._certificat_api, appel.methode, appel.url, appel.entetes, json=appel.corps)

    def _envoyer(
        self, cible: str, certificat: Certificat, methode: str, url: str, entetes: dict[str, str], **contenu: Any
    ) -> ReponseApi:
        """One call; a server in trouble is tried again, a bounded number of times."""
        for essai in range(1, self._regles.essais_en_panne + 1):
            with self._transport.session(cible, certificat) as session:
                try:
                    reponse = session.request(methode, url, headers=entetes, allow_redirects=False, **contenu)
                except requests.RequestException as erreur:
                    if essai == self._regles.essais_en_panne:
                        raise ApiIndisponible(f"Le service est injoignable ({type(erreur).__name__}).") from erreur
                    continue
            if reponse.status_code not in EN_PANNE:
                return ReponseApi(reponse.status_code, objet(reponse))
        raise ApiIndisponible(f"Le service répond {reponse.status_code} : réessayez plus tard.")


def objet(reponse: requests.Response) -> dict[str, Any]:
    """The JSON object of an answer, ``{}`` for anything else."""
    try:
        valeur = reponse.json()
    except requests.JSONDecodeError:
        return {}
    return valeur if isinstance(valeur, dict) else {}
