"""The test PKI: strict chains, constrained names, one defect per faulty certificate, nothing left of the root's key."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from dui_conformance.core.errors import HarnessError, InputError
from dui_conformance.core.people import Professionnel
from dui_conformance.mocks.pki import Parameters, Pki
from dui_conformance.mocks.pki.dh import dh_parameters
from dui_conformance.mocks.pki.export import certificats, export
from dui_conformance.mocks.pki.faulty import CLIENT_DEFECTS, SERVER_DEFECTS

PROFESSIONAL = "899700000001"

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl est absent (paquet openssl)")


def verify(pki: Pki, certificate: Path, purpose: str) -> str:
    """What ``openssl verify`` says, strictly and with the CRLs."""
    trust = ["-CAfile", pki.ac, "-untrusted", pki.chaine, "-CRLfile", pki.crl]
    command = ["openssl", "verify", "-x509_strict", "-crl_check_all", "-purpose", purpose, *trust, certificate]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@needs_openssl
@pytest.mark.parametrize("role", ["auth_cli", "insi_manu", "insi_auto"])
def test_organisation_certificate_passes_strict_verification(pki: Pki, role: str) -> None:
    assert "OK" in verify(pki, pki.client(role).certificate, "sslclient")


@needs_openssl
def test_signature_server_and_card_certificates_pass_strict_verification(pki: Pki) -> None:
    assert "OK" in verify(pki, pki.client("sign").certificate, "any")
    assert "OK" in verify(pki, pki.server().certificate, "sslserver")
    assert "OK" in verify(pki, pki.cps(PROFESSIONAL).certificate, "sslclient")
    assert "OK" in verify(pki, pki.cps(PROFESSIONAL, "sign").certificate, "any")


@needs_openssl
@pytest.mark.parametrize(
    ("defaut", "reason"),
    [
        ("expire", "certificate has expired"),
        ("pas-encore-valide", "certificate is not yet valid"),
        ("revoque", "certificate revoked"),
        ("autre-ac", "unable to get local issuer certificate"),
        ("mauvais-usage", "certificate purpose"),
    ],
)
def test_faulty_certificate_has_its_one_defect(pki: Pki, defaut: str, reason: str) -> None:
    for certificate, purpose in ((pki.server(defaut), "sslserver"), (pki.client("auth_cli", defaut), "sslclient")):
        said = verify(pki, certificate.certificate, purpose)
        assert reason in said
        assert len([line for line in said.splitlines() if line.startswith("error ") and "depth" in line]) == 1


@needs_openssl
def test_wrong_host_and_wrong_finess_are_valid_chains(pki: Pki) -> None:
    assert "OK" in verify(pki, pki.server("mauvais-hote").certificate, "sslserver")
    assert "OK" in verify(pki, pki.client("auth_cli", "eg").certificate, "sslclient")


@needs_openssl
def test_name_constraints_forbid_any_other_host(pki: Pki, tmp_path: Path) -> None:
    from dui_conformance.mocks.pki.profiles import serveur
    from dui_conformance.mocks.pki.store import _pem

    issuer = pki._issuer("serveur")
    key = load_pem_private_key(pki.server().key.read_bytes(), None)
    rogue = tmp_path / "rogue.pem"
    rogue.write_bytes(_pem(issuer.issue(serveur(["dmp.gouv.fr"], []), key.public_key())))
    assert "permitted subtree violation" in verify(pki, rogue, "sslserver")


def test_subjects_follow_the_facts(pki: Pki) -> None:
    subject = pki.client("auth_cli").x509().subject
    assert [a.oid for a in subject] == [
        NameOID.COUNTRY_NAME,
        NameOID.STATE_OR_PROVINCE_NAME,
        NameOID.ORGANIZATION_NAME,
        NameOID.ORGANIZATIONAL_UNIT_NAME,
        NameOID.COMMON_NAME,
    ]
    assert ou(pki.client("auth_cli").x509()) == "1990000010"
    assert ou(pki.client("auth_cli", "eg").x509()) == "1990000028"
    assert cn(pki.client("insi_manu").x509().subject) == "INSI-MANU"
    assert cn(pki.client("insi_auto").x509().subject) == "INSI-AUTO"
    assert "TEST" in cn(pki.client("sign").x509().issuer)
    assert "SIMULATEUR" in cn(pki.client("sign").x509().issuer)
    assert cn(pki.cps(PROFESSIONAL).x509().subject) == PROFESSIONAL


def test_usages_tell_authentication_from_signature(pki: Pki) -> None:
    sign = pki.client("sign").x509().extensions.get_extension_for_class(x509.KeyUsage)
    assert sign.critical
    assert sign.value.digital_signature
    assert sign.value.content_commitment
    client = pki.client("auth_cli").x509().extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(client) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_authorities_are_constrained_and_live_90_days(pki: Pki) -> None:
    authorities = x509.load_pem_x509_certificates(pki.ac.read_bytes() + pki.chaine.read_bytes())
    lengths = [a.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length for a in authorities]
    assert lengths == [1, 0, 0]
    for each in authorities:
        constraints = each.extensions.get_extension_for_class(x509.NameConstraints)
        assert constraints.critical
        assert x509.DNSName("localhost") in constraints.value.permitted_subtrees
        assert "SIMULATEUR" in cn(each.subject)
    assert timedelta(days=89) < pki.expires - datetime.now(UTC) < timedelta(days=91)


def test_root_key_is_discarded_and_files_are_private(pki: Pki) -> None:
    root = x509.load_pem_x509_certificate(pki.ac.read_bytes()).public_key()
    for path in pki.folder.rglob("*.key"):
        assert load_pem_private_key(path.read_bytes(), None).public_key() != root
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(pki.folder.stat().st_mode) == 0o700


def test_every_defect_is_minted_for_its_roles(pki: Pki) -> None:
    assert {pki.server(d).certificate.name for d in SERVER_DEFECTS} == {f"serveur.{d}.pem" for d in SERVER_DEFECTS}
    assert all(pki.client("insi_manu", d).certificate.exists() for d in CLIENT_DEFECTS)
    with pytest.raises(HarnessError):
        pki.server("eg")
    with pytest.raises(HarnessError):
        pki.client("auth_cli", "mauvais-hote")
    with pytest.raises(HarnessError):
        pki.client("chef")
    with pytest.raises(HarnessError):
        pki.cps("0000")


def test_reloaded_pki_reuses_its_certificates(pki: Pki) -> None:
    again = Pki.load(pki.folder)
    assert again.client("auth_cli").x509() == pki.client("auth_cli").x509()
    assert again.revoked == pki.revoked
    assert pki.client("auth_cli", "revoque").x509().serial_number in pki.revoked


def test_obtain_creates_reuses_adds_people_and_refuses_other_hosts(tmp_path: Path) -> None:
    from dui_conformance.mocks.pki.profiles import Personne

    folder = tmp_path / ".dui-conformance" / "pki"
    first = Pki.obtain(folder, Parameters())
    person = Personne("899700000002", "AUTRE", "Paul", "Médecin")
    again = Pki.obtain(folder, Parameters(professionnels=(person,)))
    assert again.ac.read_bytes() == first.ac.read_bytes()
    assert Pki.load(folder).cps(person.id_nat).certificate.exists()
    with pytest.raises(InputError, match="renouveler"):
        Pki.obtain(folder, Parameters(noms=("localhost", "banc.local")))
    with pytest.raises(InputError, match="existe"):
        Pki.create(folder)


def test_renew_replaces_the_root(tmp_path: Path) -> None:
    first = Pki.create(tmp_path / "pki", finess_ej="130000001")
    before = first.ac.read_bytes()
    renewed = Pki.renew(tmp_path / "pki")
    assert renewed.ac.read_bytes() != before
    assert renewed.parameters == first.parameters
    assert [p.name for p in tmp_path.iterdir()] == ["pki"]


def test_configured_hosts_are_certified(tmp_path: Path) -> None:
    pki = Pki.create(tmp_path / "pki", names=("localhost", "banc.local"), addresses=("127.0.0.1", "192.0.2.7"))
    names = pki.server().x509().extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "banc.local"]
    if shutil.which("openssl"):
        assert "OK" in verify(pki, pki.server().certificate, "sslserver")


def test_missing_damaged_and_expired_pki_are_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="aucune PKI"):
        Pki.load(tmp_path / "rien")
    folder = tmp_path / "pki"
    Pki.create(folder)
    state = json.loads((folder / "pki.json").read_text("utf-8"))
    (folder / "pki.json").write_text(json.dumps(state | {"expire_le": "2020-01-01T00:00:00+00:00"}), "utf-8")
    with pytest.raises(InputError, match="a expiré le 01/01/2020"):
        Pki.load(folder)
    (folder / "pki.json").write_text("{", "utf-8")
    with pytest.raises(InputError, match="abîmé"):
        Pki.load(folder)


def test_identifier_unfit_for_a_file_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        Pki.create(tmp_path / "pki", professionals=[Professionnel("x", "A", "B", "../../x", "60", "Infirmier")])


def test_export_gives_pem_and_pkcs12(pki: Pki, tmp_path: Path) -> None:
    written = {path.name for path in export(pki, tmp_path / "export", password="secret")}
    assert {
        "ac.pem",
        "chaine.pem",
        "crl.pem",
        "auth_cli.pem",
        "auth_cli.key",
        "auth_cli.p12",
        f"cps-{PROFESSIONAL}-auth.p12",
    } <= written
    key, leaf, chain = pkcs12.load_key_and_certificates((tmp_path / "export" / "auth_cli.p12").read_bytes(), b"secret")
    assert key is not None
    assert leaf == pki.client("auth_cli").x509()
    assert len(chain) == 2


def test_services_json_names_every_certificate(pki: Pki) -> None:
    row = certificats(pki, defauts=("expire",))
    assert Path(row["auth_cli"]["certificat"]).exists()
    assert Path(row["cps"][PROFESSIONAL]["cle_signature"]).exists()
    assert Path(row["defauts"]["expire"]["auth_cli"]["certificat"]).exists()
    assert "defauts" not in certificats(pki)


@needs_openssl
def test_dh_group_is_the_one_of_rfc_7919(tmp_path: Path) -> None:
    command = ["openssl", "dhparam", "-in", dh_parameters(tmp_path), "-check", "-text", "-noout"]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "ffdhe2048" in said.stdout


def ou(certificate: x509.Certificate) -> str:
    return str(certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)[0].value)


def cn(name: x509.Name) -> str:
    return str(name.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
