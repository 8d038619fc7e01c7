"""Value sets as data: what their files may say, and what is said of their mistakes."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest
from dui_conformance.checks.declaratif import value_sets
from dui_conformance.core.errors import InputError
from dui_conformance.validation.valeurs import ValueSet, value_sets_of

FILE = """
[publication]
version = "2025-10"
source = "essai"
valide_du = 2025-10-01

[A]
titre = "Jeu A"
oid = "1.2.3"
libelles_de = ["ClinicalDocument/code"]
[A.codes]
"s" = "1 2"
[A.libelles]
"s" = '''
2 deux
3 trois | ter
'''

[B]
titre = "Jeu B"
version = "2026-01"
statut = "projet"
valide_au = 2026-12-31
[B.codes]
"t" = "x"
"""


def read(text: str) -> dict[str, ValueSet]:
    return value_sets_of(tomllib.loads(text), "essai.toml")


def test_a_set_has_the_codes_listed_and_those_labelled() -> None:
    found = read(FILE)["A"]
    assert found.codes == {"s": ("1", "2", "3")}
    assert found.labels == {("2", "s"): ("deux",), ("3", "s"): ("trois", "ter")}
    assert found.labels_of == ("ClinicalDocument/code",)
    assert found.text == " 1 1|s 2 2|s 3 3|s "


def test_the_publication_of_a_file_is_that_of_its_sets_unless_they_say_otherwise() -> None:
    first, second = read(FILE).values()
    assert (first.version, first.status, first.source, first.valid_from) == ("2025-10", "actif", "essai", date(2025, 10, 1))
    assert (second.version, second.status, second.source) == ("2026-01", "projet", "essai")
    assert [second.valid_on(day) for day in (date(2025, 9, 30), date(2026, 12, 31), date(2027, 1, 1))] == [False, True, False]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('titre = "Jeu A"', "", "jeu de valeurs A : « titre » manque"),
        ('statut = "projet"', 'statut = "fini"', "statut « fini »"),
        ("2 deux", "2", "libellé du code « 2 » absent"),
        ("oid =", "OID =", "clé inconnue « OID »"),
        ("valide_du = 2025-10-01", 'valide_du = "hier"', "valide_du doit être une date"),
        ('source = "essai"', 'auteur = "essai"', "clé inconnue « auteur »"),
    ],
)
def test_a_mistake_is_named(old: str, new: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read(FILE.replace(old, new, 1))


def test_every_set_of_the_product_says_what_it_is() -> None:
    for name, value_set in value_sets().items():
        assert value_set.title, name
        assert value_set.oid or "réunion" in value_set.title, name
        assert any(value_set.codes.values()), name
