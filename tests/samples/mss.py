"""Both operators on real ports with a Pro Santé Connect in process: tokens, boxes, and clients of the standard library."""

from __future__ import annotations

import base64
import imaplib
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cache
from typing import Any

from dui_conformance.core.clock import Clock
from dui_conformance.fixtures.boites import boite_de_structure, boite_personnelle
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.mocks.mss.app import OperateurMss
from dui_conformance.mocks.mss.state import Reseau
from dui_conformance.mocks.pki import Credential, Pki
from dui_conformance.mocks.psc import ProSanteConnect
from dui_conformance.mocks.runtime import Runtime
from samples import psc as samples_psc
from samples.runtime import MemoryRecorder, Seen

INFIRMIERE = "infirmiere-ehpad"
CAMILLE = boite_personnelle(professionals()[INFIRMIERE]).adresse
PAUL = boite_personnelle(professionals()["medecin-multi"]).adresse
EHPAD = boite_de_structure("ehpad").adresse
DUI = boite_de_structure("ehpad", "APP").adresse
STRUCTURE = "1990000010"


def xoauth2(adresse: str, jeton: str) -> str:
    """The frame of XOAUTH2, not encoded."""
    return f"user={adresse}\x01auth=Bearer {jeton}\x01\x01"


def mail(de: str = CAMILLE, a: str = PAUL, sujet: str = "Essai", **entetes: str) -> EmailMessage:
    """A plain mail."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = de, a, sujet
    message["Message-ID"] = entetes.pop("Message_ID", "<essai-1@pro.formation.mssante.fr>")
    for nom, valeur in entetes.items():
        message[nom.replace("_", "-")] = valeur
    message.set_content("Bonjour, un essai accentué.\n")
    return message


@dataclass
class Play:
    """Running operators and what surrounds them."""

    runtime: Runtime
    psc: ProSanteConnect
    services: dict[str, OperateurMss]
    recorder: MemoryRecorder
    clock: Clock
    pki: Pki

    @property
    def mss(self) -> OperateurMss:
        """The first operator."""
        return self.services["mss"]

    def jeton(self, persona: str = INFIRMIERE) -> str:
        """An access token of that professional, from our Pro Santé Connect."""
        self.psc.command("persona", {"id": persona})
        return str(samples_psc.Play(self.psc, now=self.clock.now()).login()["access_token"])

    def context(self, credential: Credential | None = None) -> ssl.SSLContext:
        """What a client trusts, and the certificate that it shows."""
        context = ssl.create_default_context(cafile=str(self.pki.ac))
        if credential is not None:
            context.load_cert_chain(credential.certificate, credential.key)
        return context

    def smtp(self, operateur: str = "mss", credential: Credential | None = None) -> smtplib.SMTP:
        """A client after STARTTLS."""
        client = smtplib.SMTP("localhost", self.runtime.port(f"{operateur}-smtp"), timeout=10)
        client.starttls(context=self.context(credential))
        client.ehlo()
        return client

    def connecte(self, adresse: str = CAMILLE, persona: str = INFIRMIERE, operateur: str = "mss") -> smtplib.SMTP:
        """A client authenticated by XOAUTH2."""
        client = self.smtp(operateur)
        jeton = self.jeton(persona)
        try:
            client.auth("XOAUTH2", lambda challenge=None: xoauth2(adresse, jeton))
        except smtplib.SMTPException:
            client.close()
            raise
        return client

    def imap(self, adresse: str = CAMILLE, persona: str = INFIRMIERE, operateur: str = "mss") -> imaplib.IMAP4:
        """A reader authenticated by XOAUTH2."""
        client = imaplib.IMAP4("localhost", self.runtime.port(f"{operateur}-imap"), timeout=10)
        client.starttls(self.context())
        jeton = self.jeton(persona)
        client.authenticate("XOAUTH2", lambda challenge: xoauth2(adresse, jeton).encode())
        return client

    def seen(self, kind: str) -> Seen:
        """The first exchange of that kind, once answered; its reply may be let go once it is delivered (``keep_bodies``)."""
        return self.recorder.wait(lambda s: s.kind == kind and (s.reply is not None or s.outcome))

    def ordre(self, nom: str, operateur: str = "mss", **arguments: Any) -> None:
        """Give an order."""
        self.services[operateur].command(nom, arguments)


@cache
def _psc() -> ProSanteConnect:
    """One Pro Santé Connect for all: its keys are long to make, and each login is its own."""
    return samples_psc.play().psc


@contextmanager
def playing(pki: Pki, *, keep_bodies: bool = True) -> Iterator[Play]:
    """Both operators listening."""
    clock, recorder = Clock(), MemoryRecorder(keep_bodies=keep_bodies)
    psc = _psc()
    reseau = Reseau()
    services = {nom: OperateurMss(nom, reseau, psc=psc, structure=STRUCTURE) for nom in ("mss", "mss-b")}
    runtime = Runtime(recorder, clock, pki)
    runtime.start(list(services.values()))
    try:
        for service in services.values():
            service.configure({listener.nom: runtime.url(listener.nom) for listener in service.listeners})
        yield Play(runtime, psc, services, recorder, clock, pki)
    finally:
        runtime.stop()


def b64(texte: str | bytes) -> str:
    """Base64, as SASL sends it."""
    return base64.b64encode(texte.encode() if isinstance(texte, str) else texte).decode()
