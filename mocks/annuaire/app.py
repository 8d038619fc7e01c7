"""The service: one HTTPS listener, read only. It refuses what the real API refuses: the key, the quota, unknown parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ...core.errors import HarnessError
from ...core.exchange import Description, Reply, Request
from ...core.service import Listener
from ...core.settings import Annuaire
from ...fixtures.annuaire import annuaire
from ..service import BaseService
from .faults import PANNES
from .messages import CLE, LISTENER, PAGES, RANG, describe, fhir_reply, kind_of, outcome, pairs_of, parts_of
from .parametres import ParametreRefuse
from .recherche import capacites, chercher, ecrite, page
from .ressources import fiches
from .state import Etat


class AnnuaireSante(BaseService):
    """The simulated directory.

    ``quota`` calls a second are accepted (429 beyond). Orders: ``fermer-boite`` (``adresse``), ``inactiver`` (``exercice`` or
    ``correspondant``: an id of the directory), ``epuiser-quota``, ``retablir`` (all as at the start).
    """

    nom = "annuaire"
    listeners = (Listener(LISTENER),)

    def __init__(self, settings: Annuaire) -> None:
        super().__init__(PANNES)
        self._cle = settings.cle
        self.etat = Etat(settings.quota)
        self._now = datetime.fromtimestamp(0, UTC)
        self.origine = "https://localhost"

    def configure(self, urls: Mapping[str, str]) -> None:
        """Tell the service its public address."""
        self.origine = urls[LISTENER].rstrip("/")

    def describe(self, listener: str, request: Request) -> Description:
        """Kind and secrets of a request."""
        return describe(request, self._cle)

    def answer(self, listener: str, request: Request, now: datetime) -> Reply:
        """Key, then quota, then the resource."""
        self._now = now
        key = request.header(CLE)
        if key != self._cle:
            how = "mauvaise" if key else "absente"
            return outcome(403 if key else 401, "security", f"Clé d'API {how} ({CLE})", facts={"cle": how})
        if not self.etat.accepte(now):
            return outcome(429, "throttled", "Quota d'appels dépassé", headers=(("Retry-After", "1"),), facts={"cle": "bonne"})
        reply = self._route(request)
        parts = parts_of(request)
        facts = {"cle": "bonne", "ressource": parts[0] if parts else "", **reply.facts}
        return replace(reply, facts=facts)

    def command(self, nom: str, arguments: Mapping[str, Any]) -> None:
        """Execute an order; raises ``HarnessError`` for an unknown one or a wrong value."""
        match nom:
            case "fermer-boite":
                self.etat.fermer(str(arguments.get("adresse", "")))
            case "inactiver":
                self._inactiver(str(next(iter(arguments.values()), "")))
            case "epuiser-quota":
                self.etat.epuise(self._now)
            case "retablir":
                self.etat.retablir()
            case _:
                super().command(nom, arguments)

    def _inactiver(self, id: str) -> None:
        one = annuaire().correspondants.get(id)
        roles = [exercice.id for exercice in one.exercices] if one is not None else [id]
        if one is None and id not in fiches()["PractitionerRole"]:
            raise HarnessError(f"l'annuaire fictif n'a pas de correspondant « {id} »")
        self.etat.inactifs.update((id, *roles))

    def _route(self, request: Request) -> Reply:
        kind, parts = kind_of(request), parts_of(request)
        if kind == "annuaire.metadonnees":
            return fhir_reply(capacites(self.origine))
        if kind == "annuaire.recherche.page":
            return self._page(request)
        if kind == "annuaire.recherche":
            try:
                found = chercher(self.etat, parts[0], pairs_of(request), self.origine)
            except ParametreRefuse as error:
                return outcome(400, "processing", str(error), facts={"parametre": error.parametre})
            return page(self.etat, found, 0, self.origine)
        if kind == "annuaire.lecture":
            return self._lecture(parts[0], parts[1])
        if request.method not in ("GET", "POST"):
            return outcome(405, "not-supported", "L'Annuaire Santé ne se modifie pas par cette API")
        return outcome(404, "not-supported", "Ressource ou opération inconnue")

    def _page(self, request: Request) -> Reply:
        given = dict(pairs_of(request))
        known = self.etat.recherches.get(given.get(PAGES, ""))
        if known is None:
            return outcome(410, "not-found", "Cette recherche n'est plus connue : la refaire")
        rang = given.get(RANG, "")
        if not (rang.isascii() and rang.isdigit() and len(rang) < 9):
            return outcome(400, "processing", f"{RANG} : nombre attendu", facts={"parametre": RANG})
        return page(self.etat, known, int(rang), self.origine)

    def _lecture(self, type: str, id: str) -> Reply:
        fiche = fiches()[type].get(id)
        if fiche is None:
            return outcome(404, "not-found", f"{type}/{id[:60]} est inconnu")
        adresses = [boite.adresse for boite in fiche.boites if self.etat.visible(boite)]
        return fhir_reply(ecrite(self.etat, fiche), facts={"adresses": adresses})
