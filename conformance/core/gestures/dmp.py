"""Feed the DMP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .base import Gesture


@dataclass(frozen=True, slots=True)
class EnregistrerOpposition(Gesture):
    """Tracer l'opposition (``oppose`` vrai) ou la non-opposition de l'usager à l'alimentation de son DMP."""

    nom: ClassVar[str] = "enregistrer_opposition"
    phrase: ClassVar[str] = "Dans le dossier {usager}, enregistrez pour l'alimentation du DMP : opposition = {oppose}."
    usager: str
    oppose: bool = True


@dataclass(frozen=True, slots=True)
class AnnulerEnvoi(Gesture):
    """Annuler, dans le délai, l'envoi programmé du dernier document validé pour cet usager. Observe : ``etat_envoi``."""

    nom: ClassVar[str] = "annuler_envoi"
    phrase: ClassVar[str] = "Annulez l'envoi au DMP du dernier document validé pour l'usager {usager}, avant la fin du délai."
    observe: ClassVar[tuple[str, ...]] = ("etat_envoi",)
    usager: str


@dataclass(frozen=True, slots=True)
class AttendreEnvois(Gesture):
    """Laisser le DUI exécuter ses envois programmés ou en attente (rien à faire dans un DUI qui envoie seul)."""

    nom: ClassVar[str] = "attendre_envois"
    phrase: ClassVar[str] = "Laissez le DUI travailler : ses envois programmés ou en attente doivent partir seuls."


GESTES: tuple[type[Gesture], ...] = (
    EnregistrerOpposition,
    AnnulerEnvoi,
    AttendreEnvois,
)
