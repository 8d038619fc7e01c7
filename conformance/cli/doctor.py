"""``doctor``: what is missing before a campaign."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import InputError
from ..core.settings import Pilote, Settings, load_settings
from .pki import PROJECT, open_pki
from .serve import is_loopback

PLACEHOLDER = "A-RENSEIGNER"
REQUIRED = ("aiohttp", "lxml", "cryptography", "signxml", "joserfc", "typst", "pytest_html", "xmlschema")
HANDY = ("curl", "openssl")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing looked at. ``optional``: a campaign can run without it."""

    subject: str
    ok: bool
    message: str
    optional: bool = False


def diagnose(config: Path | None, project: Path) -> list[Line]:
    """Everything worth knowing, in the order to settle it."""
    lines = [Line("Python", sys.version_info >= (3, 11), sys.version.split()[0])]
    missing = [name for name in REQUIRED if importlib.util.find_spec(name) is None]
    lines.append(Line("dépendances", not missing, f"manquent : {', '.join(missing)}" if missing else "installées"))
    if config is None:
        lines.append(Line("réglages", True, "pas de dui.toml ici : réglages du DUI témoin (« init » en écrit un)"))
        settings = Settings()
    else:
        try:
            settings = load_settings(config)
        except InputError as error:
            return [*lines, Line("réglages", False, str(error))]
        lines += _settings(settings, config)
        lines += _attestations(settings, project)
    lines += _ports(settings)
    lines += _driver(settings)
    lines += _network(settings)
    lines.append(_pki(settings, project))
    for tool in HANDY:
        found = shutil.which(tool)
        lines.append(Line(tool, found is not None, found or "absent (utile pour essayer les services à la main)", optional=True))
    return lines


def _settings(settings: Settings, config: Path) -> Iterator[Line]:
    values = {
        "produit.nil": settings.produit.nil,
        "dmp.id_homologation": settings.dmp.id_homologation,
        "insi.idam": settings.insi.idam,
    }
    left = [name for name, value in values.items() if PLACEHOLDER in value]
    message = (
        f"à renseigner dans {config} : {', '.join(left)}" if left else f"{config} lu, secteurs {', '.join(settings.secteurs)}"
    )
    yield Line("réglages", not left, message)


def _attestations(settings: Settings, project: Path) -> Iterator[Line]:
    from .attestations import project_attestations

    if not settings.attestations.fichier:
        return
    try:
        count = len(project_attestations(project, settings).entries)
    except InputError as error:
        yield Line("attestations", False, str(error))
    else:
        yield Line("attestations", True, f"{settings.attestations.fichier} lu, {count} réponse(s)")


def _pki(settings: Settings, project: Path) -> Line:
    if not (project / PROJECT / "pki" / "pki.json").is_file():
        return Line("PKI de test", True, "sera faite au premier lancement")
    try:
        pki = open_pki(settings, project)
    except InputError as error:
        return Line("PKI de test", False, str(error))
    return Line("PKI de test", True, f"valable jusqu'au {pki.expires:%d/%m/%Y} ({pki.folder})")


def _network(settings: Settings) -> Iterator[Line]:
    if not is_loopback(settings.services.adresse):
        yield Line("réseau", True, f"les services écouteront sur {settings.services.adresse}, visibles des autres machines")


def _ports(settings: Settings) -> Iterator[Line]:
    for name, port in settings.services.ports.items():
        if not port:
            continue
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            try:
                probe.bind((settings.services.adresse, port))
            except OSError as error:
                yield Line(f"port {name}", False, f"{port} ne peut pas être ouvert ({error.strerror})")
            else:
                yield Line(f"port {name}", True, f"{port} libre")


def _driver(settings: Settings) -> Iterator[Line]:
    chosen = settings.pilote
    match chosen.nom:
        case "python":
            ok = bool(chosen.cible)
            yield Line("pilote python", ok, chosen.cible or 'renseignez [pilote] cible = "module:Classe"')
        case "http":
            yield _http(chosen)
        case "commande":
            absent = [argv[0] for argv in chosen.commandes.values() if argv and shutil.which(argv[0]) is None]
            ok = bool(chosen.commandes) and not absent
            yield Line(
                "pilote commande",
                ok,
                f"introuvable : {', '.join(absent)}"
                if absent
                else "commandes trouvées"
                if ok
                else "renseignez [pilote.commandes]",
            )
        case nom:
            yield Line(f"pilote {nom}", True, "prêt")


def _http(chosen: Pilote) -> Line:
    if not chosen.cible.startswith(("http://", "https://")) or not chosen.jeton:
        return Line("pilote http", False, "renseignez [pilote] cible (URL) et jeton")
    import requests

    try:
        answer = requests.get(
            f"{chosen.cible.rstrip('/')}/capacites", headers={"Authorization": f"Bearer {chosen.jeton}"}, timeout=5
        )
        answer.raise_for_status()
    except requests.RequestException as error:
        return Line("pilote http", False, f"le DUI ne répond pas à GET {chosen.cible}/capacites ({error})")
    return Line("pilote http", True, f"le DUI répond à {chosen.cible}")
