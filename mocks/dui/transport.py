"""HTTPS sessions: every server is verified, proxies of the environment are ignored, no call waits for ever."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from .alterations import Alterations, Couture
from .configuration import Certificat

_TOUTES = "MAXIMUM_SUPPORTED"
_SANS_CONTROLE_DES_DATES = 0x200000  # X509_V_FLAG_NO_CHECK_TIME


@dataclass(frozen=True, slots=True)
class ReglagesTls:
    """How one connection is secured. ``cible`` is the service called: psc, navigateur, insi, dmp, mss… ``revocations`` is the
    file of the lists of revocation that the server's certificate must not be in, ``""``: not looked at."""

    cible: str
    certificat: Certificat | None = None
    verifie_nom: bool = True
    verifie_dates: bool = True
    suites: str = ""
    version_min: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2
    version_max: str = _TOUTES
    revocations: str = ""


@dataclass(slots=True)
class Envoi:
    """One HTTP POST of a message, before it is sent. ``certificat`` opens the connection, when it is not the usual one."""

    url: str
    entetes: dict[str, str]
    contenu: bytes
    certificat: Certificat | None = None


class Transport:
    """Opens sessions. ``delai`` is the number of seconds without a byte after which a call is given up."""

    def __init__(self, ac: str, alterations: Alterations, delai: float = 5.0, *, autorite_de_trop: str = "") -> None:
        self._ac = ac
        self._autorite_de_trop = autorite_de_trop
        self._alterations = alterations
        self._delai = delai
        self._contextes: dict[ReglagesTls, ssl.SSLContext] = {}

    def session(self, cible: str, certificat: Certificat | None = None) -> requests.Session:
        """A session of one call, to be used in a ``with``: connections are not kept, so none can be found dead later."""
        reglages = self._alterations.passer(Couture.TLS, ReglagesTls(cible, certificat))
        session = requests.Session()
        session.trust_env = False
        session.verify = self._ac
        session.mount("https://", _Adaptateur(self._contexte(reglages), verifie_nom=reglages.verifie_nom, delai=self._delai))
        return session

    def contexte(self, reglages: ReglagesTls) -> ssl.SSLContext:
        """What secures a connection of another protocol than HTTP."""
        return self._contexte(self._alterations.passer(Couture.TLS, reglages))

    def _contexte(self, reglages: ReglagesTls) -> ssl.SSLContext:
        if reglages not in self._contextes:
            self._contextes[reglages] = _contexte(self._ac, reglages, self._autorite_de_trop)
        return self._contextes[reglages]


def _contexte(ac: str, reglages: ReglagesTls, autorite_de_trop: str) -> ssl.SSLContext:
    contexte = ssl.create_default_context(cafile=ac)
    contexte.minimum_version = reglages.version_min
    if reglages.version_max != _TOUTES:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            contexte.maximum_version = ssl.TLSVersion[reglages.version_max]
    if reglages.suites:
        contexte.set_ciphers(reglages.suites)
    if reglages.certificat is not None:
        contexte.load_cert_chain(reglages.certificat.certificat, reglages.certificat.cle)
    if not reglages.verifie_nom:
        contexte.check_hostname = False
    if not reglages.verifie_dates:
        contexte.verify_flags = ssl.VerifyFlags(contexte.verify_flags | _SANS_CONTROLE_DES_DATES)
    if reglages.revocations:
        contexte.load_verify_locations(cafile=reglages.revocations)
        contexte.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF
    if autorite_de_trop:
        contexte.load_verify_locations(cafile=autorite_de_trop)
        contexte.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    return contexte


class _Adaptateur(HTTPAdapter):
    """Gives our TLS context and our time limit to ``requests``."""

    def __init__(self, contexte: ssl.SSLContext, *, verifie_nom: bool, delai: float) -> None:
        self._contexte = contexte
        self._verifie_nom = verifie_nom
        self._delai = delai
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As the base class, with our TLS context."""
        options = {"ssl_context": self._contexte} | ({} if self._verifie_nom else {"assert_hostname": False})
        parent: Callable[..., None] = super().init_poolmanager
        parent(*args, **options, **kwargs)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """As the base class, never without a time limit."""
        parent: Callable[..., requests.Response] = super().send
        return parent(request, *args, **(kwargs | {"timeout": kwargs.get("timeout") or self._delai}))
