"""Orientations by ViaTrajectoire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .base import Gesture


@dataclass(frozen=True, slots=True)
class ReleverOrientations(Gesture):
    """Provoquer (ou attendre) la relève de ViaTrajectoire : nouvelles décisions, puis événements. ``mode`` : ``permanent`` pour
    une relève courante, ``initial`` pour la première connexion de l'établissement (reprise).
    Observe : ``nouvelles`` et ``evenements`` (nombres), ``alerte`` (texte montré quand la relève échoue)."""

    nom: ClassVar[str] = "relever_orientations"
    phrase: ClassVar[str] = "Relevez ViaTrajectoire maintenant (mode {mode}) : décisions d'orientation et événements."
    observe: ClassVar[tuple[str, ...]] = ("nouvelles", "evenements", "alerte")
    mode: str = "permanent"


@dataclass(frozen=True, slots=True)
class LireOrientation(Gesture):
    """Ouvrir la notification reçue pour cet usager : elle devient lue, et ViaTrajectoire l'apprend.
    Observe : ``statut`` (code affiché), ``envoi`` (accepte, en-attente ou refuse)."""

    nom: ClassVar[str] = "lire_orientation"
    phrase: ClassVar[str] = "Ouvrez la notification d'orientation reçue pour l'usager {usager}."
    observe: ClassVar[tuple[str, ...]] = ("statut", "envoi")
    usager: str


@dataclass(frozen=True, slots=True)
class ConsulterOrientation(Gesture):
    """Afficher l'orientation de cet usager, sans rien changer. Observe ce que l'écran montre : ``statut`` (code), ``libelle``,
    ``id_decision``, ``id_nat_decision``, ``nom_naissance``, ``date_naissance``, ``nature_droit``, ``ouverture``, ``echeance``
    (dates AAAA-MM-JJ), ``urgence``, ``modalite``, ``echue`` (vrai ou faux), ``orientations`` (nombre d'orientations en cours),
    ``statut_ailleurs`` (code, vide sans nouvelle d'un autre établissement), ``evenements`` (nombre d'événements reçus),
    ``rapprochement`` (automatique ou a-verifier), ``a_traiter`` (vrai ou faux)."""

    nom: ClassVar[str] = "consulter_orientation"
    phrase: ClassVar[str] = "Affichez l'orientation de l'usager {usager}, sans rien modifier."
    observe: ClassVar[tuple[str, ...]] = (
        "statut",
        "libelle",
        "id_decision",
        "id_nat_decision",
        "nom_naissance",
        "date_naissance",
        "nature_droit",
        "ouverture",
        "echeance",
        "urgence",
        "modalite",
        "echue",
        "orientations",
        "statut_ailleurs",
        "evenements",
        "rapprochement",
        "a_traiter",
    )
    usager: str


@dataclass(frozen=True, slots=True)
class ChangerStatutOrientation(Gesture):
    """Changer le statut de l'orientation de cet usager. ``statut`` et ``motif`` sont ceux de l'établissement (J252, J251) ;
    ``unite`` (identifiant du ROR), ``statut_unite`` (J253) et ``motif_unite`` (J250) ceux d'une de ses unités. Le DUI envoie
    l'événement à ViaTrajectoire. Observe : ``statut``, ``envoi`` (accepte, en-attente ou refuse)."""

    nom: ClassVar[str] = "changer_statut_orientation"
    phrase: ClassVar[str] = (
        "Dans l'orientation de l'usager {usager}, enregistrez le statut {statut} (motif : {motif} ; unité : {unite}, "
        "statut dans l'unité : {statut_unite}, motif : {motif_unite})."
    )
    observe: ClassVar[tuple[str, ...]] = ("statut", "envoi")
    usager: str
    statut: str
    motif: str = ""
    unite: str = ""
    statut_unite: str = ""
    motif_unite: str = ""


@dataclass(frozen=True, slots=True)
class RecueillirConsentementEvaluation(Gesture):
    """Enregistrer l'accord (``accord`` vrai) ou le refus de l'usager à la lecture de son évaluation par l'établissement.
    Observe : ``envoi`` (accepte, en-attente, refuse ; vide quand rien n'est à envoyer)."""

    nom: ClassVar[str] = "recueillir_consentement_evaluation"
    phrase: ClassVar[str] = "Enregistrez pour l'usager {usager} son accord à la lecture de son évaluation MDPH : {accord}."
    observe: ClassVar[tuple[str, ...]] = ("envoi",)
    usager: str
    accord: bool = True


@dataclass(frozen=True, slots=True)
class ConsulterEvaluation(Gesture):
    """Afficher l'évaluation MDPH de cet usager ; le DUI la demande s'il ne l'a pas. Observe : ``evaluation`` (vrai quand elle
    s'affiche), ``alerte`` (texte montré quand elle ne s'affiche pas)."""

    nom: ClassVar[str] = "consulter_evaluation"
    phrase: ClassVar[str] = "Affichez l'évaluation MDPH de l'usager {usager}."
    observe: ClassVar[tuple[str, ...]] = ("evaluation", "alerte")
    usager: str


@dataclass(frozen=True, slots=True)
class RenvoyerEvenements(Gesture):
    """Laisser le DUI renvoyer à ViaTrajectoire ce qui attendait (rien à faire dans un DUI qui renvoie seul).
    Observe : ``en_attente`` (nombre de ce qui attend encore)."""

    nom: ClassVar[str] = "renvoyer_evenements"
    phrase: ClassVar[str] = "Laissez le DUI renvoyer à ViaTrajectoire ce qui n'a pas pu partir."
    observe: ClassVar[tuple[str, ...]] = ("en_attente",)


GESTES: tuple[type[Gesture], ...] = (
    ReleverOrientations,
    LireOrientation,
    ConsulterOrientation,
    ChangerStatutOrientation,
    RecueillirConsentementEvaluation,
    ConsulterEvaluation,
    RenvoyerEvenements,
)
