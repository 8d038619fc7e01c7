"""The traces of the example proxy: one record for each thing that a user does, in the form of the ANS example."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ...core.exchange import Request
from .state import Presente

KEPT = 5_000
TypeTrace = Literal["CONNECT_SUCCESS", "CONNECT_REPLAY", "CONNECT_FAILURE", "SEND", "DISCONNECT"]


@dataclass(slots=True)
class Traces:
    """The ``KEPT`` newest records, in order."""

    records: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT))

    def noter(
        self,
        type: TypeTrace,
        request: Request,
        now: datetime,
        identifiant: str,
        *,
        session: Mapping[str, str] | None = None,
        api: Mapping[str, str] | None = None,
    ) -> None:
        """Add a record. ``session`` names client, proxy session and PSC session; ``api`` the call, for SEND only."""
        port = request.header("host").rpartition(":")[2]
        presente = Presente.de(request.connection)
        record: dict[str, Any] = {
            "type": type,
            "IdRPPS": identifiant,
            "ipAddress": "127.0.0.1",
            "ports": [int(port)] if port.isascii() and port.isdigit() and len(port) < 6 else [443],
            "timestamp": now.isoformat(),
            "dn": presente.sujet if presente is not None else "",
        }
        self.records.append(record | dict(session or {}) | ({"apiRequest": dict(api)} if api is not None else {}))

    def entre(self, debut: datetime | None, fin: datetime | None) -> list[dict[str, Any]]:
        """The records of a period, bounds included."""
        return [
            record
            for record in self.records
            if (debut is None or datetime.fromisoformat(record["timestamp"]) >= debut)
            and (fin is None or datetime.fromisoformat(record["timestamp"]) <= fin)
        ]
