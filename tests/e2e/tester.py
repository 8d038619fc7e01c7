"""A tester in front of the ``manuel`` driver, played by a script: reads the French instructions, does them, types what he saw.

His DUI is the reference DUI behind the daemon; he knows nothing of the campaign but what the terminal shows him and
``jeu-d-essai.csv``.
"""

from __future__ import annotations

import base64
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import requests
from dui_conformance.core.gestures import GESTURES, consultation, messagerie
from e2e.commands import Running

HOURS = re.compile(r"Avancez l'horloge du DUI de (?:(\d+) h)? ?(?:(\d+) min)? ?(?:(\d+) s)?\.")
UNITS = (3600, 60, 1)


def _pattern(phrase: str) -> re.Pattern[str]:
    pieces = re.split(r"\{(\w+)\}", phrase)
    text = "".join(f"(?P<{piece}>.+?)" if i % 2 else re.escape(piece) for i, piece in enumerate(pieces))
    return re.compile(f"→ {text}$")


PATTERNS = {nom: _pattern(g.phrase) for nom, g in GESTURES.items() if nom != "creer_usager"}


class ScriptedTester:
    """Plays gestures on a daemon, from what a terminal says; ``campaign`` is the folder where the harness writes the files
    that the tester must hand to his DUI."""

    def __init__(self, terminal: Running, url: str, token: str, usagers: Path, campaign: Path) -> None:
        self._terminal = terminal
        self._campaign = campaign
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        for usager in read_usagers(usagers):
            self._post("gestes/creer_usager", {"usager": usager})

    def work(self) -> None:
        """Answer every instruction until the campaign ends."""
        seen = 0
        while self._terminal.alive(past=seen):
            for line in self._terminal.lines[seen:]:
                seen += 1
                if line.startswith("→ "):
                    self._terminal.type(self._obey(line))
                elif line.startswith("? "):
                    self._terminal.type("passer")

    def _obey(self, line: str) -> str:
        clock = HOURS.match(line, 2)
        if clock:
            seconds = sum(unit * int(count or 0) for unit, count in zip(UNITS, clock.groups(), strict=True))
            self._post("horloge", {"secondes": seconds})
            return "fait"
        for nom, pattern in PATTERNS.items():
            found = pattern.match(line)
            if found:
                hints = get_type_hints(GESTURES[nom])
                arguments = {k: v == "oui" if hints.get(k) is bool else v for k, v in found.groupdict().items()}
                arguments |= filters(arguments.pop("filtres", "aucun"))
                if GESTURES[nom] in messagerie.GESTES:
                    arguments = {k: "" if v == "aucun" else v for k, v in arguments.items()}
                if nom == "gerer_document_dmp":
                    arguments["action"] = next(a for a, words in consultation.ACTIONS.items() if words == arguments["action"])
                if arguments.get("motif", "").startswith("aucun"):
                    arguments["motif"] = ""
                if nom == "importer_document":
                    received = self._campaign / "pieces" / arguments["nom_fichier"]
                    arguments["contenu"] = base64.b64encode(received.read_bytes()).decode("ascii")
                result = self._post(f"gestes/{nom}", arguments)
                return typed(result) + "".join(f' fichier="{self._saved(*piece)}"' for piece in result.get("pieces", {}).items())
        raise AssertionError(f"consigne non comprise : {line}")

    def _saved(self, name: str, content: str) -> Path:
        """Where the tester saves what his DUI printed."""
        path = self._campaign.parent / name
        path.write_bytes(base64.b64decode(content))
        return path

    def _post(self, path: str, row: dict[str, Any]) -> dict[str, Any]:
        answer = requests.post(f"{self._url}/{path}", json=row, headers=self._headers, timeout=60)
        answer.raise_for_status()
        result: dict[str, Any] = answer.json()
        return result


def filters(words: str) -> dict[str, str]:
    """The filters of a list of documents, as an instruction says them."""
    given = [] if words == "aucun" else words.split(", ")
    return {
        nom: each[len(said) + 1 :] for each in given for nom, said in consultation.FILTRES.items() if each.startswith(f"{said} ")
    }


def typed(result: dict[str, Any]) -> str:
    """What a tester types of a gesture's end."""
    words = [result["etat"]]
    for name, value in result["observations"].items():
        shown = {True: "oui", False: "non"}[value] if isinstance(value, bool) else value
        shown = " ".join(shown) if isinstance(shown, list) else str(shown)
        words.append(f'{name}="{shown.replace(chr(34), chr(39))}"')
    return " ".join([*words, *result["message"].split()])


def read_usagers(path: Path) -> Iterator[dict[str, Any]]:
    """The usagers of ``jeu-d-essai.csv``, as a tester types them into his DUI (the card is for his card reader)."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream, delimiter=";"):
            names = ("id", "profil", "nom_naissance", "sexe", "date_naissance", "lieu_naissance", "statut", "matricule", "cle")
            usager: dict[str, Any] = {name: row[name].lstrip("'") for name in names}
            usager |= {"oid": row["oid"], "prenoms": row["prenoms"].split(), "attributs": row["attributs"].split()}
            card = row["carte_vitale"]
            usager |= {"matricule_insi": card[:13], "cle_insi": card[13:], "oid_insi": "1.2.250.1.213.1.4.10" if card else ""}
            yield usager
