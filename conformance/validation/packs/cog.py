"""INSEE's history of communes and countries (COG), as a pack."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ..cog import Cog, load_cog
from .folder import PackFolder
from .kinds import Prepared

MAX_TABLES = 200
HEADER = 4_096
_CODES = {"COM", "COM_COMER", "COG"}
_DATES = {"DATE_DEBUT", "DATE_FIN"}
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class CogKind:
    """Recognised by the columns of a CSV file: COM, COM_COMER or COG, with DATE_DEBUT and DATE_FIN."""

    name: str = "cog"
    label: str = "code officiel géographique de l'INSEE, avec son historique"

    def recognise(self, folder: Path) -> Path | None:
        """The folder given, when one of its CSV files is a table of the history."""
        tables = (p for p in sorted(folder.rglob("*")) if p.suffix.lower() == ".csv" and p.is_file() and not p.is_symlink())
        return folder if any(_is_history(table) for table in islice(tables, MAX_TABLES)) else None

    def keeps(self, relative: str) -> bool:
        """The tables."""
        return relative.lower().endswith(".csv")

    def prepare(self, folder: PackFolder) -> Prepared:
        """The version is the latest year that the names of the files say, 1943 being the beginning of the history."""
        cog = self.load(folder)
        years = [year for name in cog.files for year in _YEAR.findall(name) if year != "1943"]
        return Prepared(self.name, max(years, default=""), (f"{len(cog.validities)} codes, de {', '.join(cog.files)}",))

    def load(self, folder: PackFolder) -> Cog:
        """The history; raises ``InputError``."""
        return load_cog(folder.root)


def _is_history(table: Path) -> bool:
    with table.open("rb") as stream:
        line = stream.read(HEADER).decode("utf-8-sig", errors="replace").partition("\n")[0]
    columns = {c.strip().strip('"').upper() for c in re.split("[,;\t]", line)}
    return bool(columns & _CODES) and columns >= _DATES


KIND = CogKind()
