"""Signs a PDF as the fictional auditor does: an invisible signature of a key made for it, at a day of one's choosing."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.util import find_spec
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

AUDITEUR = "PASSI FICTIF TEST"


def disponible() -> bool:
    """True when the library that signs is installed (extra ``signature``)."""
    return find_spec("pyhanko") is not None


def signer(pdf: bytes, instant: datetime) -> bytes:
    """The same PDF, signed at that moment."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

    class SignataireDeCeJour(PdfSigner):
        """Takes the moment that it is given for the present."""

        def init_signing_session(self, *args: Any, **kwargs: Any) -> Any:
            """A session of that moment."""
            seance = super().init_signing_session(*args, **kwargs)
            seance.system_time = instant
            return seance

    signataire = SignataireDeCeJour(PdfSignatureMetadata(field_name="auditeur"), signer=_signataire())
    return bytes(signataire.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf))).getvalue())


@cache
def _signataire() -> Any:
    from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
    from pyhanko.sign.signers.pdf_cms import SimpleSigner
    from pyhanko_certvalidator import registry

    chaine: Any = registry.SimpleCertificateStore
    cle = ec.generate_private_key(ec.SECP256R1())
    nom = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, AUDITEUR)])
    debut = datetime.now(UTC) - timedelta(days=1)
    certificat = (
        x509.CertificateBuilder()
        .subject_name(nom)
        .issuer_name(nom)
        .public_key(cle.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(debut)
        .not_valid_after(debut + timedelta(days=90))
        .sign(cle, hashes.SHA256())
    )
    forme = serialization.PrivateFormat.PKCS8
    der = cle.private_bytes(serialization.Encoding.DER, forme, serialization.NoEncryption())
    return SimpleSigner(
        signing_cert=next(iter(load_certs_from_pemder_data(certificat.public_bytes(serialization.Encoding.DER)))),
        signing_key=load_private_key_from_pemder_data(der, passphrase=None),
        cert_registry=chaine(),
    )
