"""What every simulated service has in common: named faults armed with counts, and the order before → answer → after."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from dui_conformance.core.errors import HarnessError
from dui_conformance.core.exchange import Body, Delivery, Description, Reply, Request
from dui_conformance.core.people import Usager
from dui_conformance.core.service import Listener, Panne

PLAIN = (("Content-Type", "text/plain; charset=utf-8"),)


def _instead(reply: Reply) -> Any:
    """A ``before`` that answers this instead of the service, whose state does not change."""
    return lambda service, request, now: reply


def _lost(service: Any, request: Request, reply: Reply) -> Reply:
    return replace(reply, delivery=replace(reply.delivery, close=True))


def _slowly(service: Any, request: Request, reply: Reply) -> Reply:
    """Some forty pieces over two seconds, whatever the size of the body."""
    pieces = max(1, reply.body.size // 40)
    return replace(reply, delivery=replace(reply.delivery, delay=1.0, chunk=pieces, pause=0.05))


def _cut_in_half(service: Any, request: Request, reply: Reply) -> Reply:
    return replace(reply, delivery=replace(reply.delivery, truncate_at=reply.body.size // 2))


def _malformed(service: Any, request: Request, reply: Reply) -> Reply:
    """Half of the body with a broken tail, declared with its true length: well transported, badly formed."""
    data = reply.body.read()
    return replace(reply, body=Body(data[: len(data) // 2] + b"<\x00{"))


def _empty(service: Any, request: Request, reply: Reply) -> Reply:
    return replace(reply, body=Body(b""))


def _as_html(service: Any, request: Request, reply: Reply) -> Reply:
    kept = tuple((name, value) for name, value in reply.headers if name.lower() != "content-type")
    return replace(reply, headers=(*kept, ("Content-Type", "text/html; charset=utf-8")))


GENERIC_PANNES: Mapping[str, Panne] = MappingProxyType(
    {
        panne.nom: panne
        for panne in (
            Panne(
                "coupure",
                "La connexion est fermée sans réponse ; la demande n'a pas été traitée.",
                before=_instead(Reply(delivery=Delivery(close=True))),
            ),
            Panne(
                "reset",
                "La connexion TCP est rompue (RST) sans réponse ; la demande n'a pas été traitée.",
                before=_instead(Reply(delivery=Delivery(reset=True))),
            ),
            Panne(
                "silence",
                "Le service lit la demande et ne répond jamais.",
                before=_instead(Reply(delivery=Delivery(hang=True))),
            ),
            Panne(
                "reponse-perdue",
                "La demande est traitée ; la connexion est fermée avant la réponse (un nouvel essai ne doit rien doubler).",
                after=_lost,
            ),
            Panne(
                "reponse-tronquee",
                "La demande est traitée ; la réponse s'arrête au milieu de son corps.",
                after=_cut_in_half,
            ),
            Panne(
                "lenteur",
                "La réponse commence après une seconde, puis vient par petits morceaux pendant deux secondes.",
                after=_slowly,
            ),
            Panne(
                "indisponible",
                "Le service répond 503 (indisponible) ; la demande n'a pas été traitée.",
                before=_instead(Reply(503, (*PLAIN, ("Retry-After", "30")), Body(b"Service temporairement indisponible.\n"))),
            ),
            Panne(
                "erreur-interne",
                "Le service répond 500 avec une page HTML ; la demande n'a pas été traitée.",
                before=_instead(
                    Reply(
                        500,
                        (("Content-Type", "text/html; charset=utf-8"),),
                        Body(b"<html><body><h1>Erreur 500</h1></body></html>\n"),
                    )
                ),
            ),
            Panne("corps-malforme", "La demande est traitée ; le corps de la réponse est mal formé.", after=_malformed),
            Panne("corps-vide", "La demande est traitée ; le corps de la réponse est vide.", after=_empty),
            Panne("type-contenu", "La demande est traitée ; la réponse est annoncée en text/html.", after=_as_html),
            Panne("certificat-expire", "Le certificat du serveur a expiré.", certificate="expire"),
            Panne(
                "certificat-pas-encore-valide",
                "Le certificat du serveur n'est pas encore valide.",
                certificate="pas-encore-valide",
            ),
            Panne("certificat-revoque", "Le certificat du serveur est dans la liste de révocation.", certificate="revoque"),
            Panne("certificat-autre-ac", "Le certificat du serveur vient d'une autorité inconnue.", certificate="autre-ac"),
            Panne("certificat-mauvais-hote", "Le certificat du serveur porte un autre nom d'hôte.", certificate="mauvais-hote"),
            Panne(
                "certificat-mauvais-usage",
                "Le certificat du serveur n'est pas fait pour un serveur.",
                certificate="mauvais-usage",
            ),
            Panne("tls-1-1", "Le serveur ne sait parler que TLS 1.1. Le DUI ne doit rien lui envoyer.", certificate="tls-1-1"),
            Panne(
                "suite-faible",
                "Le serveur n'offre qu'une suite sans confidentialité persistante (AES128-SHA). Le DUI devrait la refuser.",
                certificate="suite-faible",
            ),
            Panne(
                "suite-sans-chiffrement",
                "Le serveur n'offre qu'une suite qui ne chiffre pas (NULL-SHA256). Le DUI ne doit rien lui envoyer.",
                certificate="suite-sans-chiffrement",
            ),
        )
    }
)


@dataclass(slots=True)
class _Armed:
    panne: Panne
    remaining: int | None
    target: str

    def concerns(self, kind: str) -> bool:
        return not self.target or kind == self.target or kind.startswith(self.target + ".")


class BaseService(ABC):
    """Base of the services: :meth:`handle` is the template, a service writes :meth:`describe` and :meth:`answer`.

    ``handle`` runs under the service's own ``lock`` (re-entrant); an ``admit`` or ``command`` written by a service
    runs under it too, so a service never thinks of threads. A fault that struck is named in ``Reply.facts["panne"]``.
    """

    nom: str
    listeners: Sequence[Listener]

    def __init__(self, pannes: Iterable[Panne] = ()) -> None:
        own = {panne.nom: panne for panne in pannes}
        self.pannes: Mapping[str, Panne] = MappingProxyType({**GENERIC_PANNES, **own})
        self.lock = threading.RLock()
        self._armed: dict[str, _Armed] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in ("admit", "command"):
            if name in vars(cls):
                setattr(cls, name, _locked(vars(cls)[name]))

    @abstractmethod
    def describe(self, listener: str, request: Request) -> Description:
        """Kind and correlation keys of a request. Never raises on bad input."""

    @abstractmethod
    def answer(self, listener: str, request: Request, now: datetime) -> Reply:
        """The service's own answer, faults aside."""

    def handle(self, listener: str, request: Request, now: datetime) -> Reply:
        """Answer: armed faults that reply instead of the service, else its answer, then faults that change it."""
        with self.lock:
            striking = self._striking(listener, request)
            for armed in striking:
                reply = armed.panne.before(self, request, now) if armed.panne.before else None
                if reply is not None:
                    self._count(armed)
                    return _signed(reply, armed.panne)
            reply = self.answer(listener, request, now)
            for armed in striking:
                if armed.panne.after is None:
                    continue
                changed = armed.panne.after(self, request, reply)
                if changed is not reply:
                    self._count(armed)
                    reply = _signed(changed, armed.panne)
            return reply

    def admit(self, usager: Usager) -> None:  # noqa: B027 - a service without usagers has nothing to do
        """Make a fictional usager known to the service; by default a service knows no usager."""

    def command(self, nom: str, arguments: Mapping[str, Any]) -> None:
        """Execute a scenario's order; a service that overrides it ends with ``super().command(nom, arguments)``."""
        raise HarnessError(f"le service {self.nom} ne connaît pas l'ordre « {nom} »")

    def arm(self, panne: str, *, times: int | None, target: str = "") -> None:
        """Arm a named fault for the next ``times`` requests (None: until disarmed) whose kind starts with ``target``."""
        found = self.pannes.get(panne)
        if found is None:
            raise HarnessError(f"le service {self.nom} ne connaît pas la panne « {panne} » (connues : {', '.join(self.pannes)})")
        if times is not None and times < 1:
            raise HarnessError(f"la panne « {panne} » doit être armée pour une demande au moins")
        with self.lock:
            self._armed[panne] = _Armed(found, times, target)

    def disarm(self, panne: str) -> None:
        """Disarm it; nothing happens when its count is already spent."""
        with self.lock:
            self._armed.pop(panne, None)

    @property
    def armed(self) -> tuple[str, ...]:
        """Names of the faults armed now, in the order of arming."""
        with self.lock:
            return tuple(self._armed)

    def _striking(self, listener: str, request: Request) -> list[_Armed]:
        if not self._armed:
            return []
        kind = self.describe(listener, request).kind if any(a.target for a in self._armed.values()) else ""
        return [armed for armed in self._armed.values() if armed.concerns(kind)]

    def _count(self, armed: _Armed) -> None:
        if armed.remaining is None:
            return
        armed.remaining -= 1
        if armed.remaining == 0:
            self._armed.pop(armed.panne.nom, None)


def _signed(reply: Reply, panne: Panne) -> Reply:
    return replace(reply, facts={**reply.facts, "panne": panne.nom})


def _locked(method: Any) -> Any:
    def under_lock(self: BaseService, *args: Any, **kwargs: Any) -> Any:
        with self.lock:
            return method(self, *args, **kwargs)

    under_lock.__name__, under_lock.__doc__ = method.__name__, method.__doc__
    return under_lock
