"""The reference DUI: its desks gathered, one method per gesture, named as the gesture is.

What a user does arrives here and goes to the desk of its domain (:mod:`.guichets`). Gestures run one at a time; orders to the DMP
leave in the background.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from ...core.gestures import Etat, Gesture, Resultat
from .comptes import Utilisateur
from .dossier import UsagerInconnu
from .dossier_editeur import DossierEditeur
from .guichets import GUICHETS
from .horloge import temps_systeme
from .inerte import InertDui
from .poste import Poste
from .psc_session import ConnexionRefusee, Demande, PscIndisponible
from .redacteur import IdentiteNonQualifiee, TypeInconnu
from .sdo_carnet import OrientationAbsente
from .vaccins import VaccinInconnu

__all__ = ["Dui", "InertDui"]


class Dui:
    """A running DUI, configured by the content of ``services.json``.

    ``faults`` are names of :data:`.faults.FAULTS`. ``now`` is the source of time; :meth:`advance` adds to it. ``dossier`` is
    where it writes its traces; without one they stay in memory.
    """

    def __init__(
        self,
        services: Mapping[str, Any],
        *,
        faults: Collection[str] = (),
        now: Callable[[], datetime] = temps_systeme,
        delai_reseau: float = 5.0,
        dossier: Path | None = None,
    ) -> None:
        self.verrou = threading.Lock()
        self._poste = Poste(services, faults, now, delai_reseau, dossier)
        self._guichets = tuple(guichet(self._poste) for guichet in GUICHETS)
        self._gestes: dict[str, Callable[..., Resultat]] = {
            geste.nom: getattr(guichet, geste.nom) for guichet in self._guichets for geste in guichet.gestes
        }

    def __getattr__(self, nom: str) -> Callable[..., Resultat]:
        if nom.startswith("_") or nom not in self._gestes:
            raise AttributeError(nom)
        return partial(self._jouer, nom)

    def capabilities(self) -> dict[str, Any]:
        """The gestures offered, and that the clock can be moved."""
        return {"gestes": sorted(self._gestes), "horloge": True}

    def play(self, gesture: Gesture) -> Resultat:
        """Do what the user does; never raises for what a user may do."""
        return self._jouer(gesture.nom, **gesture.arguments())

    def agir(self) -> None:
        """The user does something: his session, if it is open, is not idle."""
        self._poste.psc.agir()

    def advance(self, delta: timedelta) -> None:
        """Move the DUI's clock forward; orders whose time has come leave at once."""
        self._poste.horloge.avancer(delta)

    def avancer_horloge(self, secondes: float) -> None:
        """The same, in seconds."""
        self.advance(timedelta(seconds=secondes))

    def attester(self, exigences: Sequence[str]) -> dict[str, Any] | None:
        """What the editor's file holds for a form put for these exigences: verdict, note, who, pieces; None for nothing."""
        poste = self._poste
        dossier = DossierEditeur(poste.configuration.logiciel, poste.regles.dossier, poste.horloge.maintenant)
        return dossier.repondre(exigences)

    def close(self) -> None:
        """Stop the background sender, and what the desks left running."""
        self._poste.envois.fermer()
        for guichet in self._guichets:
            guichet.fermer()

    def _jouer(self, nom: str, **arguments: Any) -> Resultat:
        """A gesture: one at a time, and what it cannot find makes it impossible rather than raise."""
        with self.verrou:
            self.agir()
            try:
                return self._gestes[nom](**arguments)
            except (UsagerInconnu, VaccinInconnu, TypeInconnu) as erreur:
                return Resultat(Etat.IMPOSSIBLE, str(erreur))
            except (IdentiteNonQualifiee, OrientationAbsente) as erreur:
                return Resultat(Etat.REFUSE, str(erreur))

    def commencer_connexion(self, redirect_uri: str) -> tuple[Demande, str]:
        """For a browser of the user's own: a demand, and where it goes with it."""
        with self.verrou:
            try:
                return self._poste.psc.preparer(redirect_uri=redirect_uri)
            except PscIndisponible as erreur:
                raise ConnexionRefusee(f"Connexion impossible : {erreur}") from erreur

    def finir_connexion(self, demande: Demande, retour: str) -> tuple[bool, str]:
        """Open the session of a browser that came back."""
        with self.verrou:
            try:
                session = self._poste.psc.revenir(demande, retour)
            except ConnexionRefusee as erreur:
                return False, str(erreur)
            return True, f"Bienvenue {session.utilisateur.libelle}."

    def utilisateur_connecte(self) -> Utilisateur | None:
        """Who is logged in, if anyone still is."""
        with self.verrou:
            self._poste.psc.agir()
            return (
                self._poste.psc.session.utilisateur if self._poste.psc.session is not None and self._poste.psc.ouverte else None
            )

    def choisir_situation(self, rang: int) -> None:
        """The user works in another of his situations."""
        with self.verrou:
            session = self._poste.psc.session
            if session is not None and rang < len(session.utilisateur.situations):
                session.utilisateur = session.utilisateur.en_situation(rang)

    def finir_session(self, retour: str) -> str:
        """Close the session; gives where the browser goes to close it at the provider, and come back to ``retour``, or ``""``."""
        with self.verrou:
            return self._poste.psc.fermer(retour)
