"""Documents that the DUI writes, prints or receives."""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from ..people import Usager
from .base import Gesture, Piece

VISIBILITES = {
    "invisible-patient": "invisible à l'usager",
    "masque-ps": "masqué aux professionnels",
    "invisible-representants": "invisible aux représentants légaux",
}


@dataclass(frozen=True, slots=True)
class ValiderDocument(Gesture):
    """Rédiger puis valider un document de ce type. ``retenir`` : l'utilisateur choisit « pas d'envoi au DMP » pour ce
    document. ``cip`` et ``lot`` : pour une note de vaccination, le vaccin choisi par son code CIP et le lot lu sur la boîte ;
    vides, au choix. ``visibilite`` : vide, ``invisible-patient`` (« Invisible » à l'usager), ``masque-ps`` (masqué aux
    professionnels) ou ``invisible-representants`` (pour un mineur). Observe : ``document`` (référence locale),
    ``etat_envoi`` (programme, retenu, bloque, envoye, en attente)."""

    nom: ClassVar[str] = "valider_document"
    phrase: ClassVar[str] = "Pour l'usager {usager}, rédigez et validez un document « {type} » (pas d'envoi au DMP : {retenir})."
    observe: ClassVar[tuple[str, ...]] = ("document", "etat_envoi")
    usager: str
    type: str
    retenir: bool = False
    cip: str = ""
    lot: str = ""
    visibilite: str = ""

    def arguments(self) -> dict[str, Any]:
        """What is not imposed is left out: a DUI that writes no note de vaccination need not know of vaccines."""
        return {k: v for k, v in asdict(self).items() if v or k not in ("cip", "lot", "visibilite")}

    def consigne(self) -> str:
        text = Gesture.consigne(self)
        if self.cip:
            text += f" Vaccin : code CIP {self.cip}" + (f", lot {self.lot}." if self.lot else ".")
        if self.visibilite:
            text += f" Visibilité choisie : {VISIBILITES[self.visibilite]}."
        return text


@dataclass(frozen=True, slots=True)
class ImprimerDocument(Gesture):
    """Produire la forme papier (PDF) d'un document de ce type, rédigé et validé pour l'usager. Rend la pièce ``document.pdf``.
    Observe : ``prescription`` (pour une ordonnance, son identifiant unique)."""

    nom: ClassVar[str] = "imprimer_document"
    phrase: ClassVar[str] = "Pour l'usager {usager}, rédigez et validez un document « {type} », puis enregistrez-en le PDF."
    observe: ClassVar[tuple[str, ...]] = ("prescription",)
    rend: ClassVar[tuple[str, ...]] = ("document.pdf",)
    usager: str
    type: str


@dataclass(frozen=True, slots=True)
class ImporterDocument(Gesture):
    """Importer un document CDA reçu dans le dossier de l'usager, comme s'il venait du DMP ou d'un courriel. ``contenu`` : ses
    octets en base64 ; un testeur le trouve sous son nom, dans le dossier ``pieces`` de la campagne. Observe : ``integre``
    (vrai s'il est rangé dans le dossier de cet usager), ``alerte`` (texte montré), ``copies`` (combien le dossier en tient)."""

    nom: ClassVar[str] = "importer_document"
    phrase: ClassVar[str] = (
        "Dans le dossier {usager}, importez le document reçu « {nom_fichier} » (dossier « pieces » de la campagne)."
    )
    observe: ClassVar[tuple[str, ...]] = ("integre", "alerte", "copies")
    usager: str
    nom_fichier: str
    contenu: str

    @classmethod
    def de(cls, usager: Usager, piece: Piece) -> ImporterDocument:
        """The gesture that imports this file."""
        return cls(usager.id, piece.nom, base64.b64encode(piece.data).decode("ascii"))


GESTES: tuple[type[Gesture], ...] = (
    ValiderDocument,
    ImprimerDocument,
    ImporterDocument,
)
