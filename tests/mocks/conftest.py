"""One test PKI per test session, shared by the tests of the services."""

from __future__ import annotations

import pytest
from dui_conformance.core.people import Professionnel
from dui_conformance.mocks.pki import Pki

INFIRMIERE = Professionnel("infirmiere", "TESTEUR", "Élise", "899700000001", "60", "Infirmier")


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki.create(tmp_path_factory.mktemp("projet") / "pki", professionals=[INFIRMIERE])
