"""The ``python`` driver: gestures are methods of an editor's class, called in one worker thread.

The class is named ``module:Classe`` in dui.toml, or registered under the entry point group
``dui_conformance.pilotes``. It is made with the content of ``services.json`` and has one method per gesture that it
offers, with the gesture's arguments as keywords; ``avancer_horloge(secondes)`` if its clock can move, ``attester(exigences)``
if it can give pieces of the editor's file, and ``close()``.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from ..core.driver import Capabilities, FutureHandle
from ..core.errors import InputError
from ..core.formulaire import Attestation, Question
from ..core.gestures import GESTURES, Etat, Gesture, Resultat
from ..core.verdict import Verdict

GROUP = "dui_conformance.pilotes"


class PythonDriver:
    """Plays gestures on an object."""

    nom = "python"

    def __init__(self, target: Any, *, nom: str = "python", shift: timedelta = timedelta()) -> None:
        self.nom = nom
        self._target = target
        self._current: FutureHandle | None = None
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pilote")
        gestes = frozenset(name for name in GESTURES if callable(getattr(target, name, None)))
        self._capabilities = Capabilities(gestes, horloge=callable(getattr(target, "avancer_horloge", None)))
        if shift and self._capabilities.horloge:
            self.advance_clock(shift)

    def capabilities(self) -> Capabilities:
        """The gestures that the object has a method for."""
        return self._capabilities

    def start(self, gesture: Gesture) -> FutureHandle:
        """Call the method in the worker thread."""
        self._current = FutureHandle(self._pool.submit(self._play, gesture))
        return self._current

    def advance_clock(self, delta: timedelta) -> None:
        """Call ``avancer_horloge(secondes)``: in the worker thread, or here while a gesture waits for time to pass (CIBA)."""
        if self._current is not None and not self._current.done():
            self._target.avancer_horloge(delta.total_seconds())
            return
        self._pool.submit(self._target.avancer_horloge, delta.total_seconds()).result(60)

    def attest(self, question: Question) -> Attestation | None:
        """What the object's ``attester(exigences)`` gives for a form, if it has that method; None: nothing to show."""
        attester = getattr(self._target, "attester", None)
        given = attester(question.exigences) if callable(attester) else None
        if given is None:
            return None
        told = {name: str(given.get(name, "")) for name in ("note", "par", "date")}
        return Attestation(verdict=Verdict(given["verdict"]), pieces=tuple(given.get("pieces", ())), **told)

    def close(self) -> None:
        """Wait for the gesture under way, then close the object."""
        self._pool.shutdown(wait=True)
        close = getattr(self._target, "close", None)
        if callable(close):
            close()

    def _play(self, gesture: Gesture) -> Resultat:
        try:
            return as_result(getattr(self._target, gesture.nom)(**gesture.arguments()))
        except Exception as error:  # noqa: BLE001 - an editor's code may raise anything; it becomes the gesture's end
            return Resultat(Etat.ERREUR, f"{type(error).__name__} : {error}")


def as_result(value: Any) -> Resultat:
    """A gesture's end from what a driver gave: a ``Resultat``, its JSON form, or None for ``fait``."""
    if isinstance(value, Resultat):
        return value
    if value is None:
        return Resultat(Etat.FAIT)
    if not isinstance(value, Mapping):
        raise TypeError(f"un geste rend None, un dictionnaire ou un Resultat, pas {type(value).__name__}")
    try:
        return Resultat.from_wire(value)
    except (KeyError, ValueError) as error:
        if "base64" in str(error):
            raise
        raise ValueError(f"« etat » doit valoir {', '.join(e.value for e in Etat)} ; reçu : {value.get('etat')!r}") from None


def load_target(name: str, services: Mapping[str, Any], *, folder: Path | None = None) -> Any:
    """Make the editor's object from ``module:Classe`` or an entry point name; raises ``InputError``.

    ``folder`` (where dui.toml is) is searched last for the module: nothing in it can replace an installed package.
    """
    if ":" in name:
        if folder is not None and str(folder) not in sys.path:
            sys.path.append(str(folder))
        module_name, _, attribute = name.partition(":")
        try:
            factory = getattr(importlib.import_module(module_name), attribute)
        except (ImportError, AttributeError) as error:
            raise InputError(f"[pilote] cible « {name} » : import impossible ({error}).") from None
    else:
        found = [e for e in entry_points(group=GROUP) if e.name == name]
        if not found:
            known = ", ".join(e.name for e in entry_points(group=GROUP)) or "aucun"
            raise InputError(f"[pilote] cible « {name} » : ni module:Classe, ni pilote installé (connus : {known}).")
        factory = found[0].load()
    try:
        inspect.signature(factory).bind(services)
    except (TypeError, ValueError):
        raise InputError(f"[pilote] cible « {name} » : doit accepter un argument, le contenu de services.json.") from None
    return factory(dict(services))
