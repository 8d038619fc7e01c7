"""Files of reporting: use of the DUI (MaturiN), places and archived records of child protection."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.gestures import Piece
from ..core.problem import Evidence
from ..validation.correspondances.lecture import Line, Table, read_table
from ..validation.correspondances.mapping import Correspondances
from ..validation.correspondances.models import model
from ..validation.zip_joint import ZipUnreadable, files_of
from .registry import check

SOURCE = "programme §1.11 (SIDOBA, MaturiN, PDE)"
MATURIN, PLACES = "maturin", "places"
MAX_MEMBER = 64 << 20
MAX_MEMBERS = 10_000
YES_NO = ("Oui", "Non")
PLACE_VALUES = {
    "disponible": ("Disponible", "Non disponible"),
    "sexe": ("M", "F", "M/F", "Mixte"),
    "ph": YES_NO,
    "mna": YES_NO,
}
AGES = re.compile(r"\d{1,2} - \d{1,2}")


@check("maturin.functions", covers=("MAT-01",), source=SOURCE, confidence="secondaire")
def extract_speaks_of_every_function(piece: Piece, correspondances: Correspondances) -> Evidence:
    """L'extraction a une ligne par fonction : admission, administratif, soins, accompagnement, coordinations, médicament."""
    table = read_table(piece, MATURIN, correspondances)
    known = table.model.colonnes[0].valeurs
    said = {line.code("fonction") for line in table.lines}
    missing = [titles[0] for code, titles in known.items() if code not in said]
    if missing:
        raise CheckFailed(
            "Fonction absente de l'extraction MaturiN",
            expected=f"une ligne pour {', '.join(titles[0] for titles in known.values())}",
            received=f"aucune ligne pour {', '.join(missing)}",
            at=piece.id,
            hint="Extraire toutes les fonctions, même celles que la structure n'emploie pas (valeur 0).",
        )
    return Evidence(at=piece.id, note=table.note)


@check("maturin.values", covers=("MAT-02",), source=SOURCE, confidence="secondaire")
def each_function_has_a_value_from_0_to_4(piece: Piece, correspondances: Correspondances) -> Evidence:
    """Chaque fonction de l'extraction a une valeur entière de 0 à 4."""
    table = read_table(piece, MATURIN, correspondances)
    known = [line for line in table.lines if line.code("fonction")]
    if not known:
        raise Inconclusive(f"{piece.id} : aucune fonction reconnue")
    for line in known:
        value = line.number("valeur")
        if value is None or value != value.to_integral_value() or not 0 <= value <= 4:
            raise CheckFailed(
                "Valeur MaturiN hors de l'échelle",
                expected="un entier de 0 à 4",
                received=line.text("valeur") or "vide",
                at=f"{piece.id}, ligne {line.rank} ({line.text('fonction')})",
                hint="Une valeur par fonction, de 0 (non utilisée) à 4.",
            )
    return Evidence(at=piece.id, note=table.note, fired=len(known))


@check("places.one-row-each", covers=("PDE-01",), source=SOURCE, confidence="secondaire")
def places_have_one_row_each(piece: Piece, correspondances: Correspondances) -> Evidence:
    """Le tableau des places est un tableur où chaque place a une ligne, et une seule."""
    lines = _places(piece, correspondances).lines
    numbers = Counter(line.text("place") for line in lines)
    twice = next((number for number, count in numbers.items() if count > 1 or not number), None)
    if twice is not None:
        line = [each for each in lines if each.text("place") == twice][-1]
        raise CheckFailed(
            "Place sans numéro, ou présente deux fois",
            expected="une ligne par place, chacune avec son numéro",
            received=twice or "numéro vide",
            at=f"{piece.id}, ligne {line.rank}",
            hint="Une place occupée reste une seule ligne : dire ses modalités dans les autres colonnes.",
        )
    return Evidence(at=piece.id, note=f"{len(lines)} places", fired=len(lines))


@check("places.columns", covers=("PDE-02",), source=SOURCE, confidence="secondaire")
def places_have_the_nine_columns(piece: Piece, correspondances: Correspondances) -> Evidence:
    """Le tableau des places a les neuf colonnes demandées."""
    table = _places(piece, correspondances)
    wanted = {column.id: column.titre for column in model(PLACES).colonnes}
    missing = [title for name, title in wanted.items() if name not in table.columns]
    if missing:
        raise CheckFailed(
            "Colonne absente du tableau des places",
            expected=", ".join(wanted.values()),
            received=f"sans {', '.join(missing)}",
            at=piece.id,
            hint="Garder la colonne même quand aucune place n'en a besoin.",
        )
    return Evidence(at=piece.id, note=table.note, fired=len(wanted))


