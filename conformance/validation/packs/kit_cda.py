"""The official CDA test kit of the ANS, as a pack: its generic profiles, its volets, its XSD.

The kit is the user's: nothing of it is shipped. Its layout is that of October 2025 (and before, back to 2025-02).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from ...core.errors import InputError
from .folder import PackFolder
from .kinds import Plan, Prepared, SchemaRef

HL7 = "{urn:hl7-org:v3}"
VOLET = re.compile(r"schematrons/CI-SIS_([^/]+)_(\d{4}(?:\.\d+)?)\.sch", re.IGNORECASE)
INSTRUCTION = re.compile(r"SCHSchema\s*=\s*[\"'][^\"']*?(CI-SIS_[^/\"']+\.sch)[\"']", re.IGNORECASE)
GENERIC = (
    ("entete", "schematrons/profils/structurationMinimale/ASIP-STRUCT-MIN-StrucMin.sch"),
    ("ihe", "schematrons/profils/IHE.sch"),
    ("modeles", "schematrons/profils/CI-SIS_ModelesDeContenusCDA.sch"),
    ("ans", "schematrons/profils/CI-SIS_Modeles_ANS.sch"),
)
XSD = "infrastructure/cda/CDA_extended.xsd"
MODELS: Mapping[str, str] = {
    "13": "VSM",
    "21": "LDL-EES",
    "22": "DLU-EHPAD-DLU",
    "23": "DLU-EHPAD-FLUDT",
    "24": "DLU-EHPAD-FLUDR",
    "29": "LDL-SES",
    "37": "VAC",
    "39": "EP-MED-DM",
    "46": "VAC-NOTE",
    "51": "IPS-FR",
    "54": "eDISP-MED",
    "55": "BIO-CR-BIO",
    "59": "BIO-TROD",
    "61": "DLU-FT-SU",
    "62": "DLU-FR-SU",
}
"""Volet of each model: last arc of its templateId under 1.2.250.1.213.1.1.1."""

MODEL_ROOT = "1.2.250.1.213.1.1.1."
MAX_DEPTH = 4
LAYERS: Mapping[str, str] = {
    "xsd": "schéma XML",
    "entete": "structuration minimale",
    "ihe": "profils IHE",
    "modeles": "modèles de contenus",
    "ans": "modèles ANS",
    "volet": "volet du document",
}


@dataclass(frozen=True, slots=True)
class KitCda:
    """A kit ready to judge: its generic profiles, its volets by model and version, its XSD."""

    generic: tuple[SchemaRef, ...]
    volets: Mapping[tuple[str, str], str] = field(default_factory=dict)
    xsd: str = ""

    def schemas(self) -> Sequence[SchemaRef]:
        """Generic profiles first, then every volet."""
        return (*self.generic, *(SchemaRef("volet", path) for path in sorted(set(self.volets.values()))))

    def plan(self, root: etree._Element) -> Plan:
        """XSD, generic profiles, and the volet of the document's model; none at level 1."""
        if root.find(f"{HL7}component/{HL7}nonXMLBody") is not None:
            return Plan(self.xsd, self.generic, ("document de niveau 1 : profils génériques seuls, sans volet",))
        volet = self._by_model(root) or self._by_instruction(root)
        if not volet:
            return Plan(self.xsd, self.generic, ("le kit n'a pas de volet pour ce modèle : profils génériques seuls",))
        return Plan(self.xsd, (*self.generic, SchemaRef("volet", volet)))

    def _by_model(self, root: etree._Element) -> str:
        for template in root.iterchildren(f"{HL7}templateId"):
            oid = template.get("root", "")
            model = MODELS.get(oid.removeprefix(MODEL_ROOT)) if oid.startswith(MODEL_ROOT) else None
            exact = self.volets.get((model.upper(), template.get("extension", ""))) if model else None
            if exact:
                return exact
            named = self._by_instruction(root)
            if model and not named:
                versions = sorted((v, p) for (m, v), p in self.volets.items() if m == model.upper())
                return versions[-1][1] if versions else ""
        return ""

    def _by_instruction(self, root: etree._Element) -> str:
        names = {path.rpartition("/")[2].lower(): path for path in self.volets.values()}
        node = root.getprevious()
        while node is not None:
            if isinstance(node, etree._ProcessingInstruction) and node.target == "oxygen":
                match = INSTRUCTION.search(node.text or "")
                if match and match[1].lower() in names:
                    return names[match[1].lower()]
            node = node.getprevious()
        return ""


@dataclass(frozen=True, slots=True)
class KitCdaKind:
    """Recognised by ``schematrons/CI-SIS_*.sch``, at the top of what is given or some folders below."""

    name: str = "kit-cda"
    label: str = "kit officiel de contrôle des documents CDA (ANS)"

    def recognise(self, folder: Path) -> Path | None:
        """The folder that holds ``schematrons``."""
        found = [folder] if _is_kit(folder) else []
        level = [folder]
        for _ in range(MAX_DEPTH):
            if found:
                break
            level = [d for parent in level for d in sorted(parent.iterdir()) if d.is_dir() and not d.is_symlink()][:500]
            found = [d for d in level if _is_kit(d)]
        if not found and _holds_volets(folder):
            raise InputError(f"{folder} : c'est le dossier « schematrons » du kit ; donnez le dossier qui le contient.")
        return found[0] if found else None

    def keeps(self, relative: str) -> bool:
        """Schemas, value sets and XSD; neither the engine, the examples nor the large terminologies."""
        path = relative.lower()
        if path.startswith("schematrons/moteur/") or "/_old/" in path or "/terminologies/" in path:
            return False
        if path.startswith("schematrons/"):
            return path.endswith((".sch", ".xml"))
        if path.startswith("jeuxdevaleurs/"):
            return path.endswith(".xml")
        return path.startswith("infrastructure/cda/") and path.endswith(".xsd")

    def prepare(self, folder: PackFolder) -> Prepared:
        """The version is that of the newest model; a missing profile is said."""
        kit = self.load(folder)
        if not kit.generic and not kit.volets:
            raise InputError("kit CDA : aucun schématron utilisable n'a été trouvé sous « schematrons ».")
        present = {ref.layer for ref in kit.generic}
        notes = [f"profil absent du kit : {LAYERS[layer]}" for layer, _ in GENERIC if layer not in present]
        if not kit.xsd:
            notes.append(f"schéma XML absent du kit : {XSD}")
        return Prepared(self.name, max((v for _, v in kit.volets), default=""), tuple(notes))

    def load(self, folder: PackFolder) -> KitCda:
        """The kit's parts, by the names of its files, whatever their case."""
        volets = {}
        for real in folder.files.values():
            match = VOLET.fullmatch(real)
            if match:
                volets[match[1].upper(), match[2]] = real
        generic = tuple(SchemaRef(layer, real) for layer, path in GENERIC if (real := folder.find("", path)))
        return KitCda(generic, volets, folder.find("", XSD))


def _is_kit(folder: Path) -> bool:
    return any(_holds_volets(d) for d in folder.iterdir() if d.is_dir() and d.name.lower() == "schematrons")


def _holds_volets(folder: Path) -> bool:
    return any(f.name.lower().startswith("ci-sis_") and f.suffix.lower() == ".sch" for f in folder.iterdir())


KIND = KitCdaKind()
