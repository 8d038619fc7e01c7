"""What a PKI folder remembers of itself: for whom it was made, until when, and which serial numbers are revoked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from dui_conformance.core.errors import InputError
from dui_conformance.core.people import Professionnel
from dui_conformance.core.plateforme import write_private

from .profiles import Personne

SCHEMA = "dui-conformance/pki/1"
RENEW = "« dui-conformance pki renouveler »"


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a PKI is made for: host names and addresses of the services, the structure, the professionals with a card."""

    noms: tuple[str, ...] = ("localhost",)
    adresses: tuple[str, ...] = ("127.0.0.1", "::1")
    structure: str = "OG TEST SIMULATEUR"
    finess_ej: str = "990000010"
    finess_eg: str = "990000028"
    professionnels: tuple[Personne, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """The content of ``pki.json``. ``revoques`` gives, by role, the serial reserved for its revoked certificate."""

    parameters: Parameters
    expires: datetime
    revoques: Mapping[str, int] = field(default_factory=dict)


def people(professionals: Iterable[Professionnel]) -> tuple[Personne, ...]:
    """Those of the professionals who may hold a card: the ones with a national identifier, each once."""
    found: dict[str, Personne] = {}
    for person in professionals:
        if not person.id_nat:
            continue
        if not re.fullmatch(r"[0-9A-Za-z]{1,40}", person.id_nat):
            raise InputError(f"identifiant national inutilisable dans un certificat : {person.id_nat!r}")
        found[person.id_nat] = Personne(person.id_nat, person.nom, person.prenom, person.profession_libelle)
    return tuple(found.values())


def read_state(folder: Path) -> State:
    """The state of a folder; raises ``InputError`` when there is none or when it cannot be read."""
    path = folder / "pki.json"
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        if row["schema"] != SCHEMA:
            raise InputError(f"{path} : schéma {row['schema']} inconnu (attendu : {SCHEMA})")
        values = dict(row["parametres"])
        values["noms"], values["adresses"] = tuple(values["noms"]), tuple(values["adresses"])
        values["professionnels"] = tuple(Personne(**each) for each in values["professionnels"])
        revoked = {str(role): int(serial) for role, serial in row["revoques"].items()}
        return State(Parameters(**values), datetime.fromisoformat(row["expire_le"]).astimezone(UTC), revoked)
    except FileNotFoundError as error:
        raise InputError(f"aucune PKI dans {folder} : {RENEW} en crée une") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} est abîmé ({error}) : {RENEW} refait la PKI") from error


def write_state(folder: Path, state: State) -> None:
    """Write ``pki.json``."""
    row = {
        "schema": SCHEMA,
        "expire_le": state.expires.isoformat(),
        "parametres": asdict(state.parameters),
        "revoques": dict(state.revoques),
    }
    write_private(folder / "pki.json", (json.dumps(row, ensure_ascii=False, indent=1) + "\n").encode())
