"""What a DUI shows of the DMP, as it declares it: list, flags, warnings, refusals, documents kept, news."""

from __future__ import annotations

from typing import Any

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.exchange import Exchange
from ..core.gestures import Etat
from ..core.problem import Evidence
from .registry import check

_WEBINAIRE = "webinaire ANS du 31/03/2026, consultation du DMP"


def _declared(geste: Geste, nom: str) -> Any:
    value = geste.observation(nom)
    if value is None:
        raise Inconclusive(f"le DUI ne déclare pas « {nom} » : à constater à l'écran")
    return value


def _text(geste: Geste, nom: str) -> str:
    value = _declared(geste, nom)
    return " ; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _number(geste: Geste, nom: str) -> int:
    text = _text(geste, nom).strip()
    if not text.isdecimal():
        raise Inconclusive(f"« {nom} » n'est pas un nombre : {text or 'vide'}")
    return int(text)


def _shown(geste: Geste) -> str:
    result = geste.resultat
    return f"geste {result.etat}{f' (« {result.message} »)' if result.message else ''}" if result else "geste non terminé"


def _said(geste: Geste, nom: str, message: str, *, expected: str, hint: str) -> Evidence:
    """The screen says something under this name."""
    text = _text(geste, nom)
    if not text.strip():
        raise CheckFailed(message, expected=expected, received="rien", at=geste.id, hint=hint)
    return Evidence(at=geste.id, note=text)


def _flagged(geste: Geste, nom: str, titre: str, *, message: str, hint: str) -> Evidence:
    """What the screen says under this name holds the title of a document."""
    text = _text(geste, nom)
    if titre.casefold() not in text.casefold():
        raise CheckFailed(
            message,
            expected=f"un signalement sur « {titre} »",
            received=text or "aucun signalement",
            at=geste.id,
            hint=hint,
        )
    return Evidence(at=geste.id, note=titre)


@check("dmp.liste.shows-what-came", covers=("DMP-CONS-15",), source=f"{_WEBINAIRE} ; SC.DMP/UX.14", confidence="vu")
def list_shows_what_came(geste: Geste, search: Exchange) -> Evidence:
    """La liste affichée a autant de lignes que le DMP a rendu de documents."""
    shown, came = _number(geste, "nombre"), search.facts.get("resultats")
    if shown != came:
        raise CheckFailed(
            "Liste qui ne montre pas ce que le DMP a rendu",
            expected=f"{came} documents",
            received=f"{shown} lignes",
            at=geste.id,
            hint="Afficher chaque document rendu une fois (même uniqueId), quel que soit son type.",
        )
    return Evidence(at=geste.id, note=f"{shown} documents")


@check("dmp.liste.documents-named", covers=("DMP-CONS-15",), source=f"{_WEBINAIRE} ; SC.DMP/UX.14", confidence="vu")
def list_names_the_document(geste: Geste, titre: str) -> Evidence:
    """Le document rendu par le DMP se retrouve dans la liste sous son titre."""
    if titre.casefold() not in _text(geste, "titres").casefold():
        raise CheckFailed(
            "Document absent de la liste affichée",
            expected=titre,
            received=_text(geste, "titres") or "liste vide",
            at=geste.id,
            hint="Le titre est celui de la fiche (Name), sans le remplacer par le libellé du type.",
        )
    return Evidence(at=geste.id, note=titre)


@check("dmp.liste.flagged", covers=("DMP-CONS-15",), source=f"{_WEBINAIRE} ; EX_3.1-1080", confidence="vu")
def particular_document_is_flagged(geste: Geste, titre: str) -> Evidence:
    """Un document invisible, masqué, archivé ou remplacé est signalé comme tel dans la liste."""
    hint = "Lire confidentialityCode et availabilityStatus de la fiche, et le montrer à côté du titre."
    return _flagged(geste, "signales", titre, message="Document particulier que rien ne distingue dans la liste", hint=hint)


@check("dmp.liste.warned", covers=("DMP-CONS-17",), source="EX_3.2-1025", confidence="secondaire")
def opening_an_invisible_document_warns(geste: Geste) -> Evidence:
    """L'ouverture d'un document invisible à l'usager ou à ses représentants affiche un avertissement."""
    hint = "INVISIBLE_PATIENT et INVISIBLE_REPRESENTANTS_LEGAUX ont chacun leur avertissement."
    expected = "un texte qui rappelle que l'usager, ou ses représentants, ne voient pas ce document"
    return _said(geste, "avertissement", "Document invisible ouvert sans avertissement", expected=expected, hint=hint)


@check("dmp.document.shown", covers=("DMP-CONS-17",), source=f"{_WEBINAIRE} ; SC.DMP/UX.14", confidence="vu")
def document_is_shown(geste: Geste, retrieval: Exchange) -> Evidence:
    """Un document que le DMP a rendu s'affiche."""
    if retrieval.facts.get("statut") != "Success":
        raise Inconclusive("le DMP n'a pas rendu le document")
    if not geste.fait or geste.observation("affiche") is False:
        raise CheckFailed(
            "Document rendu par le DMP et non affiché",
            expected="le contenu du document à l'écran",
            received=_shown(geste),
            at=geste.id,
            hint="La réponse est un message multipart : le document est une pièce jointe, ou du base64 dans l'enveloppe.",
        )
    return Evidence(at=geste.id, note="affiché")


@check("dmp.document.failure-told", covers=("DMP-CONS-17",), source=f"{_WEBINAIRE} ; SC.DMP/UX.14", confidence="vu")
def failed_opening_is_told(geste: Geste) -> Evidence:
    """Un document que le DMP refuse, ou rend abîmé, n'est pas annoncé comme affiché, et l'utilisateur sait pourquoi."""
    hint = "Lire la faute SOAP ou RegistryErrorList, même dans un multipart, et comparer l'empreinte à celle de la fiche."
    return _told(geste, "Échec de la consultation caché à l'utilisateur", hint)


