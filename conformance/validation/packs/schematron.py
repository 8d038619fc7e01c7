"""A pack of Schematron schemas (queryBinding xslt2) described by a small ``pack.toml``, whoever wrote it.

::

    [pack]
    nom = "exemple"
    version = "2026.1"
    xsd = "structure.xsd"              # facultatif

    [[schema]]
    fichier = "schemas/note.sch"
    couche = "volet"                   # facultatif
    modeles = ["1.2.250.1.213.1.1.1.46"]   # templateId du document ; sans modeles ni codes : tous les documents
    codes = ["87273-9"]                # code du document
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from ...core.errors import InputError
from .folder import OutsideError, PackFolder, resolved
from .kinds import Plan, Prepared, SchemaRef

DESCRIPTION = "pack.toml"
HL7 = "{urn:hl7-org:v3}"
_KEPT = (".sch", ".xml", ".xsd", ".toml")


@dataclass(frozen=True, slots=True)
class Described:
    """A schema and the documents that it judges; all of them when it names neither model nor code."""

    ref: SchemaRef
    models: frozenset[str]
    codes: frozenset[str]

    def applies(self, models: set[str], code: str) -> bool:
        """True for a document of one of its models or codes."""
        return not (self.models or self.codes) or bool(self.models & models) or code in self.codes


@dataclass(frozen=True, slots=True)
class SchematronPack:
    """The schemas of a pack, ready to judge."""

    described: tuple[Described, ...]
    xsd: str = ""

    def schemas(self) -> Sequence[SchemaRef]:
        """In the order of ``pack.toml``."""
        return tuple(d.ref for d in self.described)

    def plan(self, root: etree._Element) -> Plan:
        """The schemas that name the document's model or code."""
        models = {t.get("root", "") for t in root.iterchildren(f"{HL7}templateId")}
        code = root.find(f"{HL7}code")
        found = tuple(d.ref for d in self.described if d.applies(models, code.get("code", "") if code is not None else ""))
        return Plan(self.xsd, found, () if found else ("aucun schéma du pack ne vise ce document",))


@dataclass(frozen=True, slots=True)
class SchematronKind:
    """Recognised by ``pack.toml`` with a ``[pack]`` table, at the top or one folder below."""

    name: str = "schematron"
    label: str = "schématrons (xslt2) décrits par pack.toml"

    def recognise(self, folder: Path) -> Path | None:
        """The folder that holds ``pack.toml``."""
        below = sorted(d for d in folder.iterdir() if d.is_dir() and not d.is_symlink())[:50]
        return next((d for d in (folder, *below) if (d / DESCRIPTION).is_file()), None)

    def keeps(self, relative: str) -> bool:
        """Schemas, value sets, XSD and the description."""
        return relative.lower().endswith(_KEPT)

    def prepare(self, folder: PackFolder) -> Prepared:
        """Name and version are those of ``pack.toml``."""
        self.load(folder)
        pack = _description(folder)["pack"]
        return Prepared(str(pack["nom"]), str(pack.get("version", "")))

    def load(self, folder: PackFolder) -> SchematronPack:
        """The schemas that ``pack.toml`` names; raises ``InputError`` for a wrong description."""
        content = _description(folder)
        rows = content.get("schema", [])
        if not isinstance(rows, list) or not rows:
            raise InputError(f"{DESCRIPTION} : aucun [[schema]] ; nommez au moins un fichier .sch.")
        xsd = content["pack"].get("xsd", "")
        return SchematronPack(tuple(_described(folder, row) for row in rows), _file(folder, xsd) if xsd else "")


def _description(folder: PackFolder) -> dict[str, Any]:
    try:
        content = tomllib.loads(folder.read(DESCRIPTION).decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{DESCRIPTION} : fichier TOML illisible ({error}).") from error
    pack = content.get("pack")
    if not isinstance(pack, dict) or not isinstance(pack.get("nom"), str):
        raise InputError(f"{DESCRIPTION} : la table [pack] doit donner « nom ».")
    return content


def _described(folder: PackFolder, row: Any) -> Described:
    if not isinstance(row, dict) or not isinstance(row.get("fichier"), str):
        raise InputError(f"{DESCRIPTION} : chaque [[schema]] doit donner « fichier ».")
    ref = SchemaRef(str(row.get("couche", "schematron")), _file(folder, row["fichier"]))
    return Described(ref, frozenset(map(str, row.get("modeles", []))), frozenset(map(str, row.get("codes", []))))


def _file(folder: PackFolder, name: Any) -> str:
    try:
        resolved("", str(name))
    except OutsideError as error:
        raise InputError(f"{DESCRIPTION} : {error}.") from error
    found = folder.find("", str(name))
    if not found:
        raise InputError(f"{DESCRIPTION} : le fichier « {name} » n'est pas dans le pack.")
    return found


KIND = SchematronKind()
