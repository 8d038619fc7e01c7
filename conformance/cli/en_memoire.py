"""The services without sockets, inside a Python editor's own tests: same judgement, same reports, TLS not exercised."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..core.exchange import Exchange
from ..core.settings import Settings, load_settings
from .house import House, Plan
from .judge import Judgement, judge, record
from .serve import admit_everyone, line

if TYPE_CHECKING:
    import requests
    import respx

    from ..mocks.pki.store import Pki
    from .services_file import Addresses


@dataclass(frozen=True, slots=True)
class Origins:
    """Made-up origins, under the reserved domain ``.test``: ``https://dmp.test``."""

    def url(self, listener: str) -> str:
        """The origin of a listener."""
        return f"https://{listener}.test"

    def port(self, listener: str) -> int:
        """Always the default port of HTTPS."""
        return 443


class Banc(House):
    """Services called in process, each exchange judged as it ends (``jugements``); a context manager.

    ``adresses`` has the content of ``services.json``. Leaving writes the reports in ``sortie``, which must not exist yet.
    ``strict``: the services refuse what is badly made, instead of accepting and reporting it.
    """

    def __init__(self, sortie: str | Path, *, config: str | Path | None = None, strict: bool = False) -> None:
        settings = load_settings(Path(config)) if config is not None else Settings()
        project = Path(config).resolve().parent if config is not None else Path.cwd()
        super().__init__(Plan(settings, Path(sortie).resolve(), project, "aucun", services_stricts=strict), None)
        self.jugements: list[Judgement] = []
        self.rapports: dict[str, Path] = {}

    def __enter__(self) -> Banc:
        super().__enter__()
        admit_everyone(self)
        self.recorder.observers.append(self._judge)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        from ..reports.build import build

        self.journal.append("campagne.fin")
        super().__exit__(kind, error, trace)
        self.rapports = build(self.plan.folder)

    @property
    def adresses(self) -> dict[str, Any]:
        """The content of ``services.json``: addresses, identifiers and certificates to give to the DUI."""
        return self.endpoints

    @property
    def lignes(self) -> list[str]:
        """One French line per exchange, as ``serve`` shows it."""
        return [line(judgement) for judgement in self.jugements]

    def httpx(self, certificat: str = "auth_cli") -> respx.MockRouter:
        """A respx router for httpx calls, to be used in a ``with``. ``certificat`` is the role presented to the services."""
        from ..mocks.inprocess import respx_router

        return respx_router(
            list(self.services.values()), self.recorder, self.clock, self._bases(), client_der=self._der(certificat)
        )

    def requests(self, session: requests.Session) -> requests.Session:
        """The same session, its calls to the services answered in process; ``cert=`` gives the client certificate."""
        from ..mocks.inprocess import mount

        return mount(session, list(self.services.values()), self.recorder, self.clock, self._bases())

    def _listen(self, pki: Pki) -> Addresses:
        return Origins()

    def _bases(self) -> dict[str, str]:
        """What speaks HTTP: mail and DNS sessions have no call to answer."""
        listeners = (listener for service in self.services.values() for listener in service.listeners)
        return {each.nom: self.addresses.url(each.nom) for each in listeners if each.protocole == "https"}

    def _der(self, role: str) -> bytes:
        path = Path(self.endpoints["certificats"][role]["certificat"])
        leaf = path.read_text(encoding="ascii").partition("-----END CERTIFICATE-----")[0]
        return ssl.PEM_cert_to_DER_cert(leaf + "-----END CERTIFICATE-----\n")

    def _judge(self, exchange: Exchange) -> None:
        judgement = judge(exchange, self.rules, self.settings)
        record(judgement, self.journal.append, self.journal.blob_json)
        self.jugements.append(judgement)
