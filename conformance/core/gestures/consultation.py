"""Consult the DMP: consent, list, documents, emergency, visibility.

A document of the DMP is named by its uniqueId (``document``) for a driver, and by its title (``titre``) for a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .base import Gesture

ACTIONS = {
    "masquer": "masquez-le aux professionnels",
    "demasquer": "démasquez-le aux professionnels",
    "rendre_visible": "rendez-le visible à l'usager",
    "archiver": "archivez-le",
    "desarchiver": "désarchivez-le",
    "supprimer": "supprimez-le",
}
FILTRES = {"type": "type", "depuis": "depuis le", "jusqu_a": "jusqu'au", "auteur": "auteur", "statut": "statut"}
"""The words of an instruction, by action and by filter."""


@dataclass(frozen=True, slots=True)
class EnregistrerConsentement(Gesture):
    """Tracer le choix de l'usager pour la consultation de son DMP : ``accord`` faux, il s'y oppose. ``equipe`` : celui qui
    consulte fait partie de son équipe de soins ; sinon, l'accord ne vaut que pour la consultation qui suit."""

    nom: ClassVar[str] = "enregistrer_consentement"
    phrase: ClassVar[str] = (
        "Dans le dossier {usager}, enregistrez le choix de l'usager pour la consultation de son DMP : consentement = {accord} "
        "(vous êtes de son équipe de soins : {equipe})."
    )
    usager: str
    accord: bool = True
    equipe: bool = True


@dataclass(frozen=True, slots=True)
class OuvrirDossier(Gesture):
    """Ouvrir le dossier de l'usager, sans autre clic. Observe ce que l'écran montre alors : ``dmp`` (ouvert, ferme, absent,
    inconnu), ``acces`` (autorise, non autorise, inconnu), ``ins`` (vrai si qualifiée), ``consentement`` (vrai s'il est donné),
    ``authentification`` (vrai si l'utilisateur est authentifié par CPS, e-CPS ou Pro Santé Connect), ``nouveaux`` (nombre de
    nouveaux documents de tiers), ``types_nouveaux`` (de combien de types), ``signalements`` (textes affichés sur les documents
    intégrés : nouvelle version, suppression)."""

    nom: ClassVar[str] = "ouvrir_dossier"
    phrase: ClassVar[str] = (
        "Fermez le dossier {usager} s'il est ouvert, puis ouvrez-le, sans autre clic ; attendez que l'état du DMP s'affiche. "
        "Valeurs à noter : dmp (ouvert, ferme, absent, inconnu), acces (autorise, non autorise, inconnu), ins, consentement et "
        "authentification (oui, non), nouveaux et types_nouveaux (nombres), signalements (textes affichés)."
    )
    observe: ClassVar[tuple[str, ...]] = (
        "dmp",
        "acces",
        "ins",
        "consentement",
        "authentification",
        "nouveaux",
        "types_nouveaux",
        "signalements",
    )
    usager: str


@dataclass(frozen=True, slots=True)
class ListerDocumentsDmp(Gesture):
    """Afficher la liste des documents du DMP de l'usager. Filtres, vides au choix : ``type`` (code LOINC), ``depuis`` et
    ``jusqu_a`` (dates de création, aaaa-mm-jj), ``auteur`` (nom), ``statut`` (archive ou remplace ; vide, les documents actifs).
    Observe : ``nombre`` de lignes, ``titres`` affichés, ``signales`` (ce que l'écran dit de documents invisibles ou masqués,
    avec leur titre), ``disponible`` (vrai si l'écran est resté utilisable pendant la recherche)."""

    nom: ClassVar[str] = "lister_documents_dmp"
    phrase: ClassVar[str] = "Dans le dossier {usager}, affichez la liste des documents du DMP (filtres : {filtres})."
    observe: ClassVar[tuple[str, ...]] = ("nombre", "titres", "signales", "disponible")
    usager: str
    type: str = ""
    depuis: str = ""
    jusqu_a: str = ""
    auteur: str = ""
    statut: str = ""

    def consigne(self) -> str:
        given = [f"{words} {value}" for name, words in FILTRES.items() if (value := getattr(self, name))]
        return self.phrase.format(usager=self.usager, filtres=", ".join(given) or "aucun")


@dataclass(frozen=True, slots=True)
class AfficherDocumentDmp(Gesture):
    """Ouvrir un document de la liste du DMP, sans le conserver. Observe : ``affiche`` (vrai si son contenu est à l'écran),
    ``avertissement`` (texte montré à l'ouverture)."""

    nom: ClassVar[str] = "afficher_document_dmp"
    phrase: ClassVar[str] = (
        "Dans le dossier {usager}, ouvrez depuis la liste du DMP le document « {titre} » (identifiant {document})."
    )
    observe: ClassVar[tuple[str, ...]] = ("affiche", "avertissement")
    usager: str
    document: str
    titre: str


