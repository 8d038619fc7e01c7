"""The systematic feed: each type of document is asked of the sectors that write it, and of no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from dui_conformance.cli.drivers import driver_maker
from dui_conformance.cli.house import House, Plan
from dui_conformance.cli.scenarios import all_scenarios
from dui_conformance.core.verdict import Verdict
from faults.board import QUICK

OF_ALL = {
    "fiche_de_soins",
    "consultation",
    "certificat_medical",
    "lettre_de_liaison_d_entree",
    "lettre_de_liaison_de_sortie",
}
BY_SECTOR = {
    "trod": {"PA", "PHO", "PHN", "DS", "DN", "PDS"},
    "synthese_medicale": {"PA"},
    "fiche_de_transfert_vers_les_urgences": {"PA", "PHN", "DN", "DS"},
    "synthese_environnementale": {"PHN", "DS", "DN"},
    "volets_du_dlu_d_un_usager": {"PA", "PHN", "DN", "DS"},
    "prescription_de_produits_de_sante": {"PA"},
    "prescription_d_actes": {"PA"},
    "autre_prescription": {"PA"},
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("secteurs")
    with House(Plan(QUICK, folder / "campagne", folder, "temoin"), driver_maker(object)) as opened:
        yield opened


def asked(house: House, sector: str) -> set[str]:
    """What one sector is asked to send."""
    house.campaign.settings = replace(house.campaign.settings, secteurs=(sector,))
    played = [house.play(s) for s in all_scenarios().values() if s.id.startswith("documents_alimentation.")]
    assert {o.verdict for o in played} <= {Verdict.CONFORME, Verdict.NON_TESTE}, played
    assert all("ne produit ce type" in o.reason for o in played if o.verdict is Verdict.NON_TESTE)
    return {o.scenario.partition(".")[2] for o in played if o.verdict is Verdict.CONFORME}


@pytest.mark.parametrize("sector", ["PA", "PHN", "AHI"])
def test_a_sector_sends_what_it_writes(house: House, sector: str) -> None:
    assert asked(house, sector) == OF_ALL | {name for name, sectors in BY_SECTOR.items() if sector in sectors}


def test_a_sector_without_vaccination_feeds_with_another_document(house: House) -> None:
    house.campaign.settings = replace(house.campaign.settings, secteurs=("AHI",))
    outcome = house.play(all_scenarios()["dmp_alimentation.deux_notes_font_deux_depots"])
    assert outcome.verdict is Verdict.CONFORME
