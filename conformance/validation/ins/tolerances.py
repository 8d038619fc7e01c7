"""Spellings that real software uses and that INSi takes: never a fault, always said (dmp_insi §13, §14)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .request import InsRequest

TOLERANCES = {
    "specialite-autre-nom": "attribut codeSpecialite au lieu de codeSpecialiteAMO",
    "emetteur-11-chiffres": "Emetteur sur 11 chiffres, sans le premier du numéro national",
    "facturation-siret": "identifiantFacturation qui est un SIRET, faute de FINESS géographique",
    "action-http-absente": "paramètre action absent du Content-Type",
    "nature-absente": "contexte sans attribut Nature",
    "nom-lps-libre": "LPS/Nom qui n'est pas de la forme urn:lps:NOM:VERSION",
    "type-matricule": "élément TypeMatricule, facultatif",
}
"""Each tolerance and its French words."""


def tolerated(request: InsRequest) -> list[str]:
    """The tolerances that a request needs, in the order of the table."""
    found = {*_assertion(request), *_contexts(request)}
    if not request.http_action:
        found.add("action-http-absente")
    if next(request.payload.iter("{*}TypeMatricule"), None) is not None:
        found.add("type-matricule")
    return [name for name in TOLERANCES if name in found]


def _assertion(request: InsRequest) -> Iterator[str]:
    for assertion in request.assertions:
        if "codeSpecialite" in assertion.attributes and "codeSpecialiteAMO" not in assertion.attributes:
            yield "specialite-autre-nom"
        if re.fullmatch(r"3?[0-9]{14}", assertion.attributes.get("identifiantFacturation", "")):
            yield "facturation-siret"


def _contexts(request: InsRequest) -> Iterator[str]:
    for context in (request.contexte_bam, request.contexte_lps):
        if context is None:
            continue
        if not context.nature:
            yield "nature-absente"
        if request.assertions and re.fullmatch("[0-9]{11}", context.emetteur):
            yield "emetteur-11-chiffres"
    if request.contexte_lps is not None:
        name = request.contexte_lps.element.findtext("{*}LPS/{*}Nom") or ""
        if name.strip() and not re.fullmatch(r"urn:lps:[^:\s]+:[^:\s]+", name.strip()):
            yield "nom-lps-libre"
