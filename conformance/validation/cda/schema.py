"""The structure of CDA R2 documents: our XSD, run by libxml2; a rejected document may be read again by xmlschema.

The schema is compiled once per process, when first needed. libxml2's messages are said in French.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from io import BytesIO
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any

from lxml import etree

from ...core.problem import Problem
from ..regles import opening_tag
from ..xml import parse, place_of

RULE = "cda.structure.schema"
SCHEMA = Path(__file__).with_name("xsd") / "cda.xsd"
MAX_PROBLEMS = 20
_LOCK = Lock()
_ENTRY = "{urn:hl7-org:v3}entry"
_CROWDED = etree.XPath("count(descendant::*) >= 3000 and boolean(//*[3000])", regexp=False)
_NAME = re.compile(r"\{[^}]*\}")
_SUBJECT = re.compile(r"^Element '[^']*'(?:, attribute '[^']*')?: ")
_HINT = "Comparer avec le schéma CDA R2 étendu du CI-SIS : nom, ordre et nombre des éléments, attributs et types de données."

_Said = tuple[str, str, str]
"""French message, what was expected, what to do."""

_TYPES: dict[str, str] = {
    "uid": "un OID (1.2.250…) ou un UUID",
    "ts": "une date AAAAMMJJ[hhmmss[+hhmm]]",
    "int": "un entier",
    "real": "un nombre décimal avec un point",
    "bl": "true ou false",
    "cs": "un code sans espace",
    "addressUses": "des usages d'adresse (H HP HV WP TMP…)",
    "partQualifiers": "des qualificatifs de nom (BR CL…)",
}
_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], _Said]], ...] = (
    (
        re.compile(r"This element is not expected\. Expected is (?:one of )?\((.*?)\)\."),
        lambda m: (
            "Élément inattendu à cet endroit",
            _listed(m[1]),
            "Corriger le nom de l'élément ou sa place parmi ses voisins.",
        ),
    ),
    (
        re.compile(r"This element is not expected\."),
        lambda m: ("Élément inattendu à cet endroit", "aucun autre élément ici", "Retirer l'élément, ou le déplacer."),
    ),
    (
        re.compile(r"Missing child element\(s\)\. Expected is (?:one of )?\((.*?)\)\."),
        lambda m: ("Élément incomplet : un élément fils obligatoire manque", _listed(m[1]), "Ajouter l'élément manquant."),
    ),
    (
        re.compile(r"The attribute '([^']+)' is required but missing"),
        lambda m: (f"L'attribut obligatoire {m[1]} manque", f"@{m[1]}", "Ajouter l'attribut."),
    ),
    (
        re.compile(r"The attribute '([^']+)' is not allowed"),
        lambda m: (f"L'attribut {m[1]} n'est pas permis sur cet élément", "", "Retirer l'attribut, ou corriger son nom."),
    ),
    (
        re.compile(r"\[facet 'enumeration'\] The value '(.*?)' is not an element of the set \{(.*?)\}", re.DOTALL),
        lambda m: (f"La valeur « {m[1]} » n'est pas permise", m[2].replace("'", ""), "Choisir une valeur de la liste."),
    ),
    (
        re.compile(r"\[facet 'pattern'\] The value '(.*?)' is not accepted by the pattern '(.*)'", re.DOTALL),
        lambda m: (f"La valeur « {m[1]} » n'a pas la forme attendue", f"forme {m[2]}", "Corriger la forme de la valeur."),
    ),
    (
        re.compile(r"\[facet 'minLength'\]"),
        lambda m: ("La valeur est vide", "au moins un caractère", "Donner une valeur, ou retirer l'attribut."),
    ),
    (
        re.compile(r"The value '(.*?)' does not match the fixed value constraint '(.*?)'"),
        lambda m: (f"La valeur « {m[1]} » diffère de la valeur imposée", m[2], "Donner la valeur imposée."),
    ),
    (
        re.compile(r"The QName value '(.*?)' of the xsi:type attribute does not resolve"),
        lambda m: (f"Le type de données xsi:type « {_plain(m[1])} » n'existe pas", "", "Choisir un type de données de CDA R2."),
    ),
    (
        re.compile(r"The type definition '(.*?)', specified by xsi:type, is blocked or not validly derived from .*?'(.*?)'"),
        lambda m: (
            f"Le type xsi:type « {_plain(m[1])} » ne convient pas ici",
            f"un type dérivé de {_plain(m[2])}",
            "Choisir un type permis.",
        ),
    ),
    (
        re.compile(r"The type definition is abstract"),
        lambda m: ("Le type de la valeur n'est pas dit", "un attribut xsi:type", "Ajouter xsi:type (CD, PQ, INT…)."),
    ),
    (
        re.compile(r"Character content .*is not allowed"),
        lambda m: ("Du texte est écrit là où seuls des éléments sont permis", "aucun texte", "Retirer le texte."),
    ),
    (
        re.compile(r"Element content is not allowed"),
        lambda m: ("Des éléments sont écrits là où aucun n'est permis", "aucun élément fils", "Retirer les éléments fils."),
    ),
    (
        re.compile(r"'(.*?)' is not a valid value of the (?:local )?(?:atomic|union|list) type(?: '(.*?)')?", re.DOTALL),
        lambda m: (
            f"La valeur « {m[1]} » ne convient pas au type de données",
            _TYPES.get(_plain(m[2] or ""), f"type {_plain(m[2] or '')}"),
            "Corriger la forme de la valeur.",
        ),
    ),
)


@cache
def _compiled() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(SCHEMA)))


def validate(root: etree._Element) -> tuple[Problem, ...]:
    """What the schema says of a document, at most one problem an element and attribute; empty when it is valid."""
    if _CROWDED(root):
        return _streamed(root)
    schema = _compiled()
    with _LOCK:
        if schema.validate(root):
            return ()
        errors = [(entry.path or "", entry.message or "") for entry in schema.error_log]
    problems: dict[tuple[str, str], Problem] = {}
    prefixes = {prefix: uri for element in root.iter() for prefix, uri in element.nsmap.items() if prefix is not None}
    for path, message in errors:
        attribute = re.search(r"attribute '([^']+)'", message)
        key = (path, attribute[1] if attribute else "")
        if key not in problems:
            problems[key] = _problem(_located(root, path, prefixes), message, attribute[1] if attribute else "")
        if len(problems) == MAX_PROBLEMS:
            break
    return tuple(problems.values())


def _streamed(root: etree._Element) -> tuple[Problem, ...]:
    """The same for a document where an element has thousands of children, read again as a stream: problems have only lines.

    On a tree, libxml2 counts the siblings of each wrong element: thousands of wrong ones would take hours. Each entry is
    forgotten once read, so that no second tree is held.
    """
    with _LOCK:
        stream = etree.iterparse(
            BytesIO(etree.tostring(root, with_tail=False)),
            tag=_ENTRY,
            schema=_compiled(),
            resolve_entities=False,
            no_network=True,
            huge_tree=True,
        )
        try:
            for _, entry in stream:
                entry.clear()
        except etree.XMLSyntaxError:
            before = (root.sourceline or 1) - 1
            errors = [(each.line + before, each.message or "") for each in islice(stream.error_log, MAX_PROBLEMS)]
        else:
            return ()
    return tuple(_unplaced(line, message) for line, message in errors)


def _unplaced(line: int, message: str) -> Problem:
    said, expected, hint = _french(message)
    subject = _SUBJECT.match(message)
    received = _NAME.sub("", subject[0]).removesuffix(": ") if subject else ""
    at = f"/ClinicalDocument (ligne {line})" if line else "/ClinicalDocument"
    return Problem(rule_id=RULE, message=said, at=at, expected=expected, received=received, hint=f"{hint} {_HINT}")


def _problem(node: etree._Element, message: str, attribute: str) -> Problem:
    said, expected, hint = _french(message)
    received = f'{attribute}="{node.get(attribute)}"' if attribute and node.get(attribute) is not None else opening_tag(node)
    return Problem(rule_id=RULE, message=said, at=place_of(node), expected=expected, received=received, hint=f"{hint} {_HINT}")


def _located(root: etree._Element, path: str, prefixes: Mapping[str, str]) -> etree._Element:
    """The element at libxml2's path, whose prefixes are those of the document; the root when the path cannot be followed."""
    if not path:
        return root
    try:
        found: Any = root.getroottree().xpath(path, namespaces=dict(prefixes))
    except etree.XPathError:
        return root
    return found[0] if found else root


