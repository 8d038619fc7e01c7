"""What every call to the DMP has in common: the VIHF in its envelope, the HTTP call, the answer to this very message."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass

import requests
from lxml import etree

from . import soap
from .alterations import Alterations, Couture
from .configuration import MODE_DIRECT, Certificat, Configuration
from .dossier import Ins
from .horloge import Horloge
from .mtom import TYPE_SOAP, Partie, ouvrir, paquet
from .regles import Regles
from .signature import charger
from .soap import FauteSoap, ReponseIllisible
from .transport import Envoi, Transport
from .vihf import Authentification, Vihf


class DmpIndisponible(Exception):
    """Nothing is known of what was asked: it may be tried again, and it may already have been done."""


class DepotRefuse(Exception):
    """The DMP has judged what was asked and refuses it; trying the same again is useless."""


@dataclass(frozen=True, slots=True)
class Appel:
    """A call: the service (last step of the address), the action, the patient (None: none in particular), who calls."""

    service: str
    action: str
    ins: Ins | None
    authentification: Authentification


@dataclass(frozen=True, slots=True)
class Reponse:
    """An answer: the first element of its body, and its attachments by Content-ID."""

    corps: etree._Element
    pieces: Mapping[str, bytes]


class AppelsDmp:
    """Speaks to the DMP with the structure's two certificates: one for TLS, another for signatures."""

    def __init__(
        self, configuration: Configuration, transport: Transport, horloge: Horloge, alterations: Alterations, regles: Regles
    ) -> None:
        self._tls = configuration.certificat(regles.certificats.tls)
        self._signature = configuration.certificat(regles.certificats.signature)
        self._configuration = configuration
        self._transport = transport
        self._horloge = horloge
        self.alterations = alterations
        self._regles = regles.envoi
        self._reutilise = regles.consultation.jeton_reutilise
        self._jetons: dict[tuple[Ins | None, str], etree._Element] = {}

    def enveloppe(self, appel: Appel, corps: etree._Element) -> etree._Element:
        """The envelope of a call, with a VIHF of its own."""
        vihf = Vihf(
            appel.authentification,
            self._configuration.structure,
            self._configuration.logiciel,
            appel.ins,
            self._horloge.maintenant(),
        )
        cle = (appel.ins, appel.authentification.utilisateur.id_nat)
        if self._reutilise and cle in self._jetons:
            return soap.enveloppe(appel.action, corps, assertions=[deepcopy(self._jetons[cle])])
        assertion = vihf.signe(charger(self.signature(appel.authentification)), self.alterations)
        if self._reutilise:
            self._jetons[cle] = deepcopy(assertion)
        return soap.enveloppe(appel.action, corps, assertions=[assertion])

    def signature(self, qui: Authentification) -> Certificat:
        """What signs for this user: the certificate of the structure, or his card in the mode DIRECTE."""
        return self._configuration.cps[qui.utilisateur.id_nat] if qui.mode == MODE_DIRECT else self._signature

    def sans_piece(self, appel: Appel, enveloppe: etree._Element) -> Envoi:
        """The HTTP call of a message without attachment."""
        content_type = f'{TYPE_SOAP}; charset=UTF-8; action="{appel.action}"'
        return Envoi(self._url(appel), {"Content-Type": content_type}, soap.octets(enveloppe), self._connexion(appel))

    def avec_pieces(self, appel: Appel, enveloppe: etree._Element, jointes: list[Partie]) -> Envoi:
        """The HTTP call of a message with attachments."""
        emballe = self.alterations.passer(Couture.MTOM, paquet(appel.action, soap.octets(enveloppe), jointes))
        return Envoi(self._url(appel), {"Content-Type": emballe.content_type}, emballe.octets(), self._connexion(appel))

    def envoyer(self, envoi: Envoi, enveloppe: etree._Element) -> Reponse:
        """Send, and read the answer to this very message; raises ``DepotRefuse`` or ``DmpIndisponible``."""
        attendu = soap.message_id(enveloppe) if self._regles.verifie_la_reponse else ""
        with self._transport.session("dmp", envoi.certificat or self._tls) as session:
            try:
                reponse = session.post(envoi.url, data=envoi.contenu, headers=envoi.entetes)
                racine, pieces = self._parties(reponse)
                return Reponse(soap.lire(racine, en_reponse_a=attendu), pieces)
            except requests.RequestException as erreur:
                raise DmpIndisponible(f"le DMP est injoignable ({type(erreur).__name__}).") from erreur
            except ReponseIllisible as erreur:
                raise DmpIndisponible(f"{erreur}.") from erreur
            except FauteSoap as faute:
                raise _selon(faute) from faute

    def naviguer(self, chemin: str) -> None:
        """Open a page of the web site of the DMP, in the user's browser."""
        origine = self._configuration.dmp_base.partition("/si-dmp-server")[0]
        with self._transport.session("dmp", self._tls) as session:
            session.get(f"{origine}{chemin}")

    def _connexion(self, appel: Appel) -> Certificat | None:
        """The card of the user, where it opens the connection."""
        direct = appel.authentification.mode == MODE_DIRECT
        return self._configuration.certificat(f"cps:{appel.authentification.utilisateur.id_nat}") if direct else None

    def _url(self, appel: Appel) -> str:
        return f"{self._configuration.dmp_base}/{appel.service}"

    def _parties(self, reponse: requests.Response) -> tuple[bytes, Mapping[str, bytes]]:
        if not self._regles.lit_le_multipart:
            return reponse.content, {}
        return ouvrir(reponse.headers.get("Content-Type", ""), reponse.content)


def _selon(faute: FauteSoap) -> DmpIndisponible | DepotRefuse:
    """A fault of the server, or of a certificate that will be renewed, is an outage; any other is a refusal."""
    if faute.code == "Receiver" or faute.sous_code == "DMPInvalidCertificate":
        return DmpIndisponible(f"le DMP ne peut répondre : {faute}.")
    return DepotRefuse(str(faute))
