"""The service: three TLS ports (authorization server, test API, example proxy), one memory, and the orders of scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ...core.errors import HarnessError
from ...core.exchange import Description, Reply, Request
from ...core.service import ClientCertificate, Listener
from ...core.settings import Edc, Psc
from ..service import BaseService
from . import autorisation, messages
from .api import signer
from .faults import PANNES
from .jetons import Signataire
from .messages import API, AS, PROXY, REALM, describe, json_reply, kind_of, oauth_error
from .proxy import CLIENT, Proxy
from .psc_interne import Fournisseur, PscInterne
from .state import Client, Presente, Registre


class EspaceDeConfiance(BaseService):
    """Accepts and reports; what the real authorization server is said to refuse is refused. ``structure`` is the identifier
    that the OU of the client's certificates must hold (``1`` and the FINESS of the legal entity). ``psc`` is Pro Santé Connect,
    called in process to introspect subject tokens and, by the example proxy, to log users in.

    Orders: ``cnf`` (forme: rfc8705 or ans-sample), ``durees`` (acces, rafraichissement: seconds), ``oublier`` (every API
    token is revoked, every session of the proxy ended).
    """

    nom = "edc"
    listeners: Sequence[Listener] = tuple(Listener(nom, ClientCertificate.OPTIONNEL) for nom in (AS, API, PROXY))

    def __init__(
        self, settings: Edc, client_psc: Psc, structure: str, *, psc: Fournisseur | None, seed: int = 0, strict: bool = False
    ) -> None:
        super().__init__(PANNES)
        self.strict = strict
        self.client_psc = client_psc
        client = Client(settings.client_id_as, structure, settings.scopes)
        self.registre = Registre(seed, {client.id: client, CLIENT.id: CLIENT})
        self.signataire = Signataire()
        self.psc = PscInterne(psc, client_psc) if psc is not None else None
        self.proxy = Proxy()
        self._listener = AS
        self.configure({AS: "https://localhost"})

    def configure(self, urls: Mapping[str, str]) -> None:
        """Tell the service its public addresses."""
        self.emetteur = urls[AS].rstrip("/") + REALM

    def describe(self, listener: str, request: Request) -> Description:
        """Kind, keys and secrets of a request."""
        return describe(listener, request)

    def handle(self, listener: str, request: Request, now: datetime) -> Reply:
        """As every service; armed faults are told on which port they strike."""
        with self.lock:
            self._listener = listener
            return super().handle(listener, request, now)

    def kind_under_way(self, request: Request) -> str:
        """The kind of the request being handled."""
        return kind_of(self._listener, request)

    def command(self, nom: str, arguments: Mapping[str, Any]) -> None:
        """Execute an order; raises ``HarnessError`` for an unknown one or a wrong value."""
        options = self.registre.options
        match nom, dict(arguments):
            case "cnf", {"forme": ("rfc8705" | "ans-sample") as forme}:
                options.cnf = forme
            case "durees", values if values and set(values) <= {"acces", "rafraichissement"}:
                options.acces = timedelta(seconds=float(values.get("acces", options.acces.total_seconds())))
                suite = float(values.get("rafraichissement", options.rafraichissement.total_seconds()))
                options.rafraichissement = timedelta(seconds=suite)
            case "oublier", _:
                self.registre.revoquer()
                self.proxy.sessions.clear()
            case (("cnf" | "durees"), values):
                raise HarnessError(f"ordre « {nom} » à l'espace de confiance, arguments inattendus : {values}")
            case _:
                super().command(nom, arguments)

    def introspection(self, token: str, now: datetime) -> dict[str, Any]:
        """What the authorization server says of an API token (RFC 7662)."""
        jeton = self.registre.jeton(token, "acces")
        if jeton is None or jeton.etat(now) != "valide":
            return {"active": False}
        return {
            "active": True,
            "iss": self.emetteur,
            "sub": jeton.sujet,
            "SubjectNameID": jeton.sujet,
            "client_id": jeton.client.id,
            "scope": " ".join(jeton.portees),
            "iat": int(jeton.emis.timestamp()),
            "exp": int(jeton.expire.timestamp()),
            "token_type": "Bearer",
            "cnf": {"x5t#S256": jeton.cnf},
        }

    def appeler_api(self, request: Request, presente: Presente | None, now: datetime) -> Reply:
        """A call to the test API by who presents this certificate."""
        return signer(self, request, presente, now)

    def answer(self, listener: str, request: Request, now: datetime) -> Reply:
        """Route; every reply says on which port it was given."""
        kind = messages.kind_of(listener, request)
        return self._noted(self._route(kind, request, now), listener)

    def _route(self, kind: str, request: Request, now: datetime) -> Reply:
        if kind.startswith("edc.proxy."):
            return self.proxy.answer(self, kind, request, now)
        match kind:
            case "edc.echange" | "edc.jeton.rafraichissement" | "edc.jeton.autre":
                return autorisation.token(self, request, now)
            case "edc.introspection":
                return autorisation.introspect(self, request, now)
            case "edc.jwks":
                return json_reply(self.signataire.jwks())
            case "edc.decouverte":
                return json_reply(autorisation.configuration(self))
            case "edc.api.signature":
                return self.appeler_api(request, Presente.de(request.connection), now)
        return oauth_error("not_found", "aucune ressource à cette adresse", status=404)

    def _noted(self, reply: Reply, listener: str) -> Reply:
        return replace(reply, facts={**reply.facts, "ecoute": listener})
