"""Reads an instruction back into a gesture and its arguments, as a tester understands it: nothing else is known to him."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

from dui_conformance.core.gestures import GESTURES, consultation, documents

EMPTY = ("aucun", "aucun (laissez-le vide)")
IDENTITY = ("id", "nom_naissance", "prenoms", "sexe", "date_naissance", "lieu_naissance")


def _pattern(phrase: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)(?:\[(\w+)\])?\}", phrase)
    text = ""
    for fixed, name, inner in zip(parts[::3], [*parts[1::3], ""], [*parts[2::3], ""], strict=True):
        text += re.escape(fixed) + (f"(?P<{inner or name}>.*?)" if name else "")
    return re.compile(f"{text}$", re.DOTALL)


PATTERNS = {nom: _pattern(gesture.phrase) for nom, gesture in GESTURES.items()}
OTHERWISE = {
    "se_connecter": (
        r"Connectez-vous au DUI par (?:Pro Santé Connect|(?P<fi>le fournisseur d'identité de l'établissement, sans Pro Santé "
        r"Connect,)) avec le compte « (?P<professionnel>.+?) »(?P<ciba> sans navigateur \(CIBA\))?\."
    ),
    "appeler_api": (
        r"Dans la session ouverte, appelez l'API d'essai de l'espace de confiance \(signature de session\)"
        r"(?P<exemple>, par le proxy d'exemple du simulateur)?\."
    ),
    "marquer_identite": r"Dans le dossier (?P<usager>\S+), (?P<retirer>retirez) de l'identité l'attribut (?P<attribut>.+?)\.",
    "valider_document": (
        r"Pour l'usager (?P<usager>\S+), rédigez et validez un document « (?P<type>.+?) » "
        r"\(pas d'envoi au DMP : (?P<retenir>\w+)\)\."
        r"(?: Vaccin : code CIP (?P<cip>\w+)(?:, lot (?P<lot>[^.]+))?\.)?(?: Visibilité choisie : (?P<visibilite>.+?)\.)?"
    ),
    "deposer_document": (
        r"Dans le dossier (?P<usager>\S+), envoyez au DMP, à la main, (?:le dernier document validé|"
        r"un document « (?P<type>.+?) » de l'historique, daté du (?P<date>[\d-]+)"
        r"(?P<auteur> et écrit par un auteur sans numéro RPPS)?)\."
    ),
}
"""Instructions that are more than a phrase with its blanks filled."""


def understood(text: str) -> tuple[str, dict[str, Any]]:
    """The gesture's name and its arguments; fails on an instruction that says too little."""
    for nom, pattern in OTHERWISE.items():
        if found := re.fullmatch(pattern, text, re.DOTALL):
            return nom, _arguments(nom, {k: v for k, v in found.groupdict().items() if v is not None})
    for nom, compiled in PATTERNS.items():
        if found := compiled.match(text):
            return nom, _arguments(nom, found.groupdict())
    raise AssertionError(f"consigne non comprise : {text}")


def _arguments(nom: str, said: dict[str, str]) -> dict[str, Any]:
    hints = get_type_hints(GESTURES[nom])
    reader = READERS.get(nom)
    row: dict[str, Any] = reader(said) if reader is not None else dict(said)
    for name, value in row.items():
        if hints.get(name) is bool and isinstance(value, str):
            row[name] = value == "oui"
        elif value in EMPTY:
            row[name] = ""
        elif hints.get(name) is int:
            row[name] = int(value)
        elif hints.get(name) == tuple[str, ...] and isinstance(value, str):
            row[name] = value.split(", ")
    return row


def _login(said: Mapping[str, str]) -> dict[str, Any]:
    mode = next((each for each in ("ciba", "fi") if each in said), "web")
    return {"professionnel": said["professionnel"], "mode": mode}


def _filters(said: Mapping[str, str]) -> dict[str, Any]:
    given = [] if said["filtres"] == "aucun" else said["filtres"].split(", ")
    chosen = {nom: each[len(w) + 1 :] for each in given for nom, w in consultation.FILTRES.items() if each.startswith(f"{w} ")}
    return {"usager": said["usager"], **chosen}


def _action(said: Mapping[str, str]) -> dict[str, Any]:
    return {**said, "action": next(a for a, words in consultation.ACTIONS.items() if words == said["action"])}


def _document(said: Mapping[str, str]) -> dict[str, Any]:
    chosen = {words: name for name, words in documents.VISIBILITES.items()}
    return {**said, **({"visibilite": chosen[said["visibilite"]]} if "visibilite" in said else {})}


def _identity(said: Mapping[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {name: said[name] for name in IDENTITY}
    found = re.fullmatch(r"(\S+) (\S+) \(OID (\S+)\)", said["ins"])
    row |= dict(zip(("matricule", "cle", "oid"), found.groups() if found else ("", "", ""), strict=True))
    row |= {"prenoms": said["prenoms"].split(), "statut": said.get("statut", "qualifiee")}
    return row | {"profil": "", "nom_utilise": "", "prenom_utilise": "", "attributs": []}


READERS: Mapping[str, Callable[[dict[str, str]], dict[str, Any]]] = {
    "se_connecter": _login,
    "appeler_api": lambda said: {"proxy": "exemple" if "exemple" in said else "editeur"},
    "marquer_identite": lambda said: {k: said[k] for k in ("usager", "attribut")} | {"pose": "retirer" not in said},
    "valider_document": _document,
    "deposer_document": lambda said: {**said, **({"auteur": "sans-rpps"} if "auteur" in said else {})},
    "lister_documents_dmp": _filters,
    "gerer_document_dmp": _action,
    "creer_usager": lambda said: {"usager": _identity(said)},
    "recevoir_identite": lambda said: {"identite": _identity(said)},
    "rechercher_dossier": lambda said: {**{k: v for k, v in said.items() if k != "nom"}, "nom_debut": said["nom"]},
}
