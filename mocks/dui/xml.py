"""Two short ways to write XML that keep the builders readable."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree


class Espace:
    """Makes elements of one namespace: ``hl7("id", {"root": "1.2.3"})``, with children and text."""

    def __init__(self, uri: str, prefixe: str | None = None) -> None:
        self.uri = uri
        self._nsmap = {prefixe: uri}

    def __call__(
        self, nom: str, attributs: Mapping[str, str] | None = None, *enfants: etree._Element | str | None
    ) -> etree._Element:
        """An element; a None child is left out, a text child becomes its text."""
        element = etree.Element(f"{{{self.uri}}}{nom}", dict(attributs or {}), nsmap=self._nsmap)
        for enfant in enfants:
            if isinstance(enfant, str):
                element.text = enfant
            elif enfant is not None:
                element.append(enfant)
        return element

    def nom(self, local: str) -> str:
        """The qualified name of an element of this namespace."""
        return f"{{{self.uri}}}{local}"