@check("dmp.liste.failure-told", covers=("DMP-CONS-15", "DMP-CONS-16"), source=f"{_WEBINAIRE} ; SC.DMP/UX.14", confidence="vu")
def failed_search_is_told(geste: Geste) -> Evidence:
    """Une recherche que le DMP n'a pas faite n'est pas présentée comme une liste vide, et l'utilisateur sait pourquoi."""
    hint = "Distinguer une liste vide d'une réponse en erreur, absente, ou à un autre message."
    return _told(geste, "Échec de la recherche caché à l'utilisateur", hint)


@check("dmp.gestion.failure-told", covers=("DMP-ALIM-14",), source="PDT-INF-526", confidence="vu")
def refused_change_is_told(geste: Geste) -> Evidence:
    """Une modification que le DMP refuse n'est pas annoncée comme faite, et l'utilisateur sait pourquoi."""
    hint = "Lire le statut de RegistryResponse et la faute SOAP avant de dire que le document est changé."
    return _told(geste, "Refus de la modification caché à l'utilisateur", hint)


def _told(geste: Geste, message: str, hint: str) -> Evidence:
    """The gesture ends in a refusal, with words."""
    result = geste.resultat
    if result is None:
        raise Inconclusive("geste non terminé")
    refused = result.etat is Etat.REFUSE or geste.observation("affiche") is False
    if not refused or not result.message:
        raise CheckFailed(message, expected="un refus, avec le motif du DMP", received=_shown(geste), at=geste.id, hint=hint)
    return Evidence(at=geste.id, note=result.message)


@check(
    "dmp.integration.provenance", covers=("DMP-CONS-18", "DMP-CONS-14"), source=f"{_WEBINAIRE} ; SC.DMP/UX.31", confidence="vu"
)
def provenance_is_shown(geste: Geste) -> Evidence:
    """La provenance d'un document intégré s'affiche."""
    hint = "Garder avec le document la source et l'auteur de la fiche."
    expected = "d'où il vient : le DMP, et son auteur"
    return _said(geste, "provenance", "Document intégré sans provenance", expected=expected, hint=hint)


@check("dmp.integration.filed-by-type", covers=("DMP-CONS-18",), source=f"{_WEBINAIRE} ; SC.DMP/UX.31", confidence="vu")
def documents_are_filed_by_type(first: Geste, second: Geste) -> Evidence:
    """Deux documents de types différents se rangent dans deux sous-dossiers différents."""
    one, other = _text(first, "sous_dossier"), _text(second, "sous_dossier")
    if not one.strip() or one == other:
        raise CheckFailed(
            "Documents de types différents rangés au même endroit",
            expected="un sous-dossier par type de document",
            received=f"« {one} » et « {other} »",
            at=second.id,
            hint="Le type (typeCode, classCode) de la fiche donne le sous-dossier.",
        )
    return Evidence(at=second.id, note=f"{one} ; {other}")


@check("dmp.integration.status-shown", covers=("DMP-CONS-14",), source=f"{_WEBINAIRE} ; SC.CDA/DD.05", confidence="vu")
def status_is_shown(geste: Geste) -> Evidence:
    """Le statut d'un document intégré se voit sans clic."""
    hint = "Le statut accompagne le titre dans la liste des documents du dossier."
    expected = "intégré, nouvelle version disponible, supprimé au DMP…"
    return _said(geste, "statut", "Document intégré sans statut", expected=expected, hint=hint)


@check("dmp.veille.told", covers=("DMP-CONS-20",), source=f"{_WEBINAIRE} ; SC.CDA/DD.05", confidence="vu")
def change_is_told_at_opening(opening: Geste, titre: str) -> Evidence:
    """À l'ouverture du dossier, l'utilisateur apprend qu'un document intégré a été remplacé ou supprimé au DMP."""
    hint = "Relire par TD3.1 les fiches des documents intégrés : statut, et associations RPLC qui les visent."
    return _flagged(opening, "signalements", titre, message="Changement au DMP passé sous silence", hint=hint)


@check("dmp.veille.counted", covers=("DMP-CONS-21",), source=f"{_WEBINAIRE} ; SC.DMP/UX.15", confidence="vu")
def news_are_counted(opening: Geste, wanted: int) -> Evidence:
    """Le nombre de nouveaux documents de tiers depuis la dernière venue s'affiche à l'ouverture du dossier."""
    shown = _number(opening, "nouveaux")
    if shown != wanted:
        raise CheckFailed(
            "Nombre de nouveaux documents inexact",
            expected=f"{wanted} : les documents d'autres structures, déposés depuis la dernière venue",
            received=str(shown),
            at=opening.id,
            hint="Chercher les lots déposés depuis la dernière recherche, sans compter les documents de sa structure.",
        )
    return Evidence(at=opening.id, note=f"{shown} nouveaux documents")


@check("dmp.urgence.reason-kept", covers=("DMP-CONS-22",), source=_WEBINAIRE, confidence="vu")
def reason_of_the_emergency_is_kept(geste: Geste) -> Evidence:
    """Le motif du bris de glace est tracé par le DUI."""
    asked = str(geste.gesture.arguments().get("motif", ""))
    kept = _text(geste, "motif")
    if asked.casefold() not in kept.casefold():
        raise CheckFailed(
            "Motif du bris de glace non tracé",
            expected=asked,
            received=kept or "rien",
            at=geste.id,
            hint="Demander le motif avant l'appel, et le garder avec l'utilisateur et l'heure.",
        )
    return Evidence(at=geste.id, note=kept)
