"""The official geographic code, read from invented files that have INSEE's columns."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest
from dui_conformance.core.errors import InputError
from dui_conformance.validation.cog import Cog, Validity, load_cog

COMMUNES = """TYPECOM,COM,TNCC,NCC,NCCENR,LIBELLE,DATE_DEBUT,DATE_FIN
COM,01001,0,VIEUXBOURG,Vieuxbourg,Vieuxbourg,1943-01-01,
COM,01002,0,ABSORBEE,Absorbée,Absorbée,1943-01-01,1974-01-01
COM,01003,0,NOUVELLE,Nouvelle,Nouvelle,2016-01-01,
COM,20004,0,AJOUTE,Ajoute,Ajoute,1943-01-01,1976-01-01
COM,2A004,0,AJOUTE,Ajoute,Ajoute,1976-01-01,
COM,75056,0,PARIS,Paris,Paris,1943-01-01,
"""
COUNTRIES = """COG,CRPAY,LIBCOG,LIBENR,DATE_DEBUT,DATE_FIN
99901,,Ruritanie,Royaume de Ruritanie,1943-01-01,1990-10-03
99902,,Nouvelle Ruritanie,République de Ruritanie,1990-10-03,
"""
TODAY = '"COG","ACTUAL","LIBCOG","LIBENR"\n"99902","1","Nouvelle Ruritanie","x"\n"99903","1","Syldavie","x"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "v_commune_depuis_1943.csv").write_text(COMMUNES, encoding="utf-8-sig")
    (tmp_path / "v_pays_et_territoire_depuis_1943.csv").write_text(COUNTRIES, encoding="utf-8")
    (tmp_path / "v_pays_territoire_2026.csv").write_text(TODAY, encoding="utf-8")
    (tmp_path / "v_region_2026.csv").write_text("REG,CHEFLIEU,LIBELLE\n01,97105,Guadeloupe\n", encoding="utf-8")
    (tmp_path / "lisez-moi.txt").write_text("COM", encoding="utf-8")
    return tmp_path


@pytest.fixture
def cog(folder: Path) -> Cog:
    return load_cog(folder)


@pytest.mark.parametrize(
    ("code", "day", "exists"),
    [
        ("01001", date(1930, 5, 1), True),
        ("01002", date(1960, 5, 1), True),
        ("01002", date(1974, 1, 1), True),
        ("01002", date(1980, 5, 1), False),
        ("01003", date(1980, 5, 1), False),
        ("01003", date(2020, 5, 1), True),
        ("2A004", date(1960, 1, 1), True),
        ("20004", date(1980, 1, 1), False),
        ("75112", date(2000, 1, 1), True),
        ("75121", date(2000, 1, 1), False),
        ("99901", date(1980, 1, 1), True),
        ("99901", date(2000, 1, 1), False),
        ("99902", date(1980, 1, 1), False),
        ("99903", date(1980, 1, 1), True),
        ("99999", date(1980, 1, 1), True),
        ("01999", date(1980, 1, 1), False),
    ],
)
def test_a_place_exists_at_a_date(cog: Cog, code: str, day: date, exists: bool) -> None:
    assert cog.exists(code, day) is exists


def test_the_reference_says_what_it_covers(cog: Cog) -> None:
    assert cog.covers("01999")
    assert cog.covers("99123")
    assert not cog.covers("98735")
    assert cog.files == ("v_commune_depuis_1943.csv", "v_pays_et_territoire_depuis_1943.csv", "v_pays_territoire_2026.csv")


def test_a_validity_is_said_in_french(cog: Cog) -> None:
    assert [str(v) for v in cog.of("01002")] == ["Absorbée jusqu'au 01/01/1974"]
    assert str(Validity(None, None)) == "sans limite de date"


def test_the_archive_reads_like_the_folder(folder: Path, cog: Cog, tmp_path: Path) -> None:
    archive = tmp_path / "cog.zip"
    with zipfile.ZipFile(archive, "w") as written:
        for file in folder.glob("*.csv"):
            written.write(file, f"cog_ensemble/{file.name}")
    assert load_cog(archive) == cog


def test_one_file_is_enough_for_its_own_codes(folder: Path) -> None:
    cog = load_cog(folder / "v_commune_depuis_1943.csv")
    assert cog.covers("01001")
    assert not cog.covers("99902")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("clients.csv", "nom;prenom\nA;B\n", "aucun fichier du code officiel géographique"),
        ("v_pays_territoire_2026.csv", TODAY, "sans historique"),
        ("v.csv", COMMUNES.replace("1974-01-01", "01/01/74"), "ligne 3 : date"),
    ],
)
def test_a_wrong_file_is_refused_clearly(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        load_cog(tmp_path / name)


def test_a_missing_path_and_a_broken_archive_are_refused(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(InputError, match="absent"):
        load_cog(tmp_path / "rien")
    archive = tmp_path / "cog.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        written.write(folder / "v_commune_depuis_1943.csv", "v.csv")
    data = bytearray(archive.read_bytes())
    data[45:60] = b"\xff" * 15
    archive.write_bytes(data)
    with pytest.raises(InputError, match="illisible"):
        load_cog(archive)
