"""The ``commande`` driver: one command per gesture, arguments as JSON on its standard input, its end as JSON on its output."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from ..core.driver import Capabilities
from ..core.errors import HarnessError, InputError
from ..core.gestures import GESTURES, Etat, Gesture, Resultat
from .distant import RemoteDriver
from .python import as_result

CLOCK = "horloge"
ANY = "*"


class CommandeDriver(RemoteDriver):
    """Runs ``commandes[geste]`` (argv, never a shell); ``commandes["*"]`` serves every gesture, its name appended.

    The command reads ``{"geste": nom, "arguments": {…}}`` and writes ``{"etat", "message", "observations"}``; it is
    killed after ``timeout`` seconds. ``commandes["horloge"]`` reads ``{"secondes": n, "decalage": total}``: by how much to
    move the clock, and which shift from system time results. It is also run when a campaign begins and ends, with 0 seconds.
    """

    nom = "commande"

    def __init__(self, commands: Mapping[str, Sequence[str]], *, timeout: float = 120.0, shift: timedelta = timedelta()) -> None:
        unknown = set(commands) - set(GESTURES) - {ANY, CLOCK}
        if unknown:
            raise InputError(f"[pilote] commandes : geste inconnu {', '.join(sorted(unknown))}. Connus : {', '.join(GESTURES)}.")
        if not commands:
            raise InputError('[pilote] commandes : donnez au moins une commande, par exemple { "*" = ["mon-dui", "geste"] }.')
        self._commands = {name: tuple(argv) for name, argv in commands.items()}
        self._timeout = timeout
        gestes = frozenset(GESTURES) if ANY in commands else frozenset(commands) & frozenset(GESTURES)
        super().__init__(Capabilities(gestes, horloge=CLOCK in commands), shift)

    def _set_clock(self, row: dict[str, float]) -> None:
        try:
            ended = self._run(self._commands[CLOCK], row)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise HarnessError(f"la commande d'horloge a échoué : {error}") from None
        if ended.returncode:
            raise HarnessError(f"la commande d'horloge a échoué ({ended.returncode}) : {ended.stderr.strip()[-500:]}")

    def _play(self, gesture: Gesture) -> Resultat:
        argv = self._commands.get(gesture.nom) or (*self._commands[ANY], gesture.nom)
        try:
            ended = self._run(argv, {"geste": gesture.nom, "arguments": gesture.arguments()})
        except subprocess.TimeoutExpired:
            return Resultat(Etat.ERREUR, f"la commande n'a pas fini en {self._timeout:g} s")
        except OSError as error:
            return Resultat(Etat.ERREUR, f"commande impossible à lancer : {error}")
        if ended.returncode:
            return Resultat(Etat.ERREUR, f"code {ended.returncode} : {ended.stderr.strip()[-500:]}")
        try:
            return as_result(json.loads(ended.stdout))
        except (TypeError, ValueError) as error:
            return Resultat(Etat.ERREUR, f"la sortie de la commande n'est pas le JSON attendu : {error}")

    def _run(self, argv: Sequence[str], row: Mapping[str, Any]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            list(argv),
            input=json.dumps(row),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=self._timeout,
            check=False,
        )
