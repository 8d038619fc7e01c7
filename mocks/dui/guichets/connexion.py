"""Log in, act in the session, log out; the traces of all that."""

from __future__ import annotations

from ....core.gestures import Etat, Piece, Resultat, connexion
from ..edc_gestes import AppelsApi
from ..jetons import JetonRefuse
from ..navigateur import NavigationImpossible
from ..poste import Poste, fait, refus
from ..psc_session import ConnexionRefusee, PscIndisponible, RefusDuProfessionnel, SessionPerdue
from .guichet import Guichet


class GuichetConnexion(Guichet):
    """The gestures of :mod:`core.gestures.connexion`."""

    gestes = connexion.GESTES

    def __init__(self, poste: Poste) -> None:
        super().__init__(poste)
        self._api = AppelsApi.de(poste.configuration, poste.transport, poste.psc, poste.horloge, poste.regles, poste.alterations)

    def fermer(self) -> None:
        """Stop the proxy e-Santé, if it listens."""
        if self._api is not None:
            self._api.fermer()

    def se_connecter(self, professionnel: str, mode: str = "web") -> Resultat:
        """Log in through Pro Santé Connect: by the browser, without it (``ciba``), or through another provider (``fi``)."""
        try:
            session = self.poste.psc.connecter(professionnel, mode)
        except ConnexionRefusee as erreur:
            if self._ouvre_malgre_tout(erreur, mode):
                return fait("Session locale ouverte.", session=True, compte=self.poste.compte_local.compte)
            return refus(str(erreur), session=False, compte="", **self._montre(mode))
        bienvenue = f"Bienvenue {session.utilisateur.libelle}."
        return fait(bienvenue, session=True, compte=session.utilisateur.compte, **self._montre(mode))

    def se_deconnecter(self) -> Resultat:
        """Log out, here, at the proxy e-Santé and at Pro Santé Connect."""
        if self._api is not None:
            self._api.deconnecter()
        try:
            self.poste.psc.deconnecter()
        except (NavigationImpossible, PscIndisponible) as erreur:
            return fait(f"Session fermée ; {erreur}", session=self.poste.psc.session is not None)
        return fait("Session fermée.", session=self.poste.psc.session is not None)

    def utiliser_session(self) -> Resultat:
        """Show the professional's profile, read again from Pro Santé Connect."""
        try:
            utilisateur = self.poste.psc.relire_identite()
        except SessionPerdue as erreur:
            return refus(str(erreur), session=self.poste.psc.session is not None)
        except (PscIndisponible, JetonRefuse) as erreur:
            return refus(f"Profil indisponible : {erreur}", session=self.poste.psc.session is not None)
        return fait(utilisateur.libelle, session=True, compte=utilisateur.compte)

    def exporter_traces(self) -> Resultat:
        """Give the extract of the traces of connections."""
        return Resultat(Etat.FAIT, pieces=(Piece("traces.csv", self.poste.traces.csv()),))

    def appeler_api(self, proxy: str = "editeur") -> Resultat:
        """Call the test API of the espace de confiance."""
        if self._api is None:
            return Resultat(Etat.IMPOSSIBLE, "Aucun espace de confiance n'est configuré.")
        return self._api.appeler(proxy)

    def _montre(self, mode: str) -> dict[str, str]:
        """The number that the user compares with the one of his other device."""
        return {"nombre": self.poste.psc.nombre} if mode == "ciba" else {}

    def _ouvre_malgre_tout(self, erreur: ConnexionRefusee, mode: str) -> bool:
        """True for a faulty DUI that opens a session of its own when Pro Santé Connect gave none."""
        regles = self.poste.regles.psc
        if isinstance(erreur, RefusDuProfessionnel):
            return not regles.refus_du_professionnel_respecte or (
                mode == "ciba" and self.poste.regles.ciba.session_malgre_le_refus
            )
        if isinstance(erreur.__cause__, SessionPerdue):
            return not regles.refus_du_code_respecte
        return isinstance(erreur.__cause__, PscIndisponible | NavigationImpossible) and not regles.panne_respectee
