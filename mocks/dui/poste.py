"""What all the desks of the DUI share: its settings and clock, its records, who is logged in, what waits to be sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ...core.gestures import Etat, Resultat
from ...fixtures.professionals import professionals
from .atelier import Atelier
from .comptes import Comptes, Utilisateur
from .configuration import MODE_AIR, MODE_DIRECT, MODE_INDIRECT, Configuration
from .dmp import ClientDmp
from .dossier import Dossiers
from .envois import FileEnvois
from .faults import alterations_de, regles_de
from .horloge import Horloge
from .psc import ClientPsc
from .traces import Traces
from .transport import Transport
from .vihf import Authentification

COMPTE_LOCAL = "infirmiere-ehpad"
"""The account in use when nobody came through Pro Santé Connect."""


class Poste:
    """The inside of a DUI, whose faults are already in ``alterations`` and ``regles``."""

    def __init__(
        self,
        services: Mapping[str, Any],
        faults: Collection[str],
        now: Callable[[], datetime],
        delai_reseau: float,
        dossier: Path | None,
    ) -> None:
        self.services = services
        self.configuration = Configuration.lire(services)
        self.alterations = alterations_de(faults)
        self.regles = regles_de(faults)
        self.horloge = Horloge(now)
        roles = self.regles.certificats
        de_trop = self.configuration.certificat(roles.autorite_de_trop).certificat if roles.autorite_de_trop else ""
        self.transport = Transport(self.configuration.ac, self.alterations, delai_reseau, autorite_de_trop=de_trop)
        comptes = Comptes(
            self.configuration.structure,
            rapproche_par=self.regles.psc.rapproche_par,
            accepte_sans_rpps=self.regles.psc.accepte_sans_rpps,
        )
        self.traces = Traces(self.alterations, dossier)
        self.compte_local = comptes.local(professionals()[COMPTE_LOCAL])
        self.dossiers = Dossiers()
        self.psc = ClientPsc(
            self.configuration,
            self.transport,
            comptes,
            self.horloge,
            self.regles,
            self.alterations,
            self.configuration.certificat(roles.psc),
            self.traces,
        )
        self.dmp = ClientDmp(self.configuration, self.transport, self.horloge, self.alterations, self.regles)
        self.envois = FileEnvois(self.dmp, self.horloge, self.regles.envoi)
        self.atelier = Atelier(self)
        self._ouvert_le = self.horloge.maintenant()

    def authentification(self) -> Authentification:
        """Who acts: the user known by Pro Santé Connect, else the local account with the structure's certificate; in the mode
        DIRECTE, he who has put his card in the reader."""
        session = self.psc.session if self.psc.ouverte else None
        if self.configuration.dmp_mode == MODE_DIRECT or self.regles.alimentation.par_carte:
            porteur = session.utilisateur if session is not None else self.compte_local
            if porteur.id_nat in self.configuration.cps:
                instant = session.ouverte_le if session is not None else self._ouvert_le
                return Authentification(porteur, instant, MODE_DIRECT, "CARD")
        if session is not None and session.fournisseur == "psc" and self.configuration.dmp_mode == MODE_AIR:
            utilisateur = session.utilisateur if self.regles.envoi.nomme_l_utilisateur_psc else self._autre_compte()
            return Authentification(utilisateur, session.ouverte_le, MODE_AIR, session.moyen)
        return Authentification(self.compte_local, self._ouvert_le, MODE_INDIRECT)

    def _autre_compte(self) -> Utilisateur:
        """The account of someone else, whom a faulty DUI may name instead of the user."""
        return replace(self.compte_local, id_nat=professionals()["medecin-multi"].id_nat)


def fait(message: str = "", **observations: Any) -> Resultat:
    """The end of a gesture that was done."""
    return Resultat(Etat.FAIT, message, tuple(observations.items()))


def refus(message: str, **observations: Any) -> Resultat:
    """The end of a gesture that the DUI refused, with what the user is told."""
    return Resultat(Etat.REFUSE, message, tuple(observations.items()))
