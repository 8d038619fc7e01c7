"""The bench of the campaign tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from samples.bench import Bench
from samples.campagne import open_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = open_bench(tmp_path)
    yield made
    made.journal.close()
