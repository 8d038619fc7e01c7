"""The organisation certificate of the OG: of a legal entity or of an establishment, by whom, until when (OG-05)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID
from dui_conformance.core.errors import InputError

_STRUCTURE = re.compile(r"1?([0-9][0-9AB][0-9]{7})")
_ANS = ("ASIP-SANTE", "ASIP SANTE", "AGENCE DU NUMERIQUE EN SANTE", "ANS")


@dataclass(frozen=True, slots=True)
class CertificatOrganisation:
    """What a certificate says: the FINESS of its OU (``""``: none), issuer, last day, whether the issuer looks like IGC-Santé."""

    titulaire: str
    finess: str
    emetteur: str
    fin: date
    igc_sante: bool

    def said(self, ej: str, egs: tuple[str, ...], until: date | None, today: date) -> tuple[bool, str]:
        """Whether it serves this OG until that day, and why."""
        if self.fin < today:
            return False, f"certificat expiré le {self.fin:%d/%m/%Y}"
        if not self.finess:
            return False, f"aucun FINESS dans le sujet ({self.titulaire})"
        if self.finess in egs and self.finess != ej:
            return False, f"certificat d'un établissement (EG {self.finess}) : il le faut au niveau de l'EJ"
        if ej and self.finess != ej:
            return False, f"certificat d'une autre structure (FINESS {self.finess})"
        if until is not None and self.fin < until:
            return False, f"il expire le {self.fin:%d/%m/%Y}, avant la fin de la prestation ({until:%d/%m/%Y})"
        if not self.igc_sante:
            return False, f"délivré par {self.emetteur}, qui n'est pas l'IGC-Santé"
        return True, f"EJ {self.finess}, délivré par {self.emetteur}, valable jusqu'au {self.fin:%d/%m/%Y}"


def load_certificate(path: Path) -> CertificatOrganisation:
    """Read a certificate (PEM or DER); raises ``InputError``. Nothing but its content is looked at: no key is wanted."""
    try:
        data = path.read_bytes()
        read = x509.load_pem_x509_certificate(data) if b"-----BEGIN" in data else x509.load_der_x509_certificate(data)
    except (OSError, ValueError):
        raise InputError(f"{path} : certificat illisible ; un fichier PEM ou DER est attendu.") from None
    units = [str(each.value) for each in read.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)]
    finess = next((found[1] for unit in units if (found := _STRUCTURE.fullmatch(unit))), "")
    issuer = read.issuer.rfc4514_string()
    organisations = [str(each.value).upper() for each in read.issuer.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
    known = any(name in _ANS for name in organisations)
    return CertificatOrganisation(read.subject.rfc4514_string(), finess, issuer, read.not_valid_after_utc.date(), known)
