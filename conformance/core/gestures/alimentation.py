"""Feed the DMP beyond the first deposit: a new version, a deposit by hand, what became of the sendings."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from .base import Gesture


@dataclass(frozen=True, slots=True)
class ModifierDocument(Gesture):
    """Modifier le dernier document validé pour cet usager (par exemple l'heure de l'acte), puis valider la nouvelle version.
    Observe : ``document`` (référence locale de la nouvelle version), ``etat_envoi`` (comme ``valider_document``)."""

    nom: ClassVar[str] = "modifier_document"
    phrase: ClassVar[str] = (
        "Dans le dossier {usager}, modifiez le dernier document validé (l'heure de l'acte, par exemple) et validez cette version."
    )
    observe: ClassVar[tuple[str, ...]] = ("document", "etat_envoi")
    usager: str


@dataclass(frozen=True, slots=True)
class DeposerDocument(Gesture):
    """Envoyer au DMP, à la main, un document déjà présent dans le dossier. ``type`` et ``date`` vides : le dernier document
    validé pour cet usager. Sinon un document de l'historique, de ce type, dont l'acte est de cette date (aaaa-mm-jj) ;
    ``auteur`` : ``rpps``, ou ``sans-rpps`` quand celui qui l'a écrit n'a pas de numéro national. Observe : ``document``,
    ``etat_envoi``, ``deja_depose`` (vrai si le DUI répond que ce document est déjà au DMP)."""

    nom: ClassVar[str] = "deposer_document"
    phrase: ClassVar[str] = "Dans le dossier {usager}, envoyez au DMP, à la main, {quoi}."
    observe: ClassVar[tuple[str, ...]] = ("document", "etat_envoi", "deja_depose")
    usager: str
    type: str = ""
    date: str = ""
    auteur: str = "rpps"

    def arguments(self) -> dict[str, Any]:
        """What is not asked is left out."""
        return {k: v for k, v in asdict(self).items() if v and v != "rpps"}

    def consigne(self) -> str:
        written = " et écrit par un auteur sans numéro RPPS" if self.auteur == "sans-rpps" else ""
        old = f"un document « {self.type} » de l'historique, daté du {self.date}{written}"
        return self.phrase.format(usager=self.usager, quoi=old if self.type else "le dernier document validé")


@dataclass(frozen=True, slots=True)
class ConsulterEnvois(Gesture):
    """Afficher l'état des envois au DMP de cet usager. Observe : ``etat_envoi`` (du dernier : programme, en attente, envoye,
    retenu, bloque, annule, echec), ``echecs`` (combien ont échoué), ``motif`` (texte montré pour le dernier échec)."""

    nom: ClassVar[str] = "consulter_envois"
    phrase: ClassVar[str] = "Dans le dossier {usager}, affichez l'état des envois au DMP."
    observe: ClassVar[tuple[str, ...]] = ("etat_envoi", "echecs", "motif")
    usager: str


GESTES: tuple[type[Gesture], ...] = (
    ModifierDocument,
    DeposerDocument,
    ConsulterEnvois,
)
