"""The profiles that judge a call to the DMP at its reception say no less and no more than the profiles of each part."""

from __future__ import annotations

from datetime import date

import pytest
from dui_conformance.checks.registry import all_profiles, expand
from dui_conformance.core.profile import best_for

PARTS = {
    "DMP-APPEL": ("DMP-TLS", "DMP-ENVELOPPE", "VIHF", "DMP-TOLERANCES"),
    "DMP-EXISTENCE": ("DMP-TLS", "DMP-TD0.2", "VIHF", "DMP-TOLERANCES"),
    "DMP-ALIMENTATION": (
        "DMP-TLS",
        "DMP-ENVELOPPE",
        "DMP-MTOM",
        "VIHF",
        "XDS-DEPOT",
        "XDS-CDA",
        "XDS-COHERENCE",
        "DMP-TOLERANCES",
    ),
    "DMP-AUTORISATION": ("DMP-APPEL", "DMP-TD0.3"),
    "DMP-LISTE-AUTORISES": ("DMP-APPEL", "DMP-TD0.4"),
    "DMP-RECHERCHE": ("DMP-APPEL", "DMP-TD3.1"),
    "DMP-DOCUMENT": ("DMP-APPEL", "DMP-TD3.2"),
    "DMP-GESTION": ("DMP-APPEL", "DMP-TD3.3"),
}
OWN = {
    "DMP-ALIMENTATION": {("dmp.alimentation.stored", "erreur", "")},
    "DMP-AUTORISATION": {("dmp.roles.consultant-named", "erreur", "")},
    "DMP-DOCUMENT": {("dmp.roles.consultant-named", "erreur", "")},
}


def rules(profile: str) -> set[tuple[str, str, str]]:
    return {(c.id, str(part.severity), part.given) for part in all_profiles()[profile].applied for c in expand(part.rules)}


@pytest.mark.parametrize("profile", PARTS)
def test_reception_profile_is_the_sum_of_its_parts(profile: str) -> None:
    expected = set().union(*(rules(p) for p in PARTS[profile])) | OWN.get(profile, set())
    assert rules(profile) == expected


@pytest.mark.parametrize(
    ("kind", "profile"),
    [
        ("dmp.td2.1", "DMP-ALIMENTATION"),
        ("dmp.td0.2", "DMP-EXISTENCE"),
        ("dmp.td0.3", "DMP-AUTORISATION"),
        ("dmp.td0.4", "DMP-LISTE-AUTORISES"),
        ("dmp.td3.1", "DMP-RECHERCHE"),
        ("dmp.td3.2", "DMP-DOCUMENT"),
        ("dmp.td3.3", "DMP-GESTION"),
        ("dmp.inconnu", "DMP-APPEL"),
        ("dmp.webps", "DMP-HORS-APPEL"),
        ("dmp.wsdl", "DMP-HORS-APPEL"),
    ],
)
def test_each_kind_of_call_has_its_profile(kind: str, profile: str) -> None:
    found = best_for(kind, tuple(all_profiles().values()), date(2026, 4, 1))
    assert found is not None
    assert found.id == profile
