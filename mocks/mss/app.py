"""The service: one operator, its ports, its decisions on envelopes, and the replies to what its sessions record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ...core.exchange import Body, Description, Reply, Request
from ...core.people import Usager
from ...core.service import Listener
from ...fixtures.boites import PATIENTS, adresse_patient
from ...fixtures.structures import FINESS_EJ
from ..runtime.mail import Channel
from ..service import PLAIN, BaseService
from .autoconfig import Adresse, configuration, resoudre
from .faults import EFFETS, PANNES, Effet, Etape
from .jetons import Jetons, Registre
from .messages import Envoi, describe, kind_of
from .orders import obey
from .profils import PROFILS
from .relais import Relais
from .sasl import Authentification, Garde, tls_facts
from .state import Reseau

Ecrivain = Callable[..., list[bytes]]
"""Writes the mails of a variant of the corpus (see the order ``courriel``)."""
AFTERWARDS = ("mss.smtp.refus", "mss.smtp.session", "mss.imap.session")
"""Kinds recorded once everything was said: no fault changes their reply, which has left already."""


class OperateurMss(BaseService):
    """An operator of the espace de confiance. It accepts and reports; it refuses only what an operator refuses.

    ``nom`` is ``mss`` or ``mss-b`` (see ``PROFILS``); ``reseau`` holds the boxes of both; ``psc`` is Pro Santé Connect, asked in
    process for the state of tokens; ``structure`` is what the OU of the tested structure's certificates holds. Orders: see
    :func:`dui_conformance.mocks.mss.orders.obey`.
    """

    def __init__(
        self,
        nom: str,
        reseau: Reseau,
        *,
        psc: Registre | None,
        structure: str,
        strict: bool = False,
        ecrire: Ecrivain | None = None,
    ) -> None:
        super().__init__(PANNES)
        self.nom = nom
        self.profil = PROFILS[nom]
        self.listeners: Sequence[Listener] = self.profil.listeners
        self.strict = strict
        self.ecrire = ecrire
        self.reseau = reseau
        self.garde = Garde(reseau, Jetons(psc), structure, f"1{FINESS_EJ}", nom)
        self.relais = Relais(reseau, nom, self.profil.domaines[0])
        self.expire_avec_le_jeton = False
        self.adresses: dict[str, Adresse] = {}
        self._imap: set[Any] = set()
        self._now = datetime.now(UTC)

    def configure(self, urls: Mapping[str, str]) -> None:
        """Tell the service its public addresses."""
        prefix = f"{self.nom}-"
        kept = {nom.removeprefix(prefix): Adresse.de(url) for nom, url in urls.items()}
        self.adresses = {nom: adresse for nom, adresse in kept.items() if nom in ("smtp", "imap", "imaps")}

    def dialogue(self, channel: Channel) -> asyncio.Protocol:
        """A session on a connection just accepted."""
        if channel.listener.endswith("-smtp"):
            from .smtp import Soumission

            return Soumission(self, channel)
        from .imap import SessionImap

        return SessionImap(self, channel, immediat=channel.listener.endswith("-imaps"))

    def describe(self, listener: str, request: Request) -> Description:
        """Kind, keys and secrets of a request."""
        return describe(listener, request)

    def admit(self, usager: Usager) -> None:
        """Open the citizen address of a usager whose INS is known."""
        if usager.matricule_insi and usager.cle_insi:
            nom = f"{usager.prenom} {usager.nom_naissance}"
            self.reseau.ouvrir_patient(adresse_patient(usager.matricule_insi + usager.cle_insi).lower(), nom)

    def command(self, nom: str, arguments: Mapping[str, Any]) -> None:
        """Execute an order; raises ``HarnessError`` for an unknown one or a wrong value."""
        if not obey(self, nom, arguments, self._now):
            super().command(nom, arguments)

    def handle(self, listener: str, request: Request, now: datetime) -> Reply:
        """As every service; what is recorded afterwards is not changed by armed faults."""
        with self.lock:
            self._now = now
            if kind_of(listener, request) in AFTERWARDS:
                return self.answer(listener, request, now)
            return super().handle(listener, request, now)

    def answer(self, listener: str, request: Request, now: datetime) -> Reply:
        """Route by kind; every reply says on which port and at which operator it was given."""
        match kind_of(listener, request):
            case "mss.smtp.envoi":
                reply = self._soumettre(request, now)
            case "mss.smtp.refus" | "mss.smtp.session" | "mss.imap.session":
                said = str(request.memo.get("reponse", ""))
                reply = Reply(_code(said), body=Body(said.encode()))
            case "mss.imap.depot":
                request.memo["ranger"]()
                reply = Reply(200, body=Body(b"OK\r\n"))
            case "mss.autoconfig":
                reply = configuration(request, self.profil.domaines, self.profil.titre, self.adresses)
            case "mss.dns":
                reply = resoudre(request, self.profil.domaines, self.adresses)
            case _:
                reply = Reply(404, PLAIN, Body(b"aucune ressource a cette adresse\n"))
        facts = {**_session_facts(request), **request.memo.get("faits", {}), **reply.facts}
        return Reply(
            reply.status,
            reply.headers,
            reply.body,
            reply.delivery,
            {**facts, "ecoute": listener, "operateur": self.nom},
            reply.keys,
            reply.secrets,
        )

    def obstacle(self, etape: Etape, *, count: bool = True) -> tuple[str, Effet] | None:
        """The armed fault that strikes this step of a session, if any; it is counted unless told otherwise."""
        if not self._armed:
            return None
        kind = "mss." + etape.partition(".")[0]
        with self.lock:
            for nom, armed in tuple(self._armed.items()):
                if armed.target and not f"{armed.target}.".startswith(f"{kind}."):
                    continue
                for effet in EFFETS.get(nom, ()):
                    if effet.etape == etape:
                        if count:
                            self._count(armed)
                        return nom, effet
        return None

    def expediteur(self, adresse: str, auth: Authentification | None) -> str:
        """The refusal of a MAIL FROM, ``""`` when it is accepted: the authenticated box, or nobody (receipts)."""
        if auth is None:
            return "530 5.7.0 authentification requise"
        if adresse and adresse.lower() != auth.boite.lower():
            return "553 5.7.1 l'expediteur n'est pas la boite authentifiee"
        return ""

    def destinataire(self, adresse: str, deja: int) -> str:
        """The reply to a RCPT TO."""
        if deja >= self.profil.destinataires_max:
            return "452 4.5.3 trop de destinataires"
        local, _, domaine = adresse.rpartition("@")
        if not local or not self.reseau.de_confiance(domaine):
            return "550 5.7.1 domaine hors de l'espace de confiance"
        chez = self.reseau.boite(adresse)
        ours = domaine.lower() in self.profil.domaines
        if self.profil.verifie_au_rcpt and ours and chez is None:
            return "550 5.1.1 adresse inconnue"
        if self.profil.verifie_au_rcpt and ours and chez is not None and chez.pleine:
            return "552 5.2.2 boite pleine"
        return "250 2.1.5 destinataire accepte"

    def retenir_imap(self, session: Any) -> None:
        """A session of IMAP begins."""
        self._imap.add(session)

    def oublier_imap(self, session: Any) -> None:
        """It has ended."""
        self._imap.discard(session)

    def fermer_imap(self) -> None:
        """End every session of IMAP."""
        for session in tuple(self._imap):
            session.congedier()

    def _soumettre(self, request: Request, now: datetime) -> Reply:
        envoi = request.memo["envoi"]
        refus = str(request.memo.get("reponse", ""))
        assert isinstance(envoi, Envoi)
        if refus:
            return Reply(_code(refus), body=Body(f"{refus}\r\n".encode()), facts={"remise": []})
        sorts = self.relais.remettre(envoi, request.body, now)
        facts = {"remise": [{"adresse": s.adresse, "sort": s.action, "code": s.code, "motif": s.motif} for s in sorts]}
        return Reply(250, body=Body(b"250 2.6.0 message accepte\r\n"), facts=facts)


def _session_facts(request: Request) -> dict[str, Any]:
    """What checks need beyond the bytes: authentication, TLS, envelope, DSN."""
    if request.method not in ("SMTP", "IMAP"):
        return {}
    attempts: tuple[Authentification, ...] = request.memo.get("authentifications", ())
    accepted = next((a for a in reversed(attempts) if a.acceptee), None)
    facts: dict[str, Any] = {
        "auth": accepted.facts() if accepted is not None else {},
        "authentifications": [a.facts() for a in attempts],
        "tls": tls_facts(request.connection),
    }
    if request.memo.get("pannes"):
        facts["pannes"] = list(request.memo["pannes"])
    envoi = request.memo.get("envoi")
    if isinstance(envoi, Envoi):
        facts |= _envelope_facts(envoi, request.body.size)
    return facts


def _envelope_facts(envoi: Envoi, taille: int) -> dict[str, Any]:
    taken = [d for d in envoi.destinataires if d.accepte]
    return {
        "enveloppe": {
            "ehlo": envoi.helo,
            "de": envoi.de,
            "a": [d.adresse for d in taken],
            "refuses": [{"adresse": d.adresse, "reponse": d.reponse} for d in envoi.destinataires if not d.accepte],
            "patients": [d.adresse for d in taken if d.adresse.lower().endswith("@" + PATIENTS)],
        },
        "dsn": {
            "ret": envoi.option("RET"),
            "envid": envoi.option("ENVID"),
            "destinataires": {d.adresse: {n.lower(): v for n, v in d.options} for d in taken},
        },
        "taille": taille,
        "taille_annoncee": envoi.option("SIZE"),
        "rang": envoi.rang,
    }


def _code(said: str) -> int:
    """The code of the last SMTP reply in a transcript; 200 when there is none."""
    last = said.rstrip("\r\n").rpartition("\n")[2][:3]
    return int(last) if last.isdigit() else 200
