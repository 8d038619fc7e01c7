"""Sealed evidence: any zip tool opens it, and nothing in it can be touched unseen."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from dui_conformance.core.archive import Archive
from dui_conformance.core.errors import InputError
from dui_conformance.reports.sceau.cle import Nature, fingerprint, given_sealer, local_sealer
from dui_conformance.reports.sceau.paquet import PackBroken, PackWriter, content, directory, entries_of
from dui_conformance.reports.sceau.scelle import seal
from dui_conformance.reports.sceau.signataire import described, verified_by
from dui_conformance.reports.sceau.verification import NotEvidence, Verification, verify
from samples.scelle import DAMAGES, entries, played, rebuilt, sealed

TAMPERINGS = 1000


@pytest.fixture(scope="module")
def proof(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sealed(tmp_path_factory.mktemp("une"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sealed(tmp_path_factory.mktemp("autre"))


def test_sealed_evidence_is_intact_and_says_what_was_tested(proof: Path) -> None:
    found = verify(proof)
    assert found.intact
    assert found.signer is not None
    assert found.signer.nature is Nature.LOCALE
    assert found.manifest["produit"]["nom"]
    assert found.manifest["campagne"]["nonce"]
    assert found.manifest["etat"] == "scellee"


def test_any_zip_tool_opens_it(proof: Path) -> None:
    with zipfile.ZipFile(proof) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert (names[0], names[-1]) == ("manifeste.json", "signature.json")
        listed = [row["nom"] for row in json.loads(archive.read("manifeste.json"))["fichiers"]]
        assert listed == names[1:-1]
    assert subprocess.run([sys.executable, "-m", "zipfile", "-t", str(proof)], capture_output=True, check=False).returncode == 0


def test_the_same_campaign_sealed_again_is_the_same_bytes_but_for_its_date(tmp_path: Path) -> None:
    folder, sealer = played(tmp_path), local_sealer(tmp_path / "cle.pem")
    day = datetime(2026, 11, 22, tzinfo=UTC)
    first = seal(folder, sealer, target=tmp_path / "a.zip", now=day)
    second = seal(folder, sealer, target=tmp_path / "b.zip", now=day)
    assert first.sha256 == second.sha256


def test_a_seal_never_destroys_a_former_one_and_names_it(tmp_path: Path) -> None:
    folder, sealer = played(tmp_path), local_sealer(tmp_path / "cle.pem")
    first = seal(folder, sealer)
    second = seal(folder, sealer)
    assert verify(second.path).manifest["precedent"] == first.sha256
    assert verify(folder / "preuves-1.zip").intact


def test_a_thousand_tamperings_are_all_seen(proof: Path, other: Path, tmp_path: Path) -> None:
    rng = random.Random(20261122)
    data, held = proof.read_bytes(), entries(proof)
    stranger = other.read_bytes()
    foreign = [stranger[e.offset : e.end] for e in entries(other)]
    unseen = []
    target = tmp_path / "preuves.zip"
    for rank in range(TAMPERINGS):
        damage = DAMAGES[rank % len(DAMAGES)]
        changed = damage(rng, data, held, rng.choice(foreign))
        if changed == data:
            continue
        target.write_bytes(changed)
        try:
            if verify(target).intact:
                unseen.append((rank, damage.__name__))
        except NotEvidence:
            unseen.append((rank, f"{damage.__name__} : pas une archive"))
    assert unseen == []


def said(path: Path) -> str:
    return "\n".join(verify(path).problems)


@pytest.mark.parametrize(
    ("name", "words"),
    [("journal.jsonl", "journal.jsonl : modifié"), ("sel", "sel : modifié"), ("LISEZMOI.txt", "LISEZMOI.txt : modifié")],
)
def test_a_changed_file_is_named(proof: Path, tmp_path: Path, name: str, words: str) -> None:
    changed = rebuilt(proof, tmp_path / "x.zip", lambda held: {**held, name: held[name] + b" "})
    assert words in said(changed)
    assert "n'est plus celui qui a été signé" in said(changed)


def test_a_missing_an_added_and_a_moved_file_are_told_apart(proof: Path, tmp_path: Path) -> None:
    def without(held: dict[str, bytes]) -> dict[str, bytes]:
        return {name: data for name, data in held.items() if name != "LISEZMOI.txt"}

    def added(held: dict[str, bytes]) -> dict[str, bytes]:
        last = held.pop("signature.json")
        return {**held, "intrus.txt": b"bonjour", "signature.json": last}

    def moved(held: dict[str, bytes]) -> dict[str, bytes]:
        journal, last = held.pop("journal.jsonl"), held.pop("signature.json")
        return {**held, "journal.jsonl": journal, "signature.json": last}

    assert "LISEZMOI.txt : absent" in said(rebuilt(proof, tmp_path / "a.zip", without))
    assert "intrus.txt : ajouté" in said(rebuilt(proof, tmp_path / "b.zip", added))
    assert "changé de place" in said(rebuilt(proof, tmp_path / "c.zip", moved))


def test_the_journal_and_pieces_of_another_campaign_are_strangers(proof: Path, other: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(other) as archive:
        theirs = {name: archive.read(name) for name in archive.namelist()}
    journal = rebuilt(proof, tmp_path / "a.zip", lambda held: {**held, "journal.jsonl": theirs["journal.jsonl"]})
    assert "celui d'une autre campagne" in said(journal)
    piece = next(name for name in theirs if name.startswith("blobs/"))
    grafted = rebuilt(
        proof, tmp_path / "b.zip", lambda held: {**held, next(n for n in held if n.startswith("blobs/")): theirs[piece]}
    )
    assert "pièce étrangère" in said(grafted)


def test_a_line_taken_out_of_the_journal_is_told_by_its_chain(proof: Path, tmp_path: Path) -> None:
    def shorter(held: dict[str, bytes]) -> dict[str, bytes]:
        lines = held["journal.jsonl"].splitlines(keepends=True)
        return {**held, "journal.jsonl": b"".join(lines[:2] + lines[3:])}

    assert "ligne 3 : chaîne rompue" in said(rebuilt(proof, tmp_path / "x.zip", shorter))


def test_evidence_sealed_anew_after_a_change_is_of_another_signer(proof: Path, tmp_path: Path) -> None:
    forged = seal(played(tmp_path), local_sealer(tmp_path / "autre.pem")).path
    first, second = verify(proof).signer, verify(forged).signer
    assert first is not None
    assert second is not None
    assert first.empreinte != second.empreinte


def test_a_copy_to_share_holds_no_piece_and_still_verifies(tmp_path: Path) -> None:
    path = sealed(tmp_path, partageable=True)
    found = verify(path)
    assert found.intact
    assert found.manifest["partageable"]
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["manifeste.json", "LISEZMOI.txt", "journal.jsonl", "verdicts.csv", "signature.json"]
        table = archive.read("verdicts.csv").decode("utf-8-sig")
    verdicts = list(Archive(path.parent).of_type("verdict"))
    assert len(table.splitlines()) == len(verdicts) + 1
    assert all(event.data["controle"] in table for event in verdicts)


@pytest.mark.parametrize("content_", [b"", b"PK", b"bonjour" * 100, b"PK\x05\x06" + bytes(18)])
def test_what_is_no_evidence_is_said_to_be_none(tmp_path: Path, content_: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content_)
    with pytest.raises(NotEvidence):
        verify(path)


def test_an_ordinary_zip_is_no_evidence(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bonjour.txt", "x" * 500)
    with pytest.raises(NotEvidence):
        verify(path)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """An entry whose header promises little and whose content is endless is cut at what it promised."""
    path = tmp_path / "x.zip"
    with path.open("w+b") as stream:
        writer = PackWriter(stream)
        entry = writer.add("manifeste.json", io.BytesIO(bytes(10_000_000)))
        writer.finish()
        small = type(entry)(entry.nom, entry.offset, entry.crc, entry.packed, 10)
        with pytest.raises(PackBroken, match="plus long"):
            list(content(stream, small))


def test_more_files_than_a_zip_of_32_bits_counts(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with path.open("w+b") as stream:
        writer = PackWriter(stream)
        for rank in range(65_600):
            writer.add(f"{rank}", io.BytesIO(b""))
        writer.finish()
        held = list(entries_of(stream))
        stream.seek(held[-1].end)
        assert stream.read() == directory(held)
    with zipfile.ZipFile(path) as archive:
        assert len(archive.namelist()) == 65_600


def given(folder: Path, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> Path:
    path = folder / "cle.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


def certificate(folder: Path, key: ec.EllipticCurvePrivateKey, issuer: ec.EllipticCurvePrivateKey | None = None) -> Path:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SIGNATAIRE DE TEST")])
    root = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "AUTORITE DE TEST")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name if issuer else root)
        .issuer_name(root)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=10))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key((issuer or key).public_key()), critical=False)
    )
    if issuer is None:
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        made = made.add_extension(usage, critical=True)
    path = folder / ("titulaire.pem" if issuer else "racine.pem")
    path.write_bytes(made.sign(issuer or key, hashes.SHA256()).public_bytes(Encoding.PEM))
    return path


@pytest.mark.parametrize("kind", ["rsa", "ec", "ed25519"])
def test_the_users_own_key_seals(tmp_path: Path, kind: str) -> None:
    keys = {
        "rsa": lambda: rsa.generate_private_key(65537, 2048),
        "ec": lambda: ec.generate_private_key(ec.SECP256R1()),
        "ed25519": ed25519.Ed25519PrivateKey.generate,
    }
    sealer = given_sealer(given(tmp_path, keys[kind]()), None)
    found: Verification = verify(seal(played(tmp_path), sealer).path)
    assert found.intact
    assert found.signer is not None
    assert (found.signer.nature, found.signer.empreinte) == (Nature.FOURNIE, fingerprint(sealer.public))


def test_a_certificate_says_who_sealed_and_is_verified_by_the_authorities_given(tmp_path: Path) -> None:
    root, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority, holder = certificate(tmp_path, root), certificate(tmp_path, key, root)
    sealer = given_sealer(given(tmp_path, key), holder)
    found = verify(seal(played(tmp_path), sealer).path)
    assert found.intact
    assert found.signer is not None
    assert found.signer.nature is Nature.CERTIFIEE
    assert "SIGNATAIRE DE TEST" in described(found.signer.certificats[0])
    assert verified_by(found.signer.certificats, authority)
    (tmp_path / "ailleurs").mkdir()
    stranger = certificate(tmp_path / "ailleurs", ec.generate_private_key(ec.SECP256R1()))
    assert not verified_by(found.signer.certificats, stranger)


def test_a_certificate_of_another_key_is_refused(tmp_path: Path) -> None:
    root, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    certificate(tmp_path, root)
    holder = certificate(tmp_path, ec.generate_private_key(ec.SECP256R1()), root)
    with pytest.raises(InputError, match="pas celui de la clé"):
        given_sealer(given(tmp_path, key), holder)


@pytest.mark.parametrize("kept", [0, 60, 100])
def test_an_unreadable_key_is_refused(tmp_path: Path, kept: int) -> None:
    path = given(tmp_path, ed25519.Ed25519PrivateKey.generate())
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputError, match="clé privée illisible"):
        given_sealer(path, None)
