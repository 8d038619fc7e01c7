"""Extensions: defined or not, where they may be used, and the stricter rule of modifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .issues import Rule, shown
from .items import Item
from .profile_tree import Profile

if TYPE_CHECKING:
    from .walk import Walk


class Extensions:
    """Judges each extension of a document."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk

    def check(self, item: Item) -> None:
        """One extension: content, definition, place."""
        self._content(item)
        url = item.first("url")
        if not isinstance(url, str):
            return
        nested = item.parent is not None and item.parent.type.code == "Extension"
        if nested and "/" not in url and ":" not in url:
            return
        profile = self.walk.profiles.get(url)
        if profile is None or profile.type != "Extension":
            self._unknown(item, url)
            return
        self.walk.apply(profile.root, item, None)
        if item.name == "modifierExtension" and not profile.modifier:
            self._misplaced(item, profile, "une extension ordinaire, à écrire dans extension")
        elif item.name == "extension" and profile.modifier:
            self._misplaced(item, profile, "une extension modificatrice, à écrire dans modifierExtension")
        elif not self._in_context(item, profile):
            allowed = " ou ".join(c["expression"] for c in profile.context)
            self._misplaced(item, profile, f"une extension de {allowed}")

    def _content(self, item: Item) -> None:
        kids = item.kids
        if ("extension" in kids) is ("value" in kids):
            self.walk.sink.add(
                Rule.EXTENSION,
                "Extension sans valeur ni extension" if "value" not in kids else "Extension avec une valeur et des extensions",
                item,
                expected="une valeur value[x], ou des extensions, mais pas les deux",
                received="les deux" if "value" in kids else "aucune des deux",
                source="Extension#ext-1",
                key="ext-1",
            )

    def _unknown(self, item: Item, url: str) -> None:
        modifier = item.name == "modifierExtension"
        self.walk.sink.add(
            Rule.EXTENSION if modifier else Rule.EXTENSION_INCONNUE,
            "Extension modificatrice inconnue : le sens de l'élément est perdu"
            if modifier
            else "Extension inconnue : son contenu n'est pas vérifié",
            item,
            expected="une extension définie dans un paquet chargé",
            received=shown(url, 200),
            hint="Charger le paquet qui la définit (packs add), ou corriger l'URL.",
            source="FHIR R4, Extensibility §2.4.1",
            key=url,
        )

    def _misplaced(self, item: Item, profile: Profile, wanted: str) -> None:
        self.walk.sink.add(
            Rule.EXTENSION,
            "Extension utilisée hors de sa place",
            item,
            expected=wanted,
            received=_place(item),
            hint="Porter l'extension par l'élément que sa définition prévoit.",
            source=profile.named,
            key="contexte",
        )

    def _in_context(self, item: Item, profile: Profile) -> bool:
        rows = profile.context
        if not rows or any(c["type"] != "element" for c in rows):
            return True
        parent = item.parent
        if parent is None:
            return True
        if any(c["expression"] == "Element" for c in rows):
            return True
        names = _names(parent)
        return any(c["expression"] in names or _choice(c["expression"]) in names for c in rows)


def _choice(expression: str) -> str:
    return expression.removesuffix("[x]")


def _names(item: Item) -> set[str]:
    """What an element may be called in a context: its path in its type, its type and what that derives from."""
    names = {item.type.key, item.type.code, *item.type.ancestors}
    if item.elem is not None:
        names.add(item.elem.id.removesuffix("[x]"))
        names.add(f"{item.elem.id}")
    above = item.parent
    if item.elem is not None and above is not None:
        names |= {f"{ancestor}.{item.name}" for ancestor in above.type.ancestors}
    return names


def _place(item: Item) -> str:
    return item.parent.path if item.parent is not None else item.path
