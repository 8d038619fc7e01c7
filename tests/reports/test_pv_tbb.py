"""The dashboard of a client gives the indicators of his VA, in either layout."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from dui_conformance.core.errors import InputError
from dui_conformance.reports.pv_data import Indicateurs, PvData
from dui_conformance.reports.pv_tbb import with_dashboard

BY_SEND = """Date;FINESS;Canal;Type de document;Résultat;INS qualifiée
2026-09-01;000000026;DMP;note;réussite;oui
2026-09-02;000000026;DMP;note;échec;oui
2026-10-02;000000026;MSSanté professionnel;lettre;réussite;oui
"""
BY_MONTH = """Indicateur;09/2026;10/2026
DMP réussites;1;0
DMP échecs;1;0
MSSanté professionnel réussites;0;1
"""


def extract(folder: Path, text: str) -> Path:
    path = folder / "tbb.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("text", [BY_SEND, BY_MONTH])
def test_the_indicators_are_those_of_the_extract(tmp_path: Path, text: str) -> None:
    held = with_dashboard(PvData(), extract(tmp_path, text)).indicateurs
    assert (held.dmp_valeur, held.mss_professionnel, held.mss_usager, held.cas) == (1, 1, 0, 1)
    assert (held.dmp_periode, held.dmp_extrait) == ("2026-09 à 2026-10", "tbb.csv")


def test_what_people_typed_may_not_contradict_it(tmp_path: Path) -> None:
    path = extract(tmp_path, BY_SEND)
    with pytest.raises(InputError, match="dmp_valeur = 12"):
        with_dashboard(PvData(indicateurs=Indicateurs(dmp_valeur=12)), path)
    with pytest.raises(InputError, match="cas 2"):
        with_dashboard(PvData(indicateurs=Indicateurs(cas=2)), path)


def test_without_mail_the_case_is_left_to_people(tmp_path: Path) -> None:
    path = extract(tmp_path, "\n".join(BY_SEND.splitlines()[:3]))
    data = PvData()
    assert with_dashboard(data, path).indicateurs.cas is None
    second = replace(data, indicateurs=Indicateurs(cas=2))
    assert with_dashboard(second, path).indicateurs.cas == 2


@pytest.mark.parametrize("text", ["", "a;b\n1;2\n"])
def test_an_extract_that_cannot_be_read_is_said(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="tableau de bord illisible"):
        with_dashboard(PvData(), extract(tmp_path, text))
