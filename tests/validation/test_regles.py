"""The rule engine and its file format."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from dui_conformance.core.errors import InputError
from dui_conformance.validation.chargement import load_rule_set
from dui_conformance.validation.expressions import ExpressionError, Expressions, Shortcut
from dui_conformance.validation.regles import RuleSet, Subject, register_subject
from dui_conformance.validation.valeurs import as_value_set
from dui_conformance.validation.xml import parse
from lxml import etree

HEAD = """
[jeu]
id = "essai"
titre = "Essai"
version = "1"
sujet = "essai"
source = "une norme"
confiance = "vu"
"""
DOCUMENT = (
    b"""<a xmlns="urn:essai"><b c="1"/><b c="2"><d>texte</d></b><p><templateId xmlns="urn:hl7-org:v3" root="1.2"/></p></a>"""
)


@dataclass(frozen=True, slots=True)
class View:
    root: etree._Element
    memo: dict[Any, Any] = field(default_factory=dict)


register_subject("essai", Subject(view=View, root=lambda view: view.root, namespaces={"e": "urn:essai"}))


def rules(tmp_path: Path, rows: str, head: str = HEAD) -> RuleSet:
    path = tmp_path / "essai.toml"
    path.write_text(head + rows, encoding="utf-8")
    return load_rule_set(
        path,
        value_sets={"V": as_value_set({"s": "1 2"})},
        shortcuts={"parmi": Shortcut(("x", "v"), "contains({v}, concat(' ', {x}, ' '))")},
    )


def row(**keys: str) -> str:
    written = {"id": "essai.r", "contexte": "/e:a/e:b", "assertion": "@c", "message": "Une règle"} | keys
    return "[[regle]]\n" + "\n".join(f"{key} = {value!r}" for key, value in written.items() if value) + "\n"


def test_rule_says_where_expected_and_received(tmp_path: Path) -> None:
    made = rules(tmp_path, row(assertion="@c = '1'", attendu="1", recu="@c", conseil="Écrire 1."))
    outcome = made.evaluate(View(parse(DOCUMENT)))
    (problem,) = outcome.problems["essai.r"]
    assert (problem.at, problem.expected, problem.received, problem.hint) == ("/a/b[2] (ligne 1)", "1", "2", "Écrire 1.")
    assert problem.message == "Règle non respectée : Une règle"
    assert outcome.fired == {"essai.r": 2}


def test_rule_fires_only_where_its_condition_holds(tmp_path: Path) -> None:
    outcome = rules(tmp_path, row(si="e:d", assertion="e:d = 'texte'")).evaluate(View(parse(DOCUMENT)))
    assert (outcome.fired, outcome.problems) == ({"essai.r": 1}, {})


def test_rule_without_node_does_not_fire(tmp_path: Path) -> None:
    assert rules(tmp_path, row(contexte="/e:a/e:z")).evaluate(View(parse(DOCUMENT))).fired == {}


@pytest.mark.parametrize(
    ("keys", "count"),
    [
        ({"element": "e:b"}, 2),
        ({"element": "e:b", "sous": "/e:a"}, 2),
        ({"element": "e:d", "sous": "/e:a/e:b[2]"}, 1),
        ({"modele": "1.2"}, 1),
        ({"contexte": "/e:a/*"}, 3),
    ],
)
def test_nodes_are_found_by_path_name_or_template(tmp_path: Path, keys: dict[str, str], count: int) -> None:
    made = rules(tmp_path, row(**({"contexte": ""} | keys), assertion="true()"))
    assert made.evaluate(View(parse(DOCUMENT))).fired == {"essai.r": count}


def test_blamed_node_is_the_one_asked_for(tmp_path: Path) -> None:
    made = rules(tmp_path, row(contexte="/e:a", ou="e:b[2]", assertion="false()"))
    (problem,) = made.evaluate(View(parse(DOCUMENT))).problems["essai.r"]
    assert (problem.at, problem.received) == ("/a/b[2] (ligne 1)", '<b c="2">…')


def test_named_places_and_shortcuts_are_expanded(tmp_path: Path) -> None:
    made = rules(tmp_path, '[lieux]\nb = ["/e:a/e:b"]\n' + row(contexte="@b", assertion="parmi(@c, $V)"))
    assert made.evaluate(View(parse(DOCUMENT))).fired == {"essai.r": 2}


def test_outcome_is_kept_on_the_view(tmp_path: Path) -> None:
    made, view = rules(tmp_path, row()), View(parse(DOCUMENT))
    assert made.evaluate(view) is made.evaluate(view)


def test_fingerprint_changes_with_the_content(tmp_path: Path) -> None:
    assert rules(tmp_path, row()).sha256 != rules(tmp_path, row(message="Une autre règle")).sha256


def test_validity_includes_both_bounds(tmp_path: Path) -> None:
    made = rules(tmp_path, row(), HEAD + "valide_du = 2023-01-01\nvalide_au = 2023-12-31\n")
    days = [date(2022, 12, 31), date(2023, 1, 1), date(2023, 12, 31), date(2024, 1, 1)]
    assert [made.valid_on(day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ceci n'est pas du TOML", "TOML illisible"),
        (HEAD, "aucune règle"),
        (HEAD.replace('titre = "Essai"', ""), "« titre » manque"),
        (HEAD.replace('sujet = "essai"', 'sujet = "inconnu"') + row(), "sujet « inconnu »"),
        (HEAD + 'auteur = "x"\n' + row(), "clé inconnue « auteur »"),
        (HEAD + row(message=""), "règle essai.r : « message » manque"),
        (HEAD + row(id="autre.r"), "doit commencer par « essai. »"),
        (HEAD + row(severite="erreur"), "clé inconnue « severite »"),
        (HEAD + row(confiance="sur"), "confiance « sur »"),
        (HEAD + row(contexte="//e:b"), "// »"),
        (HEAD + row(contexte="e:b"), "partir de la racine"),
        (HEAD + row(contexte="@nulle-part"), "lieu « @nulle-part » absent"),
        (HEAD + row(contexte=""), "exactement un de"),
        (HEAD + row(contexte="", element="z:b"), "préfixe inconnu"),
        (HEAD + row(sous="/e:a"), "« sous » ne va qu'avec « element »"),
        (HEAD + row(assertion="@c = "), "XPath refusé"),
        (HEAD + row(assertion="z:b"), "XPath refusé"),
        (HEAD + row(assertion="inconnue(@c)"), "XPath refusé"),
        (HEAD + row(assertion="parmi(@c, $W)"), "jeu de valeurs $W inconnu"),
        (HEAD + row(assertion="parmi(@c)"), "attend 2 argument(s), 1 donné"),
        (HEAD + row() + row(), "deux règles portent"),
        (HEAD + 'valide_du = "hier"\n' + row(), "doit être une date"),
    ],
)
def test_mistake_in_a_file_says_which_rule_and_why(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        rules(tmp_path, text, head="")
    assert said in str(caught.value)
    assert "essai.toml" in str(caught.value)


def test_value_set_knows_codes_and_couples() -> None:
    assert as_value_set({"s": "a b"}) == " a a|s b b|s "
    assert as_value_set("a b") == as_value_set(["a", "b"]) == " a b "


def test_shortcuts_nest_and_respect_quotes() -> None:
    made = Expressions({}, shortcuts={"un": Shortcut(("x",), "count({x}) = 1"), "deux": Shortcut(("x", "y"), "un({x}) or {y}")})
    assert made.expand("deux(a[b(1, 2)], ',)')") == "((count(a[b(1, 2)]) = 1) or ',)')"


def test_endless_shortcut_is_refused() -> None:
    with pytest.raises(ExpressionError, match="sans fin"):
        Expressions({}, shortcuts={"moi": Shortcut(("x",), "moi({x})")}).expand("moi(a)")
