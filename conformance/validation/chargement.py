"""Reads a rule file (TOML) into a :class:`RuleSet`; every mistake in it is an ``InputError`` that names file and rule."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ..core.errors import InputError
from ..core.verdict import Confidence
from .expressions import ExpressionError, Expressions, Shortcut
from .regles import Row, RuleSet, Where, fingerprint, make_batches, subject_named
from .valeurs import ValueSet, as_value_set, value_sets_of

_SET_KEYS = {"id", "prefixe", "titre", "version", "sujet", "valide_du", "valide_au", "source", "confiance", "couvre"}
_TABLES = {"jeu", "espaces", "lieux", "valeurs", "raccourcis", "regle"}
_PLACES = ("contexte", "contextes", "modele", "element")
_ROW_TEXTS = {
    "id",
    "assertion",
    "message",
    "attendu",
    "recu",
    "conseil",
    "ou",
    "si",
    "source",
    "confiance",
    "couvre",
    "libre",
    "sous",
}
_ROW_KEYS = {*_ROW_TEXTS, *_PLACES}


def load_rule_set(
    path: Path,
    *,
    value_sets: Mapping[str, str] | None = None,
    shortcuts: Mapping[str, Shortcut] | None = None,
    drawn_on: Sequence[bytes] = (),
) -> RuleSet:
    """The rule set of a file. ``value_sets`` and ``shortcuts`` are shared by several files; ``drawn_on`` is what they were
    read from, so that the fingerprint changes with them."""
    data = path.read_bytes()
    document = read_toml(path)
    _refuse_unknown(document, _TABLES, f"{path.name}")
    head = document.get("jeu", {})
    _refuse_unknown(head, _SET_KEYS, f"{path.name}, [jeu]")
    for key in ("id", "titre", "version", "sujet", "source", "confiance"):
        if not head.get(key):
            raise InputError(f"{path.name}, [jeu] : « {key} » manque")
    subject = subject_named(head["sujet"], path.name)
    expressions = Expressions(
        namespaces={**subject.namespaces, **document.get("espaces", {})},
        value_sets={**(value_sets or {}), **{k: as_value_set(v) for k, v in document.get("valeurs", {}).items()}},
        shortcuts={**(shortcuts or {}), **read_shortcuts(document.get("raccourcis", {}))},
    )
    reader = _Reader(path.name, head, document.get("lieux", {}), expressions)
    rows = [reader.row(row) for row in document.get("regle", [])]
    if not rows:
        raise InputError(f"{path.name} : aucune règle")
    _refuse_duplicates(rows, path.name)
    return RuleSet(
        id=head["id"],
        title=head["titre"],
        version=str(head["version"]),
        sha256=fingerprint([data, *drawn_on]),
        valid_from=_day(head, "valide_du", path.name),
        valid_to=_day(head, "valide_au", path.name),
        subject=subject,
        rows=tuple(rows),
        expressions=expressions,
        batches=make_batches(rows),
    )


def read_value_sets(path: Path) -> dict[str, ValueSet]:
    """Every value set of a file, by name."""
    return value_sets_of(read_toml(path), path.name)


def read_shortcuts(table: Mapping[str, Any]) -> dict[str, Shortcut]:
    """``[raccourcis.nom] parametres = […] xpath = "…"``."""
    return {name: Shortcut(tuple(row["parametres"]), " ".join(row["xpath"].split())) for name, row in table.items()}


class _Reader:
    """Reads the rows of one file with its defaults."""

    def __init__(self, name: str, head: Mapping[str, Any], places: Mapping[str, Any], expressions: Expressions) -> None:
        self.name, self.head, self.places, self.expressions = name, head, places, expressions

    def row(self, row: Mapping[str, Any]) -> Row:
        """One row, its expressions expanded and checked."""
        identifier = row.get("id", "")
        place = f"{self.name}, règle {identifier or '(sans id)'}"
        _refuse_unknown(row, _ROW_KEYS, place)
        for key in ("id", "assertion", "message"):
            if not row.get(key):
                raise InputError(f"{place} : « {key} » manque")
        prefix = self.head.get("prefixe", self.head["id"])
        if not identifier.startswith(prefix + "."):
            raise InputError(f"{place} : l'identifiant doit commencer par « {prefix}. »")
        confidence = row.get("confiance", self.head["confiance"])
        if confidence not in list(Confidence):
            raise InputError(f"{place} : confiance « {confidence} » ; valeurs possibles : {', '.join(Confidence)}")
        return Row(
            id=identifier,
            where=self._where(row, place),
            assertion=self._expression(row["assertion"], place),
            message=row["message"],
            source=row.get("source", self.head["source"]),
            confidence=confidence,
            covers=tuple(row.get("couvre", self.head.get("couvre", ()))),
            only_if=self._expression(row.get("si", ""), place),
            expected=row.get("attendu", ""),
            received=self._expression(row.get("recu", ""), place),
            blamed=self._expression(row.get("ou", ""), place),
            hint=row.get("conseil", ""),
        )

    def _where(self, row: Mapping[str, Any], place: str) -> Where:
        given = [key for key in _PLACES if key in row]
        if len(given) != 1:
            raise InputError(f"{place} : donner exactement un de {', '.join(_PLACES)}")
        key = given[0]
        listed = row[key] if isinstance(row[key], list) else [row[key]]
        values = tuple(each for value in listed for each in self._named(value, place))
        if "sous" in row and key != "element":
            raise InputError(f"{place} : « sous » ne va qu'avec « element »")
        if key in {"contexte", "contextes"}:
            return Where("contexte", tuple(self._context(value, place, free=bool(row.get("libre"))) for value in values))
        if key == "modele":
            return Where(key, values)
        self._known_prefixes(values, place)
        tops = self._named(row["sous"], place) if "sous" in row else ()
        return Where(key, values, " | ".join(self._context(top, place, free=False) for top in tops))

    def _named(self, value: str, place: str) -> Sequence[str]:
        if not value.startswith("@"):
            return [value]
        if value[1:] not in self.places:
            raise InputError(f"{place} : lieu « {value} » absent de [lieux]")
        listed: Sequence[str] = self.places[value[1:]]
        return listed

    def _context(self, value: str, place: str, *, free: bool) -> str:
        if not value.startswith("/"):
            raise InputError(f"{place} : le contexte doit partir de la racine : {value}")
        if value.startswith("//") and not free:
            raise InputError(
                f"{place} : contexte commençant par « // » (5 à 30 fois plus lent) : préciser le chemin, ou écrire libre = true"
            )
        return self._expression(value, place)

    def _known_prefixes(self, values: Sequence[str], place: str) -> None:
        for value in values:
            if value.rpartition(":")[0] not in self.expressions.namespaces:
                raise InputError(f"{place} : préfixe inconnu dans « {value} »")

    def _expression(self, text: str, place: str) -> str:
        if not text:
            return ""
        try:
            expanded = self.expressions.expand(text)
            self.expressions.check(expanded)
        except ExpressionError as error:
            raise InputError(f"{place} : {error}") from error
        return expanded


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a file; an ``InputError`` when it is not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} : TOML illisible : {error}") from error


def _refuse_unknown(table: Mapping[str, Any], known: set[str], place: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise InputError(f"{place} : clé inconnue « {unknown[0]} » ; clés possibles : {', '.join(sorted(known))}")


def _refuse_duplicates(rows: Sequence[Row], name: str) -> None:
    seen: set[str] = set()
    for row in rows:
        if row.id in seen:
            raise InputError(f"{name} : deux règles portent l'identifiant {row.id}")
        seen.add(row.id)


def _day(head: Mapping[str, Any], key: str, name: str) -> date | None:
    value = head.get(key)
    if value is not None and (not isinstance(value, date)):
        raise InputError(f"{name}, [jeu] : {key} doit être une date (2023-01-01)")
    return value
