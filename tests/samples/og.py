"""What an OG holds: its order, a FINESS extract, an organisation certificate. All invented: no number is of a real structure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

EJ, EG = "000000018", "000000026"
"""Numbers of no department: neither ours nor anybody's."""
PV = f"""
[client]
raison_sociale = "Association d'essai"
finess_ej = "{EJ}"

[[esms]]
finess_eg = "{EG}"
nom = "EHPAD d'essai"
secteur = "PA"

[solution]
numero_referencement = "REF-ESSAI"
profils = ["PA", "PHO"]

[commande]
regime = "V2"
date_bdc = 2026-04-01
fenetre_debut = 2026-03-04
fenetre_fin = 2026-12-31
total_ht = "3333.33"
reste_a_charge = "0"

[dates]
installation = 2026-05-01
formation = 2026-06-01
mom = 2026-07-01
signature = 2026-08-01

[indicateurs]
dmp_valeur = 12
dmp_extrait = "tbb.csv"
mss_professionnel = 3
cas = 1
verification_possible = true

[pilote]
rang = 1
avis = "favorable"

[[og]]
id = "OG-02"
etat = "fait"
piece = "contrat.pdf"

[[og]]
id = "OG-08"
etat = "réserve"
reserve = "formation INSi à finir"
echeance = 2026-09-30
"""


def finess(folder: Path, *, public: bool = False, ej: str = EJ) -> Path:
    """A FINESS extract in the public layout, or with titles."""
    path = folder / "finess.csv"
    if public:
        row = ["structureet", EG, ej, "EHPAD ESSAI", *([""] * 14), "500", "EHPAD"]
        path.write_text("finess;etalab;1;2026-01-27\n" + ";".join(row) + "\n", encoding="utf-8")
    else:
        path.write_text(f"FINESS EG;FINESS EJ;Raison sociale;Catégorie\n{EG};{ej};EHPAD ESSAI;500\n", encoding="utf-8")
    return path


def certificate(
    folder: Path, finess_number: str = EJ, *, days: int = 400, issuer: str = "ASIP-SANTE", since: datetime | None = None
) -> tuple[Path, Path]:
    """An organisation certificate and its key (PEM), self-signed under that issuer's name; made at run time."""
    key = ec.generate_private_key(ec.SECP256R1())
    unit = [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, f"1{finess_number}")] if finess_number else []
    subject = x509.Name([*unit, x509.NameAttribute(NameOID.COMMON_NAME, "ORGANISATION D'ESSAI")])
    authority = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, issuer)])
    begin = since or datetime.now(UTC) - timedelta(days=800)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(datetime.now(UTC) + timedelta(days=days))
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
                key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path, key_path = folder / "organisation.pem", folder / "organisation.cle"
    path.write_bytes(made.public_bytes(Encoding.PEM))
    key_path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path, key_path
