"""The usager and his INS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
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
    """Poser sur l'identité l'attribut ``douteuse``, ``fictive`` ou ``homonyme``, ou le retirer (``pose`` faux). Observe :
    ``statut``, ``attributs`` (liste de ceux que porte l'identité après le geste)."""

    nom: ClassVar[str] = "marquer_identite"
    phrase: ClassVar[str] = "Dans le dossier {usager}, marquez l'identité comme {attribut}."
    observe: ClassVar[tuple[str, ...]] = ("statut", "attributs")
    usager: str
    attribut: str = "douteuse"
    pose: bool = True

    def arguments(self) -> dict[str, Any]:
        """``pose`` is left out when the attribute is put."""
        return {k: v for k, v in asdict(self).items() if k != "pose" or v is False}

    def consigne(self) -> str:
        if self.pose:
            return Gesture.consigne(self)
        return f"Dans le dossier {self.usager}, retirez de l'identité l'attribut {self.attribut}."


@dataclass(frozen=True, slots=True)
class ModifierIdentite(Gesture):
    """Modifier un trait de l'identité. ``trait`` : un trait strict (``nom_naissance``, ``prenoms``, ``sexe``,
    ``date_naissance``, ``lieu_naissance``) ou complémentaire (``nom_utilise``, ``prenom_utilise``). Un DUI qui verrouille le
    trait refuse. Observe : ``statut``."""

    nom: ClassVar[str] = "modifier_identite"
    phrase: ClassVar[str] = "Dans le dossier {usager}, remplacez le trait « {trait} » par « {valeur} » et enregistrez."
    observe: ClassVar[tuple[str, ...]] = ("statut",)
    usager: str
    trait: str
    valeur: str


@dataclass(frozen=True, slots=True)
class LireIdentite(Gesture):
    """Afficher l'identité de l'usager. Observe : ``statut``, ``matricule``, ``oid``, ``nom_naissance``, ``prenoms``, ``sexe``,
    ``date_naissance``, ``lieu_naissance``, ``nom_utilise``, ``attributs``, ``historique`` (liste des matricules antérieurs)."""

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
        "nom_utilise",
        "attributs",
        "historique",
    )
    usager: str


@dataclass(frozen=True, slots=True)
class RecevoirIdentite(Gesture):
    """Recevoir d'un tiers (message, fichier, autre domaine) une identité dite qualifiée, avec son INS, comme le DUI sait en
    recevoir. Un DUI conforme vérifie l'INS auprès d'INSi, rapproche l'identité d'un dossier existant ou en crée un.
    Observe : ``dossier`` (identifiant du dossier tenu, vide s'il n'y en a pas), ``statut``, ``matricule``, ``integree`` (vrai si
    l'identité reçue a créé ou mis à jour un dossier sans l'intervention d'un utilisateur), ``alerte`` (texte montré)."""

    nom: ClassVar[str] = "recevoir_identite"
    phrase: ClassVar[str] = (
        "Faites recevoir au DUI, d'un autre domaine, l'identité {identite[id]} : {identite[nom_naissance]}, prénoms {prenoms}, "
        "sexe {identite[sexe]}, naissance {identite[date_naissance]} à {identite[lieu_naissance]}, INS {ins}."
    )
    observe: ClassVar[tuple[str, ...]] = ("dossier", "statut", "matricule", "integree", "alerte")
    identite: Mapping[str, Any]

    @classmethod
    def de(cls, usager: Usager) -> RecevoirIdentite:
        """The gesture that receives the identity of this person."""
        return cls(identite=usager.as_dict())

    def arguments(self) -> dict[str, Any]:
        return {"identite": dict(self.identite)}

    def consigne(self) -> str:
        recue = self.identite
        ins = f"{recue['matricule']} {recue['cle']} (OID {recue['oid']})"
        return self.phrase.format(identite=recue, prenoms=" ".join(recue["prenoms"]), ins=ins)


@dataclass(frozen=True, slots=True)
class RechercherDossier(Gesture):
    """Rechercher un dossier déjà ouvert, par date de naissance et début du nom, ou par matricule (les champs vides ne servent
    pas). Observe : ``dossiers`` (liste des identifiants trouvés)."""

    nom: ClassVar[str] = "rechercher_dossier"
    phrase: ClassVar[str] = (
        "Cherchez un dossier dans le DUI : date de naissance « {date_naissance} », début du nom « {nom} », "
        "matricule « {matricule} »."
    )
    observe: ClassVar[tuple[str, ...]] = ("dossiers",)
    date_naissance: str = ""
    nom_debut: str = ""
    matricule: str = ""

    def consigne(self) -> str:
        return self.phrase.format(date_naissance=self.date_naissance, nom=self.nom_debut, matricule=self.matricule)


@dataclass(frozen=True, slots=True)
class VerifierInsEnMasse(Gesture):
    """Faire vérifier par INSi, en une fois, les INS de ces usagers (opération provisoire, facultative pour un DUI) : le lot
    part, son résultat se relève plus tard. Observe : ``nombre`` (d'identités déposées)."""

    nom: ClassVar[str] = "verifier_ins_en_masse"
    phrase: ClassVar[str] = "Lancez la vérification en masse des INS des usagers {usagers}."
    observe: ClassVar[tuple[str, ...]] = ("nombre",)
    usagers: tuple[str, ...]

    def consigne(self) -> str:
        return self.phrase.format(usagers=", ".join(self.usagers))


@dataclass(frozen=True, slots=True)
class ReleverVerification(Gesture):
    """Relever le résultat de la dernière vérification en masse (rien à faire dans un DUI qui le relève seul). Observe :
    ``etat`` (``en cours`` ou ``termine``), ``reponses`` (OK ou KO par usager)."""

    nom: ClassVar[str] = "relever_verification"
    phrase: ClassVar[str] = "Relevez le résultat de la dernière vérification en masse des INS."
    observe: ClassVar[tuple[str, ...]] = ("etat", "reponses")


@dataclass(frozen=True, slots=True)
class ExporterTracesIns(Gesture):
    """Extraire du journal du DUI les traces des appels à INSi (utilisateur, date, nature, code rendu) et des accès à l'INS : une
    ligne par trace, dans un fichier CSV, XLSX, ODS ou une ligne JSON par trace. ``correspondances.toml`` dit comment le lire
    quand ses titres ne sont pas ceux du modèle ``traces-ins``. Rend la pièce ``traces-ins.csv``."""

    nom: ClassVar[str] = "exporter_traces_ins"
    phrase: ClassVar[str] = (
        "Extrayez du journal du DUI les traces des appels à INSi et des accès à l'INS, et enregistrez le fichier."
    )
    rend: ClassVar[tuple[str, ...]] = ("traces-ins.csv",)


GESTES: tuple[type[Gesture], ...] = (
    CreerUsager,
    RechercherIns,
    VerifierIns,
    ControlerIdentite,
    MarquerIdentite,
    ModifierIdentite,
    LireIdentite,
    RecevoirIdentite,
    RechercherDossier,
    VerifierInsEnMasse,
    ReleverVerification,
    ExporterTracesIns,
)
