"""The test PKI of a project folder: made once, reused until renewed, its faulty certificates minted when asked for."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from dui_conformance.core.errors import HarnessError, InputError
from dui_conformance.core.people import Professionnel
from dui_conformance.core.plateforme import private_folder, write_private

from . import authority, profiles
from .authority import Authority
from .faulty import DEFECTS
from .profiles import LeafProfile, Organisation
from .state import RENEW, Parameters, State, people, read_state, write_state

ORGANISATION_ROLES = ("auth_cli", "sign", "insi_manu", "insi_auto")
ROOT_NAME = "AC RACINE TEST SIMULATEUR"
ORGANISATIONS_NAME = "TEST IGC-SANTE ELEMENTAIRE ORGANISATIONS SIMULATEUR"
PERSONNES_NAME = "TEST IGC-SANTE FORT PERSONNES SIMULATEUR"
OTHER_NAME = "AUTRE AC RACINE TEST SIMULATEUR"


@dataclass(frozen=True, slots=True)
class Credential:
    """A certificate file (leaf then its intermediate, PEM) and its private key file (PEM, not encrypted)."""

    certificate: Path
    key: Path

    def x509(self) -> x509.Certificate:
        """The leaf certificate."""
        return x509.load_pem_x509_certificates(self.certificate.read_bytes())[0]


class Pki:
    """Certificates as files of one owner-only folder. Thread-safe. Dates are relative to system time."""

    def __init__(self, folder: Path, state: State) -> None:
        self.folder = folder
        self.parameters = state.parameters
        self.expires = state.expires
        self._revoked = state.revoques
        self._lock = threading.RLock()
        self._keys: dict[Path, rsa.RSAPrivateKey] = {}

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        names: Sequence[str] = ("localhost",),
        addresses: Sequence[str] = ("127.0.0.1", "::1"),
        structure: str = "OG TEST SIMULATEUR",
        finess_ej: str = "990000010",
        finess_eg: str = "990000028",
        professionals: Iterable[Professionnel] = (),
    ) -> Pki:
        """Make a new PKI in ``folder``, which must not hold one. The root's key is forgotten before this returns."""
        parameters = Parameters(tuple(names), tuple(addresses), structure, finess_ej, finess_eg, people(professionals))
        if (folder / "pki.json").exists():
            raise InputError(f"une PKI existe déjà dans {folder} : {RENEW} la remplace")
        return cls._replace(folder, parameters)

    @classmethod
    def load(cls, folder: Path) -> Pki:
        """The PKI of a folder; raises ``InputError`` when there is none, or when it is damaged or has expired."""
        state = read_state(folder)
        if state.expires <= datetime.now(UTC):
            raise InputError(f"la PKI de {folder} a expiré le {state.expires:%d/%m/%Y} : {RENEW} la remplace")
        return cls(folder, state)

    @classmethod
    def obtain(cls, folder: Path, parameters: Parameters) -> Pki:
        """The PKI of the folder, made when absent; refused when it was made for other hosts or another structure.

        Professionals that it did not know are added.
        """
        if not (folder / "pki.json").exists():
            return cls._replace(folder, parameters)
        pki = cls.load(folder)
        for name in ("noms", "adresses", "structure", "finess_ej", "finess_eg"):
            made_for, wanted = getattr(pki.parameters, name), getattr(parameters, name)
            if made_for != wanted:
                raise InputError(
                    f"la PKI de {folder} est faite pour {name} = {_shown(made_for)} et non {_shown(wanted)} : {RENEW} la refait"
                )
        known = dict.fromkeys((*pki.parameters.professionnels, *parameters.professionnels))
        if len(known) > len(pki.parameters.professionnels):
            pki.parameters = replace(pki.parameters, professionnels=tuple(known))
            write_state(folder, State(pki.parameters, pki.expires, pki._revoked))
        return pki

    @classmethod
    def renew(cls, folder: Path, parameters: Parameters | None = None) -> Pki:
        """Replace the PKI by a new one, for the same values unless others are given. Clients must trust its new root."""
        return cls._replace(folder, parameters or read_state(folder).parameters)

    @classmethod
    def _replace(cls, folder: Path, parameters: Parameters) -> Pki:
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            _make(private_folder(work / "neuve"), parameters)
            if folder.exists():
                folder.rename(work / "ancienne")
            (work / "neuve").rename(folder)
        finally:
            shutil.rmtree(work)
        return cls.load(folder)

    @property
    def ac(self) -> Path:
        """The root certificate (PEM): the one thing that a client must trust."""
        return self.folder / "ac.pem"

    @property
    def chaine(self) -> Path:
        """The intermediate certificates (PEM)."""
        return self.folder / "chaine.pem"

    @property
    def crl(self) -> Path:
        """The revocation lists of the root and of the intermediates (PEM)."""
        return self.folder / "crl.pem"

    @property
    def revoked(self) -> frozenset[int]:
        """Serial numbers that the revocation lists hold."""
        return frozenset(self._revoked.values())

    def server(self, defaut: str = "bon") -> Credential:
        """The certificate served by the listeners, good or with a named defect."""
        return self._credential("serveur", "serveur", defaut)

    def client(self, role: str, defaut: str = "bon") -> Credential:
        """The certificate of an organisation role: ``auth_cli``, ``sign``, ``insi_manu`` or ``insi_auto``."""
        if role not in ORGANISATION_ROLES:
            raise HarnessError(f"rôle de certificat inconnu : {role} (connus : {', '.join(ORGANISATION_ROLES)})")
        return self._credential(role, role, defaut)

    def cps(self, id_nat: str, usage: str = "auth", defaut: str = "bon") -> Credential:
        """The CPS-like certificate of a professional, for ``auth`` or ``sign``. All cards share one key per usage,
        so that a world of professionals costs two key generations."""
        if usage not in ("auth", "sign"):
            raise HarnessError(f"usage de carte inconnu : {usage} (connus : auth, sign)")
        return self._credential(f"cps.{id_nat}.{usage}", f"cps.{usage}", defaut)

    def _credential(self, role: str, key: str, defaut: str) -> Credential:
        suffix = "" if defaut == "bon" else f".{defaut}"
        folder = self.folder / "certificats"
        made = Credential(folder / f"{role}{suffix}.pem", folder / f"{key}.key")
        with self._lock:
            if not made.certificate.exists():
                self._mint(role, defaut, made)
        return made

    def _mint(self, role: str, defaut: str, target: Credential) -> None:
        defect = None if defaut == "bon" else DEFECTS.get(defaut)
        if defaut != "bon" and (defect is None or not (defect.server if role == "serveur" else defect.client)):
            raise HarnessError(f"défaut de certificat inconnu pour {role} : {defaut}")
        profile = self._profile(role, self.parameters.finess_ej)
        issuer = self._issuer(role)
        validity, serial = None, None
        if defect is not None:
            if defect.geographic:
                profile = self._profile(role, self.parameters.finess_eg)
            if defect.other_authority:
                issuer = self._other_issuer()
            profile = defect.profile(profile)
            validity = defect.validity(issuer.validity) if defect.validity else None
            serial = self._revoked[_revocation_class(role)] if defect.revoked else None
        key = self._key(target.key) if target.key.exists() else _write_key(target.key)
        leaf = issuer.issue(profile, key.public_key(), validity=validity, serial=serial)
        write_private(target.certificate, _pem(leaf) + _pem(issuer.certificate))

    def _profile(self, role: str, finess: str) -> LeafProfile:
        organisation = Organisation(self.parameters.structure, finess)
        if role == "serveur":
            return profiles.serveur(self.parameters.noms, self.parameters.adresses)
        if role == "sign":
            return profiles.org_sign(organisation, f"{self.parameters.structure} SIGNATURE")
        if role in ORGANISATION_ROLES:
            names = {
                "auth_cli": f"{self.parameters.structure} AUTHENTIFICATION",
                "insi_manu": "INSI-MANU",
                "insi_auto": "INSI-AUTO",
            }
            return profiles.org_auth_cli(organisation, names[role])
        _, id_nat, usage = role.split(".")
        person = next((p for p in self.parameters.professionnels if p.id_nat == id_nat), None)
        if person is None:
            raise HarnessError(f"aucun professionnel {id_nat} dans cette PKI")
        return profiles.cps_authentification(person) if usage == "auth" else profiles.cps_signature(person)

    def _issuer(self, role: str) -> Authority:
        return self._authority(self.folder / "autorites" / ("personnes" if role.startswith("cps.") else "organisations"))

    def _other_issuer(self) -> Authority:
        path = self.folder / "autorites" / "autre"
        if not path.with_suffix(".pem").exists():
            constraints = authority.name_constraints(self.parameters.noms, self.parameters.adresses)
            _write_authority(path, authority.root(OTHER_NAME, constraints, path_length=0))
        return self._authority(path)

    def _authority(self, path: Path) -> Authority:
        certificate = x509.load_pem_x509_certificate(path.with_suffix(".pem").read_bytes())
        return Authority(certificate, self._key(path.with_suffix(".key")))

    def _key(self, path: Path) -> rsa.RSAPrivateKey:
        """A private key, read once: checking one costs tens of milliseconds, and a world of cards shares a few."""
        if path not in self._keys:
            self._keys[path] = _load_key(path)
        return self._keys[path]


