"""The frame file of the RAMA: ours is fictional, the user's replaces it, and a wrong one is told by its line."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from dui_conformance.cli.references import loaded_references
from dui_conformance.core.errors import InputError
from dui_conformance.core.settings import parse_settings
from dui_conformance.validation.sidoba.cadre import FichierCadre, cadre_exemple, load_cadre, number, path_of_exemple, read_cadre

HEAD = "cle;libelle;type;unite;obligatoire;min;max;regle\n"


def test_the_example_says_that_it_is_one() -> None:
    cadre = cadre_exemple()
    assert cadre.fictif
    assert all(cle.libelle.startswith("EXEMPLE") and nom.startswith("EXEMPLE.") for nom, cle in cadre.cles.items())
    assert len({nom.split(".")[1] for nom in cadre.cles}) == 7
    assert path_of_exemple().read_bytes().startswith(b"cle;")


def test_the_frame_of_the_user_replaces_it(tmp_path: Path) -> None:
    (tmp_path / "cadre.csv").write_text(HEAD + "RES.NB;Résidents;entier;;oui;0;;somme:RES.F\nRES.F;Femmes;entier;;non;0;;\n")
    settings = parse_settings('[sidoba]\nfichier_cadre = "cadre.csv"\nexercice = 2025\n')
    (cadre,) = [r for r in loaded_references(tmp_path, settings) if isinstance(r, FichierCadre)]
    assert (list(cadre.cles), cadre.obligatoires, cadre.fictif) == (["RES.NB", "RES.F"], ("RES.NB",), False)
    assert cadre.cles["RES.NB"].somme == ("RES.F",)
    assert len(cadre.sha256) == 64


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "colonnes"),
        ("cle;type\nA;entier\n", "colonnes"),
        (HEAD + "A;a;nombre;;oui;;;\n", "ligne 2"),
        (HEAD + ";a;entier;;oui;;;\n", "ligne 2"),
        (HEAD + "A;a;entier;;peut-être;;;\n", "ligne 2"),
        (HEAD + "A;a;entier;;oui;zéro;;\n", "borne"),
        (HEAD + "A;a;entier;;oui;;;produit:B\n", "règle inconnue"),
        (HEAD + "A;a;entier;;oui;;;somme:B\n", "clé inconnue"),
        (HEAD + "A;a;entier;;oui;;;\nA;a;entier;;oui;;;\n", "ligne 3"),
    ],
)
def test_a_wrong_frame_is_told(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_cadre(text.encode(), "cadre.csv")


def test_a_frame_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="fichier_cadre"):
        load_cadre(tmp_path / "absent.csv")
    with pytest.raises(InputError, match="illisible"):
        read_cadre(b"\xff\xfe;", "cadre.csv")


@pytest.mark.parametrize(
    ("text", "value"), [("12", Decimal(12)), ("-1.5", Decimal("-1.5")), ("1,5", None), ("1e3", None), ("", None)]
)
def test_numbers_are_written_with_a_point(text: str, value: Decimal | None) -> None:
    assert number(text) == value
