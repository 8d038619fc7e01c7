"""A tester in front of the ``manuel`` driver, played by a script: reads the French instructions, does them, types what he saw.

His DUI is the reference DUI behind the daemon; he knows nothing of the campaign but what the terminal shows him and
``jeu-d-essai.csv``.
"""

from __future__ import annotations

import base64
import csv
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import requests
from e2e.commands import Running
from e2e.consignes import understood

GLANCE = 0.1
"""Seconds between two looks at a gesture under way."""
HOURS = re.compile(r"Avancez l'horloge du DUI de (?:(\d+) h)? ?(?:(\d+) min)? ?(?:(\d+) s)?\.")
UNITS = (3600, 60, 1)


class ScriptedTester:
    """Plays gestures on a daemon, from what a terminal says; ``campaign`` is the folder where the harness writes the files
    that the tester must hand to his DUI."""

    def __init__(self, terminal: Running, url: str, token: str, usagers: Path, campaign: Path) -> None:
        self._terminal = terminal
        self._campaign = campaign
        self._url = url
        self._begun: dict[str, Future[str]] = {}
        self._hands = ThreadPoolExecutor()
        self._headers = {"Authorization": f"Bearer {token}"}
        for usager in read_usagers(usagers):
            self._post("gestes/creer_usager", {"usager": usager})

    def work(self) -> None:
        """Answer every instruction until the campaign ends. What is asked meanwhile comes first: an interrupted instruction is
        asked again, and is answered with what was done."""
        seen, asked = 0, ""
        while asked or self._terminal.alive(past=seen):
            for line in self._terminal.lines[seen:]:
                seen += 1
                if line.startswith("→ "):
                    asked = line
                elif line.startswith("? "):
                    self._terminal.type("passer")
            if not asked or not self.done(asked):
                continue
            if not any(later.startswith("→ ") for later in self._terminal.lines[seen:]):
                self._terminal.type(self.answer(asked))
                asked = ""

    def done(self, line: str) -> bool:
        """Begin what that instruction asks, unless it is under way; whether it is done after a while."""
        if line not in self._begun:
            self._begun[line] = self._hands.submit(self._obey, line)
        return bool(wait([self._begun[line]], timeout=GLANCE).done)

    def answer(self, line: str) -> str:
        """What is answered to an instruction that is done."""
        return self._begun.pop(line).result()

    def _obey(self, line: str) -> str:
        clock = HOURS.match(line, 2)
        if clock:
            seconds = sum(unit * int(count or 0) for unit, count in zip(UNITS, clock.groups(), strict=True))
            self._post("horloge", {"secondes": seconds})
            return "fait"
        nom, arguments = understood(line.removeprefix("→ "))
        if nom == "importer_document":
            received = self._campaign / "pieces" / arguments["nom_fichier"]
            arguments["contenu"] = base64.b64encode(received.read_bytes()).decode("ascii")
        result = self._post(f"gestes/{nom}", arguments)
        return typed(result) + "".join(f' fichier="{self._saved(*piece)}"' for piece in result.get("pieces", {}).items())

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


def typed(result: dict[str, Any]) -> str:
    """What a tester types of a gesture's end."""
    words = [result["etat"]]
    for name, value in result["observations"].items():
        shown = {True: "oui", False: "non"}[value] if isinstance(value, bool) else value
        if isinstance(shown, dict) or (isinstance(shown, list) and any(isinstance(each, dict) for each in shown)):
            continue  # nobody types a table
        shown = " ".join(str(each) for each in shown) if isinstance(shown, list) else str(shown)
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
