"""SMTP and IMAP with an operator: TLS first, then who opens the box, then the mail. Any trouble is one exception."""

from __future__ import annotations

import contextlib
import imaplib
import smtplib
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from .alterations import Alterations, Couture
from .configuration import Certificat
from .mss_operateurs import Boite, Hote, Operateur
from .psc import ClientPsc
from .psc_session import PscIndisponible, SessionPerdue
from .regles_messagerie import ReglesMss
from .transport import ReglagesTls, Transport

T = TypeVar("T")
SUITES = ":".join(
    (
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES256-SHA384",
        "ECDHE-RSA-AES128-SHA256",
        "DHE-RSA-AES256-GCM-SHA384",
        "DHE-RSA-AES128-GCM-SHA256",
    )
)
_PANNES = (smtplib.SMTPException, imaplib.IMAP4.error, OSError)


class MssIndisponible(Exception):
    """The operator cannot be reached, or refuses; the message is shown to the user."""


class AccesRefuse(Exception):
    """The operator does not accept who we are."""


@dataclass(slots=True)
class Trame:
    """An authentication, before it is sent: the SASL mechanism and its frame."""

    mecanisme: str
    texte: str


@dataclass(slots=True)
class Enveloppe:
    """What is said around a message: sender, recipients, options of each command."""

    de: str
    a: list[str]
    options: list[str] = field(default_factory=list)
    options_destinataire: list[str] = field(default_factory=list)


