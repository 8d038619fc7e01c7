"""Log in, act in a session, log out; the traces of all that."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from .base import Gesture


@dataclass(frozen=True, slots=True)
class SeConnecter(Gesture):
    """Se connecter au DUI par Pro Santé Connect, avec l'identité choisie sur la page du simulateur. ``mode`` : ``web``,
    ``ciba`` (validation sur le téléphone ou la carte du professionnel, que le simulateur donne à sa place) ou ``fi`` (autre
    fournisseur d'identité OpenID Connect). Observe : ``session`` (vrai si une session est ouverte), ``compte`` (identifiant
    local du compte ouvert), ``nombre`` (en mode ciba, les deux chiffres montrés à l'utilisateur)."""

    nom: ClassVar[str] = "se_connecter"
    phrase: ClassVar[str] = "Connectez-vous au DUI par Pro Santé Connect avec le compte « {professionnel} »."
    observe: ClassVar[tuple[str, ...]] = ("session", "compte", "nombre")
    professionnel: str
    mode: str = "web"

    def arguments(self) -> dict[str, Any]:
        """The mode is left out when it is the usual one."""
        return {k: v for k, v in asdict(self).items() if k != "mode" or v != "web"}

    def consigne(self) -> str:
        text = Gesture.consigne(self).removesuffix(".") + (" sans navigateur (CIBA)." if self.mode == "ciba" else ".")
        other = "le fournisseur d'identité de l'établissement, sans Pro Santé Connect,"
        return text.replace("Pro Santé Connect", other, 1) if self.mode == "fi" else text


@dataclass(frozen=True, slots=True)
class SeDeconnecter(Gesture):
    """Se déconnecter explicitement du DUI. Observe : ``session`` (faux une fois déconnecté)."""

    nom: ClassVar[str] = "se_deconnecter"
    phrase: ClassVar[str] = "Déconnectez-vous du DUI (déconnexion explicite)."
    observe: ClassVar[tuple[str, ...]] = ("session",)


@dataclass(frozen=True, slots=True)
class UtiliserSession(Gesture):
    """Agir dans le DUI avec la session ouverte (ouvrir un écran qui relit l'identité auprès de Pro Santé Connect).
    Observe : ``session``."""

    nom: ClassVar[str] = "utiliser_session"
    phrase: ClassVar[str] = "Dans la session ouverte, affichez votre profil professionnel (informations Pro Santé Connect)."
    observe: ClassVar[tuple[str, ...]] = ("session",)


@dataclass(frozen=True, slots=True)
class AppelerApi(Gesture):
    """Appeler l'API d'essai de l'espace de confiance avec la session Pro Santé Connect ouverte. ``proxy`` : ``editeur`` (le
    proxy e-Santé du DUI, qui échange lui-même les jetons) ou ``exemple`` (le proxy d'exemple du simulateur).
    Observe : ``etat`` (``ok``, ``refuse`` ou ``indisponible``), ``signature`` (valeur rendue par l'API), ``adresse_proxy``
    (adresse du proxy e-Santé du DUI, quand il s'offre sous la forme de l'exemple de l'ANS)."""

    nom: ClassVar[str] = "appeler_api"
    phrase: ClassVar[str] = "Dans la session ouverte, appelez l'API d'essai de l'espace de confiance (signature de session)."
    observe: ClassVar[tuple[str, ...]] = ("etat", "signature", "adresse_proxy")
    proxy: str = "editeur"

    def arguments(self) -> dict[str, Any]:
        """The proxy is left out when it is the DUI's own."""
        return {k: v for k, v in asdict(self).items() if v != "editeur"}

    def consigne(self) -> str:
        by = ", par le proxy d'exemple du simulateur." if self.proxy == "exemple" else "."
        return Gesture.consigne(self).removesuffix(".") + by


@dataclass(frozen=True, slots=True)
class ExporterTraces(Gesture):
    """Extraire du journal du DUI les traces des connexions et des comptes (réussies, refusées, déconnexions) : un fichier CSV ou
    une ligne JSON par trace, avec la date, l'utilisateur, la nature, le résultat et, si le DUI les garde, ``acr`` et
    ``auth_mode``. Rend la pièce ``traces.csv``."""

    nom: ClassVar[str] = "exporter_traces"
    phrase: ClassVar[str] = "Extrayez du journal du DUI les traces des connexions (CSV) et enregistrez le fichier."
    rend: ClassVar[tuple[str, ...]] = ("traces.csv",)


GESTES: tuple[type[Gesture], ...] = (
    SeConnecter,
    SeDeconnecter,
    UtiliserSession,
    AppelerApi,
    ExporterTraces,
)
