"""The service: one TLS port for tokens and for the API, one memory, and the orders of scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ...core.errors import HarnessError
from ...core.exchange import Description, Reply, Request
from ...core.people import Usager
from ...core.service import ClientCertificate, Listener
from ...core.settings import ViaTrajectoire
from ..service import BaseService
from . import ecriture, lecture, messages
from .acces import Appelant, Signataire, caller, token
from .faults import PANNES
from .orders import Ordres
from .state import Options, Registre

LISTENER = "vt"


class ServiceViaTrajectoire(BaseService):
    """Accepts and reports; refuses what a server cannot serve: certificate, token, establishment, an instant that is not one, a
    resource that names no decision. ``strict`` refuses badly made searches and events too.

    ``finess_ej`` is the legal entity whose certificate may call. Orders: see :class:`.orders.Ordres`.
    """

    nom = "viatrajectoire"
    listeners: Sequence[Listener] = (Listener(LISTENER, ClientCertificate.OPTIONNEL),)
    provisoire = frozenset({messages.PAGE, messages.CAPABILITIES})

    def __init__(self, settings: ViaTrajectoire, finess_ej: str, *, seed: int = 0, strict: bool = False) -> None:
        super().__init__(PANNES)
        self.settings = settings
        self.finess_ej = finess_ej
        self.strict = strict
        self.registre = Registre(seed)
        self.options = Options(timedelta(seconds=settings.duree_jeton), settings.jeton)
        self.signataire = Signataire()
        self.pages: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {}
        self._ordres = Ordres(self.registre, self.options, settings)
        self.configure({LISTENER: "https://localhost"})

    def configure(self, urls: Mapping[str, str]) -> None:
        """Tell the service its public address."""
        self.adresse = urls[LISTENER].rstrip("/")
        self.adresse_fhir = f"{self.adresse}{self.settings.chemin_fhir.rstrip('/')}"

    def describe(self, listener: str, request: Request) -> Description:
        """Kind, keys and secrets of a request."""
        return messages.describe(self.settings, self.registre, request)

    def admit(self, usager: Usager) -> None:
        """Know a usager, to whom decisions may be notified."""
        self.registre.usagers[usager.id] = usager

    def command(self, nom: str, arguments: Mapping[str, Any]) -> None:
        """Execute an order; raises ``HarnessError`` for an unknown one or a wrong value."""
        try:
            known = self._ordres.executer(nom, dict(arguments))
        except (KeyError, TypeError, ValueError) as error:
            raise HarnessError(f"ordre « {nom} » à ViaTrajectoire, arguments inattendus : {error}") from error
        if nom == "vider":
            self.pages.clear()
        if not known:
            super().command(nom, arguments)

    def answer(self, listener: str, request: Request, now: datetime) -> Reply:
        """Route; every business reply says in which mode the referent opened the exchange."""
        self.registre.dater(now)
        kind = messages.kind_of(self.settings, request)
        if kind == messages.TOKEN:
            return token(self, request, now)
        if kind == messages.CAPABILITIES:
            return lecture.capabilities(self, request)
        who = caller(self, request, now)
        if isinstance(who, Reply):
            return who
        reply = self._route(kind, request, who, now)
        return replace(reply, facts={**who.facts, **reply.facts})

    def _route(self, kind: str, request: Request, who: Appelant, now: datetime) -> Reply:
        match kind:
            case messages.DECISIONS:
                return lecture.search_decisions(self, request, who)
            case messages.DECISION:
                return lecture.read_decision(self, request, who)
            case messages.EVALUATION:
                return lecture.search_evaluation(self, request, who)
            case messages.NOTIFICATIONS:
                return lecture.search_notifications(self, request, who)
            case messages.NOTIFICATION:
                return lecture.read_notification(self, request, who)
            case messages.PAGE:
                return lecture.read_page(self, request, who)
            case messages.CONSENT:
                return ecriture.receive_consent(self, request, who, now)
            case messages.EVENT:
                return ecriture.receive_event(self, request, who, now)
        status = 404 if request.method == "GET" else 405
        return messages.outcome(request, status, "not-supported", "interaction hors des cinq flux du guide", facts=who.facts)
