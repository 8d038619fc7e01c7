"""``pv nouveau``: the questions whose answers make ``pv.toml``, in the order of the document."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dui_conformance.core.errors import InputError

from .pv_data import PvData, read_value
from .pv_og import points

Ask = Callable[[str], str]
Tell = Callable[[str], None]
Choose = Callable[[str, tuple[str, ...]], str]
LISTS = {"esms": "établissement", "prestation": "poste de la prestation", "reserves": "réserve", "autres": "autre PV pilote"}
LABELS = {
    "finess_ej": "FINESS EJ (9 caractères)",
    "finess_eg": "FINESS EG (9 caractères)",
    "representant": "représentant légal ou délégataire",
    "hors_perimetre": "motif s'il est hors périmètre",
    "numero_bdc": "numéro du bon de commande",
    "date_bdc": "date du bon de commande",
    "regime": "régime (V2 ou V1+V2)",
    "cas": "MSSanté : cas 1 (employée et vérifiée) ou cas 2 (non installée)",
    "mom": "date de mise en ordre de marche",
    "dmp_valeur": "indicateur DMP (TBB.1)",
}
_HINTS = {date: "AAAA-MM-JJ", Decimal: "montant, comme 3333.33", int: "nombre", bool: "oui ou non"}


@dataclass(slots=True)
class Interview:
    """Asks each field; an empty answer leaves it to fill in later, a wrong one is asked again with why. ``choose`` asks what has
    a few answers only, where it can do better than name them."""

    ask: Ask
    tell: Tell
    choose: Choose | None = None

    def all(self) -> dict[str, Any]:
        """The answers, as ``pv.toml`` holds them."""
        answers = {name: value for name, value in self._fields(PvData, "", skip=("og",)).items() if value not in ({}, [])}
        self.tell("Prérequis de l'organisme gestionnaire : fait, réserve, à faire, sans objet (entrée : à faire).")
        told = [
            {"id": point.id, "etat": etat}
            for point in points()
            if (etat := self._choice(f"{point.id} {point.point}", ("fait", "réserve", "à faire", "sans objet")))
        ]
        return {**answers, **({"og": told} if told else {})}

    def _fields(self, cls: type[Any], at: str, *, skip: tuple[str, ...] = ()) -> dict[str, Any]:
        hints = typing.get_type_hints(cls)
        made: dict[str, Any] = {}
        for field in fields(cls):
            if field.name in skip:
                continue
            if not at:
                self.tell(f"— {field.name} —")
            value = self._one(field.name, hints[field.name], f"{at}.{field.name}".lstrip("."))
            if value not in ("", None, {}, []):
                made[field.name] = value
        return made

    def _one(self, name: str, hint: Any, at: str) -> Any:
        if is_dataclass(hint):
            return self._fields(hint, at)  # type: ignore[arg-type]
        if typing.get_origin(hint) is tuple:
            inner = typing.get_args(hint)[0]
            if is_dataclass(inner):
                return list(self._many(name, inner, at))
            return [part.strip() for part in self.ask(f"{_label(name)} (séparés par des virgules)").split(",") if part.strip()]
        wanted = _plain_type(hint)
        while True:
            text = self.ask(_label(name) + (f" ({_HINTS[wanted]})" if wanted in _HINTS else "")).strip()
            if not text:
                return None
            try:
                return read_value(hint, _read(wanted, text), at, "réponse")
            except (InputError, ValueError) as error:
                self.tell(f"  {error}")

    def _many(self, name: str, cls: Any, at: str) -> Iterator[dict[str, Any]]:
        while self._choice(f"ajouter un {LISTS.get(name, name)} ?", ("oui", "non")) == "oui":
            yield self._fields(cls, at)

    def _choice(self, question: str, accepted: tuple[str, ...]) -> str:
        while True:
            told = f"{question} [{'/'.join(accepted)}]"
            text = (self.ask(told) if self.choose is None else self.choose(question, accepted)).strip().lower()
            if text in ("", *accepted):
                return text
            self.tell(f"  répondez {', '.join(accepted)}, ou rien.")


def toml_of(answers: Mapping[str, Any]) -> str:
    """``pv.toml``: tables, then arrays of tables."""
    return "\n".join(_tables(answers, "")).strip("\n") + "\n"


def _tables(row: Mapping[str, Any], at: str) -> Iterator[str]:
    plain = {name: value for name, value in row.items() if not _nested(value)}
    if plain and at:
        yield f"[{at}]"
    yield from (f"{name} = {_literal(value)}" for name, value in plain.items())
    for name, value in row.items():
        inner = f"{at}.{name}".lstrip(".")
        if isinstance(value, Mapping):
            yield from ("", *_tables(value, inner))
        elif _nested(value):
            for each in value:
                yield from ("", f"[[{inner}]]", *(f"{key} = {_literal(held)}" for key, held in each.items()))


def _nested(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and bool(value) and isinstance(value[0], Mapping))


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(_literal(each) for each in value)}]"
    return json.dumps(str(value), ensure_ascii=False)


def _plain_type(hint: Any) -> type[Any]:
    inside = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    wanted = next(each for each in inside if each is not type(None))
    assert isinstance(wanted, type)
    return wanted


def _read(wanted: type[Any], text: str) -> Any:
    if wanted is bool:
        if text.lower() not in ("oui", "non"):
            raise ValueError("répondez oui ou non")
        return text.lower() == "oui"
    if wanted is date:
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError("une date s'écrit AAAA-MM-JJ") from None
    if wanted is int:
        if not text.isdigit():
            raise ValueError("un nombre entier est attendu")
        return int(text)
    return text.replace(",", ".") if wanted is Decimal else text


def _label(name: str) -> str:
    return LABELS.get(name, name.replace("_", " "))
