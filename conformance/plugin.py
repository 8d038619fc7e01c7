"""The pytest plugin of an editor: ``pytest --dui dui.toml`` plays scenarios (ours, or his own) inside his test suite.

Nothing else is imported until the option is given.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--dui``."""
    group = parser.getgroup("dui-conformance")
    group.addoption("--dui", metavar="DUI.TOML", help="joue les fonctions « def test_x(c) » comme des scénarios dui-conformance")
    group.addoption("--dui-sortie", metavar="DOSSIER", help="dossier de la campagne (défaut : campagnes/<date-heure>)")


def pytest_configure(config: pytest.Config) -> None:
    """Load the rest when asked."""
    chosen = config.getoption("--dui")
    if not chosen or hasattr(config, "workerinput"):
        return
    if getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("--dui : une campagne n'a qu'un processus ; lancez pytest sans -n.")
    from .cli.editor import EditorPlugin

    folder = config.getoption("--dui-sortie")
    config.pluginmanager.register(EditorPlugin(Path(chosen), Path(folder) if folder else None), "dui_conformance_editor")


@pytest.fixture
def c() -> Any:
    """La campagne dui-conformance : ce test est un scénario, joué avec --dui dui.toml, ignoré sans."""
    pytest.skip("scénario dui-conformance : joué avec --dui dui.toml")
