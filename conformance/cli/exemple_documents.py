"""``exemple TYPE``: documents of example, right or wrong, without any service."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import InputError
from ..core.people import Usager

if TYPE_CHECKING:
    from ..mocks.dui.documents.document import Document

AUTEUR = "infirmiere-ehpad"
PROFILS_DU_LOT = ("qualifie", "corse", "etranger", "accents", "mineur", "nia", "provisoire")
"""The usagers of a lot, in turn."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks. ``services`` is the content of ``services.json``, or None."""

    usager: str = ""
    defauts: tuple[str, ...] = ()
    graine: int = 1
    services: Mapping[str, Any] | None = None


def listing() -> str:
    """The types of documents, each with its title."""
    from ..mocks.dui.exemples import types

    known = types()
    width = max(map(len, known))
    return "\n".join(f"  {kind:<{width}}  {titre}" for kind, titre in known.items())


def unknown(what: str, others: Sequence[str]) -> InputError:
    """What to say of a name that is neither a type nor one of the other things that ``exemple`` shows."""
    from ..mocks.dui.exemples import types

    known = (*types(), *others)
    near = difflib.get_close_matches(what, known, n=1, cutoff=0.4)
    hint = f" Vouliez-vous dire « {near[0]} » ?" if near else ""
    return InputError(f"exemple {what} : inconnu.{hint} Existent : {', '.join(known)}.")


def one(type: str, wanted: Wanted) -> Document:
    """The document asked for; raises ``InputError``."""
    from ..fixtures.professionals import professionals
    from ..mocks.dui.exemples import defauts_de, document, structure_de, types

    if type not in types():
        raise unknown(type, ())
    touching = defauts_de(type)
    for name in wanted.defauts:
        if name not in touching:
            raise _wrong_fault(name, type, touching)
    person = find_usager(wanted.usager, wanted.graine)
    author, structure = professionals()[AUTEUR], structure_de(wanted.services)
    try:
        return document(type, person.as_dict(), author, structure, graine=wanted.graine, defauts=wanted.defauts)
    except ValueError as error:
        raise InputError(f"--usager {wanted.usager or person.id} : ce document ne peut être écrit ({error}).") from None


def write_one(type: str, wanted: Wanted, *, paper: bool, target: Path) -> Path:
    """Write the document asked for as a file: its CDA, or its paper form (PDF); gives the path."""
    made = one(type, wanted)
    _write(target, made.imprime() if paper else made.octets)
    return target


def write_lot(kinds: Sequence[str], wanted: Wanted, folder: Path, count: int | None = None) -> int:
    """Write ``count`` documents of these types in turn (all of them when none is given); gives how many."""
    from ..mocks.dui.exemples import exige_une_identite_qualifiee, types

    kinds = kinds or tuple(types())
    count = count or len(kinds)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"--sortie {folder} : dossier impossible à créer ({error.strerror}).") from None
    for rank in range(count):
        kind = kinds[rank % len(kinds)]
        usager = wanted.usager or PROFILS_DU_LOT[rank // len(kinds) % len(PROFILS_DU_LOT)]
        if not wanted.usager and exige_une_identite_qualifiee(kind):
            usager = "qualifie"
        asked = Wanted(usager, wanted.defauts, wanted.graine + rank, wanted.services)
        _write(folder / f"{rank + 1:06d}-{kind}.xml", one(kind, asked).octets)
    return count


def find_usager(given: str, seed: int) -> Usager:
    """A usager from a JSON file, a profile of the fictional world, or nothing (a qualified one); raises ``InputError``."""
    from ..fixtures.people import PROFILS, usager

    if not given or given in PROFILS:
        return usager(given or "qualifie", str(seed))
    path = Path(given)
    if path.suffix == ".json" or path.is_file():
        return _usager_of(path)
    near = difflib.get_close_matches(given, PROFILS, n=1)
    hint = f" Vouliez-vous dire « {near[0]} » ?" if near else ""
    raise InputError(f"--usager {given} : ni fichier JSON, ni profil.{hint} Profils : {', '.join(PROFILS)}.")


def _usager_of(path: Path) -> Usager:
    known = {f.name for f in fields(Usager)}
    wanted = ("id", "nom_naissance", "prenoms", "sexe", "date_naissance", "lieu_naissance")
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"--usager {path} : lecture impossible ({error}).") from None
    if not isinstance(row, dict):
        raise InputError(f"--usager {path} : un objet JSON est attendu (voir « dui-conformance exemple openapi », creer_usager).")
    wrong = sorted(set(row) - known)
    if wrong:
        near = difflib.get_close_matches(wrong[0], known, n=1)
        hint = f" Vouliez-vous dire « {near[0]} » ?" if near else ""
        raise InputError(f"--usager {path} : champ inconnu « {wrong[0]} ».{hint}")
    missing = [name for name in wanted if not row.get(name)]
    if missing:
        raise InputError(f"--usager {path} : il manque {', '.join(missing)}.")
    if not isinstance(row["prenoms"], list) or not all(isinstance(name, str) and name for name in row["prenoms"]):
        raise InputError(f"--usager {path} : « prenoms » est une liste de prénoms.")
    if any(not isinstance(value, str) for name, value in row.items() if name not in ("prenoms", "attributs")):
        raise InputError(f"--usager {path} : tous les champs sont du texte, sauf « prenoms » et « attributs ».")
    try:
        return Usager.from_dict(row)
    except (TypeError, ValueError) as error:
        raise InputError(f"--usager {path} : {error}.") from None


def _wrong_fault(name: str, type: str, touching: Sequence[str]) -> InputError:
    from ..mocks.dui.faults import FAULTS

    if name in FAULTS:
        fault = FAULTS[name]
        limited = f" : il concerne le type « {fault.document} »" if fault.document else " : il ne change pas un document"
        return InputError(f"--defaut {name} : sans effet sur « {type} »{limited}.")
    near = difflib.get_close_matches(name, touching, n=1)
    hint = f" Vouliez-vous dire « {near[0]} » ?" if near else ""
    return InputError(f"--defaut {name} : défaut inconnu.{hint} Voir « dui-conformance defauts ».")


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InputError(f"--sortie {path} : écriture impossible ({error.strerror}).") from None
