"""The operators of MSSanté and the boxes that this DUI may open, as ``services.json`` gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .comptes import Utilisateur
from .configuration import StructureLocale

GENRES = {"personnelle": "PER", "organisation": "ORG", "applicative": "APP"}


class BoiteInconnue(LookupError):
    """This DUI has no such box."""


@dataclass(frozen=True, slots=True)
class Hote:
    """A server: host and port."""

    hote: str
    port: int

    def __str__(self) -> str:
        return f"{self.hote}:{self.port}"


@dataclass(frozen=True, slots=True)
class Boite:
    """A box: its kind (PER, ORG, APP), what its owner is called, and which operator holds it."""

    adresse: str
    genre: str
    libelle: str
    operateur: str
    titulaire: str = ""
    delegues: tuple[str, ...] = ()

    @property
    def domaine(self) -> str:
        """The domain of its address."""
        return self.adresse.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Operateur:
    """An operator: its servers, where its configuration is published, the largest message that it takes, our boxes there."""

    nom: str
    smtp: Hote
    imap: Hote
    autoconfig: str
    dns: Hote
    taille_max: int
    boites: tuple[Boite, ...]


class Operateurs:
    """All of them; raises ``BoiteInconnue`` for a box or an operator that the DUI was not given."""

    def __init__(self, services: Mapping[str, Any], structure: StructureLocale) -> None:
        self._structure = structure
        declares = services.get("mss", {}).get("operateurs", {})
        self._par_nom = {nom: _operateur(nom, dit) for nom, dit in declares.items()}

    def trouver(self, nom: str) -> Operateur:
        """An operator by name."""
        if nom not in self._par_nom:
            raise BoiteInconnue(f"Aucun opérateur MSSanté « {nom} » n'est configuré.")
        return self._par_nom[nom]

    def adopter(self, nom: str, smtp: Hote, imap: Hote) -> None:
        """Use these servers from now on."""
        self._par_nom[nom] = replace(self.trouver(nom), smtp=smtp, imap=imap)

    def boite(self, nom: str, sorte: str, utilisateur: Utilisateur) -> Boite:
        """The user's own box, or the organisational or applicative box of the structure."""
        genre = GENRES.get(sorte, "")
        for boite in self.trouver(nom).boites:
            if boite.genre != genre:
                continue
            if boite.titulaire == (utilisateur.id_nat if genre == "PER" else self._structure.finess_eg):
                return boite
        raise BoiteInconnue(f"Aucune boîte {sorte} n'est ouverte chez « {nom} » pour cet utilisateur.")


def _operateur(nom: str, dit: Mapping[str, Any]) -> Operateur:
    return Operateur(
        nom=nom,
        smtp=_hote(dit["smtp"]),
        imap=_hote(dit["imap"]),
        autoconfig=str(dit["autoconfig"]),
        dns=_hote(dit["dns"]),
        taille_max=int(dit["taille_max"]),
        boites=tuple(
            Boite(b["adresse"], b["genre"], b["libelle"], nom, b["titulaire"], tuple(b["delegues"])) for b in dit["boites"]
        ),
    )


def _hote(dit: Mapping[str, Any]) -> Hote:
    return Hote(str(dit["hote"]), int(dit["port"]))
