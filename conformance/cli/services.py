"""The services of a campaign, and the secrets of their clients."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..core.plateforme import write_private
from ..core.service import Service
from ..core.settings import Settings
from .references import rama_frame

CLIENT_KEYS = "psc-cles-client.json"
CLIENTS = ("psc", "fi", "viatrajectoire", "sidoba")
"""The tables of ``dui.toml`` that hold the secret of a client."""


def make_services(settings: Settings, project: Path | None, *, strict: bool = False) -> dict[str, Service]:
    """The services of this version, by name. They accept and report; ``strict``, they refuse what is badly made."""
    from ..mocks.annuaire.app import AnnuaireSante
    from ..mocks.dmp.app import Dmp
    from ..mocks.edc.app import EspaceDeConfiance
    from ..mocks.edc.client_proxy import ProxyEditeur
    from ..mocks.fi.app import FournisseurOrdinaire
    from ..mocks.insi.app import Insi
    from ..mocks.mss.app import OperateurMss
    from ..mocks.mss.state import Reseau, declarees
    from ..mocks.psc.app import ProSanteConnect, client_dn
    from ..mocks.sidoba.app import Sidoba
    from ..mocks.viatrajectoire.app import ServiceViaTrajectoire
    from .courriels_recus import received_mails

    psc = ProSanteConnect(
        settings.psc,
        seed=1,
        keys_file=project / "psc-cles.json" if project is not None else None,
        client_keys=project / CLIENT_KEYS if project is not None else None,
        dn=settings.psc.certificat_dn or client_dn(settings.structure),
        strict=strict,
    )
    fi_keys = project / "fi-cles.json" if project is not None else None
    structure = f"1{settings.structure.finess_ej}"
    reseau = Reseau(declarees(settings.mssante.boites, settings.mssante.operateur, structure))
    services: tuple[Any, ...] = (
        psc,
        FournisseurOrdinaire(settings.fi, seed=1, keys_file=fi_keys, strict=strict),
        Insi(settings.insi, seed=1, strict=strict),
        Dmp(seed=1, strict=strict),
        EspaceDeConfiance(settings.edc, settings.psc, structure, psc=psc, seed=1, strict=strict),
        ProxyEditeur(settings.psc.client_id, seed=1),
        *(
            OperateurMss(nom, reseau, psc=psc, structure=structure, strict=strict, ecrire=received_mails)
            for nom in ("mss", "mss-b")
        ),
        ServiceViaTrajectoire(settings.viatrajectoire, settings.structure.finess_ej, seed=1, strict=strict),
        AnnuaireSante(settings.annuaire),
        Sidoba(settings.sidoba, settings.structure, rama_frame(project.parent if project else Path(), settings), strict=strict),
    )
    return {s.nom: s for s in services}


def with_secrets(settings: Settings, made: Callable[[str, str], str]) -> Settings:
    """The settings with, for each client, the secret made from its table's name and from the secret that it holds."""
    tables = {nom: getattr(settings, nom) for nom in CLIENTS}
    return replace(settings, **{n: replace(held, client_secret=made(n, held.client_secret)) for n, held in tables.items()})


def client_secret(configured: str, path: Path) -> str:
    """The secret of the settings, else the one kept in a file, made at first use."""
    if configured:
        return configured
    if not path.is_file():
        write_private(path, secrets.token_urlsafe(24).encode())
    return path.read_text(encoding="utf-8").strip()
