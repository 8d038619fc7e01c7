"""The documents of the reference DUI under the official kit, where the machine has a copy of it (``DUI_CONFORMANCE_KIT``)."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dui_conformance.fixtures.people import usager
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.mocks.dui.exemples import document, structure_de, types
from dui_conformance.validation.packs.official import official_verdicts
from dui_conformance.validation.packs.store import PackStore

KIT = os.environ.get("DUI_CONFORMANCE_KIT", "")
FAILS_ITS_OWN_GUIDE = {"export-dui"}
"""The generic entry profiles of the kit refuse what the guide of this document asks for."""


@pytest.mark.skipif(not KIT, reason="kit officiel absent : DUI_CONFORMANCE_KIT n'en donne pas le dossier")
def test_every_written_document_is_accepted_by_the_official_kit(tmp_path: Path) -> None:
    store = PackStore(tmp_path / "packs")
    store.add(Path(KIT), now=datetime.now(UTC))
    person, author = usager("qualifie", "kit").as_dict(), professionals()["infirmiere-ehpad"]
    written = [(kind, document(kind, person, author, structure_de(None)).octets) for kind in types()]
    refused = {
        name: [finding.problem.message for finding in verdict.findings][:3]
        for (name, _), verdict in zip(written, official_verdicts(written, store.open("kit-cda")), strict=True)
        if not verdict.accepted and name not in FAILS_ITS_OWN_GUIDE
    }
    assert refused == {}