@check("places.values", covers=("PDE-03",), source=SOURCE, confidence="secondaire")
def values_of_places_are_those_of_their_column(piece: Piece, correspondances: Correspondances) -> Evidence:
    """Disponible ou Non disponible, M ou F, Oui ou Non, âge sous la forme « 8 - 12 »."""
    table = _places(piece, correspondances)
    for line in table.lines:
        for column, accepted in PLACE_VALUES.items():
            if column in table.columns and line.text(column) not in accepted:
                raise _wrong(piece, line, column, " ou ".join(accepted))
        if "age" in table.columns:
            first, _, last = line.text("age").partition(" - ")
            if not AGES.fullmatch(line.text("age")) or int(first) > int(last):
                raise _wrong(piece, line, "age", "8 - 12 (du plus jeune au plus âgé)")
    return Evidence(at=piece.id, note=table.note, fired=len(table.lines))


@check("places.capacity", covers=("PDE-03",), source=SOURCE, confidence="secondaire")
def there_are_as_many_places_as_the_capacity(piece: Piece, correspondances: Correspondances, geste: Geste) -> Evidence:
    """Le tableau a autant de lignes que la structure a de places."""
    lines = _places(piece, correspondances).lines
    capacity = geste.observation("capacite")
    if capacity is None:
        raise Inconclusive("le DUI ne dit pas la capacité de la structure : comparez-la au nombre de lignes")
    if str(capacity) != str(len(lines)):
        raise CheckFailed(
            "Nombre de places différent de la capacité",
            expected=f"{capacity} lignes",
            received=f"{len(lines)} lignes",
            at=piece.id,
            hint="Extraire toutes les places, occupées ou non.",
        )
    return Evidence(at=piece.id, note=f"{len(lines)} places")


@check("archive.readable", covers=("PDE-04",), source=SOURCE, confidence="secondaire")
def archive_is_readable(piece: Piece) -> Evidence:
    """L'archive du dossier s'ouvre, et chacun de ses fichiers se relit."""
    return Evidence(at=piece.id, note=f"{len(_members(piece))} fichiers relus", fired=max(1, len(_members(piece))))


@check("archive.complete", covers=("PDE-04",), source=SOURCE, confidence="secondaire")
def archive_holds_every_document(piece: Piece, gestes: Sequence[Geste]) -> Evidence:
    """Chaque document validé dans le dossier est dans son archive."""
    wanted = [str(reference) for geste in gestes if (reference := geste.observation("document"))]
    if not wanted:
        raise Inconclusive("le DUI n'a dit la référence d'aucun document : comparez l'archive au dossier")
    members = _members(piece)
    missing = [ref for ref in wanted if not any(ref in name or ref.encode() in data for name, data in members.items())]
    if missing:
        raise CheckFailed(
            "Document du dossier absent de son archive",
            expected=f"les {len(wanted)} documents du dossier",
            received=f"sans {', '.join(missing)}",
            at=piece.id,
            hint="Archiver aussi les documents envoyés au DMP et les versions remplacées.",
        )
    return Evidence(at=piece.id, note=f"{len(wanted)} documents retrouvés", fired=len(wanted))


def _places(piece: Piece, correspondances: Correspondances) -> Table:
    table = read_table(piece, PLACES, correspondances)
    if not table.lines:
        raise Inconclusive(f"{piece.id} : aucune place dans ce tableau")
    return table


def _wrong(piece: Piece, line: Line, column: str, expected: str) -> CheckFailed:
    title = next(each.titre for each in model(PLACES).colonnes if each.id == column)
    return CheckFailed(
        f"Valeur inattendue dans la colonne « {title} »",
        expected=expected,
        received=line.text(column) or "vide",
        at=f"{piece.id}, ligne {line.rank}, colonne {title}",
        hint="Employer les valeurs du modèle, sans abréviation.",
    )


def _members(piece: Piece) -> dict[str, bytes]:
    """The files of an archive, by name; raises ``CheckFailed`` for one that cannot be read."""
    try:
        members = dict(files_of(piece, members=MAX_MEMBERS, size=MAX_MEMBER))
    except ZipUnreadable as error:
        raise CheckFailed(
            "Archive du dossier illisible",
            expected="un zip dont chaque fichier se relit, sans mot de passe",
            received=str(error),
            at=piece.id,
            hint="Relire l'archive juste après l'avoir écrite.",
        ) from error
    if not members:
        raise CheckFailed(
            "Archive du dossier vide",
            expected="les documents du dossier",
            received="aucun fichier",
            at=piece.id,
            hint="Archiver chaque document du dossier, y compris ceux qui ont été envoyés ou remplacés.",
        )
    return members
