"""``pki``: the project's test PKI."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import InputError
from ..core.plateforme import private_folder
from ..core.settings import Settings

if TYPE_CHECKING:
    from ..mocks.pki.state import Parameters
    from ..mocks.pki.store import Pki
    from ..validation.saml.chain import TrustAnchors

PROJECT = ".dui-conformance"


def open_pki(settings: Settings, project: Path) -> Pki:
    """The PKI of a project folder, made at first use; refused when made for other hosts or another structure."""
    from ..mocks.pki.store import Pki

    return Pki.obtain(private_folder(project / PROJECT) / "pki", _parameters(settings))


def renew_pki(settings: Settings, project: Path) -> Path:
    """Make it anew, for the settings of now."""
    from ..mocks.pki.store import Pki

    folder = private_folder(project / PROJECT) / "pki"
    if (folder / "pki.json").exists():
        Pki.renew(folder, _parameters(settings))
    else:
        open_pki(settings, project)
    return folder


def anchors(pki: Pki, extra: Sequence[str]) -> TrustAnchors:
    """What signatures are verified against: our authorities and revocation lists, and the anchors that the user adds."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    from ..validation.saml.chain import TrustAnchors

    certificates = []
    for path in (pki.ac, pki.chaine, *(Path(p) for p in extra)):
        try:
            certificates += x509.load_pem_x509_certificates(path.read_bytes())
        except (OSError, ValueError) as error:
            raise InputError(f"[pki] ac_clientes : {path} n'est pas un fichier PEM de certificats lisible ({error}).") from None
    marker = b"-----BEGIN X509 CRL-----"
    lists = [x509.load_pem_x509_crl(marker + part) for part in pki.crl.read_bytes().split(marker)[1:]]
    return TrustAnchors(
        tuple(c.public_bytes(Encoding.DER) for c in certificates), tuple(c.public_bytes(Encoding.DER) for c in lists)
    )


def _parameters(settings: Settings) -> Parameters:
    from ..fixtures.professionals import professionals
    from ..mocks.pki.state import Parameters, people

    hosts = settings.services.noms
    return Parameters(
        noms=tuple(h for h in hosts if not _is_address(h)) or ("localhost",),
        adresses=tuple(dict.fromkeys(("127.0.0.1", "::1", *(h for h in hosts if _is_address(h))))),
        structure=settings.structure.nom,
        finess_ej=settings.structure.finess_ej,
        finess_eg=settings.structure.finess_eg,
        professionnels=people(professionals().values()),
    )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
