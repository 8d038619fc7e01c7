"""What the base type of an item demands, and all below it: judged once, whatever the number of profiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .base import ElementDef
from .issues import Rule, shown
from .items import Item
from .narrative import defects
from .primitives import defect, misfit

if TYPE_CHECKING:
    from .walk import Walk

LARGE_BUNDLE = 200
"""Above that many entries, the items of an entry are let go once it is judged."""


class BaseWalk:
    """Judges items against the definition of their type."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk

    def judge(self, item: Item) -> None:
        """What the base type of an item demands, and all below it."""
        type_ = item.type
        kids = item.kids
        if type_.primitive:
            self._primitive(item, kids)
            if not kids:
                return
        elif item.value and (not kids or (len(kids) == 1 and "id" in kids and not type_.resource)):
            self._hollow(item)
        for elem in type_.required:
            if elem.name not in kids:
                self._lacking(item, elem)
        for name, group in kids.items():
            elem = type_.elements[name]
            if len(group) > elem.max and not elem.choice:
                self._crowded(item, elem, group)
            for child in group:
                self._child(child, elem)
        for invariant in type_.invariants:
            self.walk.invariant(item, invariant, f"{type_.key}#{invariant.key}")
        if type_.code == "Extension":
            self.walk.extensions.check(item)
        elif type_.code == "Narrative":
            self._narrative(item)
        elif type_.code == "Coding":
            self.walk.bindings.known(item, self.walk.sink)
        elif type_.code == "Reference":
            self.walk.references.check_resolved(item, self.walk.sink)

    def _hollow(self, item: Item) -> None:
        self.walk.sink.add(
            Rule.FORME,
            f"{item.name} n'a pas de contenu",
            item,
            expected="une valeur ou des éléments",
            received="un id seul" if item.kids else "rien",
            hint="Retirer l'élément vide.",
            source="Element#ele-1",
            key="ele-1",
        )

    def _child(self, child: Item, elem: ElementDef) -> None:
        walk = self.walk
        if child.type.resource:
            walk.resource(child)
            if child.prop == "resource" and len(self.walk.references.index.by_url) > LARGE_BUNDLE:
                child.forget()
        else:
            self.judge(child)
        for invariant in elem.invariants:
            self.walk.invariant(child, invariant, f"{elem.id}#{invariant.key}")
        if elem.binding is not None:
            self.walk.bindings.check(child, elem.binding, elem.id, self.walk.sink)
        refs = elem.types
        if len(refs) != 1 or refs[0].targets or refs[0].profiles:
            if child.type.code == "Reference":
                self.walk.references.check_type(child, refs, elem.id, self.walk.sink)
            for ref in refs:
                if ref.profiles and ref.code == child.type.code:
                    self.walk.of_profiles(child, ref, elem.id)

    def _primitive(self, item: Item, kids: dict[str, list[Item]]) -> None:
        value = item.value
        if value is None:
            if "extension" not in kids:
                self.walk.sink.add(
                    Rule.FORME,
                    f"{item.name} n'a ni valeur ni extension",
                    item,
                    expected="une valeur",
                    received="rien",
                    hint="Retirer l'élément vide.",
                    source="Element#ele-1",
                    key="ele-1",
                )
            return
        code = item.type.code
        wanted = defect(code, value)
        if wanted:
            self.walk.sink.add(
                Rule.TYPE if misfit(code, value) else Rule.LEXIQUE,
                f"{item.name} n'a pas la forme d'un {code}",
                item,
                expected=wanted,
                received=f"« {shown(value)} »" if isinstance(value, str) else shown(value),
                source=f"FHIR R4, type {code}",
                key=code,
            )

    def _lacking(self, item: Item, elem: ElementDef) -> None:
        self.walk.sink.add(
            Rule.CARDINALITE,
            f"Élément obligatoire absent : {elem.name}",
            item,
            child=elem.name,
            expected=f"{elem.min} au moins",
            received="0",
            hint=f"Renseigner {elem.name}.",
            source=elem.id,
        )

    def _crowded(self, item: Item, elem: ElementDef, group: Sequence[Item]) -> None:
        self.walk.sink.add(
            Rule.CARDINALITE,
            f"{elem.name} est répété",
            item,
            child=elem.name,
            prop=group[0].prop,
            expected=f"{int(elem.max)} au plus",
            received=str(len(group)),
            hint="Ne garder que le nombre permis.",
            source=elem.id,
        )

    def _narrative(self, item: Item) -> None:
        div = item.first("div")
        for text in defects(div) if isinstance(div, str) else ():
            self.walk.sink.add(
                Rule.RECIT,
                "Récit (text.div) incorrect",
                item,
                child="div",
                prop="div",
                expected="du XHTML restreint de FHIR, qui dise quelque chose",
                received=text,
                hint="Corriger le récit, ou le retirer.",
                source="Narrative.div#txt-1, txt-2",
                key=text,
            )
