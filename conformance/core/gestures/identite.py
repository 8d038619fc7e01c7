"""The usager and his INS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..people import Usager
from .base import Gesture


@dataclass(frozen=True, slots=True)
class CreerUsager(Gesture):
    """Créer dans le DUI l'usager donné, avec le statut d'identité indiqué. Les pilotes automatiques le reçoivent avant
    le premier geste d'un scénario ; un DUI qui ne l'offre pas doit contenir les usagers de ``jeu-d-essai.csv``, et un
    testeur crée à la main ceux d'un scénario rejoué."""

    nom: ClassVar[str] = "creer_usager"
    phrase: ClassVar[str] = (
        "Créez l'usager {usager[id]} : {usager[nom_naissance]}, prénoms {prenoms}, sexe {usager[sexe]}, "
        "naissance {usager[date_naissance]} à {usager[lieu_naissance]}, statut {usager[statut]}, INS {ins}."
    )
    usager: Mapping[str, Any]

    @classmethod
    def de(cls, usager: Usager) -> CreerUsager:
        """The gesture that creates this usager."""
        return cls(usager=usager.as_dict())

    def arguments(self) -> dict[str, Any]:
        return {"usager": dict(self.usager)}

    def consigne(self) -> str:
        usager = self.usager
        ins = f"{usager['matricule']} {usager['cle']} (OID {usager['oid']})" if usager["matricule"] else "aucun"
        return self.phrase.format(usager=usager, prenoms=" ".join(usager["prenoms"]), ins=ins)


@dataclass(frozen=True, slots=True)
class RechercherIns(Gesture):
    """Appeler le téléservice INSi pour cet usager. ``moyen`` : ``traits`` ou ``vitale`` ; ``authentification`` :
    ``certificat``, ``cps`` ou ``psc``. Le DUI enregistre le retour selon ses règles.
    Observe : ``code`` (00, 01, 02 ou vide), ``statut`` (statut d'identité après le geste), ``alerte`` (texte montré)."""

    nom: ClassVar[str] = "rechercher_ins"
    phrase: ClassVar[str] = (
        "Dans le dossier {usager}, lancez la recherche de l'INS (par {moyen}, authentification : {authentification})."
    )
    observe: ClassVar[tuple[str, ...]] = ("code", "statut", "alerte")
    usager: str
    moyen: str = "traits"
    authentification: str = "certificat"


@dataclass(frozen=True, slots=True)
class VerifierIns(Gesture):
    """Vérifier auprès d'INSi l'INS connue de l'usager (opération provisoire). Observe : ``reponse`` (OK ou KO), ``statut``."""

    nom: ClassVar[str] = "verifier_ins"
    phrase: ClassVar[str] = "Dans le dossier {usager}, lancez la vérification de l'INS auprès d'INSi."
    observe: ClassVar[tuple[str, ...]] = ("reponse", "statut")
    usager: str
    authentification: str = "certificat"


@dataclass(frozen=True, slots=True)
class ControlerIdentite(Gesture):
    """Enregistrer le contrôle d'une pièce d'identité à haut niveau de confiance. Observe : ``statut``."""

    nom: ClassVar[str] = "controler_identite"
    phrase: ClassVar[str] = "Dans le dossier {usager}, enregistrez le contrôle d'identité sur pièce ({piece})."
    observe: ClassVar[tuple[str, ...]] = ("statut",)
    usager: str
    piece: str = "carte nationale d'identité"


@dataclass(frozen=True, slots=True)
class MarquerIdentite(Gesture):
    """Poser sur l'identité l'attribut ``douteuse`` ou ``fictive``. Observe : ``statut``."""

    nom: ClassVar[str] = "marquer_identite"
    phrase: ClassVar[str] = "Dans le dossier {usager}, marquez l'identité comme {attribut}."
    observe: ClassVar[tuple[str, ...]] = ("statut",)
    usager: str
    attribut: str = "douteuse"


@dataclass(frozen=True, slots=True)
class LireIdentite(Gesture):
    """Afficher l'identité de l'usager. Observe : ``statut``, ``matricule``, ``oid``, ``nom_naissance``, ``prenoms``, ``sexe``,
    ``date_naissance``, ``lieu_naissance``."""

    nom: ClassVar[str] = "lire_identite"
    phrase: ClassVar[str] = "Affichez l'identité de l'usager {usager}."
    observe: ClassVar[tuple[str, ...]] = (
        "statut",
        "matricule",
        "oid",
        "nom_naissance",
        "prenoms",
        "sexe",
        "date_naissance",
        "lieu_naissance",
    )
    usager: str


GESTES: tuple[type[Gesture], ...] = (
    CreerUsager,
    RechercherIns,
    VerifierIns,
    ControlerIdentite,
    MarquerIdentite,
    LireIdentite,
)