def _shown(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _make(folder: Path, parameters: Parameters) -> None:
    constraints = authority.name_constraints(parameters.noms, parameters.adresses)
    root = authority.root(ROOT_NAME, constraints)
    organisations = root.intermediate(ORGANISATIONS_NAME, constraints)
    personnes = root.intermediate(PERSONNES_NAME, constraints)
    serials = {name: x509.random_serial_number() for name in ("serveur", *ORGANISATION_ROLES, "cps")}
    own = [serial for name, serial in serials.items() if name != "cps"]
    crls = (root.crl(), organisations.crl(own), personnes.crl([serials["cps"]]))
    write_private(folder / "ac.pem", _pem(root.certificate))
    write_private(folder / "chaine.pem", _pem(organisations.certificate) + _pem(personnes.certificate))
    write_private(folder / "crl.pem", b"".join(crl.public_bytes(Encoding.PEM) for crl in crls))
    private_folder(folder / "certificats")
    private_folder(folder / "autorites")
    _write_authority(folder / "autorites" / "organisations", organisations)
    _write_authority(folder / "autorites" / "personnes", personnes)
    write_state(folder, State(parameters, root.validity.end, serials))


def _revocation_class(role: str) -> str:
    return "cps" if role.startswith("cps.") else role


def _write_authority(path: Path, made: Authority) -> None:
    write_private(path.with_suffix(".key"), _key_pem(made.key))
    write_private(path.with_suffix(".pem"), _pem(made.certificate))


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def _key_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write_key(path: Path) -> rsa.RSAPrivateKey:
    key = authority.new_key()
    write_private(path, _key_pem(key))
    return key


def _load_key(path: Path) -> rsa.RSAPrivateKey:
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise HarnessError(f"{path} n'est pas une clé RSA")
    return key