def _french(message: str) -> _Said:
    text = _SUBJECT.sub("", message)
    for pattern, said in _PATTERNS:
        match = pattern.search(text)
        if match:
            return said(match)
    return f"Structure refusée : {_NAME.sub('', text)}", "", "Corriger la structure."


def _plain(name: str) -> str:
    return _NAME.sub("", name)


def _listed(names: str) -> str:
    return ", ".join(_plain(name.strip()) for name in names.split(",") if name.strip())


def diagnose(data: bytes) -> list[Problem]:
    """The same document read again by xmlschema, for its fuller messages (slower, on demand).

    Raises ``XmlError`` for what is not XML.
    """
    from xmlschema import XMLSchemaException

    root = parse(data)
    problems: list[Problem] = []
    try:
        for error in islice(_second_engine().iter_errors(root), MAX_PROBLEMS):
            node = error.elem if isinstance(error.elem, etree._Element) else root
            problems.append(
                Problem(rule_id=RULE, message=str(error.reason), at=place_of(node), received=opening_tag(node), hint=_HINT)
            )
    except XMLSchemaException:  # it cannot go past an unknown xsi:type: libxml2 says the rest
        return [*problems, *validate(root)]
    return problems


@cache
def _second_engine() -> Any:
    import xmlschema

    return xmlschema.XMLSchema(str(SCHEMA))
