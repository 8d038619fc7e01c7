"""The seed of the faults drawn at random: given by ``DUI_CONFORMANCE_GRAINE``, else new in each clone."""

from __future__ import annotations

import os
from pathlib import Path

SEED = int(os.environ.get("DUI_CONFORMANCE_GRAINE") or Path(__file__).stat().st_mtime_ns)
