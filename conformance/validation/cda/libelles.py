"""Labels and their codes: whether a displayName says the same as its code, compared leniently."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache

from lxml import etree

from ..valeurs import ValueSet
from ..xml import local_name

_WORD = re.compile(r"[a-z0-9]+")
_LINKING = frozenset(
    {"a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "ou", "par", "pour", "s", "sur"}
)
_STEM = 5
_NEAR = 0.75
_SIDED = re.compile("gauche|droit|left|right", re.IGNORECASE)
_SIDES = {"gauche": "gauche", "left": "gauche", "droit": "droite", "droite": "droite", "right": "droite"}


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of codes, and where they bind."""

    known: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    places: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    owners: dict[tuple[str, str], str] = field(default_factory=dict)
    """By (plain label, system): the code that bears exactly that label."""

    def contradiction(self, element: etree._Element) -> str:
        """The label expected where the label of an element contradicts its code; ``""`` when it agrees or is unknown."""
        key = (element.get("code", ""), element.get("codeSystem", ""))
        labels = self.known.get(key)
        if labels is None or not self._binds(key, element):
            return ""
        said = element.get("displayName", "")
        if said in labels or self._agrees(said, key, labels):
            return ""
        return labels[0]

    def _agrees(self, said: str, key: tuple[str, str], labels: tuple[str, ...]) -> bool:
        return agrees(said, key[0], labels, other=self.owners.get((plain(said), key[1]), key[0]) != key[0])

    def _binds(self, key: tuple[str, str], element: etree._Element) -> bool:
        places = self.places.get(key)
        if not places:
            return True
        parent = element.getparent()
        return f"{local_name(parent) if parent is not None else ''}/{local_name(element)}" in places


def labels_of(value_sets: Iterable[ValueSet]) -> Labels:
    """The labels of several value sets together; a code that two sets name has the labels of both."""
    labels = Labels()
    for value_set in value_sets:
        for key, said in value_set.labels.items():
            free = key in labels.known and key not in labels.places
            labels.known[key] = tuple(dict.fromkeys((*labels.known.get(key, ()), *said)))
            if value_set.labels_of and not free:
                labels.places[key] = labels.places.get(key, frozenset()) | frozenset(value_set.labels_of)
            elif not value_set.labels_of:
                labels.places.pop(key, None)
            for each in said:
                labels.owners.setdefault((plain(each), key[1]), key[0])
    return labels


@lru_cache(maxsize=4096)
def agrees(said: str, code: str, labels: tuple[str, ...], *, other: bool = False) -> bool:
    """True when a label says what one of the code's labels says: same words whatever case, accents, punctuation and order,
    a shorter or longer form, a misspelling, or the code itself. ``other``: it is exactly the label of another code."""
    mine, words = plain(said), _words(said)
    if not mine or mine == plain(code):
        return True
    for label in labels:
        theirs, known = plain(label), _words(label)
        if mine == theirs or (words and words == known):
            return True
        if words and (words <= known or known <= words):
            return True
        if not other and sides(said) == sides(label) and _near(mine, theirs, words, known):
            return True
    return False


def _near(mine: str, theirs: str, words: frozenset[str], known: frozenset[str]) -> bool:
    shared = len(words & known)
    if shared and shared * 2 >= min(len(words), len(known)):
        return True
    return SequenceMatcher(None, mine, theirs).ratio() >= _NEAR


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Letters and digits only, without accents nor case."""
    return "".join(_WORD.findall(_folded(text)))


@lru_cache(maxsize=4096)
def sides(text: str) -> frozenset[str]:
    """``gauche``, ``droite``, both or none, as a text says it."""
    if not _SIDED.search(text):
        return frozenset()
    return frozenset(_SIDES[word] for word in _WORD.findall(_folded(text)) if word in _SIDES)


def _words(text: str) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in _WORD.findall(_folded(text)) if word not in _LINKING)


def _folded(text: str) -> str:
    spelled = text.casefold().replace("œ", "oe").replace("æ", "ae")
    return "".join(c for c in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(c))
