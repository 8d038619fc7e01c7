"""Document models of the CI-SIS that have rules of their own: which one a document declares decides what judges it.

Several models share a document type (74207-2), so that the type alone does not say which rules apply.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

LEVEL_1 = "1.3.6.1.4.1.19376.1.2.20"
_MODEL = "1.2.250.1.213.1.1.1."


@dataclass(frozen=True, slots=True)
class Model:
    """A model: its name in document kinds, its ``templateId`` root, the document types that it serves (the usual one first),
    and the roots of parents that no other model has."""

    name: str
    root: str
    codes: tuple[str, ...]
    parents: tuple[str, ...] = ()


MODELS = (
    Model("note-vaccination", _MODEL + "46", ("87273-9",)),
    Model("historique-vaccinations", _MODEL + "37", ("11369-6",)),
    Model("trod", _MODEL + "59", ("96173-0",)),
    Model("synthese-medicale", _MODEL + "51", ("60591-5", "74207-2"), ("2.16.840.1.113883.10.22.1.1",)),
    Model("fiche-transfert-su", _MODEL + "61", ("78341-5",)),
    Model("fiche-retour-su", _MODEL + "62", ("60280-5",)),
    Model("dlu-ehpad", _MODEL + "22", ("74207-2",)),
    Model("fludt", _MODEL + "23", ("74207-2",)),
    Model("fludr", _MODEL + "24", ("74207-2",)),
    Model("lettre-liaison-entree-es", _MODEL + "21", ("18761-7",)),
    Model("lettre-liaison-sortie-es", _MODEL + "29", ("11490-0",)),
    Model("prescription-produits", _MODEL + "39", ("57833-6",)),
    Model("cr-biologie", _MODEL + "55", ("11502-2",)),
    Model("export-dui", _MODEL + "58", ("EXPORT_DUI",)),
)


_OTHERS = (
    "2.1.1 2.1.2 2.1.3 2.1.4 2.1.5 5.1 5.2 5.3 5.4 8 9 12.1 12.2 12.3 12.4 12.5 13 15 16 17 18 25 26 27 28 30 32 36 38 "
    "40 41 42 43 44 45 47 48 49 50 52 54 56 57 60"
)
OTHER_MODELS = frozenset(_MODEL + number for number in _OTHERS.split())
"""The other published models of structured documents (1.2.250.1.213.1.1.5.820), and those of the DLU at home."""

SHARED_TYPES = frozenset({"74207-2"})
"""Types that several published models serve: a profile of the type itself says which."""


def model_of(templates: Set[str], code: str) -> Model | None:
    """The model that a document declares; of several, the one that serves its type."""
    declared = [m for m in MODELS if m.root in templates] or [m for m in MODELS if not templates.isdisjoint(m.parents)]
    return next((m for m in declared if code in m.codes), declared[0] if declared else None)


def kind_of(templates: Set[str], code: str, body: str) -> str:
    """The document kind that profiles name.

    ``document.cda.niveau-1.<type>`` for an encapsulated file; ``document.cda.<type>.<model>`` for a structured document that
    declares a known model, the type being then one that the model serves, so that a wrong type does not escape the rules of the
    model; ``document.cda.autre-modele.<type>`` for another published model, which the rules of a type's own model do not concern;
    otherwise ``document.cda.<type>``, or ``document.cda`` without type.
    """
    model = model_of(templates, code)
    if body == "niveau 1" or (not body and model is None and LEVEL_1 in templates):
        return f"document.cda.niveau-1.{code}" if code else "document.cda.niveau-1"
    if model is not None:
        return f"document.cda.{code if code in model.codes else model.codes[0]}.{model.name}"
    if not templates.isdisjoint(OTHER_MODELS) and code not in SHARED_TYPES:
        return f"document.cda.autre-modele.{code}"
    return f"document.cda.{code}" if code else "document.cda"