class Acces:
    """Opens boxes, as their kind wants."""

    def __init__(
        self,
        transport: Transport,
        psc: ClientPsc,
        regles: ReglesMss,
        alterations: Alterations,
        certificat: Certificat,
        revocations: str,
        delai: float = 5.0,
    ) -> None:
        self._transport = transport
        self._psc = psc
        self._regles = regles
        self._alterations = alterations
        self._certificat = certificat
        self._revocations = revocations
        self._delai = delai
        self._jeton_garde = ""

    def envoyer(self, operateur: Operateur, boite: Boite, lettre: bytes, enveloppe: Enveloppe) -> str:
        """Submit a message; gives the server's answers. Raises ``MssIndisponible``, ``SessionPerdue``."""
        enveloppe = self._alterations.passer(Couture.MSS_ENVELOPPE, enveloppe)

        def soumettre(jeton: str) -> str:
            with self._smtp(operateur.smtp, boite, jeton) as smtp:
                refuses = smtp.sendmail(
                    enveloppe.de,
                    enveloppe.a,
                    lettre,
                    mail_options=enveloppe.options,
                    rcpt_options=enveloppe.options_destinataire,
                )
                return f"refusés : {', '.join(refuses)}" if refuses else "250 accepté"

        return self._ouvrir(boite, soumettre)

    def lire(self, operateur: Operateur, boite: Boite, travail: Callable[[imaplib.IMAP4], T]) -> T:
        """Do some work in a box; raises ``MssIndisponible``, ``SessionPerdue``."""

        def travailler(jeton: str) -> T:
            with self._imap(operateur.imap, boite, jeton) as imap:
                return travail(imap)

        return self._ouvrir(boite, travailler)

    def _ouvrir(self, boite: Boite, travail: Callable[[str], T]) -> T:
        """With the token of the session; refused, with a fresh one, once."""
        try:
            if boite.genre == "APP":
                return self._essayer(travail, "")
            jeton = self._jeton()
            for _ in range(self._regles.essais_apres_refus):
                try:
                    return self._essayer(travail, jeton)
                except AccesRefuse:
                    jeton = self._psc.acces_renouvele() if self._regles.rafraichit_apres_refus else jeton
            return self._essayer(travail, jeton)
        except AccesRefuse as erreur:
            raise MssIndisponible(str(erreur)) from erreur
        except PscIndisponible as erreur:
            raise MssIndisponible(f"Messagerie inaccessible : {erreur}") from erreur

    def _jeton(self) -> str:
        if not self._regles.ferme_sans_session and self._jeton_garde and not self._psc.ouverte:
            return self._jeton_garde
        if not self._psc.ouverte:
            raise SessionPerdue("La messagerie demande une session Pro Santé Connect : reconnectez-vous.")
        if not self._regles.jeton_frais and self._jeton_garde:
            return self._jeton_garde
        if not self._regles.rouvre_la_session and self._psc.expire:
            raise SessionPerdue("Le jeton de messagerie a expiré : reconnectez-vous.")
        self._jeton_garde = self._psc.acces_frais()
        return self._jeton_garde

    def _essayer(self, travail: Callable[[str], T], jeton: str) -> T:
        try:
            return travail(jeton)
        except _PANNES as erreur:
            raise MssIndisponible(f"Messagerie indisponible : {_dit(erreur)}.") from erreur

    @contextlib.contextmanager
    def _smtp(self, serveur: Hote, boite: Boite, jeton: str) -> Iterator[smtplib.SMTP]:
        smtp = smtplib.SMTP(serveur.hote, serveur.port, local_hostname="dui.invalid", timeout=self._delai)
        with contextlib.ExitStack() as pile:
            pile.callback(smtp.close)
            smtp.ehlo()
            if not self._regles.authentifie_apres_tls:
                self._connaitre_smtp(smtp, boite, jeton)
            if self._regles.exige_starttls or smtp.has_extn("starttls"):
                smtp.starttls(context=self._contexte(boite))
                smtp.ehlo()
            if self._regles.authentifie_apres_tls:
                self._connaitre_smtp(smtp, boite, jeton)
            yield smtp
            if self._regles.se_deconnecte:
                smtp.quit()

    def _connaitre_smtp(self, smtp: smtplib.SMTP, boite: Boite, jeton: str) -> None:
        trame = self._trame(boite, jeton)
        try:
            smtp.auth(trame.mecanisme, lambda defi=None: trame.texte if defi is None else "")
        except smtplib.SMTPAuthenticationError as erreur:
            if erreur.smtp_code >= 500:
                raise AccesRefuse(f"L'opérateur refuse l'accès à la boîte ({erreur.smtp_code}).") from erreur
            raise

    @contextlib.contextmanager
    def _imap(self, serveur: Hote, boite: Boite, jeton: str) -> Iterator[imaplib.IMAP4]:
        imap = imaplib.IMAP4(serveur.hote, serveur.port, timeout=self._delai)
        with contextlib.ExitStack() as pile:
            pile.callback(_raccrocher, imap)
            if self._regles.exige_starttls or "STARTTLS" in imap.capabilities:
                imap.starttls(ssl_context=self._contexte(boite))
            trame = self._trame(boite, jeton)
            reponses = iter((trame.texte.encode(),))
            try:
                imap.authenticate(trame.mecanisme, lambda _: next(reponses, b""))
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as erreur:
                if "UNAVAILABLE" in str(erreur):
                    raise
                raise AccesRefuse("L'opérateur refuse l'accès à la boîte (IMAP).") from erreur
            yield imap
            if self._regles.se_deconnecte:
                imap.logout()

    def _contexte(self, boite: Boite) -> ssl.SSLContext:
        certificat = self._certificat if boite.genre == "APP" else None
        revocations = self._revocations if self._regles.verifie_la_revocation else ""
        reglages = ReglagesTls("mss", certificat, suites=SUITES, version_max="TLSv1_2", revocations=revocations)
        return self._transport.contexte(reglages)

    def _trame(self, boite: Boite, jeton: str) -> Trame:
        mecanisme = self._regles.mecanisme_applicatif if boite.genre == "APP" else self._regles.mecanisme_personnel
        textes = {
            "XOAUTH2": f"user={boite.adresse}\x01auth=Bearer {jeton}\x01\x01",
            "EXTERNAL": boite.adresse,
            "PLAIN": f"\0{boite.adresse}\0{jeton or boite.adresse}",
        }
        return self._alterations.passer(Couture.MSS_SASL, Trame(mecanisme, textes[mecanisme]))


def _raccrocher(imap: imaplib.IMAP4) -> None:
    """Close the connection, already closed by a logout or not."""
    with contextlib.suppress(OSError):
        imap.shutdown()


def _dit(erreur: Exception) -> str:
    if isinstance(erreur, smtplib.SMTPRecipientsRefused):
        codes = ", ".join(f"{adresse} ({code})" for adresse, (code, _) in erreur.recipients.items())
        return f"destinataire refusé : {codes}"
    if isinstance(erreur, smtplib.SMTPResponseException):
        texte = erreur.smtp_error.decode("utf-8", "replace") if isinstance(erreur.smtp_error, bytes) else erreur.smtp_error
        return f"{erreur.smtp_code} {texte}"
    return str(erreur) or type(erreur).__name__
