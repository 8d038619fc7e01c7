"""Defects of TLS: servers that are not verified, certificates that are not the right ones."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from ssl import TLSVersion
from typing import Any

from ..alterations import Alteration, Couture
from ..transport import ReglagesTls
from . import registre

defaut = partial(registre.defaut, theme="tls")

_PSC = ("PSC-01",)
_DMP = ("DMP-ALIM-08",)
_MUTUEL = ("DMP-ALIM-17",)


def _vers(cible: str, **valeurs: Any) -> Alteration:
    """Change how the connections to one service are secured."""

    def alterer(reglages: ReglagesTls) -> ReglagesTls | None:
        return replace(reglages, **valeurs) if reglages.cible == cible else None

    return alterer


def _tls(nom: str, description: str, cible: str, check: str, exigences: tuple[str, ...], **valeurs: Any) -> None:
    defaut(nom, description, (Couture.TLS, _vers(cible, **valeurs)), check=check, exigences=exigences)


_APRES = "tls.no-byte-after-bad-certificate"
_tls("tls-psc-date-ignoree", "accepte un certificat expiré de Pro Santé Connect", "psc", _APRES, _PSC, verifie_dates=False)
defaut(
    "tls-psc-autorite-de-trop",
    "fait confiance à une autorité qui n'est pas celle des services",
    check=_APRES,
    exigences=_PSC,
    regles={"certificats": {"autorite_de_trop": "auth_cli:autre-ac"}},
)
_tls(
    "tls-psc-hote-ignore",
    "accepte un certificat de Pro Santé Connect au nom d'un autre hôte",
    "psc",
    _APRES,
    _PSC,
    verifie_nom=False,
)
_tls(
    "tls-psc-anciennes-versions",
    "propose encore TLS 1.0 et 1.1 à Pro Santé Connect",
    "psc",
    "tls.no-obsolete-version-offered",
    _PSC,
    version_min=TLSVersion.MINIMUM_SUPPORTED,
    suites="DEFAULT:@SECLEVEL=0",
)
_tls("tls-dmp-date-ignoree", "accepte un certificat expiré du DMP", "dmp", _APRES, _DMP, verifie_dates=False)


def _certificat(nom: str, description: str, check: str, tls: str) -> None:
    defaut(nom, description, check=check, exigences=_MUTUEL, regles={"certificats": {"tls": tls}})


_certificat(
    "tls-dmp-carte",
    "ouvre la connexion au DMP avec une carte de professionnel en mode indirect",
    "tls.client-is-organisation-certificate",
    "cps:899700000001",
)
_certificat(
    "tls-dmp-etablissement",
    "ouvre la connexion au DMP avec un certificat d'établissement (FINESS EG)",
    "tls.certificate-belongs-to-ej",
    "auth_cli:eg",
)
_certificat(
    "tls-dmp-certificat-expire",
    "présente au DMP un certificat client expiré",
    "tls.client-certificate-valid",
    "auth_cli:expire",
)
_tls(
    "tls-dmp-version-ancienne",
    "ne sait parler au DMP qu'en TLS 1.1",
    "dmp",
    "tls.version-1-2",
    _MUTUEL,
    version_min=TLSVersion.MINIMUM_SUPPORTED,
    version_max="TLSv1_1",
    suites="DEFAULT:@SECLEVEL=0",
)
_tls(
    "tls-dmp-sans-certificat",
    "ne présente aucun certificat client au DMP",
    "dmp",
    "tls.client-certificate-presented",
    _MUTUEL,
    certificat=None,
)
_tls(
    "tls-dmp-suites-anciennes",
    "ne propose au DMP que des suites de chiffrement sans échange ECDHE",
    "dmp",
    "tls.dmp-suite",
    _MUTUEL,
    suites="AES256-GCM-SHA384:AES128-GCM-SHA256",
)
