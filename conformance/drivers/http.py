"""The ``http`` driver: one documented POST per gesture (see ``openapi.py`` and ``dui-conformance exemple openapi``)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import requests

from ..core.driver import Capabilities
from ..core.errors import HarnessError, InputError
from ..core.gestures import GESTURES, Etat, Gesture, Resultat
from .distant import RemoteDriver
from .python import as_result


class HttpDriver(RemoteDriver):
    """Plays gestures by HTTP on an endpoint that the editor opens in a test build of the DUI.

    ``GET capacites`` lists what it offers, ``POST gestes/<nom>`` plays and answers when the gesture has ended,
    ``POST horloge`` moves the clock. Each call carries ``Authorization: Bearer <jeton>``. The clock call says by how many
    ``secondes`` to move and which shift from system time (``decalage``) results; it is also made when a campaign begins
    (a resumed one has a shift) and ends (no shift), with 0 ``secondes``.
    """

    nom = "http"

    def __init__(self, url: str, token: str, *, timeout: float = 120.0, shift: timedelta = timedelta()) -> None:
        if not url.startswith(("http://", "https://")):
            raise InputError(f"[pilote] cible « {url} » : une URL http(s) est attendue pour le pilote http.")
        if not token:
            raise InputError("[pilote] jeton : le pilote http exige un jeton partagé avec le DUI.")
        self._url = url.rstrip("/")
        self._timeout = timeout
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {token}"
        super().__init__(self._ask_capabilities(), shift)

    def close(self) -> None:
        """Wait for the gesture under way, give the DUI its time back, close the connection."""
        super().close()
        self._session.close()

    def _set_clock(self, row: dict[str, float]) -> None:
        try:
            self._session.post(f"{self._url}/horloge", json=row, timeout=self._timeout).raise_for_status()
        except requests.RequestException as error:
            raise HarnessError(f"l'horloge du DUI n'a pas été réglée : {error}") from None

    def _ask_capabilities(self) -> Capabilities:
        try:
            answer = self._session.get(f"{self._url}/capacites", timeout=self._timeout)
            answer.raise_for_status()
            row: Any = answer.json()
            return Capabilities(frozenset(row["gestes"]) & frozenset(GESTURES), bool(row.get("horloge", False)))
        except requests.RequestException as error:
            raise InputError(f"[pilote] cible « {self._url} » : le DUI ne répond pas à GET /capacites ({error}).") from None
        except (KeyError, TypeError, ValueError):
            raise InputError(f'[pilote] cible « {self._url} » : GET /capacites doit rendre {{"gestes": […]}}.') from None

    def _play(self, gesture: Gesture) -> Resultat:
        try:
            answer = self._session.post(f"{self._url}/gestes/{gesture.nom}", json=gesture.arguments(), timeout=self._timeout)
            if answer.status_code in (404, 501):
                return Resultat(Etat.IMPOSSIBLE, f"le DUI répond {answer.status_code} : geste non offert")
            answer.raise_for_status()
            return as_result(answer.json())
        except requests.Timeout:
            return Resultat(Etat.ERREUR, f"le DUI n'a pas répondu en {self._timeout:g} s")
        except (requests.RequestException, TypeError, ValueError) as error:
            return Resultat(Etat.ERREUR, str(error))
