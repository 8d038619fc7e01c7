"""What a user does in the espace de confiance: call the API, by the DUI's own proxy or by another, and log out of both."""

from __future__ import annotations

from dataclasses import dataclass

from ...core.gestures import Etat, Resultat
from .alterations import Alterations
from .configuration import Configuration
from .edc import ClientEdc, PorteurPsc
from .edc_proxy import ClientProxy
from .edc_psc import PscServeur
from .edc_session import ApiIndisponible, ApiRefusee
from .horloge import Horloge
from .proxy_local import ProxyLocal
from .psc import ClientPsc
from .psc_session import PscIndisponible, SessionPerdue
from .regles import Regles
from .transport import Transport

EXEMPLE = "exemple"


@dataclass(slots=True)
class AppelsApi:
    """The API by both ways, for the user who is logged in."""

    psc: ClientPsc
    edc: ClientEdc
    proxy: ClientProxy
    local: ProxyLocal
    regles: Regles

    @classmethod
    def de(
        cls,
        configuration: Configuration,
        transport: Transport,
        psc: ClientPsc,
        horloge: Horloge,
        regles: Regles,
        alterations: Alterations,
    ) -> AppelsApi | None:
        """None when the configuration has no espace de confiance."""
        if configuration.edc is None:
            return None
        roles = regles.certificats
        certificats = (configuration.certificat(roles.edc), configuration.certificat(roles.edc_api))
        edc = ClientEdc(configuration.edc, transport, horloge, regles.edc, alterations, certificats)
        serveur = PscServeur(configuration.psc, transport, configuration.certificat(roles.psc))
        return cls(
            psc=psc,
            edc=edc,
            proxy=ClientProxy(configuration.edc, transport, regles.edc, alterations, certificats[0]),
            local=ProxyLocal(serveur, edc, configuration.psc.client_id, horloge, regles.edc, alterations),
            regles=regles,
        )

    def appeler(self, proxy: str) -> Resultat:
        """Done with the signature of the API, or refused with what the user is told."""
        porteur = PorteurPsc(self.psc)
        adresse = ("adresse_proxy", self.local.adresse)
        try:
            if self.regles.edc.reconnecte_avant:
                self.psc.connecter(porteur.identifiant)
            reponse = self.proxy.signer(porteur) if proxy == EXEMPLE else self.edc.signer(porteur)
        except (ApiIndisponible, PscIndisponible) as erreur:
            if not self.regles.edc.annonce_la_panne:
                return Resultat(Etat.FAIT, "", (("etat", "ok"), adresse))
            return Resultat(Etat.REFUSE, str(erreur), (("etat", "indisponible"), adresse))
        except (ApiRefusee, SessionPerdue) as erreur:
            return Resultat(Etat.REFUSE, str(erreur), (("etat", "refuse"), adresse))
        signature = reponse.corps.get("signature")
        if not isinstance(signature, str):
            return Resultat(Etat.REFUSE, f"L'API a répondu {reponse.statut}.", (("etat", "refuse"), adresse))
        montree = signature if self.regles.edc.montre_la_signature else signature[:8]
        return Resultat(Etat.FAIT, "Session signée.", (("etat", "ok"), ("signature", montree), adresse))

    def deconnecter(self) -> None:
        """The user logs out: his sessions at the proxies and his API token end with his session."""
        if self.psc.session is None:
            return
        identifiant = self.psc.session.utilisateur.id_nat
        self.edc.oublier(identifiant)
        try:
            self.proxy.deconnecter(identifiant)
        except ApiIndisponible:
            self.proxy.abandonner(identifiant)

    def fermer(self) -> None:
        """Stop the local proxy."""
        self.local.fermer()