@dataclass(frozen=True, slots=True)
class IntegrerDocumentDmp(Gesture):
    """Intégrer dans le dossier de l'usager un document de la liste du DMP. Observe : ``integre`` (vrai s'il est rangé),
    ``alerte`` (texte montré), ``copies`` (combien le dossier en tient), ``sous_dossier`` (où il est rangé), ``provenance``
    (d'où l'écran dit qu'il vient)."""

    nom: ClassVar[str] = "integrer_document_dmp"
    phrase: ClassVar[str] = (
        "Dans le dossier {usager}, intégrez depuis la liste du DMP le document « {titre} » (identifiant {document})."
    )
    observe: ClassVar[tuple[str, ...]] = ("integre", "alerte", "copies", "sous_dossier", "provenance")
    usager: str
    document: str
    titre: str


@dataclass(frozen=True, slots=True)
class LireDocumentIntegre(Gesture):
    """Regarder, dans la liste des documents du dossier et sans clic, ce que l'écran dit d'un document intégré depuis le DMP.
    Observe : ``provenance``, ``statut`` (intégré, nouvelle version disponible, supprimé au DMP), ``copies``."""

    nom: ClassVar[str] = "lire_document_integre"
    phrase: ClassVar[str] = (
        "Dans le dossier {usager}, regardez sans cliquer ce que la liste dit du document intégré « {titre} » "
        "(identifiant {document})."
    )
    observe: ClassVar[tuple[str, ...]] = ("provenance", "statut", "copies")
    usager: str
    document: str
    titre: str


@dataclass(frozen=True, slots=True)
class AccederEnUrgence(Gesture):
    """Accéder en urgence au DMP (bris de glace), sans consentement, pour ce ``motif`` (vide : le laisser vide).
    Observe : ``acces`` (vrai si la liste s'affiche), ``motif`` (celui que le DUI a tracé)."""

    nom: ClassVar[str] = "acceder_en_urgence"
    phrase: ClassVar[str] = "Dans le dossier {usager}, accédez en urgence au DMP (bris de glace), avec pour motif : {motif}."
    observe: ClassVar[tuple[str, ...]] = ("acces", "motif")
    usager: str
    motif: str = ""

    def consigne(self) -> str:
        return self.phrase.format(usager=self.usager, motif=self.motif or "aucun (laissez-le vide)")


@dataclass(frozen=True, slots=True)
class GererDocumentDmp(Gesture):
    """Changer au DMP un document de la liste. ``action`` : masquer (aux professionnels), demasquer, rendre_visible (à l'usager),
    archiver, desarchiver, supprimer. Observe : ``etat`` (celui que l'écran donne ensuite au document, ou le refus montré)."""

    nom: ClassVar[str] = "gerer_document_dmp"
    phrase: ClassVar[str] = "Dans le dossier {usager}, pour le document du DMP « {titre} » (identifiant {document}) : {action}."
    observe: ClassVar[tuple[str, ...]] = ("etat",)
    usager: str
    document: str
    titre: str
    action: str

    def consigne(self) -> str:
        return self.phrase.format(**{**self.arguments(), "action": ACTIONS[self.action]})


@dataclass(frozen=True, slots=True)
class SupprimerDocument(Gesture):
    """Supprimer définitivement du DUI le dernier document déposé au DMP pour cet usager : il doit l'être aussi au DMP.
    Observe : ``etat`` (celui que l'écran donne ensuite au document)."""

    nom: ClassVar[str] = "supprimer_document"
    phrase: ClassVar[str] = "Dans le dossier {usager}, supprimez définitivement le dernier document déposé au DMP."
    observe: ClassVar[tuple[str, ...]] = ("etat",)
    usager: str


@dataclass(frozen=True, slots=True)
class RetirerAutorisation(Gesture):
    """Retirer sa propre autorisation d'accès au DMP de l'usager."""

    nom: ClassVar[str] = "retirer_autorisation"
    phrase: ClassVar[str] = "Dans le dossier {usager}, retirez votre autorisation d'accès à son DMP."
    usager: str


@dataclass(frozen=True, slots=True)
class ListerDmpAutorises(Gesture):
    """Afficher la liste des usagers dont l'utilisateur peut consulter le DMP, autorisés depuis une date (aaaa-mm-jj).
    Observe : ``nombre``."""

    nom: ClassVar[str] = "lister_dmp_autorises"
    phrase: ClassVar[str] = "Affichez la liste des DMP que vous pouvez consulter (autorisations depuis le {depuis})."
    observe: ClassVar[tuple[str, ...]] = ("nombre",)
    depuis: str


@dataclass(frozen=True, slots=True)
class RattacherUsager(Gesture):
    """Rattacher l'usager à une structure d'un autre secteur (PA, PHO, PHN, DS, DN, PDS, PDE, AHI), pour un DUI qui sert
    plusieurs secteurs : ce que le dossier offre dépend de ce secteur."""

    nom: ClassVar[str] = "rattacher_usager"
    phrase: ClassVar[str] = "Rattachez l'usager {usager} à une structure du secteur {secteur}."
    usager: str
    secteur: str


GESTES: tuple[type[Gesture], ...] = (
    EnregistrerConsentement,
    OuvrirDossier,
    ListerDocumentsDmp,
    AfficherDocumentDmp,
    IntegrerDocumentDmp,
    LireDocumentIntegre,
    AccederEnUrgence,
    GererDocumentDmp,
    SupprimerDocument,
    RetirerAutorisation,
    ListerDmpAutorises,
    RattacherUsager,
)
