"""``services.json``: all that a DUI needs to reach the simulated services."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from ..core.settings import Settings, ViaTrajectoire
from ..fixtures.ror import unite
from ..mocks.mss.adresses import messagerie
from ..mocks.pki.export import certificats
from ..mocks.pki.faulty import CLIENT_DEFECTS
from ..mocks.pki.store import Pki
from ..mocks.psc.client import ClientKeys


class Addresses(Protocol):
    """Where the listeners of the services are reached."""

    def url(self, listener: str) -> str:
        """Its origin (``https://hôte:port``)."""

    def port(self, listener: str) -> int:
        """Its TCP port."""


def services_file(
    settings: Settings,
    addresses: Addresses,
    pki: Pki,
    listeners: Sequence[str],
    *,
    client_keys: Path,
    frame: Path,
    faulty: bool = False,
) -> dict[str, Any]:
    """The content of ``services.json``; paths are absolute. ``faulty`` adds the faulty client certificates.

    ``client_keys`` is the file of the private keys that the client has at Pro Santé Connect, made when absent. ``frame`` is the
    frame file of the RAMA.
    """
    ClientKeys(client_keys).make()
    issuer = f"{addresses.url('psc')}/auth/realms/esante-wallet"
    return {
        "schema": "dui-conformance/services/1",
        "ac": str(pki.ac),
        "revocations": str(pki.crl),
        "certificats": certificats(pki, defauts=CLIENT_DEFECTS if faulty else ()),
        "ports": {name: addresses.port(name) for name in listeners},
        "psc": {
            "emetteur": issuer,
            "decouverte": f"{issuer}/.well-known/wallet-openid-configuration",
            "client_id": settings.psc.client_id,
            "client_secret": settings.psc.client_secret,
            "redirect_uris": list(settings.psc.redirect_uris),
            "post_logout_redirect_uris": list(settings.psc.post_logout_redirect_uris),
            "ciba": f"{issuer}/protocol/openid-connect/ext/ciba/auth",
            "cles": str(client_keys.absolute()),
        },
        "fi": {
            "emetteur": addresses.url("fi"),
            "decouverte": f"{addresses.url('fi')}/.well-known/openid-configuration",
            "client_id": settings.fi.client_id,
            "client_secret": settings.fi.client_secret,
            "redirect_uris": list(settings.fi.redirect_uris),
            "post_logout_redirect_uris": list(settings.fi.post_logout_redirect_uris),
        },
        "edc": {
            "as": f"{addresses.url('edc-as')}/realms/signsessiondata",
            "api": addresses.url("edc-api"),
            "proxy": addresses.url("edc-proxy"),
            "client_id_as": settings.edc.client_id_as,
            "scopes": list(settings.edc.scopes),
        },
        "annuaire": {"base": f"{addresses.url('annuaire')}/fhir/v2", "entete": "ESANTE-API-KEY", "cle": settings.annuaire.cle},
        "mss": messagerie(settings, addresses),
        "sidoba": {
            "base": addresses.url("sidoba"),
            "jeton": f"{addresses.url('sidoba')}/token",
            "client_id": settings.sidoba.client_id,
            "client_secret": settings.sidoba.client_secret,
            "fichier_cadre": str(frame.absolute()),
        },
        "insi": {"url": f"{addresses.url('insi')}/lps"},
        "dmp": {"base": f"{addresses.url('dmp')}/si-dmp-server/v2/services", "mode": settings.dmp.mode},
        "viatrajectoire": _viatrajectoire(settings.viatrajectoire, addresses.url("vt")),
        "logiciel": {
            "nom": settings.produit.nom,
            "version": settings.produit.version,
            "nil": settings.produit.nil,
            "lps_nom": settings.dmp.lps_nom,
            "lps_version": settings.dmp.lps_version,
            "id_homologation": settings.dmp.id_homologation,
            "idam": settings.insi.idam,
        },
        "structure": {
            "finess_ej": settings.structure.finess_ej,
            "finess_eg": settings.structure.finess_eg,
            "nom": settings.structure.nom,
            "secteur_activite": settings.structure.secteur_activite,
        },
    }


def _viatrajectoire(settings: ViaTrajectoire, origin: str) -> dict[str, Any]:
    """The address of tokens, that of the API, the client, the establishment and its units as the ROR describes them."""
    return {
        "jeton": f"{origin}{settings.chemin_jeton}",
        "fhir": f"{origin}{settings.chemin_fhir.rstrip('/')}",
        "client_id": settings.client_id,
        "client_secret": settings.client_secret,
        "finess_eg": settings.finess_eg[0],
        "nom": settings.nom,
        "unites": [unite(ident).as_dict() for ident in settings.unites],
    }
