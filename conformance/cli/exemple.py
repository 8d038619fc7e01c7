"""``exemple``: contracts and samples for who connects a DUI."""

from __future__ import annotations

import json

from ..drivers.openapi import command_schema, openapi, result_schema

PYTHON = '''"""Pilote python d'un DUI : une méthode par geste. Réglage : [pilote] nom = "python", cible = "mon_pilote:MonDui"."""


class MonDui:
    def __init__(self, services: dict) -> None:
        # services : le contenu de services.json (adresses, identifiants, certificats)
        self.services = services

    def creer_usager(self, usager: dict) -> dict:
        # … créer l'usager dans une instance de test du DUI …
        return {"etat": "fait"}

    def valider_document(self, usager: str, type: str, retenir: bool = False) -> dict:
        # … rédiger et valider le document, comme le ferait l'utilisateur …
        return {"etat": "fait", "observations": {"document": "DOC-1", "etat_envoi": "programme"}}

    def avancer_horloge(self, secondes: float) -> None:
        # … facultatif : avancer l'horloge du DUI …
        pass
'''


def example(what: str) -> str:
    """The text to show."""
    match what:
        case "openapi":
            return json.dumps(openapi(), ensure_ascii=False, indent=2)
        case "commande":
            return json.dumps({"entree": command_schema(), "sortie": result_schema()}, ensure_ascii=False, indent=2)
        case "schemas":
            from ..reports.schemas import SCHEMAS

            return json.dumps(SCHEMAS, ensure_ascii=False, indent=2)
        case _:
            return PYTHON
