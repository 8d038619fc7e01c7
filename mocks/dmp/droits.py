"""The rights matrix of the DMP (``matrice.toml``) and what it answers for a call. Enforced; a DUI need not implement it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ...core.errors import InputError
from .caller import Access, Caller
from .dossier import Dossier
from .state import Entry

DENIED = "DMPAccessDeniedByRightsService"
MATRIX = Path(__file__).with_name("matrice.toml")
PROFILES = ("PS", "MT", "MDT", "CPE", "ES", "AIR")
VALUES = frozenset({"oui", "non", "auteur", "structure", "patient", "medecin", "regulation"})
OPERATIONS = frozenset(
    {
        "td0.2",
        "td0.3-ajout",
        "td0.3-suppression",
        "td0.3-medecin-traitant",
        "td0.4",
        "td2.1",
        "td2.2",
        "remplacement",
        "td3.1-metadonnees",
        "td3.1-reference",
        "td3.2",
        "td3.2-masque",
        "td3.3a-masquer",
        "td3.3a-demasquer",
        "td3.3b",
        "td3.3c",
        "td3.3d",
    }
)


@dataclass(frozen=True, slots=True)
class Matrix:
    """``rights`` maps operation and column to the conditions, any of which gives the right."""

    version: str
    rights: Mapping[tuple[str, str], frozenset[str]]
    of_the_patient: frozenset[str]
    authorised: frozenset[str]

    def conditions(self, operation: str, profile: str, *, urgent: bool) -> frozenset[str]:
        """The conditions of a cell."""
        usual = self.rights[operation, profile]
        return self.rights.get((operation, f"{profile}-URG"), usual) if urgent else usual


@cache
def read_matrix(path: Path = MATRIX) -> Matrix:
    """The matrix of a file; raises ``InputError`` (French) for one that lacks a right or holds an unknown one."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    rights: dict[tuple[str, str], frozenset[str]] = {}
    for row in data.get("droit", []):
        rights.update(_row(row, path))
    missing = [
        f"{operation} ({profile})"
        for operation in sorted(OPERATIONS)
        for profile in PROFILES
        if (operation, profile) not in rights
    ]
    if missing:
        raise InputError(f"{path.name} : droit absent de la matrice : {', '.join(missing)}")
    return Matrix(
        str(data.get("version", "")),
        rights,
        frozenset(data.get("documents_du_patient", ())),
        frozenset(data.get("avec_autorisation", ())),
    )


def _row(row: Mapping[str, Any], path: Path) -> dict[tuple[str, str], frozenset[str]]:
    operation = str(row.get("operation", ""))
    if operation not in OPERATIONS:
        raise InputError(f"{path.name} : opération inconnue « {operation} » (connues : {', '.join(sorted(OPERATIONS))})")
    found = {}
    for column, text in row.items():
        if column == "operation":
            continue
        values = frozenset(str(text).split())
        if column.removesuffix("-URG") not in PROFILES or not values or values - VALUES:
            raise InputError(f"{path.name} : droit illisible, {operation}, {column} = « {text} »")
        found[operation, column] = values
    return found


def denial(matrix: Matrix, caller: Caller, dossier: Dossier, operation: str, entry: Entry | None = None) -> str:
    """Why this call is refused, in French; ``""`` when it is allowed, or when the VIHF says too little to tell."""
    if not caller.known:
        return ""
    profile = caller.profile(dossier.medecin_traitant)
    urgent = caller.access is not Access.NORMAL
    held = dossier.authorisation_of(caller.user)
    consults = operation in matrix.authorised
    if (consults or operation.startswith("td0.3")) and held == "INTERDIT":
        return "l'usager a bloqué ce professionnel"
    if consults and urgent and _opposed(caller, dossier):
        return f"l'usager s'est opposé à cet accès ({caller.access})"
    if entry is not None and operation in matrix.of_the_patient and _by_patient(entry):
        refused = "un document déposé par l'usager n'est archivé ou supprimé que par lui ou son médecin traitant"
        return "" if profile == "MT" else refused
    conditions = matrix.conditions(operation, profile, urgent=urgent)
    if not any(_holds(condition, caller, dossier, entry) for condition in conditions):
        return f"la matrice des droits refuse {operation} à ce profil ({profile}, accès {caller.access})"
    if consults and not urgent and profile != "MT" and held != "VALIDE":
        return f"le professionnel n'a pas d'autorisation d'accès valide ({held})"
    return ""


def is_author(caller: Caller, entry: Entry) -> bool:
    """True when the user is an author or the legal authenticator of the entry."""
    return bool(caller.user) and any(person.partition("^")[0] == caller.user for person in entry.attributes.persons)


def _holds(condition: str, caller: Caller, dossier: Dossier, entry: Entry | None) -> bool:
    match condition:
        case "oui":
            return True
        case "auteur":
            return entry is not None and is_author(caller, entry)
        case "structure":
            return entry is not None and any(_xon_id(value) == caller.structure for value in entry.attributes.institutions)
        case "patient":
            return dossier.masques_en_urgence
        case "medecin":
            return caller.doctor
        case "regulation":
            return caller.access is Access.REGULATION
    return False


def _opposed(caller: Caller, dossier: Dossier) -> bool:
    wanted = "bris-de-glace" if caller.access is Access.BRIS_DE_GLACE else "acces-urgence"
    return wanted in dossier.oppositions


def _by_patient(entry: Entry) -> bool:
    classes = entry.attributes.codes.get("ClassCode", ())
    types = entry.attributes.codes.get("TypeCode", ())
    return any(c.startswith("90^") for c in classes) or any(t.startswith("DOCPAT") for t in types)


def _xon_id(value: str) -> str:
    parts = value.split("^")
    return parts[9] if len(parts) > 9 else ""
