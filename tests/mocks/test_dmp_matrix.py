"""The matrix of rights of the DMP is data: refused when it says too little, replaceable."""

from __future__ import annotations

from pathlib import Path

import pytest
from dui_conformance.core.errors import InputError
from dui_conformance.mocks.dmp.app import Dmp
from dui_conformance.mocks.dmp.droits import MATRIX, read_matrix
from samples.dmp import USAGER
from samples.dmp_garni import DENIED, find, order, retrieve


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('operation = "td3.2"\n', 'operation = "td9"\n', "opération inconnue"),
        ('AIR = "oui"', 'AIR = "peut-etre"', "droit illisible"),
        ('ES = "oui"', "", "droit absent"),
    ],
)
def test_a_matrix_that_says_too_little_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "matrice.toml"
    path.write_text(MATRIX.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_matrix(path)


def test_another_matrix_gives_other_rights(tmp_path: Path) -> None:
    path = tmp_path / "matrice.toml"
    text = MATRIX.read_text(encoding="utf-8")
    head, mark, tail = text.partition('operation = "td3.2"\n')
    path.write_text(head + mark + tail.replace('AIR = "oui"', 'AIR = "non"', 1), encoding="utf-8")
    service = Dmp(seed=1, matrice=path)
    service.admit(USAGER)
    order(service, "autorisation", valeur="VALIDE")
    order(service, "ajouter-document", unique_id="1.2.3.1", type="prescription", date="2026-01-01")
    assert find(service).facts["resultats"] == 1
    assert retrieve(service, "1.2.3.1").facts["codes"] == [DENIED]
